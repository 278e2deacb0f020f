import type { Dialect, Place } from './dialect.ts'
import { HttpConnection } from './http-connection.ts'
import type { HistoryRow } from './ledger.ts'

/** Reads whole channels back through the API, each oldest first. */
export async function readHistories(dialect: Dialect, port: number, places: Place[]): Promise<HistoryRow[][]> {
  const histories = new Array<HistoryRow[]>(places.length)
  let next = 0
  const readMany = async () => {
    const connection = await HttpConnection.open(port)
    while (next < places.length) {
      const at = next++
      histories[at] = await dialect.readHistory(connection, places[at]!)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: Math.min(16, places.length) }, readMany))
  return histories
}
