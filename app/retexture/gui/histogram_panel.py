"""The Histogram panel: how often each value occurs in the result or in the active layer."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from retexture.gui import theme
from retexture.gui.histogram_view import HistogramView
from retexture.gui.resting_panel import SETTLE_MS, RestingPanel
from retexture.gui.workspace import Workspace
from retexture.session.histogram import Counts, count, counted_level, statistics
from retexture.session.session import Session, Update

RGB = tuple[float, ...]


class HistogramPanel(RestingPanel):
    """The histogram with its statistics, and the values under the cursor."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace, "histogram")
        self._counts: Counts | None = None

        self._of = QComboBox(self)
        self._of.setObjectName("histogram_of")
        self._of.setAccessibleName("Histogram of")
        self._of.setToolTip("What is counted: the result, or the active layer before it is blended")
        self._of.addItems(["Result", "Active layer"])
        self._of.currentIndexChanged.connect(self._again)
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
        self._again()

    def _update(self, update: Update) -> None:
        found, of_layer = update.changes, self._of.currentIndex() == 1
        pixels = found.region is not None or found.canvas or (of_layer and bool(found.changed))
        if pixels or (of_layer and update.selection):
            self.mark_stale()
        if not update.live:
            self.settle(0 if of_layer and update.selection else SETTLE_MS)

    def _again(self) -> None:
        self.mark_stale()
        self.settle()

    def refresh(self, session: Session) -> None:
        """Count the values."""
        document, cache = session.document, self._workspace.cache
        key = session.active if self._of.currentIndex() == 1 else None
        if key is None and self._of.currentIndex() == 1:
            self._show(None)
            return
        self.compute(lambda job: count(document, key, cache, job.cancelled), self._show)

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
