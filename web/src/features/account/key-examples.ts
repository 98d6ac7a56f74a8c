/** Programs to paste: each signs one request with the key (docs/reference/api-keys.md). The secret is asked for, never in the text. */

export const EXAMPLES = ["curl", "python"] as const
export type Example = (typeof EXAMPLES)[number]

/** Returns a program for this exchange and key. */
export function exampleOf(kind: Example | "ed25519", origin: string, keyId: string): string {
  return { curl, python, ed25519 }[kind](origin, keyId)
}

function curl(origin: string, keyId: string): string {
  return `read -rs -p "secret: " secret; now=$(date +%s%3N)
signature=$(printf %s "$now""GET/api/balances" | openssl dgst -sha256 -hmac "$secret" -r | cut -c-64)
curl ${origin}/api/balances \\
  -H "X-CSE-KEY: ${keyId}" -H "X-CSE-TIMESTAMP: $now" -H "X-CSE-SIGNATURE: $signature"`
}

function python(origin: string, keyId: string): string {
  return `import getpass, hashlib, hmac, time, urllib.request

secret, now = getpass.getpass("secret: "), str(time.time_ns() // 1_000_000)
message = f"{now}GET/api/balances"
request = urllib.request.Request("${origin}/api/balances", headers={
    "X-CSE-KEY": "${keyId}",
    "X-CSE-TIMESTAMP": now,
    "X-CSE-SIGNATURE": hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest(),
})
print(urllib.request.urlopen(request).read().decode())`
}

function ed25519(origin: string, keyId: string): string {
  return `now=$(date +%s%3N); printf %s "$now""GET/api/balances" > message
signature=$(openssl pkeyutl -sign -rawin -inkey bot.pem -in message | base64 -w0)
curl ${origin}/api/balances \\
  -H "X-CSE-KEY: ${keyId}" -H "X-CSE-TIMESTAMP: $now" -H "X-CSE-SIGNATURE: $signature"`
}
