"""The program itself in a process of its own, with a hand at its window: ``paint`` or ``recover``.

Usage: python -m tests.e2e.program WHAT FOLDER [FILES...]
"""

import sys
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from retexture.gui.app import make_application, run
from retexture.gui.recovery_dialog import RecoveryDialog
from retexture.gui.window import MainWindow
from retexture.render.render import flatten
from tests.e2e.driver import Driver


def say(word: str) -> None:
    print(word, flush=True)


def paint(driver: Driver, folder: Path) -> None:
    """Paint, let another window take the keyboard, and wait for the end."""
    driver.until(lambda: driver.window.session, "the document")
    driver.settle()
    driver.keys("B")  # black: the guide's first step has taken that
    driver.click_layer("texture", "mask")
    driver.stroke((150, 100), (300, 200), (400, 150))
    driver.pen((100, 300, 0.3), (300, 320, 1.0), (450, 300, 0.6))
    driver.settle()
    np.save(folder / "painted.npy", flatten(driver.session.document)[0])
    other = QWidget()
    other.show()
    driver.activate(other)
    driver.wait()
    say("painted")
    driver.until(lambda: False, "the end")


def recover(driver: Driver, folder: Path) -> None:
    """Take what is offered, look at it, and close the window without saving."""
    dialog = driver.dialog
    assert isinstance(dialog, RecoveryDialog)
    driver.click(driver.find("recovery_recover", dialog))
    driver.until(lambda: driver.window.session, "the document")
    driver.settle()
    assert driver.session.modified
    say(f"recovered {driver.session.title}")
    np.save(folder / "recovered.npy", flatten(driver.session.document)[0])
    driver.close_all()


def main(what: str, folder: str, *files: str) -> int:
    application = make_application()
    failed: list[BaseException] = []

    def begin() -> None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        try:
            driver = Driver(window)
            driver.activate(window)
            {"paint": paint, "recover": recover}[what](driver, Path(folder))
        except BaseException as problem:
            failed.append(problem)
            application.exit(1)
            raise

    QTimer.singleShot(0, begin)
    code = run([Path(file) for file in files])
    return 1 if failed else code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
