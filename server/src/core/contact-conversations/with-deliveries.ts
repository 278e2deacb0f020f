import type { Database } from '../../platform/database/database.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { findDeliveriesOf } from '../deliveries/queries.ts'
import type { Message } from '../messages/schema.ts'
import { readArrival } from './read-arrival.ts'
import type { TimelineMessage } from './schema.ts'

/**
 * Messages with how they travelled. What neither was carried nor came from outside, as a note of the program, shows
 * the transport that `otherwise` gives.
 */
export async function withDeliveries(
  db: Database,
  messages: Message[],
  otherwise: (message: Message) => Transport,
): Promise<TimelineMessage[]> {
  const sent = messages.filter(({ authorKind }) => authorKind !== 'contact').map(({ id }) => id)
  const deliveries = await findDeliveriesOf(db, sent)
  return messages.map((message) => {
    const delivery = deliveries.get(message.id) ?? null
    return {
      message,
      delivery,
      transport: delivery?.transport ?? readArrival(message)?.transport ?? otherwise(message),
    }
  })
}
