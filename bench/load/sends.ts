import type { CpuProcesses } from './cpu.ts'
import { customerMessaging } from './customer-messaging.ts'
import type { Dialect, Sender } from './dialect.ts'
import { drive, type Measured, type Pace } from './drive.ts'
import { readHistories } from './history.ts'
import { type Conservation, Ledger } from './ledger.ts'
import { teamChat } from './team-chat.ts'

export type SendsTask = {
  kind: 'sends'
  port: number
  cpu: CpuProcesses
  pace: Pace
  dialect: DialectName
  senders: Sender[]
}

export type SendsResult = { measured: Measured; conservation: Conservation; replyBytes: number }

const DIALECTS = { 'team-chat': teamChat, 'customer-messaging': customerMessaging } satisfies Record<string, Dialect>
export type DialectName = keyof typeof DIALECTS

const SEQUENCE = Buffer.from('"sequence":')

/** Sends messages, then reads every channel back and holds it against what was acknowledged. */
export async function runSends(task: SendsTask): Promise<SendsResult> {
  const dialect = DIALECTS[task.dialect]
  const ledger = new Ledger()
  const turns = new Array<number>(task.pace.lanes).fill(0)
  const current = new Array<number>(task.pace.lanes).fill(0)
  let replyBytes = 0
  const measured = await drive(
    {
      next(lane) {
        const number = ledger.send()
        current[lane] = number
        const sender = task.senders[lane % task.senders.length]!
        const channelId = sender.channelIds[turns[lane]!++ % sender.channelIds.length]!
        return dialect.encodeSend(sender, channelId, number)
      },
      settle(lane, status, body) {
        if (status !== 201) return false
        replyBytes = body.length
        ledger.acknowledge(current[lane]!, readSequence(body))
        return true
      },
    },
    task,
  )
  const places = task.senders.flatMap(({ channelIds, token, publicKey }) =>
    channelIds.map((channelId) => ({ channelId, token, publicKey })),
  )
  const unique = [...new Map(places.map((place) => [place.channelId, place])).values()]
  const conservation = ledger.check(await readHistories(dialect, task.port, unique))
  return { measured, conservation, replyBytes }
}

/** The message's sequence in a reply; undefined where the server gives none. */
export function readSequence(body: Buffer): number | undefined {
  const at = body.indexOf(SEQUENCE)
  if (at === -1) return undefined
  let sequence = 0
  for (let i = at + SEQUENCE.length; body[i]! >= 48 && body[i]! <= 57; i++) sequence = sequence * 10 + body[i]! - 48
  return sequence
}
