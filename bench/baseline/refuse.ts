/** An error that Fastify answers with this status. */
export function refuse(statusCode: number, code: string): Error {
  return Object.assign(new Error(code), { statusCode, code })
}
