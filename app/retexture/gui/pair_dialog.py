"""Asks for the pictures of a recipe: which one is the original, which one the retouched, and what the recipe must know.

Pictures are read while the dialog is up, so that little is left to do when it is accepted.
"""

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import parameters
from retexture.document.analysis import Grid
from retexture.gui import file_dialogs, theme
from retexture.gui.editor_base import Editor
from retexture.gui.editors import make_editor
from retexture.gui.field import Field
from retexture.gui.icons import icon
from retexture.gui.labels import label_of
from retexture.gui.picture_reading import Reading
from retexture.gui.picture_well import Well
from retexture.gui.workspace import Workspace
from retexture.recipes import DEFAULT_RECIPE, RECIPES
from retexture.recipes.base import Recipe
from retexture.recipes.materials import Preparation
from retexture.session import opening

GUESS_LANE = "guess the original"
PICTURES = "Pictures (*.tif *.tiff *.png *.jpg *.jpeg)"


class Choice(NamedTuple):
    """What the user wants to be opened."""

    recipe: str
    original: Reading
    retouched: Reading | None
    guess: bool
    """Which one is the original is still to be guessed."""
    settings: tuple[str, ...]
    """``OPTION=VALUE`` each."""
    aligned: bool | None
    """Align the retouched picture; None: as the recipe usually does."""
    grid: Grid
    """Whose shape, size and profile to keep."""


class PairDialog(QDialog):
    """Original, retouched and recipe. After `accepted`, `choice` says what is to be opened; else all is given up."""

    def __init__(
        self,
        workspace: Workspace,
        original: Path | None = None,
        retouched: Path | None = None,
        *,
        recipe: str | None = None,
        guess: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Ask about pictures; with `guess`, which one is the original is guessed as soon as both are read."""
        super().__init__(parent)
        self.workspace = workspace
        self._guess = guess
        self._guessed = ""
        self._align_by_hand = False
        self._flat = RECIPES[recipe].flat if recipe is not None else False
        self._editors: dict[str, Editor] = {}
        self.setObjectName("pair_dialog")
        self.setWindowTitle(RECIPES[recipe].title if self._flat and recipe else "Original and retouched")
        if self._flat:
            self.original = Well("original", "Picture", "one flat picture, as you have it")
        else:
            self.original = Well("original", "Original", "as taken, with its texture")
        self.retouched = Well("retouched", "Retouched", "smoothed by the AI")
        for well in (self.original, self.retouched):
            well.chosen.connect(partial(self.set_path, well))
            well.choose.clicked.connect(partial(self._choose_file, well))
        self.original.view.patch_dragged.connect(self._take_patch)
        self._build(recipe or DEFAULT_RECIPE)
        for well, path in ((self.original, original), (self.retouched, retouched)):
            if path is not None:
                self.set_path(well, path, by_hand=False)
        self.finished.connect(self._finish)
        self._refresh()
        empty = [well for well in (self.original, self.retouched) if well.reading is None]
        (empty[0].choose if empty else self._open).setFocus()

    @property
    def recipe(self) -> Recipe:
        """The recipe that is chosen."""
        return RECIPES[str(self._recipes.currentData())]

    @property
    def choice(self) -> Choice:
        """What is to be opened; once the dialog was accepted."""
        if self.original.reading is None:
            raise ValueError("no picture was chosen")
        values = {p.name: p.default for p in parameters(self.recipe.options)}
        settings = tuple(
            f"{name}={editor.value()}"
            for name, editor in self._editors.items()
            if editor.value() != values[name]
        )
        retouched = None if self._flat else self.retouched.reading
        aligned = None if self._flat else self._align.isChecked()
        name, grid = self.recipe.name, self._grid.value()
        return Choice(name, self.original.reading, retouched, self._guess, settings, aligned, grid)

    def _build(self, recipe: str) -> None:
        self._swap = QPushButton("S&wap")
        self._swap.setObjectName("pair_swap")
        self._swap.setAccessibleName("Swap")
        self._swap.setIcon(icon("swap", 16))
        self._swap.setToolTip("The other one is the original (Alt+W)")
        self._swap.setAutoDefault(False)
        self._swap.clicked.connect(self.swap)
        self._reason = QLabel()
        self._reason.setObjectName("pair_reason")
        self._reason.setWordWrap(True)
        self._recipes = QComboBox()
        self._recipes.setObjectName("pair_recipe")
        self._recipes.setAccessibleName("Recipe")
        self._recipes.setToolTip("The method that puts the texture back; all of it can be changed later")
        for each in RECIPES.values():
            if each.flat == self._flat:
                self._recipes.addItem(each.title, each.name)
        self._recipes.setCurrentIndex(self._recipes.findData(recipe))
        self._recipes.currentIndexChanged.connect(self._show_recipe)
        self._summary = QLabel()
        self._summary.setWordWrap(True)
        self._summary.setStyleSheet(f"color: {theme.DIM_TEXT};")
        self._align = QCheckBox("Align the retouched picture")
        self._align.setObjectName("pair_align")
        self._align.setAccessibleName("Align the retouched picture")
        self._align.setToolTip(
            "Find how it lies on the original, and bring it there: for pictures that the AI shifted, "
            "resized, cropped, turned or bent"
        )
        self._align.clicked.connect(self._take_align)
        (grid,) = parameters(Preparation)
        self._grid = make_editor(grid)
        self._grid.setObjectName("pair_grid")
        self._grid.committed.connect(self._refresh)
        self._options = QVBoxLayout()
        self._options.setSpacing(theme.SPACE_SMALL)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel
        )
        self._open = buttons.button(QDialogButtonBox.StandardButton.Open)
        self._open.setObjectName("pair_open")
        self._open.setDefault(True)
        self._open.setToolTip("Build the layers and open them (Enter)")
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("pair_cancel")
        cancel.setToolTip("Open nothing (Esc)")
        cancel.setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)

        pictures = QHBoxLayout()
        pictures.setSpacing(theme.SPACE_LARGE)
        pictures.addWidget(self.original)
        pictures.addWidget(self.retouched)
        under = QHBoxLayout()
        under.setSpacing(theme.SPACE_LARGE)
        under.addWidget(self._swap)
        under.addWidget(self._reason, 1)
        choose = QHBoxLayout()
        choose.setSpacing(theme.SPACE_LARGE)
        label = QLabel("Recipe")
        label.setBuddy(self._recipes)
        choose.addWidget(label)
        choose.addWidget(self._recipes)
        choose.addWidget(self._summary, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(theme.SPACE_LARGE)
        whole.addLayout(pictures)
        whole.addLayout(under)
        whole.addLayout(choose)
        whole.addWidget(self._align, 0, Qt.AlignmentFlag.AlignLeft)
        settings = QVBoxLayout()
        settings.setSpacing(theme.SPACE_SMALL)
        settings.addWidget(self._grid)
        settings.addLayout(self._options)
        whole.addLayout(settings)
        whole.addWidget(buttons)
        whole.setSizeConstraint(whole.SizeConstraint.SetFixedSize)
        for widget in (self.retouched, self._swap, self._recipes, label, self._align, self._grid):
            widget.setVisible(not self._flat)
        self._show_recipe()

    # -- pictures

    def set_path(self, well: Well, path: Path, by_hand: bool = True) -> None:
        """Read a picture into a well; `by_hand`, the user has said what it is."""
        if by_hand:
            self._guess, self._guessed = False, ""
        if well.reading is not None:
            well.reading.drop()
        well.show_reading(Reading(self.workspace, path, self._read))
        self._refresh()

    def swap(self) -> None:
        """Take the original for the retouched picture, and the other way round."""
        self._guess, self._guessed = False, ""
        self._show_swapped()
        self._refresh()

    def _show_swapped(self) -> None:
        original, retouched = self.original.reading, self.retouched.reading
        self.original.show_reading(retouched)
        self.retouched.show_reading(original)
        self._clear_patch()

    def _choose_file(self, well: Well, _checked: bool = False) -> None:
        folder = self.workspace.preferences.folders.get("open", "")
        if well.reading is not None:
            folder = str(well.reading.path.parent)
        title = f"Choose the {well.title.lower()} picture"
        name = file_dialogs.choose_file(self, title, folder, PICTURES)
        if name:
            self.set_path(well, Path(name))

    def _read(self) -> None:
        for well in (self.original, self.retouched):
            well.show_reading(well.reading)
        self._refresh()
        a, b = self.original.reading, self.retouched.reading
        if self._guess and a is not None and b is not None and a.image is not None and b.image is not None:
            first, second = a.image, b.image
            self.workspace.jobs.submit(
                lambda _job: opening.guess_pair(first, second), self._take_guess, lane=GUESS_LANE
            )

    def _take_guess(self, guess: opening.Guess) -> None:
        if not self._guess or not self.isVisible() or self.original.reading is None:
            return
        if guess.original is not self.original.reading.image:
            self._show_swapped()
        self._guess, self._guessed = False, guess.reason
        self._refresh()

    # -- the recipe and its options

    def _show_recipe(self) -> None:
        self._summary.setText(self.recipe.summary)
        while (item := self._options.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._editors = {}
        for parameter in parameters(self.recipe.options):
            editor = make_editor(parameter)
            editor.setObjectName(f"option_{parameter.name}")
            editor.committed.connect(self._refresh)
            self._editors[parameter.name] = editor
            self._options.addWidget(editor)
        fields = [e for e in (self._grid, *self._editors.values()) if isinstance(e, Field)]
        width = max(self.fontMetrics().horizontalAdvance(label_of(field.parameter)) for field in fields)
        for field in fields:
            field.set_label_width(width + theme.SPACE)
        self._refresh()

    def _take_patch(self, patch: str) -> None:
        self._editors["patch"].set_value(patch)
        self._refresh()

    def _take_align(self) -> None:
        self._align_by_hand = True
        self._refresh()

    def _clear_patch(self) -> None:
        if "patch" in self._editors:
            self._editors["patch"].set_value("")

    def _refresh(self, _value: Any = None) -> None:
        """Bring everything in line with what is chosen."""
        wanted = [self.original] if self._flat else [self.original, self.retouched]
        readings = [well.reading for well in wanted]
        ready = all(reading is not None and reading.problem is None for reading in readings)
        images = [reading.image for reading in readings if reading is not None and reading.image is not None]
        patch = self._editors.get("patch")
        self.original.view.set_patch(patch is not None, str(patch.value()) if patch is not None else "")
        self._grid.setEnabled(patch is None)
        if patch is not None:  # it lies in the original
            self._grid.set_value("original")
        needs_skin = patch is not None and not patch.value() and not self._editors["plate"].value()
        words = [self._guessed]
        differ = len({(image.width, image.height) for image in images}) > 1
        if not self._align_by_hand:
            self._align.setChecked(differ or self.recipe.name in opening.ALIGNED)
        if differ:
            how = "aligned to" if self._align.isChecked() else "stretched onto"
            pictures = ["the retouched picture", "the original"]
            moved, kept = pictures if self._grid.value() == "original" else reversed(pictures)
            words.append(f"The sizes differ: {moved} is {how} {kept}.")
        if needs_skin:
            words.append("Drag a rectangle of clean skin on the original, or name a plate.")
        self._reason.setText(" ".join(filter(None, words)))
        self._reason.setVisible(not self._flat)
        self._open.setEnabled(ready and not needs_skin)
        self._swap.setEnabled(any(reading is not None for reading in readings))

    def _finish(self, result: int) -> None:
        self.workspace.jobs.cancel(GUESS_LANE)
        for well in (self.original, self.retouched):
            if well.reading is not None:
                well.reading.finished = None
                if result == QDialog.DialogCode.Rejected:
                    well.reading.drop()
