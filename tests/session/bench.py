"""A viewport whose threads and clock are moved by hand, and a document to show in it."""

from functools import cache
from typing import Any

import numpy as np

from retexture.document.document import Document, Source
from retexture.document.layers import LayerMask, PaintLayer, PixelLayer, RasterMask, smart
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.filters.high_pass import HighPass
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.session.drawing import Picture, draw, scaled_size
from retexture.session.view import Point, Size, View
from retexture.session.viewport import Viewport
from tests.document.documents import samples
from tests.session.late import LateJobs, Later

PATIENT, IMPATIENT = 1e9, -1.0


@cache
def make_document(width: int, height: int) -> Document:
    """Texture over a picture, under a mask that is half painted, and a paint layer."""
    plane = np.zeros((1, height, width), np.uint16)
    plane[:, height // 3 :] = 40000
    mask = LayerMask(painted=RasterMask(Tiles.from_array(plane), feather_px=1.5))
    paint = Tiles(width, height, background=(0, 0, 0, 0))
    paint = paint.written(20, 30, samples((4, 50, 60), seed=4))
    colour = samples((3, height, width))
    # A picture, not only noise: averages over pixels must differ from place to place.
    colour = (colour // 4 + np.linspace(0, 49000, width, dtype=np.uint16)[None, None]).astype(np.uint16)
    return Document(
        width_px=width,
        height_px=height,
        sources=(Source("picture", "Picture", Pixels(colour)),),
        layers=(
            PixelLayer(key="base", name="Base", source="picture"),
            PixelLayer(
                key="texture",
                name="Texture",
                source="picture",
                blend_mode=BlendMode.LINEAR_LIGHT,
                filters=smart(HighPass(radius_px=2)),
                mask=mask,
                opacity=0.5,
            ),
            PaintLayer(key="paint", name="Paint", tiles=paint),
        ),
    )


def area_average(pixels: np.ndarray, width: int, height: int) -> Any:
    """Return (height, width, 4) float64: the mean of each pixel's rectangle, colour weighted by alpha."""

    def weights(size: int, count: int) -> Any:
        edges = np.arange(count + 1) * (size / count)
        left = np.maximum(edges[:-1, None], np.arange(size)[None])
        right = np.minimum(edges[1:, None], np.arange(size)[None] + 1)
        return np.clip(right - left, 0, None) / (size / count)

    rows, columns = weights(pixels.shape[0], height), weights(pixels.shape[1], width)
    full = pixels.astype(np.float64)
    full[..., :3] *= full[..., 3:]
    means = np.einsum("ij,jkc,lk->ilc", rows, full, columns, optimize=True)
    means[..., :3] /= np.maximum(means[..., 3:], 1e-9)
    return means


class Bench:
    """One viewport with threads and a clock that are moved by hand."""

    def __init__(self, document: Document, view: View, window: Size) -> None:
        self.jobs, self.later = LateJobs(), Later()
        self.repainted: list[Region | None] = []
        self.viewport = Viewport(
            self.jobs, Cache(64 << 20), Cache(64 << 20), self.repainted.append, self.later
        )
        self.viewport.aim(view, window)
        self.viewport.show(Picture(document))

    def settle(self) -> None:
        self.jobs.settle(self.later)
        assert self.jobs.crashes == []
        assert self.viewport.settled

    def wanted(self) -> np.ndarray:
        """Draw the same part anew."""
        viewport = self.viewport
        assert viewport.picture is not None
        return draw(viewport.picture, viewport.scale, viewport.region, exact=True, cache=Cache(64 << 20))

    def check(self) -> None:
        if self.viewport.frame.size:
            assert np.array_equal(self.viewport.frame, self.wanted())


def whole_view(document: Document, zoom: float) -> tuple[View, Size]:
    centre = Point(document.width_px / 2, document.height_px / 2)
    width, height = scaled_size(document, min(zoom, 1))
    return View(zoom=zoom, centre=centre), Size(width + 20, height + 20)
