"""The sandbox's mailbox: links can be clicked, and nothing in a letter becomes more than text."""

from types import SimpleNamespace
from typing import Any

from starlette.requests import Request

from cse.gateway.http.mailbox_page import mailbox_routes
from cse.users.mail import Letter, letter


def shown(one: Letter) -> str:
    """The page with this letter, as somebody on this machine sees it."""
    (route,) = mailbox_routes(lambda: [one])
    scope: dict[str, Any] = {
        "type": "http",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "app": SimpleNamespace(),
    }
    return bytes(route.endpoint(Request(scope)).body).decode()


def test_a_link_in_a_letter_can_be_clicked() -> None:
    """With its token, and without the full stop's line after it."""
    page = shown(
        letter("a@example.com", "Hello", "Here:\n\nhttp://localhost:8000/x#token=a-b_C\n\nBye.")
    )
    link = "http://localhost:8000/x#token=a-b_C"
    assert f'<a href="{link}">{link}</a>\n\nBye.' in page


def test_text_that_looks_like_html_stays_text() -> None:
    """Neither a tag nor an attribute comes out of a letter, not even inside of a link."""
    page = shown(
        letter("a@example.com", "<b>", "<script>x</script> https://x.test/\" onclick='y' &amp;")
    )
    assert "<script" not in page
    assert "<b>" not in page
    assert '<a href="https://x.test/">https://x.test/</a>&quot; onclick=&#x27;y&#x27;' in page
