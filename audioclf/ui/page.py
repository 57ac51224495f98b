"""The page's shell: title, tabs, assets, launch settings. Knows the screens by name only."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr

from ..classifier import Classifier
from . import strings
from .shared import KEPT_SECONDS, Shared
from .theme import theme

SCREENS = ("listen", "live", "inside", "lesson", "about")
"""In the order of their tabs. A screen whose module isn't there has no tab."""

ASSETS = Path(__file__).parent / "assets"

SWEEP_SECONDS = 300
"""How often files past that age are looked for."""

LARGEST_UPLOAD = "20mb"


def build_page(classifier: Classifier) -> gr.Blocks:
    """Lay out every screen.

    Args:
        classifier: What answers.

    Returns:
        The page, to be launched with `launch_settings()`.
    """
    screens = tuple(name for name in SCREENS if find_spec(f"{__package__}.{name}"))
    with gr.Blocks(
        title=strings.TITLE, analytics_enabled=False, delete_cache=(SWEEP_SECONDS, KEPT_SECONDS), fill_width=True
    ) as page:
        gr.HTML(f'<h1 class="title">{strings.TITLE}</h1>', elem_id="masthead")
        heard = gr.State(time_to_live=KEPT_SECONDS)
        with gr.Tabs(elem_id="screens", overflow_behavior="wrap") as tabs:
            for name in screens:
                with gr.Tab(strings.TABS[name], id=name, elem_id=f"screen-{name}") as tab:
                    shared = Shared(page=page, classifier=classifier, heard=heard, tabs=tabs, tab=tab, screens=screens)
                    import_module(f".{name}", __package__).build(shared)
    # The network already uses every core; more at once only makes everybody wait longer.
    page.queue(default_concurrency_limit=2, max_size=64)
    return page


def launch_settings() -> dict[str, Any]:
    """What `launch` needs so that the page looks like itself, and keeps and tells nothing."""
    return {
        "theme": theme(),
        "css_paths": _assets("css"),
        "head": _head(),
        "footer_links": [],
        "max_file_size": LARGEST_UPLOAD,
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
    }


def _assets(suffix: str) -> list[Path]:
    """Every screen's, the shell's first: the others build on it."""
    return sorted(ASSETS.glob(f"*.{suffix}"), key=lambda path: (path.stem != "shell", path.name))


def _head() -> str:
    scripts = "\n".join(f"<script>\n{path.read_text()}\n</script>" for path in _assets("js"))
    return f'<meta name="description" content="{strings.DESCRIPTION}">\n{scripts}'
