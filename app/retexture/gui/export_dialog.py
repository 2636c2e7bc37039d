"""Exports a document as a flat picture: a dialog generated from the declared settings, and an export by one key."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import parameters
from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.colour import profile_name
from retexture.gui import file_dialogs, theme
from retexture.gui.buttons import push_button
from retexture.gui.choice_field import ChoiceField
from retexture.gui.editor_base import Editor
from retexture.gui.editors import make_editor
from retexture.gui.history_panel import size_text
from retexture.gui.messages import ask, words
from retexture.gui.workspace import Workspace
from retexture.session import export, preferences
from retexture.session.export import ExportSettings
from retexture.session.jobs import Job
from retexture.session.session import Session

SETTLE_MS = 400
"""How long settings must rest before the size of the file is estimated."""
POLL_MS = 100
WIDTH_PX = 460
LABEL_WIDTH = 92

ONLY_FOR = {"quality": ("jpeg",), "compression": ("tiff",), "depth": ("tiff", "png")}
"""Settings that mean nothing for other formats are hidden."""
WORDS = {
    "tiff": "TIFF",
    "png": "PNG",
    "jpeg": "JPEG",
    "lzw": "LZW",
    "zstd": "Zstandard",
    "srgb": "sRGB",
    "8": "8 bits",
    "16": "16 bits",
    "32": "32 bits (float)",
}


def input_files(session: Session) -> tuple[Path, ...]:
    """Return the files that a document was made from, which an export never replaces."""
    sources = tuple(Path(source.path) for source in session.document.sources if source.path is not None)
    return sources if session.path is None else (session.path, *sources)


def folder_beside(session: Session, last: str) -> Path:
    """Return where files go unless told otherwise: beside the project or the original, else the `last` folder."""
    beside = [path.parent for path in input_files(session) if path.parent.is_dir()]
    return beside[0] if beside else Path(last) if last and Path(last).is_dir() else Path.home()


def new_path(session: Session, folder: Path, settings: ExportSettings) -> Path:
    """Return ``NAME_restored.SUFFIX`` in a folder, numbered so that nothing is there yet."""
    stem = f"{Path(session.title).stem}_restored"
    path = export.export_path(folder / stem, settings)
    number = 2
    while path.exists():
        path = export.export_path(folder / f"{stem}_{number}", settings)
        number += 1
    return path


def is_input(path: Path, session: Session) -> bool:
    """Return whether a path is one of the files that the document was made from."""
    real = os.path.realpath(path)
    return any(os.path.realpath(each) == real for each in input_files(session))


def start_export(
    workspace: Workspace,
    document: Document,
    path: Path,
    settings: ExportSettings,
    *,
    overwrite: bool,
    done: Callable[[], None],
    failed: Callable[[InputError], None],
) -> "Job[tuple[str, ...]]":
    """Export on a worker thread; remember how, and say where to."""

    def work(job: "Job[tuple[str, ...]]") -> tuple[str, ...]:
        return export.export(
            document,
            path,
            settings,
            overwrite=overwrite,
            cache=workspace.cache,
            progress=job.progress,
            cancelled=job.cancelled,
        )

    def finish(notes: tuple[str, ...]) -> None:
        kept = msgspec.structs.replace(workspace.preferences, export=settings)
        workspace.preferences = preferences.with_folder(kept, "export", path.parent)
        workspace.message.emit("; ".join((f"Exported {path}", *notes)))
        done()

    return workspace.jobs.submit(
        work, finish, lane=f"export {path}", title=f"Exporting {path.name}…", failed=failed
    )


def quick_export(workspace: Workspace, session: Session) -> Path:
    """Export with the last settings beside the source, under a new name; return its path."""
    session.finish_gesture()
    settings = workspace.preferences.export
    path = new_path(
        session, folder_beside(session, workspace.preferences.folders.get("export", "")), settings
    )
    start_export(
        workspace,
        session.document,
        path,
        settings,
        overwrite=False,
        done=lambda: None,
        failed=workspace.tell_problem,
    )
    return path


class ExportDialog(QDialog):
    """Format, depth, quality, profile, size and metadata; name and folder; how large the file will be."""

    def __init__(self, workspace: Workspace, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.finish_gesture()
        self.workspace = workspace
        self.session = session
        self.settings = workspace.preferences.export
        self._editors: dict[str, Editor] = {}
        self._job: Job[tuple[str, ...]] | None = None
        self._stop_settling: Callable[[], object] = lambda: None
        self.setObjectName("export_dialog")
        self.setWindowTitle("Export")
        self._build()
        folder = folder_beside(session, workspace.preferences.folders.get("export", ""))
        path = new_path(session, folder, self.settings)
        self._name.setText(path.name)
        self._folder.setText(str(path.parent))
        self.finished.connect(self._end)
        self._refresh()
        self._name.setFocus()
        self._name.setSelection(0, len(path.stem))

    @property
    def path(self) -> Path:
        """Where the picture goes."""
        return export.export_path(Path(self._folder.text()) / self._name.text().strip(), self.settings)

    # -- widgets

    def _build(self) -> None:
        self._fields = QWidget()
        rows = QVBoxLayout(self._fields)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.SPACE_SMALL)
        for parameter in parameters(ExportSettings):
            editor = make_editor(parameter)
            editor.setObjectName(f"export_{parameter.name}")
            editor.set_value(getattr(self.settings, parameter.name))
            if isinstance(editor, ChoiceField):
                self._name_choices(editor)
            editor.committed.connect(lambda value, name=parameter.name: self._set(name, value))
            self._editors[parameter.name] = editor
            rows.addWidget(editor)

        self._name = self._line("export_name", "File name")
        self._folder = self._line("export_folder", "Folder")
        self._browse = push_button("export_browse", "Choose…", "Choose the folder", self._choose_folder)
        where = QGridLayout()
        where.setHorizontalSpacing(theme.SPACE)
        where.setVerticalSpacing(theme.SPACE_SMALL)
        where.setColumnMinimumWidth(0, LABEL_WIDTH)
        for row, (text, widget) in enumerate((("Name", self._name), ("Folder", self._folder))):
            label = QLabel(text)
            label.setBuddy(widget)
            where.addWidget(label, row, 0)
            where.addWidget(widget, row, 1, 1, 2 if row == 0 else 1)
        where.addWidget(self._browse, 1, 2)

        self._size = QLabel()
        self._size.setObjectName("export_size")
        self._size.setStyleSheet(f"color: {theme.TEXT};")
        self._problem = QLabel()
        self._problem.setObjectName("export_problem")
        self._problem.setWordWrap(True)
        self._problem.setStyleSheet(f"color: {theme.ERROR};")
        self._progress = QProgressBar()
        self._progress.setObjectName("export_progress")
        self._progress.setAccessibleName("Progress of the export")
        self._progress.setRange(0, 100)
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
        self._export = push_button("export_run", "Export", "Write the picture (Enter)", self.start)
        self._export.setDefault(True)
        self._cancel = push_button("export_cancel", "Cancel", "Export nothing (Esc)", self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addWidget(self._progress, 1)
        foot.addWidget(self._export)
        foot.addWidget(self._cancel)

        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {theme.LINE};")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(theme.SPACE_LARGE)
        whole.addWidget(self._fields)
        whole.addWidget(line)
        whole.addLayout(where)
        whole.addWidget(self._size)
        whole.addWidget(self._problem)
        whole.setSizeConstraint(whole.SizeConstraint.SetFixedSize)
        whole.addLayout(foot)
        self._fields.setFixedWidth(WIDTH_PX)
        self._show_busy(False)

    def _name_choices(self, editor: ChoiceField) -> None:
        document = self.session.document
        kept = {
            "depth": f"Document: {WORDS[str(document.depth)]}",
            "profile": f"Document: {profile_name(document.icc)}",
        }
        for index in range(editor.combo.count()):
            choice = str(editor.combo.itemData(index))
            words = kept.get(editor.parameter.name) if choice == "document" else WORDS.get(choice)
            if words is not None:
                editor.combo.setItemText(index, words)

    def _line(self, name: str, spoken: str) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(name)
        line.setAccessibleName(spoken)
        line.setToolTip(f"{spoken} of the exported picture")
        line.textEdited.connect(lambda _text: self._refresh())
        return line

    # -- settings

    def _set(self, name: str, value: Any) -> None:
        self.settings = msgspec.structs.replace(self.settings, **{name: value})
        if self._name.text().strip():
            self._name.setText(self.path.name)
        self._refresh()

    def _refresh(self) -> None:
        """Bring everything in line with the settings, and estimate the file's size anew when they have settled."""
        for name, formats in ONLY_FOR.items():
            self._editors[name].setVisible(self.settings.format in formats)
        self._export.setEnabled(bool(self._name.text().strip() and self._folder.text().strip()))
        self._problem.hide()
        self._show_size("estimating…")
        self._stop_settling()
        self.workspace.jobs.cancel("estimate export")
        self._stop_settling = self.workspace.later(SETTLE_MS, self._estimate)

    def _show_size(self, on_disk: str) -> None:
        width, height = export.output_size(self.session.document, self.settings)
        self._size.setText(f"{width} × {height} px, on disk: {on_disk}")

    def _estimate(self) -> None:
        document, settings, cache = self.session.document, self.settings, self.workspace.cache

        def work(job: "Job[int]") -> int:
            return export.estimate_bytes(
                document, settings, cache=cache, progress=job.progress, cancelled=job.cancelled
            )

        self.workspace.jobs.submit(
            work,
            lambda count: self._show_size(f"about {size_text(count)}"),
            lane="estimate export",
            failed=lambda _error: self._show_size("cannot be estimated"),
        )

    def _choose_folder(self) -> None:
        folder = file_dialogs.choose_folder(self, "Folder for the export", self._folder.text())
        if folder:
            self._folder.setText(folder)
            self._refresh()

    # -- the export

    def start(self) -> None:
        """Export, after a question where a file would be replaced."""
        if self._job is not None:
            return
        path = self.path
        self._name.setText(path.name)
        if is_input(path, self.session):
            self._show_problem(
                InputError(
                    path, "is a file that this document was made from", "choose another name or folder"
                )
            )
            return
        overwrite = path.is_file()
        if overwrite and not self._may_replace(path):
            return
        self._stop_settling()
        self.workspace.jobs.cancel("estimate export")
        self._problem.hide()
        self._show_busy(True)
        self._job = start_export(
            self.workspace,
            self.session.document,
            path,
            self.settings,
            overwrite=overwrite,
            done=self._done,
            failed=self._failed,
        )
        self._poll()

    def _may_replace(self, path: Path) -> bool:
        answer = ask(
            self,
            "replace_file",
            "Replace",
            f"{path.name} is there already. Replace it?",
            {"replace": ("Replace", "destroy"), "cancel": ("Cancel", "reject")},
            details=str(path.parent),
            kind="warning",
        )
        return answer == "replace"

    def _poll(self) -> None:
        """Show how far the export is; notice where it was given up or has crashed."""
        if self._job is None:
            return
        if self._job not in self.workspace.jobs.active:
            self._stop()
            return
        self._progress.setValue(round(100 * self._job.done_part))
        self.workspace.later(POLL_MS, self._poll)

    def _done(self) -> None:
        self._stop()
        self.accept()

    def _failed(self, error: InputError) -> None:
        self._stop()
        self._show_problem(error)

    def _stop(self) -> None:
        self._job = None
        self._show_busy(False)

    def _show_problem(self, error: InputError) -> None:
        self._problem.setText(" ".join(words(error)))
        self._problem.show()

    def _show_busy(self, busy: bool) -> None:
        for widget in (self._fields, self._name, self._folder, self._browse, self._export):
            widget.setEnabled(not busy)
        self._progress.setVisible(busy)
        self._progress.setValue(0)
        self._cancel.setToolTip("Give the export up (Esc)" if busy else "Export nothing (Esc)")

    def reject(self) -> None:
        """Give the export up if one is under way, else close."""
        if self._job is not None:
            self._job.cancel()
            self._stop()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job is not None:
            self._job.cancel()
            self._stop()
        super().closeEvent(event)

    def _end(self, _result: int) -> None:
        self._stop_settling()
        self.workspace.jobs.cancel("estimate export")
        self.deleteLater()
