import { type Static, Type } from 'typebox'
import { invalidField } from '../../core/errors.ts'
import type { FilesPort } from '../../core/files/file-urls.ts'
import type { ListMessages } from '../../core/messages/list-messages.ts'
import type { SendMessage } from '../../core/messages/send-message.ts'
import { isUuid } from '../../core/uuid.ts'
import { PageQuery } from './page-query.ts'
import { OptionalId } from './present.ts'

const AttachmentName = Type.Union([
  Type.String({ maxLength: 4096, description: 'Its id or its `file_url`.' }),
  Type.Object({
    id: Type.Optional(Type.String({ format: 'uuid' })),
    file_url: Type.Optional(Type.String({ maxLength: 4096 })),
  }),
])

/** What a message is sent with, to a channel or a person. */
export const MessageInput = Type.Object({
  body: Type.Optional(
    Type.String({
      maxLength: 40_000,
      description: 'The text, up to 40,000 characters; may be missing beside attachments.',
    }),
  ),
  parent_message_id: Type.Optional(OptionalId('Any message of the thread that this answers.')),
  attachments: Type.Optional(
    Type.Array(AttachmentName, { maxItems: 10, description: 'Your own completed uploads, up to 10.' }),
  ),
  client_id: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Null()], {
      description: 'Your own name for the message: a second one with it answers with the first. Up to 128 characters.',
    }),
  ),
})

export function readMessageInput(
  { body = '', parent_message_id, attachments = [], client_id }: Static<typeof MessageInput>,
  files: FilesPort,
): Omit<SendMessage, 'conversationId'> {
  return {
    body,
    parentId: parent_message_id ?? null,
    fileIds: attachments.map((name, i) => readFileId(name, { i, files })),
    clientId: client_id ?? null,
  }
}

function readFileId(name: Static<typeof AttachmentName>, { i, files }: { i: number; files: FilesPort }): string {
  const text = typeof name === 'string' ? name : (name.id ?? name.file_url ?? '')
  const id = isUuid(text) ? text.toLowerCase() : files.parseFileUrl(text)
  if (id === undefined) throw invalidField(`attachments.${i}`, 'must be the id or the file_url of one of your uploads')
  return id
}

/** Which part of a history is asked for. */
export const HistoryQuery = Type.Object({
  ...PageQuery,
  cursor: Type.Optional(
    Type.String({ maxLength: 512, description: 'The `next_cursor` of the page before, or a time, itself left out.' }),
  ),
  order: Type.Optional(Type.Enum(['desc', 'asc'], { default: 'desc', description: 'Newest or oldest first.' })),
  around: Type.Optional(
    Type.String({ maxLength: 64, description: 'A message id or a time: the page lies around it. Not with a cursor.' }),
  ),
  include_replies: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether replies in threads are among the messages.' }),
  ),
})

export function readHistoryQuery(query: Static<typeof HistoryQuery>): Omit<ListMessages, 'conversationId'> {
  const { limit, cursor, order, around, include_replies } = query
  return { limit, cursor, order, around, includeReplies: include_replies }
}
