"""Decisions on what an automatic restoration found: blemishes, masks, alignment."""

import random

import msgspec
import numpy as np
import pytest

from retexture.document.analysis import AlignmentReport, Analysis, FaceBox, Spot
from retexture.document.document import Document, find
from retexture.document.edits import delete_layer, set_parameter
from retexture.document.layers import PixelLayer, RasterMask
from retexture.files.project import read_project, write_project
from retexture.recipes.auto import with_analysis
from retexture.render.render import render
from retexture.session import restoration
from retexture.session.session import Session
from retexture.session.view import Point
from tests.session.restored import restored_document, restored_session


def blemish_plane(document: Document) -> np.ndarray:
    mask = find(document, "donor").mask
    assert mask is not None
    part = mask.components[0]
    assert isinstance(part, RasterMask)
    return part.tiles.to_array()


def kept(session: Session) -> tuple[bool, ...]:
    assert session.document.analysis is not None
    return restoration.decisions(session.document.analysis)


# -- decisions


def test_a_toggle_is_one_undo_step_that_outlives_the_sensitivity():
    session = restored_session()
    assert kept(session) == (True, True, False, False)
    restoration.toggle(session, [0])
    restoration.toggle(session, [3])
    assert kept(session) == (False, True, False, True)
    session.edit("Sensitivity", lambda d: restoration.with_sensitivity(d, 0))
    assert kept(session) == (False, False, False, True)
    session.edit("Sensitivity", lambda d: restoration.with_sensitivity(d, 100))
    assert kept(session) == (False, True, True, True)
    for _ in range(4):
        session.undo()
    assert kept(session) == (True, True, False, False)
    assert session.history.redo_label == "Let Blemish Return"


def test_toggling_several_makes_them_alike():
    session = restored_session()
    restoration.toggle(session, [1, 2])
    assert kept(session) == (True, True, True, False)
    assert session.history.undo_label == "Keep Blemishes Out"
    restoration.toggle(session, [1, 2])
    assert kept(session) == (True, False, False, False)


def test_a_reset_leaves_all_to_the_sensitivity():
    session = restored_session()
    restoration.decide(session, [0, 1], False)
    restoration.reset_decisions(session)
    assert kept(session) == (True, True, False, False)
    assert [spot.kept_out for spot in session.document.analysis.spots] == [None] * 4


def test_what_is_kept_out_shows_in_the_mask_and_the_picture():
    session = restored_session()
    first = session.document.analysis.spots[0]
    x, y = int(first.x_px), int(first.y_px)
    assert blemish_plane(session.document)[0, y, x] == 65535
    before = render(session.document)
    restoration.toggle(session, [0])
    assert blemish_plane(session.document)[0, y, x] == 0
    changed = np.argwhere((render(session.document) != before).any(axis=0))
    assert len(changed)
    assert np.abs(changed - [y, x]).max() < 60, "another place changed"


@pytest.mark.parametrize("seed", range(4))
def test_drawing_where_something_changed_equals_drawing_all(seed):
    rng = random.Random(seed)
    found = tuple(
        Spot(rng.uniform(0, 300), rng.uniform(0, 260), rng.uniform(1.5, 20), rng.uniform(4, 12))
        for _ in range(40)
    )
    document = restored_document(300, 260, found)
    for _ in range(6):
        analysis = msgspec.structs.replace(document.analysis, sensitivity=rng.uniform(0, 100))
        decided = tuple(
            msgspec.structs.replace(s, kept_out=rng.choice((None, None, True, False))) for s in analysis.spots
        )
        analysis = msgspec.structs.replace(analysis, spots=decided)
        whole = with_analysis(document, analysis)
        document = restoration.with_decisions(document, analysis)
        assert document.analysis == analysis
        assert np.array_equal(blemish_plane(document), blemish_plane(whole))


def test_tiles_without_a_change_are_shared():
    document = restored_document(1000, 1000, (Spot(100, 100, 8, 99.0), Spot(900, 900, 8, 99.0)))
    before = find(document, "donor").mask.components[0].tiles
    session = Session(document, title="sample")
    restoration.toggle(session, [0])
    after = find(session.document, "donor").mask.components[0].tiles
    assert after.tiles[3, 3] is before.tiles[3, 3]
    assert (0, 0) not in after.tiles


def test_where_clean_skin_is_gone_nothing_can_be_decided():
    session = restored_session()
    session.edit("Delete", lambda d: delete_layer(d, "donor"))
    with pytest.raises(ValueError, match="was deleted: undo that first"):
        restoration.toggle(session, [0])


def test_a_locked_layer_refuses():
    session = restored_session()
    session.set("donor.locked", True, "Lock")
    with pytest.raises(ValueError, match="Clean skin is locked"):
        restoration.toggle(session, [0])


def test_a_document_of_another_recipe_has_no_blemishes():
    session = Session(Document(width_px=8, height_px=8), title="other")
    with pytest.raises(ValueError, match="was not made by the automatic restoration"):
        restoration.reset_decisions(session)


def test_decisions_survive_saving(tmp_path):
    session = restored_session()
    restoration.toggle(session, [0])
    restoration.toggle(session, [2])
    write_project(tmp_path / "work.retexture", session.document)
    document = read_project(tmp_path / "work.retexture")
    assert document.analysis == session.document.analysis
    assert np.array_equal(blemish_plane(document), blemish_plane(session.document))


# -- pointing


def test_the_smaller_of_two_spots_is_pointed_at():
    analysis = restored_document(200, 200, (Spot(50, 50, 30, 9.0), Spot(55, 50, 6, 8.0))).analysis
    assert restoration.spot_at(analysis, Point(56, 50)) == 1
    assert restoration.spot_at(analysis, Point(40, 50)) == 0
    assert restoration.spot_at(analysis, Point(120, 50)) is None
    assert restoration.spot_at(analysis, Point(84, 50)) is None
    assert restoration.spot_at(analysis, Point(84, 50), slack_px=5) == 0


def test_a_tiny_spot_can_be_pointed_at():
    analysis = restored_document(200, 200, (Spot(50, 50, 1.5, 9.0),)).analysis
    assert restoration.spot_at(analysis, Point(53.5, 50)) == 0


def test_a_spot_is_told_by_its_look_and_size():
    assert restoration.title_of(Spot(0, 0, 6, 9, "red")) == "Red spot, 12 px"


# -- filters and masks


def test_sliders_find_their_filters():
    document = restored_document()
    assert restoration.amount_path(document) == "texture.texture_gain.amount_percent"
    path = restoration.radius_path(document)
    assert path is not None
    assert restoration.setting(set_parameter(document, path, 6.5), path)[1] == 6.5


def test_without_the_texture_there_is_nothing_to_set():
    document = delete_layer(restored_document(), "texture")
    assert restoration.amount_path(document) is None
    assert restoration.radius_path(document) is None
    assert restoration.mask_parts(document) == ()


def test_masks_are_listed_with_their_switches():
    document = restored_document()
    parts = restoration.mask_parts(document)
    assert [part.title for part in parts] == ["Skin", "Lost texture", "Alignment", "Blemishes"]
    assert [part.component for part in parts] == [None, 0, 1, 0]
    assert parts[0].path == "texture.mask.painted.enabled"
    off = set_parameter(document, parts[1].path, False)
    assert [part.enabled for part in restoration.mask_parts(off)] == [True, False, True, True]


# -- alignment


def test_the_alignment_can_be_removed_and_restored():
    document = restored_document(unaligned=(60, 120))
    session = Session(document, title="sample")
    assert restoration.alignment_state(document) == "aligned"
    restoration.set_alignment(session, "opened")
    layer = find(session.document, "retouched")
    assert isinstance(layer, PixelLayer)
    assert layer.source == "unaligned"
    assert restoration.alignment_state(session.document) == "opened"
    shown = render(session.document)
    assert shown[3].min() == 65535, "it covers the canvas"
    restoration.set_alignment(session, "aligned")
    assert session.document == document
    session.undo()
    assert restoration.alignment_state(session.document) == "opened"


def test_the_same_state_again_is_no_step():
    session = Session(restored_document(unaligned=(60, 120)), title="sample")
    restoration.set_alignment(session, "aligned")
    assert session.history.undo_label is None


def test_what_lay_exactly_has_no_switch():
    assert restoration.alignment_state(restored_document()) is None


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (None, "taken as aligned"),
        (AlignmentReport((1, 0, 0, 0, 1, 0), 0, 0.9, 0.1, resampled=False), "lies exactly"),
        (AlignmentReport((1, 0, 3, 0, 1, 4), 0, 0.9, 0.1), "was shifted by 5.0 px."),
        (
            AlignmentReport((1.5, 0, 3, 0, 1.5, 4), 8.04, 0.9, 0.1),
            "was at 150.0 % of its size, bent by up to 8.0 px.",
        ),
        (AlignmentReport((1.5, 0, 3, 0, 1.56, 4), 0, 0.9, 0.1), "was at 150.0 × 156.0 % of its size."),
        (AlignmentReport((-1, 0, 99, 0, 1, 0), 0, 0.9, 0.1, mirrored=True), "was mirrored."),
        (
            AlignmentReport((0, -1, 99, 1, 0, 0), 0, 0.9, 0.1, quarter_turns=1),
            "was turned by 90° to the right.",
        ),
        (
            AlignmentReport((0, 1, 0, -1, 0, 99), 0, 0.9, 0.1, quarter_turns=3),
            "was turned by 90° to the left.",
        ),
        (
            AlignmentReport((1, 0, -9, 0, 1, 0), 0, 0.9, 0.1, covered=0.77),
            "of which it covers 77 %; the rest",
        ),
        (AlignmentReport((1, 0, 0, 0, 2, 0), 0, 0.9, 0.1, grid="retouched"), "The original was laid on it"),
        (AlignmentReport((0.987, 0, 9, 0.0004, 0.993, 2), 9.4, 0.9, 0.1), "was bent by up to 9.4 px."),
        (AlignmentReport((0.93, 0, 9, 0, 0.93, 2), 9.4, 0.9, 0.1), "was at 93.0 % of its size, bent by"),
        (AlignmentReport((0.99985, -0.01745, 0, 0.01745, 0.99985, 0), 0, 0.9, 0.1), "was tilted by 1.0°."),
    ],
)
def test_the_alignment_in_words(report, expected):
    words = restoration.alignment_words(report, 1000)
    assert expected in words[0]
    if report is not None:
        assert "90 % of what both show" in words[1]


def test_faces_in_words():
    face = FaceBox(0, 0, 10, 10, 0.71)
    analysis = Analysis(inputs=("", ""), skin="face", faces=(face,))
    assert restoration.face_words(analysis) == ("Face: 71 % of the texture was lost",)
    two = msgspec.structs.replace(analysis, faces=(face, face))
    assert restoration.face_words(two)[1] == "Face 2 from the left: 71 % was lost"
    none = Analysis(inputs=("", ""), skin="colour", plasticness=0.5)
    assert restoration.face_words(none) == ("Skin: 50 % of the texture was lost",)
