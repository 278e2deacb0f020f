import type { ErrorCode } from '../../server/src/core/errors.ts'
import { ERRORS } from '../../server/src/core/errors.ts'
import * as teamChat from '../../server/src/dialects/team-chat/errors.ts'

export type DialectErrors = {
  name: string
  /** What a caller of this dialect sees of an error. */
  present(code: ErrorCode): { status: number; code: string }
}

export const DIALECTS: DialectErrors[] = [
  {
    name: 'team-chat',
    present(code) {
      const { kind, message } = ERRORS[code]
      const failure = { code, kind, message, status: undefined, headers: {} }
      return { status: teamChat.statusOf(failure), code: teamChat.presentFailure(failure).error.code }
    },
  },
]
