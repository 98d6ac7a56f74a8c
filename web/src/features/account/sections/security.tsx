/** Who can get in: password, second factors, sessions, sign-in elsewhere, address. */

import { EmailPart } from "../email"
import { IdentitiesPart } from "../identities"
import { PasskeysPart } from "../passkeys"
import { PasswordPart } from "../password"
import { SessionsPart } from "../sessions"
import { TotpPart } from "../totp"

export default function SecuritySection() {
  return (
    <>
      <TotpPart />
      <PasskeysPart />
      <PasswordPart />
      <EmailPart />
      <IdentitiesPart />
      <SessionsPart />
    </>
  )
}
