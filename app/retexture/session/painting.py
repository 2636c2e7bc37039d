"""Where brushes paint: the painted mask or the paint layer that is active, or in Quick Mask what is selected."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from retexture.document.document import Document, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PaintLayer
from retexture.document.pixels import Tiles
from retexture.session import masks, selections
from retexture.session.layer_edits import is_locked
from retexture.session.session import Session


class Surface(NamedTuple):
    """What brushes paint on."""

    key: str | None
    """Of the layer; None is the selection itself."""
    mask: bool
    """One plane of white and black; else colours."""
    tiles: Tiles
    selection: Tiles | None
    """What lets paint through; None is everything."""


def paint_surface(session: Session) -> Surface:
    """Return what brushes, gradients and fills paint on.

    Raises:
        ValueError: nothing that can be painted on is there; in words for the user.
    """
    document = session.document
    selection = document.selection
    if session.quick_mask:
        tiles = selection or selections.everything((document.width_px, document.height_px))
        return Surface(None, True, tiles, None)
    tiles, mask = paint_target(session)
    return Surface(session.active, mask, tiles, selected(document))


def selected(document: Document) -> Tiles | None:
    """Return what is selected of the picture, which lets paint through; None is everything.

    Raises:
        ValueError: it is empty; in words for the user.
    """
    selection = document.selection
    if selection is not None and selections.is_empty(selection):
        raise ValueError("What is selected is empty, so nothing can be painted: deselect with Ctrl+D")
    return selection


def paint_target(session: Session) -> tuple[Tiles, bool]:
    """Return the tiles that brushes paint on, and whether they are a mask.

    Raises:
        ValueError: nothing that can be painted on is selected; in words for the user.
    """
    layer = session.active_layer
    if layer is None:
        raise ValueError("Select a layer to paint on")
    if is_locked(session.document, layer.key):
        raise ValueError(f"{layer.name} is locked: unlock it to paint on it")
    if session.target == "mask" and layer.mask is not None and layer.mask.painted is not None:
        return layer.mask.painted.tiles, True
    if isinstance(layer, PaintLayer):
        return layer.tiles, False
    if layer.mask is not None and layer.mask.painted is not None:
        raise ValueError(f"Click the mask of {layer.name} to paint on it: the layer itself shows a picture")
    raise ValueError(f"{layer.name} has no mask to paint on: add one, or paint on a new layer")


def edit_mask(session: Session, label: str, change: Callable[[Tiles], Tiles]) -> None:
    """Change the painted mask of the selected layer, or in Quick Mask what is selected, as one undo step.

    Raises:
        ValueError: it has none, or is locked.
    """
    target = session.target
    if session.quick_mask:
        surface = paint_surface(session)
    else:
        surface = _mask_surface(session)
    tiles = masks.within(surface.tiles, change(surface.tiles), surface.selection)
    session.edit(label, lambda document: painted(document, surface.key, True, tiles))
    session.select(session.active, target)


def _mask_surface(session: Session) -> Surface:
    layer = session.active_layer
    if layer is None or layer.mask is None or layer.mask.painted is None:
        raise ValueError("Select a layer with a mask")
    if is_locked(session.document, layer.key):
        raise ValueError(f"{layer.name} is locked: unlock it to change its mask")
    return Surface(layer.key, True, layer.mask.painted.tiles, selected(session.document))


def fill_mask(session: Session, white: bool) -> None:
    """Fill the selected layer's mask with white or black."""
    edit_mask(session, f"Fill {'white' if white else 'black'}", lambda tiles: masks.fill(tiles, float(white)))


def painted(document: Document, key: str | None, mask: bool, tiles: Tiles) -> Document:
    """Return a document with other tiles of a layer's painted mask, of a paint layer, or (no key) of the selection."""
    if key is None:
        return msgspec.structs.replace(document, selection=tiles)
    layer = find(document, key)
    if mask:
        assert layer.mask is not None
        assert layer.mask.painted is not None
        plane = msgspec.structs.replace(layer.mask.painted, tiles=tiles)
        new = msgspec.structs.replace(layer, mask=msgspec.structs.replace(layer.mask, painted=plane))
    else:
        assert isinstance(layer, PaintLayer)
        new = msgspec.structs.replace(layer, tiles=tiles)
    return replace_layer(document, key, new)
