"""Where retouching goes.

What is painted on a picture or fill layer goes to a paint layer clipped to it, named after it with "retouch": the
layer itself stays as it is. On a paint layer it goes to that.
"""

from typing import NamedTuple

from retexture.document.check import DTYPES
from retexture.document.document import Document, find, walk
from retexture.document.edits import insert_layer, unique_key
from retexture.document.layers import AnyLayer, FillLayer, GroupLayer, PaintLayer, PixelLayer
from retexture.document.pixels import Tiles
from retexture.session import selections
from retexture.session.layer_edits import is_locked, refuse_hidden, siblings
from retexture.session.session import Session


class Target(NamedTuple):
    """Where retouching goes: the paint layer's key, in a document that has it; the layer that is retouched."""

    document: Document
    key: str
    layer: str

    @property
    def tiles(self) -> Tiles:
        """What is painted on."""
        layer = find(self.document, self.key)
        assert isinstance(layer, PaintLayer)
        return layer.tiles


def retouch_target(session: Session) -> Target:
    """Return where retouching the selected layer goes, or the only picture in a group that is selected.

    A new layer for it is in the target's document alone.

    Raises:
        ValueError: it cannot be retouched; in words for the user.
    """
    document, layer = session.document, session.active_layer
    if layer is None:
        raise ValueError("Select a layer to retouch")
    if session.quick_mask:
        raise ValueError("Leave Quick Mask (Q) to retouch the picture")
    if isinstance(layer, GroupLayer):
        layer = _picture_in(layer)
    elif session.target != "layer":
        raise ValueError(f"The mask of {layer.name} is selected: click the layer's picture to retouch it")
    if is_locked(document, layer.key):
        raise ValueError(f"{layer.name} is locked: unlock it to retouch it")
    refuse_hidden(document, layer.key)
    if document.selection is not None and selections.is_empty(document.selection):
        raise ValueError("What is selected is empty, so nothing can be retouched: deselect with Ctrl+D")
    if isinstance(layer, PaintLayer):
        base = retouched_by(document, layer.key)
        return Target(document, layer.key, layer.key if base is None else base.key)
    if not isinstance(layer, PixelLayer | FillLayer):
        raise ValueError(
            f"{layer.name} has no texture of its own: select a layer that has, or retouch on a new layer"
        )
    if layer.clipped or not layer.clips_as_group:
        raise ValueError(f"Nothing can be clipped to {layer.name} alone: retouch on a new layer above it")
    found = retouch_of(document, layer.key)
    if found is not None:
        if found.locked:
            raise ValueError(f"{found.name} is locked: unlock it to retouch {layer.name}")
        refuse_hidden(document, found.key)
        return Target(document, found.key, layer.key)
    name = f"{layer.name} retouch"
    new = PaintLayer(
        key=unique_key(document, f"{layer.key} retouch"),
        name=name,
        clipped=True,
        tiles=Tiles(
            document.width_px, document.height_px, background=(0, 0, 0, 0), dtype=DTYPES[document.depth]
        ),
    )
    return Target(insert_layer(document, new, above=layer.key), new.key, layer.key)


def _picture_in(group: GroupLayer) -> PixelLayer:
    """Return the only picture in a group.

    Raises:
        ValueError: there is none, or another one.
    """
    found = [layer for layer in walk(group.layers) if isinstance(layer, PixelLayer)]
    if len(found) != 1:
        raise ValueError(f"{group.name} is a group: select the layer in it that is to be retouched")
    return found[0]


def retouch_of(document: Document, key: str) -> PaintLayer | None:
    """Return the layer that holds the retouching of another one, directly above it; None where there is none."""
    beside = siblings(document, key)
    place = next(i for i, layer in enumerate(beside) if layer.key == key)
    above = beside[place + 1] if place + 1 < len(beside) else None
    if isinstance(above, PaintLayer) and above.clipped and above.key.startswith(f"{key}_retouch"):
        return above
    return None


def retouched_by(document: Document, key: str) -> AnyLayer | None:
    """Return the layer whose retouching a paint layer holds; None where it is one of its own."""
    beside = siblings(document, key)
    place = next(i for i, layer in enumerate(beside) if layer.key == key)
    base = beside[place - 1] if place else None
    own = base is not None and retouch_of(document, base.key)
    return base if own and own.key == key else None
