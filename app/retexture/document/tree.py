"""The layer tree: replacing in it, and what reads what."""

import difflib
import re
from collections.abc import Iterable, Iterator

import msgspec

from retexture.document.document import Document, walk
from retexture.document.layers import AdjustmentLayer, AnyLayer, GroupLayer, PixelLayer, SmartFilter
from retexture.document.transform import Placement
from retexture.engine.modes import BlendMode

MERGED = "merged"
"""What a filter reads that reads the picture beneath its layer."""

FILTER_RESERVED = frozenset({"mask", "blend_if", "adjustment"})
"""Keys that filters cannot have, as paths of parameters use them."""

Layers = tuple[AnyLayer, ...]


def replaced(layers: Layers, key: str, new: Layers) -> Layers:
    """Return the layers with `new` (none, one or more) in the place of one; what did not change stays the same object.

    Layers without that key are returned as they are.
    """
    for i, layer in enumerate(layers):
        if layer.key == key:
            return (*layers[:i], *new, *layers[i + 1 :])
        if isinstance(layer, GroupLayer):
            inner = replaced(layer.layers, key, new)
            if inner is not layer.layers:
                return (*layers[:i], msgspec.structs.replace(layer, layers=inner), *layers[i + 1 :])
    return layers


def everything(document: Document) -> Iterator[AnyLayer]:
    """Yield every layer, shown or hidden."""
    yield from walk(document.layers)
    yield from walk(document.hidden)


def known(document: Document, key: str) -> AnyLayer:
    """Return a layer, shown or hidden, by key.

    Raises:
        ValueError: no layer has that key; the message names the nearest.
    """
    keys = []
    for layer in everything(document):
        if layer.key == key:
            return layer
        keys.append(layer.key)
    raise ValueError(f"{key}: no such layer{nearest(key, keys)}")


def nearest(name: str, names: Iterable[str]) -> str:
    """Return ``; did you mean A, B or C?``, or nothing where no name is near."""
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)
    if not near:
        return ""
    return f"; did you mean {' or '.join(filter(None, (', '.join(near[:-1]), near[-1])))}?"


def placement(document: Document, layer: PixelLayer) -> Placement:
    """Return where a pixel layer puts its source; KeyError where there is no such source."""
    _, height, width = document.source(layer.source).colour.array.shape
    return Placement(layer.transform, width, height, layer.x_px, layer.y_px)


def filters_of(layer: AnyLayer) -> tuple[SmartFilter, ...]:
    """Return a layer's smart filters; an adjustment layer has none."""
    return () if isinstance(layer, AdjustmentLayer) else layer.filters


def reads(layers: Layers) -> set[str]:
    """Return what the filters of layers and of their members read: keys of layers, `MERGED`."""
    return {f.filter.reads for layer in walk(layers) for f in filters_of(layer) if f.filter.reads is not None}


def beneath(document: Document, key: str) -> Layers:
    """Return the layers whose composition is the picture beneath a layer, from the bottom.

    A hidden layer has no place of its own: it reads what lies beneath the first layer that reads it.
    """
    seen: set[str] = set()
    while key not in seen:
        seen.add(key)
        found = _beneath(document.layers, key)
        if found is not None:
            return found
        readers = (l.key for l in everything(document) if any(f.filter.reads == key for f in filters_of(l)))
        key = next(readers, key)
    return ()


def _beneath(layers: Layers, key: str) -> Layers | None:
    for i, layer in enumerate(layers):
        if layer.key == key:
            return layers[:i]
        if isinstance(layer, GroupLayer):
            inner = _beneath(layer.layers, key)
            if inner is not None:
                if layer.blend_mode is not BlendMode.PASS_THROUGH:
                    return inner
                # The group's first member has nothing to be clipped to, as it is not clipped inside the group.
                first = tuple(msgspec.structs.replace(member, clipped=False) for member in inner[:1])
                return (*layers[:i], *first, *inner[1:])
    return None


def without_unread(document: Document, removed: Layers = ()) -> Document:
    """Return the document whose hidden layers are those, of its hidden and of `removed` ones, that something reads.

    A member of a group is kept alone where the group itself is not read.
    """
    candidates = (*document.hidden, *removed)
    if not candidates:
        return document
    shown = reads(document.layers)
    kept: Layers = ()
    while True:
        found = _topmost(candidates, shown | reads(kept))
        if found == kept:
            break
        kept = found
    return document if kept == document.hidden else msgspec.structs.replace(document, hidden=kept)


def _topmost(layers: Layers, keys: set[str]) -> Layers:
    found: list[AnyLayer] = []
    for layer in layers:
        if layer.key in keys:
            found.append(layer)
        elif isinstance(layer, GroupLayer):
            found += _topmost(layer.layers, keys)
    return tuple(found)


def check_layer_keys(document: Document) -> None:
    """Refuse keys of layers and of their filters that paths of parameters could not tell apart.

    Raises:
        ValueError: the same key twice, a reserved one, or one that is not in snake case.
    """
    check_keys("layer", (layer.key for layer in everything(document)))
    for layer in everything(document):
        check_keys(f"filter of {layer.key}", (f.key for f in filters_of(layer)), FILTER_RESERVED)


def check_keys(what: str, keys: Iterable[str], reserved: frozenset[str] = frozenset({MERGED})) -> None:
    """Refuse keys that are not unique, not in snake case, or reserved.

    Raises:
        ValueError: names the key and, by `what`, whose it is.
    """
    seen = set(reserved)
    for key in keys:
        if not re.fullmatch(r"[a-z0-9_]+", key):
            raise ValueError(f"the key of a {what} is in snake case, not {key!r}")
        if key in seen:
            raise ValueError(f"{key} is the key of more than one {what}, or reserved")
        seen.add(key)


def check_references(document: Document) -> None:
    """Refuse filters whose input cannot be rendered.

    Raises:
        ValueError: a filter reads a layer that does not exist, an adjustment layer (which has no pixels of its own)
            or, directly or through others, its own layer.
    """
    readers = [
        layer for layer in everything(document) if any(f.filter.reads is not None for f in filters_of(layer))
    ]
    if not readers:
        return
    layers = {layer.key: layer for layer in everything(document)}
    for reader in readers:
        for f in filters_of(reader):
            name = f.filter.reads
            if name is None or name == MERGED:
                continue
            if name not in layers:
                remedy = nearest(name, layers)
                raise ValueError(f"{reader.key}.{f.key} reads {name or 'nothing'}, which is no layer{remedy}")
            if isinstance(layers[name], AdjustmentLayer):
                raise ValueError(f"{reader.key}.{f.key} reads {name}, an adjustment layer without pixels")
    done: set[str] = set()
    for reader in readers:
        _follow(document, layers, reader.key, [], done)


def _follow(
    document: Document, layers: dict[str, AnyLayer], key: str, path: list[str], done: set[str]
) -> None:
    """Visit all that a layer's pixels are made of, depth first."""
    if key in path:
        circle = " reads ".join([*path[path.index(key) :], key])
        raise ValueError(f"a layer cannot read itself: {circle}")
    if key in done:
        return
    layer = layers[key]
    needed = [member.key for member in layer.layers] if isinstance(layer, GroupLayer) else []
    for f in filters_of(layer):
        name = f.filter.reads
        if name == MERGED:
            needed += [below.key for below in beneath(document, key)]
        elif name is not None:
            needed.append(name)
    path.append(key)
    for name in needed:
        _follow(document, layers, name, path, done)
    path.pop()
    done.add(key)
