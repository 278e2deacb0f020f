import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtClient } from '../../server/src/testing/rt-client.ts'
import type { Person } from '../harness/client.ts'
import { createServerProcess } from '../harness/server-process.ts'
import { createDice, pick } from './dice.ts'
import { findDifferences } from './find-differences.ts'
import { createFollower, type Follower, type Way } from './followers.ts'
import { takeTurn } from './operations.ts'
import { prepare } from './prepare.ts'
import { readView } from './read-view.ts'
import type { Run } from './run.ts'
import type { View } from './seen-world.ts'
import { makeTrouble, type TroublePlan } from './trouble.ts'

const IS_FULL = process.env.PARLANCE_TEST_FULL === '1'
const SEED = Number(process.env.PARLANCE_TEST_SEED ?? Date.now() % 1_000_000)
const TALKERS = 20
const CATCH_UP_MS = 60_000

const PLAN: TroublePlan = IS_FULL
  ? { events: 60_000, stops: 8, kills: 12, postgresKills: 6, eventsPerDrop: 50, absent: 8, late: 2 }
  : { events: 10_000, stops: 2, kills: 3, postgresKills: 2, eventsPerDrop: 50, absent: 6, late: 2 }

/** One for each person, and a second device for some; the last ones come late. */
const FOLLOWERS: Way[] = [
  ...Array<Way>(9).fill('socket'),
  ...Array<Way>(3).fill('events'),
  ...Array<Way>(3).fill('poll'),
  ...Array<Way>(4).fill('roaming'),
  ...Array<Way>(3).fill('team-chat'),
  'socket',
  'roaming',
]

test(`over ${PLAN.events} events with drops, restarts and kills every client ends with what the server shows`, async (t) => {
  t.diagnostic(`PARLANCE_TEST_SEED=${SEED}`)
  const server = await createServerProcess()
  t.after(() => server.remove())
  await server.start()
  const run = await prepare(server)
  const dice = createDice(SEED)
  const followers = FOLLOWERS.map((way, i) => {
    return createFollower(run, run.people[i % run.people.length]!, { way, dice: createDice(SEED + 1_000 + i) })
  })
  t.after(() => {
    for (const { client } of followers) client.close()
  })
  const early = followers.slice(0, followers.length - PLAN.late)
  await Promise.all(early.map(({ client }) => client.connect()))

  const talkers = Array.from({ length: TALKERS }, (_, i) => talk(run, i))
  const trouble = await makeTrouble(run, followers, { plan: PLAN, dice }).finally(() => {
    run.isOver = true
  })
  await Promise.all(talkers)
  if (run.problem !== undefined) throw run.problem

  const views: View[] = []
  for (const person of run.people) views.push(await requireTruth(run, person, followers))
  requireAcknowledged(run, views)
  requireMuch(run, followers)
  const { drops, absences, ...ends } = trouble
  assert.deepEqual(ends, { stops: PLAN.stops, kills: PLAN.kills, postgresKills: PLAN.postgresKills })
  assert.ok(drops >= PLAN.events / PLAN.eventsPerDrop / 2 && absences === PLAN.absent)
  t.diagnostic(JSON.stringify({ events: run.events, operations: run.operations, unknown: run.unknown, ...trouble }))
  t.diagnostic(JSON.stringify(countAll(followers)))
})

/** Somebody does one thing after the other until the run is over. */
async function talk(run: Run, talker: number): Promise<void> {
  const dice = createDice(SEED + talker)
  try {
    for (let n = 0; !run.isOver; n++) {
      await takeTurn({ run, dice, me: pick(dice, run.people), clientId: `${talker}-${n}` })
    }
  } catch (error) {
    run.problem ??= error
  }
}

/** All clients of a person end where the server is, and with what it shows that person. */
async function requireTruth(run: Run, person: Person, followers: Follower[]): Promise<View> {
  const heads = await readHeads(run, person)
  const shown = await readView(run.server.url, person)
  for (const { client, world, way } of followers.filter((one) => one.person === person)) {
    const signal = AbortSignal.timeout(CATCH_UP_MS)
    await client.untilCaughtUp(heads, signal).catch(() => {
      assert.fail(
        `a client (${way}) does not catch up: ${JSON.stringify(findDifferences(toObject(client.last), toObject(heads)))}`,
      )
    })
    assert.deepEqual(findDifferences(toObject(client.last), toObject(heads)), [], `${way}: client, server`)
    assert.deepEqual(findDifferences(world.view(), shown), [], `${way}: client, server`)
    assert.deepEqual({ surprises: client.surprises, skipped: client.skipped }, { surprises: [], skipped: [] }, way)
  }
  for (const { messages } of Object.values(shown.conversations)) {
    const ordinals = messages.map(({ ordinal }) => ordinal)
    assert.deepEqual(
      ordinals,
      ordinals.map((_, i) => i + 1),
    )
  }
  return shown
}

/** How far each stream has come that a person follows now. */
async function readHeads(run: Run, { token }: Person): Promise<Map<string, number>> {
  const client = new RtClient({ url: () => run.server.url.replace('http:', 'ws:'), token: () => token })
  const { streams } = await client.connect()
  client.close()
  return new Map(streams.map(({ id, head }) => [id, head]))
}

/** What was acknowledged stands there, and no client id twice. */
function requireAcknowledged(run: Run, views: View[]) {
  const conversations = new Map(views.flatMap((view) => Object.entries(view.conversations)))
  const messages = new Map([...conversations.values()].flatMap((one) => one.messages).map((one) => [one.id, one]))
  const names = [...messages.values()].map(({ author, clientId }) => `${author} ${clientId}`)
  assert.equal(new Set(names).size, names.length, 'a client id stands twice')
  let found = 0
  for (const { id, clientId, channelId, authorId } of run.acknowledged) {
    // Nobody is in some conversations any more.
    if (!conversations.has(channelId)) continue
    const { author, clientId: storedId } = messages.get(id) ?? {}
    assert.deepEqual({ author, storedId }, { author: authorId, storedId: clientId }, 'an acknowledged message is lost')
    found++
  }
  assert.ok(found > PLAN.events / 5)
}

/** The run was what it is meant to be. */
function requireMuch(run: Run, followers: Follower[]) {
  const { applied, resumes, gaps, pages } = countAll(followers)
  assert.ok(run.events >= PLAN.events, `only ${run.events} events`)
  assert.ok(followers.length >= 20 && followers.every((follower) => follower.applied > 0))
  assert.ok(applied >= PLAN.events * 5, `only ${applied} events applied`)
  assert.ok(resumes >= (PLAN.events / PLAN.eventsPerDrop) * 0.5, `only ${resumes} resumes`)
  assert.ok(gaps > 0 && pages > gaps, `only ${gaps} gaps and ${pages} pages`)
}

function countAll(followers: Follower[]) {
  const sum = (count: (follower: Follower) => number) => followers.reduce((total, one) => total + count(one), 0)
  return {
    applied: sum((one) => one.applied),
    repeats: sum((one) => one.client.repeats),
    connections: sum((one) => one.client.closeCodes.length),
    resumes: sum((one) => one.client.resumes),
    gaps: sum((one) => one.client.gaps),
    pages: sum((one) => one.client.pages),
  }
}

function toObject(map: Map<string, number>) {
  return Object.fromEntries(map)
}
