/** An error of Twilio's, for the people who have to deal with it. */
export type ErrorAdvice = {
  code: string
  /** A sentence or two: what is wrong, and what to do. */
  advice: string
  /** Whether the same message would fail the same way later on. */
  isFinal: boolean
  /** Twilio's page about it. */
  source: string
}

type Entry = readonly [advice: string, isFinal: boolean]

const FINAL = true
const LATER = false

/** Each as described on its page of https://www.twilio.com/docs/api/errors */
const ERRORS: Record<string, Entry> = {
  // The account
  20003: ['Twilio does not accept the credentials: check the account SID and the auth token in the settings.', FINAL],
  20008: ['These are test credentials, which send nothing: set the live ones.', FINAL],
  20404: ['Twilio does not know this account: check the account SID in the settings.', FINAL],
  20429: ['Twilio gets too many requests at once from this account: it is tried again a little later.', LATER],
  30002: ['The Twilio account is suspended: see its console for the reason.', FINAL],
  63038: [
    'The account has sent all the messages that it may send in a day: try tomorrow, or ask Twilio for more.',
    LATER,
  ],

  // The recipient
  21211: ['This is not a phone number: correct it.', FINAL],
  21265: ['This is a short code, which cannot be written to: use the person’s own number.', FINAL],
  21408: ['The account may not send to this country: allow it under Geo permissions in Twilio’s console.', FINAL],
  21608: ['A trial account sends only to numbers that were verified: verify this one, or upgrade the account.', FINAL],
  21610: ['This person has replied STOP: they must write START before anything can be sent to them.', FINAL],
  21612: [
    'Twilio has no way from this sender to this number: use another sender, or reach the person otherwise.',
    FINAL,
  ],
  21614: ['This number cannot receive SMS, it may be a landline: use a mobile number.', FINAL],
  30003: ['The phone was off or out of reach, or does not take messages: try again later.', LATER],
  30004: ['The person or their carrier blocks messages from this sender: reach them another way.', FINAL],
  30005: ['This number does not exist any more: ask for a new one.', FINAL],
  30006: ['This number is a landline or its carrier cannot be reached: use a mobile number.', FINAL],
  63003: ['There is nobody at this address of the channel: correct it.', FINAL],
  63014: ['This person blocks messages from this sender: they have to write first.', FINAL],
  63015: ['This person has not joined the WhatsApp sandbox: they have to send it the join code first.', FINAL],
  63024: ['WhatsApp does not reach this number, or it has no WhatsApp: check it, or use SMS.', FINAL],
  63032: ['WhatsApp withholds this message from this person for now: wait until they write, or use SMS.', FINAL],

  // The sender
  21212: ['The sender is not a phone number or sender name that Twilio takes: correct it in the settings.', FINAL],
  21603: ['The message has no sender: set one.', FINAL],
  21604: ['The message has no recipient.', FINAL],
  21606: ['The sender is not a number of this account that can send to there: choose another one.', FINAL],
  21611: ['This sender has messages for ten hours in its queue: try again later, or use more senders.', LATER],
  21659: ['The sender is not a number of this account or does not suit the country: choose another one.', FINAL],
  21660: ['The sender belongs to another Twilio account: choose one of this account.', FINAL],
  21703: ['The Messaging Service has no sender: add one to it.', FINAL],
  21704: ['The Messaging Service has no sender for this country: add one to it.', FINAL],
  21910: [
    'The sender and the recipient are not of the same channel: send from a WhatsApp sender to WhatsApp, from a number to SMS.',
    FINAL,
  ],
  30001: ['The sender’s queue was full: try again later, or use more senders.', LATER],
  30022: ['The carrier takes no more messages at this rate: try again later.', LATER],
  30023: ['The carrier takes no more messages from this brand today: try tomorrow.', LATER],
  30024: ['The sender is not set up for this destination: choose another one.', FINAL],
  30032: ['The toll-free number is not verified: verify it in Twilio’s console.', FINAL],
  30034: ['The US number is not registered with a campaign (A2P 10DLC): register it in Twilio’s console.', FINAL],
  63007: ['The WhatsApp sender is not one of this account: check it in the settings.', FINAL],
  63051: ['WhatsApp has locked this business account: see Meta’s business manager.', FINAL],

  // What is sent
  21602: ['The message has no text.', FINAL],
  21609: [
    'Twilio cannot report to the status URL: the public URL of this server must be one that it can reach.',
    FINAL,
  ],
  21617: ['The text is too long for one message: send it in parts of up to 1,600 characters.', FINAL],
  21619: ['The message has neither a text nor a file.', FINAL],
  21620: ['Twilio cannot fetch the file: the public URL of this server must be one that it can reach.', FINAL],
  21623: ['The message has more files than one message can have: send them in several.', FINAL],
  21656: ['The values for the template are not valid: check that every placeholder has one.', FINAL],
  30007: ['The carrier has taken the message for spam or for something forbidden: change what it says.', FINAL],
  63013: ['The channel takes this message to be against its policy: change what it says.', FINAL],
  63016: ['More than 24 hours have passed since this person last wrote: send an approved WhatsApp template.', FINAL],
  63019: [
    'The file could not be fetched or passed on: check that it is reachable and not too large, then try again.',
    LATER,
  ],
  63021: ['The channel does not take a file or a part of this message: use a type of file that it supports.', FINAL],
  63027: ['WhatsApp has no such template in this language: check its name and its approval.', FINAL],
  63028: ['The number of values is not the number of the template’s placeholders: correct them.', FINAL],
  63049: ['Meta has chosen not to deliver this marketing message to this person: wait before another one.', FINAL],

  // The way
  30008: ['The carrier does not say why it failed: try again later.', LATER],
  30036: ['The message waited longer than it was valid: try again later.', LATER],
  30410: ['The carrier did not answer in time, and the message was given up: try again later.', LATER],
  30500: ['Twilio failed inside: try again later.', LATER],
  63017: ['The account sends too fast: try again later.', LATER],
  63018: ['The WhatsApp sender has reached its limit: try again later, at most a day.', LATER],
}

const THEIR_WORDS_LENGTH_MAX = 300

/**
 * What an error of Twilio's means and what to do. An unknown one is taken for final, as nothing says that a repeat helps, and
 * is told with Twilio's own words where there are any.
 */
export function explainError(code: string, message: string | null): ErrorAdvice {
  const source = `https://www.twilio.com/docs/api/errors/${encodeURIComponent(code)}`
  const entry = Object.hasOwn(ERRORS, code) ? ERRORS[code] : undefined
  if (entry !== undefined) return { code, advice: entry[0], isFinal: entry[1], source }
  const said = message === null ? '' : ` (“${message.slice(0, THEIR_WORDS_LENGTH_MAX)}”)`
  return { code, advice: `Twilio reports error ${code}${said}: see ${source}.`, isFinal: true, source }
}
