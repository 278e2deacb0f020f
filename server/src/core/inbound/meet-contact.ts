import type { SystemActor } from '../actor.ts'
import { lockAddress } from '../addresses/lock-address.ts'
import { findContactByAddress } from '../addresses/queries.ts'
import type { AddressKind } from '../addresses/schema.ts'
import { findContact } from '../contacts/queries.ts'
import type { Contact } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import { createStream } from '../log/append-events.ts'

export type MeetContact = {
  workspaceId: string
  kind: AddressKind
  /** In its one spelling. */
  value: string
  /** What they call themselves; the address where nobody knows. */
  name: string | null
}

const NAME_CHARACTERS_MAX = 255
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu

/** The contact that is reached at an address; one that is not known yet is made, and announced. */
export async function meetContact(ctx: Context<SystemActor>, input: MeetContact): Promise<Contact> {
  const known = await findContactByAddress(ctx.db, input)
  if (known !== undefined) return known
  return ctx.transaction(async (ctx) => {
    // Of two messages that come at once, one waits here and then finds the other's contact.
    await lockAddress(ctx.db, input)
    return (await findContactByAddress(ctx.db, input)) ?? insertContact(ctx, input)
  })
}

async function insertContact(ctx: Context, { workspaceId, kind, value, name }: MeetContact): Promise<Contact> {
  const at = ctx.now()
  const id = ctx.newId()
  await createStream(ctx.db, id, 'contact')
  const row = { id, workspaceId, name: toName(name) ?? value, createdAt: at, updatedAt: at }
  await ctx.db.insertInto('contacts').values(row).execute()
  const address = { id: ctx.newId(), workspaceId, contactId: id, kind, value, isPrimary: true, createdAt: at }
  await ctx.db.insertInto('addresses').values(address).execute()
  const contact = await findContact(ctx.db, { workspaceId, contactId: id })
  ctx.record({ type: 'contact.created', streamId: id, workspaceId, data: { contact: contact! } })
  return contact!
}

/** A name that a stranger gave, in one line. */
function toName(text: string | null): string | undefined {
  const name = [...(text ?? '').replaceAll(UNPRINTABLE, ' ').trim()].slice(0, NAME_CHARACTERS_MAX).join('').trim()
  return name === '' ? undefined : name
}
