import { type Comparison, type LatencyRow, median, type Sample, SIDES, type SideName } from '../scenarios/bench.ts'
import { PARLANCE_SETTINGS } from '../stage/targets.ts'
import type { Machine } from './machine.ts'

export type Report = {
  startedAt: string
  seconds: number
  machine: Machine
  fileSystem: string
  postgres: Record<string, string>
  plan: { rounds: number; warmUpMs: number; measureMs: number }
  comparisons: Comparison[]
  latencies: LatencyRow[]
}

/** The ratio of one comparison: the median over its rounds, with the smallest and the largest. */
export function ratioOf({ rounds }: Comparison): { median: number; min: number; max: number } {
  const ratios = rounds.map((round) => round.measured.perSecond / round.reference.perSecond)
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }
}

export function presentReport(report: Report): string {
  return `# Results

Made by \`npm run bench\`; [README.md](README.md) says how to read it. A ratio is that of the right side to the left one: of Parlance to the baseline, and where the
heads of the columns say so, of one part of Parlance to another.
${presentWarning(report.machine)}
${presentComparisons(report.comparisons)}

Each number is the median over the rounds, and in brackets the smallest and the largest.

## Processor time and bytes

${presentCosts(report.comparisons)}

Processor time is that of user and system, per operation, in microseconds; the client's is the load generator's own.

${presentLatencies(report.latencies)}## Checks

${presentChecks(report)}

## Machine and settings

${presentSettings(report)}
`
}

function presentWarning({ load, cores }: Machine): string {
  const [lastMinute = ''] = load.split(' ')
  if (!(Number(lastMinute) > Number(cores) / 2)) return ''
  return `\n**The machine was busy with other work** (load ${lastMinute} on ${cores} cores when it began): these numbers are not to be relied on.\n`
}

/** A table for each pair of sides. */
export function presentComparisons(comparisons: Comparison[]): string {
  const pairs = Map.groupBy(comparisons, ({ sides }) => SIDES.map((name) => capitalise(sides[name])).join('|'))
  const tables = [...pairs].map(([names, ones]) => {
    return table(['Work', 'Unit', ...names.split('|'), 'Ratio', 'Aim', 'Reached'], ones.map(presentComparison))
  })
  return tables.join('\n\n')
}

function presentComparison(one: Comparison): string[] {
  const ratio = ratioOf(one)
  const spread = `${ratio.median.toFixed(2)}× (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`
  return [one.title, one.unit, spreadOf(one, 'reference'), spreadOf(one, 'measured'), spread, ...presentVerdict(one)]
}

function presentVerdict(one: Comparison): [aim: string, reached: string] {
  const { aim } = one
  if (aim === null) return ['', '']
  if ('ratioMin' in aim) return [`${aim.ratioMin}×`, ratioOf(one).median >= aim.ratioMin ? 'yes' : 'no']
  const serverUs = median(one.rounds.map(({ measured }) => measured.cpu.serverUs))
  return [
    `at most ${aim.serverUsMax} µs of processor`,
    serverUs <= aim.serverUsMax ? `yes, ${serverUs.toFixed(1)} µs` : `no, ${serverUs.toFixed(1)} µs`,
  ]
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function spreadOf({ rounds }: Comparison, name: SideName): string {
  const values = rounds.map((round) => round[name].perSecond)
  return `${count(median(values))} (${count(Math.min(...values))}–${count(Math.max(...values))})`
}

function presentCosts(comparisons: Comparison[]): string {
  const rows = comparisons.flatMap((one) =>
    SIDES.map((name) => {
      const show = (of: (sample: Sample) => number | undefined, present: (value: number) => string) => {
        const values = one.rounds.map((round) => of(round[name])).filter((value) => value !== undefined)
        return values.length === 0 ? '' : present(median(values))
      }
      return [
        one.title,
        one.sides[name],
        ...(['serverUs', 'databaseUs', 'clientUs'] as const).map((part) => show(({ cpu }) => cpu[part], microseconds)),
        ...(['p50', 'p99'] as const).map((part) => show(({ latencyUs }) => latencyUs?.[part], milliseconds)),
        show(({ bytes }) => bytes, count),
      ]
    }),
  )
  return table(['Work', 'Of', 'Server', 'Database', 'Client', 'p50, ms', 'p99, ms', 'Bytes'], rows)
}

function presentLatencies(latencies: LatencyRow[]): string {
  if (latencies.length === 0) return ''
  const rows = latencies.map(({ title, target, load, ratePerS, sample }) => {
    const { latencyUs } = sample
    const quantiles = latencyUs && (['p50', 'p90', 'p99', 'p999', 'max'] as const).map((part) => latencyUs[part])
    return [title, target, load, count(ratePerS), count(sample.perSecond), ...(quantiles ?? []).map(milliseconds)]
  })
  const head = ['Work', 'Of', 'Load', 'Due/s', 'Done/s', 'p50', 'p90', 'p99', 'p99.9', 'Max']
  return `## Latency in an open loop\n\nMilliseconds, counted from the moment a request was due.\n\n${table(head, rows)}\n\n`
}

function presentChecks({ comparisons, latencies }: Report): string {
  const faults = [
    ...comparisons.flatMap((one) =>
      one.rounds.flatMap((round) =>
        SIDES.map((name) => ({ title: `${one.title}, ${one.sides[name]}`, fault: round[name].fault })),
      ),
    ),
    ...latencies.map(({ title, target, load, sample }) => ({
      title: `${title}, ${target}, ${load}`,
      fault: sample.fault,
    })),
  ]
  const found = faults.filter(({ fault }) => fault !== undefined)
  if (found.length > 0) return found.map(({ title, fault }) => `- ${title}: ${fault}`).join('\n')
  return `All ${faults.length} phases passed: every acknowledged message stands in the history exactly once, Parlance's sequences have no hole, every subscriber got every message exactly once, and every page was the right one.`
}

function presentSettings({ startedAt, seconds, machine, fileSystem, postgres, plan }: Report): string {
  const { node, revision, load, ...hardware } = machine
  const rows = [
    ['Begun', `${startedAt}, took ${Math.round(seconds)} s`],
    ['Revision', revision],
    ...Object.entries(hardware).map(([name, value]) => [name, value]),
    ['load at the start (1, 5, 15 minutes)', load],
    ['Node.js', node],
    [
      'PostgreSQL',
      Object.entries(postgres)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    ["Database's file system", fileSystem],
    ['Rounds', `${plan.rounds}, each ${plan.warmUpMs / 1000} s of warm-up and ${plan.measureMs / 1000} s measured`],
    [
      'Parlance beyond its defaults',
      Object.entries(PARLANCE_SETTINGS)
        .map((pair) => pair.join('='))
        .join(' '),
    ],
  ]
  return table(['', ''], rows)
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function microseconds(value: number): string {
  return value.toFixed(1)
}

function milliseconds(valueUs: number): string {
  return (valueUs / 1000).toFixed(valueUs < 10_000 ? 2 : 1)
}
