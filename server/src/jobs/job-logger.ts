import type { Logger as WorkerLogger } from 'graphile-worker'
import type { Logger } from '../platform/log.ts'

/** Our log in the shape that graphile-worker writes to. What it calls info is routine to us: each job's start and end. */
export async function createJobLogger(log: Logger): Promise<WorkerLogger> {
  const { Logger: WorkerLogger } = await import('graphile-worker')
  return new WorkerLogger((scope) => (level, message, meta) => {
    const fields = { task: scope.taskIdentifier, job_id: scope.jobId, ...(meta?.error ? { err: meta.error } : {}) }
    if (level === 'error') log.error(fields, message)
    else if (level === 'warning') log.warn(fields, message)
    else log.debug(fields, message)
  })
}
