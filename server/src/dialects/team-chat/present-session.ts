import { Type } from 'typebox'
import { ACCESS_TOKEN_LIFE_MS, type SignedIn } from '../../core/sessions/schema.ts'
import { type Live, presentOwnUser, Time, UserObject } from './present.ts'

export const SessionObject = Type.Object(
  {
    user: UserObject,
    access_token: Type.String({ description: 'For the header `Authorization: Bearer <access_token>`.' }),
    refresh_token: Type.String({ description: 'For one call of `POST /refresh`, which gives the next one.' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'How long the access token works, in seconds.' }),
    expires_at: Time('When the access token stops working.'),
  },
  { description: 'A signed-in session.' },
)

export function presentSession(signedIn: SignedIn, live: Live) {
  return {
    user: presentOwnUser(signedIn.user, live),
    access_token: signedIn.accessToken,
    refresh_token: signedIn.refreshToken,
    token_type: 'Bearer' as const,
    expires_in: ACCESS_TOKEN_LIFE_MS / 1_000,
    expires_at: signedIn.accessTokenExpiresAt,
  }
}
