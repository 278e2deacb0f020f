// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import { call, type Person } from '../harness/client.ts'
import { readAll } from '../harness/expect.ts'
import type { SeenMessage } from './seen-conversation.ts'
import type { View } from './seen-world.ts'

/** What the server shows a person over HTTP. */
export async function readView(url: string, { token }: Person): Promise<View> {
  const list = (path: string) => readAll((page) => call(url, 'GET', page, { token }), path)
  const view: View = { workspaces: {}, members: {}, names: {}, channels: {}, conversations: {}, notifications: {} }
  const unread = new Map<string, number>()
  for (const { id, name, role } of await list('/workspaces?limit=100')) {
    view.workspaces[id] = { name, role }
    for (const channel of await list(`/workspaces/${id}/channels?limit=100`)) {
      const { name, description, is_private: isPrivate, is_member: isMember } = channel
      view.channels[channel.id] = { name, description, isPrivate, isMember }
      if (isMember) unread.set(channel.id, channel.unread_count)
    }
    if (role === 'guest') continue
    const members = await list(`/workspaces/${id}/members?limit=100`)
    view.members[id] = Object.fromEntries(members.map((one) => [one.user_id, one.role]))
    for (const { user } of members) view.names[user.id] = user.name
  }
  for (const dm of await list('/dms?limit=100')) unread.set(dm.id, dm.unread_count)
  for (const [id, count] of unread) {
    const people = await list(`/channels/${id}/members?limit=100`)
    const messages = await list(`/channels/${id}/messages?order=asc&include_replies=true&limit=100`)
    view.conversations[id] = {
      unread: count,
      people: Object.fromEntries(people.map((one) => [one.user_id, one.joined_at])),
      messages: messages.map(toSeenMessage),
    }
  }
  for (const one of await list('/notifications?filter=all&limit=100')) view.notifications[one.id] = toNotification(one)
  return view
}

function toSeenMessage(message: any): SeenMessage {
  return {
    id: message.id,
    author: message.user_id,
    body: message.body,
    root: message.parent_message_id,
    replies: message.thread_reply_count,
    lastReplyAt: message.thread_last_reply_at,
    reactionCount: message.reaction_count,
    reactions: message.reactions.map((one: any) => `${one.id} ${one.user_id} ${one.reaction_content}`).sort(),
    mentions: message.mentions.map((one: any) => one.user_id ?? one.type),
    clientId: message.client_id,
    ordinal: message.sequence,
    revision: message.revision,
    createdAt: message.created_at,
    updatedAt: message.updated_at,
    editedAt: message.edited_at,
    deletedAt: message.deleted_at,
  }
}

function toNotification(one: any) {
  return {
    type: one.event_type,
    actor: one.actor_user_id,
    targetType: one.target_type === 'channel' ? 'conversation' : one.target_type,
    target: one.target_id,
    channel: one.channel_id,
    readAt: one.read_at,
    updatedAt: one.updated_at,
  }
}
