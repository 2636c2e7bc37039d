"""From the document's colours to the screen's."""

import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColorSpace, QColorTransform, QWindow

from retexture.document.document import Document
from retexture.errors import InputError

FOLDERS = (
    Path("~/.local/share/icc"),
    Path("/usr/share/color/icc"),
    Path("~/Library/ColorSync/Profiles"),
    Path("/Library/ColorSync/Profiles"),
    Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "System32/spool/drivers/color",
)
"""Where systems keep profiles."""
SRGB = QColorSpace(QColorSpace.NamedColorSpace.SRgb)


class ScreenProfile(QObject):
    """The screen's profile: of the window system where Qt knows it, else the user's choice, else sRGB."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._system: QColorSpace | None = None
        self._chosen: QColorSpace | None = None
        self._window: QWindow | None = None

    @property
    def space(self) -> QColorSpace:
        """The screen's colour space."""
        return self._system or self._chosen or SRGB

    @property
    def name(self) -> str:
        """What the status bar calls it."""
        if self._system is not None:
            return f"{self._system.description() or 'profile'} (system)"
        return (self._chosen.description() or "own profile") if self._chosen is not None else "sRGB"

    def follow(self, window: QWindow | None) -> None:
        """Take the profile of the window system, where it tells one; anew when the window goes to another screen."""
        if window is not None and window is not self._window:
            window.screenChanged.connect(lambda _screen: self.follow(window))
        self._window = window
        space = window.format().colorSpace() if window is not None else QColorSpace()
        self._system = space if space.isValid() and space != SRGB else None
        self.changed.emit()

    def choose(self, path: Path | None) -> None:
        """Take the profile of a file; None is sRGB.

        Raises:
            InputError: no profile of a screen.
        """
        if path is None:
            self._chosen = None
        else:
            try:
                space = QColorSpace.fromIccProfile(path.read_bytes())
            except OSError as error:
                raise InputError(path, f"cannot be read ({error.strerror})", "choose another file") from error
            if not space.isValid() or space.colorModel() != QColorSpace.ColorModel.Rgb:
                raise InputError(path, "is no profile of a screen", "choose the .icc file of an RGB display")
            self._chosen = space
        self.changed.emit()

    def transform(self, document: Document) -> QColorTransform | None:
        """Return what turns a document's colours into the screen's; None where they are the same."""
        space = document_space(document)
        return None if space == self.space else space.transformationToColorSpace(self.space)


def profile_folder(chosen: str) -> Path:
    """Return where to look for profiles: beside the one that is chosen, else in the system's place for them."""
    places = [Path(chosen).parent] if chosen else []
    places += [folder.expanduser() for folder in FOLDERS]
    return next((folder for folder in places if folder.is_dir()), Path.home())


def document_space(document: Document) -> QColorSpace:
    """Return the colour space of a document's pixels. Grey ones are shown as R = G = B of gamma 2.2."""
    if document.icc is None:
        return SRGB
    if document.mode == "grey":
        return QColorSpace(QColorSpace.Primaries.SRgb, 2.2)
    space = QColorSpace.fromIccProfile(document.icc)
    return space if space.isValid() else SRGB
