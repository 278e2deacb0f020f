import type { NamedMessage } from '../../core/contact-conversations/schema.ts'
import type { Core } from '../../core/context.ts'
import type { ErrorCode, FieldProblems } from '../../core/errors.ts'
import { presentFailure } from './errors.ts'
import { presentConversation } from './present.ts'
import { presentMessage } from './present-message.ts'

type Refusal = { code: ErrorCode; message: string; param: string | null; fields: FieldProblems | null }

/** This dialect's objects as its socket shows them: those of its routes. */
export function createSocketObjects({ ports }: Core) {
  return {
    message: ({ contactName, ...message }: NamedMessage) =>
      presentMessage(message, { contactName, files: ports.files }),
    conversation: presentConversation,
    failure: ({ code, message, param, fields }: Refusal) => {
      const failure = { code, message, param: param ?? undefined, fields: fields ?? undefined }
      const { error } = presentFailure({ ...failure, kind: undefined, status: undefined, headers: {} })
      return { message, ...error }
    },
  }
}
