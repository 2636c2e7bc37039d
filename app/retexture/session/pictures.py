"""What a view can show of a document besides its result: ordinary documents, so that the renderer draws them all."""

import msgspec

from retexture.document.document import Document, find, walk
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PixelLayer,
    RasterMask,
)
from retexture.document.tree import beneath, filters_of, replaced
from retexture.engine.modes import BlendMode
from retexture.filters.black_white import BlackWhite
from retexture.filters.curves import Curves
from retexture.session.session import Session
from retexture.session.target import FilterMask, Target, mask_at

Component = int | str | None
"""Which mask of a layer: a component by its index, that of a filter by the filter's key; None is the painted one."""

RUBYLITH = (1.0, 0.0, 0.0)
RUBYLITH_OPACITY = 0.5
CONTRAST = ((0, 0), (64, 24), (128, 128), (192, 232), (255, 255))
"""Points of the curve over which light and shade are judged."""


def source_picture(document: Document, key: str) -> Document:
    """Return one of the document's sources by itself, where the first layer that shows it has it placed.

    Raises:
        KeyError: no source has that key.
    """
    document.source(key)
    placed = (
        l
        for l in (*walk(document.layers), *walk(document.hidden))
        if isinstance(l, PixelLayer) and l.source == key
    )
    first = next(placed, None)
    x, y = (first.x_px, first.y_px) if first is not None else (0, 0)
    layer = PixelLayer(key=key, name=key, source=key, x_px=x, y_px=y)
    return msgspec.structs.replace(document, layers=(layer,), hidden=(), links=(), selection=None)


def filter_picture(document: Document, layer_key: str, filter_key: str) -> Document:
    """Return what one smart filter of a layer puts out, after those before it; as it is even when switched off."""
    layer = find(document, layer_key)
    until = []
    for item in filters_of(layer):
        until.append(item)
        if item.key == filter_key:
            until[-1] = msgspec.structs.replace(item, enabled=True)
            break
    return layer_picture(document, msgspec.structs.replace(layer, filters=tuple(until)))


def layer_picture(document: Document, layer: AnyLayer) -> Document:
    """Return a layer's content, through its filters, over all that is beneath it."""
    alone = _plain(layer)
    return msgspec.structs.replace(
        document,
        layers=_up_to(document.layers, layer.key, alone) or (*document.layers, alone),
        hidden=(*replaced(document.hidden, layer.key, (alone,)), *document.layers),
    )


def content_picture(document: Document, layer: AnyLayer) -> Document:
    """Return a layer's content, through its filters, over nothing."""
    hidden = (*replaced(document.hidden, layer.key, ()), *replaced(document.layers, layer.key, ()))
    return msgspec.structs.replace(document, layers=(_plain(layer),), hidden=hidden)


def _plain(layer: AnyLayer) -> AnyLayer:
    """Return a layer as if it were only its content: shown fully, in Normal mode, without its mask."""
    return msgspec.structs.replace(
        layer,
        visible=True,
        opacity=1.0,
        fill=1.0,
        blend_mode=BlendMode.NORMAL,
        clipped=False,
        blend_if=type(layer.blend_if)(),
        mask=None,
    )


def with_contrast(document: Document) -> Document:
    """Return the document under Black & White and a steep curve: what dodging and burning evens out stands out."""
    over = (
        AdjustmentLayer(key="helper_black_white", name="", adjustment=BlackWhite()),
        AdjustmentLayer(key="helper_curve", name="", adjustment=Curves(points=CONTRAST)),
    )
    grey = document.mode != "rgb"
    return msgspec.structs.replace(document, layers=(*document.layers, *(over[1:] if grey else over)))


def with_film(document: Document) -> Document:
    """Return the document under a red film where it is not selected: Quick Mask."""
    if document.selection is None:
        return document
    return _under_film(document, RasterMask(tiles=document.selection, inverted=True))


def with_rubylith(document: Document, key: str, component: Component = None) -> Document:
    """Return the document under a red film where a mask of a layer hides; as it is where there is none of pixels."""
    layer = find(document, key)
    plane: RasterMask | LuminosityMask | None
    if isinstance(component, int):
        plane = None if layer.mask is None else layer.mask.components[component]
    else:
        plane = _plane(layer, component)
    if not isinstance(plane, RasterMask):
        return document
    return _under_film(document, msgspec.structs.replace(plane, inverted=not plane.inverted, enabled=True))


def component_of(target: Target) -> Component:
    """Return which mask of its layer is the target; the painted one while the layer itself is."""
    return target.filter if isinstance(target, FilterMask) else None


def _plane(layer: AnyLayer, component: str | None) -> RasterMask | None:
    return mask_at(layer, "mask" if component is None else FilterMask(component))


def _under_film(document: Document, mask: RasterMask) -> Document:
    film = FillLayer(
        key="rubylith",
        name="Rubylith",
        colour=RUBYLITH,
        opacity=RUBYLITH_OPACITY,
        mask=LayerMask(painted=mask),
    )
    return msgspec.structs.replace(document, layers=(*document.layers, film))


def mask_picture(document: Document, key: str, component: Component = None) -> Document:
    """Return a mask of a layer as a grey picture; white without one.

    A luminosity mask is judged on what is beneath the layer, twice: white laid over it through the mask, less black
    laid over it through the mask, is the mask.
    """
    layer = find(document, key)
    mask = layer.mask or LayerMask()
    black = _fill("black", 0.0)
    if not isinstance(component, int):
        plane = _plane(layer, component)
        shown = LayerMask(painted=plane and msgspec.structs.replace(plane, enabled=True))
        return msgspec.structs.replace(document, layers=(black, _fill("white", 1.0, shown)), hidden=())
    only = LayerMask(components=(msgspec.structs.replace(mask.components[component], enabled=True),))
    picture = (black, _group("mask_beneath", beneath(document, key), BlendMode.NORMAL))
    subtracted = (*picture, _fill("mask_black", 0.0, only))
    return msgspec.structs.replace(
        document,
        layers=(
            *picture,
            _fill("mask_white", 1.0, only),
            _group("mask_difference", subtracted, BlendMode.DIFFERENCE),
        ),
        # What is above the layer may be read by what is beneath it.
        hidden=(*document.hidden, *document.layers),
    )


def _group(key: str, layers: tuple[AnyLayer, ...], mode: BlendMode) -> GroupLayer:
    return GroupLayer(key=key, name="", layers=layers, blend_mode=mode)


def _fill(key: str, grey: float, mask: LayerMask | None = None) -> FillLayer:
    return FillLayer(key=key, name="", colour=(grey, grey, grey), mask=mask)


def _up_to(layers: tuple[AnyLayer, ...], key: str, new: AnyLayer) -> tuple[AnyLayer, ...] | None:
    """Return the layers from the bottom to one, `new` in its place; None where it is not among them."""
    for i, layer in enumerate(layers):
        if layer.key == key:
            return (*layers[:i], new)
        if isinstance(layer, GroupLayer):
            inner = _up_to(layer.layers, key, new)
            if inner is not None:
                isolated = layer.blend_mode is not BlendMode.PASS_THROUGH
                mode = BlendMode.NORMAL if isolated else BlendMode.PASS_THROUGH
                group = _group(layer.key, inner, mode)
                return (*layers[:i], group)
    return None


# -- by name

RESULT = "result"
SNAPSHOT = "snapshot:"


def names(session: Session) -> tuple[str, ...]:
    """Return the names of the pictures that can be compared: sources, the result, snapshots."""
    sources = tuple(source.key for source in session.document.sources)
    return (*sources, RESULT, *(f"{SNAPSHOT}{kept.label}" for kept in session.history.snapshots))


def named(session: Session, name: str) -> Document:
    """Return a picture by name; the oldest version where there is none of that name (any more)."""
    document = session.document
    if name == RESULT:
        return document
    if name.startswith(SNAPSHOT):
        for kept in session.history.snapshots:
            if kept.label == name.removeprefix(SNAPSHOT):
                return kept.document
    if any(source.key == name for source in document.sources):
        return source_picture(document, name)
    return session.history.versions[0].document


def default_before(session: Session) -> str:
    """Return the picture that a result is compared with first: the retouched one, else the one source there is."""
    keys = [source.key for source in session.document.sources]
    return next((key for key in ("retouched", "flat", "original") if key in keys), keys[0] if keys else "")


def label(name: str) -> str:
    """Return a picture's name for the user."""
    if not name:
        return "As opened"
    return name.removeprefix(SNAPSHOT) if name.startswith(SNAPSHOT) else name.replace("_", " ").capitalize()


def has_layer(document: Document, key: str) -> bool:
    """Whether a layer, shown or hidden, has that key."""
    return any(layer.key == key for layer in (*walk(document.layers), *walk(document.hidden)))


def has_filter(document: Document, layer_key: str, filter_key: str) -> bool:
    """Whether a layer of that key has a filter of that key."""
    return has_layer(document, layer_key) and any(
        item.key == filter_key for item in filters_of(find(document, layer_key))
    )


def has_mask(document: Document, key: str, component: Component = None) -> bool:
    """Whether a layer has that mask."""
    layer = find(document, key) if has_layer(document, key) else None
    if isinstance(component, int):
        return layer is not None and layer.mask is not None and component < len(layer.mask.components)
    return layer is not None and _plane(layer, component) is not None
