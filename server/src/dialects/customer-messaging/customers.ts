import { Type } from 'typebox'
import { createContact } from '../../core/contacts/create-contact.ts'
import { deleteContact } from '../../core/contacts/delete-contact.ts'
import { getContact } from '../../core/contacts/get-contact.ts'
import { listContacts, listCorrespondents, listSenders } from '../../core/contacts/list-contacts.ts'
import { updateContact } from '../../core/contacts/update-contact.ts'
import type { CustomerMessagingApp } from './app.ts'
import { Id, parsePathId, presentId } from './ids.ts'
import { ListOf, presentList, readWindow, windowQuery } from './lists.ts'
import {
  ActiveCustomerObject,
  CustomerObject,
  MetadataObject,
  presentActiveCustomer,
  presentCustomer,
} from './present.ts'

/** @see docs/api/customer-messaging.md#customers */
export function registerCustomerRoutes(app: CustomerMessagingApp): void {
  app.post('/api/v1/customers', { schema: schemas.create }, async ({ clientCtx, body }, reply) => {
    return reply.code(201).send(presentCustomer(await createContact(clientCtx, body), clientCtx.actor.isLive))
  })

  app.get('/api/v1/customers', { schema: schemas.list }, async ({ clientCtx, query }) => {
    const page = await listContacts(clientCtx, readWindow('customer', query))
    return presentList(page, (contact) => presentCustomer(contact, clientCtx.actor.isLive))
  })

  app.get('/api/v1/customers/active', { schema: schemas.listActive }, async ({ clientCtx, query }) => {
    const page = await listSenders(clientCtx, readWindow('customer', query))
    return presentList(page, (active) => presentActiveCustomer(active, clientCtx.actor.isLive))
  })

  app.get('/api/v1/customers/active-for-sender', { schema: schemas.listForSender }, async ({ clientCtx, query }) => {
    const page = await listCorrespondents(clientCtx, { ...readWindow('customer', query), email: query.email })
    return presentList(page, (active) => presentActiveCustomer(active, clientCtx.actor.isLive))
  })

  app.get('/api/v1/customers/:customer_uuid', { schema: schemas.get }, async ({ clientCtx, params }) => {
    const contactId = parsePathId('customer', params.customer_uuid)
    return presentCustomer(await getContact(clientCtx, { contactId }), clientCtx.actor.isLive)
  })

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/api/v1/customers/:customer_uuid',
      schema: schemas.update,
      config: { isHidden: method === 'PATCH' },
      handler: async ({ clientCtx, params, body }) => {
        const contactId = parsePathId('customer', params.customer_uuid)
        return presentCustomer(await updateContact(clientCtx, { ...body, contactId }), clientCtx.actor.isLive)
      },
    })
  }

  app.delete('/api/v1/customers/:customer_uuid', { schema: schemas.delete }, async ({ clientCtx, params }) => {
    const contactId = parsePathId('customer', params.customer_uuid)
    await deleteContact(clientCtx, { contactId })
    return { object: 'customer' as const, id: presentId('customer', contactId), deleted: true as const }
  })
}

const tags = ['Customers']
const params = Type.Object({ customer_uuid: Id('customer', 'The customer.') })
const name = Type.String({ minLength: 1, description: '1–255 characters, trimmed.' })
const email = Type.String({ minLength: 1, description: 'An email address; kept in lower case, one customer each.' })

const schemas = {
  create: {
    operationId: 'createCustomer',
    summary: 'Make a customer; the same email again gives the existing one, unchanged',
    tags,
    body: Type.Object({ name, email, metadata: Type.Optional(MetadataObject) }),
    response: { 201: CustomerObject },
  },
  list: {
    operationId: 'listCustomers',
    summary: 'Your customers, newest first',
    tags,
    querystring: Type.Object(windowQuery('customer', 10)),
    response: { 200: ListOf(CustomerObject, 'Customers.') },
  },
  listActive: {
    operationId: 'listActiveCustomers',
    summary: 'The customers that sent messages, by when each sent its last',
    tags,
    querystring: Type.Object(windowQuery('customer', 20)),
    response: { 200: ListOf(ActiveCustomerObject, 'Customers, latest activity first.') },
  },
  listForSender: {
    operationId: 'listCustomersActiveForSender',
    summary: 'The customers that exchanged messages with one, by when they last did',
    tags,
    querystring: Type.Object({ ...windowQuery('customer', 20), email }),
    response: { 200: ListOf(ActiveCustomerObject, 'Customers, latest activity first; none for an unknown email.') },
  },
  get: {
    operationId: 'getCustomer',
    summary: 'One customer',
    tags,
    params,
    response: { 200: CustomerObject },
  },
  update: {
    operationId: 'updateCustomer',
    summary: 'Change a customer (PATCH does the same)',
    tags,
    params,
    body: Type.Object({
      name: Type.Optional(name),
      email: Type.Optional(email),
      metadata: Type.Optional(MetadataObject),
    }),
    response: { 200: CustomerObject },
  },
  delete: {
    operationId: 'deleteCustomer',
    summary: 'Delete a customer; what it wrote stays',
    tags,
    params,
    response: {
      200: Type.Object({ object: Type.Literal('customer'), id: Id('customer', 'It.'), deleted: Type.Literal(true) }),
    },
  },
}
