"""What the user sees of a defect: what failed, that the document is safe, and details to copy. The window lives on."""

import platform
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from retexture import __version__
from retexture.engine import ENGINE
from retexture.gui import theme
from retexture.gui.icons import icon, pixmap
from retexture.session.jobs import Crash

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def report(crash: Crash) -> str:
    """Return what a report of a defect needs: versions, engine, platform, traceback."""
    return (
        f"Retexture {__version__}\n"
        f"Engine: {ENGINE}\n"
        f"Platform: {platform.system()} {platform.release()}, {platform.machine()}\n"
        f"Python {platform.python_version()}, PySide6 {PySide6.__version__}\n"
        f"Failed: {crash.title}\n\n"
        f"{crash.details}"
    )


class CrashDialog(QDialog):
    """Not modal: the window can be used, and the document saved, while it is open."""

    def __init__(self, crash: Crash, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crash_dialog")
        self.setWindowTitle("Something Failed")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self.crash = crash
        self._times = 1

        picture = QLabel(self)
        picture.setPixmap(pixmap("warning", 32, theme.WARNING, self.devicePixelRatioF()))
        self._what = QLabel(f"{crash.title} failed. Your document is untouched and can be saved.", self)
        self._what.setObjectName("crash_what")
        self._what.setWordWrap(True)
        self._why = QLabel(str(crash), self)
        self._why.setObjectName("crash_why")
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        self._why.setWordWrap(True)
        self._why.setStyleSheet(f"color: {theme.DIM_TEXT}")
        self._text = QPlainTextEdit(report(crash), self)
        self._text.setObjectName("crash_details")
        self._text.setAccessibleName("Details")
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setMinimumSize(560, 220)
        self._text.hide()
        self._details = QPushButton(icon("chevron_right", 14), "Details", self)
        self._details.setObjectName("crash_show_details")
        self._details.setCheckable(True)
        self._details.setToolTip("Show what a report of this defect would say")
        self._details.toggled.connect(self._show_details)
        self._copy = QPushButton("Copy Details", self)
        self._copy.setObjectName("crash_copy")
        self._copy.setToolTip("Copy the details to the clipboard")
        self._copy.clicked.connect(self._copy_details)
        close = QPushButton("Close", self)
        close.setObjectName("crash_close")
        close.setToolTip("Close this message (Esc)")
        close.setDefault(True)
        close.clicked.connect(self.close)

        words = QVBoxLayout()
        words.setSpacing(theme.SPACE_SMALL)
        words.addWidget(self._what)
        words.addWidget(self._why)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_LARGE)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addWidget(self._details)
        foot.addStretch(1)
        foot.addWidget(self._copy)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        column.addLayout(head)
        column.addWidget(self._text, 1)
        column.addStretch(0)
        column.addLayout(foot)
        close.setFocus()

    def again(self) -> None:
        """Count another crash of the same kind."""
        self._times += 1
        self._why.setText(f"{self.crash} ({self._times} times)")

    def _show_details(self, on: bool) -> None:
        self._text.setVisible(on)
        self._details.setIcon(icon("chevron_down" if on else "chevron_right", 14))
        self.adjustSize()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(report(self.crash))
        self._copy.setText("Copied")


def show_crash(window: QWidget, crash: Crash) -> CrashDialog:
    """Show a crash over the window. Where the same one is shown already, that dialog counts it."""
    for shown in window.findChildren(CrashDialog):
        if shown.isVisible() and _place(shown.crash) == _place(crash):
            shown.again()
            return shown
    dialog = CrashDialog(crash, window)
    dialog.show()
    return dialog


def _place(crash: Crash) -> tuple[str, str]:
    """Return what tells one defect from another: what failed, and the innermost frames."""
    frames = [line for line in crash.details.splitlines() if line.startswith("  File ")]
    return crash.title, "\n".join(frames[-3:])


def install_hook(window: QWidget) -> Callable[[], None]:
    """Show exceptions that no slot caught, print them to stderr, and let the window live on.

    Returns:
        a function that puts the hook before back in its place.
    """
    before: Hook = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):
            before(kind, error, trace)
            return
        traceback.print_exception(kind, error, trace)
        show_crash(window, Crash("The last action", error.with_traceback(trace)))

    sys.excepthook = hook

    def remove() -> None:
        if sys.excepthook is hook:
            sys.excepthook = before

    return remove
