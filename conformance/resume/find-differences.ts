/** Where two plain values differ, as `path: one, other`; at most ten places. */
export function findDifferences(one: unknown, other: unknown): string[] {
  const found: string[] = []
  walk(one, other, '', found)
  return found
}

const DIFFERENCES_MAX = 10

function walk(one: unknown, other: unknown, path: string, found: string[]): void {
  if (found.length >= DIFFERENCES_MAX || one === other) return
  if (!isObject(one) || !isObject(other)) {
    found.push(`${path}: ${shorten(one)}, ${shorten(other)}`)
    return
  }
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    walk(one[key], other[key], `${path}/${key}`, found)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function shorten(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 300)
}
