import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'

/** What a number is worth depends on this. */
export type Machine = Record<'processor' | 'cores' | 'memory' | 'system' | 'node' | 'revision' | 'load', string>

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: String(availableParallelism()),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${arch()}, kernel ${release()}`,
    node: process.version,
    revision: readRevision(),
    load: readLoad(),
  }
}

/** The file system under a folder, as /proc/mounts names it: on one in memory, fsync costs nothing. */
export function describeFileSystem(folder: string): string {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
    const found = mounts
      .map((line) => line.split(' '))
      .filter(([, point]) => point !== undefined && `${folder}/`.startsWith(point === '/' ? '/' : `${point}/`))
      .toSorted((a, b) => b[1]!.length - a[1]!.length)[0]
    return found?.[2] ?? 'unknown'
  } catch {
    return 'unknown'
  }
}

function readRevision(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).trim()
    const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', '..', '../../server') !== ''
    return git('rev-parse', '--short=12', 'HEAD') + (isChanged ? ' with changes' : '')
  } catch {
    return 'unknown'
  }
}

function readLoad(): string {
  try {
    return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ')
  } catch {
    return 'unknown'
  }
}
