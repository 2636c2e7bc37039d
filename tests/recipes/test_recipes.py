"""Each recipe's pixels against its published arithmetic in float64, and its layers against the article's."""

import msgspec
import numpy as np
import pytest
from imagecodecs import cms_profile
from scipy.ndimage import gaussian_filter

from retexture.document.document import find
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import LayerMask, RasterMask
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.files.colour import convert
from retexture.files.images import write_image
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.base import Materials
from retexture.render.render import flatten

HEIGHT, WIDTH = 120, 150
STEP = 1 / 65535


def blur(picture, sigma):
    return np.stack([gaussian_filter(p, sigma, mode="nearest", truncate=6) for p in picture])


def quantised(picture):
    return (np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16)


def make_skin():
    """Tone, pores and an edge, away from black and white so that no formula clips by chance."""
    rng = np.random.default_rng(11)
    tone = blur(rng.random((3, HEIGHT, WIDTH)), 20) * 3 - 1.1
    pores = blur(rng.normal(0, 0.2, (1, HEIGHT, WIDTH)), 0.8)
    edge = np.where(np.arange(WIDTH) > 110, 0.2, 0.0)
    return np.clip(tone + pores + edge + 0.05, 0.1, 0.9)


ORIGINAL = quantised(make_skin())
RETOUCHED = quantised(blur(ORIGINAL / 65535, 4) * 0.95 + 0.03)
O, A = ORIGINAL / 65535, RETOUCHED / 65535


def materials(**more):
    return Materials(original=Pixels(ORIGINAL.copy()), retouched=Pixels(RETOUCHED.copy()), **more)


def flat_materials(**more):
    return Materials(original=Pixels(ORIGINAL.copy()), **more)


def restore(name, *settings, preset=None, **more):
    recipe = RECIPES[name]
    given = flat_materials(**more) if recipe.flat else materials(**more)
    colour, alpha = flatten(build_document(recipe, given, preset, settings))
    assert alpha is None
    return colour / 65535


def assert_equal(got, wanted, steps=1.5):
    """Hold a 16-bit picture to a formula: rounding, and the tail that a blur's kernel leaves out."""
    error = np.abs(got - np.clip(wanted, 0, 1)) / STEP
    assert np.percentile(error, 99) <= 1.01
    assert error.max() <= steps


@pytest.mark.parametrize("radius", [5, 6, 8])
def test_hybrid_separation_adds_what_the_blur_took_from_the_original(radius):
    got = restore("hybrid-fs", f"low.gaussian_blur.radius_px={radius}")
    wanted = A + O - blur(O, radius)
    assert_equal(got, wanted, steps=4)
    assert np.abs(got - (A + O - blur(O, radius + 0.5))).max() > 100 * STEP, "another radius would be noticed"


def test_hybrid_separation_with_the_groups_gaussian_swaps_the_low_frequencies():
    got = restore("hybrid-fs", "retouched_group.gaussian_blur.enabled=on", "low.gaussian_blur.radius_px=5")
    assert_equal(got, blur(A, 5) + O - blur(O, 5), steps=5)


def test_the_groups_gaussian_follows_the_radius_of_low():
    document = build_document(RECIPES["hybrid-fs"], materials(), None, ["low.gaussian_blur.radius_px=7.5"])
    assert find(document, "retouched_group").filters[0].filter.radius_px == 7.5


def test_hybrid_separation_keeps_a_luminosity_mask_ready():
    got = restore("hybrid-fs", preset="article")
    light = np.tensordot([0.30, 0.59, 0.11], A, 1)
    assert_equal(got, A + 4 * light * (1 - light) * (O - blur(O, 6)), steps=4)


def test_hybrid_separation_of_a_picture_and_its_own_blur_gives_the_picture_back():
    low = quantised(blur(O, 6))
    pair = Materials(original=Pixels(ORIGINAL.copy()), retouched=Pixels(low))
    colour, _ = flatten(build_document(RECIPES["hybrid-fs"], pair))
    assert np.abs(colour.astype(int) - ORIGINAL).max() <= 1


def test_the_8_bit_form_lifts_a_16_bit_document_by_one_8_bit_level():
    form = ["blending=subtract", "invert=off", "scale=2", "offset=128"]
    got = restore("hybrid-fs", *(f"high.apply_image.{s}" for s in form))
    assert_equal(got, A + O - blur(O, 6) + 1 / 255, steps=4)


@pytest.mark.parametrize("grey", [False, True])
def test_high_pass_adds_twice_the_detail_at_100_percent_and_once_at_50(grey):
    source = np.repeat((O.max(0) + O.min(0))[None] / 2, 3, 0) if grey else O
    detail = np.clip(source - blur(source, 2) + 0.5, 0, 1) - 0.5
    twice = restore("high-pass", preset="article-grey" if grey else "article")
    assert_equal(twice, A + 2 * detail, steps=6)
    switch = "on" if grey else "off"
    once = restore("high-pass", "texture.high_pass.radius_px=2", f"texture.desaturate.enabled={switch}")
    assert_equal(once, A + 0.5 * (np.clip(A + 2 * detail, 0, 1) - A), steps=4)


def ramp(value, b0, b1, w0, w1):
    return np.clip((value * 255 - b0) / (b1 - b0), 0, 1) * np.clip((w1 - value * 255) / (w1 - w0), 0, 1)


@pytest.mark.parametrize("preset", [None, "article"])
def test_high_pass_with_blend_if_weighs_by_both_sliders(preset):
    grey = np.repeat((O.max(0) + O.min(0))[None] / 2, 3, 0)
    layer = np.clip(grey - blur(grey, 3) + 0.5, 0, 1)
    beneath = np.tensordot([0.30, 0.59, 0.11], A, 1)
    if preset:
        opacity, weight = 1.0, ramp(layer[0], 31, 82, 173, 224)
    else:
        opacity, weight = 0.5, ramp(layer[0], 96, 116, 140, 160) * ramp(beneath, 20, 60, 210, 245)
    assert weight.min() < 0.9, "the picture must have something for Blend-If to hide"
    wanted = A + opacity * weight * (np.clip(A + 2 * layer - 1, 0, 1) - A)
    assert_equal(restore("high-pass-blend-if", preset=preset), wanted, steps=40)


def test_grain_is_noise_on_grey():
    still = restore("grain", "grain.add_noise.amount_percent=0")
    assert_equal(still, A)
    mild, strong = (restore("grain", f"grain.add_noise.amount_percent={p}") - A for p in (3, 12))
    assert 3 < np.std(strong) / np.std(mild) < 5
    overlay = restore("grain", "grain.gaussian_blur.radius_px=0", "grain.blend_mode=overlay") - A
    # Overlay on 50 % grey plus n adds 2 n min(b, 1 - b); uniform noise of 3 % has a deviation of 0.03 / sqrt(3).
    assert np.std(overlay / np.minimum(A, 1 - A)) == pytest.approx(2 * 0.03 / np.sqrt(3), rel=0.03)
    assert abs(np.mean(overlay)) < np.std(overlay) / 20
    again, other = restore("grain"), restore("grain", "grain.add_noise.seed=2")
    assert np.array_equal(again, restore("grain"))
    assert not np.array_equal(again, other)


def test_grain_presets_are_the_articles_numbers():
    for preset, mode, radius in (("article", "soft-light", 1.0), ("article-overlay", "overlay", 0.5)):
        layer = find(build_document(RECIPES["grain"], materials(), preset), "grain")
        noise, softening = (f.filter for f in layer.filters)
        assert (layer.blend_mode, noise.amount_percent, softening.radius_px) == (mode, 3.0, radius)
        assert noise.monochromatic


def test_the_extractor_changes_nothing_until_something_is_smoothed():
    assert np.abs(restore("texture-extractor") - O).max() <= STEP * 1.01


def test_the_extractor_keeps_the_pores_over_what_is_smoothed():
    white = np.full((HEIGHT, WIDTH), 65535, np.uint16)
    got = restore("texture-extractor", "smooth.smooth_blur.radius_px=9", mask=white)
    assert_equal(got, blur(blur(O, 5), 9) + O - blur(O, 5), steps=5)


def test_the_extractor_smooths_only_where_its_mask_is_painted():
    document = build_document(
        RECIPES["texture-extractor"], flat_materials(), None, ["smooth.smooth_blur.radius_px=9"]
    )
    assert np.abs(flatten(document)[0].astype(int) - ORIGINAL).max() <= 1


def test_dodge_and_burn_is_neutral_until_painted_on():
    assert_equal(restore("dodge-burn"), A)
    document = build_document(RECIPES["dodge-burn"], materials())
    paint = find(document, "dodge_burn")
    lighter = paint.tiles.written(
        0, 0, np.array([45000] * 3 + [65535], np.uint16)[:, None, None].repeat(40, 1).repeat(40, 2)
    )
    painted = flatten(replace_layer(document, "dodge_burn", msgspec.structs.replace(paint, tiles=lighter)))[0]
    assert (painted[:, :40, :40].astype(int) - RETOUCHED[:, :40, :40]).min() > 0
    assert np.array_equal(painted[:, 40:], RETOUCHED[:, 40:])


def test_a_graft_lays_the_patchs_texture_over_the_retouched_picture():
    got = restore("texture-graft", "patch=5,5,90,90", "radius_px=3")
    added = got - A
    patch = O[:, 5:95, 5:95]
    high = (patch - blur(patch, 3))[:, 9:-9, 9:-9]
    assert np.std(added) == pytest.approx(np.std(high), rel=0.15)
    assert np.abs(np.mean(added)) < np.std(high) / 10
    assert not np.array_equal(got, restore("texture-graft", "patch=5,5,90,90", "radius_px=3", "seed=2"))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("patch=5,5,90", "x,y,width,height"),
        ("patch=100,5,90,90", "leaves the picture"),
        ("patch=5,5,4,4", "px"),
        ("patch=", "clean skin"),
    ],
)
def test_a_graft_says_what_is_wrong_with_its_patch(setting, message):
    with pytest.raises(ValueError, match=message):
        restore("texture-graft", setting)


@pytest.mark.parametrize("name", [n for n in RECIPES if n not in ("texture-extractor", "dodge-burn", "auto")])
def test_texture_goes_only_where_the_mask_is_white(name):
    mask = np.zeros((HEIGHT, WIDTH), np.uint16)
    mask[:, WIDTH // 2 :] = 65535
    settings = ["patch=5,5,90,90"] if name == "texture-graft" else []
    got = restore(name, *settings, mask=mask)
    assert np.abs(got - A)[:, :, : WIDTH // 2].max() <= STEP / 2
    assert np.abs(got - restore(name, *settings))[:, :, WIDTH // 2 :].max() <= STEP / 2
    assert np.abs(got - A)[:, :, WIDTH // 2 :].max() > 20 * STEP


def tree(layers):
    found = []
    for layer in layers:
        filters = [f.key for f in getattr(layer, "filters", ())]
        found.append((layer.name, layer.blend_mode.value, filters, tree(getattr(layer, "layers", ()))))
    return found


STRUCTURES = {
    "auto": [
        ("Retouched", "normal", [], []),
        (
            "Texture",
            "linear-light",
            ["texture_transfer", "texture_gain"],
            [("Original", "normal", [], []), ("Clean skin", "normal", [], [])],
        ),
    ],
    "grain": [("Retouched", "normal", [], []), ("Grain", "soft-light", ["add_noise", "gaussian_blur"], [])],
    "high-pass": [
        ("Retouched", "normal", [], []),
        ("High Pass", "linear-light", ["desaturate", "high_pass"], []),
    ],
    "high-pass-blend-if": [
        ("Retouched", "normal", [], []),
        ("High Pass", "linear-light", ["desaturate", "high_pass"], []),
    ],
    "hybrid-fs": [
        ("Retouched", "pass-through", ["gaussian_blur"], [("Retouched", "normal", [], [])]),
        ("High", "linear-light", ["apply_image"], []),
    ],
    "texture-graft": [("Retouched", "normal", [], []), ("Texture", "linear-light", [], [])],
    "texture-extractor": [
        ("Low", "normal", ["gaussian_blur"], []),
        ("Smooth", "normal", ["gaussian_blur", "surface_blur", "smooth_blur"], []),
        ("Texture", "linear-light", ["apply_image"], []),
    ],
    "dodge-burn": [("Retouched", "normal", [], []), ("Dodge & Burn", "soft-light", [], [])],
}


@pytest.mark.parametrize("name", RECIPES)
def test_the_layers_are_those_that_a_retoucher_builds(name):
    recipe = RECIPES[name]
    settings = ["patch=5,5,90,90"] if name == "texture-graft" else []
    document = build_document(recipe, flat_materials() if recipe.flat else materials(), None, settings)
    assert tree(document.layers) == STRUCTURES[name]
    assert document.depth == 16
    assert find(document, recipe.masked)


def test_every_published_recipe_has_the_articles_preset():
    assert [name for name, recipe in RECIPES.items() if "article" not in recipe.presets] == ["auto"]


def test_a_painted_mask_and_another_mode_can_be_set_afterwards():
    document = build_document(RECIPES["high-pass"], materials())
    black = LayerMask(painted=RasterMask(tiles=Tiles(WIDTH, HEIGHT)))
    hidden = replace_layer(
        document, "texture", msgspec.structs.replace(find(document, "texture"), mask=black)
    )
    assert np.array_equal(flatten(hidden)[0], RETOUCHED)
    overlay = set_parameter(document, "texture.blend_mode", BlendMode.OVERLAY)
    assert not np.array_equal(flatten(overlay)[0], flatten(document)[0])


def test_a_plate_in_another_profile_is_converted(tmp_path):
    raw = np.random.default_rng(2).integers(20000, 45000, (3, 64, 64), dtype=np.uint16)
    adobe = cms_profile("adobergb")
    for name, pixels, icc in (
        ("adobe", raw, adobe),
        ("srgb", convert(raw, adobe, None), None),
        ("raw", raw, None),
    ):
        write_image(tmp_path / f"{name}.tif", pixels, icc=icc)
    got, wanted, unconverted = (
        restore("texture-graft", f"plate={tmp_path / name}.tif") for name in ("adobe", "srgb", "raw")
    )
    assert np.array_equal(got, wanted)
    assert not np.array_equal(got, unconverted)
