"""Dialogs that ask for files and folders: Qt's own, so that they look and are driven like the rest of the window."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHeaderView, QTreeView, QWidget

Mode = QFileDialog.FileMode


def choose_file(parent: QWidget, title: str, place: str, filters: str) -> str:
    """Ask for one file to open; return its path, empty if none was chosen.

    Args:
        parent: the dialog lies over it.
        title: of the dialog.
        place: the folder to begin in, or a file in it.
        filters: ``Pictures (*.tif *.png);;All files (*)``.
    """
    return next(iter(_ask(QFileDialog(parent, title, "", filters), place, Mode.ExistingFile)), "")


def choose_files(parent: QWidget, title: str, place: str, filters: str) -> list[str]:
    """Ask for files to open; return their paths."""
    return _ask(QFileDialog(parent, title, "", filters), place, Mode.ExistingFiles)


def choose_name(parent: QWidget, title: str, place: str, filters: str) -> str:
    """Ask for the name of a file to write, and whether one may be replaced; return its path, empty if there is none."""
    dialog = QFileDialog(parent, title, "", filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    return next(iter(_ask(dialog, place, Mode.AnyFile)), "")


def choose_folder(parent: QWidget, title: str, place: str) -> str:
    """Ask for a folder; return its path, empty if none was chosen."""
    dialog = QFileDialog(parent, title)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return next(iter(_ask(dialog, place, Mode.Directory)), "")


def _ask(dialog: QFileDialog, place: str, mode: QFileDialog.FileMode) -> list[str]:
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(mode)
    if place and Path(place).is_dir():
        dialog.setDirectory(place)
    elif place and Path(place).parent.is_dir():
        dialog.setDirectory(str(Path(place).parent))
        dialog.selectFile(Path(place).name)
    dialog.resize(820, 520)
    for tree in dialog.findChildren(QTreeView):
        header = tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(80)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen
