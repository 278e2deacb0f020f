import type { CpuProcesses } from './cpu.ts'
import { drive, type Measured, type Pace } from './drive.ts'
import { readHistories } from './history.ts'
import { encodeRequest } from './http-connection.ts'
import { type Conservation, composeText, Ledger } from './ledger.ts'

export type SendsTask = {
  kind: 'sends'
  port: number
  cpu: CpuProcesses
  pace: Pace
  /** Each sender with the channels it writes to, in turn. */
  senders: { token: string; channelIds: string[] }[]
}

export type SendsResult = { measured: Measured; conservation: Conservation; replyBytes: number }

const SEQUENCE = Buffer.from('"sequence":')

/** Sends messages, then reads every channel back and holds it against what was acknowledged. */
export async function runSends(task: SendsTask): Promise<SendsResult> {
  const ledger = new Ledger()
  const turns = new Array<number>(task.pace.lanes).fill(0)
  const current = new Array<number>(task.pace.lanes).fill(0)
  let replyBytes = 0
  const measured = await drive(
    {
      next(lane) {
        const number = ledger.send()
        current[lane] = number
        const { token, channelIds } = task.senders[lane % task.senders.length]!
        const channelId = channelIds[turns[lane]!++ % channelIds.length]!
        return encodeSend(channelId, token, number)
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
  const channels = task.senders.flatMap(({ token, channelIds }) => channelIds.map((id) => ({ id, token })))
  const unique = [...new Map(channels.map((channel) => [channel.id, channel])).values()]
  const conservation = ledger.check(await readHistories(task.port, unique))
  return { measured, conservation, replyBytes }
}

export function encodeSend(channelId: string, token: string, number: number): string {
  const body = `{"body":"${composeText(number)}"}`
  return encodeRequest({ method: 'POST', path: `/channels/${channelId}/messages`, token, body })
}

/** The message's sequence in a reply; undefined where the server gives none. */
export function readSequence(body: Buffer): number | undefined {
  const at = body.indexOf(SEQUENCE)
  if (at === -1) return undefined
  let sequence = 0
  for (let i = at + SEQUENCE.length; body[i]! >= 48 && body[i]! <= 57; i++) sequence = sequence * 10 + body[i]! - 48
  return sequence
}
