import { sql } from 'kysely'
import { readCount } from '../activity/counts.ts'
import { listByActivity } from '../activity/list-by-activity.ts'
import type { ActivityList } from '../activity/schema.ts'
import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { readAround, type Window } from '../window.ts'
import { parseContactEmail } from './contact-fields.ts'
import { findContactByEmail, selectContacts } from './queries.ts'
import type { ActiveContact, Contact } from './schema.ts'

export type ContactWindow<Row = Contact> = { rows: Row[]; hasMore: boolean; totalCount: number }

/** The contacts of the workspace, newest first. */
export async function listContacts(ctx: Context<ClientActor>, window: Window): Promise<ContactWindow> {
  const { workspaceId } = ctx.actor
  await ctx.ports.activity.caughtUp()
  const page = await readAround(window, {
    // Also one that was deleted since: its place is still known.
    find: async (id) => (await selectContacts(ctx.db, sql`c.id = ${id} and c.workspace_id = ${workspaceId}`))[0],
    read: ({ edge, isBackward, limit }) => {
      const direction = isBackward ? sql`asc` : sql`desc`
      const beyond = edge
        ? sql`(c.created_at, c.id) ${isBackward ? sql`>` : sql`<`} (${edge.createdAt}::timestamptz, ${edge.id}::uuid)`
        : sql`true`
      return selectContacts(
        ctx.db,
        sql`c.workspace_id = ${workspaceId} and c.deleted_at is null and ${beyond}
          order by c.created_at ${direction}, c.id ${direction} limit ${limit}`,
      )
    },
  })
  return { ...page, totalCount: await readCount(ctx.db, { kind: 'contacts', ownerId: workspaceId }) }
}

/** The contacts that sent messages, by when each sent its last. */
export async function listSenders(ctx: Context<ClientActor>, window: Window): Promise<ContactWindow<ActiveContact>> {
  return listActive(ctx, { kind: 'senders', ownerId: ctx.actor.workspaceId }, window)
}

/** The contacts that exchanged messages with one, by when they last did; none for an email that nobody has. */
export async function listCorrespondents(
  ctx: Context<ClientActor>,
  { email, ...window }: Window & { email: string },
): Promise<ContactWindow<ActiveContact>> {
  const { workspaceId } = ctx.actor
  const contact = await findContactByEmail(ctx.db, { workspaceId, email: parseContactEmail(email) })
  if (contact === undefined) return { rows: [], hasMore: false, totalCount: 0 }
  return listActive(ctx, { kind: 'correspondents', ownerId: contact.id }, window)
}

/** A page of a list by activity, with the contacts that stand in it. */
export async function listActive(
  ctx: Context<ClientActor>,
  list: ActivityList,
  window: Window,
): Promise<ContactWindow<ActiveContact>> {
  const { items, hasMore, totalCount } = await listByActivity(ctx, { ...list, ...window })
  const ids = items.map(({ itemId }) => itemId)
  const contacts = ids.length === 0 ? [] : await selectContacts(ctx.db, sql`c.id = any(${ids}::uuid[])`)
  const byId = new Map(contacts.map((contact) => [contact.id, contact]))
  const rows = items.flatMap(({ itemId, activeAt }) => {
    const contact = byId.get(itemId)
    return contact === undefined ? [] : [{ contact, activeAt }]
  })
  return { rows, hasMore, totalCount }
}
