"""A monkey at the window: random clicks, drags, keys, pen strokes and commands, with the sweep after each.

python -m tests.e2e.monkey --minutes 10 --seed 7     until the time is over, or something is wrong
python -m tests.e2e.monkey --seed 7 --steps 40       the same steps again
"""

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from retexture.gui.app import make_application
from retexture.gui.window import MainWindow
from retexture.session.preferences import Preferences
from tests.e2e.driver import Driver
from tests.e2e.monkey_steps import Monkey, Wrong
from tests.e2e.pictures import original, retouched, write_tiff

WIDTH, HEIGHT = 900, 600


def open_documents(driver: Driver, folder: Path) -> None:
    """Two documents: a tiny picture with a paint layer, and a recipe's that is shown reduced."""
    planes = original(1, WIDTH, HEIGHT)
    pair = write_tiff(folder / "face.tif", planes), write_tiff(folder / "face_edited.tif", retouched(planes))
    driver.open(write_tiff(folder / "other.tif", original(2, 60, 40)))
    driver.command("Layer")
    driver.settle()
    driver.open(*pair)
    driver.keys("Ctrl+1")
    for _ in range(3):
        driver.keys("Ctrl+-")  # to where the picture is made from preview levels at first
    driver.settle()


@contextmanager
def watched(monkey: Monkey) -> Iterator[None]:
    """Exceptions in slots and warnings of Qt are problems of the monkey's steps."""
    before = sys.excepthook

    def warned(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and "This plugin does not support" not in text:
            monkey.problems.append(f"Qt: {text}")

    def hook(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        monkey.problems.append("".join(traceback.format_exception(kind, error, trace)))

    sys.excepthook = hook
    qInstallMessageHandler(warned)
    try:
        yield
    finally:
        sys.excepthook = before
        qInstallMessageHandler(None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.monkey", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="the first seed; by default a new one")
    parser.add_argument("--steps", type=int, default=100, help="steps before the next seed")
    parser.add_argument("--minutes", type=float, default=0, help="go on with the next seeds for so long")
    parser.add_argument("--tell", action="store_true", help="print each step when it is done")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else Random().randrange(1 << 30)
    until = time.monotonic() + options.minutes * 60
    application = make_application()
    while True:
        print(f"seed {seed}, {options.steps} steps", flush=True)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            os.environ["RETEXTURE_CONFIG"] = os.environ["RETEXTURE_STATE"] = str(folder / "state")
            window = MainWindow(Preferences())
            window.show()
            driver = Driver(window)
            driver.activate(window)
            open_documents(driver, folder)
            monkey = Monkey(driver, seed)
            try:
                with watched(monkey):
                    for _ in range(options.steps):
                        monkey.step()
                        if options.tell:
                            print(f"  {len(monkey.steps)}. {monkey.steps[-1]}", flush=True)
                        if options.minutes and time.monotonic() > until:
                            break
            except Wrong as wrong:
                print(wrong)
                return 1
            finally:
                driver.close_all()
                window.deleteLater()
        if time.monotonic() >= until:
            break
        seed += 1
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
