// What SendGrid finds wrong with the body of a mail/send, in its own words.

export type SendgridError = { message: string; field: string | null; help: string | null }

type Address = { email?: unknown; name?: unknown }
type Personalization = { to?: Address[]; cc?: Address[]; bcc?: Address[] }
export type MailSend = {
  from?: Address
  subject?: string
  personalizations?: Personalization[]
  content?: { type?: string; value?: string }[]
  attachments?: { content?: string; filename?: string; type?: string }[]
  headers?: Record<string, string>
  custom_args?: Record<string, string>
}

const HELP = 'http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html'
const EMAIL = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const RESERVED =
  /^(x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i

export function findMailErrors(mail: MailSend): SendgridError[] {
  return [
    ...findRecipientErrors(mail.personalizations),
    ...(isAddress(mail.from) ? [] : [error('The from email does not contain a valid address.', 'from.email')]),
    ...(mail.subject ? [] : [error('The subject is required.', 'subject')]),
    ...findContentErrors(mail.content),
    ...findAttachmentErrors(mail.attachments),
    ...Object.keys(mail.headers ?? {})
      .filter((name) => RESERVED.test(name))
      .map((name) => error(`The header ${name} is reserved and cannot be set.`, `headers.${name}`)),
    ...(Buffer.byteLength(JSON.stringify(mail.custom_args ?? {})) > 10_000
      ? [error('The custom_args must not exceed 10,000 bytes.', 'custom_args')]
      : []),
  ]
}

function findRecipientErrors(personalizations: Personalization[] | undefined): SendgridError[] {
  if (!Array.isArray(personalizations) || personalizations.length === 0) {
    const message = 'The personalizations field is required and must have at least one personalization.'
    return [error(message, 'personalizations')]
  }
  return personalizations.flatMap((personalization, at) => {
    if (!personalization.to?.length) {
      return [error('The to array is required for all personalization objects.', `personalizations.${at}.to`)]
    }
    return findAddressErrors(personalization, at)
  })
}

function findAddressErrors(personalization: Personalization, at: number): SendgridError[] {
  const errors: SendgridError[] = []
  const seen = new Set<string>()
  for (const kind of ['to', 'cc', 'bcc'] as const) {
    for (const [index, address] of (personalization[kind] ?? []).entries()) {
      const field = `personalizations.${at}.${kind}`
      if (!isAddress(address)) errors.push(error('Does not contain a valid address.', `${field}.${index}.email`))
      const email = String(address.email).toLowerCase()
      if (seen.has(email)) {
        const message = 'Each email address in the personalization block should be unique between to, cc, and bcc.'
        errors.push(
          error(`${message} We found the first duplicate instance of [${email}] in the ${field} field.`, field),
        )
      }
      seen.add(email)
    }
  }
  return errors
}

function findContentErrors(content: MailSend['content']): SendgridError[] {
  if (!content?.length)
    return [error('Unless a valid template_id is provided, the content parameter is required.', 'content')]
  const empty = content.findIndex(({ value }) => typeof value !== 'string' || value === '')
  if (empty >= 0) {
    const message = 'The content value must be a string at least one character in length.'
    return [error(message, `content.${empty}.value`)]
  }
  const plain = content.findIndex(({ type }) => type === 'text/plain')
  if (plain > 0) return [error('If present, text/plain must be first, followed by text/html.', 'content')]
  return []
}

function findAttachmentErrors(attachments: MailSend['attachments']): SendgridError[] {
  return (attachments ?? []).flatMap(({ content, filename }, at) => {
    if (!filename) return [error('The attachment filename is required.', `attachments.${at}.filename`)]
    if (content && content.length % 4 === 0 && BASE64.test(content)) return []
    return [error('The attachment content must be base64 encoded.', `attachments.${at}.content`)]
  })
}

function isAddress(address: Address | undefined): boolean {
  return typeof address?.email === 'string' && EMAIL.test(address.email)
}

function error(message: string, field: string): SendgridError {
  return { message, field, help: `${HELP}#message.${field.replace(/\.\d+/g, '')}` }
}
