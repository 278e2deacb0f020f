import { ok } from '../harness/expect.ts'
import { type Caller, makePerson, say } from './team.ts'

/** Somebody with one of everything. */
export type Tenant = {
  owner: Caller
  mate: Caller
  workspace: string
  channel: string
  message: string
  /** A message to themselves. */
  note: string
  reaction: string
  notification: string
  file: string
  /** What stands in the message, and nowhere else. */
  word: string
}

export async function makeTenant(url: string, name: string): Promise<Tenant> {
  return fillTenant({ owner: await makePerson(url, name), mate: await makePerson(url, `${name}s-mate`) })
}

/** One of everything, new, for the same people. */
export async function fillTenant({ owner, mate }: Pick<Tenant, 'owner' | 'mate'>): Promise<Tenant> {
  const word = `word-of-${owner.username}`
  const workspace = await ok(201, owner.post('/workspaces', { name: `of ${owner.username}` }))
  await ok(201, owner.post(`/workspaces/${workspace.id}/members`, { user_id: mate.id }))
  const fields = { name: `of ${owner.username}`, description: word, member_ids: [mate.id] }
  const channel = await ok(201, owner.post(`/workspaces/${workspace.id}/channels`, fields))
  const message = await say(owner, channel.id, word)
  await ok(200, owner.put(`/messages/${message.id}`, { body: `${word} edited` }))
  const reaction = await ok(201, owner.post(`/messages/${message.id}/reactions`, { reaction_content: '🎈' }))
  await say(mate, channel.id, `@${owner.username} look`, { parent_message_id: message.id })
  const notification = (await ok(200, owner.get('/notifications?type=mention'))).data[0]
  const note = await ok(201, owner.post(`/dms/users/${owner.id}/messages`, { body: word }))
  return {
    ...{ owner, mate, word, workspace: workspace.id, channel: channel.id, message: message.id },
    ...{ note: note.id, reaction: reaction.id, notification: notification.id, file: await upload(owner) },
  }
}

async function upload(owner: Caller): Promise<string> {
  const fields = { file_name: 'a.txt', file_type: 'text/plain', file_size: 2 }
  const { id, upload_url } = await ok(201, owner.post('/attachments/generate-upload-url', fields))
  const { status } = await fetch(upload_url, { method: 'PUT', body: 'hi' })
  if (status !== 200) throw new Error(`the upload was refused: ${status}`)
  return id
}
