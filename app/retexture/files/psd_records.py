"""What single blocks of a Photoshop layer record say: names, flags, Blend-If ranges, colours, artboards."""

import struct
from typing import Any, NamedTuple

from retexture.document.layers import FULL, BlendIf, Range, Sliders


class Rect(NamedTuple):
    """A rectangle in pixels of the document."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height); 0 where the sides are out of order."""
        return max(self.right - self.left, 0), max(self.bottom - self.top, 0)


class Notes:
    """What could not be represented: for each reason, the names of the layers."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, *names: str) -> None:
        """Note a reason, and the layer that it is about."""
        self._names.setdefault(reason, []).extend(names)

    def texts(self) -> tuple[str, ...]:
        """Return one line for each reason, naming up to five layers."""
        return tuple(reason + _listed(names) for reason, names in self._names.items())


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f": {shown}{more}" if names else ""


def layer_name(record: Any) -> str:
    """Return a layer's name: the Unicode one where there is one."""
    name = record.tagged_blocks.get_data(b"luni") or record.name or ""
    return " ".join(str(name).replace("\0", " ").split()) or "Layer"


def byte_of(blocks: Any, tag: bytes, default: int) -> int:
    """Return the number that a tagged block holds."""
    value = blocks.get_data(tag)
    return int(value) if isinstance(value, int) else default


def is_locked(blocks: Any) -> bool:
    """Whether a layer's pixels are locked: bit 1 of the protection flags, or bit 31, everything."""
    flags = blocks.get_data(b"lspf")
    value = getattr(flags, "value", flags)
    return isinstance(value, int) and bool(value & 0x80000002)


def has_effects(setting: Any) -> bool:
    """Whether a layer's effects are switched on, and any of them."""
    if not hasattr(setting, "get") or not setting.get(b"masterFXSwitch"):
        return False
    for effect in setting.values():
        for item in effect if hasattr(effect, "append") else [effect]:
            if hasattr(item, "get") and item.get(b"enab") and item.get(b"present", True):
                return True
    return False


def mask_parameters(data: Any, kind: str) -> tuple[float, float]:
    """Return the density (0-1) and the feather (px) of a layer's ``user`` or ``vector`` mask."""
    parameters = None if data is None else data.parameters
    density = getattr(parameters, f"{kind}_mask_density", None)
    feather = getattr(parameters, f"{kind}_mask_feather", None)
    feather = 0.0 if feather is None or not feather > 0 else min(float(feather), 1000.0)
    return 1.0 if density is None else density / 255, feather


def _slider(pair: Any) -> Range:
    """Return a slider from its black and its white word: the left handle in the high byte, the right in the low."""
    black, white = (sorted(struct.pack(">H", word)) for word in pair)
    return Range(float(black[0]), float(black[1]), float(white[0]), float(white[1]))


def blend_if(ranges: Any, grey: bool) -> BlendIf:
    """Return the Blend-If sliders of a record: pairs (this layer, underlying) for Gray, then for each channel.

    A grey document has Gray alone; should its one channel have a range besides, Gray's own comes first.
    """
    pairs = [ranges.composite_ranges, *(ranges.channel_ranges or ())] if ranges.composite_ranges else []
    sides = []
    for side in (0, 1):
        sliders = [_slider(pair[side]) for pair in pairs[:4]]
        sliders += [FULL] * (4 - len(sliders))
        if grey:
            sliders = [sliders[1] if sliders[0].is_full else sliders[0], FULL, FULL, FULL]
        sides.append(Sliders(*sliders))
    return BlendIf(*sides)


def rgb(colour: Any) -> tuple[float, float, float] | None:
    """Return a colour descriptor's encoded RGB 0-1; None of another kind than RGB and grey."""
    if b"Rd  " in colour:
        red, green, blue = (float(colour[key]) / 255 for key in (b"Rd  ", b"Grn ", b"Bl  "))
        return red, green, blue
    if b"Gry " in colour:  # percent of ink
        level = 1 - float(colour[b"Gry "]) / 100
        return level, level, level
    return None


def artboard(setting: Any) -> tuple[Rect, tuple[float, float, float] | None]:
    """Return an artboard's bounds and background colour, None if transparent."""
    rect = setting[b"artboardRect"]
    bounds = Rect(*(round(float(rect[key])) for key in (b"Left", b"Top ", b"Rght", b"Btom")))
    backgrounds = {1: (1.0, 1.0, 1.0), 2: (0.0, 0.0, 0.0), 3: None}
    kind = int(setting[b"artboardBackgroundType"])
    return bounds, backgrounds[kind] if kind in backgrounds else rgb(setting[b"Clr "])
