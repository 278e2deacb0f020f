import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Name } from '../../testing/cast.ts'
import { type ContactWorld, contactWorld } from '../../testing/contact-world.ts'
import { createContext } from '../context.ts'
import { removeMember } from '../workspaces/remove-member.ts'
import { updateMember } from '../workspaces/update-member.ts'
import { addFollower } from './add-follower.ts'
import { addTag } from './add-tag.ts'
import { getContactDetails } from './get-contact-details.ts'
import { removeFollower } from './remove-follower.ts'
import { removeTag } from './remove-tag.ts'
import type { Contact } from './schema.ts'
import { updateContactDetails } from './update-contact-details.ts'

test('all that a team changes at once is announced once, and no change not at all', async (t) => {
  const world = await contactWorld(t)
  const { key, announced } = await carol(world)
  const { ada, bob, cy } = world.ids
  const changes = {
    email: 'Carol@Work.example',
    phone: 'whatsapp:+1 415 523 8886',
    ownerId: bob,
    followerIds: [cy, ada, cy],
    tags: [' VIP ', 'vip', 'Leeds'],
    isDnd: true,
  }
  await updateContactDetails(world.as('bob'), { ...key, ...changes })
  const [event, ...more] = await announced()
  assert.equal(more.length, 0)
  const { email, phone, ownerId, followerIds, tags, isDnd } = event!
  assert.deepEqual(
    { email, phone, ownerId, tags, isDnd, followerIds: followerIds?.toSorted() },
    {
      ...{ email: 'carol@work.example', phone: '+14155238886', ownerId: bob },
      ...{ tags: ['VIP', 'Leeds'], isDnd: true, followerIds: [ada, cy].toSorted() },
    },
  )
  const same = { ...changes, email: 'CAROL@work.example', followerIds: [ada, cy], tags: ['VIP', 'Leeds'] }
  await updateContactDetails(world.as('ada'), { ...key, ...same })
  await updateContactDetails(world.as('ada'), key)
  assert.equal((await announced()).length, 1)
  await updateContactDetails(world.as('ada'), { ...key, ownerId: null, followerIds: [], tags: [], isDnd: false })
  const last = (await announced()).at(-1)!
  assert.deepEqual([last.ownerId, last.followerIds, last.tags, last.isDnd], [null, [], [], false])
})

test('an email takes the place of the primary one; one that the contact has already becomes the primary one', async (t) => {
  const world = await contactWorld(t)
  const { key, details } = await carol(world)
  const bob = world.as('bob')
  const emails = async () => (await details()).addresses.map(({ value, shown, isPrimary }) => [value, shown, isPrimary])
  await updateContactDetails(bob, { ...key, email: 'Carol@Work.example' })
  assert.deepEqual(await emails(), [['carol@work.example', 'Carol@Work.example', true]])
  const other = await world.makeContact('dan')
  const taken = { code: 'address_taken', param: 'email', existingId: other }
  await assert.rejects(updateContactDetails(bob, { ...key, tags: ['x'], email: 'dan@example.com' }), taken)
  assert.deepEqual((await details()).contact.tags, [])
})

test('owners and followers are members of the workspace and no guests', async (t) => {
  const world = await contactWorld(t)
  const { key, details, announced } = await carol(world)
  const { bob, gus, eve, mallory } = world.ids
  const ada = world.as('ada')
  const both = updateContactDetails(ada, { ...key, ownerId: gus, followerIds: [bob, eve, mallory], isDnd: true })
  await assert.rejects(both, wrong('follower_ids.1', 'follower_ids.2', 'owner_id'))
  for (const userId of [gus, eve, mallory, crypto.randomUUID()]) {
    await assert.rejects(addFollower(ada, { ...key, userId }), wrong('user_id'))
    await assert.rejects(updateContactDetails(ada, { ...key, ownerId: userId }), wrong('owner_id'))
  }
  assert.deepEqual([(await details()).owner, (await announced()).length], [null, 0])
})

test('whoever leaves the team is shown neither as owner nor as follower, until they are back', async (t) => {
  const world = await contactWorld(t)
  const { key, details } = await carol(world)
  const { workspaceId } = world
  const { ada, bob, cy } = world.ids
  await updateContactDetails(world.as('ada'), { ...key, ownerId: bob, followerIds: [bob, ada, cy] })
  const shown = async () => {
    const { owner, followers } = await details()
    return [owner?.id ?? null, followers.map(({ id }) => id).toSorted()]
  }
  await updateMember(world.as('ada'), { workspaceId, userId: bob, role: 'guest' })
  await removeMember(world.as('ada'), { workspaceId, userId: cy })
  assert.deepEqual(await shown(), [null, [ada]])
  await removeFollower(world.as('ada'), { ...key, userId: cy })
  await updateMember(world.as('ada'), { workspaceId, userId: bob, role: 'agent' })
  assert.deepEqual(await shown(), [bob, [ada, bob].toSorted()])
})

test('members follow and stop following, each announced, and twice is once', async (t) => {
  const world = await contactWorld(t)
  const { key, details, announced } = await carol(world)
  const { bob, cy } = world.ids
  const ctx = world.as('cy')
  await addFollower(ctx, { ...key, userId: cy })
  await addFollower(ctx, { ...key, userId: bob })
  await addFollower(ctx, { ...key, userId: bob })
  assert.deepEqual(
    (await details()).followers.map(({ username }) => username),
    ['cy', 'bob'],
  )
  await removeFollower(ctx, { ...key, userId: cy })
  await assert.rejects(removeFollower(ctx, { ...key, userId: cy }), { code: 'follower_not_found' })
  assert.deepEqual(
    (await announced()).map(({ followerIds }) => followerIds?.length),
    [1, 2, 1],
  )
})

test('a tag is one whatever its capital letters and width, and stays as it was written first', async (t) => {
  const world = await contactWorld(t)
  const { key, details, announced } = await carol(world)
  const bob = world.as('bob')
  for (const tag of [' Größe XL ', 'größe xl', 'ＧＲÖSSE'.normalize('NFC'), '🙂'.repeat(64)]) {
    await addTag(bob, { ...key, tag })
  }
  assert.deepEqual((await details()).contact.tags, ['Größe XL', 'ＧＲÖSSE', '🙂'.repeat(64)])
  for (const tag of ['', '  ', 'x'.repeat(65), 'a\nb', 'a\0']) {
    await assert.rejects(addTag(bob, { ...key, tag }), wrong('tag'), JSON.stringify(tag))
    await assert.rejects(updateContactDetails(bob, { ...key, tags: ['ok', tag] }), wrong('tags.1'))
  }
  await removeTag(bob, { ...key, tag: 'GRÖẞE XL ' })
  await assert.rejects(removeTag(bob, { ...key, tag: 'größe xl' }), { code: 'contact_tag_not_found' })
  assert.equal((await announced()).length, 4)
})

test('a contact has 50 tags and no more, however many are added at once, on two nodes', async (t) => {
  const world = await contactWorld(t)
  const { key, details } = await carol(world)
  const other = await world.openNode()
  const contexts = [world.system, createContext(other.core, world.system.actor)]
  const tries = Array.from({ length: 53 }, (_, i) => addTag(contexts[i % 2]!, { ...key, tag: `tag ${i}` }))
  const refused = (await Promise.allSettled(tries)).filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 3)
  for (const one of refused) assert.deepEqual(Object.keys((one as PromiseRejectedResult).reason.fields), ['tag'])
  assert.equal(new Set((await details()).contact.tags).size, 50)
  const many = Array.from({ length: 51 }, (_, i) => `new ${i}`)
  await assert.rejects(updateContactDetails(world.system, { ...key, tags: many }), wrong('tags'))
})

test('of changes at the same moment none is lost', async (t) => {
  const world = await contactWorld(t)
  const { key, details } = await carol(world)
  const { ada, bob, cy } = world.ids
  await Promise.all([
    addTag(world.as('ada'), { ...key, tag: 'a' }),
    addTag(world.as('bob'), { ...key, tag: 'b' }),
    addFollower(world.as('cy'), { ...key, userId: ada }),
    addFollower(world.as('ada'), { ...key, userId: cy }),
    updateContactDetails(world.as('bob'), { ...key, ownerId: bob, phone: '+14155238886' }),
  ])
  const { contact, owner, followers } = await details()
  assert.deepEqual(contact.tags.toSorted(), ['a', 'b'])
  assert.deepEqual([owner?.id, followers.length, contact.phone], [bob, 2, '+14155238886'])
})

test('of two contacts that are given the same two addresses at once, one has both', async (t) => {
  const world = await contactWorld(t)
  const ids = [await world.makeContact('carol'), await world.makeContact('dan')]
  const addresses = { email: 'new@example.com', phone: '+14155238886' }
  const tries = ids.map((contactId) =>
    updateContactDetails(world.as('bob'), { workspaceId: world.workspaceId, contactId, ...addresses }),
  )
  const outcomes = await Promise.allSettled(tries)
  const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  assert.deepEqual(
    refused.map(({ reason }) => reason.code),
    ['address_taken'],
  )
})

test('guests and strangers neither see nor change what the team knows', async (t) => {
  const world = await contactWorld(t)
  const { key, announced } = await carol(world)
  const tries = (name: Name, workspaceId: string) => {
    const [ctx, theirs] = [world.as(name), { ...key, workspaceId }]
    const userId = world.ids.ada
    return [
      () => getContactDetails(ctx, theirs),
      () => updateContactDetails(ctx, { ...theirs, isDnd: true }),
      () => addTag(ctx, { ...theirs, tag: 'x' }),
      () => removeTag(ctx, { ...theirs, tag: 'x' }),
      () => addFollower(ctx, { ...theirs, userId }),
      () => removeFollower(ctx, { ...theirs, userId }),
    ]
  }
  const { workspaceId, ids } = world
  for (const attempt of tries('gus', workspaceId)) await assert.rejects(attempt(), { code: 'permission_denied' })
  for (const name of ['eve', 'mallory'] as const) {
    for (const attempt of tries(name, workspaceId)) await assert.rejects(attempt(), { code: 'workspace_not_found' })
  }
  for (const attempt of tries('mallory', ids.otherWorkspace)) {
    await assert.rejects(attempt(), { code: 'contact_not_found' })
  }
  assert.equal((await announced()).length, 0)
})

async function carol(world: ContactWorld) {
  const key = { workspaceId: world.workspaceId, contactId: await world.makeContact('carol') }
  return {
    key,
    details: () => getContactDetails(world.as('ada'), key),
    announced: async (): Promise<Contact[]> =>
      (await world.events()).flatMap((event) =>
        event.type === 'contact.updated' && event.streamId === key.contactId ? [event.data.contact] : [],
      ),
  }
}

function wrong(...fields: string[]) {
  return (error: { code?: string; fields?: object }) => {
    assert.equal(error.code, 'invalid_request')
    assert.deepEqual(Object.keys(error.fields ?? {}).sort(), fields)
    return true
  }
}
