import { Type } from 'typebox'
import type {
  ConversationWindow,
  SharedConversations,
} from '../../core/customer-conversations/list-customer-conversations.ts'
import { ChannelObject, CustomerObject, presentChannel, presentCustomer, Seconds, toSeconds } from './present.ts'

export const GroupedChannels = Type.Object(
  {
    object: Type.Literal('list'),
    data: Type.Object({
      conversations: Type.Array(
        Type.Object({
          recipient: CustomerObject,
          channels: Type.Array(ChannelObject, { description: 'The first 100, latest activity first.' }),
          has_more_channels: Type.Boolean({ description: 'Whether there are more than those.' }),
          latest_message_at: Seconds('The latest activity in any of them.'),
        }),
      ),
    }),
    has_more: Type.Boolean({ description: 'Whether there are more recipients.' }),
    total_count: Type.Integer({ description: 'How many recipients there are.' }),
  },
  { description: 'Channels by whom they are shared with.' },
)

export function presentGroups({ rows, hasMore, totalCount }: ConversationWindow<SharedConversations>, isLive: boolean) {
  const conversations = rows.map(({ contact, activeAt, conversations, hasMoreConversations }) => ({
    recipient: presentCustomer(contact, isLive),
    channels: conversations.map((conversation) => presentChannel(conversation, isLive)),
    has_more_channels: hasMoreConversations,
    latest_message_at: toSeconds(activeAt),
  }))
  return { object: 'list' as const, data: { conversations }, has_more: hasMore, total_count: totalCount }
}
