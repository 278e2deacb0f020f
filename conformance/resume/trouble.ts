import { type Dice, pick, shuffle } from './dice.ts'
import type { Follower } from './followers.ts'
import { type Run, untilEvents } from './run.ts'

export type Trouble = { drops: number; stops: number; kills: number; postgresKills: number; absences: number }

export type TroublePlan = {
  events: number
  stops: number
  kills: number
  postgresKills: number
  /** A connection is cut each time that so many events were seen. */
  eventsPerDrop: number
  /** How many stay away for most of the run, and how many come only in its middle. */
  absent: number
  late: number
}

type Mark = { at: number; act(): unknown }

/** Makes all the trouble of the plan, each when so many events were seen, until all of them were. */
export async function makeTrouble(run: Run, followers: Follower[], options: { plan: TroublePlan; dice: Dice }) {
  const trouble: Trouble = { drops: 0, stops: 0, kills: 0, postgresKills: 0, absences: 0 }
  const { plan, dice } = options
  const marks = [...crashes(run, trouble, options), ...absences(followers, trouble, options)]
  for (let at = plan.eventsPerDrop; at < plan.events; at += plan.eventsPerDrop) {
    marks.push({ at, act: () => drop(pick(dice, followers), trouble) })
  }
  for (const { at, act } of marks.sort((a, b) => a.at - b.at)) {
    await untilEvents(run, at)
    await act()
  }
  await untilEvents(run, plan.events)
  return trouble
}

function drop({ client }: Follower, trouble: Trouble) {
  client.drop()
  trouble.drops++
}

type Options = { plan: TroublePlan; dice: Dice }

/** Ends and restarts of the server and of PostgreSQL, evenly over the run and in any order. */
function crashes({ server }: Run, trouble: Trouble, { plan, dice }: Options): Mark[] {
  const stop = async () => {
    await server.stop()
    trouble.stops++
    await server.start()
  }
  const kill = async () => {
    await server.kill()
    trouble.kills++
    await server.start()
  }
  const killPostgres = async () => {
    await server.killPostgres()
    trouble.postgresKills++
  }
  const acts = shuffle(dice, [
    ...Array<typeof stop>(plan.stops).fill(stop),
    ...Array<typeof kill>(plan.kills).fill(kill),
    ...Array<typeof kill>(plan.postgresKills).fill(killPostgres),
  ])
  return acts.map((act, i) => ({ at: Math.round(((i + 1) * plan.events) / (acts.length + 1)), act }))
}

/** Some are away for most of the run, so that too much happens to be replayed to them; some come late. */
function absences(followers: Follower[], trouble: Trouble, { plan, dice }: Options): Mark[] {
  const marks: Mark[] = []
  const [absent, late] = splitOff(dice, followers, plan)
  for (const { client } of absent) {
    const away = plan.events * (0.05 + dice(10) / 100)
    const back = plan.events * (0.8 + dice(15) / 100)
    marks.push({ at: away, act: () => client.goAway() })
    marks.push({
      at: back,
      act: () => {
        client.comeBack()
        trouble.absences++
      },
    })
  }
  for (const { client } of late) marks.push({ at: plan.events * (0.3 + dice(40) / 100), act: () => client.connect() })
  return marks
}

/** Those who come late are the last ones, whom nobody has connected yet; the absent ones any of the others. */
function splitOff(dice: Dice, followers: Follower[], { absent, late }: TroublePlan): [Follower[], Follower[]] {
  const first = followers.slice(0, followers.length - late)
  return [shuffle(dice, first).slice(0, absent), followers.slice(followers.length - late)]
}
