"""``python packaging/recipe_pictures.py``: draws resources/recipes/*.jpg, the small pictures of the start page.

Each shows the built-in sample, as it comes on the left and as the recipe leaves it on the right.
"""

from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document
from retexture.document.edits import replace_layer
from retexture.document.layers import PaintLayer
from retexture.document.pixels import Pixels
from retexture.document.tree import known
from retexture.files.images import as_depth, write_image
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.base import Materials
from retexture.render.region import Region
from retexture.render.render import render
from retexture.sample import Sample, make_sample

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "recipes"
SIZE_PX = 1200
LEFT, TOP, WIDTH, HEIGHT = 616, 562, 240, 160
"""An eye and the cheek below it."""
QUALITY = 92

SETTINGS = {
    "grain": ("grain.add_noise.amount_percent=22", "grain.gaussian_blur.radius_px=0.7"),
    "high-pass": ("texture.high_pass.radius_px=3",),
    "hybrid-fs": ("low.gaussian_blur.radius_px=4",),
    "texture-graft": ("patch=740,700,70,70", "radius_px=5"),
    "texture-extractor": ("low.gaussian_blur.radius_px=3", "smooth.smooth_blur.radius_px=10"),
}
"""Strong enough to be seen at this size."""

STROKES = ((775, 690, 44, 20, 0.3), (842, 690, 22, 60, -0.4))
"""Of dodge and burn: centre, radii, and how much lighter or darker than 50 % grey."""


def painted(document: Document) -> Document:
    """Return the dodge-and-burn document with light painted on the cheek and shade around the eye."""
    paint = known(document, "dodge_burn")
    assert isinstance(paint, PaintLayer)
    grey = np.full((SIZE_PX, SIZE_PX), 0.5, np.float32)
    for x, y, across_px, down_px, strength in STROKES:
        stroke = np.zeros_like(grey)
        cv2.ellipse(stroke, (x, y), (across_px, down_px), -12, 0, 360, strength, -1)
        grey += cv2.GaussianBlur(stroke, (0, 0), 12)
    plane = np.rint(grey * 65535).astype(np.uint16)
    tiles = paint.tiles.written(0, 0, np.stack([plane, plane, plane, np.full_like(plane, 65535)]))
    return replace_layer(document, paint.key, msgspec.structs.replace(paint, tiles=tiles))


def picture(name: str, sample: Sample) -> NDArray[np.uint8]:
    """Return a recipe's picture (3, HEIGHT, WIDTH): before | after, a light line between them."""
    recipe = RECIPES[name]
    before = sample.original if recipe.flat else sample.retouched
    materials = Materials(
        original=Pixels(sample.original),
        retouched=None if recipe.flat else Pixels(sample.retouched),
        mask=sample.skin,
    )
    document = build_document(recipe, materials, settings=SETTINGS.get(name, ()))
    if name == "dodge-burn":
        document = painted(document)
    shown = before[:, TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH].copy()
    after = render(document, Region(LEFT, TOP, WIDTH, HEIGHT), alpha=False)
    shown[..., WIDTH // 2 :] = after[..., WIDTH // 2 :]
    shown[..., WIDTH // 2 - 1 : WIDTH // 2 + 1] = 60000
    return as_depth(shown, 8)


def main() -> None:
    """Draw every recipe's picture anew."""
    sample = make_sample(SIZE_PX)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in RECIPES:
        write_image(FOLDER / f"{name}.jpg", picture(name, sample), quality=QUALITY, overwrite=True)


if __name__ == "__main__":
    main()
