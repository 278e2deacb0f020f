import { call, type Person, signUp } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import type { ServerProcess } from '../harness/server-process.ts'
import type { Run } from './run.ts'

const PEOPLE = 20
const CHANNELS = 8

/** A workspace with an owner, two administrators, two guests and members, and channels with some of them in each. */
export async function prepare(server: ServerProcess): Promise<Run> {
  const { url } = server
  const people = await Promise.all(Array.from({ length: PEOPLE }, () => signUp(url, 'talker')))
  const { token } = people[0]!
  const { id: workspace } = await ok(201, call(url, 'POST', '/workspaces', { token, body: { name: 'Resume' } }))
  const path = `/workspaces/${workspace}`
  for (const [i, { id }] of people.entries()) {
    if (i === 0) continue
    const role = i <= 2 ? 'admin' : isGuest(i) ? 'guest' : 'member'
    await ok(201, call(url, 'POST', `${path}/members`, { token, body: { user_id: id, role } }))
  }
  const channels: string[] = []
  for (let i = 0; i < CHANNELS; i++) {
    const body = { name: `resume-${i}`, is_private: i % 4 === 3, member_ids: membersOf(people, i) }
    channels.push((await ok(201, call(url, 'POST', `${path}/channels`, { token, body }))).id)
  }
  return {
    server,
    people,
    workspace,
    channels,
    recent: [],
    acknowledged: [],
    operations: 0,
    unknown: 0,
    heads: new Map(),
    events: 0,
    problem: undefined,
    isOver: false,
  }
}

function isGuest(i: number): boolean {
  return i >= PEOPLE - 2
}

/** Everybody in the first one, two of three in the others. */
function membersOf(people: Person[], channel: number): string[] {
  return people.filter((_, i) => channel === 0 || (i + channel) % 3 > 0).map(({ id }) => id)
}
