import { isUniqueViolation } from '../../platform/database/errors.ts'
import { AppError, invalidField } from '../errors.ts'
import { parseName } from '../name.ts'

const USERNAME = /^[a-z0-9](?:[a-z0-9_.-]{1,30})[a-z0-9]$/i
// What `@` and a path mean already.
const RESERVED_USERNAMES = new Set(['channel', 'here', 'me'])
const NAME_CHARACTERS_MAX = 100
const PASSWORD_CHARACTERS_MIN = 8
const PASSWORD_CHARACTERS_MAX = 256

export function parseUsername(text: string): string {
  const username = text.trim()
  if (!USERNAME.test(username)) {
    throw invalidField(
      'username',
      'must have 3 to 32 letters (a-z), digits or _ . - and begin and end with a letter or digit',
    )
  }
  if (RESERVED_USERNAMES.has(username.toLowerCase())) throw invalidField('username', 'is reserved: choose another')
  return username
}

export function parsePersonName(text: string): string {
  return parseName(text, { field: 'name', charactersMax: NAME_CHARACTERS_MAX })
}

/** A new password: any characters, each of which counts. */
export function parsePassword(text: string): string {
  if (!text.isWellFormed()) {
    throw invalidField('password', 'contains half of a surrogate pair: send well-formed Unicode')
  }
  const { length } = [...text]
  if (length < PASSWORD_CHARACTERS_MIN || length > PASSWORD_CHARACTERS_MAX) {
    throw invalidField('password', `must have ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters`)
  }
  return text
}

/** Says in the domain's words that a write was refused because somebody else has the username or the email. */
export async function refuseTaken<T>(written: Promise<T>): Promise<T> {
  try {
    return await written
  } catch (error) {
    if (isUniqueViolation(error, 'users_username_key')) throw new AppError('username_taken', 'username')
    if (isUniqueViolation(error, 'users_email_key')) throw new AppError('email_taken', 'email')
    throw error
  }
}
