"""Where brushes paint: the painted mask or the paint layer that is selected."""

import msgspec

from retexture.document.document import Document, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PaintLayer
from retexture.document.pixels import Tiles
from retexture.session.layer_edits import is_locked
from retexture.session.session import Session


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


def painted(document: Document, key: str, mask: bool, tiles: Tiles) -> Document:
    """Return a document with the tiles of a layer's painted mask, or of a paint layer, replaced."""
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
