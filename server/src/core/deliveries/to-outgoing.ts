import type { Core } from '../context.ts'
import { findStored } from '../files/queries.ts'
import type { Attachment } from '../messages/schema.ts'
import type { CarriedFile, Outgoing } from './carrier.ts'
import type { Claim } from './claim-deliveries.ts'

/** A claimed message as its carrier takes it. */
export function toOutgoing(core: Core, claim: Claim, statusUrl: string | null): Outgoing {
  const { deliveryId, transport, from, fromName, to, body, attachments } = claim
  const files = attachments.map((attachment) => toCarriedFile(core, attachment))
  const email = claim.email && { ...claim.email, fromName: claim.email.fromName ?? fromName }
  return { deliveryId, transport, from, to, body, files, email, statusUrl }
}

function toCarriedFile({ ports, database, clock }: Core, { fileId, ...attachment }: Attachment): CarriedFile {
  return {
    ...attachment,
    url: ports.files.downloadUrl({ fileId, name: attachment.name }),
    async open() {
      const file = await findStored(database.kysely, { fileId, at: clock() })
      if (file === undefined) throw new Error('The file of a message is gone.')
      return ports.storage.read(file.storageKey)
    },
  }
}
