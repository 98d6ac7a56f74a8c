"""/api/profile/avatar and /api/avatars: pictures come as files and go as what we made of them."""

from typing import Final

import msgspec

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.profile_routes import AvatarUrls, avatar_urls
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, edge_problem, not_found
from cse.users.profiles.avatars import MAX_SENT, Avatars, NotAPicture
from cse.users.profiles.model import SIZES

TAG: Final = "people"
AVATAR_CODES: Final[dict[str, tuple[int, str]]] = {
    "not_a_picture": (400, "The file is no picture that the exchange takes; `detail` says why."),
}
"""Codes of these calls besides problems.EDGE_CODES: status and meaning."""
TAKEN: Final = ("image/png", "image/jpeg", "image/webp", "image/gif")
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""A picture never changes, and is nothing but a picture: whoever opens it as a page gets an empty sandbox."""


class AvatarAnswer(msgspec.Struct, frozen=True):
    """The own picture."""

    avatar: AvatarUrls | None


class AvatarCalls:
    """Pictures over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def put(self, call: Call) -> Answer:
        """Take a PNG, JPEG, WebP or GIF (its first frame) of at most 2 MiB and 16,777,216 pixels as the own picture.

        What it is, is told by its content. It is cut to a square and encoded anew in two sizes; all metadata goes.
        """
        try:
            picture = await self._avatars.put(_person(call), call.body)
        except NotAPicture as error:
            raise ApiProblem(400, "not_a_picture", str(error)) from error
        return Answer(200, encode(AvatarAnswer(avatar_urls(picture.digest))))

    async def remove(self, call: Call) -> Answer:
        """Have no picture; harmless twice."""
        await self._avatars.remove(_person(call))
        return Answer(200, encode(AvatarAnswer(None)))

    async def image(self, call: Call) -> Answer:
        """Return a picture; its address never means another one."""
        digest, size = call.path["digest"], call.path["size"]
        known = size in {str(each) for each in SIZES}
        image = await self._avatars.image(digest, int(size)) if known else None
        if image is None:
            raise not_found("picture")
        return Answer(200, image, _HEADERS)

    @property
    def _avatars(self) -> Avatars:
        return served(self._deps.concerns.avatars)


def avatar_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about pictures."""
    calls, read, path = AvatarCalls(deps), Need.READ, "/api/profile/avatar"
    return [
        Operation(
            "PUT",
            path,
            calls.put,
            "Set the own picture",
            TAG,
            AvatarAnswer,
            read,
            max_body_bytes=MAX_SENT,
            takes=TAKEN,
        ),
        Operation("DELETE", path, calls.remove, "Remove the own picture", TAG, AvatarAnswer, read),
        Operation(
            "GET",
            "/api/avatars/{digest}/{size}",
            calls.image,
            "A picture",
            TAG,
            None,
            statuses=(404,),
            parameters={
                "digest": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "size": {"type": "integer", "enum": list(SIZES)},
            },
            media="image/webp",
        ),
    ]


def _person(call: Call) -> int:
    """Return who is logged in; API keys are not people."""
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    return call.caller.user_id
