"""Time composing a 24-megapixel 16-bit stack for the screen, against a memory copy, numpy and libvips.

The stack: a picture, a texture layer in Linear Light, and an Overlay layer with a mask and Blend-If on both sides
(Gray, split handles), all uint16; the result is interleaved 8-bit BGRA. Each engine works on bands of full width
from a pool of two threads; libvips uses two threads of its own. All take turns in one run.

    ./run benchmark compose [--width 6000] [--height 4000] [--rounds 9] [--rows 96] [--skip-numpy]
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retexture.engine import reference
from retexture.engine.modes import BlendMode
from retexture.engine.program import FULL_RANGE, LayerOp, Trapezoid

THREADS = 2
THIS: Trapezoid = (31.0, 82.0, 173.0, 224.0)
UNDERLYING: Trapezoid = (20.0, 60.0, 210.0, 245.0)


def gray_slider(ends: Trapezoid) -> tuple[Trapezoid, Trapezoid, Trapezoid, Trapezoid]:
    return (ends, FULL_RANGE, FULL_RANGE, FULL_RANGE)


def make_stack(width: int, height: int) -> list[LayerOp]:
    """Return the three layers: smooth tones, noise about the middle, and a mask of smooth blobs."""
    rng = np.random.default_rng(7)
    x, y = np.meshgrid(np.linspace(0, 9, width), np.linspace(0, 6, height))
    tones = [(32767 + 30000 * np.sin(x + k) * np.cos(y - k)).astype(np.uint16) for k in range(3)]
    texture = [rng.integers(28000, 37000, (height, width), np.uint16) for _ in range(3)]
    overlay = [rng.integers(16000, 50000, (height, width), np.uint16) for _ in range(3)]
    mask = (32767 + 32767 * np.sin(2 * x * y)).astype(np.uint16)
    return [
        LayerOp((tones[0], tones[1], tones[2])),
        LayerOp((texture[0], texture[1], texture[2]), mode=BlendMode.LINEAR_LIGHT, opacity=0.5),
        LayerOp(
            (overlay[0], overlay[1], overlay[2]),
            masks=(mask,),
            mode=BlendMode.OVERLAY,
            opacity=0.8,
            this_layer=gray_slider(THIS),
            underlying=gray_slider(UNDERLYING),
        ),
    ]


def rows_of(op: LayerOp, band: slice) -> LayerOp:
    red, green, blue = op.planes
    masks = tuple(mask[band] for mask in op.masks)
    return op._replace(planes=(red[band], green[band], blue[band]), masks=masks)


def in_bands(
    work: Callable[..., None],
    stack: list[LayerOp],
    out: NDArray[np.uint8],
    rows: int,
    pool: ThreadPoolExecutor,
) -> None:
    """Run `work` (a `compose`) over all bands of `out`."""

    def one(top: int) -> None:
        band = slice(top, top + rows)
        work(out[band], [rows_of(op, band) for op in stack], bgra=True)

    for _ in pool.map(one, range(0, len(out), rows)):
        pass


def vips_pipeline(stack: list[LayerOp]) -> Callable[[], NDArray[np.uint8]] | None:
    """Return a function that does the same work in libvips, or None where pyvips is not installed.

    The layers are given in libvips' own layout, interleaved.
    """
    os.environ["VIPS_CONCURRENCY"] = str(THREADS)
    try:
        import pyvips
    except ImportError:
        return None
    height, width = stack[0].planes[0].shape

    def image(planes: tuple[NDArray[Any], ...]) -> Any:
        pixels = np.ascontiguousarray(np.stack(planes, axis=-1))
        return pyvips.Image.new_from_memory(pixels.data, width, height, len(planes), "ushort")

    base, texture, overlay = (image(op.planes) for op in stack)
    mask = image(stack[2].masks)

    def ramps(gray: Any, ends: Trapezoid) -> Any:
        """Return the weight of a slider whose handles are split, of a picture in 0-1."""
        b0, b1, w0, w1 = ends
        rise, fall = 255 / (b1 - b0), 255 / (w1 - w0)
        return gray.linear(rise, -b0 / (b1 - b0)).clamp() * gray.linear(-fall, w1 / (w1 - w0)).clamp()

    def gray_of(picture: Any) -> Any:
        return picture.recomb(pyvips.Image.new_from_array([[0.30, 0.59, 0.11]]))

    def run() -> NDArray[np.uint8]:
        # As few passes as the formulas allow; caching `lit`, which is read thrice, made it no faster.
        unit, half = 1 / 65535, stack[1].opacity
        bright = (base.linear(unit, -1) + texture.linear(2 * unit, 0)).clamp()
        lit = bright.linear(half, 0) + base.linear((1 - half) * unit, 0)
        s = overlay.linear(unit, 0)
        gates = ramps(gray_of(s), THIS) * ramps(gray_of(lit), UNDERLYING)
        weight = mask.linear(stack[2].opacity * unit, 0) * gates
        product = lit * s
        contrast = (lit < 0.5).ifthenelse(product.linear(2, 0), (lit + s - product).linear(2, -1))
        mixed = lit + (contrast - lit) * weight
        screen = mixed.linear(255, 0.5).cast("uchar")
        bgra = screen[2].bandjoin([screen[1], screen[0], 255])
        return np.frombuffer(bgra.write_to_memory(), np.uint8).reshape(height, width, 4)

    return run


def measure(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Return each run's median wall and processor time in seconds; the runs take turns. numpy runs thrice."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for turn in range(-1, rounds):  # the first turn warms up
        for name, run in runs.items():
            if name == "numpy engine" and turn >= 3:
                continue
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            if turn >= 0:
                times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        name: (statistics.median(w for w, _ in taken), statistics.median(c for _, c in taken))
        for name, taken in times.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--width", type=int, default=6000)
    parser.add_argument("--height", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", type=int, default=96, help="rows of a band")
    parser.add_argument("--skip-numpy", action="store_true", help="leave out the numpy engine, which is slow")
    args = parser.parse_args()

    stack = make_stack(args.width, args.height)
    out = np.empty((args.height, args.width, 4), np.uint8)
    pool = ThreadPoolExecutor(THREADS)
    runs: dict[str, Callable[[], object]] = {}
    expected = np.empty_like(out[:64])
    reference.compose(expected, [rows_of(op, slice(64)) for op in stack], bgra=True)
    try:
        from retexture.engine import _kernel
    except ImportError:
        print("The kernel is not built: only the others are timed.")
    else:
        runs["memory copy"] = lambda: in_bands(_kernel.copy_floor, stack, out, args.rows, pool)
        runs[f"kernel ({_kernel.variant})"] = lambda: in_bands(_kernel.compose, stack, out, args.rows, pool)
        runs["kernel (baseline)"] = lambda: in_bands(_kernel.compose_baseline, stack, out, args.rows, pool)
    vips = vips_pipeline(stack)
    if vips is None:
        print("pyvips is not installed (pip install pyvips pyvips-binary): libvips is not timed.")
    else:
        off = np.abs(vips()[:64].astype(int) - expected).max()
        print(f"libvips is at most {off} level off the numpy engine.")
        runs["libvips"] = vips
    if not args.skip_numpy:
        runs["numpy engine"] = lambda: in_bands(reference.compose, stack, out, args.rows, pool)

    taken = measure(runs, args.rounds)
    floor = taken.get("memory copy", next(iter(taken.values())))[0]
    print(
        f"{args.width} x {args.height}, bands of {args.rows} rows, {THREADS} threads, medians of {args.rounds}:"
    )
    print(f"{'':24}{'ms':>9}{'CPU ms':>9}{'x first':>9}")
    for name, (wall, cpu) in taken.items():
        print(f"{name:24}{wall * 1000:9.1f}{cpu * 1000:9.1f}{wall / floor:9.2f}")


if __name__ == "__main__":
    main()
