import type { TestContext } from 'node:test'
import type { CarriedFile, Outgoing } from '../../core/deliveries/carrier.ts'
import { createTwilioCarrier, type TwilioCarrier, type TwilioOptions } from '../../providers/twilio/carrier.ts'
import { startTwilioEmulator, type TwilioEmulator, type TwilioEmulatorOptions } from './twilio.ts'

/** An emulator for one test. */
export async function openTwilio(t: TestContext, options: TwilioEmulatorOptions = {}): Promise<TwilioEmulator> {
  const twilio = await startTwilioEmulator(options)
  t.after(() => twilio.close())
  return twilio
}

/** A carrier to it. */
export function openCarrier(
  t: TestContext,
  { url, accountSid, authToken }: TwilioEmulator,
  options: Partial<TwilioOptions> = {},
): TwilioCarrier {
  const carrier = createTwilioCarrier({ baseUrl: url, accountSid, authToken, ...options })
  t.after(() => carrier.close())
  return carrier
}

export function aMessage(differences: Partial<Outgoing> = {}): Outgoing {
  return {
    deliveryId: 'delivery-1',
    transport: 'sms',
    from: '+15005550006',
    to: '+15558675310',
    body: 'Hello ✓',
    files: [],
    email: null,
    statusUrl: null,
    ...differences,
  }
}

export function aFile(url: string): CarriedFile {
  const open = () => Promise.reject(new Error('Twilio fetches files itself'))
  return { name: 'a.jpg', contentType: 'image/jpeg', sizeBytes: 3, url, open }
}

/** For calls that nobody breaks off. */
export function unbroken(): AbortSignal {
  return new AbortController().signal
}
