"""The Inside screen as a class meets it: the road, a stage, a channel, a cell, and things broken."""

import re

import numpy as np
import pytest

from audioclf import internals
from audioclf.examples import by_name
from audioclf.ui import inside_words
from audioclf.what_if import Change, what_if

from ..conftest import tone
from .test_listen import serious

pytestmark = pytest.mark.browser


@pytest.fixture(params=["desk", "phone"])
def inside(request, visit):
    # By its link, as tabs that a phone has no room for hide in a menu.
    page = visit("?inside=stage2", phone=request.param == "phone")
    page.wait_for_selector(".inside-changed")
    page.wait_for_selector("[data-is=channel] canvas")
    return page


def bars(page) -> dict[str, float]:
    rows = page.locator(".inside-outcome li")
    return {
        rows.nth(i).get_attribute("data-label"): float(
            re.search(r"([\d.]+)%", rows.nth(i).locator(".fill").get_attribute("style"))[1]
        )
        for i in range(rows.count())
    }


def test_nothing_is_computed_before_the_tab_is_opened(visit):
    page = visit()
    page.wait_for_timeout(300)
    assert not [url for url in page.requests if "component_server" in url]
    page.get_by_role("tab", name="Inside the network").click()
    page.wait_for_selector(".inside-changed")
    assert [url for url in page.requests if "component_server" in url]
    assert not page.complaints


def test_a_walk_from_stage_to_channel_to_cell_to_a_hidden_band(inside, server):
    page, clip = inside, by_name("siren").waveform()
    assert page.locator(".inside-stop").count() == 13
    activations = internals.activations(server.classifier, clip)

    page.locator("[data-stop=stage3]").click()
    page.wait_for_selector("[data-is=stage] h3:has-text('Stage 3')")
    order = internals.strongest_first(activations["stage3"])
    tiles = page.locator("[data-is=stage] .inside-tile")
    assert [int(tiles.nth(i).get_attribute("data-channel")) for i in range(3)] == order[:3].tolist()

    tiles.nth(2).click()
    page.wait_for_selector(f"[data-is=channel] h3:has-text('Channel {order[2]}')")
    map_shown = page.locator("[data-is=channel] canvas.inside-touch")
    map_shown.click(position={"x": map_shown.bounding_box()["width"] / 2, "y": 100})
    page.wait_for_selector(".inside-cell button")
    rows, columns = activations["stage3"].shape[1:]
    boxes = [
        internals.seen_by(server.classifier, "stage3", row, column) for row in range(rows) for column in range(columns)
    ]
    assert any(inside_words.box(box.seconds, box.hz) in page.locator(".inside-cell").inner_text() for box in boxes)

    first = server.classifier.probabilities([clip])[0]
    before = bars(page)
    assert before
    for label, shown in before.items():
        assert shown == pytest.approx(100 * first[server.classifier.labels.index(label)], abs=1e-4)
    page.locator("[data-change=hidden_hz]").check()
    page.wait_for_function(
        "old => document.querySelector('.inside-outcome .fill').style.width !== old",
        arg=page.locator(".inside-outcome .fill").first.get_attribute("style")[7:],
    )
    assert bars(page) != before
    page.locator("[data-is=reset]").click()
    page.wait_for_selector(".inside-changed:has-text('Nothing is changed')")
    assert bars(page) == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(page) == []
    assert not page.complaints


def test_muting_a_channel_moves_the_bars_as_the_mathematics_says(visit, server):
    page = visit()
    page.get_by_role("tab", name="Inside the network").click()
    page.wait_for_selector("[data-is=channel] [role=switch]")
    page.wait_for_selector(".inside-changed")
    channel = int(page.locator("[data-is=channel] h3").inner_text().split()[1])
    page.locator("[data-is=channel] [role=switch]").check()
    page.wait_for_selector(".inside-muted button")
    page.wait_for_timeout(50)
    clip = by_name("siren").waveform()
    expected = what_if(server.classifier, clip, Change(muted=(("stage2", channel),)))
    page.wait_for_function(
        "want => Math.abs(parseFloat(document.querySelector('.inside-outcome .fill').style.width) - want) < 1e-3",
        arg=100 * float(expected[server.classifier.labels.index(next(iter(bars(page))))]),
    )


def test_a_visitors_own_recording_is_the_one_shown(visit, wav, server):
    page = visit()
    rng = np.random.default_rng(5)
    page.set_input_files("#screen-listen input[type=file]", wav("whistle.wav", rng.normal(0, 0.1, 48_000)))
    page.wait_for_selector("article.answer:has-text('whistle.wav')")
    page.get_by_role("tab", name="Inside the network").click()
    page.wait_for_selector(".inside-answer:has-text('whistle.wav')")


def test_a_long_recording_is_seen_at_any_moment(visit, wav):
    page = visit()
    page.set_input_files("#give input[type=file]", wav("long.wav", tone(seconds=12.0)))
    page.wait_for_selector(".answer .heard")
    page.get_by_role("tab", name="Inside the network").click()
    page.wait_for_selector(".inside-answer:has-text('long.wav')")
    moments = page.get_by_label("Moment")
    moments.select_option(index=2)
    page.wait_for_selector(".inside-answer:has-text('seconds 5.0 to 10.0')")
    assert page.locator("[data-is=sound]").first.evaluate("(select) => select.selectedOptions[0].text") == "long.wav"
    page.locator(".inside [data-is=sound]").select_option(label="🌧️ Rain")
    page.wait_for_selector(".inside-answer:has-text('Rain')")
    assert not moments.is_visible()
    assert not page.complaints


def test_two_sounds_side_by_side_and_a_link_to_a_sound_and_a_stage(visit):
    page = visit("?sound=rain&inside=stem")
    page.wait_for_selector(".inside-answer:has-text('Rain')")
    page.wait_for_selector("[data-is=stage] h3:has-text('First layer')")
    page.locator("[data-is=beside]").select_option("example:siren")
    page.wait_for_selector(".inside-answer:has-text('Siren')")
    page.wait_for_function("document.querySelectorAll('[data-is=channel] canvas.inside-touch').length === 2")
    page.wait_for_function("document.querySelectorAll('[data-is=why] canvas').length === 6")
    page.wait_for_function("document.querySelectorAll('.inside-outcome ul').length === 2")
    assert page.locator(".inside-road").count() == 4


def test_the_keyboard_chooses_a_cell(visit):
    page = visit()
    page.get_by_role("tab", name="Inside the network").click()
    page.wait_for_selector("[data-is=channel] canvas.inside-touch")
    page.locator("canvas.inside-touch").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".inside-cell button")
    first = page.locator(".inside-cell").inner_text()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("old => document.querySelector('.inside-cell').innerText !== old", arg=first)


def test_what_is_heard_seen_inside_and_taken_away(visit):
    page = visit("?inside=stage1")
    page.wait_for_selector("[data-is=channel] canvas.inside-touch")
    page.locator("[data-is=channel] .inside-play", has_text="what it listens to").click()
    page.wait_for_selector("[data-is=channel] .inside-play:has-text('■')")
    page.get_by_text("Open the residual blocks").click()
    page.wait_for_selector(".inside-block")
    assert page.locator(".inside-block").count() == 2
    assert page.locator(".inside-block canvas").count() == 6
    with page.expect_download() as saved:
        page.locator("[data-is=channel] [data-save-as=svg]").click()
    assert saved.value.suggested_filename.startswith("siren-stage1-channel-")
    with page.expect_download() as saved:
        page.locator("[data-is=npz]").click()
    assert "stage4" in np.load(saved.value.path())


def test_another_colour_map_repaints_and_asks_nobody(visit):
    page = visit("?inside=stage1")
    page.wait_for_selector(".inside-changed")
    page.wait_for_selector("[data-is=channel] canvas.inside-touch")
    colours = "[...document.querySelector('.inside-tile canvas').getContext('2d').getImageData(0, 0, 8, 1).data].join()"
    before, asked = page.evaluate(colours), len(page.requests)
    page.locator("[data-is=colours]").select_option("Grey")
    assert page.evaluate(colours) != before
    assert not [url for url in page.requests[asked:] if "component_server" in url]
