import type pg from 'pg'
import type { LoggedEvent } from '../log/events.ts'
import { Remembered } from '../remembered.ts'
import { type KnownConversation, loadCustomerConversations } from './queries.ts'

/** Who is in which conversation between contacts, remembered so that a send costs no query. */
export class CustomerConversationCache extends Remembered<KnownConversation> {
  constructor({ pool, conversationsMax }: { pool: pg.Pool; conversationsMax: number }) {
    super({ load: (ids) => loadCustomerConversations(pool, ids), rowsMax: conversationsMax })
  }

  apply(events: LoggedEvent[]): void {
    for (const { type, streamId } of events) if (type === 'conversation.deleted') this.forget(streamId)
  }
}
