"""The Navigator: the small picture, the frame of what is visible, and the zoom."""

import msgspec
import numpy as np
import pytest
from imagecodecs import cms_profile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QSlider, QToolButton

from retexture.gui.navigator_panel import NavigatorPanel, slider_value, slider_zoom
from retexture.gui.zoom_field import ZoomField
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.session.drawing import Picture, draw, scaled_size
from retexture.session.session import Session
from retexture.session.view import MAX_ZOOM, MIN_ZOOM, Point, Size, View
from tests.gui.small_documents import flat_document, picture_document


def make_panel(qtbot, workspace, document):
    session = Session(document, title="picture")
    workspace.add(session)
    panel = NavigatorPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(300, 260)
    panel.show()
    qtbot.waitUntil(lambda: workspace.idle)
    return panel, session


def image(panel):
    return panel.small_view._image


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()


def test_it_shows_the_result(qtbot, workspace):
    document = picture_document(600, 400)
    panel, _ = make_panel(qtbot, workspace, document)
    scale = panel.small_view.target.width() / 600
    expected = draw(
        Picture(document),
        scale,
        Region(0, 0, *scaled_size(document, scale)),
        exact=False,
        cache=Cache(1 << 20),
    )
    np.testing.assert_array_equal(pixels(image(panel)), expected)


def test_colours_are_the_screens(qtbot, workspace):
    profile = bytes(cms_profile("adobergb"))
    document = flat_document((0.3, 0.8, 0.3))
    panel, session = make_panel(qtbot, workspace, document)
    plain = pixels(image(panel))[10, 10].astype(int)
    session.edit("Assign profile", lambda d: msgspec.structs.replace(d, icc=profile))
    qtbot.waitUntil(lambda: workspace.idle)
    # Adobe RGB's green lies outside of sRGB: less red and blue, as sRGB numbers.
    shown = pixels(image(panel))[10, 10].astype(int)
    assert shown[2] < plain[2] - 20
    assert shown[3] == 255


def test_a_gesture_is_shown_when_it_has_ended(qtbot, workspace):
    panel, session = make_panel(qtbot, workspace, flat_document((0, 0, 0), (1, 1, 1)))
    assert pixels(image(panel))[5, 5, 0] == 255
    gesture = session.begin("Opacity")
    gesture.set("fill_1.opacity", 0.5)
    assert workspace.idle
    gesture.set("fill_1.opacity", 0.0)
    gesture.commit()
    qtbot.waitUntil(lambda: workspace.idle)
    assert pixels(image(panel))[5, 5, 0] == 0
    gesture = session.begin("Opacity")
    gesture.set("fill_1.opacity", 1.0)
    gesture.cancel()
    qtbot.waitUntil(lambda: workspace.idle)
    assert pixels(image(panel))[5, 5, 0] == 0


def test_names_and_locks_render_nothing(qtbot, workspace):
    panel, session = make_panel(qtbot, workspace, flat_document((0, 0, 0)))
    before = image(panel).cacheKey()
    session.set("fill_0.name", "Black", "Rename")
    assert workspace.idle
    assert image(panel).cacheKey() == before


def test_hidden_it_renders_nothing_until_it_is_shown(qtbot, workspace):
    panel, session = make_panel(qtbot, workspace, flat_document((0, 0, 0), (1, 1, 1)))
    panel.hide()
    session.set("fill_1.visible", False, "Hide")
    assert workspace.idle
    panel.show()
    qtbot.waitUntil(lambda: workspace.idle)
    assert pixels(image(panel))[5, 5, 0] == 0


def corners(panel):
    target = panel.small_view.target
    scale = target.width() / 600
    return [
        (round((p.x() - target.x()) / scale), round((p.y() - target.y()) / scale))
        for p in panel.small_view.frame.toList()
    ]


def test_the_frame_is_what_the_canvas_sees(qtbot, workspace):
    panel, _ = make_panel(qtbot, workspace, picture_document(600, 400))
    view, window = View(zoom=2, centre=Point(300, 200)), Size(400, 200)
    panel.set_view(view, window)
    assert corners(panel) == [(200, 150), (400, 150), (400, 250), (200, 250)]
    panel.set_view(view.turned(90), window)
    # Turned clockwise, the canvas's top left shows what lies at the picture's bottom left.
    assert corners(panel) == [(250, 300), (250, 100), (350, 100), (350, 300)]
    panel.set_view(View(zoom=2, centre=Point(300, 200), flipped=True), window)
    assert corners(panel) == [(400, 150), (200, 150), (200, 250), (400, 250)]


def test_a_click_moves_the_view_there_and_a_drag_takes_the_frame_along(qtbot, workspace):
    panel, _ = make_panel(qtbot, workspace, picture_document(600, 400))
    panel.set_view(View(zoom=4, centre=Point(300, 200)), Size(400, 400))
    small = panel.small_view
    moved = QSignalSpy(panel.view_moved)
    target = small.target
    scale = 600 / target.width()
    spot = target.topLeft() + QPoint(20, 30)
    QTest.mouseClick(small, Qt.MouseButton.LeftButton, pos=spot)
    assert moved.at(0)[0] == pytest.approx((20 * scale, 30 * scale))
    # Gripped off its middle, the frame follows without a jump.
    grip = target.center() + QPoint(8, 5)
    QTest.mousePress(small, Qt.MouseButton.LeftButton, pos=grip)
    assert moved.count() == 1
    QTest.mouseMove(small, grip + QPoint(10, -6))
    assert moved.at(1)[0] == pytest.approx((300 + 10 * scale, 200 - 6 * scale))
    QTest.mouseMove(small, grip + QPoint(2000, 0))
    assert moved.at(2)[0][0] == 600
    QTest.mouseRelease(small, Qt.MouseButton.LeftButton, pos=grip)


def test_arrows_move_as_the_canvas_shows_it(qtbot, workspace):
    panel, _ = make_panel(qtbot, workspace, picture_document(600, 400))
    panel.set_view(View(zoom=1, centre=Point(300, 200)).turned(90), Size(200, 100))
    moved = QSignalSpy(panel.view_moved)
    QTest.keyClick(panel.small_view, Qt.Key.Key_Right)
    # To the right of a picture that is turned clockwise lies its top.
    assert moved.at(0)[0] == pytest.approx((300, 190))


def test_zoom_controls(qtbot, workspace):
    panel, _ = make_panel(qtbot, workspace, picture_document())
    chosen = QSignalSpy(panel.zoom_chosen)
    panel.set_view(View(zoom=1), Size(100, 100))
    assert chosen.count() == 0
    QTest.mouseClick(panel.findChild(QToolButton, "navigator_zoom_in"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.findChild(QToolButton, "navigator_zoom_out"), Qt.MouseButton.LeftButton)
    field = panel.findChild(ZoomField, "navigator_percent")
    field.selectAll()
    QTest.keyClicks(field, "33")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [chosen.at(i)[0] for i in range(3)] == pytest.approx([2, 2 / 3, 0.33], abs=1e-4)
    slider = panel.findChild(QSlider, "navigator_zoom")
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert chosen.at(3)[0] == pytest.approx(MAX_ZOOM)


def test_the_slider_is_logarithmic():
    assert slider_zoom(0) == MIN_ZOOM
    steps = [slider_zoom(v + 100) / slider_zoom(v) for v in (0, 300, 900)]
    assert steps == pytest.approx([steps[0]] * 3)
    assert slider_zoom(slider_value(1.0)) == pytest.approx(1, rel=0.005)


def test_without_a_document(qtbot, workspace):
    panel = NavigatorPanel(workspace)
    qtbot.addWidget(panel)
    panel.show()
    moved = QSignalSpy(panel.view_moved)
    QTest.mouseClick(panel.small_view, Qt.MouseButton.LeftButton)
    assert moved.count() == 0
    assert not panel.findChild(QSlider, "navigator_zoom").isEnabled()
    assert workspace.idle
