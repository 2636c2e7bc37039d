"""The dialogs that ask for files: neutral, legible, and driven by keys."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QHeaderView, QLineEdit, QTreeView, QWidget

from retexture.gui import file_dialogs


def answered(answer: Callable[[QFileDialog], None]) -> None:
    """Answer the next dialog."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        answer(dialog)

    QTimer.singleShot(0, look)


def typed(dialog: QFileDialog, name: str) -> None:
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(name)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_file_is_chosen_by_its_name(parent: QWidget, tmp_path: Path) -> None:
    (tmp_path / "a.tif").touch()
    answered(lambda dialog: typed(dialog, "a.tif"))
    assert file_dialogs.choose_file(parent, "Open", str(tmp_path), "Pictures (*.tif)") == str(
        tmp_path / "a.tif"
    )


def test_nothing_is_chosen_by_esc(parent: QWidget, tmp_path: Path) -> None:
    for choose, nothing in ((file_dialogs.choose_file, ""), (file_dialogs.choose_files, [])):
        answered(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
        assert choose(parent, "Open", str(tmp_path), "Pictures (*.tif)") == nothing


def test_a_name_to_write_begins_with_the_one_that_is_proposed(parent: QWidget, tmp_path: Path) -> None:
    answered(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Return))
    place = str(tmp_path / "new.retexture")
    assert file_dialogs.choose_name(parent, "Save As", place, "Projects (*.retexture)") == place


def test_a_folder_that_is_gone_does_no_harm(parent: QWidget, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    answered(lambda dialog: typed(dialog, str(tmp_path / "out")))
    assert file_dialogs.choose_folder(parent, "Folder", str(tmp_path / "gone" / "out")) == str(
        tmp_path / "out"
    )


def test_columns_are_as_wide_as_what_they_say(parent: QWidget, tmp_path: Path) -> None:
    modes: list[QHeaderView.ResizeMode] = []

    def look(dialog: QFileDialog) -> None:
        tree = dialog.findChild(QTreeView, "treeView")
        assert tree is not None
        modes.extend(tree.header().sectionResizeMode(i) for i in range(4))
        dialog.reject()

    answered(look)
    file_dialogs.choose_files(parent, "Open", str(tmp_path), "All (*)")
    assert modes == [QHeaderView.ResizeMode.Stretch] + [QHeaderView.ResizeMode.ResizeToContents] * 3
