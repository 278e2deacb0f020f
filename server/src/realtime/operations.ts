import { createContext } from '../core/context.ts'
import { markRead } from '../core/conversations/mark-read.ts'
import { getReadable } from '../core/conversations/policy.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import type { Engine } from './engine.ts'
import { readPage } from './page.ts'
import type { Answer, Operation, RequestId } from './protocol.ts'
import type { Session } from './session.ts'
import { subscribe, unsubscribe } from './subscribe.ts'

export type SignedInOperation = Exclude<Operation, { op: 'auth' }>

/** Does what a signed-in client asks for; null where it has answered already. */
export async function carryOut(
  engine: Engine,
  session: Session,
  { operation, re }: { operation: SignedInOperation; re: RequestId | null },
): Promise<Answer | null> {
  const ctx = createContext(engine.core, session.actor)
  switch (operation.op) {
    case 'sub':
      await subscribe(engine, session, { ...operation, re })
      return null
    case 'unsub':
      unsubscribe(engine, session, operation.streamId)
      return operation
    case 'send': {
      await ctx.ports.limits.consume('sends', ctx.actor.id)
      const { message, isRepeat } = await sendMessage(ctx, operation.message)
      return { op: 'send', message, isRepeat }
    }
    case 'read': {
      const { conversationId, readOrdinal, unreadCount } = await markRead(ctx, operation)
      return { op: 'read', conversationId, read: readOrdinal, unread: unreadCount }
    }
    case 'typing':
      return tellTyping(engine, session, operation.conversationId)
    case 'page':
      if (!session.streams.has(operation.streamId)) await getReadable(ctx, operation.streamId, 'stream')
      return readPage(engine.core.database, operation)
    case 'beat':
      return { op: 'beat', cursor: engine.cursors.encode(session.feed.place) }
  }
}

async function tellTyping({ core, hub, limits }: Engine, session: Session, conversationId: string): Promise<Answer> {
  const { userId } = session
  await getReadable(createContext(core, session.actor), conversationId, 'conversation_id')
  if (!session.mayTellTyping(conversationId)) return { op: 'typing', conversationId }
  const passing = { type: 'typing' as const, streamId: conversationId, userId, ttlMs: limits.typingTtlMs }
  hub.announce(passing, { exceptUserId: userId })
  return { op: 'typing', conversationId }
}
