import { randomBytes } from 'node:crypto'
import type { AnonymousActor, UserActor } from '../core/actor.ts'
import { type Context, type Core, createContext } from '../core/context.ts'
import { createChannel } from '../core/conversations/create-channel.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import { addReaction } from '../core/reactions/add-reaction.ts'
import { registerUser } from '../core/users/register-user.ts'
import { addMember } from '../core/workspaces/add-member.ts'
import { createWorkspace } from '../core/workspaces/create-workspace.ts'
import { type DemoKeys, seedCompany } from './demo-company.ts'

/**
 * Who can sign in to the demo workspace, all with the same password, and the keys of the demo client: made anew for
 * every installation.
 */
export type DemoSignIns = { emails: string[]; password: string; keys: DemoKeys }

const NOBODY: AnonymousActor = { kind: 'anonymous', id: null, address: null }

const PEOPLE = [
  { username: 'ada', name: 'Ada' },
  { username: 'bob', name: 'Bob' },
  { username: 'cleo', name: 'Cleo' },
]

/** Fills an installation on its very first start, so that there is something to look at; undefined on later ones. */
export async function seedDemo(core: Core): Promise<DemoSignIns | undefined> {
  const someone = await core.database.kysely.selectFrom('users').select('id').limit(1).executeTakeFirst()
  if (someone !== undefined) return undefined
  const password = randomBytes(9).toString('base64url')
  const people = await Promise.all(PEOPLE.map((person) => register(core, { ...person, password })))
  const [ada, bob, cleo] = people as [Context<UserActor>, Context<UserActor>, Context<UserActor>]
  const { workspace } = await createWorkspace(ada, { name: 'Demo', domain: 'demo' })
  for (const { actor } of [bob, cleo]) await addMember(ada, { workspaceId: workspace.id, userId: actor.id })
  await fillChannels({ ada, bob, cleo }, workspace.id)
  return { emails: PEOPLE.map(({ username }) => emailOf(username)), password, keys: await seedCompany(core) }
}

type NewPerson = { username: string; name: string; password: string }

async function register(core: Core, person: NewPerson): Promise<Context<UserActor>> {
  const newcomer = { ...person, email: emailOf(person.username) }
  const { user, sessionId } = await registerUser(createContext(core, NOBODY), newcomer)
  return createContext(core, { kind: 'user', id: user.id, sessionId, address: null })
}

function emailOf(username: string): string {
  return `${username}@example.com`
}

type People = Record<'ada' | 'bob' | 'cleo', Context<UserActor>>

async function fillChannels({ ada, bob, cleo }: People, workspaceId: string): Promise<void> {
  const memberIds = [bob.actor.id, cleo.actor.id]
  const general = await createChannel(ada, { workspaceId, name: 'general', description: 'For everybody.', memberIds })
  const launch = await createChannel(bob, { workspaceId, name: 'launch', isPrivate: true, memberIds: [ada.actor.id] })
  const say = async (ctx: Context<UserActor>, body: string, parentId: string | null = null) =>
    (await sendMessage(ctx, { conversationId: general.id, body, parentId })).message
  const welcome = await say(
    ada,
    'Welcome to Parlance! This workspace is a demo: look around, and delete it when you like.',
  )
  await say(bob, 'Threads keep a side topic together: answer this message to see one.', welcome.id)
  await addReaction(cleo, { messageId: welcome.id, content: '👋' })
  await say(cleo, 'A name after an at sign, like @ada, leaves a notification.')
  await sendMessage(bob, { conversationId: launch.id, body: 'Only who is in this channel knows that it is there.' })
}
