"""Where brushes paint: the painted mask or the paint layer that is active, or in Quick Mask what is selected."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.check import DTYPES
from retexture.document.document import Document, find
from retexture.document.edits import replace_layer
from retexture.document.layers import AnyLayer, FillLayer, PaintLayer, RasterMask
from retexture.document.pixels import TILE, Tiles
from retexture.document.settings import component_names
from retexture.recipes.auto import BLEMISHES, DONOR
from retexture.session import masks, selections
from retexture.session.layer_edits import is_locked, refuse_hidden
from retexture.session.session import Session
from retexture.session.target import Target, mask_at, with_mask_at

UNSEEN = (
    "Clean skin shows only where a blemish is kept out, so this stroke is not seen: take the Healing Brush (J), "
    "or show the circles (Ctrl+Shift+B) and add the blemish with the right button"
)


class Surface(NamedTuple):
    """What brushes paint on."""

    key: str | None
    """Of the layer; None is the selection itself."""
    target: Target
    """What of the layer."""
    tiles: Tiles
    selection: Tiles | None
    """What lets paint through; None is everything."""

    @property
    def mask(self) -> bool:
        """One plane of white and black; else colours."""
        return self.target != "layer"


def paint_surface(session: Session) -> Surface:
    """Return what brushes, gradients and fills paint on.

    Raises:
        ValueError: nothing that can be painted on is there; in words for the user.
    """
    document = session.document
    selection = document.selection
    if session.quick_mask:
        tiles = selection or selections.everything((document.width_px, document.height_px))
        return Surface(None, "mask", tiles, None)
    return Surface(session.active, *paint_target(session), selected(document))


def selected(document: Document) -> Tiles | None:
    """Return what is selected of the picture, which lets paint through; None is everything.

    Raises:
        ValueError: it is empty; in words for the user.
    """
    selection = document.selection
    if selection is not None and selections.is_empty(selection):
        raise ValueError("What is selected is empty, so nothing can be painted: deselect with Ctrl+D")
    return selection


def paint_target(session: Session) -> tuple[Target, Tiles]:
    """Return what of the selected layer brushes paint on, and its tiles.

    Raises:
        ValueError: nothing that can be painted on is selected; in words for the user.
    """
    layer = session.active_layer
    if layer is None:
        raise ValueError("Select a layer to paint on")
    if is_locked(session.document, layer.key):
        raise ValueError(f"{layer.name} is locked: unlock it to paint on it")
    refuse_hidden(session.document, layer.key)
    mask = session.active_mask
    if session.target != "layer" and mask is not None:
        return session.target, mask.tiles
    pixels = brush_pixels(session.document, layer)
    if pixels is not None:
        return "layer", pixels
    if mask is not None:
        raise ValueError(f"Click the mask of {layer.name} to paint on it: the layer itself shows a picture")
    raise ValueError(f"{layer.name} has no mask to paint on: add one, or paint on a new layer")


def grey(depth: int) -> tuple[float, ...]:
    """Return the opaque 50 % grey of a bit depth, as a paint layer's background: it moves no value in Soft Light."""
    return {8: (128, 128, 128, 255), 16: (32768, 32768, 32768, 65535)}.get(depth, (0.5, 0.5, 0.5, 1.0))


def brush_pixels(document: Document, layer: AnyLayer) -> Tiles | None:
    """Return a paint layer's pixels, or those of a layer that was filled with 50 % grey; None of others."""
    if isinstance(layer, PaintLayer):
        return layer.tiles
    # Under a filter the grey is grain.
    if isinstance(layer, FillLayer) and layer.colour is None and not layer.filters:
        size = (document.width_px, document.height_px)
        return Tiles(*size, background=grey(document.depth), dtype=DTYPES[document.depth])
    return None


def edit_mask(
    session: Session, label: str, change: Callable[[Tiles], Tiles], target: Target | None = None
) -> None:
    """Change a mask of the selected layer, or in Quick Mask what is selected, as one undo step.

    Args:
        session: of the layer.
        label: what undo would take back.
        change: from its tiles to others.
        target: which mask; None is the one that brushes paint on, the layer's own while they paint on the layer.

    Raises:
        ValueError: it has none, or is locked.
    """
    selected_target = session.target
    if session.quick_mask:
        surface = paint_surface(session)
    else:
        surface = _mask_surface(session, target or selected_target)
    tiles = masks.within(surface.tiles, change(surface.tiles), surface.selection)
    session.edit(label, lambda document: painted(document, surface.key, surface.target, tiles))
    session.select(session.active, selected_target)


def _mask_surface(session: Session, target: Target) -> Surface:
    layer = session.active_layer
    mask = mask_at(layer, target)
    if layer is None or mask is None:
        raise ValueError("Select a layer with a mask")
    if is_locked(session.document, layer.key):
        raise ValueError(f"{layer.name} is locked: unlock it to change its mask")
    which: Target = "mask" if target == "layer" else target
    return Surface(layer.key, which, mask.tiles, selected(session.document))


def fill_mask(session: Session, white: bool, target: Target | None = None) -> None:
    """Fill a mask of the selected layer with white or black; which one, as of `edit_mask`."""
    label = f"Fill {'white' if white else 'black'}"
    edit_mask(session, label, lambda tiles: masks.fill(tiles, float(white)), target)


def unseen_words(
    document: Document,
    key: str | None,
    target: Target,
    coverage: Mapping[tuple[int, int], NDArray[np.float32]],
) -> str | None:
    """Say what to do instead of a stroke on Clean skin that its mask hides; None where some of it shows, or elsewhere.

    Args:
        document: with the stroke.
        key, target: where it was painted.
        coverage: of `Stroke`.
    """
    mask = find(document, DONOR).mask if key == DONOR and target == "layer" else None
    names = () if mask is None else component_names(mask)
    if document.analysis is None or mask is None or BLEMISHES not in names:
        return None
    part = mask.components[names.index(BLEMISHES)]
    if not part.enabled or not isinstance(part, RasterMask):
        return None
    for (column, row), plane in coverage.items():
        height, width = plane.shape
        if part.tiles.read(column * TILE, row * TILE, width, height)[0][plane > 0].any():
            return None
    return UNSEEN


def painted(document: Document, key: str | None, target: Target, tiles: Tiles) -> Document:
    """Return a document with other tiles of a layer's mask, of a paint layer, or (no key) of the selection.

    A fill layer becomes a paint layer.
    """
    if key is None:
        return msgspec.structs.replace(document, selection=tiles)
    layer = find(document, key)
    if target == "layer":
        assert isinstance(layer, PaintLayer | FillLayer)
        shared = {name: getattr(layer, name) for name in FillLayer.__struct_fields__ if name != "colour"}
        return replace_layer(document, key, PaintLayer(**shared, tiles=tiles))
    mask = mask_at(layer, target)
    assert mask is not None
    return replace_layer(
        document, key, with_mask_at(layer, target, msgspec.structs.replace(mask, tiles=tiles))
    )
