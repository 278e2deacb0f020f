import { readdirSync, readFileSync } from 'node:fs'

/** Microseconds of processor time since the processes began: user and system, threads included. */
export type CpuSample = { serverUs: number; databaseUs: number; clientUs: number }

export type CpuProcesses = { serverPid: number; postmasterPid: number }

// Linux counts in ticks of 1/100 s, whatever the kernel's own clock.
const TICK_US = 10_000

export function sampleCpu({ serverPid, postmasterPid }: CpuProcesses): CpuSample {
  const { user, system } = process.cpuUsage()
  return { serverUs: readServer(serverPid), databaseUs: readDatabase(postmasterPid), clientUs: user + system }
}

export function subtractCpu(end: CpuSample, start: CpuSample): CpuSample {
  return {
    serverUs: end.serverUs - start.serverUs,
    databaseUs: end.databaseUs - start.databaseUs,
    clientUs: end.clientUs - start.clientUs,
  }
}

function readServer(pid: number): number {
  const stat = readStat(String(pid))
  return stat ? (stat.user + stat.system) * TICK_US : Number.NaN
}

/** All of PostgreSQL: its first process, that one's living children, and the children that have ended. */
function readDatabase(postmasterPid: number): number {
  const first = readStat(String(postmasterPid))
  if (!first) return Number.NaN
  let ticks = first.user + first.system + first.endedChildren
  for (const name of readdirSync('/proc')) {
    if (name.charCodeAt(0) > 57) continue
    const stat = readStat(name)
    if (stat?.parentPid === postmasterPid) ticks += stat.user + stat.system
  }
  return ticks * TICK_US
}

function readStat(pid: string) {
  let line: string
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The second field, the program's name, may hold spaces and brackets.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [parentPid, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((i) => Number(fields[i]))
  return { parentPid, user: user!, system: system!, endedChildren: endedUser! + endedSystem! }
}

/** The process that a database session's process belongs to. */
export function readParentPid(pid: number): number | undefined {
  return readStat(String(pid))?.parentPid
}
