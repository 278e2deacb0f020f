import { isUniqueViolation } from '../../platform/database/errors.ts'
import { AppError, invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import { parseName } from '../name.ts'

const NAME_CHARACTERS_MAX = 80
const DESCRIPTION_CHARACTERS_MAX = 1_000

/** Reads a channel's name, which may be written with its `#`. */
export function parseChannelName(text: string): string {
  return parseName(text.trim().replace(/^#+/, ''), { field: 'name', charactersMax: NAME_CHARACTERS_MAX })
}

/** Reads a channel's description; an empty one is none. */
export function parseDescription(text: string | null): string | null {
  const description = text?.trim()
  if (!description) return null
  requireStorableText(description, 'description')
  if ([...description].length > DESCRIPTION_CHARACTERS_MAX) {
    throw invalidField('description', `must have at most ${DESCRIPTION_CHARACTERS_MAX} characters`)
  }
  return description
}

/** Says in the domain's words that a write was refused because the workspace has a channel with the name. */
export async function refuseTakenName<T>(written: Promise<T>): Promise<T> {
  try {
    return await written
  } catch (error) {
    if (isUniqueViolation(error, 'conversations_name_key')) throw new AppError('channel_name_taken', 'name')
    throw error
  }
}
