"""The first screen, in a real browser."""

import json
from urllib.parse import urlparse

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from audioclf.ui import strings

from ..conftest import tone
from .conftest import TONE_HZ, TONE_RMS

pytestmark = pytest.mark.browser

FILES = "#give input[type=file]"


def serious(page) -> list[tuple[str, str]]:
    """What axe-core calls critical or serious: its rule, and where."""
    response = Axe().run(page).response
    assert len(response["passes"]) > 15
    found = response["violations"]
    return [
        (violation["id"], node["html"][:200])
        for violation in found
        if violation["impact"] in ("critical", "serious")
        for node in violation["nodes"]
    ]


def answer(page, timeout: int = 20_000) -> str:
    """The sentence on the page, once it is there."""
    page.wait_for_selector(".answer h2", timeout=timeout)
    return page.inner_text(".answer h2")


def test_an_uploaded_file_is_answered(desk, wav, server):
    desk.set_input_files(FILES, wav("yard.wav", tone(seconds=2.0)))
    said = answer(desk)
    ranked = server.classifier.classify(tone(seconds=2.0)).top
    from audioclf.labels import describe

    assert describe(ranked[0].label).phrase in said
    assert desk.locator("table.bars tr").all_inner_texts()[0].startswith(describe(ranked[0].label).title)
    assert "yard.wav · 2.0 s" in desk.inner_text(".source")
    assert desk.evaluate("document.querySelector('.plot img').naturalWidth") > 50
    # Read aloud without moving the focus.
    desk.wait_for_function("document.querySelector('[role=status].unseen')?.textContent")
    assert said in desk.text_content("[role=status].unseen")
    assert desk.complaints == []


def test_the_microphone_is_recorded_as_it_is_and_answered_without_another_click(desk, server):
    desk.click(".record")
    desk.wait_for_selector("#recorder[data-state=recording]")
    assert "Your recording · 5.0 s" in desk.inner_text(".source", timeout=20_000)
    assert answer(desk)
    heard = server.classifier.decoded[-1]
    assert len(heard) == pytest.approx(5 * 16_000, abs=2)
    middle = heard[8_000:-8_000]
    assert np.sqrt(np.square(middle, dtype=np.float64).mean()) == pytest.approx(TONE_RMS, rel=0.05)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * 16_000 / len(middle) == pytest.approx(TONE_HZ, rel=0.01)


def test_every_microphone_on_the_page_is_asked_for_untouched_sound(desk):
    settings = desk.evaluate(
        """async () => {
            const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true } });
            const settings = stream.getAudioTracks()[0].getSettings();
            stream.getTracks().forEach((track) => track.stop());
            return settings;
        }"""
    )
    assert [settings[name] for name in ("echoCancellation", "noiseSuppression", "autoGainControl")] == [False] * 3


def test_a_denied_microphone_says_so(visit):
    page = visit(microphone=False)
    page.click(".record")
    page.wait_for_selector(".trouble:not(:empty)")
    assert page.inner_text(".trouble") == strings.RECORDER["denied"]
    assert page.inner_text(".record .label") == "Record 5 s"


@pytest.mark.parametrize(("name", "says"), [("NotFoundError", "missing"), ("NotReadableError", "busy")])
def test_a_microphone_that_cannot_be_had_says_why(desk, name, says):
    desk.evaluate(
        "(name) => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name) } }", name
    )
    desk.click(".record")
    desk.wait_for_selector(".trouble:not(:empty)")
    assert desk.inner_text(".trouble") == strings.RECORDER[says]


def test_a_page_over_http_says_why_it_gets_no_microphone(desk):
    desk.evaluate("() => Object.defineProperty(window, 'isSecureContext', { value: false }) && null")
    desk.click(".record")
    desk.wait_for_selector(".trouble:not(:empty)")
    assert desk.inner_text(".trouble") == strings.RECORDER["insecure"]


def test_text_is_refused_in_words(desk, tmp_path):
    (tmp_path / "words.wav").write_text("these are words " * 50)
    desk.set_input_files(FILES, tmp_path / "words.wav")
    assert answer(desk) == strings.NO_ANSWER
    assert "not a recording" in desk.inner_text(".answer [role=alert]")
    assert not desk.is_visible("#actions")


def test_a_file_too_large_is_refused_before_it_is_sent(desk, tmp_path):
    with (tmp_path / "large.wav").open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    desk.set_input_files(FILES, tmp_path / "large.wav")
    desk.wait_for_selector(".trouble:not(:empty)")
    assert "21 MB" in desk.inner_text(".trouble")
    assert not any("upload" in url for url in desk.requests)


def test_a_minute_has_a_timeline_whose_stretches_play(desk, wav):
    waveform = np.concatenate([tone(440.0, 20.0), np.zeros(20 * 16_000, np.float32), tone(3_000.0, 20.0)])
    desk.set_input_files(FILES, wav("minute.wav", waveform))
    desk.wait_for_selector(".heard .span", timeout=60_000)
    stretches = desk.locator(".spans button")
    assert stretches.count() >= 2
    start = float(stretches.nth(1).get_attribute("data-start"))
    stretches.nth(1).click()
    desk.wait_for_function(f"document.querySelector('audio').currentTime > {start}")
    # One cursor moves through the picture and the timeline.
    assert float(desk.evaluate("document.querySelector('.player').style.getPropertyValue('--at')")) >= start / 60
    with desk.expect_download() as download:
        desk.click("text=Save timeline")
    assert download.value.suggested_filename == "minute.csv"
    assert download.value.path().read_text().startswith("start_seconds,end_seconds,label,probability")


def test_three_files_make_a_table_that_sorts(desk, wav, tmp_path):
    (tmp_path / "broken.wav").write_text("words")
    names = [wav("long.wav", tone(seconds=3.0)), wav("brief.wav", tone(seconds=1.0)), tmp_path / "broken.wav"]
    desk.set_input_files(FILES, names)
    desk.wait_for_selector("table.sortable")
    rows = desk.locator("table.sortable tbody tr")
    assert [rows.nth(i).locator("th").inner_text() for i in range(3)] == ["long.wav", "brief.wav", "broken.wav"]
    desk.click("table.sortable thead button >> nth=3")
    assert [rows.nth(i).locator("th").inner_text() for i in range(3)] == ["broken.wav", "brief.wav", "long.wav"]
    assert desk.get_attribute("table.sortable thead th >> nth=3", "aria-sort") == "ascending"
    # A row opens its own answer, wherever it was sorted to, and all of them are still there.
    desk.click("text=brief.wav")
    desk.wait_for_selector("table.bars")
    assert "brief.wav · 1.0 s" in desk.inner_text(".source")
    assert desk.is_visible("#see-inside")
    desk.click(".back")
    desk.wait_for_selector("table.sortable")
    assert not desk.is_visible("#see-inside")
    desk.click("text=long.wav")
    desk.wait_for_selector("table.bars")
    assert "long.wav · 3.0 s" in desk.inner_text(".source")


def test_a_link_opens_an_example_with_its_answer(visit):
    page = visit("?sound=rain")
    assert answer(page)
    assert "Rain · 5.0 s" in page.inner_text(".source")
    page.click("#sound-siren")
    page.wait_for_url("**/?sound=siren")
    # The second answer's own player, not the first one's.
    page.click(".play")
    page.wait_for_function("document.querySelector('audio').currentTime > 0")
    assert page.locator("audio").count() == 1
    with page.expect_download():
        page.click("#save-picture")
    with page.expect_download() as download:
        page.click("#save-picture")
    assert download.value.path().read_bytes()[:4] == b"\x89PNG"
    with page.expect_download() as download:
        page.click("text=Save data")
    assert json.loads(download.value.path().read_text())["recording"] == "Siren"


@pytest.mark.parametrize("refused", [False, True])
def test_a_phone_shares_the_picture_and_saves_it_where_it_cannot(phone, refused):
    phone.evaluate(
        """(refused) => {
            const asked = window.matchMedia;
            window.matchMedia = (query) => query === "(pointer: coarse)" ? { matches: true } : asked(query);
            navigator.canShare = () => true;
            navigator.share = async ({ files: [file] }) => {
                if (refused) throw new DOMException("", "NotAllowedError");
                window.shared = [file.name, file.type, file.size > 10_000];
            };
        }""",
        refused,
    )
    phone.click("#sound-siren")
    answer(phone)
    if refused:
        with phone.expect_download():
            phone.click("#save-picture")
    else:
        phone.click("#save-picture")
        phone.wait_for_function("window.shared")
        name, kind, large = phone.evaluate("window.shared")
        assert name.endswith(".png") and kind == "image/png" and large


def test_what_is_not_opened_is_not_computed(desk):
    desk.click("#sound-rain")
    answer(desk)
    assert not desk.is_visible(".stages")
    desk.click("#see-inside")
    desk.wait_for_selector(".stages figure")
    assert desk.locator(".stages figure").count() == 5
    assert (
        desk.evaluate("Math.min(...[...document.querySelectorAll('.stages img')].map((img) => img.naturalWidth))") > 3
    )


def test_the_keyboard_alone_is_enough(desk):
    def press_until(selector: str, most: int = 40) -> None:
        for _ in range(most):
            if desk.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
                return
            desk.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached")

    press_until(".record")
    assert desk.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    press_until("#upload")
    press_until("#sound-rain")
    desk.keyboard.press("Enter")
    answer(desk)
    press_until(".play")
    desk.keyboard.press("Space")
    desk.wait_for_selector(".play.playing")
    desk.wait_for_function("document.querySelector('audio').currentTime > 0")
    press_until("#see-inside")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".stages figure")


def test_a_phone_has_one_column_and_scrolls_one_way(phone):
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not phone.evaluate(wide)
    phone.click("#sound-rain")
    answer(phone)
    assert not phone.evaluate(wide)
    # At one moment, for the page is scrolling.
    give, result = phone.evaluate(
        "['give', 'result'].map((id) => document.getElementById(id).getBoundingClientRect().toJSON())"
    )
    assert result["top"] >= give["bottom"]
    assert give["width"] == result["width"] > 350
    # The answer is brought to where it can be read.
    phone.wait_for_function("document.querySelector('.answer h2').getBoundingClientRect().top < innerHeight")


@pytest.mark.parametrize(
    ("screen", "dark"), [("welcome", False), ("answer", False), ("answer", True), ("several", True), ("failed", False)]
)
def test_axe_finds_nothing_serious(visit, wav, tmp_path, screen, dark):
    page = visit(phone=dark, dark=dark)
    if screen == "answer":
        page.set_input_files(FILES, wav("long.wav", tone(seconds=12.0)))
        page.wait_for_selector(".heard")
        page.click("#see-inside")
        page.wait_for_selector(".stages figure")
        page.click(".meaning summary")
    elif screen != "welcome":
        (tmp_path / "words.wav").write_text("words")
        names = [tmp_path / "words.wav", wav("quiet.wav", tone(seconds=1.0, amplitude=0.005))]
        page.set_input_files(FILES, names if screen == "several" else names[:1])
        page.wait_for_selector(".answer")
    assert serious(page) == []


def test_no_request_leaves_for_another_host(desk, server):
    desk.click("#sound-rain")
    answer(desk)
    desk.click(".play")
    desk.wait_for_function("document.querySelector('audio').currentTime > 0")
    hosts = {urlparse(url).hostname for url in desk.requests if urlparse(url).scheme not in ("data", "blob")}
    assert hosts == {urlparse(server.url).hostname}
    assert desk.complaints == []
