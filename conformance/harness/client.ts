// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.

export type Answer = { status: number; body: any; headers: Headers }

export type Call = {
  token?: string | undefined
  headers?: Record<string, string>
  body?: unknown
  signal?: AbortSignal
}

/** One request of the API as a client would make it, JSON in and out. */
export async function call(baseUrl: string, method: string, path: string, options: Call = {}): Promise<Answer> {
  const { token, headers = {}, body, signal } = options
  const answer = await fetch(new URL(path, baseUrl), {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  const text = await answer.text()
  requireContentType(answer, text)
  return { status: answer.status, body: parseBody(text), headers: answer.headers }
}

/** A body says what it is, whatever the route: clients decide by it whether to read it as JSON. */
function requireContentType({ headers, url, status }: Response, text: string): void {
  const type = headers.get('content-type')
  const isRight = /^[{[]/.test(text) ? type === 'application/json; charset=utf-8' : type !== null
  if (text !== '' && !isRight) {
    throw new Error(`${url} was answered with ${status} and a body of ${text.length} characters as ${type}`)
  }
}

function parseBody(text: string): any {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export type Person = {
  id: string
  username: string
  email: string
  password: string
  token: string
  refreshToken: string
}

let people = 0

/** Signs somebody up under a name that nobody else has. */
export async function signUp(baseUrl: string, name: string): Promise<Person> {
  const username = `${name}-${process.pid}-${++people}`
  const email = `${username}@example.com`
  const password = `correct horse ${username}`
  const answer = await call(baseUrl, 'POST', '/register', { body: { username, email, password } })
  if (answer.status !== 201) throw new Error(`sign-up failed: ${answer.status} ${JSON.stringify(answer.body)}`)
  const { user, access_token: token, refresh_token: refreshToken } = answer.body
  return { id: user.id, username, email, password, token, refreshToken }
}
