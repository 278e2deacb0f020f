import type { Binaries } from './binaries.ts'
import type { ClusterHome } from './cluster-home.ts'
import { connect, removeEndpoint } from './endpoint.ts'
import {
  clearRemains,
  findClusterProcesses,
  findPostmaster,
  isAlive,
  type Postmaster,
  stopPostmaster,
  waitUntil,
} from './postmaster.ts'
import { launchId } from './settings.ts'

// A server left behind in the middle of its own recovery or shutdown is given the time to finish.
const SETTLE_TIMEOUT_MS = 120_000
const SESSION_END_TIMEOUT_MS = 5_000

/**
 * Takes over the server that an earlier Parlance left behind when it was killed. Whatever cannot be used is ended and
 * cleared away, so that afterwards there is either a server to use or room for a new one. The caller holds the lock of
 * the data folder: no living Parlance works on this cluster.
 */
export async function adoptPostmaster(
  home: ClusterHome,
  binaries: Binaries,
  password: string,
): Promise<Postmaster | undefined> {
  const left = await findPostmaster(home.cluster)
  if (!left) return undefined
  const processes = await findClusterProcesses(home.cluster, left.pid)
  if (!processes.includes(left.pid)) {
    await clearRemains(home.cluster, processes)
  } else if (await isUsable({ left, home, binaries, password })) {
    return left
  } else {
    await stopPostmaster(left.pid, home.cluster, binaries)
  }
  await removeEndpoint(left.endpoint)
  return undefined
}

interface Candidate {
  left: Postmaster
  home: ClusterHome
  binaries: Binaries
  password: string
}

async function isUsable({ left, home, binaries, password }: Candidate): Promise<boolean> {
  let status: string | undefined
  const isSettled = async () => {
    status = (await findPostmaster(home.cluster))?.status
    return status === 'ready' || status === undefined || !isAlive(left.pid)
  }
  await waitUntil(isSettled, SETTLE_TIMEOUT_MS)
  if (status !== 'ready') return false
  const client = await connect(left.endpoint, password, 'template1').catch(() => undefined)
  if (!client) return false
  try {
    const { rows } = await client.query("select current_setting('parlance.launch', true) as launch")
    if (rows[0]?.launch !== launchId(binaries.version)) return false
    // The killed server's sessions may still run a statement; nothing of theirs may commit behind the new server's back.
    await client.query(
      "select pg_terminate_backend(pid, $1) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
      [SESSION_END_TIMEOUT_MS],
    )
    return true
  } catch {
    return false
  } finally {
    await client.end()
  }
}
