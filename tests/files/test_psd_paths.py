"""Vector masks of PSDs: which raster holds them, and their coverage where none does."""

import struct

import numpy as np
import pytest

from retexture.files.psd import read_psd
from tests.files.psd_builder import fill_block, layer, psd, raster_mask

RNG = np.random.default_rng(6)
TOP = RNG.integers(0, 256, (3, 4, 8), dtype=np.uint8)
MASK = RNG.integers(0, 256, (2, 5), dtype=np.uint8)


def read(tmp_path, data):
    path = tmp_path / "test.psd"
    path.write_bytes(data)
    return read_psd(path)


def path_block(*subpaths, flags=0, initial=0):
    """A vector mask of subpaths (operation, [(x, y), ...] as fractions), their corners straight."""
    records = struct.pack(">H24x", 6) + struct.pack(">HH22x", 8, initial)
    for operation, points in subpaths:
        records += struct.pack(">HHhHII10x", 0, len(points), operation, 1, 0, 0)
        for x, y in points:
            records += struct.pack(">H", 2) + struct.pack(">2i", *(round(v * 2**24) for v in (y, x))) * 3
    return b"vmsk", struct.pack(">II", 3, flags) + records


def square(left, top, right, bottom):
    return [(left / 8, top / 4), (right / 8, top / 4), (right / 8, bottom / 4), (left / 8, bottom / 4)]


AREA = np.zeros((4, 8))
AREA[1:3, 2:5] = 1
AREA[1:3, 5] = 0.25
PART = np.zeros((4, 8))
PART[2, 3:7] = 0.5


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (path_block((1, square(2, 1, 5.25, 3))), AREA),
        (path_block((1, square(2, 1, 5.25, 3)), flags=1), 1 - AREA),
        (path_block((1, square(2, 1, 5.25, 3)), flags=4), np.ones((4, 8))),
        (
            path_block((1, square(2, 1, 5.25, 3)), (1, square(3, 2.5, 7, 3))),
            AREA + PART - AREA * PART,
        ),
        (path_block((1, square(2, 1, 5.25, 3)), (2, square(3, 2.5, 7, 3))), AREA * (1 - PART)),
        (path_block((1, square(2, 1, 5.25, 3)), (3, square(3, 2.5, 7, 3))), AREA * PART),
        (
            path_block((1, square(2, 1, 5.25, 3)), (0, square(3, 2.5, 7, 3))),
            AREA + PART - 2 * AREA * PART,
        ),
        (path_block((2, square(2, 1, 5.25, 3)), initial=1), 1 - AREA),
        (path_block((1, square(-40, -40, 60, 60))), np.ones((4, 8))),
        (path_block(initial=1), np.ones((4, 8))),
    ],
)
def test_vector_mask_without_a_raster(tmp_path, block, wanted):
    document, _ = read(tmp_path, psd(layer(TOP, blocks=[block])))
    mask = document.layers[0].mask
    got = np.ones((4, 8)) if mask is None else mask.components[0].tiles.to_array()[0] / 255
    assert np.abs(got - wanted).max() <= 0.5 / 255 + 1e-6


def test_a_circle_has_its_area(tmp_path):
    k = 0.5522847498  # of a quarter circle's Bézier curve
    knots = [((0, -1), (1, 0)), ((1, 0), (0, 1)), ((0, 1), (-1, 0)), ((-1, 0), (0, -1))]
    records = struct.pack(">H24x", 6) + struct.pack(">HHhHII10x", 0, 4, 1, 1, 0, 0)
    for (x, y), (dx, dy) in knots:
        points = [(x - k * dx, y - k * dy), (x, y), (x + k * dx, y + k * dy)]
        records += struct.pack(">H", 1)
        for px, py in points:
            records += struct.pack(">2i", round((0.5 + 0.3 * py) * 2**24), round((0.5 + 0.3 * px) * 2**24))
    block = b"vmsk", struct.pack(">II", 3, 0) + records
    colour = np.zeros((3, 100, 100), np.uint16)
    document, _ = read(tmp_path, psd(layer(colour, blocks=[block]), size=(100, 100), depth=16))
    area = document.layers[0].mask.components[0].tiles.to_array().sum() / 65535
    assert abs(area / (np.pi * 30**2) - 1) < 5e-4  # four Bézier curves are 0.03 % larger than a circle


def test_rendered_vector_mask_is_taken_as_stored(tmp_path):
    """A raster that is said to come from rendering is the vector mask; a shape's pixels are cut out by it already."""
    block = path_block((1, square(0, 0, 8, 4)))
    mask = raster_mask(MASK, (2, 1), user_mask_from_render=True)
    placed = np.zeros((4, 8), np.uint8)
    placed[1:3, 2:7] = MASK
    document, _ = read(tmp_path, psd(layer(TOP, mask=mask, blocks=[block])))
    assert document.layers[0].mask.painted is None
    assert np.array_equal(document.layers[0].mask.components[0].tiles.to_array()[0], placed)
    alpha = RNG.integers(0, 256, (4, 8), dtype=np.uint8)
    shape = layer(TOP, alpha=alpha, mask=mask, blocks=[block, fill_block(1, 2, 3)], name="Shape")
    document, notes = read(tmp_path, psd(shape))
    assert document.layers[0].mask is None
    assert notes == ("shapes, gradients and patterns are read as the pixels stored for them: 'Shape'",)
