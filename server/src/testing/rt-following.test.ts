import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RtBehind, RtFollowing, type RtPage, type RtReady } from './rt-following.ts'
import type { RtEvent } from './rt-state.ts'

/** What a server says, said by hand. */
class Follower extends RtFollowing {
  constructor() {
    super({ withHistory: true })
  }
  greet(streams: Record<string, number>, gap?: string[]) {
    const list = Object.entries(streams).map(([id, head]) => ({ id, head }))
    const ready = { cursor: 'c', resumed: gap === undefined && this.ready !== undefined, streams: list, gap }
    this.begin(ready as unknown as RtReady)
  }
  event(event: Pick<RtEvent, 's' | 'q'> & Partial<RtEvent>) {
    this.takeEvent(toEvent(event))
  }
  get asked(): RtBehind[] {
    return [...this.behind.values()]
  }
  page(behind: RtBehind, events: (Pick<RtEvent, 's' | 'q'> & Partial<RtEvent>)[]) {
    this.takePage(behind, { events: events.map(toEvent), head: events.at(-1)?.q ?? 0, more: false } as RtPage)
  }
  /** Pages of a stream that tell of nothing in particular. */
  pageTo(stream: string, head: number) {
    const behind = this.behind.get(stream)
    assert.ok(behind !== undefined, `${stream} is not behind`)
    const after = this.last.get(stream) ?? 0
    this.page(
      behind,
      Array.from({ length: head - after }, (_, i) => ({ s: stream, q: after + 1 + i })),
    )
  }
}

function toEvent(event: Pick<RtEvent, 's' | 'q'> & Partial<RtEvent>): RtEvent {
  return { t: 'user.updated', at: '', d: {}, ...event }
}

const left = { t: 'conversation.left', d: { conversation_id: 'talk' } }
const joined = { t: 'conversation.joined', d: { conversation: { id: 'talk' } } }

function begun(): Follower {
  const follower = new Follower()
  follower.greet({ me: 1, talk: 3, work: 2 })
  follower.pageTo('me', 1)
  follower.pageTo('talk', 3)
  follower.pageTo('work', 2)
  return follower
}

test('a page that is ahead of the events leaves no hole when a conversation was left and joined again', () => {
  const follower = begun()
  follower.greet({ me: 2, talk: 3, work: 2 }, ['me'])
  follower.page(follower.asked[0]!, [{ s: 'me', q: 2, ...left }])
  follower.event({ s: 'talk', q: 4 })
  assert.deepEqual(follower.asked, [], 'an event from before the leaving is late')
  follower.event({ s: 'me', q: 2, ...left })
  follower.event({ s: 'me', q: 3, ...joined })
  follower.event({ s: 'talk', q: 9 })
  follower.pageTo('talk', 9)
  follower.event({ s: 'talk', q: 10 })
  assert.deepEqual({ last: follower.last.get('talk'), surprises: follower.surprises }, { last: 10, surprises: [] })
})

test('a workspace whose leaving and joining come by page is read from its beginning', () => {
  const follower = begun()
  follower.greet({ me: 3, talk: 3, work: 4 }, ['me', 'work'])
  follower.pageTo('work', 4)
  follower.page(follower.asked[0]!, [
    { s: 'me', q: 2, t: 'workspace.left', d: { workspace_id: 'work' } },
    { s: 'me', q: 3, t: 'workspace.joined', d: { workspace: { id: 'work' }, member: { role: 'member' } } },
  ])
  follower.pageTo('work', 4)
  assert.deepEqual({ last: follower.last.get('work'), asked: follower.asked }, { last: 4, asked: [] })
})
