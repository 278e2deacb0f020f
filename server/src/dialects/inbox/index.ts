import type { FastifyInstance } from 'fastify'
import type { Core } from '../../core/context.ts'
import type { RouteWatch } from '../../http/allowed-methods.ts'
import { addApiDescription } from '../../http/api-description.ts'
import type { Authenticate } from '../../http/request-context.ts'
import { addWebhookDoors, type WebhookDoorsOptions } from '../../http/webhook-doors.ts'
import type { InboxApp } from './app.ts'
import { addSignIn } from './auth.ts'
import { registerBeginRoute } from './begin-conversation.ts'
import { registerContactRoutes } from './contacts.ts'
import { registerConversationContactRoutes } from './conversation-contact.ts'
import { registerConversationRoutes } from './conversations.ts'
import { createErrorHandler, FailureObject } from './errors.ts'
import { registerManualActionRoutes } from './manual-actions.ts'
import { registerMessageRoutes } from './messages.ts'
import { INBOX_PREFIXES } from './paths.ts'
import { addQueryLists } from './query-lists.ts'
import { registerScheduleRoutes } from './schedules.ts'
import { registerSearchRoutes } from './search.ts'
import { registerSendRoutes } from './send.ts'
import { registerUpdateRoutes } from './updates.ts'
import { registerUserRoutes } from './users.ts'

export type InboxOptions = {
  core: Core
  authenticate: Authenticate
  routes: RouteWatch
  /** Where carriers tell of things; undefined where only the description of the API is wanted. */
  doors?: WebhookDoorsOptions | undefined
}

/** The shared inbox: a team that answers people over SMS, WhatsApp and email. */
export async function inbox(app: InboxApp, { core, authenticate, routes, doors }: InboxOptions): Promise<void> {
  const handleError = createErrorHandler(core.log)
  app.setErrorHandler(handleError)
  routes.claim(INBOX_PREFIXES, handleError)
  // Carriers sign what they send: they do not sign in, and many of their calls come from few addresses.
  if (doors !== undefined) await app.register((scope) => addWebhookDoors(scope as unknown as FastifyInstance, doors))
  addSignIn(app, core, authenticate)
  addQueryLists(app as unknown as FastifyInstance)
  await addApiDescription(app, {
    dialect: 'inbox',
    title: 'Parlance inbox',
    description: DESCRIPTION,
    failure: FailureObject,
  })
  registerBeginRoute(app)
  registerConversationRoutes(app)
  registerMessageRoutes(app)
  registerSendRoutes(app)
  registerScheduleRoutes(app)
  registerManualActionRoutes(app)
  registerConversationContactRoutes(app)
  registerContactRoutes(app)
  registerSearchRoutes(app)
  registerUpdateRoutes(app)
  registerUserRoutes(app)
}

const DESCRIPTION =
  'The people who write to a team over SMS, WhatsApp and email, one conversation with each, for the team.'
