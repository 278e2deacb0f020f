import type { Claim } from './claim-inbound-webhooks.ts'
import type { Applier, Appliers } from './schema.ts'

/** Webhooks of one kind that are applied together, or one. */
export type Group = { applier: Applier; claims: Claim[] }

/**
 * Puts webhooks of kinds that are applied in batches together, others by themselves. What was tried before comes by itself,
 * so that it cannot spoil a batch again. Groups keep the order of their first webhooks; what nobody applies is apart.
 */
export function groupClaims(
  claims: readonly Claim[],
  { appliers, batchMax }: { appliers: Appliers; batchMax: number },
): { groups: Group[]; unknown: Claim[] } {
  const groups: Group[] = []
  const unknown: Claim[] = []
  const open = new Map<string, Group>()
  for (const claim of claims) {
    const applier = Object.hasOwn(appliers, claim.kind) ? appliers[claim.kind] : undefined
    if (applier === undefined) {
      unknown.push(claim)
      continue
    }
    const isAlone = typeof applier === 'function' || claim.number > 1
    const last = isAlone ? undefined : open.get(claim.kind)
    if (last !== undefined && last.claims.length < batchMax) {
      last.claims.push(claim)
      continue
    }
    const group = { applier, claims: [claim] }
    groups.push(group)
    if (!isAlone) open.set(claim.kind, group)
  }
  return { groups, unknown }
}
