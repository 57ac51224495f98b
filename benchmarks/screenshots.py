"""Every screen, at a desk and on a phone, light and dark, as docs/screenshots/SCREEN-SIZE-THEME.png.

python -m benchmarks.screenshots [--weights weights/esc50] [--only live about]

The sounds are the page's own examples; Live hears them through the browser's fake microphone.
"""

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from audioclf import audio
from audioclf.examples import SAMPLE_RATE, by_name

from .load import ROOT
from .visitors import page as served_page

FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
LIVE_SOUNDS = ("siren", "rooster", "church_bells")
LIVE_SECONDS = 13
WALK = ("rooster", "church_bells", "church_bells", "rain", "rain", "siren")
UPLOAD = "#give input[type=file]"
TALLEST = {"desk": 2200, "phone": 3200}
"""Pixels; what is longer is cut, as a list that goes on."""

COLOURS = 192
"""In each picture: few enough to be small, enough for two colour maps."""

FLAGS = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def listen(page: Any) -> None:
    page.goto(page.url + "?sound=rooster")
    page.wait_for_selector("#answer .answer")


def file(name: str, *sounds: str) -> dict[str, Any]:
    """A WAV file of examples, one after the other, as the browser is given it."""
    waveform = np.concatenate([by_name(sound).waveform() for sound in sounds])
    return {"name": name, "mimeType": "audio/wav", "buffer": audio.encode_wav(waveform, SAMPLE_RATE)}


def timeline(page: Any) -> None:
    page.set_input_files(UPLOAD, [file("morning-walk.wav", *WALK)])
    page.wait_for_selector(".heard")


def several(page: Any) -> None:
    words = {"name": "notes.wav", "mimeType": "audio/wav", "buffer": b"these are words " * 50}
    page.set_input_files(UPLOAD, [*(file(f"{name}.wav", name) for name in LIVE_SOUNDS), words])
    page.wait_for_selector("table.sortable")


def live(page: Any) -> None:
    page.get_by_role("tab", name="Live", exact=True).click()
    page.get_by_role("button", name="Listen", exact=True).click()
    page.wait_for_timeout(1000 * LIVE_SECONDS)


def inside(page: Any) -> None:
    listen(page)
    page.get_by_role("tab", name="Inside the network", exact=True).click()
    page.wait_for_selector(".inside-answer:has-text('Rooster')")
    page.wait_for_selector("[data-is=channel] canvas.inside-touch")
    page.wait_for_function("document.querySelectorAll('[data-is=why] canvas').length > 1")


def lesson(page: Any) -> None:
    page.get_by_role("tab", name="Lesson", exact=True).click()
    page.locator(".lesson-options label").first.click()
    page.locator(".lesson-reveal").click()
    page.wait_for_selector(".lesson-verdict")


def about(page: Any) -> None:
    page.get_by_role("tab", name="About", exact=True).click()
    page.wait_for_selector("#about-search")


SCREENS: dict[str, Callable[[Any], None]] = {
    "listen": listen,
    "timeline": timeline,
    "several": several,
    "live": live,
    "inside": inside,
    "lesson": lesson,
    "about": about,
}


def small(png: bytes, tallest: int) -> Image.Image:
    """The same picture in few colours, cut where it is taller than that."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, tallest)))
    return picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def take(url: str, only: list[str]) -> None:
    """Write the pictures of these screens.

    Args:
        url: Of the page.
        only: Names of screens.
    """
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        heard = Path(folder) / "microphone.wav"
        heard.write_bytes(
            audio.encode_wav(np.concatenate([by_name(name).waveform() for name in LIVE_SOUNDS]), SAMPLE_RATE)
        )
        for theme in THEMES:
            for size, (width, height) in SIZES.items():
                for screen in only:
                    # A browser for each: its fake microphone starts at the beginning only once.
                    browser = playwright.chromium.launch(
                        executable_path=shutil.which("chromium"),
                        args=[*FLAGS, f"--use-file-for-fake-audio-capture={heard}"],
                    )
                    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
                    page.set_default_timeout(60_000)
                    page.goto(url)
                    page.wait_for_selector("[role=tablist]")
                    SCREENS[screen](page)
                    page.evaluate("document.activeElement?.blur()")
                    picture = small(page.screenshot(full_page=True, animations="disabled"), TALLEST[size])
                    file = FOLDER / f"{screen}-{size}-{theme}.png"
                    picture.save(file, optimize=True)
                    print(
                        f"{file.relative_to(ROOT)}  {picture.width}×{picture.height}  {file.stat().st_size // 1000} kB"
                    )
                    browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=ROOT / "weights" / "esc50")
    parser.add_argument("--only", nargs="+", choices=SCREENS, default=list(SCREENS))
    args = parser.parse_args()
    with served_page(args.weights) as (url, _):
        take(url, args.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
