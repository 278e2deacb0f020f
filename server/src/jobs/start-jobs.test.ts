import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import pg from 'pg'
import { silentLogger } from '../platform/log.ts'
import { type TestWorld, testWorld } from '../testing/world.ts'
import { type Jobs, startJobs } from './start-jobs.ts'
import type { Task } from './tasks.ts'

test('a job runs once its transaction has committed, and not at all after a rollback', async (t) => {
  const world = await testWorld(t)
  const ran = new EventEmitter()
  const payloads: unknown[] = []
  await using _jobs = start(world, {
    note: async (_ctx, payload) => {
      payloads.push(payload)
      ran.emit('note')
    },
  })
  const ada = world.as('ada')
  const undone = ada.transaction(async (ctx) => {
    await ctx.enqueue({ task: 'note', payload: { n: 1 } })
    throw new Error('undone')
  })
  await assert.rejects(undone, /undone/)
  const noted = once(ran, 'note')
  await ada.transaction((ctx) => ctx.enqueue({ task: 'note', payload: { n: 2 } }))
  await noted
  assert.deepEqual(payloads, [{ n: 2 }])
})

test('closing lets a running job end, and its outcome counts', async (t) => {
  const world = await testWorld(t)
  const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  await using jobs = start(world, {
    slow: async () => {
      begun.resolve()
      await mayEnd.promise
    },
  })
  await world.as('ada').transaction((ctx) => ctx.enqueue({ task: 'slow', payload: {} }))
  await begun.promise
  const closed = jobs.close()
  mayEnd.resolve()
  await closed
  assert.equal(await countJobs(world), 0)
})

test('jobs go on after the database has cut their connections', async (t) => {
  const world = await testWorld(t)
  const ran = new EventEmitter()
  await using _jobs = start(world, { note: async () => void ran.emit('note') })
  const enqueue = () => world.as('ada').transaction((ctx) => ctx.enqueue({ task: 'note', payload: {} }))
  const first = once(ran, 'note')
  await enqueue()
  await first
  await runSql(
    world,
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parlance jobs' and datname = current_database()",
  )
  const second = once(ran, 'note')
  await enqueue()
  await second
})

test('a job that fails stays in the queue, to be tried again', async (t) => {
  const world = await testWorld(t)
  const failed = Promise.withResolvers<void>()
  await using jobs = start(world, {
    fail: async () => {
      failed.resolve()
      throw new Error('not today')
    },
  })
  await world.as('ada').transaction((ctx) => ctx.enqueue({ task: 'fail', payload: {} }))
  await failed.promise
  await jobs.close()
  assert.equal(await countJobs(world), 1)
})

/** Jobs that end before the world does, whose database goes first of all when the test is over. */
function start({ runtime, databaseUrl }: TestWorld, tasks: Record<string, Task>): Jobs & AsyncDisposable {
  const jobs = startJobs({ core: runtime.core, databaseUrl, log: silentLogger, tasks })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= jobs.close()
    return closed
  }
  return { close, [Symbol.asyncDispose]: close }
}

async function countJobs(world: TestWorld): Promise<number> {
  const rows = await runSql(world, 'select id from graphile_worker.jobs')
  return rows.length
}

async function runSql({ databaseUrl }: TestWorld, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
