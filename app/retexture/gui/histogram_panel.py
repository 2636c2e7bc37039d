"""The Histogram panel: how often each value occurs in the result or in the active layer."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from retexture.gui import theme
from retexture.gui.histogram_view import HistogramView
from retexture.gui.panel_dock import is_seen
from retexture.gui.workspace import Workspace
from retexture.session.histogram import Counts, count, counted_level, statistics
from retexture.session.session import Session, Update

SETTLE_MS = 300
"""How long edits must rest before values are counted again."""
RGB = tuple[float, ...]


class HistogramPanel(QWidget):
    """The histogram with its statistics, and the values under the cursor."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setObjectName("histogram_panel")
        self._workspace = workspace
        self._stale = True
        self._lane = f"histogram {id(self)}"
        self._cancel_settling: Callable[[], None] = lambda: None
        self._counts: Counts | None = None

        self._of = QComboBox(self)
        self._of.setObjectName("histogram_of")
        self._of.setAccessibleName("Histogram of")
        self._of.setToolTip("What is counted: the result, or the active layer before it is blended")
        self._of.addItems(["Result", "Active layer"])
        self._of.currentIndexChanged.connect(lambda: self._again(0))
        self.view = HistogramView(self)
        self.view.summary.hide()
        self.view.channel.currentIndexChanged.connect(self._show_statistics)

        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        label = QLabel("Of", self)
        label.setBuddy(self._of)
        head.addWidget(label)
        head.addWidget(self._of, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE)
        grid.setColumnMinimumWidth(2, theme.SPACE)
        grid.setVerticalSpacing(theme.SPACE_SMALL)
        self._values: dict[str, QLabel] = {}
        for i, name in enumerate(("Mean", "Median", "Std Dev", "Counted at", "Cursor")):
            caption = QLabel(name, self)
            caption.setStyleSheet(f"color: {theme.DIM_TEXT}")
            value = QLabel("–", self)
            value.setObjectName(f"histogram_{name.lower().replace(' ', '_')}")
            value.setAccessibleName(name)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(caption, i // 2, i % 2 * 3)
            grid.addWidget(value, i // 2, i % 2 * 3 + 1, 1, 4 if name == "Cursor" else 1)
            grid.setColumnStretch(i % 2 * 3 + 1, 1)
            self._values[name] = value
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addLayout(grid)

        workspace.session_changed.connect(self._show_session)
        workspace.updated.connect(self._update)
        self._show_session(workspace.session)

    def set_cursor_values(self, rgb: RGB | None) -> None:
        """Mark the values under the cursor: red, green, blue, 0-1; None where it is not over the picture."""
        values = None if rgb is None else (rgb[0] * 255, rgb[1] * 255, rgb[2] * 255)
        self.view.set_marks(values)
        self._values["Cursor"].setText("–" if values is None else "  ".join(f"{v:.0f}" for v in values))

    # -- following the session

    def _show_session(self, session: Session | None) -> None:
        self._of.setEnabled(session is not None)
        self._show(None)
        self.set_cursor_values(None)
        self._again(0)

    def _update(self, update: Update) -> None:
        found, of_layer = update.changes, self._of.currentIndex() == 1
        pixels = found.region is not None or found.canvas or (of_layer and bool(found.changed))
        if pixels or (of_layer and update.selection):
            self._mark_stale()
        if self._stale and not update.live:
            self._settle(0 if of_layer and update.selection else SETTLE_MS)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle(0)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._cancel_settling()

    def _again(self, ms: int) -> None:
        self._mark_stale()
        self._settle(ms)

    def _mark_stale(self) -> None:
        self._stale = True
        self._workspace.jobs.cancel(self._lane)

    def _settle(self, ms: int) -> None:
        """Count in a moment, unless nobody would see it."""
        self._cancel_settling()
        if self._stale and self.isVisible() and self._workspace.session is not None:
            self._cancel_settling = self._workspace.later(ms, self._count)

    def come_forward(self) -> None:
        """Catch up with what has changed while another tab hid the panel."""
        self._settle(0)

    def _count(self) -> None:
        session = self._workspace.session
        if session is None or session.gesture is not None or not is_seen(self):
            return
        document, cache = session.document, self._workspace.cache
        key = session.active if self._of.currentIndex() == 1 else None
        if key is None and self._of.currentIndex() == 1:
            self._show(None)
            return

        def done(counts: Counts) -> None:
            self._stale = False
            self._show(counts)

        self._workspace.jobs.submit(
            lambda job: count(document, key, cache, job.cancelled), done, lane=self._lane
        )

    def _show(self, counts: Counts | None) -> None:
        self._counts = counts if counts is not None and counts.any() else None
        self.view.set_histogram(self._counts)
        self._show_statistics()

    def _show_statistics(self) -> None:
        shown = ("–", "–", "–")
        if self._counts is not None:
            # Of the grey where all channels are shown.
            found = statistics(self._counts[max(self.view.channel.currentIndex() - 1, 0)])
            shown = (f"{found.mean:.1f}", f"{found.median:.0f}", f"{found.deviation:.2f}")
        for name, text in zip(("Mean", "Median", "Std Dev"), shown, strict=True):
            self._values[name].setText(text)
        session = self._workspace.session
        level = counted_level(session.document) if session is not None and self._counts is not None else None
        self._values["Counted at"].setText("–" if level is None else f"{100 / (1 << level):g} %")
