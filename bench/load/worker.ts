// The load generator's own process: it takes one task, answers with its result, and ends.

import type { AuthenticationsResult, AuthenticationsTask } from './authentications.ts'
import { type DeliveriesResult, type DeliveriesTask, runDeliveries } from './deliveries.ts'
import { type PagesResult, type PagesTask, runPages } from './pages.ts'
import { runSends, type SendsResult, type SendsTask } from './sends.ts'

type Results = {
  sends: SendsResult
  deliveries: DeliveriesResult
  pages: PagesResult
  authentications: AuthenticationsResult
}

export type Task = SendsTask | DeliveriesTask | PagesTask | AuthenticationsTask
export type ResultOf<T extends Task> = Results[T['kind']]

process.once('message', async (task: Task) => {
  try {
    process.send?.({ result: await run(task) })
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
  process.disconnect?.()
})

async function run(task: Task): Promise<ResultOf<Task>> {
  switch (task.kind) {
    case 'sends':
      return runSends(task)
    case 'deliveries':
      return runDeliveries(task)
    case 'pages':
      return runPages(task)
    case 'authentications': {
      // Loaded where it is needed: it brings a part of the server with it.
      const { runAuthentications } = await import('./authentications.ts')
      return runAuthentications(task)
    }
  }
}
