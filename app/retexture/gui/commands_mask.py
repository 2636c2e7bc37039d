"""More commands of Layer > Layer Mask: link, refine, copy, combine."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from retexture.gui.commands import Command, has_layer, has_mask
from retexture.gui.mask_dialogs import CombineDialog, CopyMaskDialog, MaskDialog, RefineDialog
from retexture.session import mask_edits
from retexture.session.layer_edits import unlocked
from retexture.session.transforming import set_mask_linked

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def _open(kind: "type[RefineDialog | CopyMaskDialog | CombineDialog]") -> "Callable[[MainWindow], None]":
    def run(window: "MainWindow") -> None:
        session = window.workspace.session
        assert session is not None
        assert session.active is not None
        # Where it is locked, that is said before anything is asked.
        if kind is not CopyMaskDialog:
            unlocked(session.document, session.active)
        dialog: MaskDialog = kind(window, session, session.active)
        dialog.open()

    return run


def _can_copy(window: "MainWindow") -> bool:
    session = window.workspace.session
    layer = None if session is None else session.active_layer
    return layer is not None and layer.mask is not None


def _can_combine(window: "MainWindow") -> bool:
    session = window.workspace.session
    if session is None or not has_layer(window):
        return False
    return any(layer.key != session.active for layer in mask_edits.masked_layers(session.document))


def _linked(window: "MainWindow") -> bool:
    session = window.workspace.session
    layer = None if session is None else session.active_layer
    return layer is not None and layer.mask is not None and layer.mask.linked


def _toggle_link(window: "MainWindow") -> None:
    session = window.workspace.session
    assert session is not None
    assert session.active is not None
    set_mask_linked(session, session.active, not _linked(window))


# fmt: off
COMMANDS = (
    Command(
        "mask_link", "Link with Layer", "Layer > Layer Mask", _toggle_link,
        "Moves and transforms the mask with the layer", (), _can_copy, _linked, separator=True,
    ),
    Command(
        "mask_refine", "Refine…", "Layer > Layer Mask", _open(RefineDialog),
        "Fit the mask to the edges of the picture beneath", (), has_mask,
    ),
    Command(
        "mask_copy", "Copy to Layer…", "Layer > Layer Mask", _open(CopyMaskDialog),
        "Give another layer the same mask: Alt-drag it in the Layers panel", (), _can_copy,
    ),
    Command(
        "mask_combine", "Combine with Mask…", "Layer > Layer Mask", _open(CombineDialog),
        "Multiply, add, subtract or intersect the mask with that of another layer", (), _can_combine,
    ),
)
# fmt: on
