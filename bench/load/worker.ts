// The load generator's own process: it takes one task, answers with its result, and ends.

import { type DeliveriesResult, type DeliveriesTask, runDeliveries } from './deliveries.ts'
import { type PagesResult, type PagesTask, runPages } from './pages.ts'
import { runSends, type SendsResult, type SendsTask } from './sends.ts'

export type Task = SendsTask | DeliveriesTask | PagesTask
export type ResultOf<T extends Task> = T extends SendsTask
  ? SendsResult
  : T extends DeliveriesTask
    ? DeliveriesResult
    : PagesResult

process.once('message', async (task: Task) => {
  try {
    process.send?.({ result: await run(task) })
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
  process.disconnect?.()
})

function run(task: Task): Promise<SendsResult | DeliveriesResult | PagesResult> {
  if (task.kind === 'sends') return runSends(task)
  return task.kind === 'deliveries' ? runDeliveries(task) : runPages(task)
}
