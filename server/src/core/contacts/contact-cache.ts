import type pg from 'pg'
import type { LoggedEvent } from '../log/events.ts'
import { Remembered } from '../remembered.ts'
import { type KnownContact, loadContacts } from './queries.ts'

/** Who contacts are, deleted ones too, remembered so that naming the sender of a message costs no query. */
export class ContactCache extends Remembered<KnownContact> {
  constructor({ pool, contactsMax }: { pool: pg.Pool; contactsMax: number }) {
    super({ load: (ids) => loadContacts(pool, ids), rowsMax: contactsMax })
  }

  apply(events: LoggedEvent[]): void {
    for (const { type, streamId } of events) {
      if (type === 'contact.updated' || type === 'contact.deleted') this.forget(streamId)
    }
  }
}
