/** Rows in one statement: its locks and its time stay short. */
export const REMOVE_BATCH_ROWS = 1_000

// What one run leaves, the next one takes.
const BATCHES_MAX = 500

/** Repeats a delete of at most a batch until there is less to do, or the run has done enough. */
export async function removeInBatches(removeBatch: () => Promise<bigint | number>): Promise<number> {
  let removed = 0
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const rows = Number(await removeBatch())
    removed += rows
    if (rows < REMOVE_BATCH_ROWS) break
  }
  return removed
}
