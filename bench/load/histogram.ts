// Log-linear buckets, as in HdrHistogram: every value up to 2^31 is kept to within 1/128 of itself.

const SUB_BITS = 7
const SUB_BUCKETS = 2 ** SUB_BITS
const VALUE_MAX = 2 ** 31 - 1
const BUCKETS = (30 - SUB_BITS) * SUB_BUCKETS + 2 * SUB_BUCKETS

export type Quantiles = {
  count: number
  mean: number
  p50: number
  p90: number
  p99: number
  p999: number
  max: number
}

/** Counts whole numbers, here microseconds, in constant space. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  add(value: number, times = 1): void {
    const bounded = value < 0 ? 0 : value > VALUE_MAX ? VALUE_MAX : Math.round(value)
    this.#counts[bucketOf(bounded)]! += times
    this.#count += times
    this.#sum += bounded * times
    if (bounded > this.#max) this.#max = bounded
  }

  /** The smallest value that at least this share (0–1) of the values does not exceed, rounded up to its bucket's end. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!
      if (seen >= wanted) return Math.min(highestOf(bucket), this.#max)
    }
    return this.#max
  }

  quantiles(): Quantiles {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.#max,
    }
  }
}

function bucketOf(value: number): number {
  if (value < 2 * SUB_BUCKETS) return value
  const shift = 31 - Math.clz32(value) - SUB_BITS
  return shift * SUB_BUCKETS + (value >>> shift)
}

function highestOf(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1
  return ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) * 2 ** shift - 1
}
