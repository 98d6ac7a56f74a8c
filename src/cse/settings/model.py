"""All settings, and what of them must not face real money."""

from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from cse.settings.mail import MailSettings, RegistrationSettings
from cse.settings.oauth import OAuthSettings
from cse.settings.sections import (
    PRODUCTION_BCRYPT_COST,
    BotSettings,
    DatabaseSettings,
    EntrySettings,
    HttpSettings,
    IdentitySettings,
    JournalSettings,
    LimitSettings,
    LogSettings,
    OperatorSettings,
    PasskeySettings,
    QueueSettings,
    RedisSettings,
    SnapshotSettings,
    StreamerSettings,
    TokenSettings,
)


class Settings(BaseSettings):
    """All settings of one exchange. Built bare it reads nothing; `load_settings` reads the surroundings."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_prefix="CSE_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, env_settings, dotenv_settings, file_secret_settings  # see load.py
        return (init_settings,)

    mode: Literal["sandbox", "production"] = "sandbox"
    """sandbox: play money, free deposits, demo logins and bots. production: none of these."""
    data_dir: Path = Path("data")
    """Folder of the journal, snapshots, logs, keys and the SQLite file; it is made if need be."""
    engine: Literal["auto", "python", "native"] = "auto"
    """Which engine runs; both do the same, native faster. auto: native if it is built (`make setup` builds it
    where there is a Rust toolchain), else Python. native: refuse to start without it."""
    durability: Literal["local"] = "local"
    """local: an order is acknowledged once its command is synced to this machine's disk. Losing the disk
    loses the journal. (quorum, several machines, does not exist yet and is therefore not accepted.)"""
    http: HttpSettings = HttpSettings()
    journal: JournalSettings = JournalSettings()
    snapshot: SnapshotSettings = SnapshotSettings()
    queue: QueueSettings = QueueSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    streamer: StreamerSettings = StreamerSettings()
    limits: LimitSettings = LimitSettings()
    entry: EntrySettings = EntrySettings()
    identity: IdentitySettings = IdentitySettings()
    tokens: TokenSettings = TokenSettings()
    mail: MailSettings = MailSettings()
    registration: RegistrationSettings = RegistrationSettings()
    operators: OperatorSettings = OperatorSettings()
    oauth: OAuthSettings = OAuthSettings()
    passkeys: PasskeySettings = PasskeySettings()
    log: LogSettings = LogSettings()
    bots: BotSettings = BotSettings()

    @model_validator(mode="after")
    def _nothing_of_development_in_production(self) -> Self:
        if self.mode == "production" and (found := self.development_only()):
            raise ValueError("not in production: " + "; ".join(found))
        return self

    def development_only(self) -> list[str]:
        """Name what is chosen that must not face real money, one sentence each (the mode itself aside)."""
        found = []
        if self.bots.enabled:
            found.append("bots.enabled (CSE_BOTS_ENABLED): bots trade play money")
        if self.tokens.bcrypt_cost < PRODUCTION_BCRYPT_COST:
            found.append(
                f"tokens.bcrypt_cost (CSE_TOKENS_BCRYPT_COST): below {PRODUCTION_BCRYPT_COST}"
                " passwords are too cheap to guess"
            )
        if "*" in self.http.cors_origins:
            found.append("http.cors_origins (CSE_HTTP_CORS_ORIGINS): * lets any web page in")
        if self.mail.host and self.mail.tls == "none":
            found.append("mail.tls (CSE_MAIL_TLS): none sends links and passwords in the clear")
        if not self.operators.approvals:
            found.append(
                "operators.approvals (CSE_OPERATORS_APPROVALS): 0 lets one person move money and give roles"
            )
        if self.operators.require_second_factor is False:
            found.append(
                "operators.require_second_factor (CSE_OPERATORS_REQUIRE_SECOND_FACTOR): without it a password is"
                " all that stands before staff's calls"
            )
        if self.registration.verify_email is False:
            found.append(
                "registration.verify_email (CSE_REGISTRATION_VERIFY_EMAIL): without it anybody learns who is registered"
            )
        return found + self.oauth.development_only(self.oauth_page)

    @property
    def level_to_trade(self) -> int:
        """The identity level that trading takes."""
        wanted = self.identity.level_to_trade
        return (0 if self.sandbox else 1) if wanted is None else wanted

    @property
    def level_to_withdraw(self) -> int:
        """The identity level that API keys with the scope withdraw take."""
        wanted = self.identity.level_to_withdraw
        return (0 if self.sandbox else 2) if wanted is None else wanted

    @property
    def sandbox(self) -> bool:
        """Whether money is play money."""
        return self.mode == "sandbox"

    @property
    def bots_on(self) -> bool:
        """Whether the demo bots run with `cse up`."""
        return self.sandbox if self.bots.enabled is None else self.bots.enabled

    @property
    def staff_second_factor(self) -> bool:
        """Whether staff acts with a second factor only."""
        wanted = self.operators.require_second_factor
        return not self.sandbox if wanted is None else wanted

    @property
    def verifies_first(self) -> bool:
        """Whether addresses are proved before there is an account."""
        wanted = self.registration.verify_email
        return not self.sandbox if wanted is None else wanted

    @property
    def database_url(self) -> str:
        """The database's URL, with the default filled in; it may hold a password."""
        given = self.database.url.get_secret_value()
        return given or f"sqlite:///{(self.data_dir / 'cse.db').absolute()}"

    @property
    def queue_address(self) -> str:
        """The engine's socket, with the default filled in."""
        return self.queue.address or f"unix:{(self.data_dir / 'engine.sock').absolute()}"

    @property
    def oauth_page(self) -> str:
        """The page that providers send people back to, with the default filled in."""
        own = self.public_url or f"http://localhost:{self.http.port}"
        return self.oauth.redirect_page or f"{own}/oauth/callback"

    @property
    def public_url(self) -> str:
        """Where browsers find the web app, with the default filled in; empty: nobody has said."""
        here = f"http://localhost:{self.http.port}" if self.sandbox and self.http.port else ""
        return self.http.public_url or here

    def listening_on(self, port: int) -> Self:
        """Return these settings with the port that was taken in the place of any free one."""
        return self.model_copy(update={"http": self.http.model_copy(update={"port": port})})

    @property
    def streamer_gateway(self) -> str:
        """Where streamers send orders, with the default filled in."""
        return self.streamer.gateway or f"http://127.0.0.1:{self.http.port}"
