import { insertAddress } from '../addresses/insert-address.ts'
import type { Address } from '../addresses/schema.ts'
import type { Context } from '../context.ts'
import { createStream } from '../log/append-events.ts'
import type { Contact, StoredContact } from './schema.ts'

export type NewContact = Pick<Contact, 'workspaceId' | 'name'> &
  Partial<Pick<Contact, 'username' | 'title' | 'avatarUrl' | 'ownerId' | 'tags' | 'metadata'>> & {
    /** At most one of each kind: it is the primary one. */
    addresses: Pick<Address, 'kind' | 'value' | 'shown'>[]
  }

/** Writes a contact with its addresses, which are held and free, and announces it. */
export async function insertContact(ctx: Context, { addresses, ...given }: NewContact): Promise<StoredContact> {
  const { workspaceId } = given
  const id = ctx.newId()
  const now = ctx.now()
  const row = { username: null, title: null, avatarUrl: null, tags: [], ...given, id, createdAt: now, updatedAt: now }
  const { ownerId = null, metadata = {}, ...columns } = row
  await createStream(ctx.db, id, 'contact')
  await ctx.db
    .insertInto('contacts')
    .values({ ...columns, ownerUserId: ownerId, metadata: JSON.stringify(metadata) })
    .execute()
  for (const address of addresses) {
    await insertAddress(ctx, { ...address, workspaceId, contactId: id, isPrimary: true })
  }
  const primary = (kind: string) => addresses.find((one) => one.kind === kind)?.value ?? null
  const contact: StoredContact = {
    ...{ ...columns, ownerId, metadata, email: primary('email'), phone: primary('phone') },
    ...{ followerIds: [], isDnd: false, deletedAt: null },
  }
  ctx.record({ type: 'contact.created', streamId: id, workspaceId, data: { contact } })
  return contact
}
