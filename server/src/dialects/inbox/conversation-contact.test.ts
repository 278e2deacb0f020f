// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openContactConversation } from '../../core/contact-conversations/open-contact-conversation.ts'
import { bearer } from '../../testing/authenticate-cast.ts'
import type { Name } from '../../testing/cast.ts'
import { contactWorld } from '../../testing/contact-world.ts'
import { testInbox } from '../../testing/inbox.ts'

test('the contact of a conversation is shown with all its addresses and people', async (t) => {
  const { ask, ids } = await open(t)
  assert.deepEqual(await ask('bob', 'GET', ''), [
    200,
    {
      email: 'carol@example.com',
      emails: [{ id: (await ask('bob', 'GET', ''))[1].emails[0].id, email: 'carol@example.com', isPrimary: true }],
      phones: [],
      followers: [],
      tags: [],
      automations: [],
      dnd: false,
      dndAll: false,
    },
  ])
  const changes = {
    ownerId: ids.cy.toUpperCase(),
    followers: [ids.bob],
    tags: ['VIP'],
    dnd: true,
    phone: '+14155238886',
  }
  const [status, shown] = await ask('bob', 'PATCH', '', changes)
  assert.deepEqual(
    [status, shown.phone, shown.tags, shown.dnd, shown.dndAll],
    [200, '+14155238886', ['VIP'], true, true],
  )
  assert.deepEqual(shown.owner, { id: ids.cy, name: 'cy', username: 'cy' })
  assert.deepEqual(shown.followers, [{ id: ids.bob, name: 'bob', username: 'bob' }])
  assert.deepEqual(await ask('ada', 'GET', '/'), [200, shown])
  assert.deepEqual(await ask('ada', 'PATCH', '', { ownerId: null, unknown: 1 }), [200, without(shown, 'owner')])
})

test('of dnd and dndAll the one that was changed counts', async (t) => {
  const { ask } = await open(t)
  const set = async (body: object) => {
    const [status, { dnd, dndAll }] = await ask('bob', 'PATCH', '', body)
    assert.deepEqual([status, dndAll], [200, dnd])
    return dnd
  }
  assert.equal(await set({ dnd: true, dndAll: false }), true)
  assert.equal(await set({ dnd: false, dndAll: true }), false)
  assert.equal(await set({ dnd: false, dndAll: true }), true)
  assert.equal(await set({ dnd: true, dndAll: true }), true)
  assert.equal(await set({ dndAll: false }), false)
  assert.equal(await set({ tags: [] }), false)
})

test('emails and phones are added, also as the primary one, and those of others are refused', async (t) => {
  const { ask, dan } = await open(t)
  const [status, first] = await ask('bob', 'POST', '/emails', { email: 'Carol@Work.example' })
  assert.deepEqual([status, first.email, first.emails.length], [201, 'carol@example.com', 2])
  const [, second] = await ask('bob', 'POST', '/emails', { email: 'carol@work.example', isPrimary: true })
  assert.deepEqual(
    [second.email, second.emails.map(({ email, isPrimary }: any) => [email, isPrimary])],
    [
      'Carol@Work.example',
      [
        ['Carol@Work.example', true],
        ['carol@example.com', false],
      ],
    ],
  )
  const [, third] = await ask('bob', 'POST', '/phones', { phone: 'whatsapp:+1 (415) 523-8886' })
  assert.deepEqual([third.phone, third.phones[0].isPrimary], ['+14155238886', true])
  assert.deepEqual(await ask('bob', 'POST', '/phones', { phone: '0151 23456789' }), [422, 'invalid_request', 'phone'])
  assert.deepEqual(await ask('bob', 'POST', '/emails', { email: 'x' }), [422, 'invalid_request', 'email'])
  assert.deepEqual(await ask('bob', 'POST', '/emails', {}), [422, 'invalid_request', 'email'])
  assert.deepEqual(await ask('bob', 'POST', '/emails', { email: 'dan@example.com' }), [
    409,
    'address_taken',
    'email',
    dan,
  ])
  assert.deepEqual(await ask('bob', 'PATCH', '', { email: 'dan@example.com' }), [409, 'address_taken', 'email', dan])
})

test('tags come and go, whatever characters they have', async (t) => {
  const { ask } = await open(t)
  for (const tag of [' A/B test ', '50%', '🙂'.repeat(64), '..'])
    assert.equal((await ask('bob', 'POST', '/tags', { tag }))[0], 201)
  const [, { tags }] = await ask('bob', 'POST', '/tags', { tag: 'a/b TEST' })
  assert.deepEqual(tags, ['A/B test', '50%', '🙂'.repeat(64), '..'])
  for (const tag of ['a%2Fb%20test', '50%25', encodeURIComponent('🙂'.repeat(64))]) {
    assert.equal((await ask('bob', 'DELETE', `/tags/${tag}`))[0], 200, tag)
  }
  assert.deepEqual(await ask('bob', 'DELETE', '/tags/none'), [404, 'contact_tag_not_found', 'tag'])
  assert.deepEqual(await ask('bob', 'POST', '/tags', { tag: ' ' }), [422, 'invalid_request', 'tag'])
  assert.deepEqual(await ask('bob', 'PATCH', '', { tags: ['a', 'x'.repeat(65)] }), [422, 'invalid_request', 'tags.1'])
})

test('members follow a contact and stop; guests and strangers cannot', async (t) => {
  const { ask, ids } = await open(t)
  const [status, shown] = await ask('ada', 'POST', '/followers', { userId: ids.bob })
  assert.deepEqual([status, shown.followers.map(({ id }: any) => id)], [201, [ids.bob]])
  for (const userId of [ids.gus, ids.eve, 'x', null]) {
    assert.deepEqual(await ask('ada', 'POST', '/followers', { userId }), [422, 'invalid_request', 'userId'])
  }
  const followers = [ids.bob, ids.gus]
  assert.deepEqual(await ask('ada', 'PATCH', '', { followers }), [422, 'invalid_request', 'followers.1'])
  assert.deepEqual(await ask('ada', 'PATCH', '', { ownerId: ids.gus }), [422, 'invalid_request', 'ownerId'])
  assert.equal((await ask('ada', 'DELETE', `/followers/${ids.bob.toUpperCase()}`))[0], 200)
  assert.deepEqual(await ask('ada', 'DELETE', `/followers/${ids.bob}`), [404, 'follower_not_found', 'userId'])
})

test('a conversation of another workspace is as one that is not there', async (t) => {
  const { ask, ids, otherConversation } = await open(t)
  const paths = [
    ['GET', ''],
    ['PATCH', '', { dnd: true }],
    ['POST', '/emails', { email: 'new@example.com' }],
    ['POST', '/phones', { phone: '+14155238886' }],
    ['POST', '/tags', { tag: 'x' }],
    ['DELETE', '/tags/x'],
    ['POST', '/followers', { userId: ids.mallory }],
    ['DELETE', `/followers/${ids.mallory}`],
  ] as const
  for (const [method, path, body] of paths) {
    const name = `${method} ${path}`
    for (const conversation of [otherConversation, crypto.randomUUID()]) {
      const answer = await ask('ada', method, path, body, { conversation })
      assert.deepEqual(answer, [404, 'conversation_not_found', 'conversationId'], name)
    }
    const malformed = await ask('ada', method, path, body, { conversation: 'x' })
    assert.deepEqual(malformed, [422, 'invalid_request', 'conversationId'], name)
    assert.deepEqual(await ask('mallory', method, path, body), [404, 'conversation_not_found', 'conversationId'], name)
    const named = await ask('mallory', method, path, body, { workspace: ids.workspace })
    assert.deepEqual(named, [404, 'workspace_not_found', 'X-Workspace-Id'], name)
    assert.deepEqual(await ask('gus', method, path, body), [403, 'permission_denied'], name)
  }
})

type Method = 'GET' | 'PATCH' | 'POST' | 'DELETE'
type Where = { conversation?: string; workspace?: string }

async function open(t: TestContext) {
  const world = await contactWorld(t)
  const app = await testInbox(t, world)
  const { workspaceId, ids } = world
  const contactId = await world.makeContact('carol')
  const dan = await world.makeContact('dan')
  const theirs = { workspaceId: ids.otherWorkspace, contactId: await world.makeContact('erin', ids.otherWorkspace) }
  const { conversation: own } = await openContactConversation(world.as('ada'), { workspaceId, contactId })
  const { conversation: other } = await openContactConversation(world.as('mallory'), theirs)
  /** The status with what is shown, or with the error's code, its fields and what stands in the way. */
  const ask = async (name: Name, method: Method, path: string, payload?: object, where: Where = {}): Promise<any> => {
    const { conversation = own.id, workspace } = where
    const { statusCode, body } = await app.inject({
      method,
      url: `/api/v1/conversations/${conversation}/contact${path}`,
      headers: { ...bearer(name), ...(workspace && { 'x-workspace-id': workspace }) },
      ...(payload && { payload }),
    })
    const { success, data, error } = JSON.parse(body)
    assert.equal(success, statusCode < 400)
    if (success) return [statusCode, data]
    const fields = error.details.map(({ field }: any) => field)
    return [statusCode, error.code, ...new Set(fields), ...(error.existingId ? [error.existingId] : [])]
  }
  return { ask, ids, dan, otherConversation: other.id }
}

function without(object: object, key: string): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))
}
