/**
 * WebAuthn's JSON (level 3, section 5.1.8 and 5.4) for browsers that have passkeys and not yet the methods for it: Safari
 * before 18.4, Chrome before 129. Byte strings are base64url without padding.
 */

type CreationJson = PublicKeyCredentialCreationOptionsJSON
type RequestJson = PublicKeyCredentialRequestOptionsJSON

/** Options for `navigator.credentials.create`. */
export function creationOptions(json: CreationJson): PublicKeyCredentialCreationOptions {
  if (typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function")
    return PublicKeyCredential.parseCreationOptionsFromJSON(json)
  const { challenge, user, excludeCredentials, ...rest } = json
  return {
    // The same in both, but for extensions that carry bytes: the exchange asks for none.
    ...(rest as unknown as Omit<PublicKeyCredentialCreationOptions, "challenge" | "user">),
    challenge: bytesOf(challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: descriptors(excludeCredentials),
  }
}

/** Options for `navigator.credentials.get`. */
export function requestOptions(json: RequestJson): PublicKeyCredentialRequestOptions {
  if (typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function")
    return PublicKeyCredential.parseRequestOptionsFromJSON(json)
  const { challenge, allowCredentials, ...rest } = json
  return {
    ...(rest as unknown as Omit<PublicKeyCredentialRequestOptions, "challenge">),
    challenge: bytesOf(challenge),
    allowCredentials: descriptors(allowCredentials),
  }
}

/** What an authenticator made, as the exchange takes it. */
export function credentialJson(made: PublicKeyCredential): unknown {
  if (typeof made.toJSON === "function") return made.toJSON()
  const { id, type, authenticatorAttachment, response } = made
  const common = { id, rawId: textOf(made.rawId), type, clientExtensionResults: made.getClientExtensionResults() }
  return {
    ...common,
    ...(authenticatorAttachment === null ? {} : { authenticatorAttachment }),
    response: { clientDataJSON: textOf(response.clientDataJSON), ...answerOf(response) },
  }
}

function answerOf(response: AuthenticatorResponse): object {
  if ("attestationObject" in response) {
    const attestation = response as AuthenticatorAttestationResponse
    return { attestationObject: textOf(attestation.attestationObject), transports: attestation.getTransports() }
  }
  const { authenticatorData, signature, userHandle } = response as AuthenticatorAssertionResponse
  const handle = userHandle === null ? {} : { userHandle: textOf(userHandle) }
  return { authenticatorData: textOf(authenticatorData), signature: textOf(signature), ...handle }
}

function descriptors(json: readonly PublicKeyCredentialDescriptorJSON[] = []): PublicKeyCredentialDescriptor[] {
  return json.map(({ id, type, transports }) => ({
    id: bytesOf(id),
    type: type as PublicKeyCredentialType,
    ...(transports ? { transports: transports as AuthenticatorTransport[] } : {}),
  }))
}

/** Reads base64url. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0))
}

/** Writes base64url without padding. */
export function textOf(bytes: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes))
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
}
