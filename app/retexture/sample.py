"""A sample pair made on the spot: a real portrait enlarged, with synthetic pores, blemishes and smoothing.

Nothing is downloaded. The photograph is the one that scikit-image ships inside its wheel.
"""

from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.errors import InputError

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

SMALLEST_PX, LARGEST_PX = 400, 8000
CROP_LEFT, CROP_TOP, CROP_PX = 136, 12, 180
"""The square of the 512-px photograph that is used: head and neck."""

FACE_WIDTH = 0.5
"""Width of the face as a part of the picture's; sizes of textures are for a face of 1000 px, and scaled."""

BLEMISHES = 36
PIGMENT = np.array([0.80, 1.0, 1.06], np.float32)[:, None, None]
"""What a dark pit takes from R, G and B: skin scatters red furthest, so pits and lines keep more of it."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)[:, None, None]


class Oval(NamedTuple):
    """An ellipse in pixels of the 512-px photograph."""

    x: float
    y: float
    rx: float
    ry: float


OUTLINE = (
    (187, 85), (190, 76), (201, 80), (228, 83), (245, 84), (256, 86), (267, 90), (269, 103), (270.5, 114),
    (270, 125), (281, 127), (276, 134), (271, 136), (267.5, 138), (264.5, 150), (258, 160), (257, 169),
    (254, 176), (253, 186), (236, 190), (219.5, 187), (195, 184), (186.5, 176), (185.5, 158), (183, 143),
    (182, 132), (175, 128.5), (171, 121), (178, 121), (179.5, 114), (183, 99),
)  # fmt: skip
"""The skin's outline, drawn by hand in pixels of the 512-px photograph: face, ears, neck."""

NOT_SKIN = (
    Oval(203, 101, 12.5, 5.5),  # eyes
    Oval(248, 103, 13, 6),
    Oval(204, 90, 15, 3),  # brows
    Oval(247, 93, 15, 3),
    Oval(224.5, 145.5, 21.5, 9.5),  # mouth
    Oval(225, 131, 10.5, 2.2),  # nostrils
)
MOST_PORES = (Oval(198, 120, 22, 17), Oval(253, 122, 20, 18), Oval(225, 118, 16, 18), Oval(226, 83, 30, 9))
"""Cheeks, nose and forehead."""


class Sample(msgspec.Struct, frozen=True, eq=False):
    """Pictures of one face, pixel on pixel: (3, H, W) uint16, encoded sRGB, full range; `skin` is (H, W)."""

    original: U16
    """With its pores and with blemishes planted in it: the picture as taken."""
    retouched: U16
    """Smoothed to wax and re-toned: what an AI tool hands back."""
    truth: U16
    """The retouched picture's tone with the original's own pores and no blemish: a perfect restoration."""
    skin: U16
    """0 off the skin, 65535 on it, feathered."""


def photograph_path() -> Path:
    """Return where scikit-image keeps the photograph, without importing scikit-image.

    Raises:
        InputError: scikit-image is not installed, or was installed without it.
    """
    spec = find_spec("skimage")
    path = Path(spec.origin).parent / "data" / "astronaut.png" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise InputError(
            "sample",
            "its photograph is not installed",
            "`pip install scikit-image` brings it, as does the extra retexture[sample]",
        )
    return path


def _photograph() -> NDArray[np.uint8]:
    path = photograph_path()
    # Not imread: it cannot open paths outside the code page on Windows.
    bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None or bgr.shape != (512, 512, 3):
        raise InputError(path, "is not the photograph expected", "install scikit-image again")
    return np.asarray(bgr, np.uint8)


def _blur(plane: NDArray[Any], sigma_px: float, sigma_y_px: float | None = None) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px, sigmaY=sigma_y_px or sigma_px), np.float32)


def _guided(guide: F32, plane: F32, radius_px: float, eps: float) -> F32:
    return np.asarray(cv2.ximgproc.guidedFilter(guide, plane, max(1, round(radius_px)), eps), np.float32)


def _luma(rgb: F32) -> F32:
    return np.asarray((rgb * LUMA).sum(0), np.float32)


def _enlarge(photograph: NDArray[np.uint8], size: int) -> F32:
    """Return the crop, (3, size, size) RGB 0-1: denoised (grain would become blobs), enlarged, crisped."""
    crop = np.s_[CROP_TOP : CROP_TOP + CROP_PX, CROP_LEFT : CROP_LEFT + CROP_PX]
    quiet = cv2.fastNlMeansDenoisingColored(photograph, None, 2.5, 2.5, 5, 15)[crop]
    rgb = quiet[..., ::-1].astype(np.float32) / 255
    large = cv2.resize(rgb, (size, size), interpolation=cv2.INTER_LANCZOS4)
    crisp = large + 0.6 * (large - cv2.GaussianBlur(large, (0, 0), 0.55 * size / CROP_PX))
    return np.ascontiguousarray(np.clip(crisp, 0, 1).transpose(2, 0, 1), np.float32)


def _ovals(ovals: tuple[Oval, ...], size: int, feather: float) -> F32:
    """Return (size, size), 1 inside any of the ovals, 0 outside, soft over the given part of their radii."""
    y, x = np.ogrid[0:size, 0:size]
    scale = CROP_PX / size
    fx, fy = (x + 0.5) * scale + CROP_LEFT, (y + 0.5) * scale + CROP_TOP
    inside = np.zeros((size, size), np.float32)
    for o in ovals:
        distance = np.sqrt(((fx - o.x) / o.rx) ** 2 + ((fy - o.y) / o.ry) ** 2)
        inside = np.maximum(inside, np.clip((1 - distance) / feather + 0.5, 0, 1).astype(np.float32))
    return inside


def _skin(base: F32) -> F32:
    """Return (H, W) 0-1: inside the outline, outside eyes, brows and mouth, coloured like the cheeks."""
    size = 4 * CROP_PX
    small = np.stack([cv2.resize(p, (size, size), interpolation=cv2.INTER_AREA) for p in base])
    luma = _luma(small)
    colour = np.stack([small[0] / (luma + 0.02), small[2] / (luma + 0.02)])
    centre = np.median(colour[:, _ovals(MOST_PORES, size, 0.1) > 0.5], axis=1)
    spread = np.array([0.14, 0.24], np.float32)
    distance = np.sqrt((((colour - centre[:, None, None]) / spread[:, None, None]) ** 2).sum(0))
    # Hair has nearly the hue of skin: it is told by its shade.
    near = np.clip(2 - distance, 0, 1) * np.clip((luma - 0.3) / 0.12, 0, 1)
    outline = np.rint((np.array(OUTLINE) - (CROP_LEFT, CROP_TOP)) * 4 * 16).astype(np.int32)
    drawn = cv2.fillPoly(np.zeros((size, size), np.float32), [outline], 1.0, cv2.LINE_8, 4)
    near = near * _blur(np.asarray(drawn, np.float32), 3) * (1 - _ovals(NOT_SKIN, size, 0.3))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    near = cv2.morphologyEx(near.astype(np.float32), cv2.MORPH_OPEN, kernel)
    large = cv2.resize(_blur(near, 3), base.shape[1:], interpolation=cv2.INTER_LINEAR)
    return np.clip(np.asarray(large, np.float32), 0, 1)


def _scatter(rng: np.random.Generator, size: int, spacing_px: float, keep: F32) -> tuple[F32, F32]:
    """Return x, y of points `spacing_px` apart on average, jittered, thinned to the density `keep`."""
    count = int(size / spacing_px) + 1
    jitter = rng.random((3, count, count), np.float32)
    x = ((np.arange(count)[None, :] + jitter[0]) * spacing_px).ravel()
    y = ((np.arange(count)[:, None] + jitter[1]) * spacing_px).ravel()
    last = size - 2  # `_dots` needs a neighbour on the right and below
    chosen = jitter[2].ravel() < keep[np.minimum(y, last).astype(int), np.minimum(x, last).astype(int)]
    chosen &= (x < last) & (y < last)
    return x[chosen].astype(np.float32), y[chosen].astype(np.float32)


def _dots(size: int, x: F32, y: F32, amount: F32) -> F32:
    """Return (size, size) zeros with `amount` dropped at each point, shared among its four pixels."""
    plane = np.zeros((size, size), np.float32)
    ix, iy = x.astype(int), y.astype(int)
    fx, fy = x - ix, y - iy
    for dx, wx in ((0, 1 - fx), (1, fx)):
        for dy, wy in ((0, 1 - fy), (1, fy)):
            np.add.at(plane, (iy + dy, ix + dx), amount * wx * wy)
    return plane


def _normal(rng: np.random.Generator, size: int, sigma_px: float) -> F32:
    """Return (size, size) smooth noise of mean 0 and standard deviation 1."""
    step = max(1, int(sigma_px / 3))  # coarse noise needs few samples
    count = size // step + 2
    noise = _blur(rng.standard_normal((count, count), np.float32), sigma_px / step)
    full = cv2.resize(noise, (count * step, count * step), interpolation=cv2.INTER_CUBIC)[:size, :size]
    return np.asarray((full - full.mean()) / full.std(), np.float32)


def _relief(rng: np.random.Generator, size: int, scale: float, density: F32) -> F32:
    """Return (size, size) heights of skin, about -1 at the bottom of a pore: pores, fine creases, unevenness.

    `scale`: face width in px / 1000. `density` (size, size) 0-1: where pores are many and large.
    """
    height = np.zeros((size, size), np.float32)
    # Small and shallow everywhere, larger and deeper ones where density is high.
    for spacing, across, along, depth, power in (
        (5.0, 0.9, 1.15, 0.6, 0.3),
        (7.5, 1.3, 1.05, 0.75, 1.0),
        (11.0, 1.5, 1.9, 0.8, 2.0),
    ):
        x, y = _scatter(rng, size, spacing * scale, density**power)
        deep = depth * rng.gamma(5.0, 1 / 5.0, x.size).astype(np.float32)
        peak = 2 * np.pi * across * along * scale**2  # of an impulse of 1 after the blur: 1/peak
        height -= _blur(_dots(size, x, y, deep * peak), across * scale, along * scale)
    # Creases run between the cells of skin: lines farthest from scattered points.
    x, y = _scatter(rng, size, 6.5 * scale, np.ones((size, size), np.float32))
    islands = np.full((size, size), 255, np.uint8)
    islands[y.astype(int), x.astype(int)] = 0
    creases = cv2.distanceTransform(islands, cv2.DIST_L2, cv2.DIST_MASK_5) / (6.5 * scale)
    height -= 0.5 * _blur(np.asarray(creases, np.float32), 0.6 * scale)
    for sigma, amount in ((0.8, 0.15), (1.8, 0.15), (4.0, 0.18)):
        height += amount * _normal(rng, size, sigma * scale)
    return height


def _fuzz(rng: np.random.Generator, size: int, scale: float) -> F32:
    """Return (size, size) of mean 0: short pale hairs, growing down and outwards on each side of the face."""
    length = max(3, round(15 * scale)) | 1
    half = length // 2
    sides = []
    for angle in (112.0, 68.0):
        line = np.zeros((length, length), np.float32)
        dx, dy = half * np.cos(np.radians(angle)), half * np.sin(np.radians(angle))
        ends = [(round(half + s * dx), round(half + s * dy)) for s in (-1, 1)]
        cv2.line(line, ends[0], ends[1], 1.0, 1, cv2.LINE_8)
        x, y = _scatter(rng, size, 5.5 * scale, np.full((size, size), 0.8, np.float32))
        dots = _dots(size, x, y, rng.random(x.size, np.float32))
        hairs = _blur(cv2.filter2D(dots, -1, line), 0.6 * max(scale, 0.5))
        sides.append((hairs - hairs.mean()) / hairs.std())
    across = np.linspace(0, 1, size, dtype=np.float32)[None, :]
    right = np.clip((across - 0.5) * 4 + 0.5, 0, 1)
    return np.asarray(sides[0] * (1 - right) + sides[1] * right, np.float32)


def _texture(rng: np.random.Generator, base: F32, skin: F32, scale: float) -> F32:
    """Return (3, H, W) to add: pores, relief in the light, fuzz and mottling on skin; grain all over."""
    size = base.shape[1]
    density = np.clip(0.25 + 0.75 * _blur(_ovals(MOST_PORES, size, 0.6), 30 * scale), 0, 1)
    density *= np.clip(0.85 + 0.22 * _normal(rng, size, 28 * scale), 0.3, 1)
    relief = _relief(rng, size, scale, density)
    # Light comes from above left: slopes facing it are bright; pits are dark whatever the light.
    slope = cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=0.125) + cv2.Sobel(
        relief, cv2.CV_32F, 0, 1, scale=0.125
    )
    shade = 0.052 * (relief - _blur(relief, 12 * scale)) + 0.045 * scale * slope
    shade *= 0.55 + 0.45 * density
    shade += 0.0028 * _fuzz(rng, size, scale)
    light = np.clip(0.25 + 0.9 * _luma(base), 0, 1)
    mottle = 0.0045 * _normal(rng, size, 9 * scale) + 0.004 * _normal(rng, size, 25 * scale)
    redness = np.array([0.3, -1.0, -0.8], np.float32)[:, None, None] * mottle
    grain = 0.0045 * _blur(rng.standard_normal((size, size), np.float32), 0.55) / 0.5
    return np.asarray((shade * light * PIGMENT + redness) * skin + grain, np.float32)


def _blemishes(rng: np.random.Generator, base: F32, skin: F32, scale: float) -> F32:
    """Return (3, H, W) to add: reddish dark bumps, 3-12 px in radius for a face of 1000 px."""
    size = base.shape[1]
    solid = np.asarray(cv2.erode(skin, np.ones((3, 3), np.uint8), iterations=round(10 * scale)), np.float32)
    rows, columns = np.nonzero(solid > 0.9)
    added = np.zeros_like(base)
    taken: list[tuple[float, float, float]] = []
    while len(taken) < BLEMISHES:
        pick = int(rng.integers(rows.size))
        cx, cy = columns[pick] + rng.random(), rows[pick] + rng.random()
        radius = scale * 3 * 4.0 ** (rng.random() ** 1.1)  # 3 to 12, small ones more often
        if any((cx - x) ** 2 + (cy - y) ** 2 < (4 * max(radius, r)) ** 2 for x, y, r in taken):
            continue
        taken.append((cx, cy, radius))
        reach = int(np.ceil(4 * radius)) + 1
        x0, x1 = max(0, int(cx) - reach), min(size, int(cx) + reach + 1)
        y0, y1 = max(0, int(cy) - reach), min(size, int(cy) + reach + 1)
        u = (np.arange(x0, x1, dtype=np.float32)[None, :] + 0.5 - cx) / radius
        v = (np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5 - cy) / radius
        turn, stretch = rng.random() * np.pi, 1 + 0.35 * rng.random()
        a, b = u * np.cos(turn) + v * np.sin(turn), (v * np.cos(turn) - u * np.sin(turn)) * stretch
        around = np.arctan2(b, a)
        wobble = (
            1 + 0.10 * np.sin(2 * around + rng.random() * 6) + 0.07 * np.sin(3 * around + rng.random() * 6)
        )
        distance = np.sqrt(a * a + b * b) / wobble
        core = np.exp(-((distance / 0.75) ** 3))
        halo = np.exp(-((distance / 1.5) ** 2))
        strength = 0.75 + 0.6 * rng.random()
        bump = -(u + v) * np.exp(-(distance**2) * 1.2)
        colour = np.array([-0.06, -0.105, -0.095], np.float32)[:, None, None] * core
        colour += np.array([-0.012, -0.045, -0.04], np.float32)[:, None, None] * halo
        added[:, y0:y1, x0:x1] += strength * (colour + 0.016 * bump)
    return np.asarray(added * np.clip(0.2 + 1.05 * _luma(base), 0, 1) * skin, np.float32)


def _tone(rgb: F32) -> F32:
    """Return the picture as an AI tool re-tones it: lighter in the middle, a little warmer and more even."""
    lifted = rgb + 0.09 * rgb * (1 - rgb)
    luma = _luma(lifted)
    toned = luma + 0.95 * (lifted - luma) + np.array([0.010, 0.002, -0.010], np.float32)[:, None, None] * luma
    return np.asarray(np.clip(toned, 0, 1), np.float32)


def _smooth(rgb: F32, skin: F32, scale: float) -> F32:
    """Return the picture without fine texture, edges kept: guided filters (He, Sun & Tang 2013)."""
    luma = _luma(rgb)
    guide = _guided(luma, luma, 4 * scale, 0.0006)
    mild = np.stack([_guided(guide, p, 3 * scale, 0.0002) for p in rgb])
    guide = _guided(guide, guide, 6 * scale, 0.0004)
    strong = np.stack([_guided(guide, p, 6 * scale, 0.0003) for p in mild])
    return np.asarray(mild + (strong - mild) * skin, np.float32)


def _to_u16(planes: F32) -> U16:
    return np.asarray(np.rint(np.clip(planes, 0, 1) * 65535), np.uint16)


def make_sample(size_px: int = 2000, seed: int = 1) -> Sample:
    """Make the sample pictures, `size_px` square; see `describe` for what in them is real.

    Args:
        size_px: 400 to 8000. The face is half as wide; textures are scaled with it.
        seed: 0 or more. The same seed gives the same pictures.

    Raises:
        InputError: a size or seed out of range; scikit-image, which carries the photograph, is not installed.
    """
    if not SMALLEST_PX <= size_px <= LARGEST_PX:
        raise InputError(
            f"sample size {size_px} px", "is out of range", f"take {SMALLEST_PX} to {LARGEST_PX}"
        )
    if seed < 0:
        raise InputError(f"sample seed {seed}", "is negative", "take 0 or more")
    rng = np.random.default_rng(seed)
    scale = FACE_WIDTH * size_px / 1000
    base = _enlarge(_photograph(), size_px)
    skin = _skin(base)
    clean = np.clip(base + _texture(rng, base, skin, scale), 0, 1)
    original = clean + _blemishes(rng, base, skin, scale)
    return Sample(
        original=_to_u16(original),
        retouched=_to_u16(_tone(_smooth(clean, skin, scale))),
        truth=_to_u16(_tone(clean)),
        skin=_to_u16(skin),
    )


def describe() -> str:
    """Return what in the sample is real and what is synthetic, as plain text."""
    return dedent("""\
        A sample for trying Retexture. It was made on this machine; nothing was downloaded.

        original.tif    the portrait "as taken", with pores and blemishes
        retouched.tif   the same, smoothed to wax and re-toned, as an AI tool hands it back
        truth.tif       what a perfect restoration of retouched.tif would be: its tone, the portrait's own
                        pores, no blemishes
        skin_mask.png   white where there is skin

        REAL: the portrait, Eileen Collins by NASA (public domain), as scikit-image ships it. Only
        180 x 180 pixels of it show the head; they were denoised and enlarged about 11 times. That is why
        eyes, hair and everything larger than a pore look soft: no sharper detail exists.

        SYNTHETIC: everything fine. Pores, skin relief, fuzz, mottling, camera grain and the blemishes were
        drawn by rule from a seed. None of it is the sitter's skin. The smoothing is a guided filter and a
        tone curve, not the output of any AI tool; the pictures lie pixel on pixel, which real AI results
        often do not.

        Pictures are 16-bit sRGB.
        """)


def write_sample(directory: Path, overwrite: bool) -> list[Path]:
    """Write original.tif, retouched.tif, truth.tif, skin_mask.png and README.txt; make the folder if need be.

    Returns:
        The files' paths, in that order.

    Raises:
        InputError: see `make_sample`; a file exists and may not be overwritten (then none is written); the
            folder cannot be written.
    """
    from retexture.files.atomic import atomic_write, check_target
    from retexture.files.colour import srgb_icc
    from retexture.files.images import write_image

    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            directory, f"cannot be made a folder ({error.strerror})", "choose another place"
        ) from error
    names = ("original.tif", "retouched.tif", "truth.tif", "skin_mask.png", "README.txt")
    paths = [directory / name for name in names]
    for path in paths:
        check_target(path, overwrite)
    sample = make_sample()
    for path, picture in zip(paths, (sample.original, sample.retouched, sample.truth), strict=False):
        write_image(path, picture, icc=srgb_icc(), overwrite=overwrite)
    write_image(paths[3], sample.skin[None], overwrite=overwrite)
    with atomic_write(paths[4], overwrite) as temporary:
        temporary.write_text(describe(), encoding="utf-8")
    return paths
