"""What the sections of the properties panel hold: the parameters of a layer, read from their declarations."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from retexture.declare import Parameter
from retexture.document.document import Document
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    BlendIf,
    FillLayer,
    LayerMask,
    LuminosityMask,
    PixelLayer,
    SmartFilter,
)
from retexture.document.settings import COLOUR, WARP, component_names, slots
from retexture.document.tree import MERGED, everything, filters_of, known
from retexture.filters.apply_image import ApplyImage
from retexture.gui.labels import choice_label, label_of
from retexture.session.transforming import set_place

BLEND_IF = Parameter(
    "blend_if", "range", BlendIf(), "Hides the layer by its own values or by those beneath it"
)
ELSEWHERE = frozenset({"name", "visible", "locked"})
"""Fields of a layer that the Layers panel shows."""
PLACE = ("x_px", "y_px")
"""Fields of a layer that its position shows."""
EDGES = {"x_px": "left_px", "y_px": "top_px"}
SHIFTS = {"x_px": "shift_x_px", "y_px": "shift_y_px", "angle_deg": "angle"}
"""What the rows of a position are called, so that two kinds of x can be told apart."""
BLENDING = ("blend_mode", "opacity", "fill")
MASKING = ("kind", "power", "range", "density", "feather_px", "inverted")
"""The order of rows, where it is not that of the declarations; others follow."""


class Row(NamedTuple):
    """One parameter."""

    path: str
    parameter: Parameter
    undo: str
    """What undo would take back: ``High Pass radius``."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, name) of each choice, where they are layers."""
    shown: bool = True


class Part(NamedTuple):
    """One section, or a part of one."""

    kind: str
    """Sections of a kind are open or closed together: ``high_pass``, ``mask``, ``blend_if``."""
    title: str
    layer: str
    """Key of the layer whose parameters these are."""
    key: str = ""
    """Of the smart filter, or the name of the mask's component."""
    rows: tuple[Row, ...] = ()
    eye: str | None = None
    """Path of the switch in its header."""
    parts: tuple["Part", ...] = ()
    role: str = ""
    """``filter``, ``hidden`` (a filter of a hidden layer), ``mask``, ``painted``, ``component`` or nothing."""
    painted: bool = False
    """The layer's mask has a painted plane: it can be filled and inverted."""


def parts_of(document: Document, layer: AnyLayer) -> tuple[Part, ...]:
    """Return the sections of a layer, the topmost first."""
    rows = {slot.path: (slot.parameter, slot.steps) for slot in slots(layer)}
    key = layer.key
    found = [_filter_part(document, layer, item) for item in reversed(filters_of(layer))]
    if isinstance(layer, AdjustmentLayer):
        label = layer.adjustment.label
        own = [
            Row(path, p, f"{label} {_word(p)}")
            for path, (p, steps) in rows.items()
            if steps[0] == "adjustment"
        ]
        if own:
            found.append(Part(str(layer.adjustment.__struct_config__.tag), label, key, rows=tuple(own)))
    if isinstance(layer, FillLayer):
        found.append(Part("fill", "Fill", key, rows=(Row(f"{key}.colour", COLOUR, "Fill colour"),)))
    if layer.mask is not None:
        found.append(_mask_part(layer, layer.mask))
    blending = [
        Row(path, p, label_of(p))
        for path, (p, steps) in rows.items()
        if len(steps) == 1 and p.name not in (*ELSEWHERE, *PLACE) and p is not COLOUR
    ]
    blending.sort(key=lambda row: _rank(row, BLENDING))
    found.append(Part("blending", "Blending", key, rows=tuple(blending)))
    found.append(Part("blend_if", "Blend-If", key, rows=(Row(f"{key}.blend_if", BLEND_IF, "Blend-If"),)))
    if isinstance(layer, PixelLayer):
        found.append(_place_part(layer))
    return tuple(found)


def _place_part(layer: PixelLayer) -> Part:
    """Return the section of where a pixel layer lies."""
    rows: list[Row] = []
    corners: list[Row] = []
    for slot in slots(layer):
        if slot.parameter is WARP:
            continue  # bent by hand, on the canvas
        if slot.steps[0] == "transform":
            p = _renamed(slot.parameter, SHIFTS)
            owner = corners if "corner" in p.help else rows
            owner.append(Row(slot.path, p, f"Transform {_word(p)}"))
        elif slot.parameter.name in PLACE:
            rows.append(Row(slot.path, _renamed(slot.parameter, EDGES), "Move"))
    inner = Part("distortion", "Distortion", layer.key, rows=tuple(corners), role="inner")
    return Part("position", "Position", layer.key, rows=tuple(rows), parts=(inner,))


def _renamed(parameter: Parameter, names: dict[str, str]) -> Parameter:
    return msgspec.structs.replace(parameter, name=names.get(parameter.name, parameter.name))


def _rank(row: Row, order: tuple[str, ...]) -> int:
    name = row.parameter.name
    return order.index(name) if name in order else len(order)


def _word(parameter: Parameter) -> str:
    label = label_of(parameter)
    return label if label.isupper() else label.lower()


def _filter_part(document: Document, layer: AnyLayer, item: SmartFilter, reader: str = "") -> Part:
    """Return the section of a smart filter; `reader` names the hidden layer whose filter it is."""
    path, label = f"{layer.key}.{item.key}", item.filter.label
    rows = []
    for slot in slots(layer):
        if slot.steps[:1] == ("filters",) and slot.path.rpartition(".")[0] == path and "filter" in slot.steps:
            p = slot.parameter
            names = (
                p.kind == "text" and item.filter.reads is not None and slot.get(layer) == item.filter.reads
            )
            choices = _readable(document, layer.key) if names else ()
            idle = (
                isinstance(item.filter, ApplyImage)
                and p.name in ("scale", "offset")
                and item.filter.blending not in ("add", "subtract")
            )
            if choices:
                p = msgspec.structs.replace(p, kind="choice", choices=tuple(key for key, _ in choices))
            rows.append(Row(slot.path, p, f"{label} {_word(p)}", choices, not idle))
    read = [l for l in document.hidden if l.key == item.filter.reads]
    inner = [_filter_part(document, l, each, l.name) for l in read for each in reversed(filters_of(l))]
    if item.mask is not None and not reader:
        inner.insert(0, _filter_mask_part(layer, item))
    return Part(
        str(item.filter.__struct_config__.tag),
        f"Reads: {reader} (hidden) – {label}" if reader else label,
        layer.key,
        item.key,
        tuple(rows),
        f"{path}.enabled",
        tuple(inner),
        "hidden" if reader else "filter",
    )


def _filter_mask_part(layer: AnyLayer, item: SmartFilter) -> Part:
    """Return the part of a filter's section that is about where the filter works."""
    path = f"{layer.key}.{item.key}.mask"
    rows = [
        Row(slot.path, slot.parameter, f"Filter mask {_word(slot.parameter)}")
        for slot in slots(layer)
        if slot.path.rpartition(".")[0] == path and slot.parameter.name != "enabled"
    ]
    rows.sort(key=lambda row: _rank(row, MASKING))
    return Part(
        "filter_mask", "Filter Mask", layer.key, item.key, tuple(rows), f"{path}.enabled", role="filter_mask"
    )


def _readable(document: Document, reader: str) -> tuple[tuple[str, str], ...]:
    """Return (key, name) of what a layer's filter can read."""
    hidden = {layer.key for layer in document.hidden}
    return (
        (MERGED, "Merged (beneath)"),
        *(
            (layer.key, f"{layer.name} (hidden)" if layer.key in hidden else layer.name)
            for layer in reversed(list(everything(document)))
            if layer.key != reader and not isinstance(layer, AdjustmentLayer)
        ),
    )


def _mask_part(layer: AnyLayer, mask: LayerMask) -> Part:
    path = f"{layer.key}.mask"
    names = component_names(mask)
    owned: dict[str, list[Row]] = {name: [] for name in ("painted", *names)}
    link: tuple[Row, ...] = ()
    for slot in slots(layer):
        steps, p = slot.steps, slot.parameter
        if steps == ("mask", "linked"):
            link = (Row(slot.path, p, "Link Layer Mask"),)
        if steps[0] != "mask" or len(steps) < 3 or p.name == "enabled":
            continue
        component = mask.components[steps[2]] if isinstance(steps[2], int) else None
        owner = "painted" if component is None else names[int(steps[2])]
        shown = True
        if isinstance(component, LuminosityMask) and p.name in ("range", "power"):
            shown = (component.kind == "range") == (p.name == "range")
        owned[owner].append(Row(slot.path, p, f"Layer mask {_word(p)}", shown=shown))
    for each in owned.values():
        each.sort(key=lambda row: _rank(row, MASKING))
    parts = [
        Part(
            f"mask_{component.__struct_config__.tag}",
            _component_title(component, name),
            layer.key,
            name,
            tuple(owned[name]),
            f"{path}.{name}.enabled",
            role="component",
        )
        for component, name in zip(mask.components, names, strict=True)
    ]
    has_painted = mask.painted is not None
    rows = tuple(owned["painted"])
    if parts and has_painted:
        eye = f"{path}.painted.enabled"
        parts.insert(0, Part("mask_painted", "Painted", layer.key, "painted", rows, eye, role="painted"))
        rows = ()
    return Part(
        "mask",
        "Layer Mask",
        layer.key,
        "",
        (*rows, *link),
        f"{path}.enabled",
        tuple(parts),
        "mask",
        painted=has_painted,
    )


def _component_title(component: Any, name: str) -> str:
    if isinstance(component, LuminosityMask):
        return f"Luminosity: {choice_label(component.kind)}"
    return f"Generated: {getattr(component, 'name', '') or name}"


def shape(part: Part) -> Any:
    """Return what decides the widgets of a section: sections of one shape can show each other's parameters."""
    rows = tuple((row.parameter, row.choices) for row in part.rows)
    return part.kind, part.role, rows, part.painted, tuple(shape(inner) for inner in part.parts)


def values_of(document: Document, parts: tuple[Part, ...]) -> dict[str, Any]:
    """Return the value of every path that sections show; of layers that a draft is without, none."""
    keys = {part.layer for part in flat(parts)}
    found: dict[str, Any] = {}
    for layer in everything(document):
        if layer.key in keys:
            found[f"{layer.key}.blend_if"] = layer.blend_if
            found.update((slot.path, slot.get(layer)) for slot in slots(layer))
    return found


def flat(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Yield sections and their inner parts."""
    for part in parts:
        yield part
        yield from flat(part.parts)


def component_of(document: Document, part: Part) -> int | None:
    """Return which component of its layer's mask a section is about; None for none, or where it is gone."""
    # While another document comes to the front, the sections are still those of the one before.
    mask = next((layer.mask for layer in everything(document) if layer.key == part.layer), None)
    names = () if mask is None else component_names(mask)
    return names.index(part.key) if part.key in names else None


def applied(document: Document, row: Row, value: Any) -> Document:
    """Return the document with a row's parameter set.

    Raises:
        ValueError: the value cannot be taken; in words for the user.
    """
    key, _, field = row.path.partition(".")
    if field in PLACE or field.startswith("transform."):
        return set_place(document, row.path, value)
    if row.parameter is not BLEND_IF:
        return set_parameter(document, row.path, value)
    return replace_layer(document, key, msgspec.structs.replace(known(document, key), blend_if=value))
