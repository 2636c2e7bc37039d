"""The Histogram panel: what is counted, when, and its statistics."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel

from retexture.document.layers import AdjustmentLayer, PaintLayer
from retexture.document.pixels import Tiles
from retexture.filters.invert import Invert
from retexture.gui.histogram_panel import HistogramPanel
from retexture.render.cache import Cache
from retexture.session.histogram import count, counted_level, histogram, statistics
from retexture.session.session import Session
from tests.gui.small_documents import flat_document, picture_document


def make_panel(qtbot, workspace, document):
    session = Session(document, title="picture")
    workspace.add(session)
    panel = HistogramPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(300, 320)
    panel.show()
    qtbot.waitUntil(lambda: workspace.idle)
    return panel, session


def text(panel, name):
    return panel.findChild(QLabel, f"histogram_{name}").text()


def counted(document, key=None):
    return count(document, key, Cache(1 << 24), lambda: False)


def test_statistics():
    counts = np.zeros(1024, np.int64)
    counts[[100, 200, 900]] = (3, 4, 3)
    values = np.repeat((np.array([100, 200, 900]) + 0.5) * 255 / 1024, (3, 4, 3))
    assert statistics(counts) == pytest.approx((values.mean(), values.std(), np.median(values)))


def test_the_result_is_counted():
    document = picture_document()
    planes = document.sources[0].colour.array / np.float32(65535)
    np.testing.assert_array_equal(counted(document), histogram(planes.astype(np.float32)))


def test_large_pictures_are_counted_small():
    assert counted_level(msgspec.structs.replace(picture_document(), width_px=6000, height_px=4000)) == 2
    assert counted_level(picture_document()) == 0


def test_transparent_pixels_do_not_count():
    planes = np.full((4, 80, 120), 65535, np.uint16)
    planes[3, :, 60:] = 0
    layer = PaintLayer(key="paint", name="Paint", tiles=Tiles.from_array(planes))
    document = msgspec.structs.replace(flat_document((0, 0, 0)), layers=(layer,))
    for counts in (counted(document), counted(document, "paint")):
        assert counts.sum(axis=1).tolist() == [80 * 60] * 4
        assert counts[:, -1].tolist() == [80 * 60] * 4


def test_a_layer_is_counted_by_itself_and_an_adjustment_by_its_result():
    document = flat_document((0.25, 0.25, 0.25), (1, 1, 1))
    half = msgspec.structs.replace(document.layers[1], opacity=0.5)
    invert = AdjustmentLayer(key="invert", name="Invert", adjustment=Invert())
    document = msgspec.structs.replace(document, layers=(document.layers[0], half, invert))
    assert statistics(counted(document, "fill_1")[0]).mean == pytest.approx(255, abs=0.2)
    assert statistics(counted(document, "invert")[0]).mean == pytest.approx(255 * 0.375, abs=0.2)


def test_the_panel_follows_edits_once_they_settle(qtbot, workspace):
    panel, session = make_panel(qtbot, workspace, flat_document((0, 0, 0), (1, 1, 1)))
    assert (text(panel, "mean"), text(panel, "counted_at")) == ("254.9", "100 %")
    gesture = session.begin("Opacity")
    gesture.set("fill_1.opacity", 0.5)
    assert workspace.idle
    gesture.commit()
    qtbot.waitUntil(lambda: workspace.idle)
    assert text(panel, "mean") == "127.6"
    session.set("fill_1.name", "White", "Rename")
    assert workspace.idle


def test_the_active_layer_is_chosen_by_keyboard(qtbot, workspace):
    panel, session = make_panel(qtbot, workspace, flat_document((0, 0, 0), (1, 1, 1)))
    QTest.keyClick(panel.findChild(QComboBox, "histogram_of"), Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: workspace.idle)
    assert text(panel, "mean") == "254.9"
    session.select("fill_0")
    qtbot.waitUntil(lambda: workspace.idle)
    assert text(panel, "mean") == "0.1"
    session.select(None)
    qtbot.waitUntil(lambda: workspace.idle)
    assert text(panel, "mean") == "–"


def test_channels_have_their_own_statistics(qtbot, workspace):
    panel, _ = make_panel(qtbot, workspace, flat_document((1, 0, 0.5)))
    means = []
    for _channel in ("grey", "red", "green", "blue"):
        QTest.keyClick(panel.view.channel, Qt.Key.Key_Down)
        means.append(float(text(panel, "mean")))
    grey = 255 * (0.3 + 0.11 / 2)
    assert means == pytest.approx([grey, 255, 0, 127.5], abs=0.3)


def test_values_under_the_cursor_are_marked(qtbot, workspace):
    panel, _ = make_panel(qtbot, workspace, picture_document())
    panel.set_cursor_values((1, 0.5, 0))
    assert text(panel, "cursor") == "255  128  0"
    assert panel.view.plot.marks == (255, 127.5, 0)
    panel.set_cursor_values(None)
    assert text(panel, "cursor") == "–"
    assert panel.view.plot.marks == ()


def test_hidden_it_counts_nothing(qtbot, workspace):
    panel, session = make_panel(qtbot, workspace, flat_document((0, 0, 0), (1, 1, 1)))
    panel.hide()
    session.set("fill_1.visible", False, "Hide")
    assert workspace.idle
    panel.show()
    qtbot.waitUntil(lambda: workspace.idle)
    assert text(panel, "mean") == "0.1"
    workspace.remove(session)
    assert text(panel, "mean") == "–"
