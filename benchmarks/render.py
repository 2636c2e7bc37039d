"""Times the renderer on a 24-megapixel 16-bit document: the viewport, previews, and a whole export.

./run benchmark render
"""

import statistics
import time
from collections.abc import Callable

import msgspec
import numpy as np

from retexture.document.document import Document, Source
from retexture.document.layers import (
    BlendIf,
    LayerMask,
    PixelLayer,
    Range,
    RasterMask,
    Sliders,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.engine import ENGINE
from retexture.engine.modes import BlendMode
from retexture.filters.high_pass import HighPass
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import flatten, render

WIDTH, HEIGHT = 6000, 4000
VIEWPORT = Region(2211, 1333, 1600, 1000)


def make_document() -> Document:
    """Return a picture with a High Pass layer in Linear Light, with a mask and Blend-If."""
    rng = np.random.default_rng(1)
    sources = tuple(
        Source(key=k, name=k, colour=Pixels(rng.integers(0, 65536, (3, HEIGHT, WIDTH), dtype=np.uint16)))
        for k in ("original", "retouched")
    )
    mask = Tiles.from_array(rng.integers(0, 65536, (1, HEIGHT, WIDTH), dtype=np.uint16))
    texture = PixelLayer(
        key="texture",
        name="texture",
        source="original",
        blend_mode=BlendMode.LINEAR_LIGHT,
        opacity=0.5,
        filters=smart(HighPass(radius_px=3)),
        blend_if=BlendIf(this=Sliders(gray=Range(96, 116, 140, 160))),
        mask=LayerMask(painted=RasterMask(tiles=mask)),
    )
    bottom = PixelLayer(key="retouched", name="retouched", source="retouched")
    return Document(width_px=WIDTH, height_px=HEIGHT, sources=sources, layers=(bottom, texture))


def with_texture(document: Document, **changes: object) -> Document:
    """Return the document with its texture layer changed."""
    texture = msgspec.structs.replace(document.layers[1], **changes)
    return msgspec.structs.replace(document, layers=(document.layers[0], texture))


def measure(name: str, work: Callable[[int], object], runs: int = 15) -> None:
    """Print the median and the worst of some runs, after one that is not counted."""
    work(-1)
    times = []
    for i in range(runs):
        start = time.perf_counter()
        work(i)
        times.append((time.perf_counter() - start) * 1e3)
    print(f"{name:62}{statistics.median(times):9.1f}{max(times):9.1f} ms")


def main() -> None:
    document = make_document()
    print(f"engine {ENGINE}; {WIDTH} x {HEIGHT}, 16 bit, High Pass in Linear Light with mask and Blend-If")
    print(f"{'':62}{'median':>9}{'worst':>9}")
    cache = Cache(1 << 30)
    opacities = [with_texture(document, opacity=0.3 + i / 100) for i in range(-1, 30)]
    measure(
        "viewport 1600 x 1000 at 100 %, opacity changes (budget 16)",
        lambda i: render(opacities[i + 1], VIEWPORT, form="bgra", cache=cache),
    )
    radii = [with_texture(document, filters=smart(HighPass(radius_px=3 + i / 50))) for i in range(-1, 30)]
    measure(
        "viewport, the High Pass radius changes near 3 px (budget 33)",
        lambda i: render(radii[i + 1], VIEWPORT, form="bgra", cache=cache),
    )
    measure(
        "fit at 1/4, opacity changes", lambda i: render(opacities[i + 1], level=2, form="bgra", cache=cache)
    )
    measure("fit at 1/4, nothing cached", lambda _: render(document, level=2, form="bgra"), runs=3)
    measure("whole picture for a file, nothing cached", lambda _: flatten(document), runs=3)


if __name__ == "__main__":
    main()
