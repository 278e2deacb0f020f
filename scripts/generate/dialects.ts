import type { ErrorCode } from '../../server/src/core/errors.ts'
import { ERRORS } from '../../server/src/core/errors.ts'
import * as customerMessaging from '../../server/src/dialects/customer-messaging/errors.ts'
import * as inbox from '../../server/src/dialects/inbox/errors.ts'
import * as teamChat from '../../server/src/dialects/team-chat/errors.ts'
import type { Failure } from '../../server/src/http/failure.ts'

export type DialectErrors = {
  name: string
  /** What a caller of this dialect sees of an error. */
  present(code: ErrorCode): { status: number; code: string }
}

type ErrorModule = {
  statusOf(failure: Failure): number
  presentFailure(failure: Failure): { error: { code: string } }
}

export const DIALECTS: DialectErrors[] = [
  dialectErrors('team-chat', teamChat),
  dialectErrors('customer-messaging', customerMessaging),
  dialectErrors('inbox', inbox),
]

function dialectErrors(name: string, { statusOf, presentFailure }: ErrorModule): DialectErrors {
  return {
    name,
    present(code) {
      const { kind, message } = ERRORS[code]
      const failure = { code, kind, message, status: undefined, headers: {} }
      return { status: statusOf(failure), code: presentFailure(failure).error.code }
    },
  }
}
