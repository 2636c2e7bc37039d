"""File > Place Plate: choose a texture plate from a folder, and how large its pores are to be."""

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
)

from retexture.declare import parameters
from retexture.document.document import Document
from retexture.files.images import Image
from retexture.gui import file_dialogs, theme
from retexture.gui.buttons import ok_and_cancel, push_button
from retexture.gui.elided_label import ElidedLabel
from retexture.gui.number_field import NumberField
from retexture.gui.picture_painting import image_of
from retexture.gui.place_file import place
from retexture.session import preferences
from retexture.session.jobs import Job
from retexture.session.plates import (
    THUMBNAIL_PX,
    Plate,
    PlateSettings,
    face_width,
    placed_plate,
    plate_files,
    read_plate,
    scale_of,
)
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

FOLDER = "plates"
LANE = "plates"
LABEL_WIDTH, VALUE_WIDTH = 96, 92


class PlateDialog(QDialog):
    """A folder of plates with thumbnails, which come as they are read."""

    def __init__(self, window: "MainWindow", session: Session) -> None:
        super().__init__(window)
        self.window_, self.session = window, session
        self.setObjectName("plate_dialog")
        self.setWindowTitle("Place Plate")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 560)
        self.settings = PlateSettings(face_width_px=face_width(session.document))
        self.plates: dict[Path, Plate] = {}
        self._waiting: deque[Path] = deque()
        self._folder: Path | None = None
        self._make_widgets()
        self.finished.connect(lambda: self._stop())
        kept = window.workspace.preferences.folders.get(FOLDER)
        if kept:
            self.show_folder(Path(kept))
        self._show_choice()

    def _make_widgets(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        top = QHBoxLayout()
        self.folder_label = ElidedLabel("plate_folder")
        self.choose = push_button(
            "plate_choose_folder", "Choose Folder…", "Choose the folder that your plates are in", self._choose
        )
        top.addWidget(self.folder_label, 1)
        top.addWidget(self.choose)
        self.list = QListWidget()
        self.list.setObjectName("plate_list")
        self.list.setAccessibleName("Plates")
        self.list.setToolTip("Plates of the folder: double-click places one")
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        self.list.setGridSize(QSize(THUMBNAIL_PX + 24, THUMBNAIL_PX + 36))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.currentItemChanged.connect(lambda: self._show_choice())
        self.list.itemDoubleClicked.connect(lambda _item: self.accept())
        self.fields: dict[str, NumberField] = {}
        rows = QVBoxLayout()
        for parameter in parameters(PlateSettings):
            field = NumberField(parameter)
            field.setObjectName(f"plate_{parameter.name}")
            field.set_label_width(LABEL_WIDTH)
            field.edit.setFixedWidth(VALUE_WIDTH)
            field.set_value(getattr(self.settings, parameter.name))
            field.changed.connect(lambda value, name=parameter.name: self._set(name, value))
            self.fields[parameter.name] = field
            rows.addWidget(field)
        self.note = QLabel()
        self.note.setObjectName("plate_note")
        self.note.setWordWrap(True)
        box = ok_and_cancel(
            self, "plate", "Add the plate as a layer, with the transform box (Enter)", ok="Place"
        )
        self.place = box.button(QDialogButtonBox.StandardButton.Ok)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(rows)
        column.addWidget(self.note)
        column.addWidget(box)

    # -- the folder

    def _choose(self) -> None:
        name = file_dialogs.choose_folder(self, "Folder of Plates", str(self._folder or ""))
        if name:
            workspace = self.window_.workspace
            workspace.preferences = preferences.with_folder(workspace.preferences, FOLDER, Path(name))
            self.show_folder(Path(name))

    def show_folder(self, folder: Path) -> None:
        """Show the plates of a folder; their thumbnails come one after the other."""
        self._stop()
        self._folder = folder
        self.folder_label.setText(str(folder))
        self.list.clear()
        self.plates.clear()
        files = plate_files(folder)
        blank = QPixmap(THUMBNAIL_PX, THUMBNAIL_PX)
        blank.fill(Qt.GlobalColor.transparent)
        for path in files:
            item = QListWidgetItem(QIcon(blank), path.name)
            item.setData(Qt.ItemDataRole.UserRole, str(path))
            item.setToolTip(str(path))
            self.list.addItem(item)
        self._waiting.extend(files)
        self._next()
        self._show_choice()

    def _next(self) -> None:
        if not self._waiting:
            return
        path = self._waiting.popleft()

        def work(_job: Job[Plate]) -> Plate:
            return read_plate(path)

        def done(plate: Plate) -> None:
            self._show_plate(plate)
            self._next()

        self.window_.workspace.jobs.submit(work, done, lane=LANE)

    def _stop(self) -> None:
        self._waiting.clear()
        self.window_.workspace.jobs.cancel(LANE)

    def _show_plate(self, plate: Plate) -> None:
        self.plates[plate.path] = plate
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(Qt.ItemDataRole.UserRole) != str(plate.path):
                continue
            if plate.thumbnail is None:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            else:
                shown = QPixmap.fromImage(image_of(plate.thumbnail, opaque=True))
                icon = QIcon(shown)
                icon.addPixmap(shown, QIcon.Mode.Selected)  # not tinted
                item.setIcon(icon)
            if plate.problem:
                item.setToolTip(plate.problem)
        self._show_choice()

    # -- the choice

    @property
    def chosen(self) -> Path | None:
        """The file that is selected."""
        row = self.list.currentRow()
        return None if row < 0 else Path(self.list.item(row).data(Qt.ItemDataRole.UserRole))

    def _set(self, name: str, value: float) -> None:
        self.settings = msgspec.structs.replace(self.settings, **{name: value})
        self._show_choice()

    def _show_choice(self) -> None:
        """Say what the chosen plate would be."""
        plate = None if self.chosen is None else self.plates.get(self.chosen)
        self.place.setEnabled(plate is not None and plate.thumbnail is not None)
        if not self.list.count():
            self.note.setText(
                "Choose a folder of texture plates: TIFF, PNG or JPEG pictures of skin."
                if self._folder is None
                else "There are no TIFF, PNG or JPEG pictures in this folder."
            )
        elif self.chosen is None:
            self.note.setText("Choose a plate.")
        elif plate is None:
            self.note.setText("Its pores are being measured …")
        elif plate.thumbnail is None:
            self.note.setText(plate.problem)
        elif plate.pore_px is None:
            self.note.setText(f"{plate.problem}. It would be placed at 100 %.")
        else:
            scale = scale_of(plate.pore_px, self.settings)
            self.note.setText(
                f"Its pores lie {plate.pore_px:.1f} px apart. It would be placed at {scale:.0%}."
            )

    def accept(self) -> None:
        plate = None if self.chosen is None else self.plates.get(self.chosen)
        if plate is None or plate.thumbnail is None:
            return
        super().accept()
        settings, pore_px = self.settings, plate.pore_px

        def placing(document: Document, image: Image, above: str | None) -> tuple[Document, str]:
            return placed_plate(document, image, above, settings, pore_px)

        place(self.window_, self.session, plate.path, placing)
