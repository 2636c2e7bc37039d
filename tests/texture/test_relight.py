"""Tone curves of which the right share of the light is known."""

import numpy as np
import pytest

from retexture.texture.relight import relight
from tests.texture.skin import disc, skin

SIZE = 240
MASK = disc(SIZE, SIZE, 120, 120, 100)


def measured(curve, face_width_px=200.0, mask=MASK):
    original = skin(SIZE, SIZE)
    return relight(original, np.clip(curve(original), 0, 1).astype(np.float32), mask, face_width_px)


@pytest.mark.parametrize("light", [0.75, 1.25])
def test_light_that_was_multiplied_takes_texture_along(light):
    assert measured(lambda picture: picture * light) > 0.9


def test_blacks_that_were_lifted_leave_texture_alone():
    assert measured(lambda picture: picture + 0.08) == pytest.approx(0, abs=0.12)


def test_less_contrast_in_a_brighter_picture_makes_texture_weaker():
    assert measured(lambda picture: 0.25 + 0.75 * picture) < -0.3


def test_a_power_has_its_own_share():
    assert measured(lambda picture: picture**0.7) == pytest.approx(-0.2, abs=0.25)


@pytest.mark.parametrize("mask", [MASK, np.zeros_like(MASK)])
def test_alike_tones_or_no_skin_tell_nothing(mask):
    assert measured(lambda picture: picture, mask=mask) == pytest.approx(0.5, abs=0.02)


def test_small_places_that_were_changed_do_not_count():
    def curve(picture):
        painted = picture * 1.2
        painted[:, 90:110, 90:120] = 0.3
        return painted

    assert measured(curve) > 0.85
