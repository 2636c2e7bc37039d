"""A canvas with a document on it, events of mouse and pen, and what of it is to be seen."""

import time
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QImage,
    QInputDevice,
    QMouseEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QRegion,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from retexture.document.document import Document
from retexture.gui.canvas import Canvas
from retexture.gui.picture_view import PictureView
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.workspace import Workspace
from retexture.render.render import render
from retexture.session.session import Session
from retexture.session.view import Point, View

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NO_BUTTON, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
RIGHT, MIDDLE = Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
PRESS, MOVE, RELEASE = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
)
REAL = Qt.MouseEventSource.MouseEventNotSynthesized


def make_canvas(
    qtbot: QtBot,
    workspace: Workspace,
    document: Document,
    size: tuple[int, int] = (300, 200),
    zoom: float = 1.0,
) -> Canvas:
    """Return a canvas that shows the middle of a document at a zoom."""
    canvas = Canvas(workspace, ScreenProfile())
    qtbot.addWidget(canvas)
    canvas.resize(*size)
    canvas.show()
    qtbot.waitExposed(canvas)
    workspace.add(Session(document, title="portrait"))
    canvas.set_view(View(zoom=zoom, centre=Point(document.width_px // 2, document.height_px // 2)))
    settle(canvas)
    return canvas


def settle(canvas: PictureView, timeout_s: float = 60) -> None:
    """Wait until the exact picture is shown and nothing is under way."""
    loop, wake = QEventLoop(), QTimer()
    wake.start(5)
    until = time.monotonic() + timeout_s
    while not (canvas.workspace.idle and canvas.settled):
        assert time.monotonic() < until, "the canvas does not settle"
        loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    loop.processEvents()


def set_view(canvas: PictureView, **changes: Any) -> None:
    canvas.set_view(msgspec.structs.replace(canvas.view, **changes))
    settle(canvas)


# -- what is to be seen


def shot(widget: QWidget) -> np.ndarray:
    """Return (H, W, 3) uint8 BGR of what a widget shows, in device pixels."""
    ratio = widget.devicePixelRatioF()
    size = round(widget.width() * ratio), round(widget.height() * ratio)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("magenta"))
    widget.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return pixels(image)


def pixels(image: QImage) -> np.ndarray:
    """Return (H, W, 3) uint8 BGR of an image."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., :3].copy()


def expected(canvas: PictureView, document: Document, size: tuple[int, int] | None = None) -> np.ndarray:
    """Return (H, W, 3) BGR of an upright document in a window: its render at 100 %, or in blocks beyond it."""
    window = canvas.pane_size() if size is None else size
    width, height = (int(v) for v in window)
    zoom = round(canvas.view.zoom)
    assert zoom == canvas.view.zoom, "only whole zooms are blocks"
    full = render(document, form="bgra")[..., :3]
    blocks = full.repeat(zoom, 0).repeat(zoom, 1)
    out = np.empty((height, width, 3), np.uint8)
    colour = canvas.surround
    out[:] = colour.blue(), colour.green(), colour.red()
    x, y = (int(v) for v in canvas.view.origin(canvas.pane_size()))
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + blocks.shape[1], width), min(y + blocks.shape[0], height)
    out[top:bottom, left:right] = blocks[top - y : bottom - y, left - x : right - x]
    return out


# -- events, in the widget's own pixels


def mouse(
    widget: QWidget,
    kind: QEvent.Type,
    x: float,
    y: float,
    *,
    button: Qt.MouseButton = LEFT,
    modifiers: Qt.KeyboardModifier = NONE,
    source: Qt.MouseEventSource = REAL,
    held: bool = True,
) -> None:
    """Send one event of the mouse; `held`: whether the button is down while it moves."""
    moved = kind == MOVE
    place, on_screen = QPointF(x, y), QPointF(widget.mapToGlobal(QPointF(x, y)))
    event = QMouseEvent(
        kind,
        place,
        place,
        on_screen,
        NO_BUTTON if moved else button,
        NO_BUTTON if kind == RELEASE or (moved and not held) else button,
        modifiers,
        source,
    )
    QApplication.sendEvent(widget, event)


def drag(widget: QWidget, *places: tuple[float, float], let_go: bool = True, **options: Any) -> None:
    """Press at the first place, move over the others, release at the last."""
    mouse(widget, PRESS, *places[0], **options)
    for place in places[1:]:
        mouse(widget, MOVE, *place, **options)
    if let_go:
        mouse(widget, RELEASE, *places[-1], **options)


def wheel(
    widget: QWidget,
    x: float,
    y: float,
    notches: float,
    modifiers: Qt.KeyboardModifier = NONE,
    scrolled: tuple[int, int] | None = None,
) -> None:
    """Turn the wheel, or `scrolled` on a touch pad by pixels."""
    place = QPointF(x, y)
    pixels, angle = QPoint(), QPoint(0, round(120 * notches))
    if scrolled is not None:
        pixels, angle = QPoint(*scrolled), QPoint(2 * scrolled[0], 2 * scrolled[1])
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place)),
        pixels,
        angle,
        NO_BUTTON,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase if scrolled is None else Qt.ScrollPhase.ScrollUpdate,
        False,
    )
    QApplication.sendEvent(widget, event)


class Pen:
    """A pen on a tablet, or its other end."""

    def __init__(self, widget: QWidget, *, eraser: bool = False) -> None:
        kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        self.widget = widget
        self.device = QPointingDevice(
            "pen",
            17 + eraser,
            QInputDevice.DeviceType.Stylus,
            kind,
            QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
            1,
            3,
            "",
            QPointingDeviceUniqueId(),
        )

    def send(self, kind: QEvent.Type, x: float, y: float, pressure: float) -> None:
        place = QPointF(x, y)
        event = QTabletEvent(
            kind,
            self.device,
            place,
            QPointF(self.widget.mapToGlobal(place)),
            pressure,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            NONE,
            NO_BUTTON if kind == QEvent.Type.TabletMove else LEFT,
            NO_BUTTON if kind == QEvent.Type.TabletRelease else LEFT,
        )
        event.ignore()
        QApplication.sendEvent(self.widget, event)
        assert event.isAccepted(), "else Qt makes mouse events of it"

    def stroke(self, *way: tuple[float, float, float]) -> None:
        """Draw over (x, y, pressure)."""
        self.send(QEvent.Type.TabletPress, *way[0])
        for event in way[1:]:
            self.send(QEvent.Type.TabletMove, *event)
        self.send(QEvent.Type.TabletRelease, *way[-1][:2], 0.0)
