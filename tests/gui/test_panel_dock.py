"""The window's frame: panels in tabs and alone, the picture fitted whatever the size, sections brought into view."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from retexture.gui.layer_row import LAYER_HEIGHT
from retexture.gui.panel_dock import is_seen
from retexture.gui.window import MainWindow
from retexture.session.view import Size
from tests.gui.portraits import write_pair
from tests.gui.test_controls import new_window
from tests.gui.window_tour import close, settle


@pytest.fixture
def window(tmp_path: Path) -> Iterator[MainWindow]:
    window = new_window()
    original, retouched = write_pair(tmp_path, scale=8)
    window.opener.open_pictures(original, retouched, "high-pass-blend-if")
    settle(window)
    yield window
    close(window)


def title_height(window: MainWindow, name: str) -> int:
    dock = window.docks[name]
    bar: QWidget | None = dock.titleBarWidget()
    return dock.height() - dock.widget().height() if bar is None else bar.height()


def test_a_panel_has_a_title_where_no_tab_says_its_name(window: MainWindow):
    assert title_height(window, "properties") == 0
    assert title_height(window, "layers") == 0
    for name in ("history", "navigator", "histogram", "luminosity"):
        window.docks[name].hide()
    settle(window)
    assert title_height(window, "properties") > 15
    assert title_height(window, "layers") > 15
    window.docks["history"].show()
    settle(window)
    assert title_height(window, "properties") == 0


def test_tabs_of_panels_show_all_of_their_names(window: MainWindow):
    bars = [b for b in window.findChildren(QTabBar, "panel_tabs") if b.isVisible()]
    assert [[bar.tabText(i) for i in range(bar.count())] for bar in bars] == [
        ["Properties", "History", "Navigator"],
        ["Layers", "Luminosity", "Histogram"],
    ]
    assert [bar.tabText(bar.currentIndex()) for bar in bars] == ["Properties", "Layers"]
    for bar in bars:
        assert bar.elideMode() == Qt.TextElideMode.ElideNone
        assert bar.tabRect(bar.count() - 1).right() <= bar.width()


def fitting(window: MainWindow) -> float:
    document = window.workspace.session.document
    canvas = window.canvas
    return canvas.view.fitting(Size(document.width_px, document.height_px), canvas.pane_size()).zoom


def test_a_fitted_picture_stays_fitted(window: MainWindow):
    canvas = window.canvas
    canvas.fit()
    for width, height in ((1000, 700), (1280, 800)):
        window.resize(width, height)
        settle(window)
        assert canvas.view.zoom == fitting(window)
    canvas.set_look(mode="side")
    settle(window)
    assert canvas.view.zoom == fitting(window)


def test_a_zoom_that_was_chosen_stays(window: MainWindow):
    window.canvas.zoom_to(1.0)
    window.resize(1000, 700)
    window.canvas.set_look(mode="side")
    settle(window)
    assert window.canvas.view.zoom == 1.0


def test_opening_a_section_brings_it_into_view(window: MainWindow):
    window.resize(1280, 600)
    settle(window)
    panel = window.properties
    section = panel.section("blend_if")
    assert section is not None
    if section.is_open:
        section.header.click()
    panel.scroller.ensureWidgetVisible(section.header)
    QTest.mouseClick(section.header, Qt.MouseButton.LeftButton)
    settle(window)
    top = section.mapTo(panel.scroller.viewport(), section.rect().topLeft()).y()
    bottom = top + section.height()
    assert section.is_open
    assert top == 0 or bottom <= panel.scroller.viewport().height()


def is_whole(widget: QWidget) -> bool:
    return widget.visibleRegion().boundingRect() == widget.rect()


def test_a_window_of_1280_by_800_has_room_for_the_work(window: MainWindow):
    """Beside the guide there is a picture, beneath all of Blend-If's bars and values four layers."""
    assert window.docks["guide"].isVisible()
    assert window.canvas.width() > 630
    assert window.layers.tree.viewport().height() >= 4 * LAYER_HEIGHT
    panel = window.properties
    section = panel.section("blend_if")
    assert section is not None
    if section.is_open:
        section.header.click()
    section.header.click()
    settle(window)
    for name in ("this_layer_white_high", "underlying_white_high", "blend_if_header"):
        control = panel.findChild(QWidget, name)
        assert control is not None
        assert is_whole(control), name


def test_closing_the_guide_gives_the_keys_to_the_canvas(window: MainWindow):
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    close_guide = window.guide.findChild(QToolButton, "guide_close")
    assert close_guide is not None
    QTest.mouseClick(close_guide, Qt.MouseButton.LeftButton)
    assert window.docks["guide"].isHidden()
    assert window.canvas.hasFocus()


def test_controls_of_an_editor_are_called_after_it(window: MainWindow):
    editor = window.properties.editor("texture.high_pass.radius_px")
    assert editor is not None
    editor.setObjectName("other")
    names = {child.objectName() for child in editor.findChildren(QWidget)}
    assert {"other_slider", "other_value", "other_label"} <= names


@pytest.mark.parametrize("name", ["navigator", "histogram", "luminosity"])
def test_a_panel_in_a_tab_behind_works_only_when_it_comes_forward(window: MainWindow, name: str):
    panel = window.docks[name].widget()
    assert not is_seen(panel)
    session = window.workspace.session
    session.set("retouched.opacity", 0.5, "Opacity")
    settle(window)
    assert panel._stale
    window.docks[name].raise_()
    settle(window)
    assert is_seen(panel)
    assert not panel._stale
    session.set("retouched.opacity", 0.7, "Opacity")
    settle(window)
    assert not panel._stale
