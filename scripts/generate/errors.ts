import { ERRORS, type ErrorCode } from '../../server/src/core/errors.ts'
import { HTTP_ERRORS } from '../../server/src/http/http-error.ts'
import { DIALECTS } from './dialects.ts'
import { markdownTable } from './markdown-table.ts'

const INTRODUCTION = `# Errors

Every failure that a caller can see. The core names it by a code of a kind; each dialect translates it into a status and
its own shape. A dialect's column shows the status, and the code where the dialect has another word for it.
`

const REQUESTS = `
## Before any operation

A request that cannot be understood has the same status in every dialect.
`

export async function generateErrors(): Promise<string> {
  const codes = Object.keys(ERRORS) as ErrorCode[]
  const rows = codes.map((code) => [
    `\`${code}\``,
    ERRORS[code].kind,
    ERRORS[code].message,
    ...DIALECTS.map((dialect) => presented(code, dialect.present(code))),
  ])
  const header = ['Code', 'Kind', 'Message', ...DIALECTS.map((dialect) => dialect.name)]
  const requestRows = Object.entries(HTTP_ERRORS).map(([code, { status, message }]) => [
    `\`${code}\``,
    String(status),
    message,
  ])
  const requests = markdownTable(['Code', 'Status', 'Message'], requestRows)
  return `${INTRODUCTION}\n${markdownTable(header, rows)}${REQUESTS}\n${requests}`
}

function presented(code: string, wire: { status: number; code: string }): string {
  return wire.code === code ? String(wire.status) : `${wire.status} \`${wire.code}\``
}
