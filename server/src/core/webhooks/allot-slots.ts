import type { ClaimRequest, DueEndpoint } from './claim-deliveries.ts'

export type Slots = {
  /** Free for endpoints that answer well. */
  quick: number
  /** Free for endpoints that failed or were slow the last time: their attempts may take all of their time. */
  slow: number
}

type Allotment = { due: DueEndpoint[]; slots: Slots; perEndpoint: number; isSlow(endpointId: string): boolean }

/** One at a time finds out whether an endpoint is well again, without holding many for as long as it is not. */
const PER_SLOW_ENDPOINT = 1

/**
 * How many attempts each endpoint may begin: the slots of a lane go round one by one, so that an endpoint with much to
 * send leaves room for those with little.
 */
export function allotSlots({ due, slots, perEndpoint, isSlow }: Allotment): ClaimRequest[] {
  const lane = (endpoints: DueEndpoint[], free: number, limit: number) => goRound(endpoints, free, limit)
  return [
    ...lane(
      due.filter(({ endpointId }) => !isSlow(endpointId)),
      slots.quick,
      perEndpoint,
    ),
    ...lane(
      due.filter(({ endpointId }) => isSlow(endpointId)),
      slots.slow,
      Math.min(PER_SLOW_ENDPOINT, perEndpoint),
    ),
  ]
}

function goRound(endpoints: DueEndpoint[], free: number, limit: number): ClaimRequest[] {
  const requests = endpoints.map(({ endpointId }) => ({ endpointId, deliveries: 0 }))
  let left = free
  for (let round = 1; round <= limit && left > 0; round++) {
    for (const [i, { inFlight }] of endpoints.entries()) {
      if (left === 0) break
      if (inFlight + round > limit) continue
      requests[i]!.deliveries++
      left--
    }
  }
  return requests.filter(({ deliveries }) => deliveries > 0)
}
