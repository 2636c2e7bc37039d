"""Measure Result: how good the restoration is in figures, before and after, and its report."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from retexture.errors import InputError
from retexture.files.page import Row
from retexture.gui import file_dialogs, theme
from retexture.gui.buttons import push_button
from retexture.gui.commands import Command
from retexture.gui.messages import words
from retexture.gui.workspace import Workspace
from retexture.recipes.score_page import figure_rows
from retexture.session import preferences
from retexture.session.jobs import Job
from retexture.session.report import Report, has_pair, make_report, save_figures, save_page
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

LANE = "report"
HEADS = ("", "Retouched", "Result", "")
PAIR_ROWS = 3
"""The last rows tell of the pictures, not of how good the result is."""
MEANING_PX = 430
KINDS: dict[str, tuple[str, str, Callable[..., None]]] = {
    "picture": ("Page with pictures (*.png)", ".png", save_page),
    "figures": ("Figures (*.json)", ".json", save_figures),
}

Save = Callable[[Report, Path], None]


class ReportDialog(QDialog):
    """The figures, before and after, each with what it means."""

    def __init__(self, workspace: Workspace, report: Report, folder: str, parent: QWidget) -> None:
        """Show a report; `folder` is where its files are proposed to go."""
        super().__init__(parent)
        self.setObjectName("report_dialog")
        self.setWindowTitle("Measured Result")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        self._report = report
        self._folder = folder
        rows = figure_rows(report.scoring)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        column.addWidget(self._headline(rows[0]))
        column.addLayout(self._table(rows[1:]))
        self._said = QLabel()
        self._said.setObjectName("report_said")
        self._said.setWordWrap(True)
        self._said.setStyleSheet(f"color: {theme.WARNING};")
        moved = report.scoring.moved
        self._said.setText(f"The result {moved}." if moved else "")
        self._said.setVisible(bool(moved))
        column.addWidget(self._said)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        for kind, text, tip in (
            (
                "picture",
                "Save Page…",
                "Write one page with pictures, maps of lost texture and the figures, as PNG",
            ),
            ("figures", "Save Figures…", "Write the figures as JSON, for other programs"),
        ):
            buttons.addWidget(push_button(f"report_save_{kind}", text, tip, partial(self._save, kind)))
        buttons.addStretch(1)
        close = push_button("report_close", "Close", "Close (Esc)", self.accept)
        close.setDefault(True)
        buttons.addWidget(close)
        column.addLayout(buttons)
        column.setSizeConstraint(column.SizeConstraint.SetFixedSize)

    def _headline(self, row: Row) -> QLabel:
        before, after = row.values[0], row.values[-1]
        label = QLabel(
            f"<span style='font-size: 22px; font-weight: 600; color: {theme.BRIGHT_TEXT}'>{after} of 100</span>"
            f"<span style='color: {theme.DIM_TEXT}'> &nbsp; the retouched picture alone: {before}</span>"
        )
        label.setObjectName("report_overall")
        label.setToolTip(row.meaning)
        return label

    def _table(self, rows: tuple[Row, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(theme.SPACE_SMALL)
        for x, head in enumerate(HEADS):
            grid.addWidget(_label(head, theme.DIM_TEXT, right=x in (1, 2)), 0, x)
        y = 1
        for n, row in enumerate(rows):
            if n in (0, len(rows) - PAIR_ROWS):
                line = QFrame()
                line.setFixedHeight(1)
                line.setStyleSheet(f"background: {theme.LINE};")
                grid.addWidget(line, y, 0, 1, len(HEADS))
                y += 1
            grid.addWidget(_label(row.label[:1].upper() + row.label[1:], theme.BRIGHT_TEXT), y, 0)
            for x, value in enumerate(row.values, 1):
                grid.addWidget(_label(value, theme.BRIGHT_TEXT if x == 2 else theme.TEXT, right=True), y, x)
            meaning = _label(row.meaning, theme.DIM_TEXT)
            meaning.setWordWrap(True)
            meaning.setFixedWidth(MEANING_PX)
            grid.addWidget(meaning, y, 3)
            y += 1
        return grid

    # -- files

    def _save(self, kind: str) -> None:
        filters, suffix, write = KINDS[kind]
        place = Path(self._folder or ".") / f"{Path(self._report.names[2]).stem}-report{suffix}"
        name = file_dialogs.choose_name(self, "Save Report", str(place), filters)
        if not name:
            return
        path = Path(name)
        asked = path.suffix.lower() == suffix
        if not asked:  # the dialog has asked about a file of another name
            path = path.with_name(path.name + suffix)
        self._folder = str(path.parent)
        new = preferences.with_folder(self._workspace.preferences, "report", path.parent)
        self._workspace.preferences = new
        report = self._report
        self._say(f"Saving {path.name}…", theme.DIM_TEXT)
        self._workspace.jobs.submit(
            lambda _job: write(report, path, overwrite=asked),
            lambda _none: self._say(f"Saved as {path}", theme.DIM_TEXT),
            failed=self._refuse,
            lane=f"{LANE} {id(self)}",
            title=f"Saving {path.name}",
        )

    def _refuse(self, error: InputError) -> None:
        self._say(" ".join(words(error)), theme.ERROR)

    def _say(self, text: str, colour: str) -> None:
        if not self.isVisible():
            self._workspace.message.emit(text)
            return
        self._said.setStyleSheet(f"color: {colour};")
        self._said.setText(text)
        self._said.show()


def _label(text: str, colour: str, *, right: bool = False) -> QLabel:
    label = QLabel(text)
    label.setStyleSheet(f"color: {colour};")
    sides = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    label.setAlignment(sides | Qt.AlignmentFlag.AlignTop)
    return label


def measure_result(window: "MainWindow") -> None:
    """Score the picture in front off the window's thread, and show the figures."""
    session, workspace = window.session, window.workspace
    assert session is not None
    session.finish_gesture()
    document, title = session.document, session.title

    def work(job: Job[Report]) -> Report:
        return make_report(document, title, workspace.passing, job.tell, job.cancelled)

    def done(report: Report) -> None:
        if session in workspace.sessions:
            folder = workspace.preferences.folders.get("report") or _folder_of(session)
            ReportDialog(workspace, report, folder, window).open()

    workspace.jobs.submit(work, done, lane=LANE, title="Report", failed=workspace.tell_problem)


def _folder_of(session: Session) -> str:
    """Return where a document's files are: the project, else the pictures."""
    paths = [session.path, *(source.path for source in session.document.sources)]
    return next((str(Path(path).parent) for path in paths if path), "")


def _has_pair(window: "MainWindow") -> bool:
    session = window.workspace.session
    return session is not None and has_pair(session.document)


COMMANDS = (
    Command(
        "measure_result",
        "Measure Result…",
        "File",
        measure_result,
        "Tell in figures how much texture came back, and write a report",
        (),
        _has_pair,
    ),
)
