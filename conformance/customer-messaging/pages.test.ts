import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { bare, type Company, idsOf, makeChannel, makeCompany, makeCustomer, refused, say, walk } from './company.ts'

const server = await startTestServer()

/** A customer with many others, a channel with each of those, and messages in all of them. */
async function fill(company: Company, count: number) {
  const carol = await makeCustomer(company)
  const others = await Promise.all(Array.from({ length: count }, (_, i) => makeCustomer(company, `other-${i}`)))
  const channels = []
  for (const other of others) channels.push(await makeChannel(company, [carol, other]))
  // One after the other, so that they stand in the opposite order.
  for (const [i, channel] of channels.entries()) await say(company, channel, others[i]!, `first ${i}`)
  return { carol, others, channels }
}

test('channels that move up while they are paged come once each, in every list of channels', async () => {
  const { live } = await makeCompany(server)
  const { carol, others, channels } = await fill(live, 30)
  for (const path of ['/channels', `/channels/customer/${carol.id}`]) {
    for (const limit of [1, 4, 7]) {
      const before = idsOf(await walk(live.get, path, { limit: 100 }))
      let step = 0
      // Some that came already, some that are still to come, the last one shown, and the same one again.
      const between = async () => {
        for (const i of [step % 30, 29 - (step % 30), 13]) await say(live, channels[i], others[i], `moves ${step}`)
        const page = await ok(200, live.get(`${path}?limit=100`))
        const last = page.data.find(({ id }: { id: string }) => id === before[(step + 1) * limit - 1])
        if (last) await say(live, last, carol, 'the edge itself')
        step++
      }
      const walked = idsOf(await walk(live.get, path, { limit, between }))
      assert.deepEqual(walked, before, `${path} by ${limit}`)
    }
  }
})

test('a walk backward by ending_before is as exact as one forward', async () => {
  const { live } = await makeCompany(server)
  const { others, channels } = await fill(live, 20)
  const before = idsOf(await walk(live.get, '/channels', { limit: 100 }))
  let step = 0
  const between = async () => {
    for (const i of [step, 19 - step]) await say(live, channels[i], others[i], 'moves')
    step++
  }
  const walked = await walk(live.get, `/channels?ending_before=${before.at(-1)}`, {
    limit: 4,
    isBackward: true,
    between,
  })
  assert.deepEqual(idsOf(walked), before.slice(0, -1))
})

test('who turns a page may turn back, and who looks above the first sees what is new', async () => {
  const { live } = await makeCompany(server)
  const { others, channels } = await fill(live, 9)
  const page = async (query: string) => ok(200, live.get(`/channels?limit=3&${query}`))
  const one = await page('')
  const two = await page(`starting_after=${one.data[2].id}`)
  await say(live, channels[0], others[0], 'moves from the third page')
  await say(live, channels[4], others[4], 'moves from the second page')
  const back = await page(`ending_before=${two.data[0].id}`)
  assert.deepEqual([idsOf(back.data), back.has_more], [idsOf(one.data), false])
  const above = await page(`ending_before=${one.data[0].id}`)
  assert.deepEqual(idsOf(above.data), [channels[4].id, channels[0].id])
})

test('active customers who move up while they are paged come once each', async () => {
  const { live } = await makeCompany(server)
  const { carol, others, channels } = await fill(live, 20)
  for (const path of ['/customers/active', `/customers/active-for-sender?email=${carol.email}`]) {
    const before = idsOf(await walk(live.get, path, { limit: 100 }))
    assert.equal(before.length, 20)
    let step = 0
    const between = async () => {
      for (const i of [step, 19 - step]) await say(live, channels[i], others[i], 'moves')
      step++
    }
    assert.deepEqual(idsOf(await walk(live.get, path, { limit: 3, between })), before, path)
  }
})

test('lists that only grow are walked to their end while they grow, both ways', async () => {
  const { live } = await makeCompany(server)
  const { carol, others, channels } = await fill(live, 3)
  for (let i = 0; i < 25; i++) await say(live, channels[0], i % 2 ? carol : others[0], `n${i}`)
  const between = `/messages/between?email1=${carol.email}&email2=${others[0].email}`
  const paths = ['/customers', `/messages/channel/${channels[0].id}`, `/messages/customer/${carol.id}`, between]
  for (const path of paths) {
    const { data: before } = await ok(200, live.get(`${path}${path.includes('?') ? '&' : '?'}limit=100`))
    const grow = async () => {
      await makeCustomer(live)
      await say(live, channels[0], carol, 'more')
    }
    const all = new Set(idsOf(before))
    const forward = idsOf(await walk(live.get, path, { limit: 4, between: grow }))
    assert.equal(new Set(forward).size, forward.length, path)
    assert.deepEqual(
      forward.filter((id) => all.has(id)),
      idsOf(before),
      path,
    )
    const start = `${path}${path.includes('?') ? '&' : '?'}ending_before=${before.at(-1).id}`
    const backward = idsOf(await walk(live.get, start, { limit: 4, isBackward: true, between: grow }))
    assert.deepEqual(
      backward.filter((id) => all.has(id)),
      idsOf(before).slice(0, -1),
      path,
    )
    assert.equal(new Set(backward).size, backward.length, path)
  }
})

test('customers made in the same moment are all found by a walk', async () => {
  const { live } = await makeCompany(server)
  const made = await Promise.all(Array.from({ length: 40 }, () => makeCustomer(live)))
  const walked = idsOf(await walk(live.get, '/customers', { limit: 7 }))
  assert.equal(walked.length, 40)
  assert.deepEqual(new Set(walked), new Set(idsOf(made)))
})

test('a channel that is deleted while it is paged leaves the others where they are', async () => {
  const { live } = await makeCompany(server)
  const { channels } = await fill(live, 12)
  const before = idsOf(await walk(live.get, '/channels', { limit: 100 }))
  const first = await ok(200, live.get('/channels?limit=4'))
  // The edge of the page, and one further down.
  for (const id of [before[3], before[6]]) await ok(200, live.delete(`/channels/${id}`))
  const rest = idsOf(await walk(live.get, `/channels?starting_after=${first.data[3].id}`, { limit: 4 }))
  assert.deepEqual(rest, [before[4], before[5], ...before.slice(7)])
  assert.equal((await ok(200, live.get('/channels'))).total_count, channels.length - 2)
})

test('a cursor of another client, of another kind, or of nothing is refused in the same words', async () => {
  const { live, test: testKeys } = await makeCompany(server)
  const other = (await makeCompany(server)).live
  const [mine, theirs] = [await fill(live, 2), await fill(other, 2)]
  const messages = async (company: Company, path: string) => (await ok(200, company.get(path))).data
  const myMessage = (await messages(live, `/messages/channel/${mine.channels[0].id}`))[0].id
  const theirMessage = (await messages(other, `/messages/channel/${theirs.channels[0].id}`))[0].id
  const elsewhere = (await messages(live, `/messages/channel/${mine.channels[1].id}`))[0].id
  const nothing = '00000000-0000-4000-8000-000000000000'
  const lists: [string, string[]][] = [
    ['/customers', [theirs.carol.id, bare(theirs.carol.id), mine.channels[0].id, myMessage]],
    ['/channels', [theirs.channels[0].id, bare(theirs.channels[0].id), mine.carol.id, myMessage]],
    [`/channels/customer/${mine.others[0].id}`, [mine.channels[1].id, theirs.channels[0].id]],
    [`/messages/channel/${mine.channels[0].id}`, [theirMessage, elsewhere, mine.channels[0].id]],
    [`/messages/customer/${mine.carol.id}`, [theirMessage, myMessage]],
    ['/customers/active', [theirs.carol.id, mine.carol.id]],
    [`/customers/active-for-sender?email=${mine.carol.email}`, [theirs.carol.id, mine.carol.id]],
    [`/channels/by-email?email=${mine.carol.email}`, [theirs.carol.id, mine.carol.id]],
    [`/messages/between?email1=${mine.carol.email}&email2=${mine.others[0].email}`, [theirMessage, elsewhere]],
  ]
  for (const [path, cursors] of lists) {
    for (const name of ['starting_after', 'ending_before']) {
      const asked = (cursor: string) => live.get(`${path}${path.includes('?') ? '&' : '?'}${name}=${cursor}`)
      const unknown = await refused(`422 invalid_cursor ${name}`, asked(nothing))
      for (const cursor of [...cursors, 'nonsense', "x' or 1=1"]) {
        assert.deepEqual(await refused(`422 invalid_cursor ${name}`, asked(encodeURIComponent(cursor))), unknown, path)
      }
    }
  }
  const asked = testKeys.get(`/customers?starting_after=${mine.carol.id}`)
  await refused('422 invalid_cursor starting_after', asked)
})

test('a nonsense limit is refused, and the largest is a hundred', async () => {
  const { live } = await makeCompany(server)
  for (const path of ['/customers', '/channels', '/customers/active']) {
    for (const limit of ['0', '-1', '101', 'x', '1.5', '1e9']) {
      await refused('422 parameter_invalid limit', live.get(`${path}?limit=${limit}`))
    }
    await ok(200, live.get(`${path}?limit=100`))
  }
})
