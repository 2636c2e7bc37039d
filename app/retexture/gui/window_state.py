"""What the window remembers from one run to the next: its place, its panels, the brush, the screen's profile."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QByteArray

from retexture.errors import InputError

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def restore(window: "MainWindow") -> None:
    """Bring the window and the brush back as they were; the panels come back with the first document."""
    preferences = window.workspace.preferences
    if preferences.window_geometry:
        window.restoreGeometry(QByteArray.fromBase64(preferences.window_geometry.encode()))
    if preferences.brush:
        # One of another version is passed over: the default brush stays.
        with contextlib.suppress(msgspec.ValidationError):
            window.paint.set_brush(msgspec.convert(preferences.brush, type(window.paint.brush)))
    if preferences.screen_profile:
        try:
            window.screen_profile.choose(Path(preferences.screen_profile))
        except InputError as error:
            window.workspace.tell_problem(error)


def remember(window: "MainWindow") -> None:
    """Note in the preferences how the window is, and the brush."""
    window.workspace.preferences = msgspec.structs.replace(
        window.workspace.preferences,
        window_geometry=window.saveGeometry().toBase64().toStdString(),
        window_state=window.panels.state(),
        brush=msgspec.to_builtins(window.paint.brush_of("brush")),
    )
