"""Time brush strokes on a 24-megapixel document, the area downsampler, and whole-mask edits.

./run benchmark brush
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from retexture.document.pixels import Tiles
from retexture.engine import ENGINE, area_resample
from retexture.session import masks
from retexture.session.brush import Brush
from retexture.session.strokes import Stroke

WIDTH, HEIGHT = 6000, 4000


def measure(name: str, work: Callable[[int], object], budget_ms: float, runs: int = 60) -> None:
    """Print the median and the 99th percentile of the times of `work(i)`, in ms."""
    work(0)
    times = []
    for i in range(1, runs + 1):
        start = time.perf_counter()
        work(i)
        times.append(1e3 * (time.perf_counter() - start))
    print(
        f"{name:46}{statistics.median(times):8.2f}{np.percentile(times, 99):8.2f} ms   budget {budget_ms:g}"
    )


def moves_of_one_dab(tiles: Tiles, size_px: float, value: tuple[float, ...]) -> Callable[[int], object]:
    """Return moves that go one dab's distance each, to and fro across the middle."""
    brush = Brush(size_px=size_px, smoothing=0, opacity_pressure=False, flow=0.3)
    stroke = Stroke(tiles, brush, value)
    stroke.begin(2000.3, 2000.7)

    def move(i: int) -> object:
        place = i % 40
        return stroke.move(2000.3 + min(place, 40 - place) * brush.spacing * size_px, 2000.7)

    return move


def main() -> None:
    print(f"engine: {ENGINE}\n{'':46}{'median':>8}{'99 %':>8}")
    mask = masks.black(WIDTH, HEIGHT)
    paint = Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0))
    for size_px, budget_ms in ((200, 0.8), (2000, 15)):
        measure(f"a dab of {size_px} px on a mask", moves_of_one_dab(mask, size_px, (1,)), budget_ms)
        measure(f"a dab of {size_px} px of paint", moves_of_one_dab(paint, size_px, (1, 0, 0)), budget_ms)
    picture = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
    picture[..., 3] = 255
    for scale in (1.3, 3.7, 12.0):
        out = np.empty((int(HEIGHT / scale), int(WIDTH / scale), 4), np.uint8)

        def shrink(_: int, out: np.ndarray = out, scale: float = scale) -> None:
            area_resample(picture, out, scale, scale)

        measure(f"24 MP averaged to 1/{scale:g}, one thread", shrink, 150, runs=5)
    measure("a linear gradient", lambda _: masks.gradient(mask, (900, 900), (5000, 3000)), 250, runs=5)


if __name__ == "__main__":
    main()
