import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ResultOf, Task } from './worker.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))

/** Runs a task in a process of its own: what it costs does not slow down the one that watches. */
export async function generateLoad<T extends Task>(task: T): Promise<ResultOf<T>> {
  const worker = fork(WORKER, { serialization: 'advanced', execArgv: ['--disable-warning=ExperimentalWarning'] })
  try {
    const answer = once(worker, 'message')
    const ended = once(worker, 'exit').then(([code]) =>
      Promise.reject(new Error(`The load generator ended (${code}).`)),
    )
    worker.send(task)
    const [reply] = await Promise.race([answer, ended])
    if ('error' in reply) throw new Error(reply.error)
    return reply.result
  } finally {
    worker.kill()
  }
}
