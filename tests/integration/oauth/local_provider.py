"""A small authorization server that really runs: X, Discord and an OpenID provider, with every check of a good one.

Codes are good once, for one redirect URI and one PKCE verifier. Tests break its answers through `faults`.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests import secrets_watch
from tests.waiting import wait_until_async

CLIENT_ID = "cse-client"
CLIENT_SECRET = secrets_watch.CLIENT_SECRET

Fault = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Code:
    """What a code was given out for."""

    challenge: str
    redirect_uri: str
    nonce: str
    person: Mapping[str, Any]


def new_key() -> rsa.RSAPrivateKey:
    """A signing key."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@dataclass
class LocalProvider:
    """The server's state; `person` is whoever sits at the browser."""

    redirect_uris: set[str]
    origin: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"id": "77", "name": "Ada"})
    channels: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, Fault] = field(default_factory=dict)
    """In the place of the answer at a path."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over what an id token says; None: left out."""
    make_id_token: Callable[[dict[str, Any]], str] | None = None
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    key_id: str = "first"
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Paths, in the order in which they were asked for."""

    def app(self) -> Starlette:
        places = {
            "/i/oauth2/authorize": self.authorize,
            "/oauth2/authorize": self.authorize,
            "/authorize": self.authorize,
            "/2/users/me": self.x_user,
            "/api/users/@me": self.discord_user,
            "/youtube/v3/channels": self.youtube_channels,
            "/.well-known/openid-configuration": self.configuration,
            "/jwks": self.jwks,
        }
        routes = [Route(path, self._serving(call)) for path, call in places.items()]
        routes += [
            Route(path, self._serving(self.token), methods=["POST"])
            for path in ("/2/oauth2/token", "/api/oauth2/token", "/token")
        ]
        return Starlette(routes=routes)

    def _serving(self, call: Fault) -> Fault:
        async def serve(request: Request) -> Response:
            self.asked.append(request.url.path)
            return await self.faults.get(request.url.path, call)(request)

        return serve

    async def authorize(self, request: Request) -> Response:
        asked = request.query_params
        good = (
            asked.get("client_id") == CLIENT_ID
            and asked.get("response_type") == "code"
            and asked.get("code_challenge_method") == "S256"
            and asked.get("redirect_uri") in self.redirect_uris
            and bool(asked.get("state"))
        )
        if not good:
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(
            asked["code_challenge"],
            asked["redirect_uri"],
            asked.get("nonce", ""),
            dict(self.person),
        )
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return JSONResponse({"error": "invalid_client"}, 401)
        code = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            code is None
            or form.get("grant_type") != "authorization_code"
            or challenge != code.challenge
            or form.get("redirect_uri") != code.redirect_uri
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self.tokens[access] = code.person
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 60}
        if request.url.path == "/token":
            answer["id_token"] = self.id_token(code)
        return JSONResponse(answer)

    def id_token(self, code: Code) -> str:
        now = int(time.time())
        claims = {
            "iss": self.origin,
            "aud": CLIENT_ID,
            "sub": code.person["id"],
            "iat": now,
            "exp": now + 60,
            "nonce": code.nonce,
            "name": code.person["name"],
            "email": code.person.get("email"),
            "email_verified": code.person.get("verified"),
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        if self.make_id_token is not None:
            return self.make_id_token(said)
        return jwt.encode(said, self.key, "RS256", {"kid": self.key_id})

    def _whose(self, request: Request) -> Mapping[str, Any] | None:
        return self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    async def x_user(self, request: Request) -> Response:
        who = self._whose(request)
        if who is None:
            return JSONResponse({"title": "Unauthorized"}, 401)
        data = {"id": who["id"], "name": who["name"], "username": who["name"].lower()}
        return JSONResponse({"data": data})

    async def discord_user(self, request: Request) -> Response:
        who = self._whose(request)
        if who is None:
            return JSONResponse({"message": "401: Unauthorized"}, 401)
        return JSONResponse({**who, "username": who["name"].lower(), "global_name": who["name"]})

    async def youtube_channels(self, request: Request) -> Response:
        if self._whose(request) is None:
            return JSONResponse({"error": {"code": 401}}, 401)
        return JSONResponse({"items": self.channels})

    async def configuration(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.origin,
                "authorization_endpoint": f"{self.origin}/authorize",
                "token_endpoint": f"{self.origin}/token",
                "jwks_uri": f"{self.origin}/jwks",
            }
        )

    async def jwks(self, _request: Request) -> Response:
        own = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return JSONResponse({"keys": [{**own, "kid": self.key_id, "use": "sig", "alg": "RS256"}]})


@asynccontextmanager
async def local_provider(page: str) -> AsyncIterator[LocalProvider]:
    """A running provider that knows our pages behind `page`, on a free port of this machine."""
    provider = LocalProvider({f"{page}/{name}" for name in ("x", "discord", "youtube")})
    config = uvicorn.Config(
        provider.app(), host="127.0.0.1", port=0, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await wait_until_async(lambda: server.started or serving.done(), 60, "the provider to start")
    provider.origin = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
