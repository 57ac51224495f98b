"""The first screen, in a real browser."""

from urllib.parse import urlparse

import pytest

from ..conftest import tone

pytestmark = pytest.mark.browser


def test_no_request_leaves_for_another_host(desk, server):
    desk.click("#sound-rain")
    desk.wait_for_selector(".answer")
    desk.click(".play")
    desk.wait_for_function("document.querySelector('audio').currentTime > 0")
    hosts = {urlparse(url).hostname for url in desk.requests if urlparse(url).scheme not in ("data", "blob")}
    assert hosts == {urlparse(server.url).hostname}
    assert desk.complaints == []


def test_upload_is_answered(desk, wav):
    desk.set_input_files("input[type=file]", wav("tone.wav", tone(seconds=2.0)))
    desk.wait_for_selector("#answer h2")
