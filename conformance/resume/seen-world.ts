import type { RtEvent } from '../../server/src/testing/rt-state.ts'
import { SeenConversation, type SeenMessage } from './seen-conversation.ts'

export type SeenChannel = { name: string; description: string | null; isPrivate: boolean; isMember: boolean }

export type SeenNotification = {
  type: string
  actor: string | null
  targetType: string
  target: string
  channel: string | null
  readAt: string | null
  updatedAt: string
}

/** All that one person can know, from events or over HTTP: both must be the same in the end. */
export type View = {
  workspaces: Record<string, { name: string; role: string }>
  /** By workspace; not of those where the person is a guest. */
  members: Record<string, Record<string, string>>
  names: Record<string, string>
  channels: Record<string, SeenChannel>
  conversations: Record<string, { unread: number; people: Record<string, string>; messages: SeenMessage[] }>
  notifications: Record<string, SeenNotification>
}

type Conversation = {
  id: string
  workspace_id: string | null
  name: string
  description: string | null
  is_private: boolean
  created_by: string | null
  updated_at: string
}
type Workspace = { id: string; name: string; updated_at: string }
type Member = { workspace_id: string; user_id: string; role: string }
type User = { id: string; name: string; updated_at: string }
type Notification = {
  id: string
  type: string
  actor_user_id: string | null
  target_type: string
  target_id: string
  conversation_id: string | null
  read_at: string | null
  updated_at: string
}

/** Up to here the server counts. */
const UNREAD_MAX = 1_000

/** What a client made of all events that came to it. */
export class SeenWorld {
  readonly #me: string
  readonly #conversations = new Map<string, SeenConversation>()
  /** What each stream last said of a conversation; the newest of it counts. */
  readonly #channels = new Map<string, Map<string, Conversation>>()
  readonly #workspaces = new Map<string, Workspace & { role: string }>()
  readonly #members = new Map<string, Map<string, string>>()
  readonly #users = new Map<string, User>()
  /** The conversations that the person is in, and how far they have read. */
  readonly #own = new Map<string, number>()
  readonly #notifications = new Map<string, SeenNotification>()

  constructor(me: string) {
    this.#me = me
  }

  forget(streamId: string): void {
    this.#conversations.delete(streamId)
    this.#channels.delete(streamId)
    this.#members.delete(streamId)
  }

  apply(event: RtEvent): void {
    const { t, s, d } = event
    if (/^(message|reaction|participant)\./.test(t)) getOrMake(this.#conversations, s, newConversation).apply(event)
    else if (t.startsWith('conversation.')) this.#applyConversation(event)
    else if (t.startsWith('notification')) this.#applyNotification(event)
    else if (t.startsWith('workspace.')) this.#applyWorkspace(event)
    if (t === 'member.left') this.#members.get(s)?.delete(String(d.user_id))
    else if (t.startsWith('member.')) this.#putMember(d.member as Member)
    if (d.user !== undefined) putNewest(this.#users, d.user as User)
  }

  view(): View {
    const known = [...this.#members].map(([id, members]) => [id, Object.fromEntries(members)] as const)
    return {
      workspaces: this.#viewWorkspaces(),
      members: Object.fromEntries(known),
      names: this.#viewNames(),
      channels: this.#viewChannels(),
      conversations: this.#viewConversations(),
      notifications: Object.fromEntries(this.#notifications),
    }
  }

  #viewConversations() {
    const rows = [...this.#own].map(([id, read]) => {
      const seen = this.#conversations.get(id) ?? new SeenConversation()
      const unread = Math.min(UNREAD_MAX, seen.unreadOf(this.#me, read))
      return [id, { unread, people: seen.people(), messages: seen.messages() }] as const
    })
    // A direct conversation that somebody else opened is listed once something was said in it.
    return Object.fromEntries(rows.filter(([id, { messages }]) => messages.length > 0 || !this.#isOpenedByOther(id)))
  }

  #isOpenedByOther(id: string): boolean {
    const direct = this.#channels.get(this.#me)?.get(id)
    return direct?.workspace_id === null && direct.created_by !== this.#me
  }

  #viewWorkspaces() {
    const rows = [...this.#workspaces.values()].map(({ id, name, role }) => {
      return [id, { name, role: this.#members.get(id)?.get(this.#me) ?? role }] as const
    })
    return Object.fromEntries(rows)
  }

  #viewNames() {
    const ids = new Set([...this.#members.values()].flatMap((members) => [...members.keys()]))
    return Object.fromEntries([...ids].map((id) => [id, this.#users.get(id)?.name ?? '']))
  }

  #viewChannels() {
    const newest = new Map<string, Conversation>()
    for (const said of this.#channels.values()) for (const one of said.values()) putNewest(newest, one)
    const inWorkspaces = [...newest.values()].filter((one) => one.workspace_id !== null)
    const channels = inWorkspaces.map(({ id, name, description, is_private }): [string, SeenChannel] => {
      return [id, { name, description, isPrivate: is_private, isMember: this.#own.has(id) }]
    })
    return Object.fromEntries(channels)
  }

  #applyConversation({ t, s, d }: RtEvent) {
    const conversation = d.conversation as Conversation | undefined
    const id = conversation?.id ?? String(d.conversation_id)
    if (t === 'conversation.read') this.#own.set(id, Math.max(Number(d.read_ordinal), this.#own.get(id) ?? 0))
    if (t === 'conversation.joined' && !this.#own.has(id)) this.#own.set(id, 0)
    if (t === 'conversation.left') this.#own.delete(id)
    const said = getOrMake(this.#channels, s, newChannels)
    if (/\.(left|hidden|deleted)$/.test(t)) said.delete(id)
    else if (conversation !== undefined) said.set(id, conversation)
  }

  #applyWorkspace({ t, d }: RtEvent) {
    if (t === 'workspace.left') this.#workspaces.delete(String(d.workspace_id))
    const workspace = d.workspace as Workspace | undefined
    if (workspace === undefined) return
    const known = this.#workspaces.get(workspace.id)
    const role = t === 'workspace.joined' ? (d.member as Member).role : known?.role
    // What the workspace's own stream tells of its past may be older than what the person was told on joining.
    if (role === undefined || (known !== undefined && known.updated_at > workspace.updated_at)) return
    this.#workspaces.set(workspace.id, { ...workspace, role })
  }

  #putMember({ workspace_id, user_id, role }: Member) {
    getOrMake(this.#members, workspace_id, newMembers).set(user_id, role)
  }

  #applyNotification({ t, d }: RtEvent) {
    if (t === 'notifications.read') {
      const readAt = String(d.read_at)
      for (const id of d.notification_ids as string[]) {
        const known = this.#notifications.get(id)
        if (known !== undefined) this.#notifications.set(id, { ...known, readAt, updatedAt: readAt })
      }
      return
    }
    const { id, ...one } = d.notification as Notification
    this.#notifications.set(id, {
      type: one.type,
      actor: one.actor_user_id,
      targetType: one.target_type,
      target: one.target_id,
      channel: one.conversation_id,
      readAt: one.read_at,
      updatedAt: one.updated_at,
    })
  }
}

const newConversation = () => new SeenConversation()
const newChannels = () => new Map<string, Conversation>()
const newMembers = () => new Map<string, string>()

function putNewest<T extends { id: string; updated_at: string }>(map: Map<string, T>, one: T) {
  const known = map.get(one.id)
  if (known === undefined || known.updated_at <= one.updated_at) map.set(one.id, one)
}

function getOrMake<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
