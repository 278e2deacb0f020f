import assert from 'node:assert/strict'
import { RtClient } from '../../server/src/testing/rt-client.ts'
import type { RtEvent } from '../../server/src/testing/rt-state.ts'
import { openRtSocket, type RtTransport } from '../../server/src/testing/rt-transport.ts'
import type { Person } from '../harness/client.ts'
import { type Dice, pick } from './dice.ts'
import { openEventStream, openLongPolls } from './http-transports.ts'
import type { Run } from './run.ts'
import { SeenWorld } from './seen-world.ts'
import { openTeamChatSocket } from './team-chat-transport.ts'

export type Way = 'socket' | 'events' | 'poll' | 'team-chat' | 'roaming'

/** Somebody's client, and what it made of the events. */
export type Follower = { client: RtClient; world: SeenWorld; person: Person; way: Way; applied: number }

const TRANSPORTS: Record<Exclude<Way, 'roaming'>, RtTransport> = {
  socket: openRtSocket,
  events: openEventStream,
  poll: openLongPolls,
  'team-chat': openTeamChatSocket,
}

const RECONNECT_MS = 40

export function createFollower(run: Run, person: Person, { way, dice }: { way: Way; dice: Dice }): Follower {
  const world = new SeenWorld(person.id)
  const steps = new Map<string, number>()
  const onEvent = (event: RtEvent) => {
    const { s, q } = event
    assert.equal(q, (steps.get(s) ?? 0) + 1, 'an event is applied twice or out of order')
    steps.set(s, q)
    follower.applied++
    noteHead(run, s, q)
    world.apply(event)
  }
  const client = new RtClient({
    url: () => run.server.url.replace('http:', 'ws:'),
    token: () => person.token,
    withHistory: true,
    reconnectMs: RECONNECT_MS,
    // A cursor is the same on every way: who roams takes another one each time.
    transport: () => (way === 'roaming' ? pick(dice, Object.values(TRANSPORTS)) : TRANSPORTS[way]),
    onEvent,
    onForget: (streamId) => {
      steps.delete(streamId)
      world.forget(streamId)
    },
  })
  const follower: Follower = { client, world, person, way, applied: 0 }
  return follower
}

function noteHead(run: Run, streamId: string, q: number) {
  const known = run.heads.get(streamId) ?? 0
  if (q <= known) return
  run.heads.set(streamId, q)
  run.events += q - known
}
