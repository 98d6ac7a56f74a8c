"""The sections of the settings: every setting with its default, its limits and its unit.

The text below a setting is its documentation: docs/operating/settings.md is made from it. A setting
`section.name` is CSE_SECTION_NAME in the environment.
"""

from ipaddress import ip_network
from typing import Annotated, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

PRODUCTION_BCRYPT_COST = 12
"""The lowest work factor that is accepted where passwords are real."""


_DATABASES = (
    "postgresql://",
    "postgres://",
    "postgresql+asyncpg://",
    "sqlite:///",
    "sqlite+aiosqlite:///",
)


class Unit(NamedTuple):
    """What a number counts."""

    name: str


def _split_commas(value: object) -> object:
    """Let a list be written as text: "a, b" (environment variables have no lists)."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]
AccountIds = Annotated[
    tuple[Annotated[int, Field(ge=1)], ...], NoDecode, BeforeValidator(_split_commas)
]
Port = Annotated[int, Field(ge=0, le=65_535), Unit("TCP port")]
Count = Annotated[int, Field(ge=1)]
Bytes = Annotated[int, Field(ge=1), Unit("bytes")]
Seconds = Annotated[int, Field(ge=1), Unit("seconds")]
Milliseconds = Annotated[int, Field(ge=1), Unit("milliseconds")]
PerSecond = Annotated[int, Field(ge=1), Unit("requests per second")]


class Section(BaseModel):
    """A group of settings; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class HttpSettings(Section):
    """Where the gateway listens and whom it answers."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 or :: for all interfaces (put nginx with TLS in front)."""
    port: Port = 8000
    """Port to listen on; 0 takes any free one and prints it."""
    public_url: str = ""
    """https://... where people's browsers find the exchange: letters link to its pages there. Empty: http://localhost
    and the port in the sandbox; in production letters then have bare tokens instead of links."""
    cors_origins: Names = ()
    """Web origins (scheme://host[:port], comma-separated) whose pages may call the API and open the
    WebSocket, besides the exchange's own page. "*" means any: for development only."""
    trusted_proxies: Names = ()
    """Addresses or networks (comma-separated) whose X-Forwarded-For is believed. Empty: nobody's."""
    max_body_bytes: Bytes = 262_144
    """Largest request body; above it 413."""
    history_wait_ms: Milliseconds = 1_000
    """How long a call for history waits until it holds the caller's newest change; then 503."""
    shutdown_seconds: Seconds = 5
    """How long a stop waits for requests under way."""

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        url = urlsplit(value)
        if value and (
            url.scheme not in {"http", "https"} or f"{url.scheme}://{url.netloc}" != value
        ):
            raise ValueError("must be a scheme and a host such as https://exchange.example")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            ip_network(item, strict=False)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            scheme, _, host = item.partition("://")
            if item != "*" and (scheme not in {"http", "https"} or not host or "/" in host):
                raise ValueError(f"{item!r} is no origin such as https://example.com")
        return value


class JournalSettings(Section):
    """The journal: every command, in order; the truth of the exchange."""

    segment_bytes: Annotated[int, Field(ge=4_096), Unit("bytes")] = 67_108_864
    """Size at which a new segment file is begun."""
    max_batch: Annotated[int, Field(ge=1, le=65_536), Unit("commands")] = 4_096
    """Most commands that one sync to disk covers."""
    max_waiting: Annotated[int, Field(ge=1), Unit("commands")] = 65_536
    """Commands that may wait for their sync; above it new ones are refused with 503."""


class SnapshotSettings(Section):
    """Snapshots bound how much of the journal a start has to replay."""

    interval_commands: Annotated[int, Field(ge=1), Unit("commands")] = 100_000
    """A new snapshot is made, by a process of its own, after so many commands."""
    keep: Annotated[int, Field(ge=2), Unit("snapshots")] = 3
    """How many are kept; a damaged newest one is made up for by the one before it."""


class QueueSettings(Section):
    """The door between `cse engine` and a `cse gateway` in another process; `cse up` needs none."""

    address: str = ""
    """unix:/path or tcp:host:port. Empty: unix:<data_dir>/engine.sock. There is no encryption and no
    login on it: keep it on one machine or one private network."""

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        kind, _, rest = value.partition(":")
        host, _, port = rest.rpartition(":")
        if (
            value
            and not (kind == "unix" and rest)
            and not (kind == "tcp" and host and port.isdigit())
        ):
            raise ValueError("must be unix:/path or tcp:host:port")
        return value


class DatabaseSettings(Section):
    """The database of people and of history; the journal does not need it."""

    url: SecretStr = SecretStr("")
    """postgresql://user:password@host/name, or sqlite:////path/file. Empty: the SQLite file
    <data_dir>/cse.db."""
    pool_size: Annotated[int, Field(ge=1, le=1_000), Unit("connections")] = 20
    """Connections that one process keeps to PostgreSQL."""

    @field_validator("url")
    @classmethod
    def _is_supported(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not url.startswith(_DATABASES):
            raise ValueError("must be a postgresql:// or sqlite:// URL")
        return value


class RedisSettings(Section):
    """Redis, for several gateways: shared rate limits, sessions and the event bus."""

    url: SecretStr = SecretStr("")
    """redis://[:password@]host:port/0 (rediss:// for TLS). Empty: this process keeps them itself."""
    timeout_ms: Milliseconds = 250
    """How long Redis may take to answer before it counts as away, and each process goes on by itself for a moment."""

    @field_validator("url")
    @classmethod
    def _is_supported(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value


class StreamerSettings(Section):
    """`cse streamer`: a WebSocket server that is fed by Redis; run as many as wanted, behind one address."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 or :: for all interfaces (put nginx with TLS in front)."""
    port: Port = 8001
    """Port to listen on; 0 takes any free one and tells it in the log."""
    gateway: str = ""
    """Base URL of a gateway that takes the orders of a streamer's clients. Empty:
    http://127.0.0.1:<http.port>. The gateway must trust the streamer's address (http.trusted_proxies), or it
    counts all its clients as one address."""

    @field_validator("gateway")
    @classmethod
    def _is_url(cls, value: str) -> str:
        scheme, _, host = value.partition("://")
        if value and (scheme not in {"http", "https"} or not host):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")


class LimitSettings(Section):
    """How much one user and one address may ask for (token buckets), and how much a WebSocket may hold."""

    user_per_second: PerSecond = 1_000
    """Requests that one user may keep up."""
    user_burst: Annotated[int, Field(ge=1), Unit("requests")] = 2_000
    """Requests that one user may send at once."""
    key_per_second: PerSecond = 500
    """Requests that one API key may keep up, of all kinds together."""
    key_burst: Annotated[int, Field(ge=1), Unit("requests")] = 1_000
    """Requests that one API key may send at once."""
    address_per_second: PerSecond = 2_000
    """Requests that one IP address may keep up (a /64 counts as one IPv6 address)."""
    address_burst: Annotated[int, Field(ge=1), Unit("requests")] = 4_000
    """Requests that one IP address may send at once."""
    login_per_minute: Annotated[int, Field(ge=1), Unit("attempts per minute")] = 120
    """Log-ins and registrations that one IP address may try."""
    sub_accounts: Annotated[int, Field(ge=0, le=500), Unit("accounts")] = 20
    """Sub-accounts that one person may have; each has the limits of a user of its own (twice as many a day)."""
    orders_10s: Annotated[int, Field(ge=1), Unit("orders")] = 50_000
    """Orders that one account may place in 10 seconds more than it has trades; above it placing is refused (429)."""
    orders_day: Annotated[int, Field(ge=1), Unit("orders")] = 50_000_000
    """The same in 24 hours."""
    cancels_per_second: Annotated[int, Field(ge=1), Unit("orders per second")] = 5_000
    """Orders that one account may keep up cancelling or amending; above it placing is refused, cancelling never."""
    cancel_burst: Annotated[int, Field(ge=1), Unit("orders")] = 50_000
    """Orders that one account may cancel or amend at once."""
    market_makers: AccountIds = ()
    """Accounts without these limits of orders and cancels, by account id."""
    connections_per_address: Annotated[int, Field(ge=1), Unit("connections")] = 1_000
    """HTTP connections of one IP address to one process (trusted proxies: no limit); above it new ones get 429."""
    websockets: Annotated[int, Field(ge=1), Unit("connections")] = 10_000
    """WebSocket connections that one gateway holds open; above it new ones get 503."""
    websockets_per_address: Annotated[int, Field(ge=1), Unit("connections")] = 1_000
    """WebSocket connections of one IP address to one process."""
    websockets_per_account: Annotated[int, Field(ge=1), Unit("connections")] = 100
    """WebSocket connections of one account to one process."""
    websocket_compression: bool = False
    """Whether clients that offer permessage-deflate get compressed messages: less traffic, more work."""
    websocket_subscriptions: Annotated[int, Field(ge=1), Unit("channels")] = 200
    """Channels that one WebSocket connection may subscribe to."""
    websocket_messages_per_second: Annotated[int, Field(ge=1), Unit("messages per second")] = 100
    """Messages that one WebSocket connection may keep up sending."""
    websocket_buffer_bytes: Bytes = 1_048_576
    """Unsent data after which a slow WebSocket reader is disconnected."""


class IdentitySettings(Section):
    """Identity checks: what takes which level (0 registered, 1 personal data, 2 identity document and selfie, 3 proof
    of address and source of funds), and which lists are used.
    """

    level_to_trade: Annotated[int, Field(ge=0, le=3), Unit("level")] | None = None
    """Level that placing and amending orders takes. Not set: 0 in the sandbox, 1 in production."""
    level_to_withdraw: Annotated[int, Field(ge=0, le=3), Unit("level")] | None = None
    """Level that making API keys with the scope withdraw takes. Not set: 0 in the sandbox, 2 in production."""
    keep_refused_days: Annotated[int, Field(ge=1, le=3_650), Unit("days")] = 30
    """How long documents of rejected and withdrawn checks are kept; then they are deleted."""
    sanctions_file: str = ""
    """CSV file of sanctioned people (docs/reference/identity-checks.md). Empty: in the sandbox the bundled
    example, on which nobody is; in production nobody is compared with anything, which the log says at each start."""
    jurisdictions_file: str = ""
    """CSV file of the countries and up to which level their residents and nationals are served. Empty: the bundled
    one, which serves all countries."""


class EntrySettings(Section):
    """Binary order entry: sessions for programs (docs/reference/order-entry.md), logged in by API keys. There
    is no encryption on its sockets: put a TLS proxy in front where clients come from other machines.
    """

    enabled: bool = True
    """Whether order entry is served, over its sockets and the WebSocket /ws/order-entry."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 or :: for all interfaces."""
    port: Port = 0
    """TCP port to listen on. 0: http.port + 100 if that is free, else any free one; the banner tells."""
    socket: str = ""
    """Path of a Unix socket to listen on besides; only the exchange's own user can open it. Empty: none."""
    connections: Annotated[int, Field(ge=1), Unit("connections")] = 1_000
    """Connections that are held open; never more than a quarter of the files that are kept from HTTP."""
    address_connections: Annotated[int, Field(ge=1), Unit("connections")] = 100
    """Connections that one IP address may hold (a /64 counts as one IPv6 address)."""
    commands_per_second: Annotated[int, Field(ge=1), Unit("commands per second")] = 20_000
    """Commands that one account may keep up, over all its sessions."""
    command_burst: Annotated[int, Field(ge=1_000), Unit("commands")] = 40_000
    """Commands that one account may send at once."""
    in_flight: Annotated[int, Field(ge=1, le=65_535), Unit("messages")] = 16
    """Submits of one session that may wait for their answers; at that many its connection is not read."""
    heartbeat_ms: Annotated[int, Field(ge=500, le=60_000), Unit("milliseconds")] = 5_000
    """How often each side says something at least, where the client asks for nothing else."""
    keep_seconds: Seconds = 60
    """How long a session that lost its connection can be gone on with."""
    replay_bytes: Bytes = 1_048_576
    """Sent messages that a session keeps for a client that comes back."""
    buffer_bytes: Bytes = 4_194_304
    """Unread data after which a slow reader is disconnected."""


class TokenSettings(Section):
    """Log-in tokens and passwords."""

    access_seconds: Seconds = 900
    """Life of an access token."""
    refresh_seconds: Seconds = 2_592_000
    """Life of a refresh token, each use replaces it: a session that is not used for so long is over."""
    session_days: Annotated[int, Field(ge=1, le=3_650), Unit("days")] = 90
    """Longest life of a session, however much it is used: then one logs in again."""
    bcrypt_cost: Annotated[int, Field(ge=4, le=16), Unit("log2 of rounds")] = PRODUCTION_BCRYPT_COST
    """Work factor of password hashes; below 12 is for development only."""


class OperatorSettings(Section):
    """Staff: how many people an act takes, and what they prove."""

    approvals: Annotated[int, Field(ge=0, le=5), Unit("further people")] = 1
    """How many others must agree before house money moves, or roles, fees, limits change, or a market opens. 0: none,
    for a sandbox that one person runs; refused in production."""
    approval_hours: Annotated[int, Field(ge=1, le=720), Unit("hours")] = 24
    """So long a proposal waits for them."""
    require_second_factor: bool | None = None
    """Whether staff needs a second factor for everything but the kill switch. true, false, or not set: on in
    production (where false is refused), off in the sandbox."""


class PasskeySettings(Section):
    """Passkeys: for which domain they are made, and which pages may use them."""

    rp_id: str = ""
    """Domain that passkeys are made for (the relying party's id), such as exchange.example; changing it makes
    them all useless. Empty: localhost in the sandbox; in production no passkeys."""
    origins: Names = ()
    """Pages (scheme://host[:port], comma-separated) that may use them; https, of the domain or below it. Empty:
    http://localhost with any port in the sandbox; in production no passkeys."""

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if bool(self.rp_id) != bool(self.origins):
            raise ValueError("rp_id and origins are set together, or neither is")
        for origin in self.origins:
            url = urlsplit(origin)
            host = url.hostname or ""
            if f"{url.scheme}://{url.netloc}" != origin or "@" in origin:
                raise ValueError(f"{origin!r} is no origin such as https://example.com")
            if url.scheme != "https" and host != "localhost":
                raise ValueError(
                    f"{origin!r} must begin with https:// (http:// for localhost only)"
                )
            if host != self.rp_id and not host.endswith("." + self.rp_id):
                raise ValueError(f"{origin!r} is no page of {self.rp_id!r}")
        return self


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""
    format: Literal["auto", "pretty", "json"] = "auto"
    """On the terminal; auto: pretty on a terminal, JSON elsewhere. The files in <data_dir>/logs are JSON."""


class BotSettings(Section):
    """The sandbox's living demo: bots that trade through the public API."""

    enabled: bool | None = None
    """true, false, or not set: on in the sandbox, off in production (where true is refused)."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Where their randomness begins: the same seed, the same decisions."""
