import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TwilioEmulator } from '../../testing/emulators/twilio.ts'
import { openCarrier, openTwilio, unbroken } from '../../testing/emulators/twilio-world.ts'
import { openReceiver } from '../../testing/webhook-receiver.ts'
import { MediaTooLargeError } from './fetch-media.ts'

const BYTES = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3])

test('a file comes with its type, and the store where it lies is not told the credentials', async (t) => {
  const twilio = await openTwilio(t)
  const url = await receiveFile(twilio)
  const fetched = await openCarrier(t, twilio).fetchMedia({ url, bytesMax: 100, signal: unbroken() })
  assert.ok(fetched.outcome === 'fetched')
  assert.deepEqual([fetched.contentType, fetched.sizeBytes], ['image/jpeg', 8])
  // The emulator's store refuses who sends credentials, as Twilio's does.
  assert.deepEqual(await buffer(fetched.stream), BYTES)
})

test('a file that is too large is refused before it is read where its size is said', async (t) => {
  const twilio = await openTwilio(t)
  const url = await receiveFile(twilio)
  const fetched = await openCarrier(t, twilio).fetchMedia({ url, bytesMax: 7, signal: unbroken() })
  assert.deepEqual(fetched, { outcome: 'failed', isFinal: true, reason: 'the file is larger than 7 bytes' })
})

test('a file that does not say its size fails where it becomes too large', async (t) => {
  const twilio = await openTwilio(t)
  const endless = await openReceiver(t)
  endless.answer((reply) => {
    const write = () => {
      while (!reply.destroyed && reply.write('x'.repeat(65_536)));
      if (!reply.destroyed) reply.once('drain', write)
    }
    write()
  })
  const carrier = openCarrier(t, twilio, { baseUrl: new URL(endless.url).origin })
  const fetched = await carrier.fetchMedia({ url: endless.url, bytesMax: 100_000, signal: unbroken() })
  assert.ok(fetched.outcome === 'fetched')
  await assert.rejects(buffer(fetched.stream), MediaTooLargeError)
})

test('an address that is not Twilio’s is not asked', async (t) => {
  const twilio = await openTwilio(t)
  const elsewhere = await openReceiver(t)
  const carrier = openCarrier(t, twilio)
  for (const url of [elsewhere.url, 'nonsense', 'file:///etc/passwd', 'https://api.twilio.com.example.com/x']) {
    const fetched = await carrier.fetchMedia({ url, bytesMax: 100, signal: unbroken() })
    assert.deepEqual([fetched.outcome, 'isFinal' in fetched && fetched.isFinal], ['failed', true])
  }
  assert.equal(elsewhere.received.length, 0)
})

test('redirects end', async (t) => {
  const twilio = await openTwilio(t)
  const circling = await openReceiver(t)
  circling.answer((reply) => void reply.writeHead(302, { location: '/again' }).end())
  const carrier = openCarrier(t, twilio, { baseUrl: new URL(circling.url).origin })
  const fetched = await carrier.fetchMedia({ url: circling.url, bytesMax: 100, signal: unbroken() })
  assert.deepEqual(fetched, { outcome: 'failed', isFinal: true, reason: 'too many redirects' })
  assert.equal(circling.received.length, 4)
})

test('a file that is not there, and a Twilio that is down, may be tried again; wrong credentials not', async (t) => {
  const twilio = await openTwilio(t)
  const url = await receiveFile(twilio)
  const fetch = async (carrier = openCarrier(t, twilio), from = url) => {
    const { outcome, ...rest } = await carrier.fetchMedia({ url: from, bytesMax: 100, signal: unbroken() })
    return [outcome, 'isFinal' in rest && rest.isFinal]
  }
  assert.deepEqual(await fetch(undefined, `${url.slice(0, -34)}ME${'0'.repeat(32)}`), ['failed', false])
  assert.deepEqual(await fetch(openCarrier(t, twilio, { authToken: 'old' })), ['failed', true])
  twilio.fail({ kind: 'server_error', status: 503 }, { on: 'read' })
  assert.deepEqual(await fetch(), ['failed', false])
  await twilio.goDown()
  assert.deepEqual(await fetch(), ['failed', false])
})

/** The address of a file that a person has sent. */
async function receiveFile(twilio: TwilioEmulator): Promise<string> {
  const media = [{ contentType: 'image/jpeg', bytes: BYTES }]
  const { message } = await twilio.receive({ from: '+15558675310', to: '+15005550006', media })
  const path = `/2010-04-01/Accounts/${twilio.accountSid}/Messages/${message.sid}/Media/${message.media[0]!.sid}`
  return `${twilio.url}${path}`
}
