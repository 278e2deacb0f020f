import type { Engine } from './engine.ts'
import { readPage } from './page.ts'
import type { Answer, Operation, RequestId } from './protocol.ts'
import type { Session } from './session.ts'
import { subscribe, unsubscribe } from './subscribe.ts'
import { hide } from './wire.ts'

export type SignedInOperation = Exclude<Operation, { op: 'auth' }>

/** Does what a signed-in client asks for; null where it has answered already. */
export async function carryOut(
  engine: Engine,
  session: Session,
  { operation, re }: { operation: SignedInOperation; re: RequestId | null },
): Promise<Answer | null> {
  switch (operation.op) {
    case 'sub':
      await subscribe(engine, session, { ...operation, re })
      return null
    case 'unsub':
      unsubscribe(engine, session, operation.streamId)
      return operation
    case 'page': {
      if (!session.streams.has(operation.streamId)) await session.person.getReadable(operation.streamId, 'stream')
      const { events, ...page } = await readPage(engine.core.database, operation)
      const isOwn = operation.streamId === session.userId
      const steps = events.map((event) => (session.person.isHidden?.(event) ? hide(event) : event))
      return { op: 'page', ...page, isOwn, events: steps }
    }
    case 'watch': {
      const text = session.wire.skin.answer(await session.person.carryOut(operation), re)
      // First the answer, then what has waited for it.
      if (text !== null) session.say([text])
      session.letGo()
      return null
    }
    case 'beat':
      return { op: 'beat', cursor: engine.cursors.encode(session.feed.place) }
    default:
      return session.person.carryOut(operation)
  }
}
