"""From a document's colours to the screen's."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColor, QColorSpace, QSurfaceFormat, QWindow
from PySide6.QtTest import QSignalSpy

from retexture.errors import InputError
from retexture.gui import screen_profile
from retexture.gui.screen_profile import SRGB, ScreenProfile, document_space, profile_folder
from tests.gui.small_documents import picture_document

ADOBE = QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb)
P3 = QColorSpace(QColorSpace.NamedColorSpace.DisplayP3)


def icc(space: QColorSpace) -> bytes:
    return bytes(space.iccProfile().data())


@pytest.fixture
def profile(qapp):
    return ScreenProfile()


def test_without_a_profile_the_screen_is_srgb(profile):
    assert profile.space == SRGB
    assert profile.name == "sRGB"
    assert profile.transform(picture_document()) is None
    assert profile.transform(picture_document(icc=icc(SRGB))) is None


def linear(value):
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def encoded(value):
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * np.maximum(value, 0) ** (1 / 2.4) - 0.055)


def test_adobe_rgb_is_converted_as_its_definition_says(profile):
    """Against the matrices of Adobe RGB (1998) and IEC 61966-2-1, both of D65."""
    to_xyz = np.array([[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]])
    from_xyz = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    transform = profile.transform(picture_document(icc=icc(ADOBE)))
    assert transform is not None
    for rgb in ((0.5, 0.5, 0.5), (0.8, 0.6, 0.5), (0.3, 0.25, 0.2), (0.9, 0.85, 0.8), (1, 1, 1)):
        wanted = encoded(from_xyz @ (to_xyz @ np.power(rgb, 563 / 256)))
        got = transform.map(QColor.fromRgbF(*rgb))
        assert (got.redF(), got.greenF(), got.blueF()) == pytest.approx(np.clip(wanted, 0, 1), abs=2 / 255)


def test_a_grey_document_is_shown_in_gamma_2_2(profile):
    grey = msgspec.structs.replace(picture_document(icc=b"a profile of grey"), mode="grey")
    transform = profile.transform(grey)
    assert transform is not None
    got = transform.map(QColor.fromRgbF(0.5, 0.5, 0.5))
    assert got.redF() == pytest.approx(float(encoded(np.array(0.5**2.2))), abs=1 / 255)
    assert got.redF() == pytest.approx(got.blueF(), abs=1e-3)


@pytest.mark.qt_log_ignore("fromIccProfile", "ICC")
def test_a_document_with_a_broken_profile_is_taken_for_srgb(profile):
    assert document_space(picture_document(icc=b"no profile")) == SRGB


def test_the_users_profile_is_taken_and_told(profile, tmp_path, qtbot):
    path = tmp_path / "screen.icc"
    path.write_bytes(icc(P3))
    with qtbot.waitSignal(profile.changed):
        profile.choose(path)
    assert profile.space == P3
    assert profile.name == P3.description()
    document = picture_document(icc=icc(P3))
    assert profile.transform(document) is None
    assert profile.transform(picture_document()) is not None
    with qtbot.waitSignal(profile.changed):
        profile.choose(None)
    assert profile.name == "sRGB"


@pytest.mark.qt_log_ignore("fromIccProfile", "ICC")
@pytest.mark.parametrize("content", [b"", b"no profile at all" * 20, None])
def test_what_is_no_profile_of_a_screen_is_refused(profile, tmp_path, content):
    path = tmp_path / "screen.icc"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        profile.choose(path)
    assert caught.value.path == str(path)
    assert profile.space == SRGB


def test_the_window_systems_profile_goes_before_the_users(profile, tmp_path, qtbot):
    path = tmp_path / "screen.icc"
    path.write_bytes(icc(P3))
    profile.choose(path)
    window = QWindow()
    form = QSurfaceFormat()
    form.setColorSpace(ADOBE)
    window.setFormat(form)
    with qtbot.waitSignal(profile.changed):
        profile.follow(window)
    assert profile.space == ADOBE
    assert profile.name.endswith("(system)")
    profile.follow(QWindow())
    assert profile.space == P3
    profile.follow(None)
    assert profile.space == P3


def test_the_profile_is_read_again_on_another_screen(profile, qtbot):
    window, form = QWindow(), QSurfaceFormat()
    profile.follow(window)
    profile.follow(window)
    form.setColorSpace(ADOBE)
    window.setFormat(form)
    changes = QSignalSpy(profile.changed)
    window.screenChanged.emit(window.screen())
    assert profile.space == ADOBE
    assert changes.count() == 1


def test_profiles_are_looked_for_where_the_last_one_was_or_the_system_has_them(tmp_path, monkeypatch):
    kept, systems = tmp_path / "mine", tmp_path / "systems"
    systems.mkdir()
    monkeypatch.setattr(screen_profile, "FOLDERS", (tmp_path / "nowhere", systems))
    assert profile_folder("") == profile_folder(str(kept / "screen.icc")) == systems
    kept.mkdir()
    assert profile_folder(str(kept / "screen.icc")) == kept
    systems.rmdir()
    assert profile_folder("") == Path.home()
