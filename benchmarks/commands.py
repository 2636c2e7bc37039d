"""Times whole commands: start-up, and the restoration of a 24-megapixel pair of uncompressed 16-bit TIFFs.

./run benchmark commands
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import tifffile

WIDTH, HEIGHT = 6000, 4000


def run(*arguments: str) -> tuple[float, float]:
    """Run a command to its end; return its wall time in s and its peak memory in GB."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "retexture", *arguments]
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"retexture {' '.join(arguments)} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1e6


def measure(name: str, *arguments: str, runs: int = 5) -> None:
    """Print the median and the worst wall time and the largest memory of some runs, after one not counted."""
    run(*arguments)
    times, memory = zip(*(run(*arguments) for _ in range(runs)), strict=True)
    print(f"{name:50}{statistics.median(times):8.2f}{max(times):8.2f} s{max(memory):8.2f} GB")


def write_pair(folder: Path) -> tuple[str, str]:
    """Write two pictures of smooth noise, as large as a camera's."""
    rng = np.random.default_rng(1)
    paths = []
    for name in ("original", "retouched"):
        paths.append(str(folder / f"{name}.tif"))
        picture = rng.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16)
        tifffile.imwrite(paths[-1], picture, photometric="rgb")
    return paths[0], paths[1]


def write_portraits(folder: Path, edge: int) -> tuple[str, str]:
    """Write the synthetic portrait enlarged to a square of `edge` px, the retouched one moved and bent a little."""
    from retexture.sample import make_sample

    sample = make_sample(1000)
    at = np.mgrid[:edge, :edge].astype(np.float32)
    bend = edge / 400 * np.sin(at / edge * 5)
    maps = (at[1] * 0.99 + bend[0] + edge / 300, at[0] * 0.99 + bend[1])
    paths = []
    for name, planes in (("portrait", sample.original), ("smoothed", sample.retouched)):
        picture = cv2.resize(planes.transpose(1, 2, 0), (edge, edge), interpolation=cv2.INTER_CUBIC)
        if name == "smoothed":
            picture = cv2.remap(picture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        paths.append(str(folder / f"{name}-{edge}.tif"))
        tifffile.imwrite(paths[-1], picture, photometric="rgb")
    return paths[0], paths[1]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pair = write_pair(folder)
        out = str(folder / "out.tif")
        print(f"{'':50}{'median':>8}{'worst':>8}  {'peak':>8}")
        measure("retexture --help (budget 0.25 s)", "--help")
        for recipe in ("hybrid-fs", "high-pass-blend-if", "grain"):
            budget = " (budget 4 s, 1.6 GB)" if recipe == "hybrid-fs" else ""
            measure(
                f"restore --recipe {recipe}{budget}",
                "restore",
                *pair,
                "-o",
                out,
                "--overwrite",
                "--recipe",
                recipe,
            )
        for edge, budget in ((4900, "24 MP (budget 12 s, 2.5 GB)"), (1414, "2 MP (budget 2 s)")):
            portraits = write_portraits(folder, edge)
            measure(
                f"restore, a moved face of {budget}", "restore", *portraits, "-o", out, "--overwrite", runs=3
            )


if __name__ == "__main__":
    main()
