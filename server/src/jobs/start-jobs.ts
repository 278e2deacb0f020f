// Runs the jobs that operations enqueue and the tasks of the clock. Ownership: one per node, made by app.ts once the
// server takes requests; all nodes share one queue in the database. Ordering: none between jobs; those that are due
// begin in the order of their times. A job that fails is tried again later and later; one whose node died, after four
// hours. When the database goes away the runner ends, and is begun again. `close` lets running jobs end.

import { setTimeout as delay } from 'node:timers/promises'
import type { Runner, RunnerOptions } from 'graphile-worker'
import pg from 'pg'
import { SYSTEM } from '../core/actor.ts'
import { type Core, createContext } from '../core/context.ts'
import type { Logger } from '../platform/log.ts'
import { createJobLogger } from './job-logger.ts'
import { SCHEDULE, TASKS, type Task } from './tasks.ts'

const CONCURRENCY = 4
// New jobs wake the runner at once; this finds those that were set for later.
const POLL_MS = 2_000
const RESTART_MS = 1_000

export type Jobs = { close(): Promise<void> }

export type JobsOptions = { core: Core; databaseUrl: string; log: Logger; tasks?: Record<string, Task> }

export function startJobs(options: JobsOptions): Jobs {
  const { databaseUrl, log } = options
  // A pool of its own: the queue wants dates as Date, and must not wait behind requests.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONCURRENCY + 2, application_name: 'parlance jobs' })
  const onError = (error: Error) => log.warn({ err: error }, 'a database connection of the jobs broke')
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  const closing = new AbortController()
  const running = keepRunning(options, pool, closing.signal)
  return {
    async close() {
      closing.abort()
      await running
      await pool.end()
    },
  }
}

async function keepRunning(options: JobsOptions, pool: pg.Pool, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    try {
      await runUntil(closing, await begin(options, pool))
    } catch (error) {
      options.log.error({ err: error }, 'the jobs stopped and are begun again')
    }
    await delay(RESTART_MS, undefined, { signal: closing }).catch(() => {})
  }
}

async function begin({ core, log, tasks = TASKS }: JobsOptions, pool: pg.Pool): Promise<Runner> {
  const { parseCronItems, run } = await import('graphile-worker')
  const scheduled = SCHEDULE.filter(({ task }) => tasks[task] !== undefined)
  const options: RunnerOptions = {
    pgPool: pool,
    logger: await createJobLogger(log),
    concurrency: CONCURRENCY,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    // Without batches it does not wait for the end of a job to be written: a connection that breaks just then would be a
    // rejection that nobody handles, and end the process.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    taskList: Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, perform(core, task)])),
    // One that has not begun yet is not added again.
    parsedCronItems: parseCronItems(scheduled.map((item) => ({ ...item, options: { jobKey: item.task } }))),
  }
  return run(options)
}

async function runUntil(closing: AbortSignal, runner: Runner): Promise<void> {
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping = runner.stop().catch(() => {})
  }
  if (closing.aborted) stop()
  closing.addEventListener('abort', stop)
  try {
    await runner.promise
  } finally {
    closing.removeEventListener('abort', stop)
    await stopping
  }
}

function perform(core: Core, task: Task) {
  return async (payload: unknown): Promise<void> => {
    await task(createContext(core, SYSTEM), payload)
  }
}
