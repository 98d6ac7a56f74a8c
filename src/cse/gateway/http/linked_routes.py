"""/api/auth/providers, /api/auth/oauth, /api/identities: signing in through other providers, and linking them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cse.gateway.concerns import served
from cse.gateway.cursors import LINKED, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.auth_routes import refusals
from cse.gateway.http.linked_cookie import binding_cookie, binding_of, forgotten_cookie
from cse.gateway.http.linked_schemas import (
    IdentityJson,
    IdentityPage,
    IdentityRemoved,
    OAuthFinish,
    OAuthFinished,
    OAuthStart,
    OAuthStarted,
    ProvidersAnswer,
)
from cse.gateway.http.lists import Page, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.session_cookie import session_cookies
from cse.gateway.limits import RouteClass
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, edge_problem, not_found
from cse.gateway.requests import decode
from cse.users.audit import origin
from cse.users.devices import Device, printable
from cse.users.errors import UnknownUser
from cse.users.factor_errors import StepUpRequired
from cse.users.factor_ports import Proof
from cse.users.linked import errors
from cse.users.linked.model import Identity, Purpose
from cse.users.linked.service import Back, Finished, LinkedIdentities

TAG: Final = "people"
LINKED_CODES: Final[dict[str, tuple[int, str]]] = {
    "oauth_refused": (400, "This attempt is not good (any more); begin again."),
    "binding_required": (400, "Send `binding` from where this was begun."),
    "provider_refused": (502, "The provider did not confirm who you are; begin again."),
    "handle_required": (409, "Nobody here has this identity: send `handle` to open an account."),
    "no_verified_email": (403, "The provider confirms no address of yours: register, then link."),
    "identity_taken": (409, "This identity cannot be linked to this account."),
    "too_many_identities": (409, "You have as many linked identities as one may have."),
    "last_way_in": (409, "This is your only way to log in; set a password first."),
}
"""Codes of these calls besides AUTH_CODES, FACTOR_CODES and problems.EDGE_CODES: status and meaning."""
_PROVIDER: Final = {"provider": {"type": "string", "enum": ["x", "discord", "youtube"]}}
_ID: Final = {"identity_id": {"type": "integer", "minimum": 1}}


class LinkedCalls:
    """The calls. Only people make them, never API keys."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the concern."""
        self._deps = deps
        self._cookies = session_cookies(deps)

    async def providers(self, _call: Call) -> Answer:
        """Return the providers that one can sign in through here."""
        return Answer(200, encode(ProvidersAnswer([each.value for each in self._linked.providers])))

    async def start(self, call: Call) -> Answer:
        """Begin to sign in through a provider, or to link an identity there to the account that asks.

        To link takes the person's access token, a step-up (403 `step_up_required` without) and a proved address (403
        `email_not_verified`).
        """
        asked = decode(OAuthStart, call.body)
        await self._charge(call)
        purpose, user_id, session_id = Purpose(asked.purpose), 0, ""
        if purpose is Purpose.LINK:
            header = call.context.headers.get(b"authorization")
            who = self._deps.authenticator.authenticate(
                None if header is None else header.decode("latin-1")
            )
            user_id, session_id = who.user_id, who.session_id
        with _refusals():
            begun = await self._linked.start(
                call.path["provider"], purpose, user_id=user_id, session_id=session_id
            )
        state, binding = begun.ticket.state, begun.ticket.binding
        secure = begun.redirect_uri.startswith("https://")
        answer = OAuthStarted(begun.url, state, binding, begun.redirect_uri, begun.ends_at)
        cookie = binding_cookie(state, binding, secure=secure)
        return Answer(200, encode(answer), {"Set-Cookie": cookie})

    async def finish(self, call: Call) -> Answer:
        """Send on what the provider's redirect brought; sign-ins get tokens, links the identity.

        After 401 `second_factor_required` or `wrong_second_factor`, 403 `step_up_required`, 409 `handle_required` or
        `handle_taken`, and 503, the same flow goes on with what was missing. After any other refusal begin again.
        """
        asked = decode(OAuthFinish, call.body)
        await self._charge(call)
        self._cookies.is_browser(call.context)
        back = Back(
            state=asked.state,
            binding=asked.binding or binding_of(call.context, asked.state),
            code=asked.code,
            issuer=asked.iss,
            handle=asked.handle,
            proof=Proof(
                totp=asked.totp,
                recovery_code=asked.recovery_code,
                passkey=asked.passkey.parsed() if asked.passkey else None,
            ),
            device=Device(origin.get().ip, printable(call.context.headers.get(b"user-agent"))),
        )
        with _refusals():
            finished = await self._linked.finish(call.path["provider"], back)
        pair, cookies = finished.tokens, self._cookies
        refresh_token = None if pair is None else cookies.given_out(call.context, pair)
        told = encode(_told(finished, refresh_token))
        return Answer(200, told, {"Set-Cookie": forgotten_cookie(asked.state)})

    async def identities(self, call: Call) -> Answer:
        """Return own linked identities, newest first."""
        wanted: Page = call.query(Page)
        after = read_cursor(LINKED, wanted.cursor)
        found = await self._linked.identities(
            _person(call), before=after[0] if after else None, limit=wanted.limit + 1
        )
        page = found[: wanted.limit]
        cursor = write_cursor(LINKED, page[-1].identity_id) if len(found) > wanted.limit else None
        return Answer(200, encode(IdentityPage([_json(each) for each in page], cursor)))

    async def unlink(self, call: Call) -> Answer:
        """Remove one own linked identity: it opens the account no more. Sessions go on.

        The only way in stays (409 `last_way_in`): whoever signed up through a provider sets a password first.
        """
        identity_id = parse_id(call.path["identity_id"])
        person = _person(call)
        with _refusals():
            if identity_id is None or not await self._linked.unlink(person, identity_id):
                raise not_found("linked identity")
        return Answer(200, encode(IdentityRemoved(identity_id)))

    @property
    def _linked(self) -> LinkedIdentities:
        return served(self._deps.concerns.linked)

    async def _charge(self, call: Call) -> None:
        """Take what a log-in costs; raises the 429."""
        verdict = await self._deps.limiter.take(RouteClass.AUTH, call.caller.address)
        if not verdict.allowed:
            raise verdict.problem()


def linked_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about other providers; that of `http.step_up` is not guarded yet."""
    calls, oauth = LinkedCalls(deps), "/api/auth/oauth/{provider}"
    return [
        Operation(
            "GET",
            "/api/auth/providers",
            calls.providers,
            "Providers that one can sign in through",
            TAG,
            ProvidersAnswer,
        ),
        Operation(
            "POST",
            f"{oauth}/start",
            calls.start,
            "Begin to sign in through a provider, or to link it",
            TAG,
            OAuthStarted,
            body=OAuthStart,
            statuses=(401, 403, 404, 502),
            parameters=_PROVIDER,
        ),
        Operation(
            "POST",
            f"{oauth}/finish",
            calls.finish,
            "Send on what a provider's redirect brought",
            TAG,
            OAuthFinished,
            body=OAuthFinish,
            statuses=(401, 403, 404, 409, 502),
            parameters=_PROVIDER,
        ),
        Operation(
            "GET",
            "/api/identities",
            calls.identities,
            "Own linked identities",
            TAG,
            IdentityPage,
            Need.READ,
            query=Page,
        ),
        Operation(
            "DELETE",
            "/api/identities/{identity_id}",
            calls.unlink,
            "Remove a linked identity",
            TAG,
            IdentityRemoved,
            Need.READ,
            statuses=(404, 409),
            parameters=_ID,
        ),
    ]


def _person(call: Call) -> int:
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    return call.caller.user_id


def _json(identity: Identity) -> IdentityJson:
    return IdentityJson(
        id=identity.identity_id,
        provider=identity.provider.value,
        subject=identity.subject,
        name=identity.name,
        channel_id=identity.channel_id,
        channel_name=identity.channel_name,
        linked_at=identity.linked_at,
        last_used_at=identity.used_at,
    )


def _told(finished: Finished, refresh_token: str | None) -> OAuthFinished:
    pair, linked = finished.tokens, finished.linked
    return OAuthFinished(
        access_token=pair.access_token if pair else None,
        refresh_token=refresh_token,
        expires_in=pair.expires_in if pair else None,
        identity=_json(linked) if linked else None,
    )


_TOLD: Final[dict[type[Exception], str]] = {
    errors.FlowRefused: "oauth_refused",
    errors.BindingMissing: "binding_required",
    errors.ProviderRefused: "provider_refused",
    errors.HandleNeeded: "handle_required",
    errors.NoVerifiedEmail: "no_verified_email",
    errors.IdentityTaken: "identity_taken",
    errors.TooManyIdentities: "too_many_identities",
    errors.LastWayIn: "last_way_in",
    StepUpRequired: "step_up_required",
    UnknownUser: "invalid_token",
}
_STATUSES: Final = {"step_up_required": 403, "invalid_token": 401}


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell refusals as the API tells them; what is no refusal passes through."""
    try:
        with refusals():
            yield
    except errors.UnknownProvider as error:
        raise not_found("provider here") from error
    except tuple(_TOLD) as error:
        code = _TOLD[type(error)]
        status = LINKED_CODES[code][0] if code in LINKED_CODES else _STATUSES[code]
        raise ApiProblem(status, code, str(error)) from error
