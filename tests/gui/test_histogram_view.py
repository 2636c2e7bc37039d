"""The drawn histogram and its panel."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from retexture.gui.histogram_view import HistogramView, heights
from retexture.session.histogram import histogram


def test_eight_bit_pictures_show_no_gaps_at_1x() -> None:
    levels = np.tile(np.arange(256, dtype=np.float32) / 255, (3, 4, 1)).astype(np.float32)
    counts = histogram(levels)[1]
    for columns in (180, 255, 300, 400):
        assert heights(counts, 0, 255, columns).min() > 0.95


def test_zoom_shows_each_bin() -> None:
    counts = np.zeros(1024, np.int64)
    counts[[512, 514]] = 100, 50
    step = 255 / 1024
    drawn = heights(counts, 511 * step, 516 * step, 50)
    assert drawn[15] == 1
    assert drawn[25] == 0
    assert drawn[35] == pytest.approx(0.5)


def test_a_clipped_end_does_not_flatten_the_rest() -> None:
    counts = np.full(256, 10)
    counts[0] = 1_000_000
    drawn = heights(counts, 0, 255, 255)
    assert drawn[0] == 1
    assert drawn[128] == pytest.approx(1, abs=0.05)
    only = np.zeros(256, np.int64)
    only[255] = 5
    assert heights(only, 0, 255, 255)[-1] == pytest.approx(1, abs=0.3)


def test_logarithm_lifts_rare_values() -> None:
    counts = np.full(1024, 3)
    counts[512] = 100_000
    plain, log = (heights(counts, 0, 255, 255, log=log) for log in (False, True))
    assert plain[30] < 0.01 < 0.1 < log[30]
    assert plain.max() == log.max() == 1


@pytest.mark.parametrize("log", [False, True])
def test_nothing_counted_is_nothing_drawn(log: bool) -> None:
    assert not heights(np.zeros(1024, np.int64), 0, 255, 200, log=log).any()


def test_panel_shows_the_chosen_channel(qtbot: QtBot) -> None:
    view = HistogramView()
    qtbot.addWidget(view)
    view.resize(280, 200)
    view.show()
    assert view.summary.text() == "Mean –    Median –"
    picture = np.zeros((3, 10, 10), np.float32)
    picture[0] = 200 / 255
    view.set_histogram(histogram(picture))
    view.set_marks((200, 0, 0))
    assert view.summary.text() == "Mean 60    Median 60"
    view.channel.setCurrentIndex(2)
    assert view.summary.text() == "Mean 200    Median 200"
    marked = view.grab().toImage()
    view.set_marks(None)
    assert view.grab().toImage() != marked
    view.set_histogram(None)
    assert view.summary.text() == "Mean –    Median –"
