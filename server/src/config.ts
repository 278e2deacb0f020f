import { parseEmailAddress } from './core/addresses/parse-email-address.ts'
import { AppError } from './core/errors.ts'
import type { LimitName, RateLimit } from './core/limits/rate-limits.ts'
import { ConfigError, type Setting, type Settings, settings } from './platform/settings.ts'
import { parseEventKey } from './providers/sendgrid/event-signature.ts'
import { parseSmtpUrl } from './providers/smtp/smtp-url.ts'

// Every variable that Parlance reads. `parlance config` prints this table; docs/config.md is made from it.
export const CONFIG = {
  host: settings.text('PARLANCE_HOST', '127.0.0.1', 'The address to listen on.'),
  port: settings.integer('PARLANCE_PORT', 3000, 'The port to listen on; 0 takes any free one.', {
    min: 0,
    max: 65_535,
  }),
  publicUrl: settings.url(
    'PARLANCE_PUBLIC_URL',
    null,
    'The address that people reach the server at; made from host and port where it is not set.',
  ),
  dataDir: settings.text(
    'PARLANCE_DATA_DIR',
    './data',
    'The folder of the embedded PostgreSQL, of files on disk and of generated secrets.',
  ),
  databaseUrl: settings.secretUrl(
    'PARLANCE_DATABASE_URL',
    null,
    'An outside PostgreSQL, 15 or newer; without it `parlance start` runs one of its own.',
  ),
  databaseConnectionsMax: settings.integer(
    'PARLANCE_DATABASE_CONNECTIONS_MAX',
    20,
    'Most connections of the pool for operations.',
    { min: 2, max: 1_000, unit: 'connections' },
  ),
  secret: settings.secret(
    'PARLANCE_SECRET',
    null,
    'Signs tokens, cursors and URLs: 32 characters or more. `parlance start` makes one in the data folder; `parlance serve` asks for it.',
    { min: 32 },
  ),
  bcryptCost: settings.integer('PARLANCE_BCRYPT_COST', 11, 'The cost of a password hash; each step doubles the work.', {
    min: 4,
    max: 16,
  }),
  logLevel: settings.choice(
    'PARLANCE_LOG_LEVEL',
    'info',
    ['silent', 'error', 'warn', 'info', 'debug'],
    'What is logged.',
  ),
  trustedProxies: settings.list(
    'PARLANCE_TRUSTED_PROXIES',
    [],
    'Addresses or networks (CIDR) of the proxies whose X-Forwarded-For is believed.',
  ),
  allowedOrigins: settings.list(
    'PARLANCE_ALLOWED_ORIGINS',
    [],
    "Origins of web pages that may call the API and open sockets; the server's own always may; `*` is everybody.",
  ),
  storageUrl: settings.url(
    'PARLANCE_STORAGE_URL',
    null,
    'Where files are kept: `file:///folder`; the data folder where it is not set.',
  ),
  seed: settings.flag('PARLANCE_SEED', true, 'Whether `parlance start` makes a demo workspace on the very first run.'),
  drainS: settings.integer(
    'PARLANCE_DRAIN_S',
    30,
    'Over what time `parlance serve` sends open sockets away when it is told to stop.',
    { min: 0, max: 600, unit: 'seconds' },
  ),
  limitBodyBytes: settings.integer('PARLANCE_LIMIT_BODY_BYTES', 1_048_576, 'The largest JSON body.', {
    min: 1_024,
    max: 104_857_600,
    unit: 'bytes',
  }),
  limitFileBytes: settings.integer('PARLANCE_LIMIT_FILE_BYTES', 52_428_800, 'The largest file.', {
    min: 1,
    max: 10_737_418_240,
    unit: 'bytes',
  }),
  limitRegistersPerHour: settings.integer('PARLANCE_LIMIT_REGISTERS_PER_HOUR', 1_000, 'Accounts from one address.', {
    min: 1,
    max: 1e9,
    unit: 'per hour',
  }),
  limitSignInFailures: settings.integer('PARLANCE_LIMIT_SIGN_IN_FAILURES', 10, 'Wrong passwords for one account.', {
    min: 1,
    max: 1e9,
    unit: 'per 15 minutes',
  }),
  limitSignInFailuresPerAddress: settings.integer(
    'PARLANCE_LIMIT_SIGN_IN_FAILURES_PER_ADDRESS',
    100,
    'Wrong passwords from one address.',
    { min: 1, max: 1e9, unit: 'per 15 minutes' },
  ),
  limitSends: settings.integer('PARLANCE_LIMIT_SENDS', 1_000, 'Messages of one person.', {
    min: 1,
    max: 1e9,
    unit: 'per 10 seconds',
  }),
  webhookAllowPrivate: settings.networks(
    'PARLANCE_WEBHOOK_ALLOW_PRIVATE',
    [],
    'What webhooks may reach although it is not public, also without TLS; `*` is everything.',
  ),
  inboxWorkspace: settings.text(
    'PARLANCE_INBOX_WORKSPACE',
    null,
    'The domain of the workspace that the numbers and mailboxes below belong to; the oldest one where it is not set.',
  ),
  twilioAccountSid: settings.text(
    'PARLANCE_TWILIO_ACCOUNT_SID',
    null,
    'The Twilio account that carries SMS and WhatsApp: AC and 32 digits.',
  ),
  twilioAuthToken: settings.secret(
    'PARLANCE_TWILIO_AUTH_TOKEN',
    null,
    'Its auth token: signs in there, and checks what comes from there.',
    { min: 1 },
  ),
  twilioBaseUrl: settings.url('PARLANCE_TWILIO_BASE_URL', null, 'Where its API is, if not at https://api.twilio.com.'),
  twilioSmsFrom: settings.phone(
    'PARLANCE_TWILIO_SMS_FROM',
    null,
    'The number that sends SMS: E.164, as in +15005550006.',
  ),
  twilioWhatsappFrom: settings.phone(
    'PARLANCE_TWILIO_WHATSAPP_FROM',
    null,
    'The number that sends WhatsApp messages: E.164, as in +14155238886.',
  ),
  sendgridApiKey: settings.secret(
    'PARLANCE_SENDGRID_API_KEY',
    null,
    'The SendGrid account that carries emails, by an API key that may send.',
    { min: 1 },
  ),
  sendgridBaseUrl: settings.url(
    'PARLANCE_SENDGRID_BASE_URL',
    null,
    'Where its API is, if not at https://api.sendgrid.com.',
  ),
  sendgridFrom: settings.text(
    'PARLANCE_SENDGRID_FROM',
    null,
    'The mailbox that emails are sent from and that answers come to: a sender that SendGrid has verified.',
  ),
  sendgridWebhookPublicKey: settings.text(
    'PARLANCE_SENDGRID_WEBHOOK_PUBLIC_KEY',
    null,
    'The verification key of its signed event webhook; without it no event is taken.',
  ),
  sendgridInboundToken: settings.secret(
    'PARLANCE_SENDGRID_INBOUND_TOKEN',
    null,
    'The end of the address that it posts incoming emails to: 20 letters, digits, - and _ or more that nobody can guess.',
    { min: 20 },
  ),
  smtpUrl: settings.secretUrl(
    'PARLANCE_SMTP_URL',
    null,
    'A mail server that carries emails where SendGrid does not: smtps://user:password@host.',
  ),
  smtpFrom: settings.text('PARLANCE_SMTP_FROM', null, 'The mailbox that emails are sent from by the mail server.'),
  limitRequests: settings.integer(
    'PARLANCE_LIMIT_REQUESTS',
    6_000,
    'Other requests of one person, or of one address without a sign-in.',
    { min: 1, max: 1e9, unit: 'per minute' },
  ),
  limitClientReads: settings.integer(
    'PARLANCE_LIMIT_CLIENT_READS',
    6_000,
    'Reading requests of one API client; live and test keys are counted apart.',
    { min: 1, max: 1e9, unit: 'per minute' },
  ),
  limitClientWrites: settings.integer(
    'PARLANCE_LIMIT_CLIENT_WRITES',
    3_000,
    'Writing requests of one API client; live and test keys are counted apart.',
    { min: 1, max: 1e9, unit: 'per 10 seconds' },
  ),
  limitClientAuthFailures: settings.integer(
    'PARLANCE_LIMIT_CLIENT_AUTH_FAILURES',
    100,
    'Refused keys, tokens and origins of API clients from one address; who shares the address with a right token is not affected.',
    { min: 1, max: 1e9, unit: 'per minute' },
  ),
  limitSockets: settings.integer(
    'PARLANCE_LIMIT_SOCKETS',
    20_000,
    'Open sockets of this server; one more is told to come back.',
    { min: 1, max: 1_000_000, unit: 'sockets' },
  ),
  limitSocketsPerUser: settings.integer('PARLANCE_LIMIT_SOCKETS_PER_USER', 50, 'Open sockets of one person.', {
    min: 1,
    max: 10_000,
    unit: 'sockets',
  }),
} satisfies Record<string, Setting<unknown>>

export type Config = Settings<typeof CONFIG>
export type Mode = 'start' | 'serve'

/**
 * Reads the environment. Throws ConfigError, naming the variable, for a value that is not valid, and in `serve` for
 * settings that are not safe in production.
 */
export function loadConfig(env: NodeJS.ProcessEnv, mode: Mode): Config {
  const config = settings.read(CONFIG, env)
  requireWholeAccounts(config)
  if (mode === 'serve') requireProductionSettings(config)
  return config
}

/** What is counted, and within which time: the units of the variables above. */
export function rateLimitsOf(config: Config): Record<LimitName, RateLimit> {
  return {
    registers: { points: config.limitRegistersPerHour, durationS: 3_600 },
    signInFailures: { points: config.limitSignInFailures, durationS: 900 },
    signInFailuresPerAddress: { points: config.limitSignInFailuresPerAddress, durationS: 900 },
    sends: { points: config.limitSends, durationS: 10 },
    requests: { points: config.limitRequests, durationS: 60 },
    clientReads: { points: config.limitClientReads, durationS: 60 },
    clientWrites: { points: config.limitClientWrites, durationS: 10 },
    clientAuthFailures: { points: config.limitClientAuthFailures, durationS: 60 },
  }
}

/** Half of an account would be found out only with the first message. */
function requireWholeAccounts(config: Config) {
  const { twilioAccountSid, twilioAuthToken, smtpUrl, smtpFrom, sendgridFrom, sendgridWebhookPublicKey } = config
  if ((twilioAccountSid === null) !== (twilioAuthToken === null)) {
    const missing = twilioAccountSid === null ? 'PARLANCE_TWILIO_ACCOUNT_SID' : 'PARLANCE_TWILIO_AUTH_TOKEN'
    throw new ConfigError(`${missing} is not set: Twilio needs the account and its token.`)
  }
  if ((smtpUrl === null) !== (smtpFrom === null)) {
    const missing = smtpUrl === null ? 'PARLANCE_SMTP_URL' : 'PARLANCE_SMTP_FROM'
    throw new ConfigError(`${missing} is not set: the mail server needs its address and a mailbox to send from.`)
  }
  requireValid('PARLANCE_SMTP_FROM', smtpFrom, (text) => parseEmailAddress(text, 'it'))
  requireValid('PARLANCE_SENDGRID_FROM', sendgridFrom, (text) => parseEmailAddress(text, 'it'))
  requireValid('PARLANCE_SENDGRID_WEBHOOK_PUBLIC_KEY', sendgridWebhookPublicKey, parseEventKey)
  requireValid('PARLANCE_SMTP_URL', smtpUrl, parseSmtpUrl)
  requireValid('PARLANCE_SENDGRID_INBOUND_TOKEN', config.sendgridInboundToken, requireToken)
}

/** It stands in an address as it is. */
function requireToken(text: string) {
  if (!/^[\w-]+$/.test(text)) throw new Error('must have letters, digits, - and _ only')
}

function requireValid(variable: string, text: string | null, parse: (text: string) => unknown) {
  if (text === null) return
  try {
    parse(text)
  } catch (error) {
    const problem = error instanceof AppError ? 'must be an email address' : (error as Error).message
    throw new ConfigError(`${variable} ${problem}.`, { cause: error })
  }
}

function requireProductionSettings(config: Config) {
  if (config.databaseUrl === null) {
    throw new ConfigError(
      'PARLANCE_DATABASE_URL is not set: `parlance serve` needs a PostgreSQL of its own, for example postgres://user:password@host:5432/parlance.',
    )
  }
  if (config.secret === null) {
    throw new ConfigError(
      'PARLANCE_SECRET is not set: give `parlance serve` a random text of 32 characters or more, the same on every node.',
    )
  }
  if (config.bcryptCost < 10) throw new ConfigError('PARLANCE_BCRYPT_COST is below 10: that is for tests only.')
}
