// Rows that are remembered until an event says that they changed. Whoever asks for a row while it is being read shares
// the read; what was forgotten meanwhile is given to those who wait for it already, and not kept.

import { LRUCache } from 'lru-cache'

type Options<Row> = {
  /** Reads rows by their ids, all that exist. */
  load(ids: string[]): Promise<Map<string, Row>>
  rowsMax: number
}

export class Remembered<Row extends object> {
  readonly #load: Options<Row>['load']
  readonly #rows: LRUCache<string, Row>
  readonly #loading = new Map<string, Promise<Row | undefined>>()

  constructor({ load, rowsMax }: Options<Row>) {
    this.#load = load
    this.#rows = new LRUCache({ max: rowsMax })
  }

  /** What is remembered of it; undefined also where it would have to be read. */
  peek(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  async find(id: string): Promise<Row | undefined> {
    return this.#rows.get(id) ?? this.#loading.get(id) ?? this.#read([id]).get(id)
  }

  /** Those that exist, by their ids. */
  async findAll(ids: Iterable<string>): Promise<Map<string, Row>> {
    const wanted = [...new Set(ids)]
    const reads = this.#read(wanted.filter((id) => !this.#rows.has(id) && !this.#loading.has(id)))
    const found = new Map<string, Row>()
    for (const id of wanted) {
      const row = this.#rows.get(id) ?? (await (reads.get(id) ?? this.#loading.get(id)))
      if (row !== undefined) found.set(id, row)
    }
    return found
  }

  forget(id: string): void {
    this.#rows.delete(id)
    this.#loading.delete(id)
  }

  #read(ids: string[]): Map<string, Promise<Row | undefined>> {
    if (ids.length === 0) return new Map()
    const rows = this.#load(ids)
    return new Map(ids.map((id) => [id, this.#keep(id, rows)]))
  }

  #keep(id: string, rows: Promise<Map<string, Row>>): Promise<Row | undefined> {
    const read = rows.then((found) => {
      const row = found.get(id)
      if (row !== undefined && this.#loading.get(id) === read) this.#rows.set(id, row)
      return row
    })
    this.#loading.set(id, read)
    const end = () => {
      if (this.#loading.get(id) === read) this.#loading.delete(id)
    }
    read.then(end, end)
    return read
  }
}
