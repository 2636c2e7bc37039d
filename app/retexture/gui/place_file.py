"""File > Place: a picture file as a layer."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from retexture.document.document import Document
from retexture.files.images import Image, read_image
from retexture.gui import file_dialogs
from retexture.session.place import placed
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

Placing = Callable[[Document, Image, str | None], tuple[Document, str]]
"""What makes of a document, a picture and the layer beneath the document with the picture, and its layer's key."""

FILTER = "Pictures (*.tif *.tiff *.png *.jpg *.jpeg);;All files (*)"


def ask_to_place(window: "MainWindow") -> None:
    """Let the user choose a picture file, and add it to the document in front above the selected layer."""
    session = window.workspace.session
    folder = window.workspace.preferences.folders.get("open", "")
    name = file_dialogs.choose_file(window, "Place", folder, FILTER)
    if name and session is not None:
        place(window, session, Path(name))


def place(window: "MainWindow", session: Session, path: Path, placing: Placing = placed) -> None:
    """Add a picture file as a layer in the transform box; Enter keeps it, Esc gives it up, all as one undo step.

    What is wrong with the file is told.
    """
    jobs, tell, title = window.workspace.jobs, window.workspace.tell_problem, f"Placing {path.name}…"

    def add(image: Image) -> None:
        if session not in window.workspace.sessions:
            return
        document, above = session.document, session.active

        def take(made: tuple[Document, str]) -> None:
            if session.document is not document:  # it was edited meanwhile
                add(image)
            elif window.session is session:
                window.set_tool("move")
                window.transforming.begin(session, f"Place {path.name}", made)
                window.canvas.setFocus()
            else:
                session.edit(f"Place {path.name}", lambda _: made[0], select=made[1])

        jobs.submit(
            lambda _job: placing(document, image, above),
            lambda made: session.soon(lambda: take(made)),
            title=title,
            failed=tell,
        )

    jobs.submit(
        lambda _job: read_image(path),
        lambda image: session.soon(lambda: add(image)),
        title=title,
        failed=tell,
    )
