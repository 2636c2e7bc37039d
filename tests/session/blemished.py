"""Skin with a blemish, and strokes that clone over it."""

import msgspec
import numpy as np

from retexture.document.document import Document, Source
from retexture.document.layers import PixelLayer, smart
from retexture.document.pixels import Pixels
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.cache import Cache
from retexture.session.brush import Brush
from retexture.session.cloning import CloneStroke, Cover, trimmed
from retexture.session.painting import painted
from retexture.session.retouching import retouch_target
from retexture.session.sampling import Sampled, remedy, sampled_document
from retexture.session.session import Session
from tests.document.documents import DTYPES
from tests.texture.skin import blemish, disc, skin

WIDTH, HEIGHT = 400, 300
HARD = Brush(size_px=41, hardness=1, smoothing=0, opacity_pressure=False)


def stored(planes, depth):
    white = {8: 255, 16: 65535, 32: 1}[depth]
    values = np.clip(planes, 0, 1) * white
    return (values if depth == 32 else np.round(values)).astype(DTYPES[depth])


def skin_document(depth=16, spot=True):
    planes = skin(HEIGHT, WIDTH, 3)
    if spot:
        planes = planes + blemish(HEIGHT, WIDTH, 200, 150, 12)
    picture = Source("picture", "Picture", Pixels(stored(planes, depth)))
    return Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        depth=depth,
        layers=(PixelLayer(key="skin", name="Skin", source="picture"),),
        sources=(picture,),
    )


def separated():
    """The skin as Low and High."""
    low = PixelLayer(key="low", name="Low", source="picture", filters=smart(GaussianBlur(radius_px=4)))
    high = PixelLayer(
        key="high",
        name="High",
        source="picture",
        blend_mode=BlendMode.LINEAR_LIGHT,
        filters=smart(ApplyImage(source="low", blending="add", invert=True, scale=2)),
    )
    return msgspec.structs.replace(skin_document(), layers=(low, high))


def open_at(document, key, target="layer"):
    session = Session(document, title="")
    session.select(key, target)
    return session


def sampled(document, key="skin", sample="current"):
    what = (document, key, sample)
    return Sampled(sampled_document(*what), Cache(64 << 20), remedy(*what))


def clone(session, way, offset, brush=HARD, sample="current", selection=None):
    """Make a stroke as the tool does, and return the target."""
    target = retouch_target(session)
    picture = sampled(session.document, target.layer, sample)
    stroke = CloneStroke(target.tiles, brush, picture, offset, selection)
    stroke.begin(*way[0])
    for event in way[1:]:
        stroke.move(*event)
    stroke.finish()
    gesture = session.begin("Clone Stamp")
    gesture.update(target.document)
    gesture.update(painted(gesture.document, target.key, "layer", stroke.tiles))
    gesture.commit()
    return target


def cover(x, y, radius):
    return trimmed(Cover(0, 0, disc(HEIGHT, WIDTH, x, y, radius)))
