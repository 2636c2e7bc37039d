"""The program with its window: `run` opens it and returns when it is closed."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

from retexture.errors import InputError
from retexture.gui import theme
from retexture.gui.crash_dialog import install_hook
from retexture.gui.icons import app_icon
from retexture.gui.window import MainWindow
from retexture.session.preferences import load_preferences

SWITCH_INTERVAL_S = 0.001
"""How long a worker thread may keep the window's thread from Python: the default of 5 ms is felt while painting."""


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_application() -> QApplication:
    """Return the application object, set up for pens and in our colours."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # Every event of a pen counts for a stroke.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressTabletEvents, False)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(["retexture"])
    application.setApplicationName("retexture")
    application.setApplicationDisplayName("Retexture")
    application.setDesktopFileName("retexture")
    application.setWindowIcon(app_icon())
    theme.apply(application)
    return application


def run(files: Sequence[Path]) -> int:
    """Open the window, with files if there are any; return the exit code when it is closed.

    Raises:
        InputError: there is no screen.
    """
    if not has_display():
        raise InputError(
            "display", "there is no screen to open a window on", "set DISPLAY, or use a command such as `retexture restore`"
        )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = make_application()
    preferences, note = load_preferences()
    window = MainWindow(preferences)
    install_hook(window)
    window.show()
    if note:
        window.workspace.message.emit(note)
    window.saver.offer_recovered()
    if files:
        window.opener.open_paths(list(files))
    return application.exec()
