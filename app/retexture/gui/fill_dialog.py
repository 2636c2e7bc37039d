"""Edit > Fill."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout

from retexture.declare import described, parameters
from retexture.document.document import Document
from retexture.document.layers import FillLayer, PaintLayer
from retexture.gui import theme
from retexture.gui.buttons import ok_and_cancel
from retexture.gui.choice_field import ChoiceField
from retexture.session import masks
from retexture.session.fill import filled
from retexture.session.jobs import Job
from retexture.session.layer_edits import Colour, unlocked
from retexture.session.painting import edit_mask, fill_mask
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

Contents = Literal["50% grey", "foreground", "white", "black"]


class Fill(msgspec.Struct, frozen=True):
    """What is filled with."""

    contents: Annotated[
        Contents,
        described("50% grey leaves Overlay, Soft Light and Linear Light unseen; foreground is the brush's"),
    ] = "50% grey"


class FillDialog(QDialog):
    """Asks what to fill with."""

    def __init__(self, window: "MainWindow", take: Callable[[Contents], None]) -> None:
        super().__init__(window)
        self.setObjectName("fill_dialog")
        self.setWindowTitle("Fill")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.contents = ChoiceField(parameters(Fill)[0])
        self.contents.setObjectName("fill_contents")
        self.contents.setMinimumWidth(300)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        column.addWidget(self.contents)
        column.addWidget(ok_and_cancel(self, "fill", "Fill (Enter)"))
        self.accepted.connect(lambda: take(self.contents.value()))
        self.contents.combo.setFocus()


def ask_fill(window: "MainWindow") -> None:
    """Ask, and fill the active mask, the selection in Quick Mask, or the active layer, as one undo step."""
    session = window.workspace.session
    assert session is not None
    if session.active is not None and not session.quick_mask:
        unlocked(session.document, session.active)

    def take(contents: Contents) -> None:
        try:
            fill(window, session, contents)
        except ValueError as error:
            window.workspace.tell_problem(error)

    FillDialog(window, take).open()


def fill(window: "MainWindow", session: Session, contents: Contents) -> None:
    """Fill what brushes would paint on.

    Raises:
        ValueError: no layer is selected, or it is locked.
    """
    if session.quick_mask or session.target != "layer":
        foreground = float(window.paint.white)
        value = {"white": 1.0, "black": 0.0, "50% grey": 0.5, "foreground": foreground}[contents]
        edit_mask(session, "Fill", lambda tiles: masks.fill(tiles, value))
        return
    key = session.active
    if key is None:
        raise ValueError("Select a layer to fill")
    colours: dict[Contents, Colour | None] = {
        "white": (1.0, 1.0, 1.0),
        "black": (0.0, 0.0, 0.0),
        "50% grey": None,
        "foreground": window.paint.colour,
    }
    _fill_layer(window, session, key, colours[contents])


def fill_at_once(window: "MainWindow", *, foreground: bool) -> None:
    """Fill with what the brush paints, or with its opposite: a layer that has pixels of its own, else a mask.

    Raises:
        ValueError: neither is selected, or it is locked.
    """
    session = window.workspace.session
    assert session is not None
    white = window.paint.white == foreground
    mask_is_meant = session.quick_mask or session.target != "layer"
    if not mask_is_meant and isinstance(session.active_layer, PaintLayer | FillLayer):
        fill(window, session, "foreground" if foreground else "white" if white else "black")
    elif not mask_is_meant and session.active_layer is not None and session.active_mask is None:
        raise ValueError(
            f"{session.active_layer.name} has no pixels of its own to fill: add a mask, or fill a new layer"
        )
    else:
        fill_mask(session, white)


def _fill_layer(window: "MainWindow", session: Session, key: str, colour: Colour | None) -> None:
    unlocked(session.document, key)
    session.finish_gesture()
    document = session.document

    def work(_job: "Job[tuple[Document, str]]") -> tuple[Document, str]:
        return filled(document, key, colour)

    def take(made: tuple[Document, str]) -> None:
        if session.document is not document:
            window.workspace.message.emit("Nothing was filled: the document has changed meanwhile")
            return
        session.edit("Fill", lambda _: made[0], select=made[1])

    window.workspace.jobs.submit(
        work, lambda made: session.soon(lambda: take(made)), lane=f"fill {id(session)}", title="Filling"
    )
