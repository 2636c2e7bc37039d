"""The window with a restored document, and the hand at its Restoration panel."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QScrollArea

from retexture.gui.window import MainWindow
from retexture.session import restoration
from retexture.session.session import Session
from retexture.session.view import Point
from tests.gui.stage import shot
from tests.gui.test_controls import new_window
from tests.gui.window_tour import close, settle
from tests.session.restored import restored_document

LEFT = Qt.MouseButton.LeftButton


def restored_window() -> Iterator[MainWindow]:
    window = new_window()
    add(window, Session(restored_document(unaligned=(60, 120)), title="restored"))
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    yield window
    close(window)


def add(window: MainWindow, session: Session) -> None:
    window.workspace.add(session)
    settle(window)


def session_of(window: MainWindow) -> Session:
    assert window.session is not None
    return window.session


def kept(window: MainWindow) -> tuple[bool, ...]:
    analysis = session_of(window).document.analysis
    assert analysis is not None
    return restoration.decisions(analysis)


def click(window: MainWindow, name: str) -> None:
    button = window.restoration.findChild(QAbstractButton, name)
    window.restoration.findChild(QScrollArea).ensureWidgetVisible(button)
    settle(window)
    QTest.mouseClick(button, LEFT, pos=QPoint(10, button.height() // 2))
    settle(window)


def place_of(window: MainWindow, index: int, offset: float = 0.0) -> QPoint:
    """Return where a spot lies on the canvas."""
    spot = session_of(window).document.analysis.spots[index]
    canvas = window.canvas
    at = canvas.view.to_window(Point(spot.x_px + offset, spot.y_px), canvas.pane_size())
    return QPoint(round(at.x), round(at.y)) / canvas.devicePixelRatioF()


def around(window: MainWindow, index: int) -> np.ndarray:
    """Return what the canvas shows around a spot."""
    at, reach = place_of(window, index), 40
    return shot(window.canvas)[at.y() - reach : at.y() + reach, at.x() - reach : at.x() + reach]
