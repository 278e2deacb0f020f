import type { Transport } from '../deliveries/carrier.ts'

export type Keyword = 'out' | 'in' | 'help'

// Words count as a whole message only, so a word is listed where people hardly send it alone and mean something else:
// not the Italian FINE ("fine"), the Spanish ALTO ("high" in three languages), nor NO.

// Twilio acts on these and sends nothing more until the person comes back.
// https://help.twilio.com/articles/223134027 and https://www.twilio.com/en-us/blog/update-to-fcc-s-sms-opt-out-keywords
const TWILIO_OUT = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']

// The same in two words, as the FCC (47 CFR 64.1200(a)(10)) and other carriers have them; REMOVE is one that American
// carriers ask for. https://docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html,
// https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out
const OTHER_OUT = ['OPT OUT', 'OPT-OUT', 'STOP ALL', 'REMOVE']

// Accents are folded: ARRÊT is ARRET.
const OUT_BY_LANGUAGE = {
  // https://www.twilio.com/docs/proxy/opt-out-keywords
  french: ['ARRET', 'ARRETE', 'ARRETT'],
  // https://help.brevo.com/hc/de/articles/115001945670
  german: ['STOPP'],
  // The same page: STOP does not work there.
  norwegian: ['UNSUB'],
  // https://notifycame.com/page/funciones-de-sms
  spanish: ['BAJA', 'PARAR', 'CANCELAR'],
  // Anatel's rule for Brazilian carriers: https://link.estadao.com.br/noticias/geral,publicidade-via-sms-podera-ser-bloqueada,10000035375
  portuguese: ['SAIR'],
}

const PHONE_OUT = [...TWILIO_OUT, ...OTHER_OUT, ...Object.values(OUT_BY_LANGUAGE).flat()]

/** Brings back only those whom a word of theirs or the carrier put out: see `applyKeyword`. */
export const YES = 'YES'

type Words = Record<Keyword, ReadonlySet<string>>

/** The words of each transport, in capitals and without accents. */
export const KEYWORDS: Record<Transport, Words> = {
  sms: {
    out: new Set(PHONE_OUT),
    // Toll-free numbers know no YES; there the carrier goes on refusing, and says so.
    in: new Set(['START', 'UNSTOP', YES]),
    help: new Set(['HELP', 'INFO']),
  },
  // Nobody before us acts on words here. A lone YES answers a question of the conversation.
  whatsapp: { out: new Set(PHONE_OUT), in: new Set(['START', 'UNSTOP']), help: new Set(['HELP', 'INFO']) },
  // Whoever answers a mail with one word mostly answers what it asks; help is not asked for that way.
  email: { out: new Set([...TWILIO_OUT, 'OPT OUT', 'OPT-OUT']), in: new Set(['START', 'UNSTOP']), help: new Set() },
}
