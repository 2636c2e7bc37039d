"""The colours of the screen, and screens of many pixels."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColorSpace, QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from retexture.gui.app import make_application
from retexture.gui.canvas import Canvas
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.workspace import Workspace
from retexture.render.render import render
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from retexture.session.view import Point, Size, View
from tests.gui.picture_stage import DOCUMENT, HEIGHT, WIDTH, adobe_document, assert_shows, paint_live
from tests.gui.stage import expected, make_canvas, pixels, set_view, settle, shot

# -- colours


def in_srgb(document):
    """Return (H, W, 4) BGRA of a document in the screen's colours, by Qt's own conversion of all of it."""
    bgra = render(document, form="bgra")
    image = QImage(
        bgra.data, bgra.shape[1], bgra.shape[0], bgra.strides[0], QImage.Format.Format_RGB32
    ).copy()
    source = QColorSpace.fromIccProfile(document.icc)
    image.applyColorTransform(
        source.transformationToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    )
    return pixels(image)


def visible(canvas, full):
    x, y = (int(v) for v in canvas.view.origin(canvas.pane_size()))
    width, height = (int(v) for v in canvas.pane_size())
    return full[-y : height - y, -x : width - x].astype(int)


def test_colours_are_converted_for_the_screen_also_in_part(qtbot, workspace):
    document = adobe_document()
    canvas = make_canvas(qtbot, workspace, document)
    session = workspace.session
    wanted = visible(canvas, in_srgb(document))
    assert np.abs(shot(canvas) - wanted).max() <= 2
    plain = visible(canvas, render(document, form="bgra")[..., :3])
    assert np.abs(plain - wanted).max() > 10, "the profile matters"
    # A stroke converts no more than what it has changed.
    session.select("paint")
    before = shot(canvas)
    paint_live(session, [(150, 100), (180, 120)], mask=False)
    settle(canvas)
    assert np.abs(shot(canvas) - visible(canvas, in_srgb(session.document))).max() <= 2
    assert 0.005 < (shot(canvas) != before).any(-1).mean() < 0.2
    session.undo()
    settle(canvas)
    assert np.array_equal(shot(canvas), before)
    for centre in (Point(190, 130), Point(230, 150)):
        set_view(canvas, centre=centre)
        assert np.abs(shot(canvas) - visible(canvas, in_srgb(document))).max() <= 2


def test_another_profile_of_the_screen_is_taken_at_once(qtbot, workspace, tmp_path):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    path = tmp_path / "screen.icc"
    path.write_bytes(QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data())
    canvas.screen_profile.choose(path)
    settle(canvas)
    bgra = render(DOCUMENT, form="bgra")
    image = QImage(bgra.data, WIDTH, HEIGHT, bgra.strides[0], QImage.Format.Format_RGB32).copy()
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    image.applyColorTransform(srgb.transformationToColorSpace(canvas.screen_profile.space))
    assert np.abs(shot(canvas) - visible(canvas, pixels(image))).max() <= 2
    canvas.screen_profile.choose(None)
    assert_shows(canvas, DOCUMENT)


def test_a_document_given_a_profile_is_shown_in_it(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    adobe = adobe_document()
    workspace.session.edit("Assign profile", lambda d: msgspec.structs.replace(d, icc=adobe.icc))
    settle(canvas)
    assert np.abs(shot(canvas) - visible(canvas, in_srgb(adobe))).max() <= 2


# -- screens of many pixels


def check_scaled() -> None:
    """Run in a process of its own, as the scale of the screen is the program's."""
    application = make_application()
    ratio = application.devicePixelRatio()
    assert ratio == float(os.environ["QT_SCALE_FACTOR"])
    workspace = Workspace(Preferences())
    # Among others, at a place that is no whole number of device pixels.
    window = QWidget()
    layout = QHBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    label = QLabel()
    label.setFixedWidth(41)
    canvas = Canvas(workspace, ScreenProfile())
    layout.addWidget(label)
    layout.addWidget(canvas, 1)
    window.resize(41 + 201, 133)
    window.show()
    workspace.add(Session(DOCUMENT, title="portrait"))
    for view in (View(centre=Point(200, 140)), View(zoom=3.0, centre=Point(170.4, 130))):
        canvas.set_view(view)
        settle(canvas)
        size = canvas.pane_size()
        assert size == Size(round(201 * ratio), round(133 * ratio)), size
        wanted = expected(canvas, DOCUMENT)
        assert np.array_equal(shot(canvas), wanted), f"alone at {view.zoom}"
        whole = shot(window)
        x = round(41 * ratio)
        seen = whole[:, x : x + round(size.width)]
        assert np.array_equal(seen, wanted[:, : seen.shape[1]]), f"in its window at {view.zoom}"
    session = workspace.session
    assert session is not None
    session.select("paint")
    paint_live(session, [(150, 100), (180, 120)], mask=False)
    settle(canvas)
    assert np.array_equal(shot(canvas), expected(canvas, session.document)), "after a stroke"
    workspace.close()
    window.close()
    print("as it should be")


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["1.5", "2", "1.25"])
def test_on_a_scaled_screen_100_percent_is_a_screen_pixel(scale, tmp_path):
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {
        "QT_SCALE_FACTOR": scale,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join([str(root / "app"), str(root)]),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from tests.gui.test_picture_view_colours import check_scaled; check_scaled()",
        ],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "as it should be", done.stderr[-3000:]
