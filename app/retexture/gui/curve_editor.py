"""The editor of curves: points on a plot, with the very interpolation of the Curves filter."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from retexture.declare import Parameter
from retexture.filters.base import Context
from retexture.filters.curves import Curves
from retexture.gui import theme
from retexture.gui.editor_base import STEP_KEYS, Editor, keeps_key, key_factor
from retexture.gui.histogram_view import BARS, Counts, faded, heights, outline
from retexture.gui.labels import label_of
from retexture.gui.number_format import NumberFormat
from retexture.gui.value_edit import ValueEdit, say_beside

Point = tuple[float, float]
Points = tuple[Point, ...]

LEAST, MOST = 2, 16
HIT_PX = 8
"""How near to a point a press must be to take it."""
OUT_PX = 24
"""How far beyond the plot a dragged point is thrown away."""
MARGIN = 6
LARGEST = 300
LEVELS = NumberFormat(0)
PERCENT = NumberFormat(0, " %", 100 / 255)


def evaluate(points: Points, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the Curves filter makes of inputs 0-255: outputs 0-255."""
    plane = (inputs / 255).astype(np.float32).reshape(1, 1, -1)
    out = Curves(points=points).apply(np.repeat(plane, 3, axis=0), Context())
    outputs: NDArray[np.float64] = out[0, 0].astype(np.float64) * 255
    return outputs


class CurvePlot(QWidget):
    """The plot of a curve. It knows which point is selected; the points are the editor's."""

    selected_changed = Signal()

    def __init__(self, editor: "CurveEditor") -> None:
        super().__init__(editor)
        self.editor = editor
        self.selected = 0
        self.counts: Counts | None = None
        self.colour = BARS[0]
        # While a point is dragged: the other points, and how many of them come before it.
        self._others: Points | None = None
        self._rank = 0
        self._start = QPointF()
        self._offset = QPointF()
        self._moves = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return QSize(LARGEST, LARGEST)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def heightForWidth(self, width: int) -> int:
        return min(width, LARGEST)

    def area(self) -> QRectF:
        """Return the plotted area: its corners are the inputs and outputs 0 and 255."""
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def place(self, point: Point) -> QPointF:
        """Return where a point is drawn."""
        area = self.area()
        return QPointF(
            area.left() + point[0] / 255 * area.width(), area.bottom() - point[1] / 255 * area.height()
        )

    def read(self, place: QPointF) -> Point:
        """Return the whole levels at a place."""
        area = self.area()
        x = (place.x() - area.left()) / area.width() * 255
        y = (area.bottom() - place.y()) / area.height() * 255
        return float(round(min(max(x, 0), 255))), float(round(min(max(y, 0), 255)))

    def _near(self, place: QPointF) -> int | None:
        away = [QLineF(self.place(p), place).length() for p in self.editor.value()]
        nearest = min(range(len(away)), key=away.__getitem__)
        return nearest if away[nearest] <= HIT_PX else None

    def select(self, index: int) -> None:
        """Select a point by its number."""
        self.selected = min(max(index, 0), len(self.editor.value()) - 1)
        self.selected_changed.emit()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place, points = event.position(), self.editor.value()
        hit = self._near(place)
        self._moves = hit is None
        if hit is None:
            x, y = self.read(place)
            # A press on the line takes the line's own value, so that nothing jumps.
            on_line = float(evaluate(points, np.array([x]))[0])
            if abs(self.place((x, on_line)).y() - place.y()) <= HIT_PX:
                y = float(round(on_line))
            if len(points) >= MOST:
                say_beside(self, f"A curve has {MOST} points at most. Drag one out of the plot first.")
                return
            if any(abs(known - x) < 1 for known, _ in points):
                return
            self.editor.begin()
            points = tuple(sorted((*points, (x, y))))
            hit = points.index((x, y))
            self.editor.drag_to(points)
        else:
            self.editor.begin()
        self.select(hit)
        self._start, self._offset = place, self.place(points[hit]) - place
        self._others, self._rank = points[:hit] + points[hit + 1 :], hit

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._others is None:
            near = self._near(place) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if near else Qt.CursorShape.CrossCursor)
            return
        if not self.editor.is_active:
            return
        self._moves = self._moves or (place - self._start).manhattanLength() >= 3
        if not self._moves:
            return
        if len(self._others) >= LEAST and not self.rect().adjusted(-OUT_PX, -OUT_PX, OUT_PX, OUT_PX).contains(
            place.toPoint()
        ):
            self.editor.drag_to(self._others)
            self.select(self._rank)
            return
        self.editor.drag_to(put(self._others, self._rank, self.read(place + self._offset)))
        self.select(self._rank)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._others = None
            self.editor.finish()

    def focusNextPrevChild(self, next: bool) -> bool:
        # Tab goes from point to point before it leaves the plot.
        index = self.selected + (1 if next else -1)
        if 0 <= index < len(self.editor.value()):
            self.select(index)
            return True
        return super().focusNextPrevChild(next)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() == Qt.FocusReason.TabFocusReason:
            self.select(0)
        elif event.reason() == Qt.FocusReason.BacktabFocusReason:
            self.select(len(self.editor.value()) - 1)
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        plain = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
        return keeps_key(event, STEP_KEYS, plain) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        moves = {
            keys.Key_Left: (-1, 0), keys.Key_Right: (1, 0), keys.Key_Up: (0, 1), keys.Key_Down: (0, -1),
        }  # fmt: skip
        if event.key() in moves:
            x, y = moves[Qt.Key(event.key())]
            factor = key_factor(event.modifiers())
            self.editor.nudge(x * factor, y * factor)
        elif event.key() in (keys.Key_Delete, keys.Key_Backspace):
            self.editor.delete()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.area()
        painter.fillRect(self.rect(), QColor(theme.FIELD))
        if self.counts is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(QColor(self.colour), 0.35))
            painter.drawPolygon(outline(heights(self.counts, 0, 255, int(area.width())), area))
        painter.setPen(QPen(QColor(theme.BUTTON), 1))
        for quarter in range(5):
            x = round(area.left() + area.width() * quarter / 4) + 0.5
            y = round(area.top() + area.height() * quarter / 4) + 0.5
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawLine(area.bottomLeft(), area.topRight())
        points = self.editor.value()
        painter.setPen(QPen(QColor(theme.TEXT if self.isEnabled() else theme.DISABLED_TEXT), 1.5))
        painter.drawPolyline(self.line())
        for i, point in enumerate(points):
            chosen = i == self.selected
            painter.setPen(QPen(QColor(theme.BRIGHT_TEXT if chosen else theme.TEXT), 1))
            painter.setBrush(QColor(theme.BRIGHT_TEXT if chosen else theme.FIELD))
            painter.drawEllipse(self.place(point), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(theme.ACCENT if self.hasFocus() else theme.LINE), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def line(self) -> QPolygonF:
        """Return the drawn curve, two points to a pixel."""
        inputs = np.linspace(0, 255, max(2 * int(self.area().width()), 2))
        outputs = evaluate(self.editor.value(), inputs)
        return QPolygonF([self.place(p) for p in zip(inputs.tolist(), outputs.tolist(), strict=True)])


def put(others: Points, rank: int, point: Point) -> Points:
    """Return the points with one more at place `rank`, its input held a level apart from its neighbours'."""
    before = others[rank - 1][0] if rank else -1.0
    after = others[rank][0] if rank < len(others) else 256.0
    if after - before < 2:  # closer than two levels, typed by hand: halfway, within the range
        x = (max(before, 0.0) + min(after, 255.0)) / 2
    else:
        x = min(max(point[0], before + 1), after - 1)
    return (*others[:rank], (x, min(max(point[1], 0.0), 255.0)), *others[rank:])


class CurveEditor(Editor):
    """Kind `curve`: a tuple of 2 to 16 points (input, output), each 0-255, inputs ascending.

    A press on the plot adds a point, a drag moves it, a drag out of the plot or Delete takes it away; Tab goes from
    point to point, arrow keys move the selected one by 1, with Shift by 10, with Ctrl or Alt by 0.1.
    """

    def __init__(
        self,
        parameter: Parameter,
        parent: QWidget | None = None,
        *,
        names: tuple[str, str] = ("Input", "Output"),
        percent: bool = False,
    ) -> None:
        """Make the editor.

        Args:
            parameter: of kind `curve`.
            names: of the two axes.
            percent: write 0-255 as 0-100 %.
        """
        straight = ((0.0, 0.0), (255.0, 255.0))
        super().__init__(parameter.default or straight, parent)
        self.parameter = parameter
        self.default: Points = parameter.default or straight
        name = parameter.name
        self.setObjectName(name)
        self.plot = CurvePlot(self)
        self.plot.setObjectName(f"{name}_plot")
        self.plot.setAccessibleName(f"{label_of(parameter)}: {names[0]} to {names[1]}")
        self.plot.setAccessibleDescription(parameter.help)
        self.plot.setToolTip(
            f"{parameter.help}\nClick adds a point, drag moves it; drag it out or press Delete to remove it.\n"
            "Tab goes from point to point; arrow keys move it, with Shift by ten, with Ctrl by a tenth."
        )
        form = PERCENT if percent else LEVELS
        width = 52
        self.input = ValueEdit(form, 0, 255, width)
        self.output = ValueEdit(form, 0, 255, width)
        self.reset_button = QToolButton()
        self.reset_button.setText("Reset")
        self.reset_button.setObjectName(f"{name}_reset")
        self.reset_button.setAccessibleName(f"Reset {label_of(parameter).lower()}")
        self.reset_button.setToolTip("Go back to the curve that this begins with.")
        bottom = QHBoxLayout()
        bottom.setSpacing(theme.SPACE_SMALL)
        for i, (edit, axis) in enumerate(zip((self.input, self.output), names, strict=True)):
            edit.setObjectName(f"{name}_{('input', 'output')[i]}")
            edit.setAccessibleName(f"{axis} of the selected point")
            edit.setToolTip(f"{axis} of the selected point; Up and Down step, with Shift by ten.")
            edit.entered.connect(lambda value, axis=i: self._type(axis, value))
            edit.stepped.connect(lambda steps, axis=i: self.nudge(*((steps, 0) if axis == 0 else (0, steps))))
            if i:
                bottom.addSpacing(theme.SPACE)
            bottom.addWidget(QLabel(axis))
            bottom.addWidget(edit)
        bottom.addStretch(1)
        bottom.addWidget(self.reset_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.plot)
        layout.addLayout(bottom)
        self.setFocusProxy(self.plot)
        self.reset_button.clicked.connect(self.reset)
        self.plot.selected_changed.connect(self._show_fields)
        self._show()

    def set_histogram(self, counts: Counts | None, channel: int = 0) -> None:
        """Show counts behind the curve: (4, bins) for grey, red, green, blue, of which `channel` 0-3 is drawn."""
        self.plot.counts = None if counts is None else counts[channel]
        self.plot.colour = BARS[channel]
        self.plot.update()

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected point by levels, as one step."""
        x, y = self._value[self.plot.selected]
        self.step_to(self._moved((round(x + dx, 6), round(y + dy, 6))))

    def delete(self) -> None:
        """Take the selected point away, if two are left, as one gesture."""
        at = self.plot.selected
        if len(self._value) > LEAST:
            self.enter(self._value[:at] + self._value[at + 1 :])

    def reset(self) -> None:
        """Go back to the default, as one gesture."""
        self.enter(self.default)

    def _type(self, axis: int, value: float) -> None:
        x, y = self._value[self.plot.selected]
        self.enter(self._moved((value, y) if axis == 0 else (x, value)))

    def _moved(self, point: Point) -> Points:
        at = self.plot.selected
        return put(self._value[:at] + self._value[at + 1 :], at, point)

    def _show(self) -> None:
        self.plot.selected = min(self.plot.selected, len(self._value) - 1)
        self._show_fields()
        self.plot.update()

    def _show_fields(self) -> None:
        x, y = self._value[self.plot.selected]
        self.input.show_number(x)
        self.output.show_number(y)
