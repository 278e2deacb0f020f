import type { Core } from '../../core/context.ts'
import type { ErrorCode, FieldProblems } from '../../core/errors.ts'
import type { Message } from '../../core/messages/schema.ts'
import type { PublicUser, User } from '../../core/users/schema.ts'
import type { Workspace } from '../../core/workspaces/schema.ts'
import { presentFailure } from './errors.ts'
import { type Live, presentOwnUser, presentUser } from './present.ts'
import { presentBareChannel } from './present-channel.ts'
import { presentMessage, presentReaction } from './present-message.ts'
import { presentNotification } from './present-notification.ts'
import { presentWorkspace } from './present-workspace.ts'

type Refusal = { code: ErrorCode; message: string; param: string | null; fields: FieldProblems | null }

/** This dialect's objects as its socket shows them: the same for everybody who gets a frame. */
export function createSocketObjects(core: Core) {
  const live: Live = { now: core.clock, isOnline: (userId) => core.ports.presence.isOnline(userId) }
  return {
    message: (message: Message) => presentSocketMessage(core, message),
    reaction: presentReaction,
    channel: presentBareChannel,
    workspace: presentBareWorkspace,
    membership: presentWorkspace,
    user: (user: PublicUser) => presentUser(user, live),
    // Who is told of themselves on a socket is there, though others may not have been told yet.
    ownUser: (user: User) => presentOwnUser(user, { ...live, isOnline: () => true }),
    notification: presentNotification,
    failure: ({ code, message, param, fields }: Refusal) => {
      const failure = { code, message, param: param ?? undefined, fields: fields ?? undefined }
      return presentFailure({ ...failure, kind: undefined, status: undefined, headers: {} }).error
    },
  }
}

/** An event does not know a message's reactions: where there are any they are left out, not shown as none. */
function presentSocketMessage({ ports }: Core, message: Message): object {
  const { reactions, ...rest } = presentMessage(message, { reactions: [], files: ports.files })
  return message.reactionCount === 0 ? { ...rest, reactions } : rest
}

/** Without the role, which is another for everybody. */
function presentBareWorkspace(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.name,
    domain: workspace.domain,
    created_by: workspace.createdBy,
    created_at: workspace.createdAt,
    updated_at: workspace.updatedAt,
  }
}
