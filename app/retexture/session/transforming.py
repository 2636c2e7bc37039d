"""Moving and transforming layers: one undo step each, taken back by Esc.

All raise ValueError, in words for the user, where something cannot be moved or transformed.
"""

import math
from collections.abc import Callable
from functools import partial

import msgspec
import numpy as np

from retexture.document.document import Document, Source, find, walk
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import AdjustmentLayer, AnyLayer, FillLayer, GroupLayer, PaintLayer, PixelLayer
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.document.transform import IDENTITY, LIMIT_PX, Placement, Transform
from retexture.document.tree import everything, filters_of, known, placement
from retexture.session import transform_box
from retexture.session.layer_edits import is_locked, refuse_hidden, unlocked
from retexture.session.linked_masks import carried, carry, shifted, whole_shift, with_layers, with_planes
from retexture.session.session import Gesture, Session

Finish = Callable[[Gesture], None]
"""Ends a gesture: commits it, at once or when its masks are worked out."""


def along(document: Document, key: str) -> frozenset[str]:
    """Return the keys of what moves as one: a layer, its members, and hidden layers that only these read."""
    taken = {layer.key for layer in walk((known(document, key),))}
    while True:
        found = set()
        for hidden in document.hidden:
            names = {layer.key for layer in walk((hidden,))}
            readers = {
                layer.key
                for layer in everything(document)
                if any(f.filter.reads in names for f in filters_of(layer))
            }
            if readers - names and readers <= taken | names:
                found |= names
        if found <= taken:
            return frozenset(taken)
        taken |= found


def moved(document: Document, key: str, dx: int, dy: int) -> Document:
    """Return a document with a layer, or all in a group, moved by whole pixels, with the masks that are linked.

    Paint and masks that leave the canvas are gone. They are worked out later.
    """
    keys = along(document, key)

    def change(layer: AnyLayer) -> AnyLayer:
        if layer.key not in keys or (dx, dy) == (0, 0):
            return layer
        new = carried(layer, partial(_shifted, dx, dy))
        if isinstance(new, PixelLayer):
            x, y = (min(max(v, -LIMIT_PX), LIMIT_PX) for v in (new.x_px + dx, new.y_px + dy))
            return msgspec.structs.replace(new, x_px=x, y_px=y)
        if isinstance(new, PaintLayer):
            return msgspec.structs.replace(new, tiles=shifted(new.tiles, dx, dy))
        return new

    return with_layers(document, change)


def _shifted(dx: int, dy: int, tiles: Tiles) -> Tiles:
    here = Placement(IDENTITY, 1, 1)
    return carry(tiles, here, here._replace(x_px=dx, y_px=dy))


def _with_mask(document: Document, key: str, change_tiles: Callable[[Tiles], Tiles]) -> Document:
    """Return a document with a layer's mask alone moved."""

    def change(layer: AnyLayer) -> AnyLayer:
        if layer.key != key or layer.mask is None:
            return layer
        return msgspec.structs.replace(layer, mask=with_planes(layer.mask, change_tiles))

    return with_layers(document, change)


def set_place(document: Document, path: str, value: object) -> Document:
    """Return a document with another value of ``x_px``, ``y_px`` or ``transform``; what moves as one goes along.

    Raises:
        ValueError: as of `set_parameter`.
    """
    after = set_parameter(document, path, value)
    key = path.partition(".")[0]
    old, new = find(document, key), find(after, key)
    if not isinstance(old, PixelLayer) or not isinstance(new, PixelLayer):
        return after
    return _transformed(after, key, placement(document, old), placement(after, new))


def _transformed(document: Document, key: str, before: Placement, after: Placement) -> Document:
    """Return a document with all that moves with a layer changed as from one placement to another.

    The layer itself already lies where it is to be, if it has a place of its own.
    """
    keys = along(document, key)

    def change(layer: AnyLayer) -> AnyLayer:
        if layer.key not in keys or before == after:
            return layer
        new = carried(layer, lambda tiles: carry(tiles, before, after))
        if isinstance(new, PixelLayer) and new.key != key:
            transform = transform_box.composed(placement(document, new), before, after)
            return msgspec.structs.replace(new, transform=transform)
        return new

    return with_layers(document, change)


def painted_bounds(tiles: Tiles) -> tuple[int, int, int, int] | None:
    """Return (x, y, width, height) of what is painted, by the last plane of its tiles; None where nothing is."""
    boxes = []
    for (column, row), tile in tiles.tiles.items():
        rows, columns = (np.flatnonzero(tile.array[-1].any(axis)) for axis in (1, 0))
        if len(rows):
            x, y = column * TILE, row * TILE
            boxes.append((x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1))
    if not boxes:
        return None
    edges = np.array(boxes)
    (left, top), (right, bottom) = edges[:, :2].min(0), edges[:, 2:].max(0)
    return int(left), int(top), int(right - left), int(bottom - top)


def unique_source_key(document: Document, base: str) -> str:
    """Return a key that no source of the document has."""
    taken = {source.key for source in document.sources}
    key, n = base, 2
    while key in taken:
        key, n = f"{base}_{n}", n + 1
    return key


def as_picture(document: Document, key: str) -> Document:
    """Return a document whose paint layer is a pixel layer of the same pixels: it can be scaled and turned.

    Raises:
        ValueError: nothing is painted on it.
    """
    layer = find(document, key)
    assert isinstance(layer, PaintLayer)
    bounds = painted_bounds(layer.tiles)
    if bounds is None:
        raise ValueError(f"{layer.name} is empty: there is nothing to transform")
    planes = layer.tiles.read(*bounds)
    colour = planes[:1] if document.mode == "grey" else planes[:3]
    source = Source(
        key=unique_source_key(document, f"{key}_paint"),
        name=layer.name,
        colour=Pixels(np.ascontiguousarray(colour)),
        alpha=Pixels(np.ascontiguousarray(planes[3])),
    )
    shared = {name: getattr(layer, name) for name in layer.__struct_fields__ if name != "tiles"}
    picture = PixelLayer(**shared, source=source.key, x_px=bounds[0], y_px=bounds[1])
    with_source = msgspec.structs.replace(document, sources=(*document.sources, source))
    return replace_layer(with_source, key, picture)


def as_pictures(document: Document, key: str) -> tuple[Document, tuple[str, ...]]:
    """Return a document with all paint of a layer and its members as pictures, and the keys of these layers."""
    paint = [each for each in walk((find(document, key),)) if isinstance(each, PaintLayer)]
    keys = tuple(each.key for each in paint if painted_bounds(each.tiles) is not None)
    for each in keys:
        document = as_picture(document, each)
    return document, keys


def movable(session: Session) -> AnyLayer:
    """Return the active layer, which can be moved.

    Raises:
        ValueError: none is selected, it is locked or hidden, or it has no place.
    """
    layer = session.active_layer
    if layer is None:
        raise ValueError("Select a layer to move")
    for each in walk((layer,)):
        if is_locked(session.document, each.key):
            raise ValueError(f"{each.name} is locked: unlock it to move it")
    refuse_hidden(session.document, layer.key)
    if isinstance(layer, FillLayer | AdjustmentLayer):
        mask = layer.mask
        if mask is None or mask.painted is None or not (mask.linked or session.target == "mask"):
            raise ValueError(f"{layer.name} covers the whole picture: there is nothing to move")
    if isinstance(layer, GroupLayer) and not any(
        isinstance(each, PixelLayer | PaintLayer) for each in walk((layer,))
    ):
        raise ValueError(f"{layer.name} has no pixels to move")
    return layer


def moves_mask_alone(session: Session) -> bool:
    """Whether moving moves the active layer's mask: it is what brushes paint on, and not linked with the layer."""
    layer = session.active_layer
    mask = None if layer is None else layer.mask
    return session.target == "mask" and mask is not None and not mask.linked


def note_on_selection(session: Session) -> str | None:
    """Return what the user should know while something is selected: the active layer moves as a whole."""
    layer = session.active_layer
    if layer is None or session.document.selection is None or moves_mask_alone(session):
        return None
    return f"All of {layer.name} moves, not what is selected: Ctrl+J puts that into a layer of its own first"


def nudge(
    session: Session, dx: int, dy: int, finish: Finish = Gesture.commit, before: "Move | None" = None
) -> "Move":
    """Move the active layer by whole pixels, as one undo step: the same as the one before while that is not ended."""
    move = before if before is not None and before.goes_on(session) else Move(session)
    move.by = (move.by[0] + dx, move.by[1] + dy)
    move.commit(finish)
    return move


def set_mask_linked(session: Session, key: str, linked: bool) -> None:
    """Let a layer's mask move and be transformed with it, or stay where it is."""
    layer = unlocked(session.document, key)
    if layer.mask is None:
        raise ValueError(f"{layer.name} has no mask")
    session.set(f"{key}.mask.linked", linked, f"{'Link' if linked else 'Unlink'} Layer Mask")


class Move:
    """The active layer under the hand, or its mask if that is the target and not linked: moved by whole pixels."""

    def __init__(self, session: Session) -> None:
        """Begin; ValueErrors are for the user."""
        session.finish_gesture()
        layer = movable(session)
        self._key = layer.key
        self._mask_alone = moves_mask_alone(session)
        self._start = session.document
        self._shown: Document | None = None
        self.by = (0, 0)
        """How far it is from where it was."""
        what = f"{layer.name} Mask" if self._mask_alone else layer.name
        self.gesture: Gesture = session.begin(f"Move {what}")

    def show(self, dx: int, dy: int) -> None:
        """Show the layer moved by so much from where it was."""
        if self._shown is None:
            # Paint is shown as a picture meanwhile: its tiles are cut anew only at the end.
            self._shown = self._start if self._mask_alone else as_pictures(self._start, self._key)[0]
        if (dx, dy) != self.by:
            self.by = (dx, dy)
            self.gesture.update(self._made(self._shown))

    def _made(self, document: Document) -> Document:
        if self._mask_alone:
            return _with_mask(document, self._key, partial(_shifted, *self.by))
        return moved(document, self._key, *self.by)

    def goes_on(self, session: Session) -> bool:
        """Whether it is still under way, and what a session would move now."""
        same = (session.active, moves_mask_alone(session)) == (self._key, self._mask_alone)
        return same and self.gesture.live and self.gesture.session is session

    def commit(self, finish: Finish = Gesture.commit) -> None:
        """Leave it there."""
        if not self.gesture.live:
            return
        if self.by == (0, 0):
            self.gesture.update(self._start)
        elif self._shown is not self._start:
            self.gesture.update(self._made(self._start))
        finish(self.gesture)

    def cancel(self) -> None:
        """Put it back."""
        self.gesture.cancel()


class FreeTransform:
    """The active layer in the transform box, as one gesture of the session.

    A group's box lies around its members, and all of them change with it. Paint layers are shown as pictures, and stay
    such unless they were only moved by whole pixels. Linked masks go along; one that is not linked is transformed
    alone if it is the target.
    """

    def __init__(
        self, session: Session, label: str = "Free Transform", placed: tuple[Document, str] | None = None
    ) -> None:
        """Begin; ValueErrors are for the user.

        Args:
            session: of the layer.
            label: what undo would take back.
            placed: a document with a new layer, and its key: its placing is the gesture, and Esc takes it away.
        """
        session.finish_gesture()
        self.gesture: Gesture
        self._session, self._before = session, session.active
        if placed is None:
            layer = movable(session)
        else:
            self.gesture = session.begin(label)
            self.gesture.update(placed[0])
            session.select(placed[1])
            layer = find(*placed)
        self.key, self.name = layer.key, layer.name
        self._mask_alone = placed is None and moves_mask_alone(session)
        self._start = self._base = session.document
        self._paint: tuple[str, ...] = ()
        if not self._mask_alone:
            self._base, self._paint = as_pictures(self._start, layer.key)
        picture = find(self._base, layer.key)
        if isinstance(picture, PixelLayer) and not self._mask_alone:
            self._picture: PixelLayer | None = picture
            self.start = self.place = placement(self._base, picture)
        else:
            self._picture = None
            self.start = self.place = _box(self._base, picture, self._mask_alone)
        if placed is None:
            self.gesture = session.begin(label)

    @property
    def live(self) -> bool:
        """Whether it is still under way: another edit, undo and another document in front end it."""
        return self.gesture.live

    @property
    def changed(self) -> bool:
        """Whether it is anywhere else than at the start."""
        return self.place != self.start

    @property
    def can_warp(self) -> bool:
        """Whether it has a mesh: of groups and masks there is none."""
        return self._picture is not None

    def set(self, transform: Transform) -> None:
        """Show another transform, inside its limits; one that cannot be, with corners that cross, is passed over."""
        place = self.place._replace(transform=transform)
        place = place._replace(transform=transform_box.limited(place))
        if place == self.place or (transform.warp is not None and not self.can_warp):
            return
        if place == self.start:
            self.place = place
            self.gesture.update(self._start)
            return
        try:
            made = self._made(place)
        except ValueError:
            return
        self.place = place
        self.gesture.update(made)

    def _made(self, place: Placement) -> Document:
        place.matrix  # noqa: B018 - it refuses corners that cross
        if self._mask_alone:
            return _with_mask(self._base, self.key, lambda tiles: carry(tiles, self.start, place))
        document = self._base
        if self._picture is not None:
            new = msgspec.structs.replace(self._picture, transform=place.transform)
            document = replace_layer(document, self.key, new)
        return _transformed(document, self.key, self.start, place)

    def commit(self, finish: Finish = Gesture.commit) -> str | None:
        """Leave it so. Return what the user should know."""
        if not self.gesture.live:
            return None
        told = None
        if self.changed:
            by = whole_shift(self.start, self.place)
            if self._paint and by is not None:
                self.gesture.update(moved(self._start, self.key, *by))
            else:
                told = self._told()
        finish(self.gesture)
        return told

    def _told(self) -> str | None:
        if not self._paint:
            return None
        if len(self._paint) == 1:
            name = find(self._base, self._paint[0]).name
            return f"{name} is a picture now: it can be transformed again, and painted on in a new layer"
        return (
            f"{len(self._paint)} paint layers of {self.name} are pictures now: they can be transformed again, "
            "and painted on in new layers"
        )

    def cancel(self) -> None:
        """Put it back; what was placed goes."""
        if self.gesture.live:
            self.gesture.cancel()
            if self._session.active != self._before:
                self._session.select(self._before)


def _box(document: Document, layer: AnyLayer, mask_alone: bool) -> Placement:
    """Return the box around what a layer's members show, or around a mask, in whole pixels.

    Raises:
        ValueError: nothing is there.
    """
    boxes = []
    if not mask_alone:
        pictures = [each for each in walk((layer,)) if isinstance(each, PixelLayer)]
        boxes = [placement(document, each).bounds() for each in pictures]
    if not boxes and layer.mask is not None and layer.mask.painted is not None:
        tiles = layer.mask.painted.tiles
        found = (0, 0, tiles.width_px, tiles.height_px) if tiles.background[0] else painted_bounds(tiles)
        if found is not None:
            x, y, width, height = found
            boxes = [(x, y, x + width, y + height)]
    if not boxes:
        raise ValueError(f"{layer.name} is empty: there is nothing to transform")
    edges = np.array(boxes, np.float64)
    left, top = (math.floor(v) for v in edges[:, :2].min(0))
    right, bottom = (math.ceil(v) for v in edges[:, 2:].max(0))
    return Placement(IDENTITY, max(right - left, 1), max(bottom - top, 1), left, top)
