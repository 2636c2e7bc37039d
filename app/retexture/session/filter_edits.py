"""What is done to the smart filters of layers: each function that takes a session makes one undo step of it.

All raise ValueError, in words for the user, where something cannot be done.
"""

import msgspec

from retexture.document.document import Document
from retexture.document.edits import replace_layer
from retexture.document.layers import AdjustmentLayer, AnyLayer, RasterMask, SmartFilter
from retexture.document.tree import filters_of
from retexture.filters import Filter
from retexture.session.colour_selection import as_mask
from retexture.session.layer_edits import set_unlocked, unlocked
from retexture.session.mask_edits import set_mask_enabled
from retexture.session.session import Session
from retexture.session.target import FilterMask, Target


def with_filter(document: Document, key: str, added: Filter) -> tuple[Document, str]:
    """Return a document with a smart filter on top of those that a layer has, and the filter's key.

    Where something is selected, the filter gets a mask of it.
    """
    layer = _filterable(document, key)
    filters = filters_of(layer)
    tag = str(added.__struct_config__.tag)
    taken, name, n = {item.key for item in filters}, tag, 2
    while name in taken:
        name, n = f"{tag}_{n}", n + 1
    selection = document.selection
    mask = None if selection is None else RasterMask(tiles=as_mask(selection, document))
    item = SmartFilter(added, name, mask=mask)  # type: ignore[arg-type] # one of AnyFilter
    new = msgspec.structs.replace(layer, filters=(*filters, item))
    return replace_layer(document, key, new), name


def add_filter(session: Session, key: str, kind: type[Filter]) -> str:
    """Add a smart filter with its defaults to a layer, as of `with_filter`; return the filter's key."""
    document, name = with_filter(session.document, key, kind())
    session.edit(f"Add {kind.label}", lambda _: document)
    return name


def delete_filter(session: Session, key: str, filter_key: str) -> None:
    """Delete a smart filter."""
    layer, place = _found(session.document, key, filter_key)
    filters = filters_of(layer)
    label = f"Delete {filters[place].filter.label}"
    _set_filters(session, label, layer, (*filters[:place], *filters[place + 1 :]))


def move_filter(session: Session, key: str, filter_key: str, place: int) -> None:
    """Make a smart filter the one at an index of its layer's others, the first applied first."""
    layer, old = _found(session.document, key, filter_key)
    rest = list(filters_of(layer))
    item = rest.pop(old)
    rest.insert(place, item)
    if tuple(rest) != filters_of(layer):
        _set_filters(session, f"Move {item.filter.label}", layer, tuple(rest))


def set_filter_enabled(session: Session, key: str, filter_key: str, enabled: bool) -> None:
    """Switch a smart filter on or off."""
    layer, place = _found(session.document, key, filter_key)
    item = filters_of(layer)[place]
    verb = "Enable" if enabled else "Disable"
    session.set(f"{key}.{filter_key}.enabled", enabled, f"{verb} {item.filter.label}")


def set_target_enabled(session: Session, key: str, target: Target, enabled: bool) -> None:
    """Switch a mask of a layer on or off: a filter's, or else the layer mask."""
    if not isinstance(target, FilterMask):
        set_mask_enabled(session, key, enabled)
        return
    path = f"{key}.{target.filter}.mask.enabled"
    label = f"{'Enable' if enabled else 'Disable'} Filter Mask"
    session.edit(label, lambda document: set_unlocked(document, path, enabled))


def set_filter_mask(session: Session, key: str, filter_key: str, mask: RasterMask | None) -> None:
    """Let a smart filter work only where a mask is white, or everywhere again."""
    layer, place = _found(session.document, key, filter_key)
    filters = filters_of(layer)
    item = msgspec.structs.replace(filters[place], mask=mask)
    label = "Delete Filter Mask" if mask is None else "Add Filter Mask"
    _set_filters(session, label, layer, (*filters[:place], item, *filters[place + 1 :]))


def _filterable(document: Document, key: str) -> AnyLayer:
    layer = unlocked(document, key)
    if isinstance(layer, AdjustmentLayer):
        raise ValueError(
            f"{layer.name} is an adjustment layer, without pixels to filter: select another layer"
        )
    return layer


def _found(document: Document, key: str, filter_key: str) -> tuple[AnyLayer, int]:
    layer = _filterable(document, key)
    return layer, next(i for i, item in enumerate(filters_of(layer)) if item.key == filter_key)


def _set_filters(session: Session, label: str, layer: AnyLayer, filters: tuple[SmartFilter, ...]) -> None:
    new = msgspec.structs.replace(layer, filters=filters)
    session.edit(label, lambda d: replace_layer(d, layer.key, new))
