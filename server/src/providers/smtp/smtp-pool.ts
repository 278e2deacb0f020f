// Connections to one mail server. Ownership: the pool opens and closes them; whoever took one gives it back or drops it.
// At most `connectionsMax` are open; who comes then waits in line. An idle one is closed after a while, and a used-up one is
// not given out again. `close` ends all and refuses who waits.

import { createSmtpConnection, type SmtpConnection, type SmtpConnectionOptions } from './smtp-connection.ts'

export type SmtpPoolOptions = SmtpConnectionOptions & {
  connectionsMax: number
  idleMs: number
}

export type Lease = {
  connection: SmtpConnection
  /** Whether it has carried a message before, so that the server may have given it up meanwhile. */
  isReused: boolean
  giveBack(): void
  drop(): void
}

export type SmtpPool = {
  /** Fails where no connection can be made, where the signal breaks off, and where too many wait. */
  take(signal: AbortSignal, fresh?: boolean): Promise<Lease>
  close(): void
}

type Slot = { connection: SmtpConnection; carried: number; timer?: NodeJS.Timeout }

const MESSAGES_MAX = 100
const WAITING_MAX = 1_000

export function createSmtpPool(options: SmtpPoolOptions): SmtpPool {
  const idle: Slot[] = []
  const inUse = new Set<SmtpConnection>()
  const waiting = new Set<() => void>()
  let places = options.connectionsMax
  let isClosed = false

  const takePlace = async (signal: AbortSignal) => {
    if (isClosed) throw new Error('the pool is closed')
    if (places > 0) {
      places -= 1
      return
    }
    if (waiting.size >= WAITING_MAX) throw new Error('too many wait')
    // Whoever leaves hands the place on, so that nobody who comes later is first.
    await waitForTurn(waiting, signal)
  }
  const leavePlace = () => {
    const [next] = waiting
    if (next === undefined) places += 1
    else {
      waiting.delete(next)
      next()
    }
  }
  const lend = (slot: Slot): Lease => {
    inUse.add(slot.connection)
    let isOver = false
    const finish = (isGood: boolean) => {
      if (isOver) return
      isOver = true
      inUse.delete(slot.connection)
      slot.carried += 1
      if (isGood && slot.carried < MESSAGES_MAX && !isClosed && slot.connection.isOpen()) park(slot)
      else slot.connection.close()
      leavePlace()
    }
    return {
      connection: slot.connection,
      isReused: slot.carried > 0,
      giveBack: () => finish(true),
      drop: () => finish(false),
    }
  }
  const park = (slot: Slot) => {
    slot.timer = setTimeout(() => {
      idle.splice(idle.indexOf(slot), 1)
      slot.connection.close()
    }, options.idleMs)
    slot.timer.unref()
    idle.push(slot)
  }
  const takeIdle = (): Slot | undefined => {
    for (let slot = idle.pop(); slot !== undefined; slot = idle.pop()) {
      clearTimeout(slot.timer)
      if (slot.connection.isOpen()) return slot
    }
    return undefined
  }
  return {
    async take(signal, fresh = false) {
      await takePlace(signal)
      try {
        const parked = takeIdle()
        if (parked !== undefined && !fresh) return lend(parked)
        // One that is to be fresh takes the place of one that is parked: never more than so many are open.
        parked?.connection.close()
        const connection = createSmtpConnection(options)
        inUse.add(connection)
        await connection.open(signal).catch((error) => {
          inUse.delete(connection)
          connection.close()
          throw error
        })
        return lend({ connection, carried: 0 })
      } catch (error) {
        leavePlace()
        throw error
      }
    },
    close() {
      isClosed = true
      for (const { connection, timer } of idle.splice(0)) {
        clearTimeout(timer)
        connection.close()
      }
      for (const connection of inUse) connection.close()
    },
  }
}

function waitForTurn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(turn)
      reject(signal.reason)
    }
    const turn = () => {
      signal.removeEventListener('abort', leave)
      resolve()
    }
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    waiting.add(turn)
  })
}
