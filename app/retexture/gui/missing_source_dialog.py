"""Asks where a project's linked picture has gone."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from retexture.gui import file_dialogs, theme
from retexture.gui.history_panel import size_text
from retexture.gui.icons import pixmap
from retexture.session.opening import MissingSource

HEADINGS = {
    "gone": "A linked picture is not where it was",
    "changed": "A linked picture has changed",
    "unreadable": "A linked picture cannot be read",
}
CHOICES = {
    "gone": "Choose that file, or a copy of it.",
    "changed": "Choose a copy of that file; or the same file, to use it as it is now.",
    "unreadable": "Choose a copy of that file.",
}


class MissingSourceDialog(QDialog):
    """Accepted with `found`, the file that the user chose; rejected where the document is not to be opened."""

    def __init__(self, project: Path, missing: MissingSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.missing = missing
        self.found: Path | None = None
        self.setObjectName("missing_source_dialog")
        self.setWindowTitle("Linked picture")
        heading = QLabel(HEADINGS[missing.reason])
        heading.setStyleSheet(f"font-weight: 600; color: {theme.BRIGHT_TEXT};")
        written = missing.modified.astimezone().strftime("%d %b %Y, %H:%M")
        text = QLabel(
            f"{project.name} shows the picture {missing.path.name}, which {missing.problem}.\n"
            f"Its folder was {missing.path.parent}.\n\n"
            f"When it was linked, it had {size_text(missing.size_bytes)} and was written {written}. "
            + CHOICES[missing.reason]
        )
        text.setObjectName("missing_text")
        text.setWordWrap(True)
        text.setMinimumWidth(420)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        locate = QPushButton("Locate…")
        locate.setObjectName("missing_locate")
        locate.setAccessibleName("Locate the picture")
        locate.setToolTip("Choose the picture's file (Enter)")
        locate.setDefault(True)
        locate.clicked.connect(self._locate)
        skip = QPushButton("Skip")
        skip.setObjectName("missing_skip")
        skip.setAccessibleName("Skip")
        skip.setToolTip("Do not open this document (Esc)")
        skip.setAutoDefault(False)
        skip.clicked.connect(self.reject)

        sign = QLabel()
        sign.setPixmap(pixmap("warning", 28, theme.WARNING, self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(theme.SPACE)
        words.addWidget(heading)
        words.addWidget(text)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(skip)
        buttons.addWidget(locate)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(16)
        whole.addLayout(row)
        whole.addLayout(buttons)
        locate.setFocus()

    def _locate(self) -> None:
        path = self.missing.path
        name = file_dialogs.choose_file(
            self, f"Where is {path.name}?", str(path), f"Pictures (*{path.suffix});;All files (*)"
        )
        if name:
            self.found = Path(name)
            self.accept()
