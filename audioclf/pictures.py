"""Arrays to pictures for the page: a colour-map table and a small PNG, no figure. Knows no layout.

Takes about a millisecond where a drawn figure takes hundreds; axes and labels are the page's own text.
"""

import base64
import io
from functools import cache

import numpy as np
from matplotlib import colormaps
from PIL import Image


@cache
def _table(colour_map: str) -> np.ndarray:
    """The colour map's 256 colours, (256, 3) bytes."""
    return np.ascontiguousarray(colormaps[colour_map](np.arange(256), bytes=True)[:, :3])


def png(
    values: np.ndarray,
    colour_map: str = "magma",
    low: float | None = None,
    high: float | None = None,
    opacity: np.ndarray | None = None,
) -> bytes:
    """Paint an array, one pixel per cell; the browser stretches it.

    Args:
        values: (rows, columns); row 0 is painted at the bottom, as the lowest mel band is.
        colour_map: Any of matplotlib's names.
        low: Painted with the map's first colour, as is all below; default: the smallest value.
        high: Painted with its last colour, as is all above; default: the largest value.
        opacity: (rows, columns) of 0 (clear) to 1, for a layer over another picture; default: all 1.

    Returns:
        A PNG file.
    """
    values = np.nan_to_num(np.asarray(values, dtype=np.float64))
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    scaled = (values - low) / ((high - low) or 1.0)
    index = np.rint(scaled.clip(0, 1) * 255).astype(np.uint8)[::-1]
    table = _table(colour_map)
    if opacity is None:
        image = Image.fromarray(index, "P")
        image.putpalette(table.tobytes())
    else:
        alpha = np.rint(np.clip(opacity, 0, 1) * 255).astype(np.uint8)[::-1]
        image = Image.fromarray(np.dstack([table[index], alpha]), "RGBA")
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=3)
    return file.getvalue()


def data_uri(
    values: np.ndarray,
    colour_map: str = "magma",
    low: float | None = None,
    high: float | None = None,
    opacity: np.ndarray | None = None,
) -> str:
    """The same picture for an `<img src="…">`."""
    return "data:image/png;base64," + base64.b64encode(png(values, colour_map, low, high, opacity)).decode()


def gradient(colour_map: str = "magma", direction: str = "to top") -> str:
    """A colour map as a CSS background, for a colour bar beside a picture."""
    stops = ", ".join("#" + bytes(_table(colour_map)[index]).hex() for index in range(0, 256, 15))
    return f"linear-gradient({direction}, {stops})"


def table(colour_map: str) -> str:
    """A colour map's 256 colours as hexadecimal digits, six each, for a script that paints by itself."""
    return _table(colour_map).tobytes().hex()
