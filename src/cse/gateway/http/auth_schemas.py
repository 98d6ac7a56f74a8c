"""Bodies and answers of registering, logging in, refreshing and logging out."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.json_schema import SkipJsonSchema

from cse.gateway.http.passkey_json import assertion_of
from cse.users.factor_ports import Proof


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class RegisterBody(Body):
    """Who wants to join."""

    email: Annotated[str, Field(max_length=254, examples=["ada@example.com"])]
    """A plain ASCII address; what differs only in case is the same address."""
    password: Annotated[SecretStr, Field(min_length=10, max_length=1024)]
    """Any 10 to 1,024 characters that are not among the first guesses."""
    handle: Annotated[
        str, Field(min_length=3, max_length=20, pattern="^[A-Za-z][A-Za-z0-9_]*$", examples=["ada"])
    ]
    """The public name; what differs only in case is the same handle."""


class LoginBody(Body):
    """Who is back."""

    email: Annotated[str, Field(max_length=254)]
    password: Annotated[SecretStr, Field(max_length=1024)]
    totp: Annotated[str | None, Field(pattern="^[0-9]{6}$")] = None
    """The second factor's code; only accounts that have one need it."""
    recovery_code: Annotated[SecretStr | None, Field(max_length=64)] = None
    """In the place of `totp`, for whoever has lost the authenticator; each is good once."""
    passkey: dict[str, Any] | None = None
    """In the place of `totp`: the assertion (its `toJSON()`) for the options that `second_factor_required` told."""

    def proof(self) -> Proof:
        """Return what was sent of a second factor."""
        code = self.recovery_code
        return Proof(
            totp=self.totp,
            recovery_code=code.get_secret_value() if code else None,
            passkey=assertion_of(self.passkey),
        )


class RefreshBody(Body):
    """A refresh token: each is good once."""

    refresh_token: Annotated[SecretStr, Field(max_length=256)] | SkipJsonSchema[None] = None
    """Only the web app (`X-CSE-Client: web`) may leave it out: then its cookie counts."""


class RegisteredUser(BaseModel):
    """Who has joined."""

    id: int
    email: str
    handle: str
    account_id: int
    """The account that orders are placed on and money is booked to."""


class RegisterAnswer(BaseModel):
    """The answer to a registration."""

    user: RegisteredUser


class VerificationSent(BaseModel):
    """The answer to a registration where addresses are proved first."""

    status: Literal["verification_sent"] = "verification_sent"
    """A letter is on its way to the address, whoever's it is."""


class TokenAnswer(BaseModel):
    """A fresh pair of tokens."""

    access_token: str
    """For `Authorization: Bearer`, good for `expires_in` seconds."""
    refresh_token: str | SkipJsonSchema[None] = None
    """For the next pair; good once, keep it secret. Not for the web app (`X-CSE-Client: web`): it gets a cookie."""
    expires_in: int
    """Seconds."""
