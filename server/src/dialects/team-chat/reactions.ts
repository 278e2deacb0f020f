import { Type } from 'typebox'
import { invalidField } from '../../core/errors.ts'
import { addReaction } from '../../core/reactions/add-reaction.ts'
import { listReactions } from '../../core/reactions/list-reactions.ts'
import { CONTENT_CHARACTERS_MAX } from '../../core/reactions/reaction-content.ts'
import { type RemoveReaction, removeReaction } from '../../core/reactions/remove-reaction.ts'
import { isUuid } from '../../core/uuid.ts'
import type { TeamChatApp } from './app.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList } from './present.ts'
import { presentReaction, ReactionObject } from './present-message.ts'

/** @see docs/api/team-chat.md */
export function registerReactionRoutes(app: TeamChatApp): void {
  addRoutes(app, { messages: '/messages', isHidden: false })
  // The specification writes both.
  addRoutes(app, { messages: '/message', isHidden: true })
}

function addRoutes(app: TeamChatApp, { messages, isHidden }: { messages: string; isHidden: boolean }) {
  const url = `${messages}/:message_id/reactions`
  const config = { isHidden }
  app.post(url, { config, schema: addReactionSchema }, async (req, reply) => {
    const input = { messageId: req.params.message_id, content: req.body.reaction_content }
    const { reaction, isNew } = await addReaction(req.ctx, input)
    return reply.code(isNew ? 201 : 200).send(presentReaction(reaction))
  })

  app.get(url, { config, schema: listReactionsSchema }, async (req) => {
    return presentList(
      await listReactions(req.ctx, { ...req.query, messageId: req.params.message_id }),
      presentReaction,
    )
  })

  app.delete(`${url}/:reaction`, { config, schema: removeNamedSchema }, async (req, reply) => {
    const { message_id, reaction } = req.params
    await removeReaction(req.ctx, {
      messageId: message_id,
      reaction: isUuid(reaction) ? { id: reaction } : { content: reaction },
    })
    return reply.code(204).send(null)
  })

  app.delete(url, { config, schema: removeReactionSchema }, async (req, reply) => {
    const reaction = readName({ ...req.query, ...req.body })
    await removeReaction(req.ctx, { messageId: req.params.message_id, reaction })
    return reply.code(204).send(null)
  })
}

type Name = { reaction_id?: string; reaction_content?: string }

function readName({ reaction_id, reaction_content }: Name): RemoveReaction['reaction'] {
  if (reaction_id !== undefined) return { id: reaction_id }
  if (reaction_content !== undefined) return { content: reaction_content }
  throw invalidField('reaction_id', 'is required, or reaction_content')
}

const tags = ['Reactions']
const ofMessage = { message_id: Id('The message.') }
const Content = Type.String({
  description: `An emoji, a sign or a short word: 1 to ${CONTENT_CHARACTERS_MAX} characters, no spaces.`,
})

const addReactionSchema = {
  operationId: 'addReaction',
  summary: 'React to a message',
  tags,
  params: Type.Object(ofMessage),
  body: Type.Object({ reaction_content: Content }),
  response: { 200: ReactionObject, 201: ReactionObject },
}

const listReactionsSchema = {
  operationId: 'listReactions',
  summary: 'The reactions to a message, oldest first',
  tags,
  params: Type.Object(ofMessage),
  querystring: Type.Object(PageQuery),
  response: { 200: ListOf(ReactionObject, 'Reactions.') },
}

const Named = { reaction_id: Type.Optional(Id('The reaction.')), reaction_content: Type.Optional(Content) }
const Removed = Type.Null({ description: 'It is removed.' })

const removeReactionSchema = {
  operationId: 'removeReaction',
  summary: 'Take your own reaction back, named in the query or the body',
  tags,
  params: Type.Object(ofMessage),
  querystring: Type.Object(Named),
  body: Type.Optional(Type.Union([Type.Object(Named), Type.Null()])),
  response: { 204: Removed },
}

const removeNamedSchema = {
  operationId: 'removeNamedReaction',
  summary: 'Take your own reaction back',
  tags,
  params: Type.Object({ ...ofMessage, reaction: Type.String({ description: 'The reaction’s id, or its content.' }) }),
  response: { 204: Removed },
}
