"""Documents as plain values for JSON, and as text for people. Layers stand top first, as in the Layers panel."""

from typing import Any

import msgspec

from retexture.document.document import Document, Source
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PixelLayer,
    RasterMask,
    Sliders,
    SmartFilter,
)
from retexture.files.colour import profile_name
from retexture.filters import AnyFilter


def describe_document(document: Document) -> dict[str, Any]:
    """Return a document's size, depth, profile, sources and layers as plain values."""
    described = {
        "width_px": document.width_px,
        "height_px": document.height_px,
        "depth": document.depth,
        "mode": document.mode,
        "profile": profile_name(document.icc),
        "profile_embedded": document.icc is not None,
        "metadata_bytes": {name: len(block) for name, block in document.metadata.items()},
        "sources": [_source(source) for source in document.sources],
        "layers": _layers(document.layers),
    }
    if document.hidden:
        described["hidden"] = _layers(document.hidden)
    return described


def _source(source: Source) -> dict[str, Any]:
    channels, height, width = source.colour.array.shape
    return {
        "key": source.key,
        "name": source.name,
        "width_px": width,
        "height_px": height,
        "channels": channels + (source.alpha is not None),
        "transparency": source.alpha is not None,
    }


def _layers(layers: tuple[AnyLayer, ...]) -> list[dict[str, Any]]:
    return [_layer(layer) for layer in reversed(layers)]


def _layer(layer: AnyLayer) -> dict[str, Any]:
    described: dict[str, Any] = {
        "key": layer.key,
        "name": layer.name,
        "kind": layer.__struct_config__.tag,
        "visible": layer.visible,
        "locked": layer.locked,
        "opacity": layer.opacity,
        "fill": layer.fill,
        "blend_mode": layer.blend_mode.value,
        "clipped": layer.clipped,
        "blend_if": {
            side: _sliders(sliders)
            for side, sliders in (("this", layer.blend_if.this), ("underlying", layer.blend_if.underlying))
            if not sliders.is_full
        },
        "mask": None if layer.mask is None else _mask(layer.mask),
    }
    match layer:
        case PixelLayer():
            described |= {"source": layer.source, "x_px": layer.x_px, "y_px": layer.y_px}
            if not layer.transform.is_identity:
                described["transform"] = msgspec.to_builtins(layer.transform)
        case FillLayer():
            described["colour"] = layer.colour and list(layer.colour)
        case AdjustmentLayer():
            described["adjustment"] = _filter(layer.adjustment)
        case _:
            pass
    if not isinstance(layer, AdjustmentLayer):
        described["filters"] = [_smart(item) for item in layer.filters]
    if isinstance(layer, GroupLayer):
        described["layers"] = _layers(layer.layers)
    return described


def _sliders(sliders: Sliders) -> dict[str, str]:
    return {name: str(r) for name in sliders.__struct_fields__ if not (r := getattr(sliders, name)).is_full}


def _mask(mask: LayerMask) -> dict[str, Any]:
    return {
        "enabled": mask.enabled,
        "painted": None if mask.painted is None else _plane(mask.painted),
        "components": [_plane(component) for component in mask.components],
    }


def _plane(plane: RasterMask | LuminosityMask) -> dict[str, Any]:
    if isinstance(plane, RasterMask):
        described: dict[str, Any] = {"type": "raster", "name": plane.name, "feather_px": plane.feather_px}
    else:
        described = {
            "type": "luminosity",
            "kind": plane.kind,
            "power": plane.power,
            "range": str(plane.range),
        }
    return described | {"enabled": plane.enabled, "inverted": plane.inverted, "density": plane.density}


def _smart(item: SmartFilter) -> dict[str, Any]:
    described = {"key": item.key, "enabled": item.enabled, **_filter(item.filter)}
    return described if item.mask is None else described | {"mask": _plane(item.mask)}


def _filter(item: AnyFilter) -> dict[str, Any]:
    values = msgspec.to_builtins(item)
    kind = values.pop("type")
    return {"type": kind, "label": item.label, "parameters": values}


def layer_lines(layers: list[dict[str, Any]], indent: str = "  ") -> list[str]:
    """Return the text lines of described layers, top first."""
    lines = []
    for layer in layers:
        lines.append(indent + _headline(layer))
        lines += [f"{indent}    {text}" for text in _details(layer)]
        lines += layer_lines(layer.get("layers", []), indent + "  ")
    return lines


def _headline(layer: dict[str, Any]) -> str:
    name = f"{layer['name']} [{layer['key']}] {layer['kind']}, {layer['blend_mode']}"
    extras = [f"{word} {layer[word]:.0%}" for word in ("opacity", "fill") if layer[word] != 1]
    extras += [word for word in ("locked", "clipped") if layer[word]]
    extras += [] if layer["visible"] else ["hidden"]
    return ", ".join([name, *extras])


def _details(layer: dict[str, Any]) -> list[str]:
    lines = []
    for side, sliders in layer["blend_if"].items():
        lines.append(f"blend-if {side}: " + ", ".join(f"{name} {text}" for name, text in sliders.items()))
    if layer["mask"] is not None:
        planes = [layer["mask"]["painted"], *layer["mask"]["components"]]
        state = "" if layer["mask"]["enabled"] else " (off)"
        lines.append(f"mask{state}: " + ", ".join(_plane_text(plane) for plane in planes if plane))
    for item in (*layer.get("filters", ()), *([layer["adjustment"]] if "adjustment" in layer else ())):
        values = ", ".join(f"{name} {_value_text(value)}" for name, value in item["parameters"].items())
        state = "" if item.get("enabled", True) else " (off)"
        lines.append(f"{item['label']}{state}: {values}" if values else f"{item['label']}{state}")
    return lines


def _plane_text(plane: dict[str, Any]) -> str:
    if plane["type"] == "raster":
        text = plane["name"] or "painted"
        text += f" feathered {plane['feather_px']:g} px" if plane["feather_px"] else ""
    else:
        text = plane["range"] if plane["kind"] == "range" else f"{plane['kind']} {plane['power']}"
    text += " inverted" if plane["inverted"] else ""
    text += f" density {plane['density']:.0%}" if plane["density"] != 1 else ""
    return text + ("" if plane["enabled"] else " (off)")


def _value_text(value: Any) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case _:
            return str(value)
