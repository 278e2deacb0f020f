import { type Static, Type } from 'typebox'
import type { UserActor } from '../../core/actor.ts'
import type { Context } from '../../core/context.ts'
import { AppError, invalidField } from '../../core/errors.ts'
import { keepFile } from '../../core/files/keep-file.ts'

const FILES_MAX = 10

export const AttachmentInputs = Type.Array(
  Type.Object({
    filename: Type.String({ minLength: 1, maxLength: 255 }),
    content: Type.String({ description: 'The bytes, as Base64.' }),
    contentType: Type.String({ minLength: 1, maxLength: 255 }),
  }),
  { maxItems: FILES_MAX, description: 'Files that go with the message.' },
)

export type AttachedFile = Static<typeof AttachmentInputs>[number]

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Keeps the files of a request as uploads of the caller; one that no message takes is removed after a day. */
export async function keepAttachments(ctx: Context<UserActor>, attachments: AttachedFile[]): Promise<string[]> {
  const files = attachments.map(({ filename, content, contentType }, i) => {
    const bytes = readBase64(content)
    if (bytes === undefined) throw invalidField(`attachments.${i}.content`, 'must be Base64 of one byte or more')
    if (bytes.length > ctx.ports.files.bytesMax) throw new AppError('file_too_large', `attachments.${i}`)
    return { name: filename, contentType, bytes }
  })
  const ids: string[] = []
  for (const file of files) {
    const kept = await keepFile(ctx, { ...file, uploaderUserId: ctx.actor.id })
    ids.push(kept.fileId)
  }
  return ids
}

function readBase64(content: string): Buffer | undefined {
  const text = content.replaceAll(/\s+/g, '')
  if (text === '' || !BASE64.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 0 ? undefined : bytes
}
