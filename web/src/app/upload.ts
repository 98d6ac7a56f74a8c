/** Files to the API, with how far they are: `fetch` does not tell. */

import { type ApiProblem, offline, problemOf } from "@cse/core"
import { session } from "./exchange"

/** Sends a file as the body; `onShare` hears 0 to 1. Returns the JSON answer. Throws ApiProblem. */
export async function send(method: "POST" | "PUT", path: string, file: Blob, onShare: (share: number) => void): Promise<unknown> {
  const token = await session.token()
  return await new Promise((resolve, reject: (problem: ApiProblem) => void) => {
    const request = new XMLHttpRequest()
    request.open(method, path)
    request.setRequestHeader("X-CSE-Client", "web")
    if (token !== null) request.setRequestHeader("Authorization", `Bearer ${token}`)
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream")
    request.upload.addEventListener("progress", ({ loaded, total }) => onShare(total > 0 ? loaded / total : 0))
    request.addEventListener("error", () => reject(offline(new Error("the connection was lost"))))
    request.addEventListener("load", () => {
      const said = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(said)
      else reject(problemOf(new Response(null, { status: request.status, headers: headersOf(request) }), said))
    })
    request.send(file)
  })
}

function headersOf(request: XMLHttpRequest): Headers {
  const lines = request.getAllResponseHeaders().trim().split(/\r?\n/)
  return new Headers(lines.map((line): [string, string] => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1).trim()]))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // an answer of somebody in between, such as a proxy: the status tells enough
  }
}
