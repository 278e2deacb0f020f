import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { referencesOfAnswer } from '../email/thread.ts'
import type { EmailParts } from './carrier.ts'

/** How far back an email is looked for. */
const MESSAGES_MAX = 1_000

export type Thread = Pick<EmailParts, 'inReplyTo' | 'references'>

type Row = { subject: string; messageId: string; inReplyTo: string | null; references: string[] | null }

/** Where an email with this subject joins on: the newest one of the conversation, where it is about the same. */
export async function findThread(
  db: Database,
  { conversationId, subject }: { conversationId: string; subject: string },
): Promise<Thread> {
  const { rows } = await sql<Row>`
    with near as (
      select id, ordinal, author_kind, metadata from messages
      where conversation_id = ${conversationId} order by ordinal desc limit ${sql.lit(MESSAGES_MAX)}
    )
    select coalesce(d.email->>'subject', n.metadata->>'subject') as subject,
      coalesce(d.email->>'messageId', n.metadata->>'carrierId') as message_id,
      coalesce(d.email->>'inReplyTo', n.metadata->>'inReplyTo') as in_reply_to,
      coalesce(d.email->'references', n.metadata::jsonb->'references') as references
    from near n left join deliveries d on d.message_id = n.id
    where d.transport = 'email' or (n.author_kind = 'contact' and n.metadata->>'transport' = 'email')
    order by n.ordinal desc limit 1`.execute(db)
  const last = rows[0]
  if (last === undefined || topicOf(last.subject) !== topicOf(subject)) return { inReplyTo: null, references: [] }
  const { messageId, inReplyTo, references } = last
  const answered = { messageId, inReplyTo, references: references ?? [] }
  return { inReplyTo: messageId, references: referencesOfAnswer(answered) }
}

/** A subject without what mail programs of several languages put before it. */
function topicOf(subject: string): string {
  return subject
    .replace(/^(?:\s*(?:re|aw|sv|antw|fwd?|wg|tr|rv)(?:\[\d+\])?\s*:)+/i, '')
    .trim()
    .toLowerCase()
}
