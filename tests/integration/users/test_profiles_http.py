"""Profiles, notification settings and pictures over HTTP: what people may write, and what it cannot reach."""

import struct
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from cse.users.authority import Role
from cse.users.profiles.avatars import MAX_SENT
from cse.users.profiles.model import MAX_PICTURE
from tests.integration.http_exchange import HttpExchange, good, http_exchange, problem

MARKER = b"<script>alert('cse-marker')</script>"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def test_a_profile_is_read_changed_and_shown(exchange: HttpExchange) -> None:
    """What is left out of a change stays; strangers see name, bio, picture and when, and nothing else."""
    ada = await exchange.person("ada")
    first = good(await ada.get("/api/profile"))
    assert (first["handle"], first["display_name"], first["locale"]) == ("ada", "", "en")
    own = {"X-CSE-Account": str(first["account_id"])}
    good(await ada.get("/api/balances", headers=own))
    problem(await exchange.client().get("/api/balances", headers=own), 401, "not_authenticated")
    changed = {"display_name": " Ada Lovelace ", "bio": "One\r\ntwo", "locale": "de-AT"}
    good(await ada.patch("/api/profile", json=changed))
    good(await ada.patch("/api/profile", json={"time_zone": "Europe/Vienna"}))
    now = good(await ada.get("/api/profile"))
    assert (now["display_name"], now["bio"]) == ("Ada Lovelace", "One\ntwo")
    assert (now["locale"], now["time_zone"]) == ("de-AT", "Europe/Vienna")
    seen = good(await exchange.client().get("/api/people/ADA"))
    assert seen == {
        "handle": "ada",
        "display_name": "Ada Lovelace",
        "bio": "One\ntwo",
        "avatar": None,
        "joined_at": now["joined_at"],
    }
    problem(await exchange.client().get("/api/people/nobody"), 404, "not_found")
    problem(await exchange.client().get("/api/profile"), 401, "not_authenticated")


async def test_a_profile_says_what_its_person_may_do(exchange: HttpExchange) -> None:
    """Roles and permissions of now, of the own profile only; whoever is no staff has none."""
    ada = await exchange.person("ada")
    own = good(await ada.get("/api/profile"))
    assert (own["roles"], "market.kill_switch" in own["permissions"]) == ([], False)
    roles = exchange.deps.authority.roles
    await roles.grant(own["user_id"], Role.RISK, actor="machine:test", reason="needed")
    now = good(await ada.get("/api/profile"))
    assert (now["roles"], "market.kill_switch" in now["permissions"]) == (["risk"], True)
    assert "roles.set" not in now["permissions"]


@pytest.mark.parametrize("field", ["role", "kyc_level", "account_id", "verified_at", "user_id"])
async def test_mass_assignment_is_refused_and_changes_nothing(
    exchange: HttpExchange, field: str
) -> None:
    """A body with a field that is not of the profile is refused as a whole."""
    ada = await exchange.person("ada")
    before = good(await ada.get("/api/profile"))
    for value in ("admin", 3, None):
        body = {"display_name": "changed", field: value}
        answer = await ada.patch("/api/profile", json=body)
        assert field in problem(answer, 400, "invalid_request")["fields"]
    assert good(await ada.get("/api/profile")) == before


async def test_values_that_cannot_be_taken_are_named(exchange: HttpExchange) -> None:
    """Too long, invisible, no language, no time zone: 400 with the field, and nothing changed."""
    ada = await exchange.person("ada")
    bad: list[tuple[str, Any]] = [
        ("display_name", "x" * 51),
        ("display_name", "two\nlines"),
        ("display_name", "abc\u202edef"),
        ("bio", "y" * 501),
        ("bio", "nul\u0000"),
        ("bio", "\u2066isolate"),
        ("bio", "a" + "\u0301" * 10),
        ("locale", "xx"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("bio", None),
        ("bio", 7),
    ]
    for field, value in bad:
        answer = await ada.patch("/api/profile", json={field: value})
        assert field in problem(answer, 400, "invalid_request")["fields"]
    now = good(await ada.get("/api/profile"))
    assert (now["display_name"], now["bio"], now["time_zone"]) == ("", "", "UTC")


async def test_letters_about_security_cannot_be_turned_off(exchange: HttpExchange) -> None:
    """The other kinds can; what was chosen is read back."""
    ada = await exchange.person("ada")
    path = "/api/profile/notifications"
    assert good(await ada.get(path)) == {"security": True, "trade": True, "product": True}
    chosen = {"trade": True, "product": False}
    assert good(await ada.put(path, json=chosen)) == {"security": True, **chosen}
    refused = await ada.put(path, json={"trade": False, "product": False, "security": False})
    assert "security" in problem(refused, 400, "invalid_request")["fields"]
    assert good(await ada.get(path)) == {"security": True, **chosen}


def drawn(kind: str, size: tuple[int, int] = (300, 200), **more: Any) -> bytes:
    """A picture of ours in a format."""
    into = BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(into, kind, **more)
    return into.getvalue()


async def put(client: httpx.AsyncClient, sent: bytes, media: str = "image/png") -> httpx.Response:
    return await client.put("/api/profile/avatar", content=sent, headers={"content-type": media})


async def image_of(client: httpx.AsyncClient, answer: httpx.Response, which: str) -> httpx.Response:
    found = await client.get(good(answer)["avatar"][which])
    assert found.status_code == 200
    return found


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_is_made_anew_in_fixed_sizes(exchange: HttpExchange, kind: str) -> None:
    """Squares of WebP whatever came, never the file that was sent, kept for ever and in a sandbox."""
    ada, sent = await exchange.person("ada"), drawn(kind)
    answer = await put(ada, sent, f"image/{kind.lower()}")
    for which, side in (("small", 64), ("large", 256)):
        found = await image_of(exchange.client(), answer, which)
        made = Image.open(BytesIO(found.content))
        assert (made.format, made.size) == ("WEBP", (side, side))
        assert found.content != sent
        assert len(found.content) <= MAX_PICTURE
        assert found.headers["content-type"] == "image/webp"
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert "immutable" in found.headers["cache-control"]
    assert good(await exchange.client().get("/api/people/ada"))["avatar"] is not None


async def test_another_picture_replaces_the_first_and_none_takes_it_away(
    exchange: HttpExchange,
) -> None:
    """The old address is dead; somebody else's picture that looks the same stays; removing twice is harmless."""
    ada, bob = await exchange.person("ada"), await exchange.person("bob")
    first = good(await put(ada, drawn("PNG")))["avatar"]["small"]
    assert good(await put(bob, drawn("PNG")))["avatar"]["small"] == first
    other = BytesIO()
    Image.new("L", (90, 90), 7).save(other, "PNG")
    second = good(await put(ada, other.getvalue()))["avatar"]["small"]
    assert second != first
    for _ in range(2):
        assert good(await ada.delete("/api/profile/avatar")) == {"avatar": None}
    problem(await exchange.client().get(second), 404, "not_found")
    assert (await exchange.client().get(first)).status_code == 200
    assert good(await bob.delete("/api/profile/avatar")) == {"avatar": None}
    problem(await exchange.client().get(first), 404, "not_found")
    problem(await exchange.client().get(first.replace("/64", "/65")), 404, "not_found")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says that it is so large, with these image data."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


HOSTILE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html>" + MARKER,
    "empty": b"\x00",
    "bomb of pixels": png(50_000, 50_000),
    "one side too long": png(9_000, 1),
    "zero width": png(0, 10),
    "truncated png": drawn("PNG")[:60],
    "truncated jpeg": drawn("JPEG")[:300],
    "truncated webp": drawn("WEBP")[:40],
    "bitmap": drawn("BMP"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
    "too few pixels": png(4_000, 4_000, b"\x00" * 100),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_are_refused_whatever_they_call_themselves(
    exchange: HttpExchange, name: str
) -> None:
    """SVG, HTML, bombs, huge dimensions, truncated files, other formats: 400, and there is no picture."""
    ada = await exchange.person("ada")
    for media in ("image/png", "image/jpeg"):
        problem(await put(ada, HOSTILE[name], media), 400, "not_a_picture")
    assert good(await ada.get("/api/profile"))["avatar"] is None


async def test_a_polyglot_becomes_a_picture_and_nothing_else(exchange: HttpExchange) -> None:
    """Script behind, and in a comment of, a picture is gone from what is served."""
    ada = await exchange.person("ada")
    gif = drawn("GIF", comment=MARKER)
    for sent, media in ((gif + MARKER, "image/gif"), (drawn("JPEG") + MARKER, "image/jpeg")):
        assert MARKER in sent
        answer = await put(ada, sent, media)
        for which in ("small", "large"):
            assert b"script" not in (await image_of(ada, answer, which)).content


async def test_where_a_photo_was_taken_is_gone(exchange: HttpExchange) -> None:
    """EXIF with GPS, colour profile and text chunks do not reach the served picture; its turn is applied."""
    ada = await exchange.person("ada")
    exif = Image.Exif()
    exif[0x010F] = "cse-camera"
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    sent = drawn("JPEG", exif=exif.tobytes(), comment=b"cse-comment")
    assert b"cse-camera" in sent
    found = (await image_of(ada, await put(ada, sent, "image/jpeg"), "large")).content
    made = Image.open(BytesIO(found))
    assert not made.getexif()
    assert "icc_profile" not in made.info
    for word in (b"cse-camera", b"cse-comment", b"EXIF", b"XMP "):
        assert word not in found


async def test_of_what_moves_the_first_frame_is_taken(exchange: HttpExchange) -> None:
    """An animation stands still."""
    ada, into = await exchange.person("ada"), BytesIO()
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("red", "green", "blue")]
    frames[0].save(into, "GIF", save_all=True, append_images=frames[1:], duration=100)
    answer = await put(ada, into.getvalue(), "image/gif")
    made = Image.open(BytesIO((await image_of(ada, answer, "small")).content))
    assert getattr(made, "n_frames", 1) == 1
    red, green, _ = made.convert("RGB").getpixel((32, 32))  # type: ignore[misc]  # RGB has three
    assert red > 200
    assert green < 60


async def test_what_a_file_calls_itself_counts_for_nothing_but_must_be_a_picture(
    exchange: HttpExchange,
) -> None:
    """A PNG sent as JPEG is what it is; JSON and SVG are no media types of this call; too many bytes are 413."""
    ada = await exchange.person("ada")
    good(await put(ada, drawn("PNG"), "image/jpeg"))
    for media in ("image/svg+xml", "text/html", "application/json"):
        problem(await put(ada, drawn("PNG"), media), 415, "unsupported_media_type")
    problem(await put(ada, b"\x89PNG" * (MAX_SENT // 4 + 1)), 413, "body_too_large")
    problem(await put(exchange.client(), drawn("PNG")), 401, "not_authenticated")
