import type { Credentials } from '../load/http-connection.ts'
import type { Target } from './targets.ts'

export type Person = { id: string; email: string; token: string; expiresAt: number }

/** Who and what the scenarios need on one server, made through its API. */
export class Stage {
  readonly target: Target
  readonly workspaceId: string
  readonly owner: Person
  readonly #people: Person[] = []
  #names = 0
  #shared: Promise<string> | undefined

  private constructor(target: Target, owner: Person, workspaceId: string) {
    this.target = target
    this.owner = owner
    this.workspaceId = workspaceId
  }

  static async set(target: Target): Promise<Stage> {
    const owner = await register(target, 'owner')
    const workspace = await call(target, { path: '/workspaces', token: owner.token, body: { name: 'Bench' } })
    return new Stage(target, owner, workspace.id)
  }

  /** The first so many members of the workspace, signed in for some minutes to come. */
  async people(count: number): Promise<Person[]> {
    const missing = Array.from({ length: Math.max(0, count - this.#people.length) }, (_, i) => this.#people.length + i)
    const added = await inParallel(missing, (i) => this.#addPerson(i))
    this.#people.push(...added)
    const wanted = this.#people.slice(0, count)
    await inParallel(wanted, (person) => this.#keepSignedIn(person))
    return wanted
  }

  /** A fresh channel of its first member. */
  async channel(members: Person[]): Promise<string> {
    const [creator, ...others] = members
    const path = `/workspaces/${this.workspaceId}/channels`
    const channel = await call(this.target, { path, token: creator!.token, body: { name: `bench-${this.#names++}` } })
    await inParallel(others, (person) =>
      call(this.target, {
        path: `/channels/${channel.id}/members`,
        token: creator!.token,
        body: { user_id: person.id },
      }),
    )
    return channel.id
  }

  /** The one channel that all of these are in, made once: a thousand members take their time. */
  sharedChannel(members: Person[]): Promise<string> {
    this.#shared ??= this.channel(members)
    return this.#shared
  }

  async #addPerson(number: number): Promise<Person> {
    const person = await register(this.target, `person${number}`)
    const path = `/workspaces/${this.workspaceId}/members`
    await call(this.target, { path, token: this.owner.token, body: { user_id: person.id } })
    return person
  }

  async #keepSignedIn(person: Person): Promise<void> {
    if (person.expiresAt - Date.now() > FRESH_MS) return
    const body = { email: person.email, password: PASSWORD }
    const session = await call(this.target, { path: '/login', body })
    person.token = session.access_token
    person.expiresAt = Date.now() + session.expires_in * 1000
  }
}

const PASSWORD = 'correct horse battery staple'
const FRESH_MS = 4 * 60_000
const PARALLEL = 16

type Call = Partial<Credentials> & { path: string; body: object }

async function register(target: Target, username: string): Promise<Person> {
  const email = `${username}@bench.example`
  const session = await call(target, { path: '/register', body: { username, email, password: PASSWORD } })
  const expiresAt = Date.now() + session.expires_in * 1000
  return { id: session.user.id, email, token: session.access_token, expiresAt }
}

/** Posts, and gives the reply's JSON; throws where it is refused. */
export async function call(target: Target, { path, token, publicKey, body }: Call) {
  const reply = await fetch(`http://127.0.0.1:${target.port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(publicKey && { 'x-public-key': publicKey }),
    },
    body: JSON.stringify(body),
  })
  if (reply.ok) return JSON.parse(await reply.text())
  throw new Error(`${target.name}: POST ${path} was answered with ${reply.status}: ${await reply.text()}`)
}

export async function inParallel<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const workSome = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await work(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, workSome))
  return results
}
