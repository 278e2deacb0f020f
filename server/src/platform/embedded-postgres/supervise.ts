import { removeEndpoint, renewEndpoint } from './endpoint.ts'
import { type Launch, launchPostmaster } from './launch-postmaster.ts'
import { boundLog } from './log-file.ts'
import { clearRemains, findClusterProcesses, isAlive, requestStop, stopPostmaster } from './postmaster.ts'

interface Supervision {
  launch: Launch
  pid: number
  log: (line: string) => void
}

const LIFE_CHECK_MS = 250
const RETRY_MS = 5_000
const LOG_CHECK_MS = 60_000

/** Starts PostgreSQL again, at the same address, when it ends without being asked to: killed, or out of memory. */
export function supervise({ launch, pid: firstPid, log }: Supervision): { stop(): Promise<void>; abandon(): void } {
  const { home, binaries, endpoint, logFile } = launch
  let pid = firstPid
  let restart: Promise<void> | undefined
  let nextTryAt = 0
  let isEnding = false

  const lifeTimer = setInterval(() => {
    if (restart || isAlive(pid) || performance.now() < nextTryAt) return
    restart = startAgain().finally(() => {
      restart = undefined
    })
  }, LIFE_CHECK_MS)
  const logTimer = setInterval(() => void boundLog(logFile).catch(() => undefined), LOG_CHECK_MS)
  lifeTimer.unref()
  logTimer.unref()

  async function startAgain(): Promise<void> {
    log('PostgreSQL ended unexpectedly: starting it again.')
    try {
      await clearRemains(home.cluster, await findClusterProcesses(home.cluster, pid))
      await renewEndpoint(endpoint, home.user)
      pid = await launchPostmaster(launch)
      log('PostgreSQL runs again.')
    } catch (error) {
      nextTryAt = performance.now() + RETRY_MS
      log(error instanceof Error ? error.message : String(error))
    }
  }

  function endSupervision(): void {
    clearInterval(lifeTimer)
    clearInterval(logTimer)
  }

  return {
    async stop() {
      endSupervision()
      isEnding = true
      await restart
      await stopPostmaster(pid, home.cluster, binaries)
      await removeEndpoint(endpoint)
    },
    abandon() {
      endSupervision()
      if (!isEnding) requestStop(pid, home.cluster, binaries)
    },
  }
}
