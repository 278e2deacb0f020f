import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { addAddress } from '../../core/addresses/add-address.ts'
import type { ContactKey } from '../../core/addresses/policy.ts'
import { getConversationContactId } from '../../core/contact-conversations/get-conversation-contact.ts'
import { addFollower } from '../../core/contacts/add-follower.ts'
import { addTag } from '../../core/contacts/add-tag.ts'
import { getContactDetails } from '../../core/contacts/get-contact-details.ts'
import { removeFollower } from '../../core/contacts/remove-follower.ts'
import { removeTag } from '../../core/contacts/remove-tag.ts'
import { FOLLOWERS_MAX } from '../../core/contacts/team-fields.ts'
import { updateContactDetails } from '../../core/contacts/update-contact-details.ts'
import type { InboxApp } from './app.ts'
import { Email, Phone, Tag, Tags } from './contact-input.ts'
import { presentReply, ReplyOf } from './envelope.ts'
import { ContactDetailObject, presentContactDetail } from './present-contact.ts'
import { readWorkspaceId } from './workspace.ts'

const PATH = '/api/v1/conversations/:conversationId/contact'

/**
 * The contact of a conversation. Every change is answered with all the details, as they are then.
 *
 * @see docs/api/inbox.md#the-contact-of-a-conversation
 */
export function registerConversationContactRoutes(app: InboxApp): void {
  app.get(PATH, { schema: schemas.get }, async (req) => show(req, await readKey(req)))

  app.patch(PATH, { schema: schemas.update }, async (req) => {
    const key = await readKey(req)
    const { email, phone, ownerId, followers: followerIds, tags } = req.body
    const isDnd = await readDnd(req, key)
    await updateContactDetails(req.ctx, { ...key, email, phone, ownerId, followerIds, tags, isDnd })
    return show(req, key)
  })

  app.post(`${PATH}/emails`, { schema: schemas.addEmail }, async (req, reply) => {
    const key = await readKey(req)
    const { email: address, isPrimary } = req.body
    await addAddress(req.ctx, { ...key, kind: 'email', address, isPrimary, field: 'email' })
    return reply.code(201).send(await show(req, key))
  })

  app.post(`${PATH}/phones`, { schema: schemas.addPhone }, async (req, reply) => {
    const key = await readKey(req)
    const { phone: address, isPrimary } = req.body
    await addAddress(req.ctx, { ...key, kind: 'phone', address, isPrimary, field: 'phone' })
    return reply.code(201).send(await show(req, key))
  })

  app.post(`${PATH}/tags`, { schema: schemas.addTag }, async (req, reply) => {
    const key = await readKey(req)
    await addTag(req.ctx, { ...key, tag: req.body.tag })
    return reply.code(201).send(await show(req, key))
  })

  app.delete(`${PATH}/tags/:tag`, { schema: schemas.removeTag }, async (req) => {
    const key = await readKey(req)
    await removeTag(req.ctx, { ...key, tag: req.params.tag })
    return show(req, key)
  })

  app.post(`${PATH}/followers`, { schema: schemas.addFollower }, async (req, reply) => {
    const key = await readKey(req)
    await addFollower(req.ctx, { ...key, userId: req.body.userId })
    return reply.code(201).send(await show(req, key))
  })

  app.delete(`${PATH}/followers/:userId`, { schema: schemas.removeFollower }, async (req) => {
    const key = await readKey(req)
    await removeFollower(req.ctx, { ...key, userId: req.params.userId })
    return show(req, key)
  })
}

type ContactRequest = Pick<FastifyRequest, 'ctx' | 'headers'> & { params: { conversationId: string } }

async function readKey(req: ContactRequest): Promise<ContactKey> {
  const workspaceId = await readWorkspaceId(req)
  const { conversationId } = req.params
  return { workspaceId, contactId: await getConversationContactId(req.ctx, { workspaceId, conversationId }) }
}

async function show({ ctx }: ContactRequest, key: ContactKey) {
  return presentReply(presentContactDetail(await getContactDetails(ctx, key)))
}

type UpdateRequest = ContactRequest & { body: Static<typeof ContactUpdate> }

/**
 * What `dnd` and `dndAll` say together. Clients send back both of what they were shown, the same, with one changed: where
 * they differ, that one counts.
 */
async function readDnd({ ctx, body: { dnd, dndAll } }: UpdateRequest, key: ContactKey): Promise<boolean | undefined> {
  if (dnd === undefined || dndAll === undefined || dnd === dndAll) return dnd ?? dndAll
  const { contact } = await getContactDetails(ctx, key)
  return !contact.isDnd
}

const ContactUpdate = Type.Object({
  email: Type.Optional(Email),
  phone: Type.Optional(Phone),
  ownerId: Type.Optional(
    Type.Union([Type.String({ format: 'uuid' }), Type.Null()], { description: 'A member; null for nobody.' }),
  ),
  followers: Type.Optional(
    Type.Array(Type.String({ format: 'uuid' }), {
      maxItems: FOLLOWERS_MAX,
      description: 'All members who follow, in place of those who did.',
    }),
  ),
  tags: Type.Optional(Tags),
  dnd: Type.Optional(Type.Boolean({ description: 'Whether nothing is sent to the contact.' })),
  dndAll: Type.Optional(Type.Boolean({ description: 'The same.' })),
})

const tags = ['Contacts']
const conversationId = Type.String({ format: 'uuid', description: 'The conversation.' })
const params = Type.Object({ conversationId })
const userId = Type.String({ format: 'uuid', description: 'The member.' })
const Details = ReplyOf(ContactDetailObject, 'The contact.')
const isPrimary = Type.Optional(Type.Boolean({ description: 'Whether it takes the place of the primary one.' }))

const schemas = {
  get: {
    operationId: 'getConversationContact',
    summary: 'The contact of a conversation',
    tags,
    params,
    response: { 200: Details },
  },
  update: {
    operationId: 'updateConversationContact',
    summary: 'Change what is known of the contact; what is left out stays',
    tags,
    params,
    body: ContactUpdate,
    response: { 200: Details },
  },
  addEmail: {
    operationId: 'addContactEmail',
    summary: 'Give the contact one more email',
    tags,
    params,
    body: Type.Object({ email: Email, isPrimary }),
    response: { 201: Details },
  },
  addPhone: {
    operationId: 'addContactPhone',
    summary: 'Give the contact one more phone number',
    tags,
    params,
    body: Type.Object({ phone: Phone, isPrimary }),
    response: { 201: Details },
  },
  addTag: {
    operationId: 'addContactTag',
    summary: 'Give the contact one more tag',
    tags,
    params,
    body: Type.Object({ tag: Tag }),
    response: { 201: Details },
  },
  removeTag: {
    operationId: 'removeContactTag',
    summary: 'Take a tag from the contact, whatever its capital letters',
    tags,
    params: Type.Object({ conversationId, tag: Type.String({ description: 'The tag, encoded.' }) }),
    response: { 200: Details },
  },
  addFollower: {
    operationId: 'addContactFollower',
    summary: 'Make a member follow the contact',
    tags,
    params,
    body: Type.Object({ userId }),
    response: { 201: Details },
  },
  removeFollower: {
    operationId: 'removeContactFollower',
    summary: 'End that somebody follows the contact',
    tags,
    params: Type.Object({ conversationId, userId }),
    response: { 200: Details },
  },
}
