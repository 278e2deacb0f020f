const TEXT_CHARACTERS_MAX = 500
const ERRORS_MAX = 5

type VendorError = { message: string; field: string | null }

// What SendGrid says, and what the people who run the account can do about it.
const ADVICE: [RegExp, string][] = [
  [/verified sender identity/i, 'Verify this address or its domain in SendGrid under Settings, Sender Authentication.'],
  [
    /maximum credits exceeded/i,
    'The account has used up the emails of its plan: upgrade it or wait for the next period.',
  ],
  [/authorization grant|authorization required|bad username/i, 'Set PARLANCE_SENDGRID_API_KEY to a key that is valid.'],
  [/access forbidden|not authorized|permission/i, 'Give the API key the permission Mail Send.'],
  [/valid address|valid email|email address is invalid/i, 'Check the email address.'],
  [/unique between to, cc,? and bcc/i, 'Name each recipient once.'],
  [/too many (bad )?requests|rate limit/i, 'It is tried again later.'],
]

const ADVICE_BY_STATUS: Record<number, string> = {
  401: 'Set PARLANCE_SENDGRID_API_KEY to a key that is valid.',
  403: 'Give the API key the permission Mail Send, and verify the sender in SendGrid.',
  404: 'Check PARLANCE_SENDGRID_BASE_URL.',
  405: 'Check PARLANCE_SENDGRID_BASE_URL.',
  413: 'Send fewer or smaller files: the whole email may have 30 MB.',
  429: 'It is tried again later.',
}

/** What SendGrid said against an email, in sentences that say what to do. */
export function explainRefusal(status: number, body: string): string {
  const errors = parseErrors(body)
  const said = errors.map(({ message, field }) => sentence(field === null ? message : `${message} (${field})`))
  const whole = errors.map(({ message }) => message).join(' ')
  const advice = ADVICE.find(([pattern]) => pattern.test(whole))?.[1] ?? ADVICE_BY_STATUS[status]
  const head = said.length > 0 ? `SendGrid says: ${said.join(' ')}` : `SendGrid answered with status ${status}.`
  return advice === undefined ? head : `${head} ${advice}`
}

/** Whether the answer is the API's own, not one of something in front of it. */
export function isFromApi(body: string): boolean {
  return parseErrors(body).length > 0
}

/** Whether what is wrong is this email's sender, which no later try changes. */
export function isAboutSender(body: string): boolean {
  return parseErrors(body).some(({ message, field }) => field === 'from' || /sender identity/i.test(message))
}

function parseErrors(body: string): VendorError[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return []
  }
  if (!isRecord(parsed) || !Array.isArray(parsed.errors)) return []
  return parsed.errors.slice(0, ERRORS_MAX).flatMap((error) => {
    const text = isRecord(error) ? error.message : error
    if (typeof text !== 'string' || text.trim() === '') return []
    const field = isRecord(error) && typeof error.field === 'string' && error.field !== 'null' ? error.field : null
    return [{ message: text.trim().slice(0, TEXT_CHARACTERS_MAX), field: field?.slice(0, 100) ?? null }]
  })
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
