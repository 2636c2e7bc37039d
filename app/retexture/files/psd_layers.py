"""Layer records of Photoshop documents, turned into our layers.

Layouts and flags are those of Adobe's "Photoshop File Formats Specification" and of psd-tools' parser; what the
specification leaves open (which raster holds a vector mask, artboards) was settled on files that Photoshop wrote.
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Source
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.document.settings import snake_case
from retexture.document.tree import MERGED
from retexture.engine.modes import BlendMode
from retexture.files.psd_adjustments import adjustment
from retexture.files.psd_paths import vector_coverage
from retexture.files.psd_pixels import DTYPES, Depth, decode, mask_samples
from retexture.files.psd_records import (
    Notes,
    Rect,
    artboard,
    blend_if,
    byte_of,
    has_effects,
    is_locked,
    layer_name,
    mask_parameters,
    rgb,
)

_TRANSPARENCY, _USER_MASK, _REAL_USER_MASK = -1, -2, -3

_SMART_OBJECTS = (b"SoLd", b"SoLE", b"PlLd", b"plLd")
_TEXTS = (b"TySh", b"tySh")
_VECTOR_MASKS = (b"vmsk", b"vsms")
_FILLS = (b"SoCo", b"GdFl", b"PtFl")
_EFFECTS = (b"lfx2", b"lmfx", b"lfxs")


class Reader:
    """Makes layers of the records of one file, and collects their sources and what cannot be represented."""

    def __init__(self, width: int, height: int, depth: Depth, grey: bool, version: int) -> None:
        self.width, self.height, self.depth, self.version = width, height, depth, version
        self.colours = 1 if grey else 3
        self.sources: list[Source] = []
        self.notes = Notes()
        self._keys = {MERGED}

    # -- what all layers share

    def key(self, name: str) -> str:
        """Return a new snake-case key for a layer of this name."""
        stem = snake_case(name) or "layer"
        key, n = stem, 2
        while key in self._keys:
            key, n = f"{stem}_{n}", n + 1
        self._keys.add(key)
        return key

    def _shared(self, record: Any, name: str) -> dict[str, Any]:
        """Return the fields that all kinds of layers have; notes what has no place in them."""
        blocks = record.tagged_blocks
        self._note_unrepresented(blocks, name)
        mode = BlendMode[record.blend_mode.name]
        if mode is BlendMode.PASS_THROUGH:
            mode = BlendMode.NORMAL
        if mode is BlendMode.DISSOLVE:
            # Photoshop's scatter is a pattern of its own; another one is further from it than its average.
            self.notes.add("Dissolve is read as Normal, as its pattern is Photoshop's own", name)
            mode = BlendMode.NORMAL
        return {
            "key": self.key(name),
            "name": name,
            "visible": bool(record.flags.visible),
            "locked": is_locked(blocks),
            "opacity": record.opacity / 255,
            "fill": byte_of(blocks, b"iOpa", 255) / 255,
            "blend_mode": mode,
            "clipped": int(record.clipping) == 1,
            "clips_as_group": bool(byte_of(blocks, b"clbl", 1)),
            "knockout": byte_of(blocks, b"knko", 0) > 0,
            "blend_if": blend_if(record.blending_ranges, self.colours == 1),
        }

    def _note_unrepresented(self, blocks: Any, name: str) -> None:
        if any(has_effects(blocks.get_data(tag)) for tag in _EFFECTS):
            self.notes.add("layer effects are left out", name)
        if byte_of(blocks, b"knko", 0) > 1:
            self.notes.add("deep knockout is read as shallow", name)
        if not byte_of(blocks, b"tsly", 1):
            self.notes.add("'Transparency Shapes Layer' is taken to be on", name)
        if blocks.get_data(b"brst"):
            self.notes.add("blending is not restricted to some channels", name)
        stroke = blocks.get_data(b"vstk")
        if hasattr(stroke, "get") and stroke.get(b"strokeEnabled"):
            self.notes.add("the stroke of these shapes may be missing", name)

    # -- kinds of layers

    def layer(self, record: Any, channels: Any) -> AnyLayer:
        """Return the layer of a record that is no group.

        Raises:
            ValueError: its data are damaged.
        """
        name, blocks = layer_name(record), record.tagged_blocks
        shared = self._shared(record, name)
        adjusts = adjustment(blocks)
        if adjusts is not None:
            mask = self._mask(record, channels, self._vector(blocks))
            if adjusts.filter is not None:
                if not adjusts.measured:
                    self.notes.add("adjustments may differ from Photoshop's by some levels", name)
                return AdjustmentLayer(**shared, mask=mask, adjustment=adjusts.filter)
            self.notes.add(
                f"adjustment layers of the kind {adjusts.kind} with such settings are left out", name
            )
            return PaintLayer(**shared, mask=mask, tiles=self._no_pixels())
        planes = self._planes(record, channels)
        fill = next((tag for tag in _FILLS if tag in blocks), None)
        vector = self._vector(blocks)
        if fill == b"SoCo" and (vector is None or planes is None):
            colour = self._fill_colour(blocks.get_data(b"SoCo"), planes, name)
            if colour is not None:
                return FillLayer(**shared, mask=self._mask(record, channels, vector), colour=colour)
        if planes is None:
            if fill is not None:
                self.notes.add("fills for which no pixels are stored are left out", name)
            return PaintLayer(**shared, mask=self._mask(record, channels, vector), tiles=self._no_pixels())
        self._note_origin(blocks, fill, name)
        # The stored pixels of a fill layer are cut out by its vector mask already.
        mask = self._mask(record, channels, None if fill else vector, shape=bool(fill and vector))
        colour_planes, alpha = planes
        source = Source(shared["key"], name, Pixels(colour_planes), None if alpha is None else Pixels(alpha))
        self.sources.append(source)
        return PixelLayer(**shared, mask=mask, source=source.key, x_px=record.left, y_px=record.top)

    def group(self, record: Any, channels: Any, divider: Any, layers: tuple[AnyLayer, ...]) -> GroupLayer:
        """Return the group of a closing record.

        Raises:
            ValueError: its mask's data are damaged.
        """
        name, blocks = layer_name(record), record.tagged_blocks
        shared = self._shared(record, name)
        mode = divider.blend_mode or record.blend_mode
        vector = self._vector(blocks)
        mask = self._mask(record, channels, vector)
        board = blocks.get_data(b"artb")
        if board is None:
            return GroupLayer(**{**shared, "blend_mode": BlendMode[mode.name]}, mask=mask, layers=layers)
        rect, colour = artboard(board)
        if colour is not None:
            layers = (FillLayer(key=self.key(f"{name} background"), name="Artboard", colour=colour), *layers)
        inside = np.full((1, rect.size[1], rect.size[0]), self._mask_white, self._mask_dtype)
        bounds = RasterMask(self._blank_mask(0).written(rect.left, rect.top, inside), name="artboard")
        mask = msgspec.structs.replace(
            mask or LayerMask(), components=(*(mask.components if mask else ()), bounds)
        )
        return GroupLayer(**{**shared, "blend_mode": BlendMode.NORMAL}, mask=mask, layers=layers)

    def _note_origin(self, blocks: Any, fill: bytes | None, name: str) -> None:
        reasons = {
            "smart objects are read as the pixels stored for them": any(
                tag in blocks for tag in _SMART_OBJECTS
            ),
            "text is read as the pixels stored for it": any(tag in blocks for tag in _TEXTS),
            "shapes, gradients and patterns are read as the pixels stored for them": fill is not None,
        }
        for reason, applies in reasons.items():
            if applies:
                self.notes.add(reason, name)

    @staticmethod
    def _vector(blocks: Any) -> Any:
        """Return psd-tools' vector mask setting of a record, or None."""
        return next((blocks.get_data(tag) for tag in _VECTOR_MASKS if blocks.get_data(tag)), None)

    def _no_pixels(self) -> Tiles:
        return Tiles(self.width, self.height, background=(0, 0, 0, 0), dtype=DTYPES[self.depth])

    def _planes(self, record: Any, channels: Any) -> tuple[NDArray[Any], NDArray[Any] | None] | None:
        """Return a record's colour (C, h, w) and alpha (h, w), None if opaque; None where it has no pixels."""
        width, height = Rect(record.left, record.top, record.right, record.bottom).size
        if not width or not height:
            return None
        found = {int(info.id): data for info, data in zip(record.channel_info, channels, strict=False)}
        if not any(found[n].data for n in range(self.colours) if n in found):
            return None
        # The first decoded channel tells whether the claimed size is possible, before memory is taken for all.
        first = decode(found[0], width, height, self.depth, self.version) if 0 in found else None
        if first is None or any(n not in found for n in range(self.colours)):
            raise ValueError("a colour channel is missing")
        colour = np.empty((self.colours, height, width), DTYPES[self.depth])
        colour[0] = first
        for n in range(1, self.colours):
            colour[n] = decode(found[n], width, height, self.depth, self.version)
        if _TRANSPARENCY not in found:
            return colour, None
        return colour, decode(found[_TRANSPARENCY], width, height, self.depth, self.version)

    def _fill_colour(self, setting: Any, planes: Any, name: str) -> tuple[float, float, float] | None:
        """Return a solid fill's colour, encoded RGB 0-1: of its stored pixels, else of its setting."""
        if planes is not None:
            samples = [plane.flat[0] for plane in planes[0]]
            white = 1.0 if self.depth == 32 else float(np.iinfo(planes[0].dtype).max)
            red, green, blue = (samples * 3)[:3] if self.colours == 1 else samples
            return (float(red) / white, float(green) / white, float(blue) / white)
        colour = setting.get(b"Clr ") if setting is not None else None
        values = None if colour is None else rgb(colour)
        if values is None:
            self.notes.add("fills in a colour that is neither RGB nor grey are left out", name)
        return values

    # -- masks

    @property
    def _mask_dtype(self) -> type[np.uint8] | type[np.uint16]:
        return np.uint8 if self.depth == 8 else np.uint16

    @property
    def _mask_white(self) -> int:
        return int(np.iinfo(self._mask_dtype).max)

    def _blank_mask(self, default: int) -> Tiles:
        background = (default * (self._mask_white // 255),)
        return Tiles(self.width, self.height, background=background, dtype=self._mask_dtype)

    def _mask(self, record: Any, channels: Any, vector: Any, *, shape: bool = False) -> LayerMask | None:
        """Return a record's raster and vector masks.

        Where a layer has both kinds, Photoshop stores the two multiplied (channel -2) beside the user's own
        raster (-3); with a vector mask alone, -2 is its raster ("from rendering"), or absent.

        Args:
            record: of the layer.
            channels: of the layer.
            vector: psd-tools' vector mask setting, unless the layer's pixels are cut out by it already.
            shape: they are, so that the rendered raster would cut them twice.
        """
        data = record.mask_data
        found = {int(info.id): channel for info, channel in zip(record.channel_info, channels, strict=False)}
        painted, component = None, None
        if data is not None:
            rendered = bool(data.flags.user_mask_from_render)
            if _REAL_USER_MASK in found and data.real_flags is not None:
                rect = Rect(data.real_left, data.real_top, data.real_right, data.real_bottom)
                painted = self._raster(
                    data, data.real_flags, rect, data.real_background_color, found[_REAL_USER_MASK]
                )
            elif not rendered and _USER_MASK in found:
                rect = Rect(data.left, data.top, data.right, data.bottom)
                painted = self._raster(data, data.flags, rect, data.background_color, found[_USER_MASK])
            elif rendered and not shape and vector is not None and not vector.disable and _USER_MASK in found:
                rect = Rect(data.left, data.top, data.right, data.bottom)
                component = self._raster(
                    data, data.flags, rect, data.background_color, found[_USER_MASK], "vector"
                )
        if vector is not None and component is None and not vector.disable:
            component = self._vector_mask(data, vector)
        if painted is None and component is None:
            return None
        return LayerMask(painted, () if component is None else (component,))

    def _raster(
        self, data: Any, flags: Any, rect: Rect, default: int, channel: Any, kind: str = "user"
    ) -> RasterMask:
        tiles = self._blank_mask(default)
        width, height = rect.size
        if width and height and channel.data:
            samples = mask_samples(decode(channel, width, height, self.depth, self.version), self.depth)
            tiles = tiles.written(rect.left, rect.top, samples[None])
        density, feather = mask_parameters(data, kind)
        return RasterMask(
            tiles,
            enabled=not flags.mask_disabled,
            inverted=bool(flags.invert_mask),
            density=density,
            feather_px=feather,
        )

    def _vector_mask(self, data: Any, vector: Any) -> RasterMask:
        samples = vector_coverage(vector, self.width, self.height, self._mask_dtype)
        density, feather = mask_parameters(data, "vector")
        return RasterMask(
            Tiles.from_array(samples[None]), name="vector mask", density=density, feather_px=feather
        )
