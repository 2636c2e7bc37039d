"""What a view must redraw when one version of a document takes the place of another."""

import difflib
import functools
import math
from collections.abc import Iterator
from typing import Literal, NamedTuple, Self

import msgspec

from retexture.document.document import Document
from retexture.document.layers import AnyLayer, GroupLayer, LayerMask, PaintLayer, PixelLayer, RasterMask
from retexture.document.lazy_tiles import LazyTiles
from retexture.document.pixels import TILE, Tiles
from retexture.document.tree import MERGED, Layers, everything, filters_of, placement
from retexture.engine.gaussian import gaussian_reach

Aspect = Literal["name", "lock", "visibility", "blending", "mask", "pixels", "filters", "adjustment"]

ASPECTS: dict[str, Aspect] = {
    "name": "name",
    "locked": "lock",
    "visible": "visibility",
    "opacity": "blending",
    "fill": "blending",
    "blend_mode": "blending",
    "clipped": "blending",
    "clips_as_group": "blending",
    "blend_if": "blending",
    "knockout": "blending",
    "mask": "mask",
    "source": "pixels",
    "x_px": "pixels",
    "y_px": "pixels",
    "transform": "pixels",
    "tiles": "pixels",
    "colour": "pixels",
    "filters": "filters",
    "adjustment": "adjustment",
}
"""The aspect that each field of a layer belongs to. A group's members are told by their own keys."""


class Rect(NamedTuple):
    """A rectangle in document pixels."""

    x: int
    y: int
    width: int
    height: int

    def union(self, other: Self) -> Self:
        """Return the smallest rectangle that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return type(self)(x, y, right - x, bottom - y)


class Changes(msgspec.Struct, frozen=True):
    """The difference between two versions."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Keys of layers that came or went; a layer that was hidden by its deletion went."""
    moved: tuple[str, ...] = ()
    """Keys of layers that are in another group or in another order there."""
    changed: dict[str, frozenset[Aspect]] = {}
    """What is different about layers that both versions have, shown or hidden, by key."""
    region: Rect | None = None
    """Where the picture may have changed, inside the new canvas; None where no pixel did."""
    canvas: bool = False
    """Size, depth or mode of the document."""
    profile: bool = False
    """The colour profile."""
    selected: Rect | None = None
    """Where what is selected may have changed: no pixel does by it. None: nowhere."""

    @property
    def selection(self) -> bool:
        """Whether what is selected is another."""
        return self.selected is not None

    @property
    def structure(self) -> bool:
        """Whether the tree of layers is another."""
        return bool(self.added or self.removed or self.moved)


class _Place(NamedTuple):
    layer: AnyLayer
    parent: str | None


def changes(old: Document, new: Document, painted: Rect | None = None) -> Changes:
    """Return what is different about `new`.

    Painting (on a mask or a paint layer) changes the tiles that differ, or what of them lies in `painted` where the
    caller knows that nothing else does, grown by the reach of the filters that their pixels go through; other edits
    of what is visible change the whole canvas.
    """
    if old is new:
        return Changes()
    before, after = dict(_places(old.layers)), dict(_places(new.layers))
    hidden_before, hidden_after = dict(_places(old.hidden)), dict(_places(new.hidden))
    added = tuple(key for key in after if key not in before)
    removed = tuple(key for key in before if key not in after)
    moved = () if old.layers is new.layers else _moved(before, after)
    all_before, all_after = {**hidden_before, **before}, {**hidden_after, **after}
    replaced = _replaced_sources(old, new)
    changed: dict[str, frozenset[Aspect]] = {}
    spread = _Spread(new, all_after, painted, replaced)
    for key, place in all_after.items():
        was = all_before.get(key)
        if was is None or (was.layer is place.layer and not replaced):
            continue
        aspects = _aspects(was.layer, place.layer)
        if getattr(place.layer, "source", None) in replaced:
            aspects |= {"pixels"}
        if aspects:
            changed[key] = aspects
            spread.add(was.layer, place.layer, aspects)
    canvas = (old.width_px, old.height_px, old.depth, old.mode) != (
        new.width_px,
        new.height_px,
        new.depth,
        new.mode,
    )
    profile = old.icc != new.icc
    everywhere = canvas or profile or added or removed or moved
    return Changes(
        added=added,
        removed=removed,
        moved=moved,
        changed=changed,
        region=spread.canvas if everywhere else spread.region,
        canvas=canvas,
        profile=profile,
        selected=spread.selected(old.selection, new.selection),
    )


def _places(layers: Layers, parent: str | None = None) -> Iterator[tuple[str, _Place]]:
    for layer in layers:
        yield layer.key, _Place(layer, parent)
        if isinstance(layer, GroupLayer):
            yield from _places(layer.layers, layer.key)


def _moved(before: dict[str, _Place], after: dict[str, _Place]) -> tuple[str, ...]:
    """Return the keys of layers with another parent, and of the fewest whose move explains the new order."""
    common = [key for key in after if key in before]
    moved = {key for key in common if before[key].parent != after[key].parent}
    for parent in {after[key].parent for key in common}:
        old, new = (_siblings(places, parent, set(common) - moved) for places in (before, after))
        if old != new:
            matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
            stayed = {key for a, _, n in matcher.get_matching_blocks() for key in old[a : a + n]}
            moved |= set(new) - stayed
    return tuple(key for key in common if key in moved)


def _siblings(places: dict[str, _Place], parent: str | None, keys: set[str]) -> list[str]:
    return [key for key, place in places.items() if place.parent == parent and key in keys]


def _replaced_sources(old: Document, new: Document) -> set[str]:
    if old.sources is new.sources:
        return set()
    before = {source.key: source for source in old.sources}
    return {
        s.key
        for s in new.sources
        if (was := before.get(s.key)) and (was.colour, was.alpha) != (s.colour, s.alpha)
    }


def _aspects(old: AnyLayer, new: AnyLayer) -> frozenset[Aspect]:
    if type(old) is not type(new):
        return frozenset(ASPECTS.values())
    return frozenset(
        aspect
        for field, aspect in ASPECTS.items()
        if hasattr(new, field)
        and getattr(old, field) is not getattr(new, field)
        and getattr(old, field) != getattr(new, field)
    )


class _Spread:
    """Collects where the picture changes: a layer's change goes up its groups and on to those who read it."""

    def __init__(
        self, document: Document, places: dict[str, _Place], painted: Rect | None, replaced: set[str]
    ) -> None:
        self._painted = painted
        self._replaced = replaced
        self.canvas = Rect(0, 0, document.width_px, document.height_px)
        self._document = document
        self._places = places
        self._region: Rect | None = None
        self._shown = {layer.key for layer in document.layers}
        self._readers: dict[str, list[AnyLayer]] = {}
        for layer in everything(document):
            for f in filters_of(layer):
                if f.enabled and f.filter.reads is not None:
                    self._readers.setdefault(f.filter.reads, []).append(layer)

    @property
    def region(self) -> Rect | None:
        """The rectangle around all changes so far."""
        if self._region is None or MERGED not in self._readers:
            return self._region
        # The picture beneath them is read by filters whose results others may read in turn: no more than all of
        # the document's filters, one after the other.
        return self._grown(self._region, tuple(everything(self._document)))

    def add(self, old: AnyLayer, new: AnyLayer, aspects: frozenset[Aspect]) -> None:
        """Take in what has changed about a layer."""
        if "pixels" in aspects or "filters" in aspects:
            rect: Rect | None = self.canvas
            if isinstance(old, PaintLayer) and isinstance(new, PaintLayer) and "filters" not in aspects:
                rect = self._tiles(old.tiles, new.tiles)
                rect = rect and self._grown(rect, (new,))
            elif isinstance(old, PixelLayer) and isinstance(new, PixelLayer) and "filters" not in aspects:
                rect = self._moved(old, new)
            elif "pixels" not in aspects:
                rect = self._filter_masks(old, new)
            self._content(new.key, rect)
        if "mask" in aspects:
            self._appearance(new.key, self._mask(old.mask, new.mask))
        if aspects & {"blending", "visibility", "adjustment"}:
            # An invisible layer still decides what the layers above it are clipped to.
            switched = "visibility" in aspects or old.clipped != new.clipped
            self._appearance(new.key, self.canvas, switched)

    def _moved(self, old: PixelLayer, new: PixelLayer) -> Rect | None:
        """Return where a source was or is that lies in another place; elsewhere its layer is transparent."""
        if old.source != new.source or new.source in self._replaced:
            return self.canvas
        found: Rect | None = None
        for layer in (old, new):
            left, top, right, bottom = placement(self._document, layer).bounds()
            x, y = math.floor(left) - 1, math.floor(top) - 1
            rect = self._inside(Rect(x, y, math.ceil(right) + 1 - x, math.ceil(bottom) + 1 - y))
            if rect.width and rect.height:
                # Transparent pixels take colour from as far again as a filter looks.
                rect = self._grown(self._grown(rect, (new,)), (new,))
                found = rect if found is None else found.union(rect)
        return found

    def _filter_masks(self, old: AnyLayer, new: AnyLayer) -> Rect | None:
        """Return where a layer's content changes by its filters' masks; the canvas where more than those differ."""
        before, after = filters_of(old), filters_of(new)
        if len(before) != len(after):
            return self.canvas
        found: Rect | None = None
        for i, (a, b) in enumerate(zip(before, after, strict=True)):
            if a == b:
                continue
            if a.mask is None or b.mask is None or msgspec.structs.replace(a, mask=b.mask) != b:
                return self.canvas
            rect = self._plane(a.mask, b.mask) if b.enabled else None
            if rect is not None:
                later = msgspec.structs.replace(new, filters=after[i + 1 :])
                rect = self._grown(self._grown(rect, (later,)), (later,))
                found = rect if found is None else found.union(rect)
        return found

    def selected(self, old: Tiles | None, new: Tiles | None) -> Rect | None:
        """Return where a selection is another one."""
        if old == new:
            return None
        return self.canvas if old is None or new is None else self._tiles(old, new)

    def _content(self, key: str, rect: Rect | None) -> None:
        """Take in that a layer's pixels, after its filters, change in a rectangle."""
        if rect is None:
            return
        self._appearance(key, rect)
        for reader in self._readers.get(key, ()):
            self._content(reader.key, self._grown(rect, (reader,)))

    def _appearance(self, key: str, rect: Rect | None, switched: bool = False) -> None:
        """Take in that the picture changes where a layer lies in it."""
        layer, parent = self._places[key]
        # What is not shown may still be read as the picture beneath something that is.
        pruned = MERGED not in self._readers
        if rect is None or (pruned and not (layer.visible or switched)):
            return
        if parent is not None:
            self._content(parent, self._grown(rect, (self._places[parent].layer,)))
        elif not pruned or key in self._shown:
            self._region = rect if self._region is None else self._region.union(rect)

    def _grown(self, rect: Rect, layers: Layers) -> Rect:
        """Return a rectangle grown by the reach of the filters of layers, inside the canvas."""
        reach = 0
        for layer in layers:
            for f in filters_of(layer):
                if f.enabled:
                    if f.filter.reach is None:
                        return self.canvas
                    reach += f.filter.reach
        return self._inside(rect, reach)

    def _inside(self, rect: Rect, margin: int = 0, within: Rect | None = None) -> Rect:
        bounds = within or self.canvas
        x, y = max(rect.x - margin, bounds.x), max(rect.y - margin, bounds.y)
        right = min(rect.x + rect.width + margin, bounds.x + bounds.width)
        bottom = min(rect.y + rect.height + margin, bounds.y + bounds.height)
        return Rect(x, y, max(right - x, 0), max(bottom - y, 0))

    def _mask(self, old: LayerMask | None, new: LayerMask | None) -> Rect | None:
        if (
            old is None
            or new is None
            or old.enabled != new.enabled
            or len(old.components) != len(new.components)
        ):
            return self.canvas
        if not new.enabled:
            return None
        found: Rect | None = None
        for a, b in zip((old.painted, *old.components), (new.painted, *new.components), strict=True):
            if a is b or a == b:
                continue
            if not isinstance(a, RasterMask) or not isinstance(b, RasterMask):
                return self.canvas
            rect = self._plane(a, b)
            if rect is not None:
                found = rect if found is None else found.union(rect)
        return found

    def _plane(self, old: RasterMask, new: RasterMask) -> Rect | None:
        """Return where a raster mask is another one."""
        if msgspec.structs.replace(old, tiles=new.tiles) != new:
            return self.canvas
        rect = self._tiles(old.tiles, new.tiles) if new.enabled else None
        if rect is None:
            return None
        reach = gaussian_reach(new.feather_px)
        return self.canvas if reach is None else self._inside(rect, reach)

    def _tiles(self, old: Tiles, new: Tiles) -> Rect | None:
        """Return the rectangle around the tiles that differ."""
        size = (self.canvas.width, self.canvas.height)
        if (old.width_px, old.height_px) != size or (old.background, old.dtype) != (
            new.background,
            new.dtype,
        ):
            return self.canvas
        if any(isinstance(each, LazyTiles) and not each.known for each in (old, new)):
            boxes = [Rect(*each.extent) for each in (old, new) if each.extent is not None]
            return functools.reduce(Rect.union, boxes) if boxes else None
        found = [
            key
            for key in old.tiles.keys() | new.tiles.keys()
            if (a := old.tiles.get(key)) is not (b := new.tiles.get(key)) and a != b
        ]
        if not found:
            return None
        columns, rows = [c for c, _ in found], [r for _, r in found]
        x, y = min(columns) * TILE, min(rows) * TILE
        return self._inside(
            Rect(x, y, (max(columns) + 1) * TILE - x, (max(rows) + 1) * TILE - y), within=self._painted
        )
