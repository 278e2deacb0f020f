import { type Static, Type } from 'typebox'
import type { ContactConversationView, TimelineMessage } from '../../core/contact-conversations/schema.ts'
import { ChannelText, presentChannel } from './channels.ts'
import { ContactDetailObject, PersonObject, presentContactDetail, presentPerson } from './present-contact.ts'

const id = (description: string) => Type.String({ format: 'uuid', description })
const time = (description: string) => Type.String({ format: 'date-time', description })

const LastMessageObject = Type.Object(
  {
    id: id('The message.'),
    message: Type.String({ description: 'The text.' }),
    sender: Type.String({ description: '`You` for what the team sent, `system`, or the name of the contact.' }),
    timestamp: time('When it was sent, or arrived.'),
    channel: ChannelText,
  },
  { description: 'The newest message; none before the first.' },
)

export const ConversationObject = Type.Object(
  {
    id: id('The conversation.'),
    contactId: id('The contact.'),
    ...PersonObject.properties,
    channel: Type.Unsafe<Static<typeof ChannelText>>({ ...ChannelText, description: 'The one used last.' }),
    unreadCount: Type.Integer({
      description:
        'What the contact wrote since one of the team read, of which up to 1,000 are counted, and what was set.',
    }),
    isStarred: Type.Boolean(),
    lastMessage: Type.Optional(LastMessageObject),
    lastMessageTimestamp: Type.Optional(time('The same as in `lastMessage`.')),
    contactDetails: ContactDetailObject,
  },
  { description: 'All that was written to a contact and came from them, over every channel.' },
)

export function presentConversation(view: ContactConversationView): Static<typeof ConversationObject> {
  const { conversation, contact, contactId, transport, unreadCount, isStarred, lastMessage } = view
  const { fullName, ...person } = presentPerson(contact.contact)
  return {
    id: conversation.id,
    contactId,
    fullName,
    ...person,
    channel: presentChannel(transport),
    unreadCount,
    isStarred,
    ...(lastMessage && {
      lastMessage: presentLastMessage(lastMessage, fullName),
      lastMessageTimestamp: lastMessage.message.createdAt,
    }),
    contactDetails: presentContactDetail(contact),
  }
}

function presentLastMessage({ message, transport }: TimelineMessage, contactName: string) {
  const sender = { user: 'You', client: 'You', contact: contactName, system: 'system' }[message.authorKind]
  const { id, body, createdAt } = message
  return { id, message: body, sender, timestamp: createdAt, channel: presentChannel(transport) }
}
