"""The passkey button of the log-in page, in a browser that offers passkeys in the field at the same time."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import VirtualAuthenticator
from tests.browser.web import log_in, watched_page
from tests.integration.exchange import Exchange

_TELL_OFFERS = """
const get = navigator.credentials.get.bind(navigator.credentials);
navigator.credentials.get = (options) => {
  const asked = get(options);
  if (options.mediation === "conditional") console.log("offered");
  return asked;
};
"""


# Browsers that have passkeys and not yet WebAuthn's JSON.
_BEFORE_JSON = """
delete PublicKeyCredential.parseCreationOptionsFromJSON;
delete PublicKeyCredential.parseRequestOptionsFromJSON;
delete PublicKeyCredential.prototype.toJSON;
"""


@pytest.mark.parametrize(("name", "lacks"), [("juno", ""), ("jules", _BEFORE_JSON)])
async def test_the_button_works_while_the_browser_offers_passkeys_in_the_field(
    browser: Browser, web_exchange: Exchange, name: str, lacks: str
) -> None:
    """Browsers refuse a second request beside the offer that waits: the page takes it back first, in old ones, too."""
    base = web_exchange.base.replace("127.0.0.1", "localhost")
    async with watched_page(browser, base) as watched:
        page = watched.page
        authenticator = await VirtualAuthenticator.plug_into(page)
        await page.add_init_script(lacks)
        await log_in(page, base, name)
        await page.goto("/account/security")
        part = page.get_by_role("region", name="Passkeys")
        await part.get_by_label("Name").fill("Laptop")
        await part.get_by_role("button", name="Add a passkey").click()
        dialog = page.get_by_role("dialog", name="Keep these recovery codes")
        await dialog.get_by_label("I kept them in a safe place").click()
        await dialog.get_by_role("button", name="Done").click()
        await page.get_by_role("button", name="Account menu").click()
        await page.get_by_role("menuitem", name="Log out").click()
        await expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()
        await authenticator.touch(by_itself=False)
        await page.add_init_script(_TELL_OFFERS)
        async with page.expect_console_message(lambda message: message.text == "offered"):
            await page.goto("/login?next=/account/security")
        await authenticator.touch(by_itself=True)  # of requests from now on, not of the offer
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(page).to_have_url(f"{base}/account/security")
        await expect(page.get_by_role("button", name="Account menu")).to_be_visible()
