"""The icons: complete, of one family, drawn sharp and in the colour of each state."""

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from retexture.gui import theme
from retexture.gui.icons import DRAWN, application_icon, icon, pixmap
from retexture.gui.resources import resource

FILES = sorted(path for path in resource("icons/eye.svg").parent.glob("*.svg") if path.stem != "retexture")
NAMES = [path.stem for path in FILES]
Mode, State = QIcon.Mode, QIcon.State


def colours(image: QImage) -> set[str]:
    """The colours of all pixels that are opaque."""
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    pixels = [image.pixelColor(x, y) for x, y in points]
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_file_belongs_to_the_family(path) -> None:
    text = path.read_text(encoding="ascii")
    drawn = QSvgRenderer(str(path))
    assert drawn.isValid()
    assert (drawn.viewBox().width(), drawn.viewBox().height()) == (20, 20)
    assert set(re.findall("#[0-9a-f]{3,8}", text)) == {DRAWN}
    assert set(re.findall('stroke-width="([^"]*)"', text)) == {"1.5"}
    assert len(text) < 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_drawing_keeps_off_the_edge(qtbot: QtBot, name: str) -> None:
    image = pixmap(name, ratio=4).toImage()
    last = image.width() - 1
    edge = [(x, y) for k in range(last + 1) for x, y in ((k, 0), (k, last), (0, k), (last, k))]
    assert {image.pixelColor(x, y).alpha() for x, y in edge} == {0}
    grey = QColor(theme.TEXT).red()
    assert {QColor(colour).red() for colour in colours(image)} <= {grey, grey - 1}  # overlaps may round down


@pytest.mark.parametrize(
    ("mode", "state", "colour"),
    [
        (Mode.Normal, State.Off, theme.TEXT),
        (Mode.Normal, State.On, theme.BRIGHT_TEXT),
        (Mode.Active, State.Off, theme.BRIGHT_TEXT),
        (Mode.Selected, State.Off, theme.BRIGHT_TEXT),
        (Mode.Disabled, State.Off, theme.DISABLED_TEXT),
        (Mode.Disabled, State.On, theme.DISABLED_TEXT),
    ],
)
def test_state_has_its_colour(qtbot: QtBot, mode: QIcon.Mode, state: QIcon.State, colour: str) -> None:
    assert colours(icon("minus").pixmap(QSize(20, 20), 2.0, mode, state).toImage()) == {colour}


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_icon_is_drawn_for_the_screen(qtbot: QtBot, ratio: float) -> None:
    shown = icon("brush", 16).pixmap(QSize(16, 16), ratio)
    assert (shown.width(), shown.devicePixelRatio()) == (16 * ratio, ratio)
    assert shown.toImage() == pixmap("brush", 16, ratio=ratio).toImage()


def test_icon_is_made_once(qtbot: QtBot) -> None:
    assert icon("brush") is icon("brush")


def test_missing_icon_is_a_key_error(qtbot: QtBot) -> None:
    with pytest.raises(KeyError, match="no_such_icon"):
        icon("no_such_icon")
    with pytest.raises(KeyError):
        pixmap("no_such_icon")


def test_colour_is_free(qtbot: QtBot) -> None:
    assert colours(pixmap("minus", colour=theme.WARNING, ratio=2).toImage()) == {QColor(theme.WARNING).name()}


def test_program_has_an_icon_in_every_size(qtbot: QtBot) -> None:
    sizes = {size.width() for size in application_icon().availableSizes()}
    assert {16, 32, 48, 256} <= sizes
