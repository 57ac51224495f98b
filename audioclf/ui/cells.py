"""Arrays as what the page's scripts draw: one byte for each cell, coloured in the browser. Knows no layout.

The browser holds the colour maps, so that switching them asks nobody, and a stage with hundreds of
channels is one piece of data and one drawing.
"""

import base64
import io
import wave
import zlib
from typing import Any

import numpy as np

Packed = dict[str, Any]


def packed(values: np.ndarray, low: float, high: float) -> Packed:
    """Maps as bytes.

    Args:
        values: (rows, columns) or (maps, rows, columns), the lowest frequencies first.
        low: Becomes 0, as does all below.
        high: Becomes 255, as does all above.
    """
    maps = values if values.ndim == 3 else values[None]
    scaled = (maps - low) * (255 / max(high - low, 1e-12))
    cells = np.clip(scaled + 0.5, 0, 255).astype(np.uint8)
    count, rows, columns = cells.shape
    return {
        "count": count,
        "rows": rows,
        "columns": columns,
        "low": float(low),
        "high": float(high),
        "data": base64.b64encode(zlib.compress(cells.tobytes(), 1)).decode(),
    }


def signed(values: np.ndarray, largest: float | None = None) -> Packed:
    """Maps of numbers above and below zero, as bytes with zero in the middle."""
    largest = float(np.abs(values).max()) if largest is None else largest
    return packed(values, -largest, largest)


def thumbnails(maps: np.ndarray, rows: int = 32, columns: int = 128) -> np.ndarray:
    """Maps no larger than that, each cell the largest of those it stands for."""
    for axis, limit in ((1, rows), (2, columns)):
        factor = -(-maps.shape[axis] // limit)
        if factor > 1:
            starts = np.arange(0, maps.shape[axis], factor)
            maps = np.maximum.reduceat(maps, starts, axis=axis)
    return maps


def brightest(maps: np.ndarray) -> float:
    """The end of a colour scale: a few cells in a thousand lie above, so that one peak darkens nothing else."""
    firing = maps[maps > 0]
    return float(np.percentile(firing, 99.5)) if firing.size else 1.0


def outline(waveform: np.ndarray, columns: int = 400) -> list[list[float]]:
    """The waveform's lowest and highest sample in each of that many columns."""
    parts = np.array_split(waveform, columns)
    return [[round(float(part.min()), 4), round(float(part.max()), 4)] for part in parts]


def wav_uri(waveform: np.ndarray, sample_rate: int) -> str:
    """A waveform for an `<audio src="…">`, 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(sample_rate)
        wav.writeframes((np.clip(waveform, -1, 1) * 32_767).astype("<i2").tobytes())
    return "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()
