/** Passkeys: options of the exchange in, what the authenticator made out, both as the JSON that WebAuthn level 3 defines. */

import { ApiProblem, type components } from "@cse/core"
import { creationOptions, credentialJson, requestOptions } from "./webauthn-json"

type Schemas = components["schemas"]
export type Assertion = Schemas["AssertionJson"]
export type Attestation = Schemas["AttestationJson"]

/** The person closed the browser's dialog, or no passkey fits: nothing went wrong, and nothing was done. */
export class PasskeyNotUsed extends Error {
  override readonly name = "PasskeyNotUsed"
}

/** Whether this browser can use passkeys here: they need a secure origin with a name, which an IP address is not. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === "function" && window.isSecureContext && hasName(window.location.hostname)
}

export function hasName(host: string): boolean {
  return !/^[\d.]+$|^\[/.test(host)
}

/** Whether passkeys can be offered in the field of a log-in, without a dialog. */
export async function autofillWorks(): Promise<boolean> {
  if (!passkeysWork()) return false
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false
}

/**
 * Lets the person use a passkey. `options` as the exchange gave them; `quiet`: only offered by the browser in a field.
 * Throws PasskeyNotUsed when none was used.
 */
export async function assertPasskey(options: object, quiet: AbortSignal | null = null): Promise<Assertion> {
  const publicKey = requestOptions(options as PublicKeyCredentialRequestOptionsJSON)
  const how = quiet === null ? {} : { mediation: "conditional" as const, signal: quiet }
  const made = await used(navigator.credentials.get({ publicKey, ...how }))
  return credentialJson(made) as Assertion
}

/** Lets the person make a passkey here. Throws PasskeyNotUsed when none was made, and ApiProblem when none can be. */
export async function createPasskey(options: object): Promise<Attestation> {
  const publicKey = creationOptions(options as PublicKeyCredentialCreationOptionsJSON)
  return credentialJson(await used(navigator.credentials.create({ publicKey }))) as Attestation
}

async function used(asked: Promise<Credential | null>): Promise<PublicKeyCredential> {
  let made: Credential | null
  try {
    made = await asked
  } catch (cause) {
    if (cause instanceof DOMException) throw inOurWords(cause)
    throw cause
  }
  if (!(made instanceof PublicKeyCredential)) throw new PasskeyNotUsed("none")
  return made
}

/** What the browser says no with: that the person did not want to, or something that they should know. */
function inOurWords(cause: DOMException): Error {
  if (cause.name === "NotAllowedError" || cause.name === "AbortError") return new PasskeyNotUsed(cause.name, { cause })
  const code = cause.name === "InvalidStateError" ? "passkey_known_here" : "passkey_not_possible"
  return new ApiProblem(code, cause.message, 400)
}
