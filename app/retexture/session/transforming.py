"""Moving and transforming layers: one undo step each, taken back by Esc.

All raise ValueError, in words for the user, where something cannot be moved or transformed.
"""

import msgspec
import numpy as np

from retexture.document.document import Document, Source, find, walk
from retexture.document.edits import replace_layer
from retexture.document.layers import AdjustmentLayer, AnyLayer, FillLayer, GroupLayer, PaintLayer, PixelLayer
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.document.transform import LIMIT_PX, Placement, Transform
from retexture.document.tree import known, placement
from retexture.session import transform_box
from retexture.session.layer_edits import is_locked
from retexture.session.session import Gesture, Session


def moved(document: Document, key: str, dx: int, dy: int) -> Document:
    """Return a document with a layer, or all in a group, moved by whole pixels. Masks stay where they are.

    Paint that leaves the canvas is gone.
    """
    for layer in walk((known(document, key),)):
        if isinstance(layer, PixelLayer):
            x, y = (min(max(v, -LIMIT_PX), LIMIT_PX) for v in (layer.x_px + dx, layer.y_px + dy))
            document = replace_layer(document, layer.key, msgspec.structs.replace(layer, x_px=x, y_px=y))
        elif isinstance(layer, PaintLayer):
            tiles = shifted_tiles(layer.tiles, dx, dy)
            document = replace_layer(document, layer.key, msgspec.structs.replace(layer, tiles=tiles))
    return document


def shifted_tiles(tiles: Tiles, dx: int, dy: int, size: tuple[int, int] | None = None) -> Tiles:
    """Return tiles moved by whole pixels, on a canvas of a size (by default their own); what leaves it is gone."""
    width, height = size or (tiles.width_px, tiles.height_px)
    if (dx, dy) == (0, 0) and (width, height) == (tiles.width_px, tiles.height_px):
        return tiles
    met = {
        (x // TILE, y // TILE)
        for column, row in tiles.tiles
        for x in (column * TILE + dx, column * TILE + dx + TILE - 1)
        for y in (row * TILE + dy, row * TILE + dy + TILE - 1)
        if 0 <= x < width + TILE and 0 <= y < height + TILE
    }
    empty = np.array(tiles.background, tiles.dtype)[:, None, None]
    found: dict[tuple[int, int], Pixels] = {}
    for column, row in met:
        wide, tall = min(TILE, width - column * TILE), min(TILE, height - row * TILE)
        if wide > 0 and tall > 0:
            tile = tiles.read(column * TILE - dx, row * TILE - dy, wide, tall)
            if (tile != empty).any():
                found[column, row] = Pixels(tile)
    return Tiles(width, height, background=tiles.background, dtype=tiles.dtype, tiles=found)


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


def movable(session: Session) -> AnyLayer:
    """Return the active layer, which can be moved.

    Raises:
        ValueError: none is selected, it is locked, or it has no place.
    """
    layer = session.active_layer
    if layer is None:
        raise ValueError("Select a layer to move")
    for each in walk((layer,)):
        if is_locked(session.document, each.key):
            raise ValueError(f"{each.name} is locked: unlock it to move it")
    if isinstance(layer, FillLayer | AdjustmentLayer):
        raise ValueError(f"{layer.name} covers the whole picture: there is nothing to move")
    if isinstance(layer, GroupLayer) and not any(
        isinstance(each, PixelLayer | PaintLayer) for each in walk((layer,))
    ):
        raise ValueError(f"{layer.name} has no pixels to move")
    return layer


def nudge(session: Session, dx: int, dy: int) -> None:
    """Move the active layer by whole pixels, as one undo step."""
    layer = movable(session)
    session.edit(f"Move {layer.name}", lambda document: moved(document, layer.key, dx, dy))


class Move:
    """The active layer under the hand: moved by whole pixels."""

    def __init__(self, session: Session) -> None:
        """Begin; ValueErrors are for the user."""
        layer = movable(session)
        self._key = layer.key
        start = session.document
        # Paint is shown as a picture meanwhile: its tiles are cut anew only at the end.
        painted = isinstance(layer, PaintLayer) and painted_bounds(layer.tiles) is not None
        self._shown = as_picture(start, layer.key) if painted else start
        self._by = (0, 0)
        self.gesture: Gesture = session.begin(f"Move {layer.name}")

    def show(self, dx: int, dy: int) -> None:
        """Show the layer moved by so much from where it was."""
        if (dx, dy) != self._by:
            self._by = (dx, dy)
            self.gesture.update(moved(self._shown, self._key, dx, dy))

    def commit(self) -> None:
        """Leave it there."""
        if not self.gesture.live:
            return
        self.gesture.update(moved(self.gesture.start, self._key, *self._by))
        self.gesture.commit()

    def cancel(self) -> None:
        """Put it back."""
        self.gesture.cancel()


class FreeTransform:
    """The active layer in the transform box, as one gesture of the session.

    A paint layer is shown as a picture, and stays one unless it was only moved by whole pixels.
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
        self.gesture: Gesture
        self._session, self._before = session, session.active
        if placed is None:
            layer = movable(session)
        else:
            self.gesture = session.begin(label)
            self.gesture.update(placed[0])
            session.select(placed[1])
            layer = find(*placed)
        if isinstance(layer, GroupLayer):
            raise ValueError(f"{layer.name} is a group: transform its layers one by one, or move it with V")
        self.key, self.name = layer.key, layer.name
        self.was_paint = isinstance(layer, PaintLayer)
        self._start = session.document
        self._base = as_picture(self._start, layer.key) if self.was_paint else self._start
        picture = find(self._base, layer.key)
        assert isinstance(picture, PixelLayer)
        self._layer = picture
        self.start = self.place = placement(self._base, picture)
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

    def set(self, transform: Transform) -> None:
        """Show another transform, inside its limits; one whose corners cross is passed over."""
        place = self.place._replace(transform=transform)
        place = place._replace(transform=transform_box.limited(place))
        if place == self.place:
            return
        try:
            place.matrix  # noqa: B018 - it refuses corners that cross
        except ValueError:
            return
        self.place = place
        if place == self.start:
            self.gesture.update(self._start)
            return
        new = msgspec.structs.replace(self._layer, transform=place.transform)
        self.gesture.update(replace_layer(self._base, self.key, new))

    def commit(self) -> str | None:
        """Leave it so. Return what the user should know."""
        if not self.gesture.live:
            return None
        told = None
        if self.was_paint and self.changed:
            by = _whole_shift(self.start, self.place)
            if by is not None:
                self.gesture.update(moved(self._start, self.key, *by))
            else:
                told = f"{self.name} is a picture now: it can be transformed again, and painted on in a new layer"
        self.gesture.commit()
        return told

    def cancel(self) -> None:
        """Put it back; what was placed goes."""
        if self.gesture.live:
            self.gesture.cancel()
            if self._session.active != self._before:
                self._session.select(self._before)


def _whole_shift(before: Placement, after: Placement) -> tuple[int, int] | None:
    """Return by how many whole pixels something was moved; None where more was done to it."""
    a, b = before.transform, after.transform
    dx, dy = b.x_px - a.x_px, b.y_px - a.y_px
    if msgspec.structs.replace(b, x_px=a.x_px, y_px=a.y_px) != a or dx % 1 or dy % 1:
        return None
    return int(dx), int(dy)
