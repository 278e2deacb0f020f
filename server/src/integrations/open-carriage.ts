import type { Config } from '../config.ts'
import { SYSTEM } from '../core/actor.ts'
import { createContext } from '../core/context.ts'
import { DeliveryDispatcher } from '../core/deliveries/delivery-dispatcher.ts'
import { InboundWebhookDispatcher } from '../core/inbound-webhooks/inbound-webhook-dispatcher.ts'
import { InboundWebhookWriter } from '../core/inbound-webhooks/inbound-webhook-writer.ts'
import type { LoggedEvent } from '../core/log/events.ts'
import { ManualActionFollower } from '../core/manual-actions/manual-action-follower.ts'
import { ScheduleDispatcher } from '../core/schedules/schedule-dispatcher.ts'
import { ensureSenders } from '../core/senders/ensure-sender.ts'
import type { WebhookDoorsOptions } from '../http/webhook-doors.ts'
import type { Runtime } from '../runtime.ts'
import type { Integration } from './integration.ts'
import { integrateSendgrid } from './sendgrid.ts'
import { integrateSmtp } from './smtp.ts'
import { integrateTwilio } from './twilio.ts'

/** All that brings messages to people outside, and theirs to us. */
export type Carriage = {
  doors: WebhookDoorsOptions
  /** Begins to carry; once the server can be reached. */
  start(): Promise<void>
  /** Once no more requests are taken. */
  close(): Promise<void>
}

type CarriageOptions = { config: Config; runtime: Runtime; publicUrl(): string }

/** Puts together what the configuration names. */
export function openCarriage({ config, runtime, publicUrl }: CarriageOptions): Carriage {
  const { core, tail } = runtime
  const integrations = listIntegrations(config, publicUrl)
  const appliers = Object.assign({}, ...integrations.map((one) => one.appliers))
  const inbound = new InboundWebhookDispatcher({ core, appliers })
  const writer = new InboundWebhookWriter({
    pool: core.database.pool,
    clock: core.clock,
    onStored: () => inbound.wake(),
  })
  const byCarrier = new Map(integrations.map((one) => [one.carrier.name, one]))
  const deliveries = new DeliveryDispatcher({
    core,
    carriers: integrations.map(({ carrier }) => carrier),
    statusUrl: (claim) => byCarrier.get(claim.carrier)?.statusUrl(claim) ?? null,
  })
  const schedules = new ScheduleDispatcher({ core })
  const manualActions = new ManualActionFollower(core)
  const senders = integrations.flatMap((one) => one.senders)
  const ensure = () => ensureSenders(createContext(core, SYSTEM), { senders, domain: config.inboxWorkspace })
  let hasSenders = false
  tail.listen((events) => {
    if (events.some(isQueued)) deliveries.wake()
    manualActions.wake(events)
    // The first workspace may be made long after the first start.
    if (hasSenders || !events.some(({ type }) => type === 'workspace.joined')) return
    ensure().then(
      (areThere) => {
        hasSenders = areThere
      },
      (error) => core.log.warn({ err: error }, 'the configured senders could not be set up yet'),
    )
  })
  return {
    doors: { doors: integrations.flatMap((one) => one.doors), writer, publicUrl },
    async start() {
      hasSenders = await ensure()
      inbound.start()
      deliveries.start()
      schedules.start()
      manualActions.start()
    },
    async close() {
      await inbound.close()
      await schedules.close()
      await deliveries.close()
      await manualActions.close()
      await writer.close()
      await Promise.all(integrations.map(({ carrier }) => carrier.close()))
    },
  }
}

function listIntegrations(config: Config, publicUrl: () => string): Integration[] {
  return [twilioOf(config, publicUrl), sendgridOf(config), smtpOf(config, publicUrl)].filter((one) => one !== undefined)
}

function twilioOf(config: Config, publicUrl: () => string): Integration | undefined {
  const { twilioAccountSid: accountSid, twilioAuthToken: authToken, twilioBaseUrl: baseUrl } = config
  if (accountSid === null || authToken === null) return undefined
  return integrateTwilio({
    accountSid,
    authToken,
    baseUrl,
    smsFrom: config.twilioSmsFrom,
    whatsappFrom: config.twilioWhatsappFrom,
    // Twilio refuses a message whose address for reports it cannot reach; what stands in for it on this machine can.
    publicUrl: () => (config.publicUrl === null && baseUrl === null ? null : publicUrl()),
  })
}

function sendgridOf(config: Config): Integration | undefined {
  if (config.sendgridApiKey === null) return undefined
  return integrateSendgrid({
    apiKey: config.sendgridApiKey,
    baseUrl: config.sendgridBaseUrl,
    from: config.sendgridFrom,
    webhookPublicKey: config.sendgridWebhookPublicKey,
    inboundToken: config.sendgridInboundToken,
  })
}

function smtpOf({ smtpUrl: url, smtpFrom: from }: Config, publicUrl: () => string): Integration | undefined {
  return url === null || from === null ? undefined : integrateSmtp({ url, from, name: new URL(publicUrl()).hostname })
}

function isQueued({ type, data }: LoggedEvent): boolean {
  return (type === 'message.created' || type === 'delivery.updated') && data.delivery?.status === 'queued'
}
