"""The program with its window: `run` opens it and returns when it is closed."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from retexture.errors import InputError
from retexture.gui import theme
from retexture.gui.crash_dialog import install_hook
from retexture.gui.icons import application_icon
from retexture.gui.window import MainWindow
from retexture.session import preferences

SWITCH_INTERVAL_S = 0.001
"""How long a worker thread may keep the window's thread from Python: the default of 5 ms is felt while painting."""


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_application() -> QApplication:
    """Return the application object, set up for pens and in our colours."""
    application = QApplication.instance()
    if isinstance(application, QApplication):
        if application.styleSheet() != theme.style_sheet():
            theme.apply(application)
        return application
    # Every event of a pen counts for a stroke.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressTabletEvents, False)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(["retexture"])
    application.setApplicationName("retexture")
    application.setApplicationDisplayName("Retexture")
    application.setDesktopFileName("retexture")
    application.setWindowIcon(application_icon())
    theme.apply(application)
    return application


def wait_until_idle(window: MainWindow, timeout_s: float = 60.0) -> bool:
    """Handle events until nothing is under way and the exact picture is shown; False after the timeout."""
    until = time.monotonic() + timeout_s
    loop = QEventLoop()
    wake = QTimer()
    wake.start(20)
    while time.monotonic() < until:
        loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if window.idle:
            return True
    return False


def screenshot(files: Sequence[Path], target: Path) -> None:
    """Write a picture of the window with files open, where there is no screen too.

    Raises:
        InputError: a file cannot be opened in time, or the picture not be written.
    """
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    make_application()
    window = MainWindow(preferences.Preferences())
    window.show()
    window.opener.open_paths(list(files), ordered=True)
    wait_until_idle(window)
    window.docks["guide"].hide()
    window.canvas.set_look(mode="wipe", filter=None)
    wait_until_idle(window)
    written = window.session is not None and window.grab().save(str(target), "PNG")
    for session in tuple(window.workspace.sessions):
        window.workspace.remove(session)
    window.close()
    if not written:
        raise InputError(target, "the window's picture cannot be written", "choose another folder")


def run(files: Sequence[Path], *, sample: bool = False) -> int:
    """Open the window, with files or the sample if they are asked for; return the exit code when it is closed.

    Raises:
        InputError: there is no screen.
    """
    if not has_display():
        raise InputError(
            "display",
            "there is no screen to open a window on",
            "set DISPLAY, or use a command such as `retexture restore`",
        )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = make_application()
    loaded, note = preferences.load()
    window = MainWindow(loaded)
    install_hook(window)
    window.show()
    if note:
        window.workspace.message.emit(note)
    window.saver.offer_recovered()
    if sample:
        window.opener.open_sample()
    elif files:
        window.opener.open_paths(list(files), ordered=True)
    return application.exec()
