"""Drawing of counted values, and the widget of the Histogram panel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from retexture.gui import theme
from retexture.gui.choice_field import Combo

Counts = NDArray[Any]

BARS = ("#969696", "#a86060", "#5f9a62", "#6080ad")
"""Histogram colours of grey, red, green and blue: told apart, and dull enough beside a picture."""
MARKS = (theme.BRIGHT_TEXT, "#dc8a8a", "#8ccf90", "#8fb2e6")


def heights(
    counts: Counts, low: float, high: float, columns: int, *, log: bool = False
) -> NDArray[np.float64]:
    """Return how high each pixel column of a histogram is, 0-1, the highest of those shown being 1.

    The first and the last bin count clipped values: they do not set the scale, and may be cut off at 1.

    Args:
        counts: (N,) counts of equal bins over 0-255.
        low: value 0-255 at the left edge.
        high: value 0-255 at the right edge.
        columns: how many pixel columns.
        log: logarithmic heights.
    """
    # Bins of a whole level at 1x: the gaps between the levels of an 8-bit picture are no news.
    finer = max(int(len(counts) / 256 * (high - low) / 255), 1)
    while len(counts) % finer:
        finer -= 1
    merged = counts.reshape(-1, finer).sum(axis=1)
    inner = merged.copy()
    inner[0] = inner[-1] = 0
    edges = np.linspace(low, high, columns + 1)

    def columns_of(counted: Counts) -> NDArray[np.float64]:
        beneath = np.concatenate([[0], np.cumsum(counted, dtype=np.float64)])
        at = np.linspace(0, 255, len(beneath))
        per_level = np.diff(np.interp(edges, at, beneath)) / np.diff(edges)
        return np.asarray(np.log1p(per_level) if log else per_level, np.float64)

    drawn = columns_of(merged)
    top = columns_of(inner).max(initial=0) or drawn.max(initial=0)
    inside: NDArray[np.float64] = np.clip(drawn / (top or 1), 0, 1)
    return inside


def outline(values: NDArray[np.float64], area: QRectF) -> QPolygonF:
    """Return a histogram's filled shape in `area`, one column to a pixel."""
    bottom = area.bottom()
    points = [QPointF(area.left(), bottom)]
    for i, y in enumerate((bottom - values * area.height()).tolist()):
        points += [QPointF(area.left() + i, y), QPointF(area.left() + i + 1, y)]
    points.append(QPointF(area.left() + len(values), bottom))
    return QPolygonF(points)


def faded(colour: QColor, share: float) -> QColor:
    """Return a colour with alpha `share`, 0-1."""
    return QColor(colour.red(), colour.green(), colour.blue(), round(255 * share))


class HistogramPlot(QWidget):
    """The drawn histogram: one channel, or red, green and blue over each other with grey as a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: Counts | None = None
        self.marks: tuple[float, ...] = ()
        self.channel = 0
        """0 all, 1 grey, 2 red, 3 green, 4 blue."""
        self.log = False
        self.setMinimumHeight(80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(280, 110)

    def shown(self) -> list[int]:
        """Return the rows of the counts that are drawn."""
        return [1, 2, 3, 0] if self.channel == 0 else [self.channel - 1]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.FIELD))
        area = QRectF(self.rect()).adjusted(1, 4, -1, -1)
        painter.setPen(QPen(QColor(theme.PANEL), 1))
        for quarter in (1, 2, 3):
            x = round(area.left() + area.width() * quarter / 4) + 0.5
            painter.drawLine(QPointF(x, 1), QPointF(x, self.height() - 1))
        if self.counts is None:
            painter.setPen(QColor(theme.DIM_TEXT))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No picture")
        else:
            self._draw(painter, area, self.counts)
        painter.setPen(QPen(QColor(theme.LINE), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _draw(self, painter: QPainter, area: QRectF, counts: Counts) -> None:
        columns = int(area.width())
        all_shown = self.channel == 0
        for row in self.shown():
            shape = outline(heights(counts[row], 0, 255, columns, log=self.log), area)
            if all_shown and row == 0:
                painter.setPen(QPen(QColor(theme.TEXT), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(shape.toList()[1:-1])
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(QColor(BARS[row]), 0.5 if all_shown else 1))
            painter.drawPolygon(shape)
        if self.marks:
            grey = 0.30 * self.marks[0] + 0.59 * self.marks[1] + 0.11 * self.marks[2]
            values = (grey, *self.marks)
            for row in self.shown():
                x = area.left() + values[row] / 255 * (area.width() - 1) + 0.5
                painter.setPen(QPen(QColor(MARKS[row]), 1))
                painter.drawLine(QPointF(x, area.top() - 3), QPointF(x, area.bottom()))


class HistogramView(QWidget):
    """The Histogram panel: counts of the picture, by channel, with marks for the pixel under the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("histogram_view")
        self.plot = HistogramPlot()
        self.plot.setObjectName("histogram_plot")
        self.plot.setAccessibleName("Histogram")
        self.channel = Combo()
        self.channel.setObjectName("histogram_channel")
        self.channel.setAccessibleName("Histogram channel")
        self.channel.setToolTip("Which channels are shown. Up and Down choose.")
        self.channel.addItems(["All", "Grey", "Red", "Green", "Blue"])
        self.log = QToolButton()
        self.log.setText("Log")
        self.log.setCheckable(True)
        self.log.setObjectName("histogram_log")
        self.log.setAccessibleName("Logarithmic histogram")
        self.log.setToolTip("Logarithmic heights: shows rare values. Space switches it.")
        self.summary = QLabel()
        self.summary.setObjectName("histogram_summary")
        self.summary.setAccessibleName("Mean and median")
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE)
        top.addWidget(self.channel, 1)
        top.addWidget(self.log)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(top)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.summary)
        self.channel.currentIndexChanged.connect(self._choose)
        self.log.toggled.connect(self._set_log)
        self._summarise()

    def set_histogram(self, counts: Counts | None) -> None:
        """Show counts, (4, bins) for grey, red, green, blue over 0-255; None shows that there is no picture."""
        self.plot.counts = counts
        self._summarise()
        self.plot.update()

    def set_marks(self, values: tuple[float, float, float] | None) -> None:
        """Mark red, green and blue, each 0-255, of the pixel under the pointer; None takes the marks away."""
        self.plot.marks = () if values is None else values
        self.plot.update()

    def _choose(self, index: int) -> None:
        self.plot.channel = index
        self._summarise()
        self.plot.update()

    def _set_log(self, on: bool) -> None:
        self.plot.log = on
        self.plot.update()

    def _summarise(self) -> None:
        counts = None if self.plot.counts is None else self.plot.counts[self.plot.shown()[-1]]
        if counts is None or not counts.sum():
            self.summary.setText("Mean –    Median –")
            return
        centres = (np.arange(len(counts)) + 0.5) * 255 / len(counts)
        mean = float((centres * counts).sum() / counts.sum())
        median = float(centres[np.searchsorted(np.cumsum(counts), counts.sum() / 2)])
        self.summary.setText(f"Mean {mean:.0f}    Median {median:.0f}")
