"""What is accepted as an address, a handle and a password, and that look-alikes and control bytes are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.users.errors import InvalidField
from cse.users.identity import (
    Handle,
    check_new_password,
    normalise_email,
    normalise_password,
    parse_handle,
)

ADA = Handle("Ada", "ada")


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ADA@Example.COM", "ada@example.com"),
        ("a.b+tag@sub.example.co", "a.b+tag@sub.example.co"),
        ("o'brien@xn--bcher-kva.example", "o'brien@xn--bcher-kva.example"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_addresses_are_compared_in_lower_case(given_text: str, stored: str) -> None:
    """One person cannot register twice by changing case."""
    assert normalise_email(given_text) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@@example.com",
        "ada@example..com",
        ".ada@example.com",
        "ada.@example.com",
        "a..b@example.com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@example.com.",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        '"ada"@example.com',
        "ada @example.com",
        " ada@example.com",
        "ada@example.com\n",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada\0@example.com",
        "ada@exam\tple.com",
        "\u0430da@example.com",  # Cyrillic a
        "ada@ex\u00e4mple.com",
        "ada\uff20example.com",  # full-width @
        "ada\u200b@example.com",  # zero-width space
        "\u212aate@example.com",  # the Kelvin sign lower-cases to k
        "ada@example.com\u202e",
        "\ud800ada@example.com",
        "a" * 65 + "@example.com",
        "ada@" + "a" * 64 + ".com",
        "ada@" + "a." * 130 + "com",
        "a" * 1_000_000,
        "ada@example.com, eve@example.com",
        "<ada@example.com>",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    """No homographs, invisible characters, header injection or literals; the error names the field."""
    with pytest.raises(InvalidField) as refused:
        normalise_email(text)
    assert refused.value.field == "email"


@given(st.text(max_size=300))
def test_no_text_at_all_breaks_the_address_check(text: str) -> None:
    """Whatever comes in, the answer is a refusal or a plain lower-case ASCII address."""
    try:
        email = normalise_email(text)
    except InvalidField:
        return
    assert email.isascii()
    assert email == email.lower()
    assert email.isprintable()


def test_a_handle_keeps_its_case_and_is_compared_without() -> None:
    """Ada and ADA are one handle."""
    assert parse_handle("Ada_42") == Handle("Ada_42", "ada_42")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        "a" * 21,
        "1ada",
        "_ada",
        "ada-l",
        "ada l",
        "ada\n",
        "ada\0",
        "\u0430da",
        "\uff41da",
        "ada\u0301",
        "ad\u200ba",
        "\u212aate",
        "\u017fupport",  # long s lower-cases to itself, upper-cases to S
        "<b>ada</b>",
        "';drop--",
        "Admin",
        "SUPPORT",
        "\ud800ada",
    ],
)
def test_handles_that_mislead_are_refused(text: str) -> None:
    """Look-alikes, markup, SQL and names of the house are no handles."""
    with pytest.raises(InvalidField) as refused:
        parse_handle(text)
    assert refused.value.field == "handle"


@pytest.mark.parametrize(
    "text",
    [
        "short",
        "123456789",
        "1234567890",
        "Password123",
        "QWERTYUIOP",
        "aaaaaaaaaaaa",
        "ababababababab",
        "ada@example.com",
        "ADA@EXAMPLE.COM",
        "x" * 1_025,
        "lone surrogate \ud800",
        "",
    ],
)
def test_weak_and_impossible_passwords_are_refused(text: str) -> None:
    """Too short, too long, commonest, one's own name, or no text."""
    with pytest.raises(InvalidField) as refused:
        check_new_password(text, email="ada@example.com", handle=ADA)
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "text",
    [
        "correct horse",
        "пароль-длинный",
        "  spaces count  ",
        "nul \0 and \x01 bytes",
        "é" * 3 + "x1y2z3w4",
    ],
)
def test_any_other_text_is_a_password(text: str) -> None:
    """No rules about kinds of characters."""
    assert check_new_password(text, email="ada@example.com", handle=ADA) == normalise_password(text)


def test_a_password_is_the_same_from_every_keyboard() -> None:
    """An e with a combining accent (macOS) and the composed letter (Windows) are one."""
    assert normalise_password("caf\u0065\u0301 au lait") == normalise_password("caf\u00e9 au lait")


def test_the_length_limits_are_exact() -> None:
    """10 and 1,024 characters are accepted."""
    for length in (10, 1_024):
        assert check_new_password("abc" + "d" * (length - 3), email="a@b.cd", handle=ADA)
