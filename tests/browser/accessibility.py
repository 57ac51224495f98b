"""What axe-core finds wrong with a screen."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe


def obstacles(page: Any, inside: str) -> list[str]:
    """Critical and serious findings, one line each.

    Args:
        page: Playwright's.
        inside: Selector of the part that is looked at.
    """
    # Colours on their way from one to the other fail the contrast check.
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    found = Axe().run(page, context=inside).response["violations"]
    return [
        f"{violation['id']}: {violation['help']} ({node['html'][:120]})"
        for violation in found
        if violation["impact"] in ("critical", "serious")
        for node in violation["nodes"]
    ]
