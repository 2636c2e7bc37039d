"""PSD reading: what each field of a layer record does to the picture, by hand computation."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from imagecodecs import cms_profile
from psd_tools.constants import ColorMode, Compression
from psd_tools.psd.layer_and_mask import LayerBlendingRanges

from retexture.document.document import walk
from retexture.document.layers import FillLayer, GroupLayer, PaintLayer
from retexture.engine.modes import BlendMode
from retexture.files.psd import read_psd
from retexture.render.render import render
from tests.files.psd_builder import fill_block, group, layer, psd, raster_mask

RNG = np.random.default_rng(5)
V = np.arange(256)
RAMP = np.stack([V, V * 5 % 256, V * 3 % 256]).astype(np.uint8)[:, None]
OVER = np.stack([V * 7 % 256, V, V[::-1]]).astype(np.uint8)[:, None]
FULL = (0, 65535)


def read(tmp_path, data):
    path = tmp_path / "test.psd"
    path.write_bytes(data)
    return read_psd(path)


def picture(tmp_path, data, expected=()):
    """The rendered file, colour and alpha, having checked what it warns of."""
    document, notes = read(tmp_path, data)
    assert len(notes) == len(expected), notes
    for note, part in zip(notes, expected, strict=True):
        assert part in note
    return render(document)


def half_up(x) -> int:
    return floor(Fraction(x) + Fraction(1, 2))


def mixed(under, over, coverage):
    """What Photoshop's 8-bit steps give over an opaque picture; `coverage` 0-1 is rounded first."""
    result = np.empty_like(under)
    for i, (u, o) in np.ndenumerate(np.stack([under, over], -1).view([("u", "u1"), ("o", "u1")])[..., 0]):
        e = half_up(255 * Fraction(coverage[i[1:]]))
        result[i] = half_up(Fraction(int(u)) + Fraction((int(o) - int(u)) * e, 255))
    return result


# --- Blend-If ---


def word(left, right):
    return left << 8 | right


def weight(value, black, white):
    """A Blend-If slider's weight, split handles ramping linearly, ends inside."""

    def step(v, low, high):
        return Fraction(int(v >= low)) if low == high else min(max(Fraction(v - low) / (high - low), 0), 1)

    return step(Fraction(value), *black) * step(255 - Fraction(value), 255 - white[1], 255 - white[0])


SLIDERS = {
    "unsplit": ((40, 40), (190, 190)),
    "split": ((31, 82), (173, 224)),
    "black only": ((100, 180), (255, 255)),
    "white only": ((0, 0), (120, 121)),
}


@pytest.mark.parametrize("slider", SLIDERS)
@pytest.mark.parametrize("side", ["this", "underlying"])
@pytest.mark.parametrize("channel", ["gray", "red", "green", "blue"])
def test_blend_if(tmp_path, channel, side, slider):
    black, white = SLIDERS[slider]
    pairs = [[FULL, FULL] for _ in range(5)]
    index = ["gray", "red", "green", "blue"].index(channel)
    pairs[index][side == "underlying"] = (word(*black), word(*white))
    ranges = LayerBlendingRanges(composite_ranges=pairs[0], channel_ranges=pairs[1:])
    got = picture(tmp_path, psd(layer(RAMP), layer(OVER, ranges=ranges), size=(256, 1)))
    seen = (OVER if side == "this" else RAMP).astype(int)
    grey = [Fraction(30 * r + 59 * g + 11 * b, 100) for r, g, b in seen[:, 0].T.tolist()]
    values = grey if channel == "gray" else seen[index - 1, 0].tolist()
    weights = [weight(v, black, white) for v in values]
    assert 0 < sum(weights) < 256
    wanted = mixed(RAMP, OVER, np.array([weights], object))
    assert np.abs(got[:3].astype(int) - wanted).max() <= 1
    assert (got[:3] == wanted).mean() > 0.99  # single precision may round a weight on a half the other way


def test_blend_if_sliders_multiply(tmp_path):
    first, second = ((31, 82), (173, 224)), ((20, 220), (255, 255))
    pairs = [[FULL, FULL] for _ in range(5)]
    pairs[1][1] = (word(*first[0]), word(*first[1]))
    pairs[2][0] = (word(*second[0]), word(*second[1]))
    ranges = LayerBlendingRanges(composite_ranges=pairs[0], channel_ranges=pairs[1:])
    got = picture(tmp_path, psd(layer(RAMP), layer(OVER, ranges=ranges), size=(256, 1)))
    weights = [
        weight(int(u), *first) * weight(int(o), *second) for u, o in zip(RAMP[0, 0], OVER[1, 0], strict=True)
    ]
    wanted = mixed(RAMP, OVER, np.array([weights], object))
    assert np.abs(got[:3].astype(int) - wanted).max() <= 1
    assert (got[:3] == wanted).mean() > 0.99


def test_blend_if_of_a_grey_document(tmp_path):
    under, over = RAMP[:1], OVER[1:2][:, :, ::-1].copy()
    black, white = (50, 90), (255, 255)
    ranges = LayerBlendingRanges(
        composite_ranges=[FULL, (word(*black), word(*white))],
        channel_ranges=[[FULL, (word(*black), word(*white))], [FULL, FULL]],
    )
    data = psd(layer(under), layer(over, ranges=ranges), size=(256, 1), mode=ColorMode.GRAYSCALE, channels=1)
    document, notes = read(tmp_path, data)
    assert (document.mode, notes) == ("grey", ())
    weights = [weight(v, black, white) for v in range(256)]
    wanted = mixed(under, over, np.array([weights], object))
    got = render(document)
    assert np.abs(got[0].astype(int) - wanted[0]).max() <= 1
    assert (got[0] == wanted[0]).mean() > 0.99


# --- masks ---

MASK = RNG.integers(0, 256, (2, 5), dtype=np.uint8)
UNDER, TOP = (RNG.integers(0, 256, (3, 4, 8), dtype=np.uint8) for _ in range(2))


def placed(samples, at, default):
    full = np.full((4, 8), default)
    full[at[1] : at[1] + samples.shape[0], at[0] : at[0] + samples.shape[1]] = samples
    return full


@pytest.mark.parametrize("default", [0, 255])
@pytest.mark.parametrize(
    ("flags", "parameters"),
    [
        ({}, None),
        ({"mask_disabled": True}, None),
        ({"invert_mask": True}, None),
        ({}, (64, None, None, None)),
        ({"invert_mask": True}, (191, None, None, None)),
        ({"pos_relative_to_layer": True}, None),
    ],
)
def test_mask(tmp_path, default, flags, parameters):
    mask = raster_mask(MASK, (2, 1), default, parameters=parameters, **flags)
    got = picture(tmp_path, psd(layer(UNDER), layer(TOP, mask=mask)))
    plane = placed(MASK, (2, 1), default).astype(object)
    if flags.get("invert_mask"):
        plane = 255 - plane
    if parameters:
        plane = np.array([[255 - Fraction(parameters[0], 255) * (255 - v) for v in row] for row in plane])
    if flags.get("mask_disabled"):
        plane = plane * 0 + 255
    wanted = mixed(UNDER, TOP, np.array([[Fraction(v) / 255 for v in row] for row in plane], object))
    assert np.array_equal(got[:3], wanted)


def test_mask_feather_and_both_masks(tmp_path):
    """With a vector mask besides, the user's own raster is the real one; the file's feather is kept."""
    real = RNG.integers(0, 256, (4, 8), dtype=np.uint8)
    mask = raster_mask(MASK, (2, 1), parameters=(None, 2.5, None, None), real=(real, (0, 0), 0))
    document, _ = read(tmp_path, psd(layer(TOP, mask=mask)))
    painted = document.layers[0].mask.painted
    assert painted.feather_px == 2.5
    assert np.array_equal(painted.tiles.to_array()[0], real)


@pytest.mark.parametrize("depth", [16, 32])
def test_masks_of_deep_documents_are_16_bit(tmp_path, depth):
    samples = RNG.integers(0, 65536, (4, 8), dtype=np.uint16)
    stored = samples if depth == 16 else (samples / np.float32(65535)).astype(np.float32)
    colour = stored[None].repeat(3, 0)
    document, _ = read(
        tmp_path, psd(layer(colour, mask=raster_mask(stored, default=255)), depth=depth, in_block=True)
    )
    tiles = document.layers[0].mask.painted.tiles
    assert (tiles.dtype, tiles.background) == (np.uint16, (65535,))
    assert np.array_equal(tiles.to_array()[0], samples)


# --- blending ---


@pytest.mark.parametrize("as_group", [True, False])
def test_blending_clipped_layers_as_group(tmp_path, as_group):
    """Multiply clipped to a Screen base: with the base first, or on the picture as the base has left it."""
    specs = [
        layer(UNDER),
        layer(TOP, mode="SCREEN", blocks=[(b"clbl", bytes([as_group, 0, 0, 0]))]),
        layer(UNDER[::-1].copy(), mode="MULTIPLY", clipped=True),
    ]
    got = picture(tmp_path, psd(*specs)).astype(int)[:3]
    b, s, c = UNDER.astype(int), TOP.astype(int), UNDER[::-1].astype(int)

    def product(x, y):
        return (2 * x * y + 255) // 510

    def screen(x, y):
        return x + y - product(x, y)

    assert np.array_equal(got, screen(b, product(s, c)) if as_group else product(screen(b, s), c))


def test_opacity_and_fill(tmp_path):
    """Combined before they meet the pixels, each rounded; in Linear Light fill acts before the clamp."""
    spec = layer(TOP, opacity=168, blocks=[(b"iOpa", bytes([128, 0, 0, 0]))])
    got = picture(tmp_path, psd(layer(UNDER), spec))
    together = half_up(Fraction(168 * 128, 255))
    assert np.array_equal(got[:3], mixed(UNDER, TOP, np.full((4, 8), Fraction(together, 255))))
    spec = layer(TOP, mode="LINEAR_LIGHT", opacity=168, blocks=[(b"iOpa", bytes([51, 0, 0, 0]))])
    got = picture(tmp_path, psd(layer(UNDER), spec))
    effect = UNDER + Fraction(1, 5) * (2 * TOP.astype(object) - 256)
    clamped = np.array([half_up(min(max(v, 0), 255)) for v in effect.ravel()]).reshape(3, 4, 8)
    wanted = mixed(UNDER, clamped.astype(np.uint8), np.full((4, 8), Fraction(168, 255)))
    assert np.abs(got[:3].astype(int) - wanted).max() <= 1


@pytest.mark.parametrize(
    "mode", [m for m in BlendMode if m not in (BlendMode.PASS_THROUGH, BlendMode.DISSOLVE)]
)
def test_blend_modes_keep_their_names(tmp_path, mode):
    document, notes = read(tmp_path, psd(layer(UNDER), layer(TOP, mode=mode.name)))
    assert document.layers[1].blend_mode is mode
    assert notes == ()


def test_groups(tmp_path):
    """Pass Through sees what is beneath, an isolated group does not; hidden ones stay hidden."""
    inner = layer(TOP, mode="DIFFERENCE", name="Inner")
    difference = np.abs(UNDER.astype(int) - TOP)
    assert np.array_equal(picture(tmp_path, psd(layer(UNDER), group(inner)))[:3], difference)
    assert np.array_equal(picture(tmp_path, psd(layer(UNDER), group(inner, mode="NORMAL")))[:3], TOP)
    assert np.array_equal(picture(tmp_path, psd(layer(UNDER), group(inner, visible=False)))[:3], UNDER)
    mask = raster_mask(MASK, (2, 1))
    data = psd(layer(UNDER), group(group(inner, name="B"), name="A", mask=mask, opacity=204))
    got = picture(tmp_path, data).astype(int)
    share = placed(MASK, (2, 1), 0) / 255 * 0.8
    assert np.abs(got[:3] - (UNDER + (difference - UNDER) * share)).max() <= 1
    document, _ = read(tmp_path, data)
    assert [found.name for found in walk(document.layers)] == ["Layer", "A", "B", "Inner"]


def test_layers_clipped_to_a_group_that_passes_through(tmp_path):
    """The group still sees what is beneath; what is clipped to it shows inside the group's outline."""
    alpha = RNG.integers(0, 2, (4, 8), dtype=np.uint8) * np.uint8(255)
    member = layer(TOP, alpha=alpha, mode="DIFFERENCE")
    got = picture(tmp_path, psd(layer(UNDER), group(member), layer(UNDER, mode="DIFFERENCE", clipped=True)))
    twice = np.abs(np.abs(UNDER.astype(int) - TOP) - UNDER)
    assert np.array_equal(got[:3], np.where(alpha > 0, twice, UNDER))


def test_knockout(tmp_path):
    """A layer that knocks out blends with what is beneath its group."""
    other = UNDER[:, ::-1].copy()
    knocking = layer(
        TOP, mode="DIFFERENCE", blocks=[(b"knko", bytes([1, 0, 0, 0]))], mask=raster_mask(MASK, (2, 1))
    )
    got = picture(tmp_path, psd(layer(UNDER), group(layer(other), knocking))).astype(int)[:3]
    share = placed(MASK, (2, 1), 0) / 255
    wanted = other + (np.abs(UNDER.astype(int) - TOP) - other) * share
    assert np.abs(got - wanted).max() <= 1


# --- pixels ---


@pytest.mark.parametrize("compression", list(Compression))
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("depth", [8, 16, 32])
def test_every_depth_and_compression(tmp_path, depth, version, compression):
    if depth == 32:
        colour = RNG.random((3, 7, 5), dtype=np.float32) * 3 - 1
    else:
        colour = RNG.integers(0, 2**depth, (3, 7, 5)).astype(f"u{depth // 8}")
    alpha = np.abs(colour[0])
    spec = layer(colour, alpha=alpha, at=(-2, 1), compression=compression)
    document, notes = read(tmp_path, psd(spec, depth=depth, version=version, in_block=depth > 8))
    assert (document.depth, notes) == (depth, ())
    (source,) = document.sources
    assert (document.layers[0].x_px, document.layers[0].y_px) == (-2, 1)
    for array, wanted in ((source.colour.array, colour), (source.alpha.array, alpha)):
        assert array.dtype == colour.dtype
        assert array.dtype.isnative
        assert np.array_equal(array, wanted)


@pytest.mark.parametrize("depth", [16, 32])
def test_deep_documents_keep_reals(tmp_path, depth):
    """No rounding to 8 bits between layers."""
    under, over = (RNG.random((3, 4, 8)) for _ in range(2))
    if depth == 16:
        stored = [np.rint(x * 65535).astype(np.uint16) for x in (under, over)]
        under, over = (x / 65535 for x in stored)
    else:
        stored = [x.astype(np.float32) for x in (under, over)]
    data = psd(layer(stored[0]), layer(stored[1], opacity=51, mode="MULTIPLY"), depth=depth, in_block=True)
    document, _ = read(tmp_path, data)
    wanted = under + (under * over - under) * 0.2
    assert np.abs(render(document, form="float")[:3] - wanted).max() < 1e-6


def test_a_file_without_layers_is_its_flattened_picture(tmp_path):
    document, notes = read(tmp_path, psd(flat=UNDER))
    assert [found.name for found in document.layers] == ["Background"]
    assert np.array_equal(render(document)[:3], UNDER)
    assert notes == ()


def test_the_flattened_picture_is_not_looked_at(tmp_path):
    got = picture(tmp_path, psd(layer(UNDER), flat=TOP))
    assert np.array_equal(got[:3], UNDER)


def test_solid_fills(tmp_path):
    """The colour is that of the setting, or of stored pixels, where there are some."""
    document, notes = read(tmp_path, psd(layer(None, name="Fill", blocks=[fill_block(255, 128, 51)])))
    assert isinstance(document.layers[0], FillLayer)
    assert np.allclose(document.layers[0].colour or (), (1, 128 / 255, 0.2))
    assert notes == ()
    stored = np.broadcast_to(np.array([10, 20, 30], np.uint8)[:, None, None], (3, 4, 8))
    document, _ = read(tmp_path, psd(layer(stored, blocks=[fill_block(255, 128, 51)])))
    assert np.array_equal(render(document)[:3], stored)


def test_profile_keys_and_names(tmp_path):
    icc = cms_profile("adobergb")
    specs = [
        layer(UNDER, name="Haut ä"),
        layer(TOP, name="Haut ä"),
        group(name="merged"),
        layer(UNDER, name="??"),
    ]
    document, _ = read(tmp_path, psd(*specs, resources=[(1039, icc)]))
    assert document.icc == icc
    assert [found.name for found in document.layers] == ["Haut ä", "Haut ä", "merged", "??"]
    keys = [found.key for found in document.layers]
    assert keys == ["haut", "haut_2", "merged_2", "layer"]
    assert isinstance(document.layers[2], GroupLayer)


def test_empty_layers(tmp_path):
    document, notes = read(tmp_path, psd(layer(UNDER), layer(None, name="Empty"), layer(TOP, clipped=True)))
    assert isinstance(document.layers[1], PaintLayer)
    assert notes == ()
    assert np.array_equal(render(document)[:3], UNDER)
