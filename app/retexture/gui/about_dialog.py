"""The About box: version, engine, and the licences of what the program stands on."""

import platform
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from retexture import __version__
from retexture.engine import ENGINE
from retexture.gui import theme
from retexture.gui.icons import application_icon

DEPENDENCIES = (
    "imagecodecs",
    "msgspec",
    "numpy",
    "opencv-contrib-python-headless",
    "pillow",
    "platformdirs",
    "psd-tools",
    "PySide6-Essentials",
    "tifffile",
)
"""What pyproject.toml asks for."""


def licence(name: str) -> tuple[str, str] | None:
    """Return (version, licence) of an installed package; None where it is not installed."""
    try:
        # The type that typeshed gives it lacks what every message has.
        told = cast("Message[str, str]", metadata(name))
    except PackageNotFoundError:
        return None
    classifiers = [
        c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or () if c.startswith("License ::")
    ]
    own = (told.get("License") or "").strip()
    # Some packages put the whole text there.
    short = own if own and "\n" not in own and len(own) < 60 else ""
    words = told.get("License-Expression") or short or ", ".join(classifiers) or "see its files"
    return told["Version"], words


class AboutDialog(QDialog):
    """Says what runs, and whose work it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about_dialog")
        self.setWindowTitle("About Retexture")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 520)
        picture = QLabel(self)
        picture.setPixmap(
            application_icon().pixmap(
                64,
                64,
            )
        )
        name = QLabel("Retexture", self)
        font = name.font()
        font.setPixelSize(22)
        name.setFont(font)
        version = QLabel(f"Version {__version__}\nEngine: {ENGINE}\nPython {platform.python_version()}", self)
        version.setObjectName("about_version")
        version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        what = QLabel(
            "Puts a portrait's own skin texture back after AI smoothing. Under the MIT licence.", self
        )
        what.setWordWrap(True)
        caption = QLabel("It stands on:", self)
        caption.setStyleSheet(f"color: {theme.DIM_TEXT}")
        close = QPushButton("Close", self)
        close.setObjectName("about_close")
        close.setToolTip("Close (Esc)")
        close.setDefault(True)
        close.clicked.connect(self.accept)

        words = QVBoxLayout()
        words.setSpacing(theme.SPACE_SMALL)
        words.addWidget(name)
        words.addWidget(version)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        column.addLayout(head)
        column.addWidget(what)
        column.addWidget(caption)
        column.addWidget(self._table(), 1)
        column.addLayout(foot)
        close.setFocus()

    def _table(self) -> QTableWidget:
        found = [(name, *told) for name in DEPENDENCIES if (told := licence(name)) is not None]
        table = QTableWidget(len(found), 3, self)
        table.setObjectName("about_licences")
        table.setAccessibleName("Packages and their licences")
        table.setToolTip("Packages, their versions and their licences")
        table.setHorizontalHeaderLabels(["Package", "Version", "Licence"])
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        for row, texts in enumerate(found):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                table.setItem(row, column, item)
        return table
