"""Times the real window with a pair of 24-megapixel 16-bit TIFFs in the hybrid-fs recipe, a mask and Blend-If.

./run benchmark gui. Started by a Python without the packages of the project it does that by itself.

Without a screen it starts a virtual one (Xvfb). Each figure is from the event to the end of the painting of what it
changed, unless its name says otherwise.
"""

import argparse
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

if importlib.util.find_spec("benchmarks") is None:
    runner = str(Path(__file__).resolve().parents[1] / "run")
    os.execv(runner, [runner, "benchmark", "gui", *sys.argv[1:]])

import cv2
import msgspec
import numpy as np

from benchmarks.commands import write_portraits

WIDTH, HEIGHT = 6000, 4000
CANVAS = (1600, 1000)
PAGE_KB = resource.getpagesize() / 1024


@contextmanager
def screen() -> Iterator[None]:
    """Provide a virtual screen where there is none."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "2200x1400x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        os.environ["DISPLAY"] = f":{pipe.readline().strip()}"
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def write_pair(folder: Path) -> tuple[Path, Path]:
    """Write a textured picture and its blurred copy as uncompressed TIFFs."""
    from retexture.files.images import write_image

    rng = np.random.default_rng(1)
    small = rng.integers(8000, 57000, (3, HEIGHT // 40, WIDTH // 40)).astype(np.uint16)
    tone = np.stack([cv2.resize(p, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) for p in small])
    noise = rng.integers(-3000, 3001, (1, HEIGHT, WIDTH)).astype(np.int32)
    original = np.clip(tone + noise, 0, 65535).astype(np.uint16)
    paths = folder / "portrait.tif", folder / "portrait_retouched.tif"
    for path, planes in zip(paths, (original, tone), strict=True):
        write_image(path, planes)
    return paths


def resident_mb() -> float:
    """Return the memory that the process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB / 1024


class Bench:
    """The window, and the means to drive and time it."""

    def __init__(self, pair: tuple[Path, Path]) -> None:
        from PySide6.QtCore import QEvent, QEventLoop, QObject

        from retexture.gui.app import make_application
        from retexture.gui.window import MainWindow
        from retexture.session.preferences import Preferences

        sys.setswitchinterval(0.001)
        self.application = make_application()
        self.window = MainWindow(Preferences())
        self.loop = QEventLoop()
        self.rows: list[tuple[str, str, str]] = []

        class Counter(QObject):
            paints = 0

            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                Counter.paints += event.type() == QEvent.Type.Paint
                return False

        self.counter = Counter()
        self.window.canvas.installEventFilter(self.counter)
        self.window.resize(2100, 1200)
        self.window.show()
        self.wait(lambda: self.window.isVisible())
        start = time.perf_counter()
        self.window.opener.open_pictures(*pair, "hybrid-fs")
        self.wait(self.shown)
        self.row("first picture of two TIFFs", f"{time.perf_counter() - start:.2f} s", "1.5 s")
        self.window.docks["guide"].close()
        self.session = self.window.session
        assert self.session is not None

    def idle(self) -> bool:
        """Wait until the exact picture is shown and nothing is under way."""
        from retexture.gui.app import wait_until_idle

        return wait_until_idle(self.window)

    def row(self, name: str, value: str, aim: str) -> None:
        """Note one figure and say it."""
        self.rows.append((name, value, aim))
        print(f"{name:44} {value:>26}   aim {aim}", flush=True)

    def wait(self, ready: Callable[[], bool], timeout_s: float = 30) -> None:
        """Handle events until something holds."""
        from PySide6.QtCore import QEventLoop

        until = time.monotonic() + timeout_s
        while not ready() and time.monotonic() < until:
            self.loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def shown(self) -> bool:
        """Whether the canvas shows the present document everywhere, be it from a preview level."""
        canvas = self.window.canvas
        return canvas.session is not None and all(p.viewport.complete for p in canvas.panes())

    def painted_since(self, count: int) -> None:
        """Wait until the canvas was painted once more than `count` times."""
        self.wait(lambda: self.counter.paints > count)

    def paint_of(self, act: Callable[[], Any]) -> float:
        """Return the milliseconds from an act until its result is on the screen."""
        before = self.counter.paints
        start = time.perf_counter()
        act()
        self.wait(lambda: self.counter.paints > before and self.shown())
        return (time.perf_counter() - start) * 1000

    def times(self, name: str, acts: Sequence[Callable[[], Any]], aim: str) -> None:
        """Time acts and note median and 99th percentile."""
        found = sorted(self.paint_of(act) for act in acts)
        median, high = statistics.median(found), found[int(len(found) * 0.99)]
        self.row(name, f"{median:.1f} ms, 99th {high:.1f}", aim)


def drive(bench: Bench) -> None:
    """Run all measurements."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from retexture.document.edits import set_parameter
    from retexture.document.layers import Range
    from retexture.session.view import Point

    window, session, canvas = bench.window, bench.session, bench.window.canvas
    assert session is not None
    bench.idle()
    window.resize(window.width() + CANVAS[0] - canvas.width(), window.height() + CANVAS[1] - canvas.height())
    session.edit("Blend-If", lambda d: set_parameter(d, "high.blend_if.this.gray", Range(40, 90, 160, 210)))
    session.select("high", "mask")
    window.set_tool("brush")
    left = Qt.MouseButton.LeftButton

    def stroke(name: str, size_px: float, step: int, aim: str, white: bool) -> None:
        window.paint.set_brush(
            msgspec.structs.replace(
                window.paint.brush, size_px=size_px, smoothing=0.0, spacing=(step - 1) / size_px
            )
        )
        window.paint.set_white(white)
        bench.idle()
        QTest.mousePress(canvas, left, pos=QPoint(200, 400))
        moves = [lambda i=i: QTest.mouseMove(canvas, QPoint(200 + i * step, 400 + i)) for i in range(1, 61)]
        bench.times(name, moves, aim)
        QTest.mouseRelease(canvas, left, pos=QPoint(200 + 60 * step, 460))

    canvas.zoom_to(1.0)
    bench.idle()
    print(f"canvas {canvas.width()} x {canvas.height()}, resident {resident_mb():.0f} MB")
    stroke("dab of 200 px at 100 %", 200, 11, "4 ms, 99th 16", white=False)
    bench.times("undo of the stroke", [session.undo], "16 ms")
    stroke("dab of 2000 px at 100 %", 2000, 21, "25 ms", white=True)
    bench.idle()

    def retouch(tool: str, name: str, sample: Any) -> None:
        window.set_tool(tool)
        window.clone.set_sample(sample)
        window.clone.set_healing("brush")
        QTest.mouseClick(canvas, left, Qt.KeyboardModifier.AltModifier, QPoint(900, 700))
        stroke(name, 100, 11, "8 ms", white=True)
        start = time.perf_counter()
        bench.wait(lambda: session.gesture is None)
        if tool == "heal":
            bench.row("  healed after that", f"{(time.perf_counter() - start) * 1000:.0f} ms", "")
        session.undo()
        bench.idle()

    session.select("high")
    for sample in ("current", "all"):
        retouch("clone", f"clone dab of 100 px, sample {sample}", sample)
    retouch("heal", "healing dab of 100 px, sample current", "current")
    window.clone.set_healing("spot")
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=40.0))
    spots = []
    for i in range(12):
        place, start = QPoint(300 + 90 * i, 300), time.perf_counter()
        QTest.mouseClick(canvas, left, pos=place)
        bench.wait(lambda: session.gesture is None)
        spots.append((time.perf_counter() - start) * 1000)
    bench.row("a spot of 40 px healed", f"{statistics.median(spots):.0f} ms, max {max(spots):.0f}", "")
    bench.idle()
    while session.history.undo_label == "Spot Healing":
        session.undo()
    window.set_tool("brush")
    session.select("high", "mask")
    bench.idle()

    def slider(name: str, path: str, values: list[Any], aim: str) -> None:
        gesture = session.begin(name)
        bench.times(name, [partial(gesture.set, path, value) for value in values], aim)
        gesture.cancel()
        bench.idle()

    slider("opacity dragged", "high.opacity", np.linspace(0.9, 0.3, 60).tolist(), "16.7 ms (60/s)")
    ranges = [Range(20 + i, 90 + i, 160, 210) for i in range(60)]
    slider("Blend-If dragged", "high.blend_if.this.gray", ranges, "16.7 ms (60/s)")
    slider(
        "radius dragged at 3 px",
        "low.gaussian_blur.radius_px",
        np.linspace(3, 3.6, 40).tolist(),
        "33 ms (30/s)",
    )
    pans = [lambda i=i: canvas.set_view(canvas.view.moved(-9, 5 if i % 2 else -6)) for i in range(60)]
    bench.times("pan at 100 %", pans, "16.7 ms (60/s)")
    bench.idle()
    middle = Point(canvas.width() / 2, canvas.height() / 2)

    def zooms(count: int, factor: float) -> None:
        found = []
        for _ in range(count):
            before, start = bench.counter.paints, time.perf_counter()
            canvas.zoom_to(canvas.view.zoom * factor, middle)
            bench.painted_since(before)
            found.append((time.perf_counter() - start) * 1000)
        bench.row(
            f"zoom {'out' if factor < 1 else 'in'} (first painting)",
            f"{statistics.median(found):.1f} ms, max {max(found):.1f}",
            "16.7 ms (60/s)",
        )
        bench.idle()

    zooms(30, 0.96)
    zooms(30, 1.04)
    canvas.fit()
    bench.idle()
    stroke("dab of 200 px at fit", 200, 3, "4 ms, 99th 16", white=False)
    bench.times("undo of the stroke at fit", [session.undo], "16 ms")
    start = time.perf_counter()
    bench.idle()
    bench.row("exact picture at fit after that", f"{time.perf_counter() - start:.2f} s", "1 s")
    canvas.zoom_to(0.5)
    start = time.perf_counter()
    bench.idle()
    bench.row("exact picture at 50 %", f"{time.perf_counter() - start:.2f} s", "1 s")


def transform(bench: Bench) -> None:
    """Drag the transform box of a layer of 24 megapixels, and of a patch of it."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from retexture.document.document import Document, find
    from retexture.document.edits import replace_layer
    from retexture.document.layers import LayerMask, RasterMask
    from retexture.document.pixels import Tiles
    from retexture.gui.transform_tool import _in_window
    from retexture.session import transform_box
    from retexture.session.clipboard import copied_pixels, pasted
    from retexture.session.selections import rectangle

    window, session, canvas = bench.window, bench.session, bench.window.canvas
    assert session is not None
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    def drag(name: str, start: QPoint, modifiers: Qt.KeyboardModifier = none) -> None:
        bench.idle()
        QTest.mousePress(canvas, left, modifiers, start)
        moves = [lambda i=i: QTest.mouseMove(canvas, start + QPoint(2 * i, i)) for i in range(1, 41)]
        bench.times(name, moves, "33 ms (30/s)")
        QTest.mouseRelease(canvas, left, modifiers, start + QPoint(80, 40))

    def corner() -> QPoint:
        place = window.transforming.place
        assert place is not None
        at = _in_window(transform_box.handles(place)[2], canvas)
        return (at / canvas.devicePixelRatioF()).toPoint()

    size = (session.document.width_px, session.document.height_px)
    part = rectangle(size, (2200, 1400), (3700, 2400))
    clip = copied_pixels(
        msgspec.structs.replace(session.document, selection=part),
        "retouched",
        cache=bench.window.workspace.passing,
    )
    made = pasted(session.document, clip, session.document.layers[-1].key, name="Patch")
    session.edit("Paste", lambda _: made.document, select=made.key)

    def add_mask(document: Document) -> Document:
        """Give the large layer a linked mask without a uniform tile."""
        rng = np.random.default_rng(2)
        small = rng.integers(0, 65536, (HEIGHT // 100, WIDTH // 100)).astype(np.uint16)
        levels = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        mask = LayerMask(painted=RasterMask(Tiles.from_array(levels[None])))
        new = msgspec.structs.replace(find(document, "retouched"), mask=mask)
        return replace_layer(document, "retouched", new)

    dragged = ((made.key, "1.5 MP patch"), ("retouched", "24 MP layer"), ("retouched", "24 MP and mask"))
    for layer, words in dragged:
        if words.endswith("mask"):
            session.edit("Mask", add_mask)
        for zoom in (None, 1.0):
            session.select(layer)
            canvas.fit() if zoom is None else canvas.zoom_to(zoom)
            where = "at fit" if zoom is None else "at 100 %"
            window.set_tool("move")
            middle = QPoint(canvas.width() // 2, canvas.height() // 2)
            drag(f"move, {words}, {where}", middle)
            start = time.perf_counter()
            bench.wait(lambda: session.gesture is None)
            bench.row("  committed after the release", f"{time.perf_counter() - start:.2f} s", "")
            session.undo()
            window.transforming.begin(session)
            if zoom is None:
                window.transforming.change(lambda place: transform_box.rescaled(place, 0.8, 0.8))
                drag(f"scale, {words}, {where}", corner())
                drag(f"distort, {words}, {where}", corner(), Qt.KeyboardModifier.ControlModifier)
            window.transforming.change(lambda place: transform_box.turned_to(place, 12))
            drag(f"moved while turned, {words}, {where}", middle)
            start = time.perf_counter()
            bench.idle()
            bench.row("  exact picture after that", f"{time.perf_counter() - start:.2f} s", "")
            window.transforming.cancel()
            bench.idle()


def rest(bench: Bench, seconds: float) -> None:
    """Measure an idle window, with its recovery copy written."""
    from PySide6.QtCore import QTimer

    bench.idle()
    bench.window.saver.autosave()
    bench.idle()
    over: list[bool] = []
    QTimer.singleShot(int(seconds * 1000), lambda: over.append(True))
    before = time.process_time()
    bench.wait(lambda: bool(over), seconds + 5)
    share = (time.process_time() - before) / seconds
    bench.row(f"CPU when idle, {seconds:.0f} s", f"{share:.2%}", "0.5 %")


def restoration(bench: Bench, folder: Path) -> None:
    """Drag the texture slider of an automatic restoration of 24 megapixels."""
    from retexture.session import opening
    from retexture.session.session import Session

    original, retouched = opening.read_pictures([Path(p) for p in write_portraits(folder, 4900)])
    document, _ = opening.build("auto", original, retouched, black_mask=False)
    session = Session(document, title="restored")
    bench.window.workspace.add(session)
    bench.idle()
    bench.window.canvas.zoom_to(1.0)
    bench.idle()

    gesture = session.begin("texture")
    amounts = np.linspace(100, 180, 60).tolist()
    drags = [partial(gesture.set, "texture.texture_gain.amount_percent", amount) for amount in amounts]
    bench.times("texture dragged at 100 %", drags, "33 ms (30/s)")
    gesture.cancel()
    bench.idle()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rest", type=float, default=30, help="seconds to watch the idle window")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    with screen(), tempfile.TemporaryDirectory() as folder:
        os.environ["RETEXTURE_CONFIG"] = os.environ["RETEXTURE_STATE"] = folder
        bench = Bench(write_pair(Path(folder)))
        bench.idle()
        bench.row("resident after opening", f"{resident_mb():.0f} MB", "900 MB")
        drive(bench)
        transform(bench)
        rest(bench, args.rest)
        restoration(bench, Path(folder))
        bench.row("resident at the end", f"{resident_mb():.0f} MB", "")
        for session in tuple(bench.window.workspace.sessions):
            bench.window.workspace.remove(session)
        bench.window.close()


if __name__ == "__main__":
    main()
