"""The letters of a sandbox's exchange, as its mailbox page shows them."""

import html
import re

import httpx

from tests.waiting import wait_until


def link_to(base: str, address: str, page: str) -> str:
    """Returns the newest link to `page` (`/verify-email`) in letters to this address, once there is one.

    It begins with `base`: letters call the sandbox by the name localhost.
    """
    found: list[str] = []

    def look() -> bool:
        shown = httpx.get(f"{base}/dev/mailbox", timeout=20).text
        letters = re.findall(r"<article>(.*?)</article>", shown, re.DOTALL)
        mine = "".join(each for each in letters if f"<p>{html.escape(address)}</p>" in each)
        found[:] = re.findall(rf'href="([^"]*{re.escape(page)}#token=[\w-]+)"', mine)
        return bool(found)

    wait_until(look, 60, f"a letter to {address} with a link to {page}")
    return base + found[0][found[0].index(page) :]
