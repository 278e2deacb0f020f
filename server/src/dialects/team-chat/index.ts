import type { FastifyInstance } from 'fastify'
import type { Core } from '../../core/context.ts'
import type { RouteWatch } from '../../http/allowed-methods.ts'
import { addApiDescription } from '../../http/api-description.ts'
import { addIdempotency } from '../../http/idempotency.ts'
import type { PageCache } from '../../http/page-cache.ts'
import { addRateLimits, BY_PERSON } from '../../http/rate-limit.ts'
import { type Authenticate, addRequestContext } from '../../http/request-context.ts'
import { uploads } from '../../http/uploads.ts'
import { registerAccountRoutes } from './accounts.ts'
import type { TeamChatApp } from './app.ts'
import { registerAttachmentRoutes } from './attachments.ts'
import { registerChannelMemberRoutes } from './channel-members.ts'
import { registerChannelRoutes } from './channels.ts'
import { registerDmRoutes } from './dms.ts'
import { createErrorHandler, FailureObject } from './errors.ts'
import { registerMemberRoutes } from './members.ts'
import { registerMessageRoutes } from './messages.ts'
import { registerNotificationRoutes } from './notifications.ts'
import { AttachmentObject, presentFile } from './present-attachment.ts'
import { registerReactionRoutes } from './reactions.ts'
import { registerSearchRoutes } from './search.ts'
import { registerThreadRoutes } from './threads.ts'
import { registerUserRoutes } from './users.ts'
import { registerWorkspaceRoutes } from './workspaces.ts'

export type TeamChatOptions = { core: Core; authenticate: Authenticate; routes: RouteWatch; pages: PageCache }

/** The Slack-like dialect, at the root of the server. */
export async function teamChat(app: TeamChatApp, options: TeamChatOptions): Promise<void> {
  const { core, authenticate, routes, pages } = options
  const handleError = createErrorHandler(core.log)
  app.setErrorHandler(handleError)
  // At the root, so whatever no other dialect claims.
  routes.claim([''], handleError)
  addRequestContext(app, core, authenticate)
  addRateLimits(app as unknown as FastifyInstance, core, BY_PERSON)
  addIdempotency(app as unknown as FastifyInstance, core)
  await addApiDescription(app, {
    dialect: 'team-chat',
    title: 'Parlance team chat',
    description: DESCRIPTION,
    failure: FailureObject,
  })
  registerAccountRoutes(app)
  registerUserRoutes(app)
  registerWorkspaceRoutes(app)
  registerMemberRoutes(app)
  registerChannelRoutes(app)
  registerChannelMemberRoutes(app)
  registerMessageRoutes(app, pages)
  registerThreadRoutes(app)
  registerDmRoutes(app)
  registerReactionRoutes(app)
  registerNotificationRoutes(app)
  registerSearchRoutes(app)
  registerAttachmentRoutes(app)
  await app.register(uploads, { presentFile, fileObject: AttachmentObject })
}

const DESCRIPTION =
  'Workspaces, channels, threads, direct messages, mentions, reactions and files of a company’s internal chat.'
