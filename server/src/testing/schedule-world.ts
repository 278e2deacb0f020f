import type { TestContext } from 'node:test'
import { sql } from 'kysely'
import { SYSTEM, type SystemActor } from '../core/actor.ts'
import { openContactConversation } from '../core/contact-conversations/open-contact-conversation.ts'
import { addContact } from '../core/contacts/add-contact.ts'
import { type Context, createContext } from '../core/context.ts'
import type { Transport } from '../core/deliveries/carrier.ts'
import { MESSAGE_COLUMNS } from '../core/messages/queries.ts'
import type { Message } from '../core/messages/schema.ts'
import { selectSchedules } from '../core/schedules/queries.ts'
import { ScheduleDispatcher, type ScheduleDispatcherOptions } from '../core/schedules/schedule-dispatcher.ts'
import { type ScheduleMessage, scheduleMessage } from '../core/schedules/schedule-message.ts'
import type { Schedule, ScheduleStatus } from '../core/schedules/schema.ts'
import { insertSender } from '../core/senders/queries.ts'
import type { Runtime } from '../runtime.ts'
import { until } from './client-world.ts'
import { type TestWorld, testWorld } from './world.ts'

export const NOW = '2026-03-01T12:00:00.000Z'
export const CAROL = '+15558675310'

type Timeline = { workspaceId: string; conversationId: string; contactId: string }

export type ScheduleWorld = TestWorld & {
  system: Context<SystemActor>
  /** The conversation with who has this number. */
  meet(phone: string): Promise<Timeline>
  /** Schedules an SMS in bob's name, unless said otherwise. */
  schedule(to: Timeline, input: { scheduledAt: string } & Partial<ScheduleMessage>): Promise<Schedule>
  /** Sends what is due on a node, the first one unless said, until the test ends. */
  startFiring(options?: Partial<ScheduleDispatcherOptions>, node?: Runtime): ScheduleDispatcher
  find(schedule: Schedule): Promise<Schedule>
  untilStatus(schedule: Schedule, status: ScheduleStatus): Promise<Schedule>
  messagesOf(conversationId: string): Promise<Message[]>
}

/** People outside, numbers of ada's workspace to write to them from, and nobody who carries anything. It is noon. */
export async function scheduleWorld(t: TestContext): Promise<ScheduleWorld> {
  const dispatchers: ScheduleDispatcher[] = []
  // Before the world's own end, which takes their database away.
  t.after(() => Promise.all(dispatchers.map((one) => one.close())))
  const world = await testWorld(t)
  world.setNow(NOW)
  const { core } = world.runtime
  const system = createContext(core, SYSTEM)
  await addSender(system, world.ids.workspace, { transport: 'sms', address: '+15005550006' })
  await addSender(system, world.ids.workspace, { transport: 'whatsapp', address: '+14155238886' })
  const find = async ({ id }: Schedule) => (await selectSchedules(system.db, sql`where s.id = ${id}`))[0]!
  return {
    ...world,
    system,
    async meet(phone) {
      const { workspace: workspaceId } = world.ids
      const { contact } = await addContact(system, { workspaceId, name: phone, phone })
      const { conversation } = await openContactConversation(system, { workspaceId, contactId: contact.id })
      return { workspaceId, conversationId: conversation.id, contactId: contact.id }
    },
    schedule: ({ workspaceId, conversationId }, input) =>
      scheduleMessage(world.as('bob'), { workspaceId, conversationId, transport: 'sms', body: 'Hello', ...input }),
    startFiring(options = {}, node = world.runtime) {
      const dispatcher = new ScheduleDispatcher({ core: node.core, pollMs: 20, ...options })
      dispatchers.push(dispatcher)
      dispatcher.start()
      return dispatcher
    },
    find,
    untilStatus: (schedule, status) =>
      until(`the message is ${status}`, async () => {
        const found = await find(schedule)
        return found.status === status && found
      }),
    async messagesOf(conversationId) {
      const text = `select ${MESSAGE_COLUMNS} from messages where conversation_id = $1 order by ordinal`
      return (await core.database.pool.query<Message>(text, [conversationId])).rows
    },
  }
}

async function addSender(
  { db, newId }: Context,
  workspaceId: string,
  { transport, address }: { transport: Transport; address: string },
): Promise<void> {
  const times = { createdAt: NOW, updatedAt: NOW }
  const sender = {
    id: newId(),
    workspaceId,
    transport,
    address,
    name: null,
    carrier: 'none',
    isDefault: true,
    ...times,
  }
  await insertSender(db, sender)
}
