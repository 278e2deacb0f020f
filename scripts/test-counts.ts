import type { TestEvent } from 'node:test/reporters'

/** A reporter for node's test runner that says one thing, at the end: how many tests there were, as JSON. */
export default async function* testCounts(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // With a file it is that file's own summary.
    if (event.type === 'test:summary' && event.data.file === undefined) yield JSON.stringify(event.data.counts)
  }
}
