"""/api/profile, /api/profile/notifications and /api/people: what people say of themselves, and how they are told."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import edge_problem, invalid, not_found
from cse.gateway.requests import decode
from cse.gateway.schemas import Id, TimeMs
from cse.users.authority import permissions_of
from cse.users.errors import InvalidField
from cse.users.identity import HANDLE_LENGTH
from cse.users.notices import NoticeKind
from cse.users.profiles.model import SIZES, Change, Profile
from cse.users.profiles.profile import Profiles
from cse.users.profiles.settings import NotificationSettings

TAG: Final = "people"
DisplayName = Annotated[str, Meta(max_length=200, examples=["Ada Lovelace"])]
Bio = Annotated[str, Meta(max_length=2_000)]
Locale = Annotated[str, Meta(max_length=16, examples=["de-AT"])]
TimeZone = Annotated[str, Meta(max_length=64, examples=["Europe/Vienna"])]


class AvatarUrls(msgspec.Struct, frozen=True):
    """Where the picture is, by its size in pixels; each never changes."""

    small: Annotated[str, Meta(description="64 by 64 pixels, WebP.")]
    large: Annotated[str, Meta(description="256 by 256 pixels, WebP.")]


class OwnProfile(msgspec.Struct, frozen=True):
    """A person's own profile. All text is plain: whoever puts it into a page escapes it."""

    handle: str
    display_name: str
    bio: str
    locale: str
    time_zone: str
    avatar: AvatarUrls | None
    joined_at: TimeMs
    user_id: int
    account_id: Id
    """The first account: calls act on it unless they name a sub-account."""
    roles: list[str]
    """Besides `user`, which everybody is."""
    permissions: list[str]
    """What staff's pages may offer; each call checks for itself."""


class ProfileRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different; what is left out stays."""

    display_name: DisplayName | UnsetType = UNSET
    """At most 50 characters on one line, none of them invisible; may be empty."""
    bio: Bio | UnsetType = UNSET
    """At most 500 characters; may have line breaks and may be empty."""
    locale: Locale | UnsetType = UNSET
    """A language tag (BCP 47) that the exchange knows."""
    time_zone: TimeZone | UnsetType = UNSET
    """A name of the IANA time zone database."""


class PublicProfile(msgspec.Struct, frozen=True):
    """What everybody may know of a person."""

    handle: str
    display_name: str
    bio: str
    avatar: AvatarUrls | None
    joined_at: TimeMs


class Notifications(msgspec.Struct, frozen=True):
    """Which letters somebody gets."""

    security: bool
    """About who can get into the account: always."""
    trade: bool
    """About orders and money."""
    product: bool
    """News of the exchange."""


class NotificationsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which letters somebody wants; `security` may only be true."""

    trade: bool
    product: bool
    security: bool = True


class ProfileCalls:
    """Profiles over HTTP. Own ones are for people who log in, never for API keys."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def own(self, call: Call) -> Answer:
        """Return the own profile."""
        return await self._told(call, await self._profiles.own(_person(call)))

    async def change(self, call: Call) -> Answer:
        """Change the own profile. Text is brought into Unicode's NFC; what cannot be seen in it is refused."""
        asked = decode(ProfileRequest, call.body)
        given = {
            name: value
            for name in asked.__struct_fields__
            if (value := getattr(asked, name)) is not UNSET
        }
        try:
            profile = await self._profiles.change(_person(call), Change(**given))
        except InvalidField as error:
            raise invalid({error.field: error.reason}) from error
        return await self._told(call, profile)

    async def shown(self, call: Call) -> Answer:
        """Return what everybody may know of who has this handle (in any case); closed accounts are 404."""
        handle = call.path["handle"]
        found = (
            await self._profiles.shown(handle)
            if len(handle) <= HANDLE_LENGTH[1] and handle.isascii()
            else None
        )
        if found is None:
            raise not_found("person")
        user, profile = found.user, found.profile
        shown = PublicProfile(
            user.handle,
            profile.display_name,
            profile.bio,
            avatar_urls(profile.avatar),
            user.created_at,
        )
        return Answer(200, encode(shown))

    async def notifications(self, call: Call) -> Answer:
        """Return which letters the caller gets."""
        return _kinds(await self._settings.wanted(_person(call)))

    async def set_notifications(self, call: Call) -> Answer:
        """Choose which letters the caller gets. Those about security cannot be turned off."""
        asked = decode(NotificationsRequest, call.body)
        wanted = {kind: getattr(asked, kind.value) for kind in NoticeKind}
        try:
            return _kinds(await self._settings.set(_person(call), wanted))
        except InvalidField as error:
            raise invalid({error.field: error.reason}) from error

    @property
    def _profiles(self) -> Profiles:
        return served(self._deps.concerns.profiles)

    @property
    def _settings(self) -> NotificationSettings:
        return served(self._deps.concerns.notification_settings)

    async def _told(self, call: Call, profile: Profile) -> Answer:
        user = await self._profiles.user(_person(call))
        if user is None:
            raise edge_problem("not_authenticated")
        held = self._deps.authority.roles.of(user.user_id)
        own = OwnProfile(
            user.handle,
            profile.display_name,
            profile.bio,
            profile.locale,
            profile.time_zone,
            avatar_urls(profile.avatar),
            user.created_at,
            user.user_id,
            user.account_id,
            sorted(held),
            sorted(permissions_of(held)),
        )
        return Answer(200, encode(own))


def avatar_urls(digest: str) -> AvatarUrls | None:
    """Return where a picture is; None: there is none."""
    if not digest:
        return None
    small, large = (f"/api/avatars/{digest}/{size}" for size in SIZES)
    return AvatarUrls(small, large)


def profile_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about profiles."""
    calls, read, path = ProfileCalls(deps), Need.READ, "/api/profile"
    notes = path + "/notifications"
    return [
        Operation("GET", path, calls.own, "Own profile", TAG, OwnProfile, read),
        Operation(
            "PATCH",
            path,
            calls.change,
            "Change the own profile",
            TAG,
            OwnProfile,
            read,
            body=ProfileRequest,
        ),
        Operation("GET", notes, calls.notifications, "Wanted letters", TAG, Notifications, read),
        Operation(
            "PUT",
            notes,
            calls.set_notifications,
            "Choose which letters to get",
            TAG,
            Notifications,
            read,
            body=NotificationsRequest,
        ),
        Operation(
            "GET",
            "/api/people/{handle}",
            calls.shown,
            "A person's public profile",
            TAG,
            PublicProfile,
            statuses=(404,),
            parameters={"handle": {"type": "string", "maxLength": HANDLE_LENGTH[1]}},
        ),
    ]


def _kinds(wanted: dict[NoticeKind, bool]) -> Answer:
    told = Notifications(**{kind.value: on for kind, on in wanted.items()})
    return Answer(200, encode(told))


def _person(call: Call) -> int:
    """Return who is logged in; API keys are not people."""
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    return call.caller.user_id
