"""The status bar: zoom, document, values under the cursor, passing messages, and jobs that take long."""

import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QStatusBar,
    QToolButton,
    QWidget,
)

from retexture.document.document import Document
from retexture.engine import ENGINE
from retexture.files.colour import profile_name
from retexture.gui import theme
from retexture.gui.elided_label import ElidedLabel
from retexture.gui.icons import icon
from retexture.gui.picture_view import PictureView
from retexture.gui.workspace import Workspace
from retexture.gui.zoom_field import ZoomField
from retexture.session.histogram import Values, read_values
from retexture.session.jobs import Job
from retexture.session.pictures import RESULT, Component, has_mask, mask_picture, named
from retexture.session.session import Session, Update
from retexture.session.view import Point

SLOW_S = 0.3
"""Jobs that take longer are shown."""
PROGRESS_MS = 100
"""Between two looks at their progress."""
MESSAGE_MS = 7000
COPIED_MS = 1500


def engine_name() -> str:
    """Return which engine runs, short: ``AVX2``, ``NumPy``."""
    if ENGINE == "numpy":
        return "NumPy"
    variant = ENGINE.partition("(")[2].rstrip(")")
    return variant.upper() if variant.isalnum() and len(variant) <= 5 else variant or "compiled"


def values_text(values: Values | None, bits: int) -> str:
    """Return colour values 0-1 in 8-bit (0-255) or 16-bit (0-65535) numbers, of equal width."""
    one, width = (255, 3) if bits == 8 else (65535, 5)
    if values is None:
        return "  ".join(["–".rjust(width, "\u2007")] * 3)
    numbers = (min(max(round(v * one), 0), one) for v in values)
    # Figure spaces are as wide as digits, so that nothing dances.
    return "  ".join(str(n).rjust(width, "\u2007") for n in numbers)


def mask_text(value: float, bits: int) -> str:
    """Return a mask's value 0-1 in 8-bit or 16-bit numbers and in percents."""
    number = round(value * (255 if bits == 8 else 65535))
    return f"Mask {number}  ({value * 100:.0f} %)"


class Reading(NamedTuple):
    """Values under the cursor, 0-1."""

    before: Values | None = None
    after: Values | None = None
    mask: Values | None = None
    """Of the mask that is viewed."""


class MessageLabel(ElidedLabel):
    """A passing message: it stays while the pointer is on it, and a click copies it."""

    over = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("status_message", parent)
        self.setAccessibleName("Message")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setStyleSheet(f"color: {theme.BRIGHT_TEXT}")
        # Not the workspace's timers: a message that is read does not make the window busy.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._end)
        self._copied = ""
        self.is_hint = False
        """What is shown is no message: it comes and goes with the pointer on a menu."""

    def say(self, text: str) -> None:
        """Show a message for a while."""
        self._copied = ""
        line = " ".join(text.split())
        self.setText(line)
        self.setToolTip(f"{line}\n(click to copy)")
        self._timer.start(MESSAGE_MS)
        self.is_hint = False

    def fitting(self, width_px: int) -> str:
        """Return as many whole clauses as there is room for; the tooltip has all of them."""
        clauses = self.text().split("; ")
        shorter = ("; ".join(clauses[:count]) + " …" for count in range(len(clauses) - 1, 0, -1))
        wide = self.fontMetrics().horizontalAdvance
        fits = (text for text in (self.text(), *shorter) if wide(text) <= width_px)
        return next(fits, None) or super().fitting(width_px)

    def hint(self, text: str) -> None:
        """Show a text until it is taken away."""
        self._copied = ""
        self._timer.stop()
        self.setText(text)
        self.is_hint = True

    def clear(self) -> None:
        """Take the message away."""
        self._copied = ""
        self._timer.stop()
        self.over.emit()

    def _end(self) -> None:
        if self._copied:
            self.say(self._copied)
        elif not self.underMouse():
            self.over.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        if not self._copied:
            self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if not self._copied:
            self._timer.start(MESSAGE_MS)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._copied:
            text = self.text()
            QGuiApplication.clipboard().setText(text)
            self.setText("Copied to the clipboard")
            self._copied = text
            self._timer.start(COPIED_MS)


def told_of(job: Job[Any]) -> str:
    """Return what a job does now, in words."""
    return f"{job.title}: {job.step}…" if job.step else str(job.title)


class JobView(QWidget):
    """The job that has run longest of those that take long: its title, how far it is, and a button to give it up."""

    def __init__(self, active: Callable[[], tuple[Job[Any], ...]], parent: QWidget) -> None:
        """Take a function that returns the jobs under way, the oldest first."""
        super().__init__(parent)
        self.setObjectName("status_job")
        self._active = active
        self._job: Job[Any] | None = None
        self._title = QLabel(self)
        self._title.setObjectName("status_job_title")
        self._bar = QProgressBar(self)
        self._bar.setObjectName("status_job_bar")
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(110)
        self._bar.setStyleSheet("QProgressBar { min-height: 6px; max-height: 6px; }")
        self._cancel = QToolButton(self)
        self._cancel.setObjectName("status_job_cancel")
        self._cancel.setIcon(icon("close", 14))
        self._cancel.setIconSize(QSize(14, 14))
        self._cancel.setAccessibleName("Cancel what is under way")
        self._cancel.setToolTip("Cancel")
        self._cancel.clicked.connect(self._give_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_SMALL)
        row.addWidget(self._title)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        # Not the workspace's timers: looking at the jobs is no work that anybody waits for.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self.hide()

    def watch(self) -> None:
        """A job was started: look at the jobs until all of them have ended."""
        if not self._timer.isActive():
            self._timer.start(round(SLOW_S * 1000))

    def _look(self) -> None:
        told = [job for job in self._active() if job.title is not None]
        slow = [job for job in told if time.monotonic() - job.started >= SLOW_S]
        if told:
            self._timer.start(PROGRESS_MS)
        if not slow:
            self._job = None
            self.hide()
            return
        self._job = slow[0]
        others = f" (+{len(slow) - 1})" if len(slow) > 1 else ""
        self._title.setText(f"{told_of(self._job)}{others}")
        known = self._job.done_part > 0
        self._bar.setRange(0, 1000 if known else 0)
        self._bar.setValue(round(self._job.done_part * 1000))
        self._cancel.setToolTip(f"Cancel: {self._job.title}")
        self.show()

    def _give_up(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._look()


class StatusBar(QStatusBar):
    """The line at the bottom of the window. It is told the zoom and where the cursor is, and reads the values there."""

    zoom_chosen = Signal(float)
    values_read = Signal(object)
    """`result_values` has changed: it, or None."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setObjectName("status_bar")
        self.setSizeGripEnabled(False)
        self._workspace = workspace
        self._bits = 8
        self._point: Point | None = None
        self._names = ("", RESULT)
        self._mask: tuple[str, Component] | None = None
        self._found = Reading()
        self.result_values: Values | None = None
        """Red, green and blue of the result under the cursor, 0-1."""
        self._reading: Job[Reading] | None = None
        self._read_again = False

        self._zoom = ZoomField("status_zoom", self)
        self._zoom.zoom_chosen.connect(self.zoom_chosen)
        self._document = _Fact("status_document", "Size, depth and colour profile of the document", self)
        self._screen = _Fact("status_screen_profile", "Colour profile of the screen", self)
        self._engine = _Fact("status_engine", f"What computes the pixels: {ENGINE}", self)
        self._engine.setText(f"Engine {engine_name()}")
        self._message = MessageLabel(self)
        self._jobs = JobView(lambda: workspace.jobs.active, self)
        self._position = _Fact("status_position", "Pixel under the cursor, counted from the top left", self)
        self._values = _Fact("status_values", "", self)
        self._depth = QToolButton(self)
        self._depth.setObjectName("status_bits")
        self._depth.setAccessibleName("Numbers in 8 or 16 bits")
        self._depth.setToolTip("Show values in 8-bit (0-255) or 16-bit (0-65535) numbers")
        self._depth.clicked.connect(self._change_bits)
        self._arrange()
        self.set_screen_profile("sRGB")

        self._message.over.connect(lambda: self._middle.setCurrentIndex(0))
        # Menus tell what the command under the pointer does.
        self.messageChanged.connect(self._show_tip)
        workspace.jobs.submitted = self._jobs.watch
        workspace.session_changed.connect(self._show_session)
        workspace.updated.connect(self._update)
        self._show_session(workspace.session)

    def _arrange(self) -> None:
        facts = QWidget(self)
        row = QHBoxLayout(facts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_LARGE)
        row.addWidget(self._document)
        row.addWidget(self._screen)
        row.addWidget(self._engine)
        row.addStretch(1)
        self._middle = QStackedWidget(self)
        self._middle.addWidget(facts)
        self._middle.addWidget(self._message)
        self._middle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        inner = QWidget(self)
        line = QHBoxLayout(inner)
        line.setContentsMargins(theme.SPACE_SMALL, 1, theme.SPACE_SMALL, 1)
        line.setSpacing(theme.SPACE)
        line.addWidget(self._zoom)
        line.addWidget(self._middle, 1)
        line.addWidget(self._jobs)
        line.addWidget(self._position)
        line.addWidget(self._values)
        line.addWidget(self._depth)
        # Permanent: Qt hides others while a menu tells what its commands do.
        self.addPermanentWidget(inner, 1)
        self._show_bits()

    # -- what it is told

    def set_zoom(self, zoom: float) -> None:
        """Show the zoom of the canvas."""
        self._zoom.set_zoom(zoom)

    def set_screen_profile(self, name: str) -> None:
        """Show the name of the screen's colour profile."""
        self._screen.setText(f"Screen {name}")

    def set_cursor(self, canvas: PictureView, point: Point | None) -> None:
        """Show what is under the cursor, of the two pictures that the canvas compares.

        Args:
            canvas: it.
            point: of the picture; None where the cursor is not on the canvas.
        """
        session = self._workspace.session
        if point is not None and session is not None:
            document = session.document
            if not (0 <= point.x < document.width_px and 0 <= point.y < document.height_px):
                point = None
        self._point = point
        self._names, self._mask = (canvas.look.before, canvas.look.after), canvas.look.mask_of
        self._position.setText("" if point is None else f"x {math.floor(point.x)}   y {math.floor(point.y)}")
        self._read()

    def show_message(self, text: str) -> None:
        """Show a message in passing."""
        self._message.say(text)
        self._middle.setCurrentWidget(self._message)

    def _show_tip(self, text: str) -> None:
        if text:
            self._message.hint(text)
            self._middle.setCurrentWidget(self._message)
        elif self._message.is_hint:
            self._middle.setCurrentIndex(0)

    # -- values under the cursor

    def _read(self) -> None:
        """Read the values under the cursor on a worker, one pixel at a time: the newest when one is done."""
        session, point = self._workspace.session, self._point
        if session is None or point is None:
            self._show_values(Reading())
            return
        if session.gesture is not None:
            return
        if self._reading is not None and self._reading in self._workspace.jobs.active:
            self._read_again = True
            return
        self._read_again = False
        before, after = (named(session, name) for name in self._names)
        mask = self._mask if self._mask is not None and has_mask(session.document, *self._mask) else None
        viewed = None if mask is None else mask_picture(session.document, *mask)
        cache = self._workspace.cache

        def work(job: Job[Reading]) -> Reading:
            return Reading(
                *(
                    None if picture is None else read_values(picture, point, cache, job.cancelled)
                    for picture in (before, after, viewed)
                )
            )

        def done(found: Reading) -> None:
            self._reading = None
            if self._point is not None:
                self._show_values(found)
            if self._read_again:
                self._read()

        self._reading = self._workspace.jobs.submit(work, done, lane="values under the cursor")

    def _show_values(self, found: Reading) -> None:
        self._found = found
        self._show_numbers()
        if found.after != self.result_values:
            self.result_values = found.after
            self.values_read.emit(found.after)

    def _show_numbers(self) -> None:
        found = self._found
        if found.mask is not None:
            self._values.setText(mask_text(found.mask[0], self._bits))
        elif found.after is not None:
            first, second = (values_text(values, self._bits) for values in (found.before, found.after))
            self._values.setText(f"{first}  →  {second}")
        else:
            self._values.setText("")

    def _change_bits(self) -> None:
        self._bits = 24 - self._bits
        self._show_bits()
        self._show_numbers()

    def _show_bits(self) -> None:
        self._depth.setText(f"{self._bits} bit")
        top = 255 if self._bits == 8 else 65535
        self._values.setToolTip(
            f"Red, green and blue under the cursor, 0-{top}: before → after; the mask's value while it is viewed"
        )
        metrics = self.fontMetrics()
        widest = f"{values_text((1, 1, 1), self._bits)}  →  {values_text((1, 1, 1), self._bits)}"
        self._values.setFixedWidth(metrics.horizontalAdvance(widest) + 12)
        self._position.setFixedWidth(metrics.horizontalAdvance("x 00000   y 00000") + 12)

    # -- following the session

    def _show_session(self, session: Session | None) -> None:
        self._zoom.setEnabled(session is not None)
        self._point = None
        self._position.setText("")
        self._show_values(Reading())
        self._message.clear()  # it was about another document
        self._show_document(session.document if session is not None else None)

    def _show_document(self, document: Document | None) -> None:
        if document is None:
            self._document.setText("No document")
            return
        mode = "grey, " if document.mode == "grey" else ""
        self._document.setText(
            f"{document.width_px} × {document.height_px} px, {mode}{document.depth}-bit, {profile_name(document.icc)}"
        )

    def _update(self, update: Update) -> None:
        session = self._workspace.session
        if session is not None and (update.changes.canvas or update.changes.profile):
            self._show_document(session.document)
        if not update.live and self._point is not None and (update.history or update.changes.region):
            self._read()


class _Fact(QLabel):
    """What is read, not used."""

    def __init__(self, name: str, tooltip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip(tooltip)
        if name in ("status_position", "status_values"):
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
