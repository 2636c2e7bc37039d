"""What comes up while documents are saved, and how it is answered."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from retexture.files.documents import open_document
from retexture.gui import saver as saver_module
from retexture.gui.saver import Saver
from retexture.session.recovery import Recovered, Recovery
from retexture.session.saving import save
from retexture.session.session import Session


def change(session: Session, opacity: float) -> None:
    session.set("fill_0.opacity", opacity, "Opacity")


def opacity(path: Path) -> float:
    return open_document(path)[0].layers[0].opacity


def settle(qtbot, workspace):
    qtbot.waitUntil(lambda: workspace.idle)


def crash(saver: Saver, state: Path) -> list[Recovered]:
    """End as a killed program does; return what the next one finds."""
    saver.recovery.close()
    found = Recovery(state)
    result = found.found()
    found.close()
    return result


def then(*answers: str | Callable[[Any], None]) -> list[str]:
    """Click the buttons of these names, or do something, in the boxes that come up; return what the boxes say."""
    said: list[str] = []
    waiting = list(answers)
    timer = QTimer(QApplication.instance())

    def look() -> None:
        box = QApplication.activeModalWidget()
        if box is None:
            return
        if isinstance(box, QMessageBox):
            said.append("\n".join((box.windowTitle(), box.text(), box.informativeText())))
        answer = waiting.pop(0)
        if not waiting:
            timer.stop()
        if callable(answer):
            answer(box)
        else:
            box.findChild(QPushButton, answer).click()

    timer.timeout.connect(look)
    timer.start(0)
    return said


def when(condition: Callable[[], object], act: Callable[[], None]) -> None:
    """Do something once a condition holds."""
    timer = QTimer(QApplication.instance())

    def look() -> None:
        if condition():
            timer.stop()
            act()

    timer.timeout.connect(look)
    timer.start(0)


class Slow:
    """Stands for `save`: it does so when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[Any] = []
        self.free = threading.Semaphore(0)
        monkeypatch.setattr(saver_module, "save", self)

    def __call__(self, document: Any, path: Path, **options: Any) -> tuple[str, ...]:
        self.begun.append(document)
        self.free.acquire(timeout=20)
        return save(document, path, **options)

    def go_on(self, times: int = 1) -> None:
        self.free.release(times)
