"""The status bar: facts, values under the cursor, messages that pass, jobs that take long."""

import threading

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QToolButton, QWidget

from retexture.document.edits import replace_layer
from retexture.document.layers import LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.engine import ENGINE
from retexture.gui import status_bar
from retexture.gui.canvas import Canvas
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.status_bar import StatusBar, engine_name, values_text
from retexture.gui.zoom_field import ZoomField
from retexture.session.session import Session
from retexture.session.view import Point
from tests.gui.small_documents import flat_document, picture_document


@pytest.fixture
def canvas(qtbot, workspace):
    canvas = Canvas(workspace, ScreenProfile())
    qtbot.addWidget(canvas)
    return canvas


@pytest.fixture
def bar(qtbot, workspace):
    bar = StatusBar(workspace)
    qtbot.addWidget(bar)
    bar.resize(1280, 30)
    bar.show()
    return bar


def text(bar, name):
    return bar.findChild(QLabel, f"status_{name}").text()


def numbers(bar):
    return [int(word) for word in text(bar, "values").replace("\u2007", " ").split() if word.isdigit()]


def timers(bar):
    return [timer for timer in bar.findChildren(QTimer) if timer.isActive()]


def test_facts_of_the_document_and_the_screen(bar, workspace):
    assert text(bar, "document") == "No document"
    session = Session(picture_document(), title="picture")
    workspace.add(session)
    assert text(bar, "document") == "120 × 80 px, 16-bit, sRGB"
    session.edit("Convert", lambda d: msgspec.structs.replace(d, mode="grey"))
    assert text(bar, "document") == "120 × 80 px, grey, 16-bit, sRGB"
    bar.set_screen_profile("Display P3")
    assert text(bar, "screen_profile") == "Screen Display P3"
    assert ENGINE in bar.findChild(QLabel, "status_engine").toolTip()


def test_the_engines_short_name(monkeypatch):
    names = []
    for engine in ("numpy", "compiled (avx2)", "compiled (baseline)"):
        monkeypatch.setattr(status_bar, "ENGINE", engine)
        names.append(engine_name())
    assert names == ["NumPy", "AVX2", "baseline"]


def test_values_of_before_and_after_under_the_cursor(qtbot, bar, workspace, canvas):
    document = picture_document()
    session = Session(document, title="picture")
    workspace.add(session)
    read = QSignalSpy(bar.values_read)
    planes = document.sources[0].colour.array
    session.set("base.opacity", 0.5, "Opacity")
    session.set("base.opacity", 1.0, "Opacity")
    bar.set_cursor(canvas, Point(17.9, 33.2))
    qtbot.waitUntil(lambda: workspace.idle)
    assert text(bar, "position") == "x 17   y 33"
    pixel = planes[:, 33, 17]
    assert numbers(bar) == [round(int(v) / 257) for v in pixel] * 2
    assert bar.result_values == pytest.approx(pixel / 65535)
    assert read.at(read.count() - 1)[0] == bar.result_values
    QTest.mouseClick(bar.findChild(QToolButton, "status_bits"), Qt.MouseButton.LeftButton)
    assert numbers(bar) == [int(v) for v in pixel] * 2
    assert bar.findChild(QToolButton, "status_bits").text() == "16 bit"


def test_values_follow_edits_beneath_a_resting_cursor(qtbot, bar, workspace, canvas):
    session = Session(flat_document((0, 0, 0), (1, 1, 1)), title="flat")
    workspace.add(session)
    bar.set_cursor(canvas, Point(5, 5))
    qtbot.waitUntil(lambda: workspace.idle)
    session.set("fill_1.opacity", 0.2, "Opacity")
    qtbot.waitUntil(lambda: workspace.idle)
    # Before is the document as it was opened: it has no source to compare with.
    assert numbers(bar) == [255, 255, 255, 51, 51, 51]


def test_the_value_of_a_mask_is_told_while_it_is_viewed(qtbot, bar, workspace, canvas):
    document = flat_document((0, 0, 0), (1, 1, 1))
    plane = np.zeros((1, document.height_px, document.width_px), np.uint16)
    plane[:, 5:] = 13107  # 51 of 255
    mask = LayerMask(painted=RasterMask(tiles=Tiles.from_array(plane)))
    layer = msgspec.structs.replace(document.layers[1], mask=mask)
    workspace.add(Session(replace_layer(document, layer.key, layer), title="flat"))
    canvas.set_look(mask_of=(layer.key, None))
    bar.set_cursor(canvas, Point(4.5, 5.5))
    qtbot.waitUntil(lambda: workspace.idle)
    assert text(bar, "values") == "Mask 51  (20 %)"
    assert bar.result_values == pytest.approx((0.2, 0.2, 0.2), abs=1e-4)
    QTest.mouseClick(bar.findChild(QToolButton, "status_bits"), Qt.MouseButton.LeftButton)
    assert text(bar, "values") == "Mask 13107  (20 %)"
    canvas.set_look(mask_of=None)
    bar.set_cursor(canvas, Point(4.5, 5.5))
    qtbot.waitUntil(lambda: workspace.idle)
    assert numbers(bar) == [13107] * 6


def test_messages_end_with_their_document(bar, workspace):
    workspace.add(Session(picture_document(), title="a"))
    bar.show_message("Blend modes were changed")
    assert bar.findChild(QLabel, "status_message").isVisible()
    workspace.add(Session(picture_document(), title="b"))
    assert not bar.findChild(QLabel, "status_message").isVisible()
    assert not timers(bar)


def test_outside_of_the_picture_there_are_no_values(qtbot, bar, workspace, canvas):
    workspace.add(Session(picture_document(), title="picture"))
    for point in (Point(-0.1, 5), Point(120, 5), Point(5, 80), None):
        bar.set_cursor(canvas, Point(5, 5))
        bar.set_cursor(canvas, point)
        qtbot.waitUntil(lambda: workspace.idle)
        assert (text(bar, "position"), text(bar, "values"), bar.result_values) == ("", "", None)


def test_the_newest_position_wins(qtbot, bar, workspace, canvas):
    document = picture_document()
    workspace.add(Session(document, title="picture"))
    for x in range(100):
        bar.set_cursor(canvas, Point(x, 7))
    qtbot.waitUntil(lambda: workspace.idle)
    assert bar.result_values == pytest.approx(document.sources[0].colour.array[:, 7, 99] / 65535)


def test_values_have_equal_widths():
    assert values_text((0, 0.5, 1), 8) == "\u2007\u20070  128  255"
    assert len(values_text((0, 0, 0), 16)) == len(values_text((1, 1, 1), 16))
    assert values_text((-0.2, 1.7, 0.5), 16) == "\u2007\u2007\u2007\u20070  65535  32768"


def test_zoom_is_shown_and_typed(bar, workspace):
    workspace.add(Session(picture_document(), title="picture"))
    field = bar.findChild(ZoomField, "status_zoom")
    bar.set_zoom(0.25)
    assert field.text() == "25 %"
    chosen = QSignalSpy(bar.zoom_chosen)
    field.selectAll()
    QTest.keyClicks(field, "200")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert chosen.at(0) == [2]


def test_messages_pass(qtbot, bar, monkeypatch):
    monkeypatch.setattr(status_bar, "MESSAGE_MS", 20)
    message = bar.findChild(QLabel, "status_message")
    bar.show_message("Saved\nas portrait.retexture")
    assert message.isVisible()
    assert message.text() == "Saved as portrait.retexture"
    qtbot.waitUntil(lambda: not message.isVisible())
    assert bar.findChild(QLabel, "status_document").isVisible()
    assert timers(bar) == []


def test_a_long_message_ends_after_a_clause_and_its_tooltip_has_all(bar):
    message = bar.findChild(QLabel, "status_message")
    text = "The picture is aligned; it was moved; all of it matches"
    bar.show_message(text)
    wide = message.fontMetrics().horizontalAdvance
    assert message.fitting(wide(text)) == text
    assert message.fitting(wide(text) - 1) == "The picture is aligned; it was moved …"
    assert message.fitting(wide("The picture is aligned …")) == "The picture is aligned …"
    assert message.fitting(wide("The picture")).startswith("The pic")
    assert text in message.toolTip()


def test_a_message_stays_under_the_pointer_and_a_click_copies_it(qtbot, bar, monkeypatch):
    monkeypatch.setattr(status_bar, "MESSAGE_MS", 20)
    monkeypatch.setattr(status_bar, "COPIED_MS", 20)
    message = bar.findChild(QLabel, "status_message")
    bar.show_message("disk full; free some space")
    QTest.mouseMove(bar, QPoint(message.mapTo(bar, message.rect().center())))
    qtbot.waitUntil(message.underMouse)
    QTest.mouseClick(message, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "disk full; free some space"
    assert message.text() == "Copied to the clipboard"
    qtbot.waitUntil(lambda: message.text() == "disk full; free some space")
    qtbot.waitUntil(lambda: timers(bar) == [])
    assert message.isVisible()
    QTest.mouseMove(bar, QPoint(5, 5))
    qtbot.waitUntil(lambda: not message.isVisible())


def test_tips_of_menus_come_and_go(bar):
    message = bar.findChild(QLabel, "status_message")
    bar.showMessage("Save the project")
    assert message.isVisible()
    assert message.text() == "Save the project"
    bar.clearMessage()
    assert not message.isVisible()
    assert timers(bar) == []


def test_a_long_job_is_shown_with_its_progress_and_can_be_cancelled(qtbot, bar, workspace, monkeypatch):
    monkeypatch.setattr(status_bar, "SLOW_S", 0.01)
    monkeypatch.setattr(status_bar, "PROGRESS_MS", 5)
    go_on = threading.Event()
    done: list[None] = []

    def work(job):
        job.progress(30, 100)
        while not job.cancelled() and not go_on.wait(0.005):
            pass
        job.progress(60, 100)

    workspace.jobs.submit(work, done.append, title="Exporting portrait.tif")
    view = bar.findChild(QWidget, "status_job")
    assert not view.isVisible()
    qtbot.waitUntil(view.isVisible)
    assert text(bar, "job_title") == "Exporting portrait.tif"
    assert bar.findChild(QProgressBar, "status_job_bar").value() == 300
    QTest.mouseClick(bar.findChild(QToolButton, "status_job_cancel"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workspace.jobs.idle and not view.isVisible())
    assert done == []
    qtbot.waitUntil(lambda: timers(bar) == [])


def test_short_and_nameless_jobs_are_not_shown(qtbot, bar, workspace):
    view = bar.findChild(QWidget, "status_job")
    done: list[object] = []
    workspace.jobs.submit(lambda job: 1, done.append)
    qtbot.waitUntil(lambda: done == [1])
    assert timers(bar) == []
    workspace.jobs.submit(lambda job: 2, done.append, title="Short")
    qtbot.waitUntil(lambda: done == [1, 2] and timers(bar) == [])
    assert not view.isVisible()


def test_two_long_jobs_show_the_older_one(qtbot, bar, workspace, monkeypatch):
    monkeypatch.setattr(status_bar, "SLOW_S", 0.01)
    monkeypatch.setattr(status_bar, "PROGRESS_MS", 5)
    go_on = threading.Event()
    done: list[object] = []
    for title in ("Saving", "Exporting"):
        workspace.jobs.submit(lambda job: go_on.wait(5), done.append, title=title)
    qtbot.waitUntil(lambda: text(bar, "job_title") == "Saving (+1)")
    assert bar.findChild(QProgressBar, "status_job_bar").maximum() == 0
    go_on.set()
    qtbot.waitUntil(lambda: len(done) == 2 and timers(bar) == [])
