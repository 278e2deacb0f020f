import type { Person } from '../harness/client.ts'
import { type Dice, pick } from './dice.ts'
import { ask, type KnownMessage, type Run, send } from './run.ts'

export type Turn = { run: Run; dice: Dice; me: Person; clientId: string }
type Operation = (turn: Turn) => Promise<unknown>

/** What people do, and how often. Who may not is refused, which is fine. */
const OPERATIONS: [weight: number, operation: Operation][] = [
  [48, say],
  [12, reply],
  [6, sayDirectly],
  [5, mentionSomebody],
  [1, mentionEverybody],
  [6, edit],
  [3, deleteOne],
  [9, react],
  [3, takeBack],
  [5, read],
  [2, join],
  [1, leave],
  [2, invite],
  [1, expelFromChannel],
  [2, changeChannel],
  [1, makeChannel],
  [1, readNotifications],
  [1, changeMember],
  [1, changeName],
]

const TOTAL = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0)
const CHANNELS_MAX = 40

/** One thing that somebody does. */
export async function takeTurn(turn: Turn): Promise<void> {
  let left = turn.dice(TOTAL)
  for (const [weight, operation] of OPERATIONS) {
    left -= weight
    if (left >= 0) continue
    await operation(turn)
    return
  }
}

function say({ run, dice, me, clientId }: Turn) {
  return send(run, me, { path: messagesOf(pick(dice, run.channels)), body: `said ${clientId}`, clientId })
}

async function reply(turn: Turn) {
  const { run, me, clientId } = turn
  const to = someMessage(turn)
  if (to === undefined) return say(turn)
  return send(run, me, { path: messagesOf(to.channelId), body: `replied ${clientId}`, clientId, parent: to.id })
}

function sayDirectly({ run, dice, me, clientId }: Turn) {
  const other = pick(dice, run.people)
  return send(run, me, { path: `/dms/users/${other.id}/messages`, body: `told ${clientId}`, clientId })
}

function mentionSomebody({ run, dice, me, clientId }: Turn) {
  const body = `@${pick(dice, run.people).username} asked ${clientId}`
  return send(run, me, { path: messagesOf(pick(dice, run.channels)), body, clientId })
}

function mentionEverybody({ run, dice, me, clientId }: Turn) {
  return send(run, me, { path: messagesOf(pick(dice, run.channels)), body: `@channel heard ${clientId}`, clientId })
}

async function edit(turn: Turn) {
  const message = someMessage(turn)
  if (message === undefined) return
  const mention = turn.dice(4) === 0 ? ` @${pick(turn.dice, turn.run.people).username}` : ''
  await ask(turn.run, message.author, ['PUT', `/messages/${message.id}`, { body: `edited ${turn.clientId}${mention}` }])
}

async function deleteOne(turn: Turn) {
  const message = someMessage(turn)
  if (message !== undefined) await ask(turn.run, message.author, ['DELETE', `/messages/${message.id}`])
}

const CONTENTS = ['👍', '🎉', 'thanks', 'no', '❤️']

async function react(turn: Turn) {
  const { run, dice, me } = turn
  const message = someMessage(turn)
  if (message === undefined) return
  await ask(run, me, ['POST', `/messages/${message.id}/reactions`, { reaction_content: pick(dice, CONTENTS) }])
}

/** Of the newest messages somebody's reaction, which is taken back where it is there. */
async function takeBack(turn: Turn) {
  const message = someMessage(turn)
  if (message === undefined) return
  const content = encodeURIComponent(pick(turn.dice, CONTENTS))
  for (const person of turn.run.people.slice(0, 4)) {
    await ask(turn.run, person, ['DELETE', `/messages/${message.id}/reactions/${content}`])
  }
}

function read(turn: Turn) {
  const { run, dice, me } = turn
  const message = dice(2) === 0 ? someMessage(turn) : undefined
  const channelId = message?.channelId ?? pick(dice, run.channels)
  return ask(run, me, ['PUT', `/channels/${channelId}/read`, message === undefined ? {} : { message_id: message.id }])
}

function join({ run, dice, me }: Turn) {
  return ask(run, me, ['POST', `/channels/${pick(dice, run.channels)}/members`, {}])
}

function leave({ run, dice, me }: Turn) {
  return ask(run, me, ['DELETE', `/channels/${pick(dice, run.channels)}/members/${me.id}`])
}

function invite({ run, dice, me }: Turn) {
  const user_id = pick(dice, run.people).id
  return ask(run, me, ['POST', `/channels/${pick(dice, run.channels)}/members`, { user_id }])
}

function expelFromChannel({ run, dice }: Turn) {
  const path = `/channels/${pick(dice, run.channels)}/members/${pick(dice, run.people.slice(1)).id}`
  return ask(run, run.people[0]!, ['DELETE', path])
}

/** Its name, its description, or whether everybody may see it. */
async function changeChannel({ run, dice, clientId }: Turn) {
  const path = `/channels/${pick(dice, run.channels)}`
  const kind = dice(4)
  const change = [
    { description: `about ${clientId}` },
    { name: `named-${clientId}` },
    { is_private: true },
    { is_private: false },
  ][kind]!
  await ask(run, run.people[dice(3)]!, ['PUT', path, change])
}

/** Sometimes it is deleted at once, or the oldest one that people made. */
async function makeChannel({ run, dice, me, clientId }: Turn) {
  if (run.channels.length >= CHANNELS_MAX) return
  const member_ids = run.people.filter(() => dice(3) === 0).map(({ id }) => id)
  const body = { name: `made-${clientId}`, is_private: dice(2) === 0, member_ids }
  const made = await ask(run, me, ['POST', `/workspaces/${run.workspace}/channels`, body])
  if (made?.status !== 201) return
  if (dice(3) > 0) run.channels.push(made.body.id)
  else await ask(run, me, ['DELETE', `/channels/${made.body.id}`])
}

async function readNotifications({ run, dice, me }: Turn) {
  if (dice(3) === 0) return ask(run, me, ['PUT', '/notifications'])
  const unread = await ask(run, me, ['GET', '/notifications?limit=5'])
  const one = unread?.status === 200 ? unread.body.data[0] : undefined
  return one && ask(run, me, ['PUT', `/notifications/${one.id}`])
}

/** Somebody goes, comes back, or has another role; the owner, the administrators and the guests stay what they are. */
async function changeMember({ run, dice }: Turn) {
  const owner = run.people[0]!
  const { id } = pick(dice, run.people.slice(3, -2))
  const path = `/workspaces/${run.workspace}/members`
  const kind = dice(4)
  if (kind === 0) return ask(run, owner, ['DELETE', `${path}/${id}`])
  if (kind === 1) return ask(run, owner, ['PUT', `${path}/${id}`, { role: pick(dice, ROLES) }])
  return ask(run, owner, ['POST', path, { user_id: id, role: 'member' }])
}

const ROLES = ['member', 'admin', 'agent']

function changeName({ run, me, clientId }: Turn) {
  return ask(run, me, ['PUT', '/users/me', { name: `Named ${clientId}` }])
}

function messagesOf(channelId: string): string {
  return `/channels/${channelId}/messages`
}

function someMessage({ run, dice }: Turn): KnownMessage | undefined {
  return run.recent.length === 0 ? undefined : pick(dice, run.recent)
}
