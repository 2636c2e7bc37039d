"""What is done to a document's selection as one undo step, and masks made of it.

All raise ValueError, in words for the user, where something cannot be done.
"""

import msgspec

from retexture.document.document import Document
from retexture.document.edits import replace_layer
from retexture.document.layers import AnyLayer, LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.document.tree import known
from retexture.session import selections
from retexture.session.colour_selection import as_mask
from retexture.session.filter_edits import set_filter_mask
from retexture.session.layer_edits import is_locked
from retexture.session.session import Session
from retexture.session.target import FilterMask


def select(session: Session, label: str, selection: Tiles | None) -> None:
    """Select something, or nothing."""
    session.edit(label, lambda document: msgspec.structs.replace(document, selection=selection))


def select_all(session: Session) -> None:
    """Select the whole canvas."""
    document = session.document
    select(session, "Select All", selections.everything((document.width_px, document.height_px)))


def last_selection(session: Session) -> Tiles | None:
    """Return what was selected last, as far as the history remembers; None while something is selected."""
    if session.document.selection is not None:
        return None
    history = session.history
    before = reversed(history.versions[: history.index])
    return next((v.document.selection for v in before if v.document.selection is not None), None)


def end_quick_mask(session: Session) -> str | None:
    """Let brushes paint the layer again. Return what the user should know: where nothing is left, it is deselected."""
    session.set_quick_mask(False)
    selection = session.document.selection
    if selection is None or not selections.is_empty(selection):
        return None
    select(session, "Deselect", None)
    return "Nothing is selected: the Quick Mask was red everywhere"


def add_mask(session: Session, key: str, *, hide: bool = False) -> None:
    """Add a layer mask that shows what is selected, or (`hide`) the rest, and deselect. It becomes the target."""
    layer, selection = _maskable(session, key)
    mask = layer.mask or LayerMask()
    if mask.painted is not None:
        raise ValueError(f"{layer.name} has a painted mask already")
    tiles = as_mask(selections.inverted(selection) if hide else selection, session.document)
    mask = msgspec.structs.replace(mask, painted=RasterMask(tiles=tiles), enabled=True)
    new = msgspec.structs.replace(layer, mask=mask)

    def change(document: Document) -> Document:
        return msgspec.structs.replace(replace_layer(document, key, new), selection=None)

    session.edit("Add Layer Mask", change)
    session.select(key, "mask")


def add_filter_mask(session: Session, key: str, filter_key: str) -> None:
    """Let a smart filter work where something is selected, without a selection everywhere. Its mask is the target."""
    tiles = as_mask(session.document.selection, session.document)
    set_filter_mask(session, key, filter_key, RasterMask(tiles=tiles))
    session.select(key, FilterMask(filter_key))


def save_mask(session: Session, key: str) -> None:
    """Make what is selected a layer's painted mask, in place of the one that it has. It stays selected."""
    layer, selection = _maskable(session, key)
    mask = layer.mask or LayerMask()
    tiles = as_mask(selection, session.document)
    if mask.painted is None:
        painted = RasterMask(tiles=tiles)
    else:
        # What is saved shows as it was selected.
        plain = {"inverted": False, "density": 1.0, "feather_px": 0.0, "enabled": True}
        painted = msgspec.structs.replace(mask.painted, tiles=tiles, **plain)
    new = msgspec.structs.replace(layer, mask=msgspec.structs.replace(mask, painted=painted))
    session.edit("Save Selection as Layer Mask", lambda document: replace_layer(document, key, new))


def _maskable(session: Session, key: str) -> tuple[AnyLayer, Tiles]:
    layer, selection = known(session.document, key), session.document.selection
    if selection is None:
        raise ValueError("Select something first: the mask is made of it")
    if is_locked(session.document, key):
        raise ValueError(f"{layer.name} is locked: unlock it to change its mask")
    return layer, selection
