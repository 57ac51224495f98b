"""A stage's channels as one picture. Knows no network and no request."""

import math

import numpy as np
from jaxtyping import Float32

from ..pictures import png

TILE_PIXELS = 128
"""A channel is drawn about this wide: whole pixels for each cell."""


def mosaic(channels: Float32[np.ndarray, "channels mels frames"]) -> bytes:
    """Channels side by side in a square, low frequencies at the bottom, first channel top left.

    All share one colour scale, from zero to the strongest cell but a few, so that their strengths compare.

    Returns:
        A PNG file; what lies between the channels is clear.
    """
    count, mels, frames = channels.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    side = max(1, TILE_PIXELS // frames)
    tile_height, tile_width = mels * side + 2, frames * side + 2
    picture = np.zeros((rows * tile_height - 2, columns * tile_width - 2), np.float32)
    opacity = np.zeros_like(picture)
    for index, channel in enumerate(channels):
        # Pictures are painted from the bottom up, and read from the top down.
        bottom, left = (rows - 1 - index // columns) * tile_height, index % columns * tile_width
        place = np.s_[bottom : bottom + mels * side, left : left + frames * side]
        picture[place] = np.kron(channel, np.ones((side, side), np.float32))
        opacity[place] = 1
    return png(picture, low=0.0, high=float(np.percentile(channels, 99.5)) or 1.0, opacity=opacity)
