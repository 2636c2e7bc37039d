"""Edits: pure functions from a document to its next version. What an edit does not touch is shared with the old one.

Every edit raises ValueError, in words for the user, where the layer it names does not exist or the result could not
be rendered.
"""

from collections.abc import Collection

import msgspec

from retexture.document.document import Document, Link, walk
from retexture.document.layers import AnyLayer, GroupLayer, SmartFilter
from retexture.document.settings import (
    parameter_paths,
    parse_setting,
    set_parameter,
    snake_case,
    without_dangling_links,
)
from retexture.document.tree import (
    MERGED,
    Layers,
    beneath,
    check_layer_keys,
    check_references,
    everything,
    filters_of,
    known,
    replaced,
    without_unread,
)
from retexture.engine.modes import BlendMode

__all__ = [
    "delete_layer",
    "duplicate_layer",
    "group_layers",
    "insert_layer",
    "move_layer",
    "parameter_paths",
    "parse_setting",
    "replace_layer",
    "rereading",
    "set_parameter",
    "ungroup",
    "unique_key",
]


def replace_layer(document: Document, key: str, layer: AnyLayer) -> Document:
    """Put another value in the place of a layer, shown or hidden. It keeps the key."""
    known(document, key)
    if layer.key != key:
        raise ValueError(f"{key}: a layer keeps its key; this one is {layer.key}")
    shown, hidden = (replaced(part, key, (layer,)) for part in (document.layers, document.hidden))
    return _settled(msgspec.structs.replace(document, layers=shown, hidden=hidden))


def insert_layer(
    document: Document,
    layer: AnyLayer,
    *,
    above: str | None = None,
    below: str | None = None,
    into: str | None = None,
) -> Document:
    """Add a layer directly above or below another, or on top of a group's members; on top of all by default."""
    return _settled(_inserted(document, layer, above, below, into))


def delete_layer(document: Document, key: str) -> Document:
    """Delete a layer with its members. Those that a filter still reads are hidden instead, so that pixels stay.

    A hidden layer cannot be deleted: it goes when nothing reads it any more. Links that lose an end go.

    Raises:
        ValueError: also where a layer that is still read itself reads the picture beneath it, and would read another
            one from its reader's place.
    """
    layer = _shown(document, key)
    rest = msgspec.structs.replace(document, layers=replaced(document.layers, key, ()))
    after = without_unread(rest, (layer,))
    for kept in walk(after.hidden):
        if any(f.filter.reads == MERGED for f in filters_of(kept)):
            pictures = [[l for l in beneath(d, kept.key) if l.visible] for d in (document, after)]
            if pictures[0] != pictures[1]:
                raise ValueError(
                    f"{kept.key} cannot be deleted: another layer reads it, and it reads the picture beneath itself"
                )
    return _settled(after)


def move_layer(
    document: Document,
    key: str,
    *,
    above: str | None = None,
    below: str | None = None,
    into: str | None = None,
) -> Document:
    """Move a layer directly above or below another, or on top of a group's members; on top of all by default.

    A layer that was hidden when it was deleted is shown again.
    """
    layer = known(document, key)
    target = above or below or into
    if target is not None and any(inside.key == target for inside in walk((layer,))):
        raise ValueError(f"{key} cannot be moved into or beside itself")
    taken = msgspec.structs.replace(
        document,
        layers=replaced(document.layers, key, ()),
        hidden=replaced(document.hidden, key, ()),
    )
    return _settled(_inserted(taken, layer, above, below, into))


def group_layers(
    document: Document, keys: Collection[str], *, name: str = "Group", key: str | None = None
) -> Document:
    """Put layers into a new pass-through group in the place of the topmost of them, in the order that they have.

    A selected member of a selected group stays in that group. `key` names the group; one is made from `name`.
    """
    for each in keys:
        _shown(document, each)
    members = _outermost(document.layers, keys)
    if not members:
        raise ValueError("a group needs layers to put into it")
    group = GroupLayer(key=key or unique_key(document, name), name=name, layers=members)
    layers = document.layers
    for member in members[:-1]:
        layers = replaced(layers, member.key, ())
    layers = replaced(layers, members[-1].key, (group,))
    return _settled(msgspec.structs.replace(document, layers=layers))


def ungroup(document: Document, key: str) -> Document:
    """Put a group's members in its place; no pixel changes.

    Raises:
        ValueError: it is no group, or its members would look different without it; the message says why.
    """
    group = _shown(document, key)
    if not isinstance(group, GroupLayer):
        raise ValueError(f"{group.name} is no group")
    reason = _needed(document, group)
    if reason is not None:
        raise ValueError(f"{group.name} cannot be ungrouped: {reason}")
    # The first member has nothing to be clipped to inside the group, whatever it says.
    first = tuple(msgspec.structs.replace(member, clipped=False) for member in group.layers[:1])
    layers = replaced(document.layers, key, (*first, *group.layers[1:]))
    return _settled(msgspec.structs.replace(document, layers=layers))


def _needed(document: Document, group: GroupLayer) -> str | None:
    """Say what a group does for the picture besides holding its members, and how that could be ended."""
    siblings = _siblings(document.layers, group.key)
    above = siblings[siblings.index(group) + 1 :]
    mask = group.mask
    judged = not (group.blend_if.this.is_full and group.blend_if.underlying.is_full)
    conditions = {
        "show it first": not group.visible,
        "set its blend mode to Pass Through first": group.blend_mode is not BlendMode.PASS_THROUGH,
        "set its opacity and fill to 100 % first": group.opacity != 1 or group.fill != 1,
        "delete its mask first": mask is not None and mask.enabled,
        "reset its Blend-If first": judged,
        "switch its smart filters off first": any(f.enabled for f in group.filters),
        "release its clipping mask first": group.clipped or any(layer.clipped for layer in above[:1]),
        "a knockout needs it": group.knockout or any(member.knockout for member in group.layers),
        "another layer reads it": group.key
        in {f.filter.reads for l in everything(document) for f in filters_of(l)},
    }
    return next((reason for reason, met in conditions.items() if met), None)


def _siblings(layers: Layers, key: str) -> Layers:
    """Return the layers among which one lies."""
    if any(layer.key == key for layer in layers):
        return layers
    inner = (_siblings(layer.layers, key) for layer in layers if isinstance(layer, GroupLayer))
    return next((found for found in inner if found), ())


def duplicate_layer(document: Document, key: str) -> Document:
    """Put a copy of a layer directly above it. The copy and its members have new keys, numbered after the old ones.

    Where one copied layer reads another, its copy reads the other's copy; so with links between them.
    """
    layer = _shown(document, key)
    keys: dict[str, str] = {}
    for each in walk((layer,)):
        keys[each.key] = unique_key(document, each.key, keys.values())

    def copied(each: AnyLayer) -> AnyLayer:
        changes: dict[str, object] = {"key": keys[each.key]}
        if filters_of(each):
            changes["filters"] = tuple(rereading(f, keys) for f in filters_of(each))
        if isinstance(each, GroupLayer):
            changes["layers"] = tuple(copied(member) for member in each.layers)
        return msgspec.structs.replace(each, **changes)

    copy = msgspec.structs.replace(copied(layer), name=f"{layer.name} copy")
    links = []
    for link in document.links:
        (leader, leads), (follower, follows) = (path.split(".", 1) for path in (link.leader, link.follower))
        if leader in keys and follower in keys:
            links.append(Link(f"{keys[leader]}.{leads}", f"{keys[follower]}.{follows}"))
    linked = msgspec.structs.replace(document, links=(*document.links, *links))
    return _settled(_inserted(linked, copy, above=key))


def unique_key(document: Document, base: str, taken: Collection[str] = ()) -> str:
    """Return a snake-case key that no layer of the document and none of `taken` has, from a name or a key."""
    used = {MERGED, *taken, *(layer.key for layer in everything(document))}
    stem = snake_case(base) or "layer"
    key, n = stem, 2
    while key in used:
        key, n = f"{stem}_{n}", n + 1
    return key


def rereading(item: SmartFilter, keys: dict[str, str]) -> SmartFilter:
    """Return a filter that reads the layers of new keys: of its text fields, the one that names what it reads."""
    name = item.filter.reads
    if name not in keys:
        return item
    fields = [f for f in item.filter.__struct_fields__ if getattr(item.filter, f) == name]
    renamed = msgspec.structs.replace(item.filter, **dict.fromkeys(fields, keys[name]))
    return msgspec.structs.replace(item, filter=renamed)


def _shown(document: Document, key: str) -> AnyLayer:
    layer = known(document, key)
    if all(each is not layer for each in walk(document.layers)):
        raise ValueError(f"{key} is hidden: it was deleted, but other layers still read it")
    return layer


def _outermost(layers: Layers, keys: Collection[str]) -> Layers:
    found: list[AnyLayer] = []
    for layer in layers:
        if layer.key in keys:
            found.append(layer)
        elif isinstance(layer, GroupLayer):
            found += _outermost(layer.layers, keys)
    return tuple(found)


def _inserted(
    document: Document,
    layer: AnyLayer,
    above: str | None = None,
    below: str | None = None,
    into: str | None = None,
) -> Document:
    places = [place for place in (above, below, into) if place is not None]
    if len(places) > 1:
        raise ValueError(f"{layer.key} can only go to one place: above, below or into another layer")
    if not places:
        return msgspec.structs.replace(document, layers=(*document.layers, layer))
    other = _shown(document, places[0])
    new: Layers = (layer, other) if below else (other, layer)
    if into:
        if not isinstance(other, GroupLayer):
            raise ValueError(f"{into} is no group")
        new = (msgspec.structs.replace(other, layers=(*other.layers, layer)),)
    return msgspec.structs.replace(document, layers=replaced(document.layers, other.key, new))


def _settled(document: Document) -> Document:
    """Return an edited document without what nothing needs any more; refuse one that could not be rendered."""
    check_layer_keys(document)
    check_references(document)
    return without_dangling_links(without_unread(document))
