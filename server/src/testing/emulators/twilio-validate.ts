/** An error as Twilio answers it. */
export type ApiError = { status: number; code: number; message: string }

const E164 = /^\+[1-9]\d{6,14}$/
const SENDER = /^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{1,11})$/
const SERVICE = /^MG[0-9a-fA-F]{32}$/
const BODY_LENGTH_MAX = 1_600
const FILES_MAX = 10

/** https://www.twilio.com/docs/iam/test-credentials#test-sms-messages */
const MAGIC_SENDERS: Record<string, [number, string]> = {
  '+15005550001': [21212, 'is not a valid phone number'],
  '+15005550007': [21606, 'is not a valid, SMS-capable inbound phone number or short code for your account'],
  '+15005550008': [21611, 'has exceeded the maximum number of queued messages'],
}
const MAGIC_RECIPIENTS: Record<string, [number, string]> = {
  '+15005550001': [21211, 'is not a valid phone number'],
  '+15005550002': [21612, 'is not currently reachable using this sender'],
  '+15005550003': [21408, 'is in a region for which permission to send an SMS has not been enabled'],
  '+15005550004': [21610, 'has unsubscribed: attempt to send to unsubscribed recipient'],
  '+15005550009': [21614, 'is not a valid mobile number'],
}

/** What Twilio would say to this form at once; undefined where it would make the message. */
export function validateMessage(form: URLSearchParams, ownNumbers: readonly string[] | null): ApiError | undefined {
  const [to, from, service] = [form.get('To'), form.get('From'), form.get('MessagingServiceSid')]
  const [body, mediaUrls] = [form.get('Body') ?? '', form.getAll('MediaUrl')]
  if (!to) return bad(21604, "A 'To' phone number is required.")
  if (!from && !service) return bad(21603, "A 'From' phone number is required.")
  if (!body && mediaUrls.length === 0 && !form.has('ContentSid')) {
    return bad(21619, 'A text message body or media urls must be specified.')
  }
  if (body.length > BODY_LENGTH_MAX) {
    return bad(21617, `The concatenated message body exceeds the ${BODY_LENGTH_MAX} character limit`)
  }
  if (mediaUrls.length > FILES_MAX) return bad(21623, 'Number of media files exceeds allowed limit')
  if (!mediaUrls.every(isUrl)) return bad(21620, 'Invalid media URL(s)')
  const statusCallback = form.get('StatusCallback')
  if (statusCallback && !isUrl(statusCallback)) return bad(21609, "The 'StatusCallback' URL is not a valid URL")
  return validateRecipient(to) ?? (from ? validateSender(from, to, ownNumbers) : validateService(service!))
}

function validateRecipient(to: string): ApiError | undefined {
  const number = bare(to)
  if (Object.hasOwn(MAGIC_RECIPIENTS, number)) return magic('To', number, MAGIC_RECIPIENTS[number]!)
  return E164.test(number) ? undefined : bad(21211, `The 'To' number ${to} is not a valid phone number.`)
}

function validateSender(from: string, to: string, ownNumbers: readonly string[] | null): ApiError | undefined {
  if (channelOf(from) !== channelOf(to)) {
    return bad(21910, 'Invalid From and To pair. From and To should be of the same channel')
  }
  const number = bare(from)
  if (Object.hasOwn(MAGIC_SENDERS, number)) return magic('From', number, MAGIC_SENDERS[number]!)
  if (!SENDER.test(number))
    return bad(21212, `The 'From' number ${from} is not a valid phone number, shortcode, or alphanumeric sender ID.`)
  if (ownNumbers === null || ownNumbers.includes(from)) return undefined
  if (channelOf(from) !== '') return bad(63007, 'Twilio could not find a Channel with the specified From address')
  return bad(
    21606,
    `The From phone number ${from} is not a valid, SMS-capable inbound phone number or short code for your account.`,
  )
}

function validateService(service: string): ApiError | undefined {
  return SERVICE.test(service) ? undefined : bad(21701, 'The Messaging Service resource does not exist')
}

function magic(field: string, number: string, [code, words]: [number, string]): ApiError {
  return bad(code, `The '${field}' number ${number} ${words}.`)
}

function bad(code: number, message: string): ApiError {
  return { status: 400, code, message }
}

export function bare(address: string): string {
  return address.replace(/^[a-z]+:/, '')
}

function channelOf(address: string): string {
  return /^[a-z]+(?=:)/.exec(address)?.[0] ?? ''
}

function isUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}
