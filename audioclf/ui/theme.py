"""Colours, type and corners: one teal accent on warm paper. Knows no screen.

Screens write their own CSS with the variables of assets/shell.css, which follow light and dark.
"""

from gradio.themes import Base, Color, LocalFont
from gradio.themes.utils import sizes

TEAL = Color(
    "#eef5f3",
    "#d9eae7",
    "#b5d6d1",
    "#86bbb5",
    "#4fb3ad",
    "#1f8681",
    "#0f6e6b",
    "#0d5b59",
    "#0c4a48",
    "#0b3d3b",
    "#062726",
)
PAPER = Color(
    "#fbfaf8",
    "#f6f5f1",
    "#e6e4de",
    "#d3d0c8",
    "#a3a19b",
    "#76766f",
    "#585c61",
    "#3a3f46",
    "#25292f",
    "#1b1e23",
    "#121519",
)


def theme() -> Base:
    """The page's theme."""
    return Base(
        primary_hue=TEAL,
        secondary_hue=TEAL,
        neutral_hue=PAPER,
        # Not 600: the file that Gradio has of it lacks half of the alphabet.
        font=(LocalFont("IBM Plex Sans", (400, 700)), "ui-sans-serif", "system-ui", "sans-serif"),
        font_mono=(LocalFont("IBM Plex Mono", (400, 700)), "ui-monospace", "monospace"),
        radius_size=sizes.radius_lg,
        text_size=sizes.text_md,
    ).set(
        body_background_fill="#f6f5f1",
        body_background_fill_dark="#121519",
        body_text_color="#1b1e23",
        body_text_color_dark="#ecebe6",
        body_text_color_subdued="#585c61",
        body_text_color_subdued_dark="#a3a7ad",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1b1e23",
        background_fill_secondary="#fbfaf8",
        background_fill_secondary_dark="#20242a",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1b1e23",
        block_border_color="#e6e4de",
        block_border_color_dark="#30353c",
        border_color_primary="#e6e4de",
        border_color_primary_dark="#30353c",
        block_shadow="none",
        block_shadow_dark="none",
        link_text_color="#0f6e6b",
        link_text_color_dark="#5cc0ba",
        button_primary_background_fill="#0f6e6b",
        button_primary_background_fill_hover="#0d5b59",
        button_primary_background_fill_dark="#4fb3ad",
        button_primary_background_fill_hover_dark="#6cc6c0",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#0b1a1a",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#eef3f2",
        button_secondary_background_fill_dark="#1b1e23",
        button_secondary_background_fill_hover_dark="#263231",
        button_secondary_border_color="#d3d0c8",
        button_secondary_border_color_dark="#3a4047",
        button_secondary_text_color="#1b1e23",
        button_secondary_text_color_dark="#ecebe6",
        button_large_radius="10px",
        button_medium_radius="10px",
        button_small_radius="10px",
    )
