"""An automatic restoration measured again, when its pictures are others or lie elsewhere than before."""

import hashlib
import math
from collections.abc import Callable, Sequence

import msgspec

from retexture.document.analysis import Grid, Spot
from retexture.document.document import Document, Source, find
from retexture.document.edits import delete_layer, insert_layer, replace_layer, set_parameter
from retexture.document.layers import AnyLayer, PaintLayer, PixelLayer, RasterMask
from retexture.document.pixels import Pixels
from retexture.document.transform import IDENTITY
from retexture.recipes.auto import (
    DONOR,
    EXTRAS,
    GRAIN,
    PORES,
    TEXTURE,
    UNALIGNED,
    UNALIGNED_ORIGINAL,
    AutoOptions,
    build,
    with_analysis,
)
from retexture.recipes.base import ORIGINAL, RETOUCHED, Materials
from retexture.recipes.materials import completed
from retexture.recipes.measuring import UNMATCHED
from retexture.render.cache import Cache
from retexture.render.render import render
from retexture.session.added_blemish import with_blemish
from retexture.session.layer_edits import unlocked
from retexture.session.pictures import has_layer
from retexture.session.restoration import (
    ADDED,
    alignment_state,
    given_mask,
    grid_of,
    other_shape_problem,
    radius_path,
    relight_path,
    setting,
)
from retexture.texture.alignment import Alignment, DifferentPictures, align, inverse
from retexture.texture.alignment_resample import resample

Tell = Callable[[str, float], None]

USUAL_SENSITIVITY = AutoOptions().sensitivity
PAINT_STAYED = "The mask of Texture was painted on: it stayed, and skin was not sought anew."
GONE = "The original, Retouched, Texture or Clean skin was deleted: undo that first"


def stale(document: Document) -> str | None:
    """Say why what was measured no longer holds; None where it does, or cannot be measured again."""
    analysis = document.analysis
    if analysis is None or not _is_whole(document):
        return None
    original, retouched = _inputs(document)
    if original != analysis.inputs[0]:
        return "The original is another picture than the one that was measured."
    if retouched == analysis.inputs[1]:
        return None
    if alignment_state(document) == "opened":
        return "Blemishes and masks were measured on the aligned picture."
    return "Retouched was moved or replaced since it was measured."


def measured_again(
    document: Document,
    *,
    cache: Cache,
    tell: Tell,
    cancelled: Callable[[], bool] = lambda: False,
    grid: Grid | None = None,
) -> Document:
    """Return the document with all that is measured made anew from its pictures. Takes long: for a worker thread.

    The retouched picture is aligned from where it lies, unless its alignment was removed. The amount, a radius or
    relight that was set by hand, the switches of masks, a mask of Texture that was painted on and decisions on
    blemishes that are found again stay; what was painted on Clean skin itself goes. Own texture, or that of a plate
    that was given, comes, changes or goes as it is needed, Background grain changes or goes; of these, what was deleted
    stays away. All that is laid is hidden when the pictures no longer match as they lie, and shown when they do again.

    Args:
        document: of the recipe `auto`.
        cache: of `render`.
        tell: see `recipes.base.Materials.tell`; it may raise to give up.
        cancelled: of `render`.
        grid: whose shape to keep from now on; None: as it is.

    Raises:
        ValueError: a layer is gone or locked; the two pictures are not of one photograph; the shape of the other one
            cannot be kept (see `other_shape_problem`).
    """
    analysis = document.analysis
    if analysis is None or not _is_whole(document):
        raise ValueError(GONE)
    for key in (DONOR, *(key for key in EXTRAS if has_layer(document, key))):
        unlocked(document, key)
    layer = unlocked(document, RETOUCHED)
    assert isinstance(layer, PixelLayer), "checked by _is_whole"
    if document.depth != 16:
        raise ValueError("Only documents of 16 bits can be measured again")
    was_stale = stale(document) is not None
    if grid not in (None, grid_of(document)):
        problem = other_shape_problem(document)
        if problem is not None:
            raise ValueError(problem)
        document, was_stale = _as_opened(document, layer), True
        layer = unlocked(document, RETOUCHED)
        assert isinstance(layer, PixelLayer), "as it was"
    else:
        grid = grid_of(document)
    placed = _placed(document, layer, cache, cancelled)
    found: Alignment | None = None
    alignment: Alignment | None = None
    if grid == "retouched":
        document, found, alignment = _fitted(document, placed, tell)
    elif alignment_state(document) != "opened":
        document, found = _aligned(document, layer, placed, tell)
        alignment, placed = found, document.source(RETOUCHED).colour
    given = given_mask(document)
    radius_px = _by_hand(document, radius_path(document), analysis.radius_px)
    relight = _by_hand(document, relight_path(document), analysis.relight)
    made = build(
        Materials(
            original=document.source(ORIGINAL).colour,
            retouched=placed,
            mask=given,
            icc=document.icc,
            alignment=alignment,
            found=found,
            pores=document.source(PORES).colour if _has_source(document, PORES) else None,
            tell=tell,
        ),
        AutoOptions(
            sensitivity=USUAL_SENSITIVITY if UNMATCHED in analysis.notes else analysis.sensitivity,
            radius_px=radius_px or 0.0,
            grain=has_layer(document, GRAIN),
        ),
    )
    assert made.analysis is not None, "the recipe measures"
    measured = msgspec.structs.replace(
        made.analysis, inputs=_inputs(document), spots=_decided(analysis.spots, made.analysis.spots)
    )
    if given is not None and analysis.skin != "mask":
        measured = msgspec.structs.replace(measured, notes=(*measured.notes, PAINT_STAYED))
    if found is not None and found.is_identity and not was_stale:
        measured = msgspec.structs.replace(measured, alignment=analysis.alignment)
    document = _with_extras(_with_masks(document, made), made)
    if (UNMATCHED in analysis.notes) != (UNMATCHED in measured.notes):
        for key in (TEXTURE, *(key for key in EXTRAS if has_layer(document, key))):
            document = set_parameter(document, f"{key}.visible", find(made, TEXTURE).visible)
    for path_of, kept in ((radius_path, radius_px), (relight_path, relight)):
        path, new_path = path_of(document), path_of(made)
        if path is not None and new_path is not None and kept is None:
            document = set_parameter(document, path, setting(made, new_path)[1])
    document = with_analysis(document, measured)
    for spot in analysis.spots:
        if spot.kind == ADDED and _nearest(spot, measured.spots) is None:
            document = with_blemish(document, spot.x_px, spot.y_px, spot.radius_px, spot.kept_out)
    return document


def _by_hand(document: Document, path: str | None, measured: float) -> float | None:
    """Return the value of a number; None where it is the measured one, or gone."""
    value = measured if path is None else setting(document, path)[1]
    return None if math.isclose(value, measured, abs_tol=1e-6) else value


def _is_whole(document: Document) -> bool:
    kinds: dict[str, type[AnyLayer]] = {RETOUCHED: PixelLayer, DONOR: PaintLayer}
    there = all(has_layer(document, key) for key in (RETOUCHED, TEXTURE, DONOR))
    return (
        there
        and all(isinstance(find(document, key), kind) for key, kind in kinds.items())
        and _has_source(document, ORIGINAL)
    )


def _inputs(document: Document) -> tuple[str, str]:
    """Return ids of the original and of the retouched picture as it lies: its pixels' own where it is in its place."""
    layer = find(document, RETOUCHED)
    assert isinstance(layer, PixelLayer), "checked by _is_whole"
    retouched = document.source(layer.source).colour.id
    if not _is_in_place(layer):
        place = msgspec.json.encode((layer.x_px, layer.y_px, layer.transform))
        retouched += f" {hashlib.sha256(place).hexdigest()[:16]}"
    return document.source(ORIGINAL).colour.id, retouched


def _is_in_place(layer: PixelLayer) -> bool:
    return (layer.x_px, layer.y_px) == (0, 0) and layer.transform.is_identity


def _placed(document: Document, layer: PixelLayer, cache: Cache, cancelled: Callable[[], bool]) -> Pixels:
    """Return the retouched picture as it lies on the canvas, the original around it: (3, H, W) uint16."""
    colour = document.source(layer.source).colour
    if _is_in_place(layer) and colour.array.shape[1:] == (document.height_px, document.width_px):
        return colour
    under = PixelLayer(key=ORIGINAL, name="", source=ORIGINAL)
    over = PixelLayer(
        key=RETOUCHED,
        name="",
        source=layer.source,
        x_px=layer.x_px,
        y_px=layer.y_px,
        transform=layer.transform,
    )
    alone = msgspec.structs.replace(document, layers=(under, over), hidden=(), links=(), selection=None)
    return Pixels(render(alone, alpha=False, cache=cache, cancelled=cancelled))


def _aligned(document: Document, layer: PixelLayer, placed: Pixels, tell: Tell) -> tuple[Document, Alignment]:
    """Return the document with the retouched picture aligned to the original, as pixels in their place."""
    original = document.source(ORIGINAL).colour
    found = _found(original, placed, tell)
    if found.is_identity and _is_in_place(layer) and layer.source == RETOUCHED:
        return document, found
    if not found.is_identity:
        tell("Resampling", 0)
        placed = Pixels(completed(resample(placed.array, found), original.array, found))
    raw = document.source(layer.source)
    sources = {source.key: source for source in document.sources}
    sources[RETOUCHED] = Source(key=RETOUCHED, name=raw.name, colour=placed)
    sources.setdefault(UNALIGNED, msgspec.structs.replace(raw, key=UNALIGNED))
    document = msgspec.structs.replace(document, sources=tuple(sources.values()))
    new = msgspec.structs.replace(layer, source=RETOUCHED, x_px=0, y_px=0, transform=IDENTITY)
    return replace_layer(document, RETOUCHED, new), found


def _found(original: Pixels, placed: Pixels, tell: Tell) -> Alignment:
    try:
        return align(original.array, placed.array, lambda done: tell("Aligning", done))
    except DifferentPictures as error:
        raise ValueError(f"Retouched cannot be aligned: {error}; replace it, or undo its change") from error


def _as_opened(document: Document, layer: PixelLayer) -> Document:
    """Return the document with both pictures as their files have them."""
    for key, raw in ((ORIGINAL, UNALIGNED_ORIGINAL), (RETOUCHED, UNALIGNED)):
        if _has_source(document, raw):
            document = _with_source(document, msgspec.structs.replace(document.source(raw), key=key))
    if layer.source == UNALIGNED:
        layer = msgspec.structs.replace(layer, source=RETOUCHED)
        document = replace_layer(document, RETOUCHED, layer)
    return _without_source(_without_source(document, UNALIGNED_ORIGINAL), UNALIGNED)


def _fitted(document: Document, placed: Pixels, tell: Tell) -> tuple[Document, Alignment, Alignment]:
    """Return the document with the original, as it was opened, on the retouched picture; how that lay; and back."""
    opened = UNALIGNED_ORIGINAL if _has_source(document, UNALIGNED_ORIGINAL) else ORIGINAL
    raw = document.source(opened)
    found = _found(raw.colour, placed, tell)
    if found.is_identity:
        document = _with_source(document, msgspec.structs.replace(raw, key=ORIGINAL))
        return _without_source(document, UNALIGNED_ORIGINAL), found, found
    tell("Resampling", 0)
    back = inverse(found)
    fitted = Pixels(completed(resample(raw.colour.array, back), placed.array, back))
    document = _with_source(document, Source(key=ORIGINAL, name=raw.name, colour=fitted))
    return _with_source(document, msgspec.structs.replace(raw, key=UNALIGNED_ORIGINAL)), found, back


def _decided(old: tuple[Spot, ...], new: tuple[Spot, ...]) -> tuple[Spot, ...]:
    """Return new spots with the decisions on old ones in their places."""
    found = list(new)
    for spot in old:
        nearest = None if spot.kept_out is None else _nearest(spot, found)
        if nearest is not None:
            found[nearest] = msgspec.structs.replace(found[nearest], kept_out=spot.kept_out)
    return tuple(found)


def _nearest(spot: Spot, spots: Sequence[Spot]) -> int | None:
    """Return the index of the spot that is in the place of another one."""
    away = [math.hypot(other.x_px - spot.x_px, other.y_px - spot.y_px) for other in spots]
    nearest = away.index(min(away)) if away else None
    if nearest is None or away[nearest] > max(spot.radius_px, spots[nearest].radius_px):
        return None
    return nearest


def _with_masks(document: Document, made: Document) -> Document:
    """Return the document with clean skin and the planes of masks from another one; their switches stay."""
    for key in (TEXTURE, DONOR):
        layer = _masked_like(find(document, key), find(made, key))
        if isinstance(layer, PaintLayer):
            paint = find(made, key)
            assert isinstance(paint, PaintLayer), "of the recipe"
            layer = msgspec.structs.replace(layer, tiles=paint.tiles)
        document = replace_layer(document, key, layer)
    return document


def _masked_like(layer: AnyLayer, made: AnyLayer) -> AnyLayer:
    """Return a layer with the planes of another one's mask; the settings of its own stay."""
    if layer.mask is None or made.mask is None:
        return layer
    planes = {part.name: part.tiles for part in made.mask.components if isinstance(part, RasterMask)}
    parts = tuple(
        msgspec.structs.replace(part, tiles=planes[part.name])
        if isinstance(part, RasterMask) and part.name in planes
        else part
        for part in layer.mask.components
    )
    mask = msgspec.structs.replace(layer.mask, components=parts)
    if mask.painted is not None and made.mask.painted is not None:
        painted = msgspec.structs.replace(mask.painted, tiles=made.mask.painted.tiles)
        mask = msgspec.structs.replace(mask, painted=painted)
    return msgspec.structs.replace(layer, mask=mask)


def _with_extras(document: Document, made: Document) -> Document:
    """Return the document with the layers over Texture that another one has, and without those that it has not.

    A source without its layer tells that the user has deleted that.
    """
    for key in reversed(EXTRAS):  # each directly above Texture, beneath those that came before
        known, shown = _has_source(document, key), has_layer(document, key)
        if has_layer(made, key) and shown:
            document = replace_layer(document, key, _masked_like(find(document, key), find(made, key)))
            document = _with_source(document, made.source(key))
        elif has_layer(made, key) and not known:
            document = insert_layer(_with_source(document, made.source(key)), find(made, key), above=TEXTURE)
        elif shown and not has_layer(made, key):
            document = delete_layer(document, key)
            if not has_layer(document, key):  # else another layer reads it
                document = _without_source(document, key)
    return document


def _has_source(document: Document, key: str) -> bool:
    return any(source.key == key for source in document.sources)


def _with_source(document: Document, new: Source) -> Document:
    """Return the document with a source, in the place of the one of that key."""
    sources = {source.key: source for source in document.sources} | {new.key: new}
    return msgspec.structs.replace(document, sources=tuple(sources.values()))


def _without_source(document: Document, key: str) -> Document:
    rest = tuple(source for source in document.sources if source.key != key)
    return msgspec.structs.replace(document, sources=rest)
