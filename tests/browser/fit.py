"""Whether a page fits its window: nothing scrolls sideways, and no text is cut where nobody can scroll to it."""

from typing import Final

from playwright.async_api import Locator, Page

from tests.browser.web import at_rest

# An ellipsis is meant, as is what screen readers alone get; a box that scrolls shows everything in the end. What
# stands far outside waits for the keyboard ("Skip to content").
_CUT: Final = """
() => {
  const cut = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement
    if (!text.data.trim() || element.closest("svg, select")) continue
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const window = windowOf(element)
    if (!window) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    const out = ({ left, right }) => right > -innerWidth && (right > window.right + 1 || left < window.left - 1)
    if ([...range.getClientRects()].some(out)) cut.push(text.data.trim())
  }
  return cut

  function windowOf(element) {
    const window = { left: 0, right: innerWidth }
    for (let each = element; each !== document.body; each = each.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(each)
      if (overflowX === "visible") continue
      if (textOverflow === "ellipsis" || overflowX === "auto" || overflowX === "scroll") return null
      const { left, right } = each.getBoundingClientRect()
      if (right - left <= 1) return null
      window.left = Math.max(window.left, left)
      window.right = Math.min(window.right, right)
    }
    return window
  }
}
"""

_SCROLLS: Final = """
(part) => [...part.querySelectorAll("*")]
  .filter((each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowX))
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 100))
"""


async def scrolls_sideways(part: Locator) -> list[str]:
    """The boxes in a part of a page that show only some of their width."""
    found: list[str] = await part.evaluate(_SCROLLS)
    return found


async def misfits(page: Page) -> list[str]:
    """What does not fit, a line each: the page's own width, and texts of which a part cannot be seen."""
    await at_rest(page)
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    found = [f"{wide} px wider than the window"] if wide > 0 else []
    return found + [f"cut: {text}" for text in await page.evaluate(_CUT)]
