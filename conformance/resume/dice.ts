/** A whole number from 0 up to below `sides`. */
export type Dice = (sides: number) => number

/** Numbers that are the same for the same seed. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

export function pick<T>(dice: Dice, from: readonly T[]): T {
  return from[dice(from.length)]!
}

export function shuffle<T>(dice: Dice, list: readonly T[]): T[] {
  const shuffled = [...list]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = dice(i + 1)
    const one = shuffled[i]!
    shuffled[i] = shuffled[j]!
    shuffled[j] = one
  }
  return shuffled
}
