"""Adjustment layers of Photoshop documents, turned into our filters where one of them does the same."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from retexture.filters import AnyFilter
from retexture.filters.black_white import BlackWhite
from retexture.filters.curves import Curves
from retexture.filters.hue_saturation import HueSaturation
from retexture.filters.invert import Invert
from retexture.filters.levels import Levels

Channel = Literal["rgb", "red", "green", "blue"]
_CHANNELS: tuple[Channel, ...] = ("rgb", "red", "green", "blue")

KINDS = {
    b"blnc": "Color Balance", b"blwh": "Black & White", b"brit": "Brightness/Contrast", b"clrL": "Color Lookup",
    b"curv": "Curves", b"expA": "Exposure", b"grdm": "Gradient Map", b"hue ": "Hue/Saturation",
    b"hue2": "Hue/Saturation", b"levl": "Levels", b"mixr": "Channel Mixer", b"nvrt": "Invert",
    b"phfl": "Photo Filter", b"post": "Posterize", b"selc": "Selective Color", b"thrs": "Threshold",
    b"vibA": "Vibrance",
}  # fmt: skip
"""Photoshop's kinds of adjustment layers, by the block that holds their settings."""

_BLACK_WHITE = {
    "reds": b"Rd  ",
    "yellows": b"Yllw",
    "greens": b"Grn ",
    "cyans": b"Cyn ",
    "blues": b"Bl  ",
    "magentas": b"Mgnt",
}


class Adjustment(NamedTuple):
    """What an adjustment layer does."""

    kind: str
    filter: AnyFilter | None
    """None where no filter of ours does it."""
    measured: bool = False
    """Whether the filter is known to give Photoshop's own values."""


def adjustment(blocks: Any) -> Adjustment | None:
    """Return the adjustment that a layer's tagged blocks hold, or None where it is no adjustment layer."""
    key = next((key for key in KINDS if key in blocks), None)
    if key is None:
        return None
    if key == b"nvrt":
        return Adjustment(KINDS[key], Invert(), measured=True)
    setting, make = blocks.get_data(key), _MAKERS.get(key)
    return Adjustment(KINDS[key], None if setting is None or make is None else make(setting))


def _levels(setting: Any) -> AnyFilter | None:
    """Only one of the channels, or all of them alike, may be changed: our filter has one setting."""
    neutral = (0, 255, 0, 255, 100)
    records = [
        (r.input_floor, r.input_ceiling, r.output_floor, r.output_ceiling, r.gamma) for r in list(setting)[:4]
    ]
    changed = [i for i, record in enumerate(records) if record != neutral]
    if len(changed) > 1:
        return None
    index = changed[0] if changed else 0
    black, white, low, high, gamma = records[index]
    return Levels(
        channel=_CHANNELS[index],
        input_black=min(max(float(black), 0), 253),
        input_white=min(max(float(white), 2), 255),
        output_black=min(max(float(low), 0), 255),
        output_white=min(max(float(high), 0), 255),
        gamma=min(max(gamma / 100, 0.1), 9.99),
    )


def _curves(setting: Any) -> AnyFilter | None:
    """As for Levels; freely drawn curves are tables of values, which our filter does not take."""
    if setting.is_map:
        return None
    if setting.extra is not None:
        pairs = [(item.channel_id, item.points) for item in setting.extra]
    else:
        pairs = list(zip((n for n in range(32) if setting.count_map >> n & 1), setting.data, strict=False))
    # Each point is stored as output, input.
    curves = {channel: tuple((float(x), float(y)) for y, x in points) for channel, points in pairs}
    changed = {c: points for c, points in curves.items() if any(x != y for x, y in points)}
    if not changed:
        return Curves()
    channel, points = changed.popitem()
    ascending = all(a[0] < b[0] for a, b in pairwise(points))
    if changed or channel >= len(_CHANNELS) or not ascending or max(map(max, points)) > 255:
        return None
    return Curves(channel=_CHANNELS[channel], points=points)


def _hue_saturation(setting: Any) -> AnyFilter | None:
    """Only Master: neither Colorize nor a range of colours of its own."""
    # The flag says which of the two triples counts: Colorize's, or Master's.
    if setting.enable & 1 and any(setting.colorization):
        return None
    if any(any(values) for _, values in setting.items):
        return None
    hue, saturation, lightness = (float(v) for v in setting.master)
    return HueSaturation(
        hue=min(max(hue, -180), 180),
        saturation=min(max(saturation, -100), 100),
        lightness=min(max(lightness, -100), 100),
    )


def _black_white(setting: Any) -> AnyFilter | None:
    if setting.get(b"useTint"):
        return None
    weights = {name: float(setting[key]) for name, key in _BLACK_WHITE.items() if key in setting}
    return BlackWhite(**{name: min(max(weight, -200), 300) for name, weight in weights.items()})


_MAKERS: dict[bytes, Callable[[Any], AnyFilter | None]] = {
    b"levl": _levels,
    b"curv": _curves,
    b"hue2": _hue_saturation,
    b"blwh": _black_white,
}
