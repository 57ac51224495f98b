"""The About screen in a real browser."""

from typing import Any

import pytest

from audioclf.ui.about import WORDS

from .accessibility import obstacles

pytestmark = pytest.mark.browser


def open_about(page: Any) -> Any:
    page.get_by_role("tab", name="About", exact=True).click()
    about = page.locator(".about")
    about.get_by_role("searchbox").wait_for()
    return about


def shown(about: Any) -> list[str]:
    return about.locator(".about-group li:visible .about-title").all_inner_texts()


def test_search_asks_nobody_and_snippets_name_this_server(desk, server):
    about = open_about(desk)
    assert len(shown(about)) == 50
    desk.requests.clear()
    search = about.get_by_role("searchbox", name=WORDS["search"])
    search.fill("  WATER")
    assert shown(about) == ["Water drops", "Pouring water"]
    assert about.locator(".about-group h3:visible").all_inner_texts() == ["Nature and water"]
    status = about.get_by_role("status")
    assert status.inner_text() == WORDS["found"].format(shown=2, count=50)
    search.fill("animals")
    assert len(shown(about)) == 10
    search.fill("violin")
    assert shown(about) == []
    assert status.inner_text() == WORDS["found_none"].format(query="violin", count=50)
    search.press("Enter")
    search.fill("")
    assert len(shown(about)) == 50
    assert desk.requests == []

    snippets = about.locator("pre").all_inner_texts()
    assert all(f"{server.url}predict" in snippet for snippet in snippets)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    about.get_by_role("button", name="Copy: Python").click()
    about.get_by_text(WORDS["copied"], exact=True).wait_for()
    assert desk.evaluate("navigator.clipboard.readText()") == snippets[1]
    assert desk.complaints == []


def test_nothing_stands_in_the_way(phone):
    open_about(phone)
    for _ in ("light", "dark"):
        assert obstacles(phone, ".about") == []
        phone.evaluate("document.body.classList.toggle('dark')")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
