import { createHash } from 'node:crypto'
import type { Endpoint } from './endpoint.ts'

/** For a small machine that must lose nothing: durability as PostgreSQL ships it, memory and processes kept modest. */
const SETTINGS: Record<string, string> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '100',
  shared_buffers: '256MB',
  huge_pages: 'off',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  wal_compression: 'on',
  // A new segment of the write-ahead log that is first filled with zeros holds up every commit until its 16 MB are on
  // disk: measured, 53 ms each, and under load twice a second. Commits into one that is not are no slower.
  wal_init_zero: 'off',
  min_wal_size: '192MB',
  max_wal_size: '1GB',
  random_page_cost: '1.1',
  jit: 'off',
  // Data that fits in memory gains nothing from three more processes.
  io_method: 'sync',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // `log` ranks above errors: a refused statement is its caller's business, and its text may hold what people wrote.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  logging_collector: 'off',
}

export function serverArguments(cluster: string, endpoint: Endpoint, version: string): string[] {
  const settings = { ...SETTINGS, ...endpointSettings(endpoint), 'parlance.launch': launchId(version) }
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

/** Names the program and the settings a server runs with, so that one left behind by an older Parlance is not reused. */
export function launchId(version: string): string {
  return createHash('sha256')
    .update(JSON.stringify([version, SETTINGS]))
    .digest('hex')
    .slice(0, 16)
}

function endpointSettings({ host, port }: Endpoint): Record<string, string> {
  const isSocket = host.startsWith('/')
  return {
    port: String(port),
    listen_addresses: isSocket ? '' : host,
    // Quoted, because the setting is a list and a folder's name may hold a comma.
    unix_socket_directories: isSocket ? `"${host.replaceAll('"', '""')}"` : '',
    unix_socket_permissions: '0700',
  }
}

/** What PostgreSQL's programs get of our environment: none of our secrets, none of the PG… variables they would obey. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env
  return { PATH, SystemRoot, TEMP, TMP, LC_ALL: 'C', TZ: 'UTC' }
}
