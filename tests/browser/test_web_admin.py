"""The office in a browser: four eyes, the kill switch, people, the audit log, and what others see of it."""

import io
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.browser.fit import misfits
from tests.browser.web import PHONE, Watched, axe, log_in, watched_page
from tests.integration.exchange import Exchange

SECTIONS = [
    "system",
    "markets",
    "approvals",
    "users",
    "identity",
    "sanctions",
    "fees",
    "house",
    "audit",
]


def staffed(exchange: Exchange) -> Exchange:
    """The exchange, with two admins, and one person who works in support."""
    for name, role in (("dana", "admin"), ("omar", "admin"), ("sue", "support")):
        with exchange.person(name):
            words = ["admin", "grant", f"{name}@example.com", role, "--reason", "test"]
            command = [sys.executable, "-m", "cse.cli", *words]
            granted = subprocess.run(
                [*command, "--data-dir", str(exchange.data_dir)],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert granted.returncode == 0, granted.stderr
    return exchange


@pytest.fixture(scope="module")
def office(web_exchange: Exchange) -> Exchange:
    """An exchange with staff."""
    return staffed(web_exchange)


@asynccontextmanager
async def desk(browser: Browser, exchange: Exchange, name: str) -> AsyncIterator[Watched]:
    """A page of the office, with somebody of staff logged in."""
    async with watched_page(browser, exchange.base) as watched:
        await log_in(watched.page, exchange.base, name, register=False)
        yield watched


async def give_reason(page: Page, reason: str, confirm: str) -> None:
    """Fills in the dialog of an act and sends it; returns when it is closed."""
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill(reason)
    await dialog.get_by_role("button", name=confirm, exact=True).click()
    await expect(dialog).to_have_count(0)


async def test_a_fee_tier_takes_two_people(browser: Browser, office: Exchange) -> None:
    """Dana proposes and cannot agree herself; Omar sees what changes and agrees; the tier and the log have it."""
    async with AsyncExitStack() as stack:
        dana = (await stack.enter_async_context(desk(browser, office, "dana"))).page
        await dana.goto("/admin/fees")
        await dana.get_by_role("button", name="New tier").click()
        dialog = dana.get_by_role("dialog")
        await dialog.get_by_label("Tier", exact=True).fill("7")
        await dialog.get_by_label("Maker, %").fill("0.01")
        await dialog.get_by_label("Taker, %").fill("0.02")
        await give_reason(dana, "agreement", "Propose")
        await dana.goto("/admin/approvals")
        await expect(dana.get_by_text("Somebody else has to agree.")).to_be_visible()
        await expect(dana.get_by_role("button", name="Agree")).to_have_count(0)

        omar = (await stack.enter_async_context(desk(browser, office, "omar"))).page
        await omar.goto("/admin/approvals")
        row = omar.get_by_role("row").filter(has_text="maker_ppm")
        await expect(row).to_contain_text("100")
        await omar.get_by_role("button", name="Agree").click()
        await give_reason(omar, "checked", "Agree")
        await omar.goto("/admin/fees")
        await expect(omar.get_by_role("row", name="7 0.01 % 0.02 %")).to_be_visible()
        await omar.goto("/admin/audit/fee_tier:7")
        await expect(omar.get_by_text("fee_tier.set")).to_be_visible()


async def test_one_press_stops_every_market_and_a_click_does_not(
    browser: Browser, office: Exchange
) -> None:
    """A click only says to hold; held, all markets are halted, and the page shows it; opening again is a proposal."""
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/markets")
        switch = page.get_by_role("button", name="Halt all markets")
        await expect(page.get_by_role("row", name="NOVA-USDC")).to_contain_text("open")
        await switch.click()
        await expect(page.get_by_text("Hold it for a moment")).to_be_visible()
        await expect(page.get_by_role("row", name="NOVA-USDC")).to_contain_text("open")
        await switch.hover()
        await page.mouse.down()
        await expect(page.get_by_role("row", name="NOVA-USDC")).to_contain_text("halted")
        await page.mouse.up()
        await (
            page.get_by_role("row", name="NOVA-USDC")
            .get_by_role("button", name="Open", exact=True)
            .click()
        )
        await give_reason(page, "resolved", "Open")
        await expect(page.get_by_role("row", name="NOVA-USDC")).to_contain_text("halted")
    async with desk(browser, office, "omar") as watched:
        page = watched.page
        await page.goto("/admin/approvals")
        await page.get_by_role("button", name="Agree").click()
        await give_reason(page, "checked", "Agree")
        await page.goto("/admin/markets")
        await expect(page.get_by_role("row", name="NOVA-USDC")).to_contain_text("open")


async def test_a_person_is_found_frozen_and_has_a_timeline(
    browser: Browser, office: Exchange
) -> None:
    """Found by address; frozen by one person with a reason; the timeline says who registered and who froze."""
    with office.person("mallory"):
        pass
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/users")
        await page.get_by_label("Find people").fill("mallory@example.com")
        await page.get_by_role("button", name="Find").click()
        await page.get_by_role("link", name="mallory").click()
        await page.get_by_role("button", name="Freeze", exact=True).click()
        await give_reason(page, "court_order", "Freeze")
        await expect(page.get_by_role("button", name="Unfreeze")).to_be_visible()
        await expect(page.get_by_text("user.register").first).to_be_visible()
        await expect(page.get_by_text("“court_order”").first).to_be_visible()


async def test_unfreezing_takes_a_second_person(browser: Browser, office: Exchange) -> None:
    """Dana freezes Ned at once; to unfreeze is a proposal, which Omar finds and agrees to."""
    with office.person("ned"):
        pass
    async with AsyncExitStack() as stack:
        dana = (await stack.enter_async_context(desk(browser, office, "dana"))).page
        await dana.goto("/admin/users")
        await dana.get_by_label("Find people").fill("ned")
        await dana.get_by_role("button", name="Find").click()
        await dana.get_by_role("link", name="ned", exact=True).click()
        await dana.get_by_role("button", name="Freeze", exact=True).click()
        await give_reason(dana, "takeover", "Freeze")
        await dana.get_by_role("button", name="Unfreeze").click()
        await give_reason(dana, "resolved", "Unfreeze")
        await expect(dana.get_by_text("waits for a second person").first).to_be_visible()

        omar = (await stack.enter_async_context(desk(browser, office, "omar"))).page
        await omar.goto("/admin/approvals")
        await omar.get_by_role("button", name="Agree").click()
        await give_reason(omar, "checked", "Agree")
        await dana.reload()
        await expect(dana.get_by_role("button", name="Freeze", exact=True)).to_be_visible()


def hand_in(office: Exchange, name: str) -> None:
    """Somebody hands in a check for level 1, with a picture."""
    data = {"legal_name": "Vera Example", "birth_date": "1990-02-03"}
    data |= {"country_of_residence": "DE", "nationality": "JP"}
    file = io.BytesIO()
    Image.new("RGB", (320, 200), (40, 90, 200)).save(file, "PNG")
    with office.person(name) as client:
        begun = client.post("/api/identity-checks", json={"level": 1, "data": data})
        path = f"/api/identity-checks/{begun.json()['check_id']}"
        png = {"content-type": "image/png"}
        sent = client.post(f"{path}/documents?kind=selfie", content=file.getvalue(), headers=png)
        assert sent.status_code == 201, sent.text
        assert client.post(f"{path}/submit").status_code == 200


async def test_a_check_is_taken_looked_at_and_approved(browser: Browser, office: Exchange) -> None:
    """The queue, the data, the picture itself, the decision; then the person has the level."""
    hand_in(office, "vera")
    async with desk(browser, office, "sue") as watched:
        page = watched.page
        await page.goto("/admin/identity")
        await page.get_by_role("link", name="#").first.click()
        await expect(page.get_by_text("Vera Example")).to_be_visible()
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
        await page.get_by_role("button", name="Take it").click()
        await page.get_by_role("button", name="Look at it").click()
        shown = page.get_by_role("img", name="Selfie")
        await expect(shown).to_have_js_property("naturalWidth", 320)
        assert await axe(page) == []
        await page.get_by_role("button", name="Approve").click()
        await give_reason(page, "documents_match", "Approve")
        await expect(page.get_by_text("approved", exact=True)).to_be_visible()
    with office.person("vera") as client:
        assert client.get("/api/identity").json()["level"] == 1


async def test_staff_sees_the_rooms_of_its_role_and_others_none(
    browser: Browser, office: Exchange
) -> None:
    """Support has no audit log, fees or kill switch; whoever is no staff is told so; strangers log in first."""
    async with desk(browser, office, "sue") as watched:
        await watched.page.goto("/admin")
        rooms = watched.page.get_by_role("navigation", name="Office")
        await expect(rooms.get_by_role("link")).to_have_text(
            ["System", "Markets", "Approvals", "People", "Identity checks"]
        )
        await expect(watched.page.get_by_role("button", name="Halt all markets")).to_have_count(0)
    async with watched_page(browser, office.base) as watched:
        await log_in(watched.page, office.base, "nora")
        await watched.page.goto("/admin")
        await expect(watched.page.get_by_text("Your account has no role here.")).to_be_visible()
    # The refresh without a cookie is refused: that is how the app learns that nobody is logged in.
    async with watched_page(browser, office.base, allowed=["401"]) as watched:
        await watched.page.goto("/admin/audit")
        await watched.page.wait_for_url("**/login?next=*")


@pytest.mark.parametrize("section", SECTIONS)
async def test_every_room_is_accessible_and_fits_a_phone(
    browser: Browser, office: Exchange, section: str
) -> None:
    """No violation of WCAG 2.2 AA in light and in dark, and nothing is wider than a phone."""
    for theme, size in (("light", (1440, 900)), ("dark", PHONE)):
        async with watched_page(
            browser, office.base, size=size, preferences={"theme": theme}
        ) as watched:
            page = watched.page
            await log_in(page, office.base, "dana", register=False)
            await page.goto(f"/admin/{section}")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await page.wait_for_load_state("networkidle") if section != "system" else None
            assert await axe(page) == []
            assert await misfits(page) == []
