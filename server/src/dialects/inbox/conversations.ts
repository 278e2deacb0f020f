import { Type } from 'typebox'
import { deleteContactConversation } from '../../core/contact-conversations/delete-contact-conversation.ts'
import { getContactConversation } from '../../core/contact-conversations/get-contact-conversation.ts'
import {
  CONVERSATION_FILTERS,
  listContactConversations,
} from '../../core/contact-conversations/list-contact-conversations.ts'
import { updateContactConversation } from '../../core/contact-conversations/update-contact-conversation.ts'
import type { InboxApp } from './app.ts'
import { ChannelText, readChannel } from './channels.ts'
import { PageQuery, PagesOf, presentPages, presentReply, ReplyOf } from './envelope.ts'
import { ConversationObject, presentConversation } from './present.ts'
import { readWorkspaceId } from './workspace.ts'

const PATH = '/api/v1/conversations/:conversationId'

/** @see docs/api/inbox.md#conversations */
export function registerConversationRoutes(app: InboxApp): void {
  app.get('/api/v1/conversations', { schema: schemas.list }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    const { channel, ...query } = req.query
    const transport = channel && readChannel(channel)
    const page = await listContactConversations(req.ctx, { ...query, transport, workspaceId })
    return presentPages(page, query, presentConversation)
  })

  app.get(PATH, { schema: schemas.get }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    return presentReply(presentConversation(await getContactConversation(req.ctx, { ...req.params, workspaceId })))
  })

  app.patch(PATH, { schema: schemas.update }, async (req) => {
    const { isStarred, unreadCount } = req.body
    const key = { ...req.params, workspaceId: await readWorkspaceId(req) }
    const view = await updateContactConversation(req.ctx, { ...key, isStarred, unreadCount })
    return presentReply(presentConversation(view))
  })

  app.delete(PATH, { schema: schemas.delete }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    await deleteContactConversation(req.ctx, { ...req.params, workspaceId })
    return presentReply({ message: 'The conversation was deleted.' })
  })
}

/** What narrows a list of conversations. */
export const ConversationFilters = {
  filter: Type.Enum([...CONVERSATION_FILTERS], {
    default: 'all',
    description: '`unread`: something is unread; `recents`: active in the last 7 days; `starred`: has a star.',
  }),
  channel: Type.Optional(ChannelText),
}

export const SEARCH_DOC =
  'Parts of the contact’s name, of an email or a phone number, or words of a message; typos in names are forgiven where nothing is found as it is written. Up to 256 characters.'

const tags = ['Conversations']
const params = Type.Object({ conversationId: Type.String({ format: 'uuid', description: 'The conversation.' }) })
const OneConversation = ReplyOf(ConversationObject, 'The conversation.')

const schemas = {
  list: {
    operationId: 'listConversations',
    summary: 'The conversations of the workspace with its contacts',
    tags,
    querystring: Type.Object({
      ...ConversationFilters,
      search: Type.Optional(Type.String({ maxLength: 256, description: SEARCH_DOC })),
      sort: Type.Enum(['latest', 'oldest'], { default: 'latest', description: 'By the newest message.' }),
      ...PageQuery,
    }),
    response: {
      200: PagesOf(
        ConversationObject,
        'Conversations. One that becomes active while you turn pages moves to the front: another may come twice, none is left out that did not move.',
      ),
    },
  },
  get: {
    operationId: 'getConversation',
    summary: 'One conversation',
    tags,
    params,
    response: { 200: OneConversation },
  },
  update: {
    operationId: 'updateConversation',
    summary: 'Star a conversation, or mark it as read or unread, for all of the team',
    tags,
    params,
    body: Type.Object({
      isStarred: Type.Optional(Type.Boolean()),
      unreadCount: Type.Optional(
        Type.Integer({
          minimum: 0,
          description: '0 marks as read; more is kept unread beside what comes from now on.',
        }),
      ),
    }),
    response: { 200: OneConversation },
  },
  delete: {
    operationId: 'deleteConversation',
    summary: 'Delete a conversation with its history; when the contact writes again a new one begins',
    tags,
    params,
    response: { 200: ReplyOf(Type.Object({ message: Type.String() }), 'It was deleted.') },
  },
}
