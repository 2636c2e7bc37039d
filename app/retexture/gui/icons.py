"""The icons: one family of SVG drawings in one grey, recoloured for each state of a control."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from retexture.gui import theme
from retexture.gui.resources import resource

DRAWN = "#d6d6d6"
"""The grey of the files."""

STATES = {
    theme.TEXT: ((QIcon.Mode.Normal, QIcon.State.Off),),
    theme.BRIGHT_TEXT: (
        (QIcon.Mode.Normal, QIcon.State.On),
        (QIcon.Mode.Active, QIcon.State.Off),
        (QIcon.Mode.Active, QIcon.State.On),
        (QIcon.Mode.Selected, QIcon.State.Off),
        (QIcon.Mode.Selected, QIcon.State.On),
    ),
    theme.DISABLED_TEXT: ((QIcon.Mode.Disabled, QIcon.State.Off), (QIcon.Mode.Disabled, QIcon.State.On)),
}
"""In which states a control shows its icon in which colour."""


def icon(name: str, size: int = 20) -> QIcon:
    """Return an icon, sharp on every screen that is attached.

    Args:
        name: of the file in ``resources/icons``, without ``.svg``.
        size: edge in device-independent pixels.

    Raises:
        KeyError: there is no such icon.
    """
    ratios = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    return _icon(name, size, tuple(sorted(ratios | {1.0, 2.0})))


def pixmap(name: str, size: int = 20, colour: str = theme.TEXT, ratio: float = 1.0) -> QPixmap:
    """Return an icon's picture in one colour, to be painted by hand.

    Args:
        name: of the file in ``resources/icons``, without ``.svg``.
        size: edge in device-independent pixels.
        colour: ``#rrggbb``.
        ratio: the device's pixels per device-independent pixel; the pixmap knows it.

    Raises:
        KeyError: there is no such icon.
    """
    edge = round(size * ratio)
    drawn = QPixmap(edge, edge)
    drawn.fill(Qt.GlobalColor.transparent)
    svg = _source(name).replace(DRAWN.encode(), colour.encode())
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, edge, edge))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


@cache
def application_icon() -> QIcon:
    """Return the program's own icon, in the sizes that desktops ask for."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(pixmap("retexture", size))
    return made


@cache
def _source(name: str) -> bytes:
    try:
        return resource(f"icons/{name}.svg").read_bytes()
    except FileNotFoundError:
        raise KeyError(name) from None


@cache
def _icon(name: str, size: int, ratios: tuple[float, ...]) -> QIcon:
    made = QIcon()
    for colour, states in STATES.items():
        for ratio in ratios:
            drawn = pixmap(name, size, colour, ratio)
            for mode, state in states:
                made.addPixmap(drawn, mode, state)
    return made
