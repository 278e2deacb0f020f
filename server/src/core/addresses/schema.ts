import type { Timestamp } from '../../platform/clock.ts'

/** A phone number serves SMS and WhatsApp. */
export const ADDRESS_KINDS = ['email', 'phone'] as const
export type AddressKind = (typeof ADDRESS_KINDS)[number]

/** Most addresses of one kind that a contact has. */
export const ADDRESSES_MAX = 20

/** Where a contact is reached. A workspace has each address once. */
export type Address = {
  id: string
  workspaceId: string
  contactId: string
  kind: AddressKind
  /** In its one spelling: an email in lower case, its domain in ASCII; a phone number in E.164. */
  value: string
  /** As it was given; null where that is the same. */
  shown: string | null
  /** The one of its kind that is written to where none is named. */
  isPrimary: boolean
  createdAt: Timestamp
}
