"""The automatic restoration: aligned, kept out of removed blemishes, as strong as the original's own texture."""

import math
from typing import Annotated, Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import described, number, picture_file
from retexture.document.analysis import Analysis, Spot
from retexture.document.document import Document, Source, find
from retexture.document.edits import replace_layer
from retexture.document.layers import (
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.errors import InputError
from retexture.filters.texture_gain import TextureGain
from retexture.filters.texture_transfer import TextureTransfer
from retexture.recipes.base import (
    ORIGINAL,
    RETOUCHED,
    Materials,
    Options,
    Recipe,
    document_of,
    mask_of,
    retouched_layer,
    source_of,
)
from retexture.recipes.measuring import LITTLE, UNMATCHED, Measured, look, measure, ovals, reduced, whole
from retexture.recipes.texture_graft import read_plate
from retexture.texture.bald import lacking, synthesise
from retexture.texture.blemishes import Blemish, blemish_mask, reach_px, score_threshold
from retexture.texture.donor import make_donor
from retexture.texture.grain import background_grain
from retexture.texture.plate import plate_texture, scaled
from retexture.texture.pores import PORES_PER_FACE
from retexture.texture.softness import USUAL, strength

DONOR = "donor"
TEXTURE = "texture"
UNALIGNED = "unaligned"
UNALIGNED_ORIGINAL = "unaligned_original"
BLEMISHES = "blemishes"
OWN_TEXTURE = "own_texture"
PLATE = "plate"
PORES = "pores"
GRAIN = "grain"
EXTRAS = (OWN_TEXTURE, PLATE, GRAIN)
"""Layers over Texture that are made where the pictures need them, from below."""
WHITE = 65535


SOFT = (
    "The original has no fine texture to give back: it is soft all over (out of focus, or enlarged), "
    "and the retouched picture stays as it is. Choose a texture plate (option plate), or a sharper original."
)
NOT_NEEDED = "The original has texture of its own all over the face: the plate was not needed."
ENLARGED = (
    "The plate is much smaller than the face's pores ask for and was enlarged: a larger one looks better."
)
MOST_ENLARGED = 2.0
"""Times from which a plate has no finest detail."""


class AutoOptions(Options, frozen=True):
    """What is decided before the layers are made."""

    sensitivity: Annotated[
        float,
        number(
            0,
            100,
            title="Blemish sensitivity",
            help="How faint a removed blemish may be to be kept out; 0 keeps none out",
        ),
    ] = 50.0
    radius_px: Annotated[
        float,
        number(
            0,
            100,
            slider=(0, 20),
            unit="px",
            lowest="Auto",
            help="Detail finer than this is texture; 0 measures it",
        ),
    ] = 0.0
    grain: Annotated[
        bool,
        described(
            "Also lay the original's grain where the retouching took it from the background",
            title="Background grain",
        ),
    ] = False
    plate: Annotated[
        str,
        picture_file(
            "File of a texture plate, for where the original has no texture of its own", title="Texture plate"
        ),
    ] = ""
    pores_per_face: Annotated[
        float,
        number(10, 3000, slider=(50, 600), help="Pores of the plate side by side over the face's width"),
    ] = PORES_PER_FACE


def build(materials: Materials, options: AutoOptions) -> Document:
    """Return Retouched beneath the group Texture: the original, with clean skin over its blemishes.

    Texture Transfer takes the retouched picture's own fine detail from the group's, so that Linear Light puts one in
    the other's place. The group's mask is the skin, to be painted on, with lost texture and certainty of the
    alignment as components. A soft original, which would only blur, is not laid at all.
    """
    plate = read_plate(options.plate, materials.icc) if options.plate else None  # early: it may be missing
    measured = measure(materials, options.sensitivity)
    pores, enlarged = materials.pores, False
    if plate is not None:
        pores, enlarged = _pores(plate, measured, options)
    radius = options.radius_px or measured.analysis.radius_px or 4.0
    donor = _donor(materials, measured, radius)
    bare = np.ones((1, 1), np.float32) if measured.soft else measured.soft_places
    own: tuple[Source, PixelLayer] | None = None
    words: tuple[str, ...] = (SOFT,) if measured.soft else ()
    if pores is None:
        bald = measured.bald if measured.soft or bare is None else bare
        own = _own_texture(materials, measured, bald, radius)
        if own is not None and bald is not None:
            words = (_own_words(bald, measured), *words)
        elif not measured.soft:
            bare = None
    mask = _mask(materials, measured, bare)
    assert mask.painted is not None, "the skin, if nothing was given"
    analysis = msgspec.structs.replace(measured.analysis, mask=mask.painted.tiles.id)
    group = GroupLayer(
        key=TEXTURE,
        name="Texture",
        blend_mode=BlendMode.LINEAR_LIGHT,
        layers=(PixelLayer(key=ORIGINAL, name="Original", source=ORIGINAL), donor),
        filters=smart(
            TextureTransfer(source=RETOUCHED, radius_px=radius, relight=analysis.relight), TextureGain()
        ),
        mask=mask,
        visible=UNMATCHED not in analysis.notes,
    )
    sources: tuple[Source, ...] = (source_of(materials, ORIGINAL), source_of(materials, RETOUCHED))
    if materials.unaligned is not None:
        sources += (Source(key=UNALIGNED, name=materials.names[1], colour=materials.unaligned),)
    if materials.unaligned_original is not None:
        raw = materials.unaligned_original
        sources += (Source(key=UNALIGNED_ORIGINAL, name=materials.names[0], colour=raw),)
    if pores is not None:
        own, words = _plate_texture(materials, measured, pores, bare, mask.painted)
        words = (*words, *([ENLARGED] if own and enlarged else []))
        sources += (Source(key=PORES, name="Pores of the plate", colour=pores),)
    analysis = msgspec.structs.replace(analysis, notes=(*analysis.notes, *words))
    grain = _background_grain(materials, measured) if options.grain else None
    extras = [made for made in (own, grain) if made is not None]
    return document_of(
        materials,
        (*sources, *(source for source, _ in extras)),
        (
            retouched_layer(),
            group,
            *(msgspec.structs.replace(layer, visible=group.visible) for _, layer in extras),
        ),
        analysis=analysis,
    )


def _own_texture(
    materials: Materials, measured: Measured, bald: NDArray[np.float32] | None, radius_px: float
) -> tuple[Source, PixelLayer] | None:
    """Return the face's own texture for where the original has none; None where there is no need, or no clean skin."""
    if bald is None or measured.found is None:
        return None
    materials.tell("Making texture where the original has none", 0.92)
    assert materials.retouched is not None, "checked when it was measured"
    original = materials.original.array
    scale = bald.shape[1] / materials.size[0]
    spots = [blemish_of(spot).scaled(scale) for spot in measured.analysis.spots]
    clean = measured.found * (1 - blemish_mask(spots, *bald.shape[::-1]))
    area = (bald > LITTLE).astype(np.float32)
    try:
        texture = synthesise(original, area, clean, measured.face_width_px, radius_px)
    except ValueError:
        return None
    small, aligned = (reduced(planes, scale) for planes in (original, materials.retouched.array))
    amount = lacking(small, aligned, bald, clean, scale * measured.face_width_px)
    return _laid(OWN_TEXTURE, "Own texture", texture, {"skin": measured.skin, "bald": amount}, materials)


def _own_words(bald: NDArray[np.float32], measured: Measured) -> str:
    return _without(bald, measured) + "the face's own was made there (layer Own texture)."


def _without(bald: NDArray[np.float32], measured: Measured) -> str:
    assert measured.found is not None, "it was found on skin"
    share = float(bald.sum() / measured.found.sum())
    return f"The original has no texture on {share:.0%} of the skin: ".replace("%", " %")


def _pores(plate: NDArray[np.float32], measured: Measured, options: AutoOptions) -> tuple[Pixels, bool]:
    """Return a plate at the scale of the face, as `Materials.pores`; and whether that made it soft itself."""
    try:
        high, scale = scaled(plate, measured.face_width_px, options.pores_per_face)
    except ValueError as error:
        remedy = "choose a larger plate whose pores are in focus, or leave it away"
        raise InputError(options.plate, f"cannot be used as a plate: {error}", remedy) from error
    return Pixels(np.rint((high + 0.5).clip(0, 1) * WHITE).astype(np.uint16)), scale > MOST_ENLARGED


def _plate_texture(
    materials: Materials,
    measured: Measured,
    pores: Pixels,
    bare: NDArray[np.float32] | None,
    painted: RasterMask,
) -> tuple[tuple[Source, PixelLayer] | None, tuple[str, ...]]:
    """Return a plate's texture for where the original has none, and what to say about it; None without need."""
    if measured.found is None:
        return None, ()
    if bare is None:
        return None, (NOT_NEEDED,)
    assert materials.retouched is not None, "checked when it was measured"
    materials.tell("Laying the plate", 0.92)
    texture = plate_texture(
        pores.array.astype(np.float32) / np.float32(WHITE) - np.float32(0.5),
        materials.retouched.array,
        measured.found,
        measured.face_width_px,
        (None if measured.soft else _own_strength(materials, measured, bare)) or USUAL,
    )
    source, layer = _laid(PLATE, "Plate texture", texture, {"bald": bare}, materials)
    assert layer.mask is not None, "made with one"
    skin = RasterMask(painted.tiles, "skin")
    masked = msgspec.structs.replace(layer.mask, components=(skin, *layer.mask.components))
    layer = msgspec.structs.replace(layer, filters=smart(TextureGain()), mask=masked)
    where = "The original has no fine texture: " if measured.soft else _without(bare, measured)
    return (source, layer), (f"{where}the plate's was laid there (layer Plate texture).",)


def _own_strength(materials: Materials, measured: Measured, bald: NDArray[np.float32]) -> float | None:
    """Return how strong texture is where the face has it."""
    scale = bald.shape[1] / materials.size[0]
    area = _on_faces(measured) * (bald < LITTLE)
    return strength(reduced(materials.original.array, scale), area, scale * measured.face_width_px)


def _on_faces(measured: Measured) -> NDArray[np.float32]:
    """Return the skin of the faces, as a neck may be soft by nature; all of it without a face."""
    assert measured.found is not None, "checked by the caller"
    return measured.found * ovals(measured.faces, measured.found.shape) if measured.faces else measured.found


def _background_grain(materials: Materials, measured: Measured) -> tuple[Source, PixelLayer] | None:
    """Return the original's grain for the background; None where none was lost."""
    assert materials.retouched is not None, "checked when it was measured"
    materials.tell("Matching the grain", 0.95)
    skin = np.zeros((8, 8), np.float32) if measured.found is None else measured.found
    grain = background_grain(materials.original.array, materials.retouched.array, skin)
    if grain is None:
        return None
    # Grain is no picture of anything: it needs no match. Beyond the retouched frame the original's own is there.
    background = whole(grain.weight, materials.size)
    if measured.skin is not None:
        background = cv2.multiply(background, WHITE - measured.skin, scale=1 / WHITE).astype(np.uint16)
    return _laid(GRAIN, "Background grain", grain.texture, {"background": background}, materials)


def _laid(
    key: str, name: str, texture: NDArray[np.uint16], masks: dict[str, Any], materials: Materials
) -> tuple[Source, PixelLayer]:
    """Return made texture around mid grey as a layer in Linear Light, behind masks (uint16 full size, or 0-1)."""
    layer = PixelLayer(
        key=key,
        name=name,
        source=key,
        blend_mode=BlendMode.LINEAR_LIGHT,
        mask=LayerMask(
            components=tuple(
                RasterMask(
                    _tiles(materials, whole(plane, materials.size) if plane.dtype == np.float32 else plane),
                    kind,
                )
                for kind, plane in masks.items()
                if plane is not None
            )
        ),
    )
    return Source(key=key, name=name, colour=Pixels(texture)), layer


def _mask(materials: Materials, measured: Measured, bare: NDArray[np.float32] | None) -> LayerMask:
    """Return the skin, or the given mask, as the plane to paint on, and what multiplies into it."""
    loss = measured.loss
    if bare is not None and loss is not None:
        loss = cv2.multiply(loss, WHITE - whole(bare, materials.size), scale=1 / WHITE).astype(np.uint16)
    given = mask_of(materials) or LayerMask(painted=RasterMask(_tiles(materials, measured.skin), "skin"))
    return LayerMask(
        painted=given.painted,
        components=tuple(
            RasterMask(_tiles(materials, plane), name)
            for name, plane in (("loss", loss), ("alignment", measured.confidence))
        ),
    )


def _tiles(materials: Materials, plane: NDArray[np.uint16] | None) -> Tiles:
    if plane is None:
        return Tiles(*materials.size, background=(WHITE,))
    return Tiles.from_array(plane[None])


def _donor(materials: Materials, measured: Measured, radius_px: float) -> PaintLayer:
    """Return the layer of clean skin: paint around every candidate, shown where the blemish mask says so."""
    assert materials.retouched is not None, "checked when it was measured"
    width, height = materials.size
    analysis = measured.analysis
    tiles = Tiles(width, height, background=(0, 0, 0, 0), dtype=np.uint16)
    if analysis.spots and measured.found is not None:
        planes = make_donor(
            materials.original.array,
            materials.retouched.array,
            measured.found,
            tuple(blemish_of(spot) for spot in analysis.spots),
            radius_px,
            measured.face_width_px,
            progress=lambda done: materials.tell("Preparing clean skin", 0.85 + 0.07 * done),
        )
        for spot in analysis.spots:
            tiles = _copied(tiles, planes, spot)
    return PaintLayer(
        key=DONOR,
        name="Clean skin",
        tiles=tiles,
        mask=LayerMask(components=(_blemish_component(analysis, width, height),)),
    )


def blemish_of(spot: Spot) -> Blemish:
    """Return what was found, without the decision on it."""
    return Blemish(spot.x_px, spot.y_px, spot.radius_px, spot.score, spot.kind)


def _copied(tiles: Tiles, planes: NDArray[np.uint16], spot: Spot) -> Tiles:
    """Return the tiles with what the mask of a spot can show, opaque."""
    reach = reach_px(blemish_of(spot)) + 1
    x0, y0 = (max(0, math.floor(at - reach)) for at in (spot.x_px, spot.y_px))
    part = planes[:, y0 : math.ceil(spot.y_px + reach), x0 : math.ceil(spot.x_px + reach)]
    opaque = np.full((1, *part.shape[1:]), WHITE, np.uint16)
    return tiles.written(x0, y0, np.concatenate([part, opaque]))


def kept_out(analysis: Analysis) -> tuple[Spot, ...]:
    """Return the blemishes that are kept out: by the user's decision, else by the sensitivity."""
    least = score_threshold(analysis.sensitivity)
    return tuple(
        spot
        for spot in analysis.spots
        if (spot.score >= least and analysis.sensitivity > 0 if spot.kept_out is None else spot.kept_out)
    )


def _blemish_component(analysis: Analysis, width: int, height: int) -> RasterMask:
    spots = tuple(blemish_of(spot) for spot in kept_out(analysis))
    tiles = Tiles(width, height, background=(0,))
    if spots:
        mask = blemish_mask(spots, width, height)
        tiles = Tiles.from_array((mask * np.float32(WHITE) + np.float32(0.5)).astype(np.uint16)[None])
    return RasterMask(tiles, name=BLEMISHES)


def with_analysis(document: Document, analysis: Analysis) -> Document:
    """Return the document with other decisions on blemishes: the mask of Clean skin made anew from them.

    Raises:
        KeyError: the layer is gone.
        ValueError: its mask of blemishes is gone.
    """
    layer = find(document, DONOR)
    mask = layer.mask or LayerMask()
    plane = _blemish_component(analysis, document.width_px, document.height_px)
    named = [getattr(component, "name", "") == BLEMISHES for component in mask.components]
    if not any(named):
        raise ValueError("the mask of blemishes was deleted from Clean skin")
    made = tuple(
        msgspec.structs.replace(component, tiles=plane.tiles) if is_ours else component
        for component, is_ours in zip(mask.components, named, strict=True)
    )
    new = msgspec.structs.replace(layer, mask=msgspec.structs.replace(mask, components=made))
    return msgspec.structs.replace(replace_layer(document, DONOR, new), analysis=analysis)


RECIPE = Recipe(
    name="auto",
    title="Automatic restoration",
    summary="Finds skin, lost texture and removed blemishes, and lays the subject's own texture where it is missing.",
    build=build,
    look=look,
    options=AutoOptions,
    masked=TEXTURE,
)
