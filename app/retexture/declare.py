"""Parameters declared once: panels, JSON, command-line flags, tests and docs all read these declarations.

A parameter is a field of a frozen msgspec struct, annotated with `number`, `curve`, `picture_file` or `described`:

    radius_px: Annotated[float, number(0.1, 1000, slider=(0.5, 20), unit="px", help="...")] = 10.0
"""

import functools
from enum import Enum
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

Kind = Literal["number", "integer", "switch", "choice", "text", "file", "range", "curve"]


def number(
    low: float,
    high: float,
    *,
    help: str,
    slider: tuple[float, float] | None = None,
    unit: str = "",
    title: str = "",
    lowest: str = "",
) -> msgspec.Meta:
    """Declare a number: hard range `low`..`high` (ends included), the slider's own range, unit and help.

    A field in `px` is a length in pixels of the full-size picture: previews scale it. For `title` and `lowest` see
    `Parameter`.
    """
    extra = {"slider": slider or (low, high), "unit": unit, "title": title, "lowest": lowest}
    return msgspec.Meta(ge=low, le=high, description=help, extra=extra)


def described(help: str, *, title: str = "") -> msgspec.Meta:
    """Declare a switch, a choice or a text: the field's type says which; only the help is to be told."""
    return msgspec.Meta(description=help, extra={"slider": None, "unit": "", "title": title})


def picture_file(help: str, *, title: str = "") -> msgspec.Meta:
    """Declare the path of a picture, a text; an empty one names none. For `title` see `Parameter`."""
    return msgspec.Meta(description=help, extra={"slider": None, "unit": "", "title": title, "kind": "file"})


def curve(help: str) -> msgspec.Meta:
    """Declare a curve: a tuple of 2 to 16 points (input, output), each number 0-255, inputs ascending."""
    extra = {"slider": None, "unit": "levels", "kind": "curve"}
    return msgspec.Meta(min_length=2, max_length=16, description=help, extra=extra)


class Parameter(msgspec.Struct, frozen=True):
    """One declared parameter, as panels, flags and listings need it."""

    name: str
    kind: Kind
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    slider: tuple[float, float] | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    title: str = ""
    """What people call it, where its name alone would not tell."""
    lowest: str = ""
    """What people call the lowest value, where that is no number: Auto."""


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        return "choice", get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "choice", tuple(str(member.value) for member in annotation)
    kinds: dict[Any, Kind] = {float: "number", int: "integer", bool: "switch", str: "text"}
    return kinds.get(annotation, "range"), ()


def _find_meta(annotation: Any) -> tuple[Any, msgspec.Meta | None]:
    for meta in getattr(annotation, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.extra is not None:
            return get_args(annotation)[0], meta
    return annotation, None


@functools.cache
def parameters(struct: type[msgspec.Struct]) -> tuple[Parameter, ...]:
    """Return the declared parameters of a struct type, in the order of its fields. Other fields are left out."""
    hints = get_type_hints(struct, include_extras=True)
    found = []
    for field in msgspec.structs.fields(struct):
        annotation, meta = _find_meta(hints[field.name])
        if meta is None:
            continue
        kind, choices = _kind(annotation)
        extra = meta.extra or {}
        kind = extra.get("kind", kind)
        found.append(
            Parameter(
                name=field.name,
                kind=kind,
                default=None if field.default is msgspec.NODEFAULT else field.default,
                help=meta.description or "",
                low=None if meta.ge is None else float(meta.ge),
                high=None if meta.le is None else float(meta.le),
                slider=extra["slider"],
                unit=extra["unit"],
                choices=choices,
                title=extra.get("title", ""),
                lowest=extra.get("lowest", ""),
            )
        )
    return tuple(found)


def parse(parameter: Parameter, text: str) -> Any:
    """Turn the text of a command-line flag into the parameter's plain value.

    Raises:
        ValueError: the text is no such value, or lies outside the hard range; the message says what is wanted.
    """
    wanted = describe_range(parameter)
    match parameter.kind:
        case "number" | "integer":
            try:
                value = float(text) if parameter.kind == "number" else int(text)
            except ValueError:
                raise ValueError(f"{parameter.name} must be {wanted}, not {text!r}") from None
            low, high = parameter.low, parameter.high
            if (low is not None and not value >= low) or (high is not None and not value <= high):
                raise ValueError(f"{parameter.name} must be {wanted}, not {text}")
            return value
        case "switch":
            switch = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}.get(
                text.lower()
            )
            if switch is None:
                raise ValueError(f"{parameter.name} must be {wanted}, not {text!r}")
            return switch
        case "choice":
            if text not in parameter.choices:
                raise ValueError(f"{parameter.name} must be {wanted}, not {text!r}")
            return text
        case "curve":
            try:
                points = tuple((float(x), float(y)) for x, y in (point.split("/") for point in text.split()))
            except ValueError:
                points = ()  # refused below
            inside = all(0 <= x <= 255 and 0 <= y <= 255 for x, y in points)
            ascending = all(a[0] < b[0] for a, b in pairwise(points))
            if not (2 <= len(points) <= 16 and inside and ascending):
                raise ValueError(f"{parameter.name} must be {wanted}, not {text!r}")
            return points
        case _:
            return text


def describe_range(parameter: Parameter) -> str:
    """Say in a few words what a parameter takes: ``0.1 to 1000 px``, ``on or off``, ``one of a, b``."""
    match parameter.kind:
        case "switch":
            return "on or off"
        case "choice":
            return "one of " + ", ".join(parameter.choices)
        case "number" | "integer":
            whole = "a whole number " if parameter.kind == "integer" else ""
            text = f"{whole}{parameter.low:g} to {parameter.high:g} {parameter.unit}".rstrip()
            return f"{text}; {parameter.low:g} is {parameter.lowest.lower()}" if parameter.lowest else text
        case "range":
            return "black/black|white/white, 0 to 255"
        case "file":
            return "a picture's file"
        case "curve":
            return "2 to 16 points input/output, 0 to 255, inputs ascending, as 0/0 128/140 255/255"
        case _:
            return "text"
