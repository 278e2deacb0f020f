import { Type } from 'typebox'
import { addContact } from '../../core/contacts/add-contact.ts'
import { searchContacts } from '../../core/contacts/search-contacts.ts'
import type { InboxApp } from './app.ts'
import { ContactInput, readContactInput } from './contact-input.ts'
import { PageQuery, PagesOf, presentPages, presentReply, ReplyOf } from './envelope.ts'
import { ContactObject, presentContact } from './present-contact.ts'
import { readWorkspaceId } from './workspace.ts'

/** @see docs/api/inbox.md#contacts */
export function registerContactRoutes(app: InboxApp): void {
  app.post('/api/v1/contacts', { schema: schemas.create }, async (req, reply) => {
    const workspaceId = await readWorkspaceId(req)
    const details = await addContact(req.ctx, { ...readContactInput(req.body), workspaceId })
    return reply.code(201).send(presentReply(presentContact(details)))
  })

  app.get('/api/v1/contacts', { schema: schemas.list }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    return presentPages(await searchContacts(req.ctx, { ...req.query, workspaceId }), req.query, presentContact)
  })
}

const tags = ['Contacts']

const schemas = {
  create: {
    operationId: 'createContact',
    summary: 'Make a contact; one who is reached at the email or phone already is answered unchanged',
    tags,
    body: ContactInput,
    response: { 201: ReplyOf(ContactObject, 'The contact.') },
  },
  list: {
    operationId: 'listContacts',
    summary: 'The contacts of the workspace, in the order in which they were made',
    tags,
    querystring: Type.Object({
      search: Type.Optional(
        Type.String({ maxLength: 256, description: 'A part of the name, of an email or of a phone number.' }),
      ),
      ...PageQuery,
    }),
    response: { 200: PagesOf(ContactObject, 'Contacts.') },
  },
}
