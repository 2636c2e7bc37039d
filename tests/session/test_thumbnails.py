"""The small pictures of layers and masks."""

import numpy as np
import pytest

from retexture.document.document import Document, find
from retexture.document.edits import set_parameter
from retexture.document.layers import FillLayer, PaintLayer
from retexture.document.pixels import Tiles
from retexture.engine.modes import BlendMode
from retexture.render.cache import Cache
from retexture.session import layer_edits, mask_edits
from retexture.session.thumbnails import EDGE_PX, Thumbnails, draw_thumbnail, level_of
from tests.session.editing import DOCUMENT, session_of


@pytest.mark.parametrize(
    ("size", "level"), [((64, 10), 0), ((128, 128), 0), ((129, 3), 1), ((256, 200), 1), ((6000, 4000), 6)]
)
def test_thumbnails_are_drawn_from_64_to_128_px(size, level) -> None:
    document = Document(width_px=size[0], height_px=size[1])
    assert level_of(document) == level
    assert level == 0 or 64 <= -(-max(size) >> level) <= 128


def test_a_thumbnail_is_the_layers_content_alone() -> None:
    red = FillLayer(key="red", name="Red", colour=(1, 0, 0), opacity=0.2, blend_mode=BlendMode.SCREEN)
    paint = np.zeros((4, 200, 300), np.uint16)
    paint[1, :, :150] = paint[3, :, :150] = 65535
    paint[0, :, 150:] = 65535  # under full transparency
    layers = (red, PaintLayer(key="green", name="Green", tiles=Tiles.from_array(paint)))
    document = Document(width_px=300, height_px=200, layers=layers)
    cache = Cache(16 << 20)
    picture = draw_thumbnail(document, "red", "layer", cache=cache)
    assert picture.shape == (43, EDGE_PX, 4)
    assert (picture == (0, 0, 255, 255)).all()
    green = draw_thumbnail(document, "green", "layer", cache=cache)
    assert (green[:, :31] == (0, 255, 0, 255)).all()
    assert not green[:, 33:, 3].any()


def test_a_masks_thumbnail_is_grey() -> None:
    session = session_of(
        Document(width_px=300, height_px=200, layers=(FillLayer(key="a", name="A", colour=(1, 1, 1)),))
    )
    layer_edits.new_fill_layer(session)
    mask_edits.add_mask(session, "50_grey_1", "lights")
    lights = draw_thumbnail(session.document, "50_grey_1", "mask", cache=Cache(16 << 20))
    assert (lights[..., :3] >= 254).all()
    mask_edits.add_mask(session, "50_grey_1", "black")
    painted = draw_thumbnail(session.document, "50_grey_1", "mask", cache=Cache(16 << 20))
    assert (painted == (0, 0, 0, 255)).all()


def test_a_thumbnails_key_changes_with_its_pixels_alone() -> None:
    cache = Cache(16 << 20)

    def key(document: Document, layer: str = "low", what="layer"):
        return Thumbnails(document, cache).key(find(document, layer), what)

    assert key(DOCUMENT) == key(set_parameter(set_parameter(DOCUMENT, "low.opacity", 0.5), "low.name", "x"))
    changed = set_parameter(DOCUMENT, "low.gaussian_blur.radius_px", 3.0)
    assert key(changed) != key(DOCUMENT)
    assert key(changed, "high") != key(DOCUMENT, "high"), "it reads low"
    assert key(changed, "paint") == key(DOCUMENT, "paint")
    assert key(changed, "high", "mask") == key(DOCUMENT, "high", "mask")
    inverted = set_parameter(DOCUMENT, "high.mask.inverted", True)
    assert key(inverted, "high", "mask") != key(DOCUMENT, "high", "mask")
    assert key(DOCUMENT, "group") is None
    assert key(DOCUMENT, "invert") is None
    assert key(DOCUMENT, "low", "mask") is None
