"""The lesson as a class walks it: guess, see, go on; its links and its work sheet."""

import pytest

from .test_listen import serious

pytestmark = pytest.mark.browser


def guess_and_reveal(page, option: int) -> str:
    page.locator(".lesson-options label").nth(option).click()
    page.locator(".lesson-reveal").click()
    page.wait_for_selector(".lesson-verdict")
    return page.locator(".lesson-verdict").inner_text()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_five_steps_each_a_guess_and_then_what_is_so(visit, phone):
    page = visit(phone=phone)
    if phone:
        page.goto(page.url + "?lesson=1")
    else:
        page.get_by_role("tab", name="Lesson").click()
    for step in range(1, 6):
        page.wait_for_selector(f".lesson-card h2:has-text('{step}. ')")
        assert page.locator(".lesson-reveal").is_disabled()
        assert not page.locator(".lesson-verdict").count()
        said = guess_and_reveal(page, 0)
        assert said.startswith(("Yes:", "You said:"))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if step < 5:
            page.locator(".lesson-next").click()
    assert page.locator(".lesson-rows tbody tr").count() == 5
    assert serious(page) == []
    assert not page.complaints


def test_a_link_opens_its_step_with_its_sound(visit):
    page = visit("?lesson=3&sound=crickets")
    page.wait_for_selector(".lesson-card h2:has-text('3. ')")
    assert "Crickets" in page.locator(".lesson-options legend").inner_text()
    page.locator(".lesson-steps a").nth(3).click()
    page.wait_for_selector(".lesson-card h2:has-text('4. ')")
    assert "lesson=4" in page.url
    assert "sound=crickets" in page.url


def test_the_work_sheet_holds_all_five_questions_and_nothing_else_is_printed(visit):
    page = visit("?lesson=1")
    page.wait_for_selector(".lesson-options")
    page.evaluate("void (window.print = () => { window.printed = true; })")
    page.locator("#lesson [data-is=print]").click()
    page.wait_for_function("window.printed")
    page.emulate_media(media="print")
    assert page.locator(".lesson-sheet section").count() == 6
    assert page.locator(".lesson-sheet img").count() == 11
    assert page.locator(".lesson-sheet .key").is_visible()
    assert not page.locator(".lesson-card").is_visible()
