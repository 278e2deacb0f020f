import { Type } from 'typebox'
import type { FilesPort } from '../../core/files/file-urls.ts'
import type { StoredFile } from '../../core/files/schema.ts'
import type { Attachment, Message } from '../../core/messages/schema.ts'
import { Id, Time } from './present.ts'

export const AttachmentObject = Type.Object(
  {
    id: Id('The attachment.'),
    file_name: Type.String({ description: 'As the uploader named it, without folders; up to 255 characters.' }),
    file_type: Type.String({ description: 'Media type, as announced and not contradicted by the bytes.' }),
    file_size: Type.Integer({ description: 'Bytes.' }),
    file_url: Type.String({
      format: 'uri',
      description: 'Signed; good for 1 to 2 hours without signing in. A fresh one comes with every answer.',
    }),
    created_at: Time('When the upload was asked for.'),
    updated_at: Time('When the bytes had arrived.'),
  },
  { description: 'A file.' },
)

/** An upload by itself. */
export function presentFile(file: StoredFile, files: FilesPort) {
  return {
    id: file.id,
    file_name: file.name,
    file_type: file.contentType,
    file_size: file.sizeBytes,
    file_url: files.downloadUrl({ fileId: file.id, name: file.name }),
    created_at: file.createdAt,
    updated_at: file.completedAt ?? file.createdAt,
  }
}

/** The same in a message, which keeps all but the file's own times. */
export function presentAttachment(
  { fileId, name, contentType, sizeBytes }: Attachment,
  { createdAt }: Pick<Message, 'createdAt'>,
  files: FilesPort,
) {
  return {
    id: fileId,
    file_name: name,
    file_type: contentType,
    file_size: sizeBytes,
    file_url: files.downloadUrl({ fileId, name }),
    created_at: createdAt,
    updated_at: createdAt,
  }
}
