"""Every settable parameter of a document by its path: ``high.opacity``, ``low.gaussian_blur.radius_px``.

A path is a layer's key, then
    opacity, fill, blend_mode, visible, name ...          what its type declares; ``colour`` of a fill layer
    FILTER.enabled, FILTER.PARAMETER                      FILTER is the smart filter's key
    FILTER.mask.density                                   of the filter's mask; inverted, feather_px, enabled
    x_px, y_px, transform.PARAMETER                       where a pixel layer lies
    adjustment.PARAMETER                                  of an adjustment layer
    blend_if.this.gray                                    this or underlying; gray, red, green or blue
    mask.enabled, mask.linked                             the whole layer mask
    mask.density, mask.inverted, mask.feather_px          the painted mask
    mask.painted.enabled                                  the painted mask alone
    mask.COMPONENT.PARAMETER                              COMPONENT is its name in snake case, or its number from 0
"""

import functools
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple, get_type_hints

import msgspec

from retexture.declare import Parameter, describe_range, parameters, parse
from retexture.document.document import Document, Link
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    PixelLayer,
    Range,
)
from retexture.document.transform import Transform, checked_mesh
from retexture.document.tree import (
    check_references,
    everything,
    filters_of,
    known,
    nearest,
    placement,
    reads,
    replaced,
    without_unread,
)
from retexture.engine.modes import BlendMode

COLOUR = Parameter("colour", "text", None, "neutral grey, or red/green/blue, each 0 to 1")
WARP = Parameter("warp", "text", None, "Bend: offsets of 4 x 4 control points in the source's own pixels")

WORDS = {
    COLOUR.name: "neutral or red/green/blue, each 0 to 1",
    WARP.name: "none, or 16 offsets across/down in px, row by row from the top left, as 0/0 12/-3 ...",
}
"""What the parameters take that no declaration can describe."""


class Slot(NamedTuple):
    """One settable field of a layer."""

    path: str
    """From the layer's key on."""
    parameter: Parameter
    steps: tuple[str | int, ...]
    """Field names, and indices of tuples, from the layer to the value."""
    owner: type[msgspec.Struct]
    """The struct that has the field."""

    def get(self, layer: AnyLayer) -> Any:
        """Return the value that the layer has."""
        value: Any = layer
        for step in self.steps:
            value = value[step] if isinstance(step, int) else getattr(value, step)
        return value


def snake_case(text: str) -> str:
    """Return a name as a key: ``Vector mask`` becomes ``vector_mask``."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def slots(layer: AnyLayer) -> Iterator[Slot]:
    """Yield every settable field of a layer, not of its members."""

    def declared(struct: msgspec.Struct, path: str, *steps: str | int) -> Iterator[Slot]:
        for parameter in parameters(type(struct)):
            yield Slot(f"{path}.{parameter.name}", parameter, (*steps, parameter.name), type(struct))

    for slot in declared(layer, layer.key):
        if slot.steps == ("blend_mode",) and not isinstance(layer, GroupLayer):
            choices = tuple(c for c in slot.parameter.choices if c != BlendMode.PASS_THROUGH)
            slot = slot._replace(parameter=msgspec.structs.replace(slot.parameter, choices=choices))
        yield slot
    if isinstance(layer, FillLayer):
        yield Slot(f"{layer.key}.colour", COLOUR, ("colour",), FillLayer)
    if isinstance(layer, PixelLayer):
        yield from declared(layer.transform, f"{layer.key}.transform", "transform")
        yield Slot(f"{layer.key}.transform.warp", WARP, ("transform", "warp"), Transform)
    if isinstance(layer, AdjustmentLayer):
        yield from declared(layer.adjustment, f"{layer.key}.adjustment", "adjustment")
    for i, item in enumerate(filters_of(layer)):
        yield from declared(item, f"{layer.key}.{item.key}", "filters", i)
        yield from declared(item.filter, f"{layer.key}.{item.key}", "filters", i, "filter")
        if item.mask is not None:
            yield from declared(item.mask, f"{layer.key}.{item.key}.mask", "filters", i, "mask")
    for side in ("this", "underlying"):
        yield from declared(getattr(layer.blend_if, side), f"{layer.key}.blend_if.{side}", "blend_if", side)
    if layer.mask is not None:
        yield from declared(layer.mask, f"{layer.key}.mask", "mask")
        if layer.mask.painted is not None:
            for slot in declared(layer.mask.painted, f"{layer.key}.mask", "mask", "painted"):
                own = slot.parameter.name == "enabled"
                yield slot._replace(path=f"{layer.key}.mask.painted.enabled") if own else slot
        for i, name in enumerate(component_names(layer.mask)):
            component = layer.mask.components[i]
            yield from declared(component, f"{layer.key}.mask.{name}", "mask", "components", i)


def component_names(mask: LayerMask) -> tuple[str, ...]:
    """Return the names of a mask's components in paths: by what made them; a second of that name ends in ``_2``."""
    names: list[str] = []
    for component in mask.components:
        kind = str(component.__struct_config__.tag)
        stem = snake_case(getattr(component, "name", "")) or kind
        name, n = stem, 2
        while name in names or name == "painted":
            name, n = f"{stem}_{n}", n + 1
        names.append(name)
    return tuple(names)


def parameter_paths(document: Document) -> list[tuple[str, Parameter, Any]]:
    """Return (path, declaration, value) of every settable parameter of a document, bottom layer first."""
    return [(s.path, s.parameter, s.get(layer)) for layer in everything(document) for s in slots(layer)]


def find_slot(document: Document, path: str) -> tuple[AnyLayer, Slot]:
    """Return the layer and the field that a path names.

    Raises:
        ValueError: it names none; the message names the nearest paths.
    """
    key, _, rest = path.partition(".")
    layer = known(document, key)
    if not rest:
        raise ValueError(f"{path}: name a parameter of the layer, like {key}.opacity")
    found = {slot.path: slot for slot in slots(layer)}
    if path in found:
        return layer, found[path]
    numbered = re.fullmatch(r"mask\.(\d{1,4})\.(\w+)", rest)
    if numbered and layer.mask is not None and int(numbered[1]) < len(layer.mask.components):
        name = component_names(layer.mask)[int(numbered[1])]
        if f"{key}.mask.{name}.{numbered[2]}" in found:
            return layer, found[f"{key}.mask.{name}.{numbered[2]}"]
    raise ValueError(f"{path}: no such parameter{nearest(path, found)}")


def set_parameter(document: Document, path: str, value: Any) -> Document:
    """Return the document with a parameter, and all that are linked to follow it, set to a value.

    Args:
        document: the version before.
        path: see the module's text.
        value: of the parameter's plain type. A Blend-If range is a `Range` or four numbers, a colour three numbers
            or None, a curve pairs of numbers.

    Raises:
        ValueError: no such path; a value of another type or outside the hard range; a follower cannot take the
            value; a filter would read its own layer or none. The message names the path and what is wanted.
    """
    before = _all_reads(document)
    path = find_slot(document, path)[1].path
    for each in (path, *_followers(document.links, path)):
        layer, slot = find_slot(document, each)
        new = _with(layer, slot.steps, checked(slot, value))
        if isinstance(new, PixelLayer) and slot.steps[0] == "transform":
            try:
                placement(document, new).matrix  # noqa: B018 - it refuses corners that cross
            except ValueError as error:
                raise ValueError(f"{each}: {error}") from error
        document = msgspec.structs.replace(
            document,
            layers=replaced(document.layers, layer.key, (new,)),
            hidden=replaced(document.hidden, layer.key, (new,)),
        )
    if _all_reads(document) != before:
        check_references(document)
        document = without_unread(document)
    return document


def _all_reads(document: Document) -> set[str]:
    return reads(document.layers) | reads(document.hidden)


def _followers(links: tuple[Link, ...], path: str) -> list[str]:
    """Return all paths that follow a path, directly or through others; circles are harmless."""
    found = [path]
    for leader in found:
        found += [l.follower for l in links if l.leader == leader and l.follower not in found]
    return found[1:]


def _with(value: Any, steps: tuple[str | int, ...], new: Any) -> Any:
    """Return an immutable value with one inner field replaced."""
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        return (*value[:step], _with(value[step], rest, new), *value[step + 1 :])
    return msgspec.structs.replace(value, **{step: _with(getattr(value, step), rest, new)})


@functools.cache
def _hints(owner: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(owner, include_extras=True)


def checked(slot: Slot, value: Any) -> Any:
    """Return a value as its field holds it.

    Raises:
        ValueError: not of the field's type, or outside its hard range.
    """
    wanted = f"{slot.path} must be {describe(slot.parameter)}, not {_shown(value)}"
    if isinstance(value, bool) and slot.parameter.kind != "switch":
        raise ValueError(wanted)
    try:
        converted = msgspec.convert(value, _hints(slot.owner)[slot.parameter.name])
    except (msgspec.ValidationError, ValueError) as error:
        raise ValueError(wanted) from error
    if isinstance(converted, Range):
        numbers = msgspec.structs.astuple(converted)
        right = all(0 <= n <= 255 for n in numbers) and numbers[0] <= numbers[1] and numbers[2] <= numbers[3]
    elif slot.parameter is COLOUR:
        right = converted is None or all(0 <= n <= 1 for n in converted)
    elif slot.parameter is WARP:
        try:
            checked_mesh(converted)
        except ValueError as error:
            raise ValueError(f"{slot.path}: {error}") from error
        right = True
    elif slot.parameter.kind == "choice":
        right = str(converted) in slot.parameter.choices
    elif slot.parameter.kind == "curve":
        inputs = [x for x, _ in converted]
        right = all(a < b for a, b in pairwise(inputs))
    else:
        right = not isinstance(converted, float) or math.isfinite(converted)
    if not right:
        raise ValueError(wanted)
    return converted


def describe(parameter: Parameter) -> str:
    """Say in a few words what values a parameter takes."""
    return WORDS[parameter.name] if parameter in (COLOUR, WARP) else describe_range(parameter)


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Range | int | float) else repr(value)


def parse_setting(document: Document, text: str) -> tuple[str, Any]:
    """Turn ``path=value`` of the command line into the arguments of `set_parameter`.

    Raises:
        ValueError: another form, no such path, or no such value; the message says what is wanted.
    """
    path, equals, written = (part.strip() for part in text.partition("="))
    if not equals:
        raise ValueError(f"{text!r}: a setting is written path=value")
    _, slot = find_slot(document, path)
    named = msgspec.structs.replace(slot.parameter, name=path)
    value: Any
    if slot.parameter.kind == "range":
        try:
            value = Range.parse(written)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
    elif slot.parameter is COLOUR:
        value = _parse_colour(written)
    elif slot.parameter is WARP:
        value = _parse_warp(written)
    else:
        value = parse(named, written)
    return path, checked(slot, value)


def _parse_colour(text: str) -> Any:
    if text == "neutral":
        return None
    try:
        return tuple(float(part) for part in text.split("/"))
    except ValueError:
        return text  # no colour: refused with the words of all others


def _parse_warp(text: str) -> Any:
    if text == "none":
        return None
    try:
        return tuple(tuple(float(part) for part in pair.split("/")) for pair in text.split())
    except ValueError:
        return text  # refused likewise


def without_dangling_links(document: Document) -> Document:
    """Return the document without links to or from parameters that it no longer has."""
    if not document.links:
        return document
    layers = {layer.key: layer for layer in everything(document)}

    def exists(path: str) -> bool:
        key = path.partition(".")[0]
        return key in layers and any(slot.path == path for slot in slots(layers[key]))

    kept = tuple(l for l in document.links if exists(l.leader) and exists(l.follower))
    return document if kept == document.links else msgspec.structs.replace(document, links=kept)
