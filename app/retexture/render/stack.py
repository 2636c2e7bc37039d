"""How layers combine: the layer tree turned into the engine's flat lists of `LayerOp`."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture import engine
from retexture.document.document import Document
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    Range,
    Sliders,
)
from retexture.engine.blend import REAL
from retexture.engine.modes import BlendMode
from retexture.engine.program import LayerOp, LuminosityOp, Trapezoid
from retexture.engine.reference import luminosity_weight, mix
from retexture.filters.base import Context
from retexture.render.cache import Cache
from retexture.render.contents import Contents
from retexture.render.planes import unit
from retexture.render.region import Region

Array = NDArray[Any]
F32 = NDArray[np.float32]


def _trapezoid(r: Range) -> Trapezoid:
    return (r.black_low, r.black_high, r.white_low, r.white_high)


def sliders(side: Sliders) -> tuple[Trapezoid, Trapezoid, Trapezoid, Trapezoid] | None:
    """Return one side of Blend-If as the engine takes it: grey, red, green, blue; None where it hides nothing."""
    if side.is_full:
        return None
    return tuple(_trapezoid(r) for r in (side.gray, side.red, side.green, side.blue))  # type: ignore[return-value]


def _luminosity(mask: LayerMask | None) -> tuple[LuminosityOp, ...]:
    if mask is None or not mask.enabled:
        return ()
    ranges = [m for m in mask.components if isinstance(m, LuminosityMask) and m.enabled]
    return tuple(LuminosityOp(m.kind, m.power, _trapezoid(m.range), m.inverted, m.density) for m in ranges)


class Stack:
    """Composes the layers of one document at one preview level."""

    def __init__(
        self,
        document: Document,
        level: int,
        cache: Cache,
        cancelled: Callable[[], bool] = lambda: False,
        direct: bool = False,
        cached_only: bool = False,
        draft: bool = False,
    ) -> None:
        self.document = document
        self.contents = Contents(document, level, cache, self.isolated, cancelled, direct, cached_only, draft)

    def isolated(self, layers: tuple[AnyLayer, ...], region: Region) -> F32:
        """Return layers composed over nothing: (4, h, w) float32 0-1, straight alpha last."""
        out = np.empty((4, region.height, region.width), np.float32)
        self.compose_into(out, layers, region)
        return out

    def compose_into(
        self,
        out: Array,
        layers: tuple[AnyLayer, ...],
        region: Region,
        backdrop: F32 | None = None,
        *,
        bgra: bool = False,
    ) -> None:
        """Compose layers over `backdrop` into `out`; see `engine.compose` for both."""
        run = _Run(self, region, backdrop)
        run.add_all(layers)
        run.finish(out, bgra)


class _Run:
    """One composition under way: the picture so far, and the operations not yet carried out on it."""

    def __init__(self, stack: Stack, region: Region, backdrop: F32 | None) -> None:
        self.stack = stack
        self.contents = stack.contents
        self.depth = stack.document.depth
        self.region = region
        self.start = backdrop
        self.picture = backdrop
        self.ops: list[LayerOp] = []

    def finish(self, out: Array, bgra: bool = False) -> None:
        step = 1 << self.contents.level
        origin = (self.region.x * step, self.region.y * step)
        engine.compose(
            out, self.ops, backdrop=self.picture, depth=self.depth, origin=origin, step=step, bgra=bgra
        )

    def flush(self) -> F32:
        """Carry out what is pending and return the picture so far."""
        if self.ops or self.picture is None:
            out = np.empty((4, self.region.height, self.region.width), np.float32)
            self.finish(out)
            self.picture, self.ops = out, []
        return self.picture

    def add_all(self, layers: tuple[AnyLayer, ...]) -> None:
        i = 0
        while i < len(layers):
            base, i = layers[i], i + 1
            clipped = []
            while i < len(layers) and layers[i].clipped:
                clipped.append(layers[i])
                i += 1
            if base.visible:
                self._add(base, tuple(c for c in clipped if c.visible))

    def _add(self, layer: AnyLayer, clipped: tuple[AnyLayer, ...]) -> None:
        if isinstance(layer, AdjustmentLayer):
            self._add_adjustment(layer)
            self.add_all(tuple(_unclipped(c) for c in clipped))
        elif self._passes_through(layer):
            assert isinstance(layer, GroupLayer)
            self._add_pass_through(layer, clipped)
        else:
            self._add_content(layer, clipped)

    @staticmethod
    def _passes_through(layer: AnyLayer) -> bool:
        return (
            isinstance(layer, GroupLayer)
            and layer.blend_mode is BlendMode.PASS_THROUGH
            and not any(f.enabled for f in layer.filters)
        )

    def _op(self, layer: AnyLayer, planes: Array, **changes: Any) -> LayerOp:
        grey = len(planes) == 1
        mode = BlendMode.NORMAL if layer.blend_mode is BlendMode.PASS_THROUGH else layer.blend_mode
        op = LayerOp(
            planes=(planes[0],) * 3 if grey else (planes[0], planes[1], planes[2]),
            alpha=planes[3] if len(planes) == 4 else None,
            masks=self.contents.mask_planes(layer.mask, self.region),
            mode=mode,
            opacity=layer.opacity,
            fill=layer.fill,
            this_layer=sliders(layer.blend_if.this),
            underlying=sliders(layer.blend_if.underlying),
            luminosity=_luminosity(layer.mask),
        )
        return op._replace(**changes)

    def _add_content(self, layer: AnyLayer, clipped: tuple[AnyLayer, ...]) -> None:
        if (
            layer.mask is not None
            and not self.contents.is_plain(layer)
            and not clipped
            and not layer.knockout
        ):
            masks = self.contents.mask_planes(layer.mask, self.region)
            if any(not mask.any() for mask in masks):
                return  # what a mask hides all over need not be computed
        self._add_base(layer, self.contents.planes(layer, self.region), clipped)

    def _add_base(self, layer: AnyLayer, planes: Array, clipped: tuple[AnyLayer, ...]) -> None:
        base = self._op(layer, planes)
        if clipped and layer.clips_as_group:
            whole = np.empty((4, self.region.height, self.region.width), np.float32)
            for i, plane in enumerate(base.planes):
                whole[i] = unit(plane)
            whole[3] = 1
            inner = _Run(self.stack, self.region, whole)
            inner.add_all(tuple(_unclipped(c) for c in clipped))
            merged = inner.flush()
            base = base._replace(planes=(merged[0], merged[1], merged[2]))
            clipped = ()
        if not clipped and not layer.knockout:
            self.ops.append(base)
            return
        shape = _weight(self.flush(), base)
        if layer.knockout:
            self._knock_out(base, shape)
        else:
            self.ops.append(base)
        if clipped:
            self._add_inside(clipped, shape)

    def _knock_out(self, op: LayerOp, shape: F32) -> None:
        """Replace the picture, as far as the layer's shape covers it, by the layer over what this run began with."""
        before = self.flush()
        inner = _Run(self.stack, self.region, self.start)
        inner.ops.append(op._replace(alpha=None, masks=(), luminosity=(), opacity=1.0))
        self.picture = mix(before, inner.flush(), shape * np.float32(op.opacity), depth=self.depth)

    def _add_inside(self, layers: tuple[AnyLayer, ...], shape: F32) -> None:
        """Blend clipped layers, each by its own mode, onto the picture inside `shape`; its coverage stays."""
        before = self.flush()
        opaque = np.concatenate([before[:3], np.ones_like(before[3:])])
        inner = _Run(self.stack, self.region, opaque)
        inner.add_all(tuple(_unclipped(layer) for layer in layers))
        mixed = mix(opaque, inner.flush(), shape, depth=self.depth)
        self.picture = np.concatenate([mixed[:3], before[3:]])

    def _add_adjustment(self, layer: AdjustmentLayer) -> None:
        picture = self.flush()
        context = Context(depth=self.depth, x=self.region.x, y=self.region.y, step=1 << self.contents.level)
        adjusted = layer.adjustment.at_level(self.contents.level).apply(picture[:3], context)
        if self.depth != 32:
            adjusted = np.clip(adjusted, 0, 1)
        self.ops.append(self._op(layer, adjusted, atop=True))

    def _add_pass_through(self, group: GroupLayer, clipped: tuple[AnyLayer, ...]) -> None:
        masks = self.contents.mask_planes(group.mask, self.region)
        luminosity = _luminosity(group.mask)
        strength = group.opacity * group.fill
        judged = not (group.blend_if.this.is_full and group.blend_if.underlying.is_full)
        plain = not (clipped or judged or any(member.knockout for member in group.layers))
        if plain and strength == 1 and not masks and not luminosity:
            self.add_all(group.layers)
            return
        before = self.flush()
        inner = _Run(self.stack, self.region, before)
        inner.add_all(group.layers)
        after = inner.flush()
        if clipped or judged:
            outline = self.contents.planes(group, self.region)[3]
            own = np.concatenate([_own_colour(before, after, outline), outline[None]])
            self._add_base(group, own, clipped)
            return
        weight = np.full(before.shape[1:], strength, np.float32)
        for mask in masks:
            weight *= unit(mask)
        for op in luminosity:
            weight *= luminosity_weight(before[:3], op, REAL)
        self.picture = mix(before, after, weight, depth=self.depth)


def _weight(beneath: F32, op: LayerOp) -> F32:
    """Return the shape (h, w) of a layer: its alpha and masks, the luminosity masks judged on the picture beneath."""
    weight = np.ones(beneath.shape[1:], np.float32) if op.alpha is None else unit(op.alpha).copy()
    for mask in op.masks:
        weight *= unit(mask)
    for range_op in op.luminosity:
        weight *= luminosity_weight(beneath[:3], range_op, REAL)
    return weight


def _own_colour(before: F32, after: F32, outline: F32) -> F32:
    """Return the colour (3, h, w) that layers have brought to a picture where their joint coverage is `outline`.

    It undoes after = before (1 - outline) + colour · outline, premultiplied (PDF 32000-1, 11.4.8: groups that are
    not isolated).
    """
    brought = after[:3] * after[3] - before[:3] * before[3] * (1 - outline)
    own: F32 = np.clip(brought / np.where(outline > 0, outline, np.float32(1)), 0, 1)
    return own


def _unclipped(layer: AnyLayer) -> AnyLayer:
    """Return the layer as it blends inside its clipping group, where the base is an opaque backdrop."""
    return msgspec.structs.replace(layer, clipped=False)
