"""Pictures against what they were painted from."""

import base64
import io

import numpy as np
from PIL import Image

from audioclf import pictures


def opened(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGBA"))


def test_one_pixel_per_cell_lowest_row_at_the_bottom():
    values = np.zeros((3, 5))
    values[0, 1] = 1.0
    image = opened(pictures.png(values, "gray"))
    assert image.shape == (3, 5, 4)
    assert tuple(image[2, 1]) == (255, 255, 255, 255)
    assert image[..., 0].sum() == 255


def test_bounds_clip():
    image = opened(pictures.png(np.array([[-5.0, 0.0, 5.0, 10.0, 99.0]]), "gray", low=0.0, high=10.0))
    assert list(image[0, :, 0]) == [0, 0, 128, 255, 255]


def test_bounds_default_to_the_values_own():
    image = opened(pictures.png(np.array([[3.0, 4.0, 5.0]]), "gray"))
    assert list(image[0, :, 0]) == [0, 128, 255]


def test_constant_and_not_finite_values_are_painted():
    assert opened(pictures.png(np.full((2, 2), 7.0))).shape == (2, 2, 4)
    assert opened(pictures.png(np.array([[np.nan, 1.0]]), "gray", low=0.0, high=1.0))[0, 0, 0] == 0


def test_opacity_is_a_layer():
    image = opened(pictures.png(np.ones((1, 2)), opacity=np.array([[0.0, 1.0]])))
    assert list(image[0, :, 3]) == [0, 255]


def test_colours_are_the_maps_own():
    first, last = opened(pictures.png(np.array([[0.0, 1.0]]), "magma"))[0]
    assert tuple(first[:3]) == (0, 0, 3)
    assert tuple(last[:3]) == (251, 252, 191)
    assert pictures.gradient("magma").startswith("linear-gradient(to top, #000003,")
    assert pictures.gradient("magma").endswith("#fbfcbf)")


def test_data_uri_is_the_same_picture():
    values = np.arange(6.0).reshape(2, 3)
    uri = pictures.data_uri(values)
    assert base64.b64decode(uri.removeprefix("data:image/png;base64,")) == pictures.png(values)
