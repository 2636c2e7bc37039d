"""Lost texture as colours: measured on the pair, laid over the result, let go of when the pair is another one."""

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, Source, find
from retexture.document.edits import replace_layer
from retexture.document.layers import LayerMask, RasterMask
from retexture.document.pixels import Pixels, Tiles
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.session import pictures
from retexture.session.drawing import Picture, draw
from retexture.session.look import Look
from retexture.session.session import Session
from retexture.session.texture_loss import COLOURS, STRENGTH, measure_loss, measured_on
from tests.session.restored import restored_document

WIDTH, HEIGHT = 240, 200
LOST, KEPT, NO_SKIN = (40, 60), (200, 60), (120, 180)
"""Places: texture is gone on the left and still there on the right; the lower part is no skin."""


@pytest.fixture(scope="module")
def document() -> Document:
    made = restored_document(WIDTH, HEIGHT)
    original = made.source("original").colour.array
    retouched = made.source("retouched").colour.array.copy()
    retouched[..., WIDTH // 2 :] = original[..., WIDTH // 2 :]
    made = with_source(made, "retouched", retouched)
    skin = np.full((1, HEIGHT, WIDTH), 65535, np.uint16)
    skin[:, 140:] = 0
    texture = find(made, "texture")
    certain = np.full((1, HEIGHT, WIDTH), 65535, np.uint16)
    certain[..., :20] = 0
    mask = LayerMask(
        painted=RasterMask(Tiles.from_array(skin), name="skin"),
        components=(RasterMask(Tiles.from_array(certain), name="alignment"),),
    )
    return replace_layer(made, "texture", msgspec.structs.replace(texture, mask=mask))


def with_source(document: Document, key: str, planes: np.ndarray) -> Document:
    sources = tuple(
        Source(key=key, name=each.name, colour=Pixels(planes)) if each.key == key else each
        for each in document.sources
    )
    return msgspec.structs.replace(document, sources=sources)


def shown(document: Document, region: Region, scale: float = 1.0) -> np.ndarray:
    picture = Picture(document, heat=measure_loss(document))
    return draw(picture, scale, region, exact=True, cache=Cache(1 << 24))


def test_what_was_smoothed_is_lost_and_what_was_left_is_not(document: Document):
    lost, cover = measure_loss(document).planes.array
    assert lost[LOST[::-1]] > 0.8 * 255
    assert lost[KEPT[::-1]] < 0.1 * 255
    assert cover[LOST[::-1]] == cover[KEPT[::-1]] == 255
    assert cover[NO_SKIN[::-1]] == 0
    assert not cover[:, :15].any(), "there the pictures do not match"


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_the_colours_lie_on_the_skin_alone_over_a_grey_picture(document: Document, scale: float):
    whole = Region(0, 0, round(WIDTH * scale), round(HEIGHT * scale))
    out = shown(document, whole, scale)
    plain = draw(Picture(document), scale, whole, exact=True, cache=Cache(1 << 24))
    grey = plain[..., :3] @ [0.114, 0.587, 0.299]
    lost = measure_loss(document).planes.array[0]
    for x, y in (LOST, KEPT):
        colour = COLOURS[lost[y, x]]
        x, y = round(x * scale), round(y * scale)
        expected = (1 - STRENGTH) * grey[y, x] + STRENGTH * colour
        assert np.abs(out[y, x, :3] - expected).max() < 20
    x, y = round(NO_SKIN[0] * scale), round(NO_SKIN[1] * scale)
    assert np.abs(out[y, x, :3] - grey[y, x]).max() <= 1
    assert (out[..., 3] == 255).all()


def test_a_part_is_drawn_as_it_is_in_the_whole(document: Document):
    whole = shown(document, Region(0, 0, WIDTH, HEIGHT))
    part = shown(document, Region(30, 50, 100, 120))
    assert np.abs(part.astype(int) - whole[50:170, 30:130]).max() <= 1


def test_the_look_lays_it_over_the_result_alone(document: Document):
    session = Session(document, title="")
    heat = measure_loss(document)
    look = Look(heat=heat)
    assert not look.plain
    assert look.settled(session) is look
    assert look.picture(session, pictures.RESULT) == Picture(document, heat=heat)
    assert look.picture(session, "original") == Picture(pictures.named(session, "original"))


def test_it_goes_with_what_it_was_measured_on(document: Document):
    heat = measure_loss(document)
    other = with_source(document, "retouched", document.source("original").colour.array.copy())
    assert Look(heat=heat).settled(Session(other, title="")) == Look()
    texture = find(document, "texture")
    bare = replace_layer(document, "texture", msgspec.structs.replace(texture, mask=None))
    assert Look(heat=heat).settled(Session(bare, title="")) == Look()
    assert measured_on(bare) is None
    with pytest.raises(ValueError, match="is gone"):
        measure_loss(bare)


def test_other_documents_have_nothing_to_measure(document: Document):
    assert measured_on(msgspec.structs.replace(document, analysis=None)) is None
