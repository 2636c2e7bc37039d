"""Texture by hand: plates, and a graft from the patch that is selected."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from retexture.declare import parameters
from retexture.document.document import Document
from retexture.gui import theme
from retexture.gui.buttons import ok_and_cancel
from retexture.gui.commands import Command, has_document
from retexture.gui.commands_select import has_selection
from retexture.gui.number_field import NumberField
from retexture.gui.plate_dialog import PlateDialog
from retexture.recipes.texture_graft import GraftOptions
from retexture.session.grafting import grafted
from retexture.session.jobs import Job
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

FIELDS = ("radius_px", "seed")

Made = tuple[Document, str, str]


class GraftDialog(QDialog):
    """Asks what of the patch is texture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("graft_dialog")
        self.setWindowTitle("Texture from Selection")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        defaults = GraftOptions()
        self.fields: dict[str, NumberField] = {}
        for parameter in parameters(GraftOptions):
            if parameter.name in FIELDS:
                field = NumberField(parameter)
                field.setObjectName(f"graft_{parameter.name}")
                field.set_value(getattr(defaults, parameter.name))
                field.setMinimumWidth(320)
                self.fields[parameter.name] = field
                column.addWidget(field)
        column.addWidget(ok_and_cancel(self, "graft", "Make the texture (Enter)"))


def texture_from_selection(window: "MainWindow") -> None:
    """Ask what is texture, and cover the picture with that of the patch that is selected."""
    session = window.session
    assert session is not None
    if session.active is None:
        raise ValueError("Select the layer that the texture is to lie on")
    dialog = GraftDialog(window)
    dialog.accepted.connect(
        lambda: graft(
            window, session, dialog.fields["radius_px"].value(), round(dialog.fields["seed"].value())
        )
    )
    dialog.open()


def graft(window: "MainWindow", session: Session, radius_px: float, seed: int) -> None:
    """Add the texture of the patch that is selected as a layer under a black mask, as one undo step."""
    session.finish_gesture()
    workspace, document, key = window.workspace, session.document, session.active

    def work(job: Job[Made | ValueError]) -> Made | ValueError:
        try:
            assert key is not None
            return grafted(document, key, radius_px, seed, cache=workspace.passing, cancelled=job.cancelled)
        except ValueError as error:
            return error

    def take(made: Made | ValueError) -> None:
        if session not in workspace.sessions:
            return
        if isinstance(made, ValueError):
            workspace.tell_problem(made)
        elif session.document is not document:
            workspace.message.emit("The document was edited meanwhile: make the texture again")
        else:
            after, layer, name = made
            session.edit("Texture from Selection", lambda _: after, select=layer)
            session.select(layer, "mask")
            workspace.message.emit(f"Texture from {name}: paint white on the mask where it is to show")

    workspace.jobs.submit(
        work,
        lambda made: session.soon(lambda: take(made)),
        lane=f"graft {id(session)}",
        title="Making texture from the selection",
    )


def _place_plate(window: "MainWindow") -> None:
    assert window.session is not None
    PlateDialog(window, window.session).open()


FILE_COMMANDS = (
    Command(
        "place_plate",
        "Place Plate…",
        "File",
        _place_plate,
        "Add a texture plate of a folder as a layer, its pores as large as the face needs",
        (),
        has_document,
    ),
)

LAYER_COMMANDS = (
    Command(
        "texture_from_selection",
        "Texture from Selection…",
        "Layer",
        texture_from_selection,
        "Covers the picture with the texture of the patch that is selected, under a black mask",
        (),
        has_selection,
    ),
)
