import type { RoutedEvent, Wire } from './wire.ts'

/**
 * Makes events ready for a wire whose frames need more than the events: with one reading for all of them, but for those
 * that another connection is having read, which are waited for.
 */
export async function prepareEvents(events: RoutedEvent[], wire: Wire): Promise<void> {
  const { prepare } = wire.skin
  if (prepare === undefined) return
  const waiting = events.filter((routed) => !routed.isReady(wire))
  const fresh = waiting.filter((routed) => routed.preparation(wire) === undefined)
  if (fresh.length > 0) {
    const read = prepare(fresh.map(({ event }) => event))
    for (const [i, routed] of fresh.entries()) {
      routed.prepare(
        wire,
        read.then((renders) => renders[i]!),
      )
    }
  }
  await Promise.all(waiting.map((routed) => routed.preparation(wire)))
}
