"""Opens files: reads them on worker threads, asks what must be asked, and adds the documents to the workspace."""

import itertools
import queue
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.colour import srgb_icc
from retexture.files.documents import file_format
from retexture.files.images import Image
from retexture.gui import file_dialogs, theme
from retexture.gui.icons import pixmap
from retexture.gui.messages import fit, note_words, words
from retexture.gui.missing_source_dialog import MissingSourceDialog
from retexture.gui.pair_dialog import Choice, PairDialog
from retexture.gui.picture_reading import WAIT_S, Reading
from retexture.gui.workspace import Workspace
from retexture.recipes import DEFAULT_RECIPE, RECIPES
from retexture.render.render import Cancelled
from retexture.sample import make_sample
from retexture.session import opening, preferences
from retexture.session.jobs import Job
from retexture.session.session import Session

FILTER = (
    "Pictures and documents (*.tif *.tiff *.png *.jpg *.jpeg *.psd *.psb *.retexture);;"
    "Projects (*.retexture);;Photoshop (*.psd *.psb);;All files (*)"
)
MOST_LISTED = 8
"""Files that one message names."""
READING_PART, SAMPLE_PART = 0.15, 0.5
"""Of the time until a document is there."""


class _Question(NamedTuple):
    """Asked by a worker thread, which waits for the answer."""

    project: Path
    missing: opening.MissingSource
    answer: "queue.Queue[Path | None]"


class _Built(NamedTuple):
    """A recipe's document."""

    document: Document
    notes: tuple[str, ...]
    title: str


def _from(part: float, job: Job[Any]) -> Callable[[str, float], None]:
    """Return what tells a job of steps, 0-1, that begin when a part of it is done."""
    return lambda step, done: job.tell(step, part + (1 - part) * done)


class Opener(QObject):
    """Opens files into a workspace. Nothing here waits: documents appear when they are read."""

    built = Signal(object)
    """A recipe has just made this Session, which is open and in front."""
    recent_changed = Signal()
    """The list of recent files in the preferences."""
    _asked = Signal(object)

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        """Open into a workspace; dialogs belong to `window`."""
        super().__init__(window)
        self.workspace = workspace
        self._window = window
        self._asked.connect(self._ask_for_source, Qt.ConnectionType.QueuedConnection)

    # -- what the window asks for

    def ask(self) -> None:
        """Let the user choose files, and open them."""
        folder = self.workspace.preferences.folders.get("open", "")
        names = file_dialogs.choose_files(self._window, "Open", folder, FILTER)
        self.open_paths([Path(name) for name in names])

    def open_paths(self, paths: Sequence[Path], recipe: str | None = None, *, ordered: bool = False) -> None:
        """Open documents, one tab each, or ask about two pictures of one portrait.

        Args:
            paths: as the user gave them: files, folders, or none.
            recipe: for two pictures, and for one if the recipe works on one.
            ordered: of two pictures the first one is the original; nothing is asked.
        """
        paths = [path.absolute() for path in paths]
        if not paths:
            return
        if recipe is not None and RECIPES[recipe].flat and len(paths) == 1:
            self.open_pictures(paths[0], None, recipe)
            return
        self.workspace.jobs.submit(
            lambda _job: opening.plan(paths),
            partial(self._follow, recipe, ordered),
        )

    def open_pictures(
        self, original: Path, retouched: Path | None, recipe: str | None = None, settings: Sequence[str] = ()
    ) -> None:
        """Build a recipe's document without a question. `retouched` is None for a recipe on one picture."""
        first = Reading(self.workspace, original.absolute())
        second = Reading(self.workspace, retouched.absolute()) if retouched is not None else None
        name = recipe or DEFAULT_RECIPE
        self._build_when_read(Choice(name, first, second, False, tuple(settings), None, "original"))

    def ask_for_pictures(
        self,
        recipe: str | None = None,
        original: Path | None = None,
        retouched: Path | None = None,
        *,
        guess: bool = False,
    ) -> PairDialog:
        """Ask for a recipe's pictures, and open them; with `guess`, which one is the original is guessed."""
        dialog = PairDialog(
            self.workspace, original, retouched, recipe=recipe, guess=guess, parent=self._window
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._build_when_read(dialog.choice))
        dialog.open()
        return dialog

    def open_sample(self) -> None:
        """Make the sample pictures and open them with the usual recipe."""

        def work(job: "Job[_Built]") -> _Built:
            job.tell("Making the sample", 0.0)
            sample = make_sample()
            tell = _from(SAMPLE_PART, job)
            original = Image(colour=sample.original, path=Path("original.tif"), icc=srgb_icc())
            retouched = Image(colour=sample.retouched, path=Path("retouched.tif"), icc=srgb_icc())
            document, _ = opening.build(DEFAULT_RECIPE, original, retouched, black_mask=False, tell=tell)
            # They have no files that a project could link.
            sources = tuple(msgspec.structs.replace(source, path=None) for source in document.sources)
            return _Built(msgspec.structs.replace(document, sources=sources), (), "Sample")

        self.workspace.jobs.submit(
            work,
            partial(self._add_built, DEFAULT_RECIPE, ()),
            lane="sample",
            title="Opening the sample",
            failed=lambda error: self._refuse([error]),
        )

    # -- documents

    def _follow(self, recipe: str | None, ordered: bool, plan: opening.Plan) -> None:
        if plan.pair is not None:
            recipe = None if recipe is not None and RECIPES[recipe].flat else recipe
            if ordered:
                self.open_pictures(*plan.pair, recipe)
            else:
                self.ask_for_pictures(recipe, *plan.pair, guess=True)
        self._open_documents(list(plan.documents), list(plan.problems))

    def _open_documents(self, paths: list[Path], problems: list[InputError]) -> None:
        """Open the first of some documents, then the others; at the end, tell of all that could not be."""
        if not paths:
            if problems:
                self._refuse(problems)
            return
        path, *others = paths
        open_one = next((s for s in self.workspace.sessions if s.path is not None and s.path == path), None)
        if open_one is not None:
            self.workspace.activate(open_one)
            self._open_documents(others, problems)
            return

        skipped: list[opening.MissingSource] = []
        replaced: list[opening.MissingSource] = []

        def work(
            job: "Job[tuple[Document, tuple[str, ...], bool]]",
        ) -> tuple[Document, tuple[str, ...], bool]:
            locate = partial(self._locate, job, path, skipped, replaced)
            document, notes = opening.open_document(path, locate=locate)
            return document, notes, file_format(path) == "project"

        def done(found: tuple[Document, tuple[str, ...], bool]) -> None:
            document, notes, is_project = found
            title = path.name if is_project else self._new_title(path.stem, path.suffix)
            session = Session(document, title=title, path=path if is_project else None)
            opening.select_masked(session)
            self.workspace.add(session)
            if replaced:  # the project names other files, or other pixels
                session.mark_unsaved()
            self._remember([path])
            self._tell(notes)

        def failed(problem: InputError) -> None:
            if skipped:
                self.workspace.message.emit(f"{path.name} was not opened")
            else:
                problems.append(problem)

        self.workspace.jobs.submit(
            work,
            done,
            title=f"Opening {path.name}…",
            failed=failed,
            ended=lambda: self._open_documents(others, problems),
        )

    def _locate(
        self,
        job: "Job[Any]",
        project: Path,
        skipped: list[opening.MissingSource],
        replaced: list[opening.MissingSource],
        missing: opening.MissingSource,
    ) -> Path | None:
        """Ask, on the window's thread, where a linked picture is; for the worker thread that needs it."""
        answer: queue.Queue[Path | None] = queue.Queue(1)
        self._asked.emit(_Question(project, missing, answer))
        while True:
            with suppress(queue.Empty):
                found = answer.get(timeout=WAIT_S)
                (skipped if found is None else replaced).append(missing)
                return found
            if job.cancelled():
                raise Cancelled

    def _ask_for_source(self, question: _Question) -> None:
        dialog = MissingSourceDialog(question.project, question.missing, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _result: question.answer.put(dialog.found))
        dialog.open()

    # -- recipes

    def _build_when_read(self, choice: Choice) -> None:
        name, readings = choice.recipe, [choice.original]
        if choice.retouched is not None:
            readings.append(choice.retouched)

        def work(job: "Job[_Built]") -> _Built:
            job.tell("Reading", 0.0)
            images = [reading.wait(job) for reading in readings]
            if choice.guess and len(images) == 2:
                guess = opening.guess_pair(*images)
                images = [guess.original, guess.retouched]
            tell = _from(READING_PART, job)
            tell("Building the layers", 0.0)
            document, notes = opening.build(
                name,
                images[0],
                images[1] if len(images) == 2 else None,
                settings=choice.settings,
                black_mask=name in opening.BLACK_MASKED,
                grid=choice.grid,
                aligned=choice.aligned,
                tell=tell,
            )
            job.progress(1, 1)
            return _Built(document, notes, images[0].path.stem)

        self.workspace.jobs.submit(
            work,
            partial(self._add_built, name, [reading.path for reading in readings]),
            title="Opening",
            failed=lambda error: self._refuse([error]),
        )

    def _add_built(self, recipe: str, paths: Sequence[Path], built: _Built) -> None:
        title = self._new_title(built.title)
        session = Session(built.document, title=title, label=RECIPES[recipe].title)
        opening.select_masked(session)
        self.workspace.add(session)
        self._remember(paths)
        self._tell(built.notes)
        self.built.emit(session)

    def _new_title(self, stem: str, suffix: str = "") -> str:
        """Return a title that no open document has: two may be made from one picture."""
        taken = {session.title for session in self.workspace.sessions}
        names = (f"{stem}{suffix}" if n == 1 else f"{stem} ({n}){suffix}" for n in itertools.count(1))
        return next(name for name in names if name not in taken)

    # -- words and memory

    def _remember(self, paths: Sequence[Path]) -> None:
        if not paths:
            return
        new = self.workspace.preferences
        for path in reversed(paths):
            new = preferences.with_recent(new, path)
        self.workspace.preferences = preferences.with_folder(new, "open", paths[0].parent)
        self.recent_changed.emit()

    def _forget_if_gone(self, path: Path) -> None:
        if str(path) in self.workspace.preferences.recent_files and not path.exists():
            self.workspace.preferences = preferences.without_recent(self.workspace.preferences, path)
            self.recent_changed.emit()

    def _tell(self, notes: Sequence[str]) -> None:
        if notes:
            self.workspace.message.emit("; ".join(note_words(note) for note in notes))

    def _refuse(self, problems: Sequence[InputError]) -> None:
        """Tell what could not be opened, in one message."""
        for problem in problems:
            self._forget_if_gone(Path(problem.path))
        box = QMessageBox(self._window)
        box.setObjectName("open_problems")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setOption(QMessageBox.Option.DontUseNativeDialog)
        box.setWindowTitle("Not opened")
        box.setIconPixmap(pixmap("warning", 32, theme.WARNING, box.devicePixelRatioF()))
        if len(problems) == 1:
            sentence, remedy = words(problems[0])
            box.setText(sentence)
            box.setInformativeText(remedy)
        else:
            box.setText("Some files could not be opened.")
            lines = [" ".join(words(each)) for each in problems[:MOST_LISTED]]
            if len(problems) > MOST_LISTED:
                lines.append(f"… and {len(problems) - MOST_LISTED} more.")
            box.setInformativeText("\n".join(lines))
        box.setToolTip("\n".join(str(each) for each in problems))
        button = box.addButton("OK", QMessageBox.ButtonRole.AcceptRole)
        button.setObjectName("open_problems_ok")
        button.setAccessibleName("OK")
        button.setToolTip("Close (Enter)")
        fit(box)
        box.open()
