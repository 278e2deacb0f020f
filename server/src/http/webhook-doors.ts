// Where carriers tell us of things. What is signed is stored as it came, answered at once, and applied later: so a carrier
// never waits for what its news causes, and nothing of it is lost. A body is bytes here, since its signature is over bytes.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../core/errors.ts'
import type { InboundWebhookWriter } from '../core/inbound-webhooks/inbound-webhook-writer.ts'
import { storeInboundWebhook } from '../core/inbound-webhooks/store-inbound-webhook.ts'

/** A webhook as it stands before the door. */
export type KnockingWebhook = {
  /** In full, as the carrier was given it. */
  url: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
}

/** A header; of one that comes more than once, the first. */
export function headerOf({ headers }: KnockingWebhook, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

export type WebhookDoor = {
  path: string
  /** Whose, and about what: `twilio.status`. */
  kind: string
  /** Whether it may be read at all, where the address tells: before any of a large body is. */
  mayKnock?(url: string): boolean
  /** What is kept of the address, where a secret stands in it. */
  urlToKeep?(url: string): string
  /** Whether the carrier sent it; nothing of what is not signed is kept. */
  isSigned(webhook: KnockingWebhook): boolean
  /** What names it: a repeat is stored once. */
  keyOf(webhook: KnockingWebhook): string
  keepHeaders: readonly string[]
  bodyBytesMax: number
  answer: { contentType: string; body: string }
}

export type WebhookDoorsOptions = {
  doors: readonly WebhookDoor[]
  writer: InboundWebhookWriter
  /** Where people and carriers reach the server. */
  publicUrl(): string
}

/** To be registered in a scope of its own: it has its own parser of bodies, and the errors of the scope around it. */
export async function addWebhookDoors(app: FastifyInstance, options: WebhookDoorsOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_req, body, done) => done(null, body))
  for (const door of options.doors) {
    const onRequest = async (req: FastifyRequest) => {
      if (door.mayKnock?.(urlOf(req, options)) === false) throw new AppError('webhook_not_signed')
    }
    const common = { schema: { hide: true }, config: { isPublic: true } }
    const routeOptions = { ...common, onRequest, bodyLimit: door.bodyBytesMax }
    app.post(door.path, routeOptions, async (req, reply) => {
      await letIn(door, req, options)
      return reply.type(door.answer.contentType).send(door.answer.body)
    })
  }
}

function urlOf({ url }: FastifyRequest, { publicUrl }: WebhookDoorsOptions): string {
  return `${publicUrl().replace(/\/+$/, '')}${url}`
}

async function letIn(door: WebhookDoor, req: FastifyRequest, options: WebhookDoorsOptions) {
  const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
  const webhook = { url: urlOf(req, options), headers: req.headers, body }
  if (!door.isSigned(webhook)) throw new AppError('webhook_not_signed')
  const { kind, keepHeaders } = door
  const url = door.urlToKeep?.(webhook.url) ?? webhook.url
  await storeInboundWebhook(options.writer, { ...webhook, url, kind, key: door.keyOf(webhook), keepHeaders })
}
