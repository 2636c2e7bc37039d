"""What the Layers panel and the Layer menu do: each function makes one undo step of a session.

All raise ValueError, in words for the user, where something cannot be done.
"""

from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from retexture.document import edits
from retexture.document.check import DTYPES
from retexture.document.document import Document, walk
from retexture.document.edits import delete_layer, insert_layer, move_layer, set_parameter
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    RasterMask,
)
from retexture.document.pixels import Tiles
from retexture.document.tree import Layers, everything, known
from retexture.filters import FILTERS, Filter
from retexture.session.colour_selection import as_mask
from retexture.session.session import Session

Colour = tuple[float, float, float]
Place = Literal["above", "below", "into"]
Direction = Literal["forward", "backward", "front", "back"]

ADJUSTMENTS = tuple(kind for kind in FILTERS if kind.pointwise)
"""The filters that can be adjustment layers."""


# -- the tree


def siblings(document: Document, key: str) -> Layers:
    """Return the layers of the group (or of the document) that a layer lies in, bottom first."""
    parent = parent_of(document, key)
    return document.layers if parent is None else parent.layers


def parent_of(document: Document, key: str) -> GroupLayer | None:
    """Return the group that a layer lies in; None at the top of the tree."""
    groups = (layer for layer in walk(document.layers) if isinstance(layer, GroupLayer))
    return next((group for group in groups if any(member.key == key for member in group.layers)), None)


def is_locked(document: Document, key: str) -> bool:
    """Whether a layer, or a group that it lies in, is locked."""
    return _lock(document, key) is not None


def _lock(document: Document, key: str) -> AnyLayer | None:
    """Return the layer or the group that locks a layer."""
    return next((layer for layer in upwards(document, key) if layer.locked), None)


def upwards(document: Document, key: str) -> Iterator[AnyLayer]:
    """Yield a layer, and the groups that it lies in."""
    layer: AnyLayer | None = known(document, key)
    while layer is not None:
        yield layer
        layer = parent_of(document, layer.key)


def refuse_hidden(document: Document, key: str) -> None:
    """Refuse to work by hand where nothing would be seen of it.

    Raises:
        ValueError: a layer, or a group that it lies in, is hidden.
    """
    for layer in upwards(document, key):
        if not layer.visible:
            raise ValueError(f"{layer.name} is hidden: show it first, by its eye in Layers")


def unlocked(document: Document, key: str) -> AnyLayer:
    """Return a layer that may be changed. A locked one may only be shown, hidden, moved and renamed.

    Raises:
        ValueError: it, or a group that it lies in, is locked.
    """
    lock = _lock(document, key)
    if lock is not None:
        raise ValueError(f"{lock.name} is locked: unlock it first")
    return known(document, key)


def outermost(document: Document, keys: Collection[str]) -> tuple[str, ...]:
    """Return those of the keys whose layers do not lie in another one of them, bottom first."""

    def found(layers: Layers) -> Iterator[str]:
        for layer in layers:
            if layer.key in keys:
                yield layer.key
            elif isinstance(layer, GroupLayer):
                yield from found(layer.layers)

    return tuple(found(document.layers))


def set_unlocked(document: Document, path: str, value: object) -> Document:
    """Return a document with another value of a parameter of a layer that is not locked.

    Raises:
        ValueError: the layer is locked, or does not take the value.
    """
    unlocked(document, path.partition(".")[0])
    return set_parameter(document, path, value)


def _names(document: Document, keys: Collection[str]) -> str:
    """Return what an undo step calls layers: the one's name, or how many there are."""
    return known(document, *keys).name if len(keys) == 1 else f"{len(keys)} Layers"


def numbered(document: Document, stem: str) -> str:
    """Return ``Layer 3``: the first such name that no layer has."""
    taken = {layer.name for layer in everything(document)}
    n = 1
    while f"{stem} {n}" in taken:
        n += 1
    return f"{stem} {n}"


# -- new layers


def new_paint_layer(session: Session) -> None:
    """Add an empty paint layer above the selected one."""
    document = session.document
    name = numbered(document, "Layer")
    tiles = Tiles(
        document.width_px, document.height_px, background=(0, 0, 0, 0), dtype=DTYPES[document.depth]
    )
    _add(session, "New Layer", PaintLayer(key=edits.unique_key(document, name), name=name, tiles=tiles))


def new_group(session: Session) -> None:
    """Add an empty group above the selected layer."""
    name = numbered(session.document, "Group")
    _add(session, "New Group", GroupLayer(key=edits.unique_key(session.document, name), name=name))


def new_fill_layer(session: Session, colour: Colour | None = None) -> None:
    """Add a layer of one colour (encoded RGB 0-1; None is 50 % grey) above the selected one.

    What is selected becomes its mask, and is deselected.
    """
    name = numbered(session.document, "50% Grey" if colour is None else "Colour Fill")
    layer = FillLayer(key=edits.unique_key(session.document, name), name=name, colour=colour)
    _add(session, "New Fill Layer", layer)


def new_adjustment_layer(session: Session, kind: type[Filter]) -> None:
    """Add an adjustment layer of one of `ADJUSTMENTS` above the selected layer, with a mask to paint on.

    What is selected becomes the mask, and is deselected; else the mask is white.
    """
    name = numbered(session.document, kind.label)
    layer = AdjustmentLayer(
        key=edits.unique_key(session.document, name),
        name=name,
        adjustment=kind(),  # type: ignore[arg-type] # one of AnyFilter
    )
    _add(session, f"New {kind.label} Layer", layer)


def _add(session: Session, label: str, layer: AnyLayer) -> None:
    active, selection = session.active, session.document.selection
    beside = () if active is None else siblings(session.document, active)
    place = next((i for i, each in enumerate(beside) if each.key == active), 0)
    # Between a layer and those clipped to it, an unclipped one would take them over.
    if any(above.clipped for above in beside[place + 1 : place + 2]):
        layer = msgspec.structs.replace(layer, clipped=True)
    # What covers the whole picture works where something was selected, as in Photoshop.
    masked = isinstance(layer, AdjustmentLayer) or (selection is not None and isinstance(layer, FillLayer))
    if masked:
        painted = RasterMask(tiles=as_mask(selection, session.document))
        layer = msgspec.structs.replace(layer, mask=LayerMask(painted=painted))

    def change(document: Document) -> Document:
        after = insert_layer(document, layer, above=active)
        return msgspec.structs.replace(after, selection=None) if masked else after

    session.edit(label, change, select=layer.key)
    if masked:
        session.select(layer.key, "mask")


# -- layers as a whole


def duplicate(session: Session, keys: Collection[str]) -> None:
    """Put a copy of each layer above it."""
    chosen = outermost(session.document, keys)
    copy = None

    def change(document: Document) -> Document:
        nonlocal copy
        for key in chosen:
            copy = edits.unique_key(document, key)
            document = edits.duplicate_layer(document, key)
        return document

    label = f"Duplicate {_names(session.document, chosen)}"
    after = change(session.document)
    session.edit(label, lambda _: after, select=copy)


def delete(session: Session, keys: Collection[str]) -> None:
    """Delete layers, with their members; never the last one, nor what is locked."""
    chosen = outermost(session.document, keys)
    if {layer.key for layer in session.document.layers} <= set(chosen):
        raise ValueError("A document keeps one layer at least")
    for key in chosen:
        for layer in walk((known(session.document, key),)):
            unlocked(session.document, layer.key)

    def change(document: Document) -> Document:
        for key in chosen:
            document = delete_layer(document, key)
        return document

    session.edit(f"Delete {_names(session.document, chosen)}", change)


def group(session: Session, keys: Collection[str]) -> None:
    """Put layers into a new group."""
    name = numbered(session.document, "Group")
    key = edits.unique_key(session.document, name)
    session.edit("Group Layers", lambda d: edits.group_layers(d, keys, name=name, key=key), select=key)


def ungroup(session: Session, key: str) -> None:
    """Put a group's members in its place, where that changes no pixel."""
    layer = known(session.document, key)
    members = layer.layers if isinstance(layer, GroupLayer) else ()
    top = members[-1].key if members else None
    session.edit(f"Ungroup {layer.name}", lambda d: edits.ungroup(d, key), select=top)


def rename(session: Session, key: str, name: str) -> None:
    """Give a layer another name; an empty one changes nothing."""
    name = " ".join(name.split())
    if name and name != known(session.document, key).name:
        session.set(f"{key}.name", name, f"Rename to {name}")


def set_locked(session: Session, keys: Collection[str], locked: bool) -> None:
    """Lock layers against edits of their pixels, masks and filters, or unlock them."""
    verb = "Lock" if locked else "Unlock"
    _set_all(session, f"{verb} {_names(session.document, keys)}", keys, "locked", locked)


def set_visible(session: Session, keys: Collection[str], visible: bool) -> None:
    """Show or hide layers."""
    verb = "Show" if visible else "Hide"
    _set_all(session, f"{verb} {_names(session.document, keys)}", keys, "visible", visible)


def set_clipped(session: Session, key: str, clipped: bool) -> None:
    """Clip a layer to the one beneath it, or release it."""
    unlocked(session.document, key)
    if clipped and siblings(session.document, key)[0].key == key:
        raise ValueError(f"{known(session.document, key).name} has no layer beneath to be clipped to")
    label = "Create Clipping Mask" if clipped else "Release Clipping Mask"
    session.set(f"{key}.clipped", clipped, label)


def _set_all(session: Session, label: str, keys: Collection[str], name: str, value: bool) -> None:
    def change(document: Document) -> Document:
        for key in keys:
            if getattr(known(document, key), name) != value:
                document = set_parameter(document, f"{key}.{name}", value)
        return document

    session.edit(label, change)


def solo(session: Session, key: str) -> None:
    """Show one layer alone, with the groups that it lies in and its members; a second time, all that was shown before.

    What was shown before is taken from the newest version of the history in which another layer was, else all is.
    """
    document = session.document
    own = {layer.key for layer in walk((known(document, key),))}
    parent = parent_of(document, key)
    while parent is not None:
        own.add(parent.key)
        parent = parent_of(document, parent.key)
    others = [layer.key for layer in walk(document.layers) if layer.key not in own]

    def shown(version: Document) -> dict[str, bool]:
        return {layer.key: layer.visible for layer in walk(version.layers)}

    now = shown(document)
    if now[key] and not any(now[other] for other in others):
        before = (shown(v.document) for v in session.history.versions[session.history.index :: -1])
        last = next((flags for flags in before if any(flags.get(other) for other in others)), {})
        wanted = {each: last.get(each, True) for each in now}
        label = "Show All Again"
    else:
        # Members of the layer stay as they are.
        above = own - {layer.key for layer in walk((known(document, key),))}
        wanted = {**dict.fromkeys(others, False), **dict.fromkeys((key, *above), True)}
        label = f"Show Only {known(document, key).name}"

    def change(version: Document) -> Document:
        for each, visible in wanted.items():
            if known(version, each).visible != visible:
                version = set_parameter(version, f"{each}.visible", visible)
        return version

    session.edit(label, change)


# -- order


def move(session: Session, keys: Collection[str], place: Place, target: str) -> None:
    """Move layers directly above or below another, or on top of a group's members. They keep their order."""
    chosen = outermost(session.document, keys)
    if any(each.key == target for key in chosen for each in walk((known(session.document, key),))):
        raise ValueError("Layers cannot be moved into or beside themselves")

    def change(document: Document) -> Document:
        for key in reversed(chosen) if place == "above" else chosen:
            document = move_layer(document, key, **{place: target})
        return document

    after = change(session.document)
    if after.layers != session.document.layers:
        session.edit(f"Move {_names(session.document, chosen)}", lambda _: after)


def arrange(session: Session, key: str, direction: Direction) -> None:
    """Move a layer one step or all the way up or down; beyond the end of its group, out of it."""
    beside = siblings(session.document, key)
    place = next(i for i, layer in enumerate(beside) if layer.key == key)
    where: Place = "above" if direction in ("forward", "front") else "below"
    if direction in ("front", "back"):
        end = beside[-1] if direction == "front" else beside[0]
    else:
        step = place + (1 if direction == "forward" else -1)
        outside = parent_of(session.document, key)
        if 0 <= step < len(beside):
            end = beside[step]
        elif outside is not None:
            end = outside
        else:
            return
    if end.key != key:
        move(session, (key,), where, end.key)
