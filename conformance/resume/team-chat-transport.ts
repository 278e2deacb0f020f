import { WebSocket } from 'ws'
import { connectionOf, type RtFrame, type RtVisit, untilClosed } from '../../server/src/testing/rt-transport.ts'

type Data = Record<string, unknown>
type SocketFrame = {
  event: string
  data: Data
  id?: number
  stream?: string
  seq?: number
  cursor?: string
  at: string
}

/** Team chat's own socket, its frames told in the words of rt.v1. */
export function openTeamChatSocket({ url, token, cursor, opened, take }: RtVisit): Promise<number> {
  const query = cursor === undefined ? '' : `?cursor=${cursor}`
  const socket = new WebSocket(`${url}/ws${query}`, { headers: { authorization: `Bearer ${token}` } })
  const { send, terminate } = connectionOf(socket)
  opened({ send: (text) => send(toRequest(text)), terminate })
  let me = ''
  socket.on('message', (raw) => {
    const frame = JSON.parse(String(raw)) as SocketFrame
    if (frame.event === 'READY') me = (frame.data.user as { id: string }).id
    const told = toFrame(frame, me)
    if (told !== undefined) take(told)
  })
  return untilClosed(socket)
}

/** The one request that the model makes: `page`. */
function toRequest(text: string): string {
  const { id, op, d } = JSON.parse(text) as { id: number; op: string; d: object }
  return JSON.stringify({ id, event: op.toUpperCase(), data: d })
}

function toFrame(frame: SocketFrame, me: string): RtFrame | undefined {
  const { event, data, id } = frame
  if (event === 'READY') return { op: 'ready', d: { ...data, me: data.user } }
  if (event === 'RECONNECT') return { op: 'reconnect', d: data }
  if (event === 'ACK') {
    const events = (data.events as SocketFrame[]).flatMap((one) => toEvent(one, me) ?? [])
    return { re: id!, ok: true, d: { ...data, events, more: data.has_more } }
  }
  if (event === 'ERROR') return { re: id!, ok: false, err: data }
  return toEvent(frame, me)
}

/** Undefined for what is not a step of a stream: presence, typing, and the mention before its notification. */
function toEvent({ event, data, stream, seq, cursor, at }: SocketFrame, me: string): RtFrame | undefined {
  if (seq === undefined) return undefined
  const { t, d } = toNews(event, data, me)
  return { op: 'ev', t, s: stream, q: seq, ...(cursor !== undefined && { c: cursor }), at, d }
}

type News = { t: string; d: Data }

const CHANGES: Record<string, string> = {
  CHANNEL_CREATED: 'conversation.created',
  CHANNEL_UPDATED: 'conversation.updated',
  CHANNEL_DELETED: 'conversation.deleted',
  WORKSPACE_UPDATED: 'workspace.updated',
  WORKSPACE_DELETED: 'workspace.deleted',
}

const MESSAGES: Record<string, string> = {
  NEW_MESSAGE: 'message.created',
  THREAD_RESPONSE: 'message.created',
  MESSAGE_UPDATED: 'message.updated',
  MESSAGE_DELETED: 'message.deleted',
}

function toNews(event: string, data: Data, me: string): News {
  const { channel_id: conversation_id } = data
  if (MESSAGES[event] !== undefined) return { t: MESSAGES[event], d: { message: toMessage(data) } }
  if (event.startsWith('CHANNEL_') && CHANGES[event] !== undefined)
    return { t: CHANGES[event], d: { conversation: data } }
  if (CHANGES[event] !== undefined) return { t: CHANGES[event], d: { workspace: data } }
  switch (event) {
    case 'REACTION_ADDED':
    case 'REACTION_REMOVED': {
      const reaction = { ...data, content: data.reaction_content }
      return { t: event === 'REACTION_ADDED' ? 'reaction.added' : 'reaction.removed', d: { conversation_id, reaction } }
    }
    case 'NOTIFICATION':
      return { t: 'notification.created', d: { notification: toNotification(data), message: null } }
    case 'NOTIFICATIONS_READ':
      return { t: 'notifications.read', d: data }
    case 'CHANNEL_JOINED':
      return { t: 'conversation.joined', d: { conversation: data } }
    case 'CHANNEL_LEFT':
      return { t: 'conversation.left', d: { conversation_id } }
    case 'CHANNEL_HIDDEN':
      return { t: 'conversation.hidden', d: { conversation_id } }
    case 'CHANNEL_READ':
      return { t: 'conversation.read', d: { conversation_id, read_ordinal: data.read_sequence } }
    case 'USER_UPDATED':
      return { t: 'user.updated', d: { user: data } }
    default:
      return toPeopleNews(event, data, me)
  }
}

function toPeopleNews(event: string, data: Data, me: string): News {
  const { channel_id: conversation_id, user_id } = data
  switch (event) {
    case 'MEMBER_JOINED':
      if (conversation_id === undefined) return { t: 'member.joined', d: { member: data, user: data.user } }
      return { t: 'participant.joined', d: { participant: { conversation_id, user_id, joined_at: data.joined_at } } }
    case 'MEMBER_LEFT':
      if (conversation_id === undefined) return { t: 'member.left', d: data }
      return { t: 'participant.left', d: { conversation_id, user_id } }
    case 'MEMBER_UPDATED':
      return { t: 'member.updated', d: { member: data } }
    case 'WORKSPACE_JOINED':
      return { t: 'workspace.joined', d: { workspace: data, member: { ...data, workspace_id: data.id, user_id: me } } }
    case 'WORKSPACE_LEFT':
      return { t: 'workspace.left', d: data }
    default:
      throw new Error(`Team chat’s socket has no event ${event}.`)
  }
}

function toMessage(data: Data): Data {
  return {
    ...data,
    conversation_id: data.channel_id,
    author_id: data.user_id,
    root_id: data.parent_message_id,
    reply_count: data.thread_reply_count,
    last_reply_at: data.thread_last_reply_at,
    ordinal: data.sequence,
    mentions: (data.mentions as { type: string }[]).map((mention) => ({ ...mention, kind: mention.type })),
  }
}

function toNotification(data: Data): Data {
  return {
    ...data,
    type: data.event_type,
    target_type: data.target_type === 'channel' ? 'conversation' : data.target_type,
    conversation_id: data.channel_id,
  }
}
