"""Opening: documents, pairs, recipes."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QMessageBox, QPushButton, QToolButton, QWidget

from retexture.document.document import find
from retexture.files.images import read_image, write_image
from retexture.files.project import write_project
from retexture.gui import file_dialogs
from retexture.gui.open_files import Opener
from retexture.gui.pair_dialog import PairDialog
from retexture.gui.status_bar import StatusBar
from retexture.session import opening
from retexture.session.jobs import Job
from tests.gui.opening import press, settle, shown
from tests.gui.portraits import portrait, write_pair
from tests.gui.small_documents import picture_document


@pytest.fixture
def opener(workspace, parent):
    return Opener(workspace, parent)


def test_a_flat_picture_opens_as_a_document(qtbot, workspace, opener, tmp_path):
    spy = QSignalSpy(opener.built)
    path, _ = write_pair(tmp_path)
    opener.open_paths([path])
    settle(qtbot, workspace)
    session = workspace.session
    assert (session.title, session.path, session.recipe) == ("IMG_1.tif", None, None)
    assert not session.modified
    assert spy.count() == 0, "no recipe has made it"
    assert workspace.preferences.recent_files == (str(path),)
    assert workspace.preferences.folders["open"] == str(tmp_path)


def test_a_project_opens_under_its_path_and_only_once(qtbot, workspace, opener, tmp_path):
    path = tmp_path / "work.retexture"
    write_project(path, picture_document())
    opener.open_paths([path])
    settle(qtbot, workspace)
    first = workspace.session
    assert first.path == path
    opener.open_paths([write_pair(tmp_path)[0]])
    settle(qtbot, workspace)
    opener.open_paths([path])
    settle(qtbot, workspace)
    assert workspace.session is first
    assert len(workspace.sessions) == 2


def test_two_pictures_ask_and_open_with_the_recipe(qtbot, workspace, opener, parent, tmp_path):
    grainy, smooth = write_pair(tmp_path)
    opener.open_paths([smooth, grainy], "high-pass")
    qtbot.waitUntil(lambda: bool(shown(parent, PairDialog)))
    settle(qtbot, workspace)
    (dialog,) = shown(parent, PairDialog)
    press(dialog, "pair_open")
    settle(qtbot, workspace)
    session = workspace.session
    assert (session.title, session.recipe) == ("IMG_1", "high-pass")
    assert not session.modified
    assert session.document.source("original").path == str(grainy)
    assert workspace.preferences.recent_files == (str(grainy), str(smooth))


def test_a_choice_made_before_the_guess_is_guessed_then(qtbot, workspace, opener, parent, tmp_path):
    grainy, smooth = write_pair(tmp_path)
    dialog = opener.ask_for_pictures(None, smooth, grainy, guess=True)
    dialog.accept()
    settle(qtbot, workspace)
    assert workspace.session.document.source("original").path == str(grainy)


def test_cancel_opens_nothing(qtbot, workspace, opener, parent, tmp_path):
    opener.ask_for_pictures("grain", *write_pair(tmp_path)).reject()
    settle(qtbot, workspace)
    assert workspace.sessions == []
    assert workspace.preferences.recent_files == ()


def test_pictures_in_order_open_without_a_question(qtbot, workspace, opener, parent, tmp_path):
    grainy, smooth = write_pair(tmp_path)
    opener.open_paths([smooth, grainy], ordered=True)
    settle(qtbot, workspace)
    assert shown(parent, PairDialog) == []
    assert workspace.session.recipe == "auto"
    assert workspace.session.document.source("original").path == str(smooth)


@pytest.mark.parametrize("name", ["grain", "high-pass", "high-pass-blend-if"])
def test_what_is_painted_in_opens_with_a_black_mask_as_the_target(qtbot, workspace, opener, tmp_path, name):
    spy = QSignalSpy(opener.built)
    opener.open_pictures(*write_pair(tmp_path), name)
    settle(qtbot, workspace)
    session = workspace.session
    assert spy.at(0) == [session]
    assert session.target == "mask"
    assert not find(session.document, session.active).mask.painted.tiles.to_array().any()


@pytest.mark.parametrize(("name", "target"), [("grain", ("grain", "mask")), ("hybrid-fs", ("high", "layer"))])
def test_the_project_of_a_recipe_opens_with_the_same_target(qtbot, workspace, opener, tmp_path, name, target):
    spy = QSignalSpy(opener.built)
    opener.open_pictures(*write_pair(tmp_path), name)
    settle(qtbot, workspace)
    made, path = workspace.session, tmp_path / "work.retexture"
    write_project(path, made.document)
    opener.open_paths([path])
    settle(qtbot, workspace)
    session = workspace.session
    assert session is not made
    assert (session.active, session.target) == (made.active, made.target) == target
    assert spy.count() == 1, "what a recipe made before opens without its guide"


def test_a_project_opens_where_its_recipes_layer_has_gone(qtbot, workspace, opener, tmp_path):
    path = tmp_path / "work.retexture"
    write_project(path, msgspec.structs.replace(picture_document(), recipe="grain"))
    opener.open_paths([path])
    settle(qtbot, workspace)
    assert (workspace.session.recipe, workspace.session.active) == ("grain", "base")


def test_a_flat_recipe_opens_one_picture(qtbot, workspace, opener, parent, tmp_path):
    path, _ = write_pair(tmp_path)
    opener.open_paths([path], "texture-extractor")
    settle(qtbot, workspace)
    assert workspace.session.recipe == "texture-extractor"
    assert shown(parent, PairDialog) == []


def test_a_recipe_gets_its_options(qtbot, workspace, opener, tmp_path):
    opener.open_pictures(*write_pair(tmp_path), "texture-graft", ["patch=0,0,40,40", "seed=7"])
    settle(qtbot, workspace)
    assert workspace.session.recipe == "texture-graft"


def test_a_wrong_option_is_told(qtbot, workspace, opener, parent, tmp_path):
    opener.open_pictures(*write_pair(tmp_path), "texture-graft", ["patch=0,0,400,40"])
    settle(qtbot, workspace)
    (box,) = shown(parent, QMessageBox)
    assert "leaves the picture" in box.text()
    assert workspace.sessions == []


def test_notes_are_told(qtbot, workspace, opener, tmp_path):
    spy = QSignalSpy(workspace.message)
    small, _ = write_pair(tmp_path)
    _, large = write_pair(tmp_path, "a.tif", "b.tif", scale=2)
    opener.open_pictures(small, large)
    settle(qtbot, workspace)
    assert "“b.tif” is aligned to the original within" in spy.at(0)[0]
    assert str(tmp_path) not in spy.at(0)[0]
    opener.open_pictures(small, large, "hybrid-fs")
    settle(qtbot, workspace)
    assert "resized" in spy.at(1)[0]


def test_an_aligned_picture_is_baked_and_its_file_known_as_it_was(qtbot, workspace, opener, tmp_path):
    small, _ = write_pair(tmp_path)
    _, large = write_pair(tmp_path, "a.tif", "b.tif", scale=2)
    opener.open_pictures(small, large)
    settle(qtbot, workspace)
    document = workspace.session.document
    assert document.source("retouched").path is None
    assert document.source("unaligned").path == str(large)
    assert document.source("unaligned").colour.array.shape[2] == 2 * document.width_px


def test_the_shape_of_the_retouched_picture_is_kept(qtbot, workspace, opener, tmp_path):
    small, _ = write_pair(tmp_path)
    _, large = write_pair(tmp_path, "a.tif", "b.tif", scale=2)
    dialog = opener.ask_for_pictures(None, small, large)
    settle(qtbot, workspace)
    combo = dialog.findChild(QComboBox, "pair_grid_choice")
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    QTest.mouseClick(dialog.findChild(QPushButton, "pair_open"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    document = workspace.session.document
    assert np.array_equal(document.source("retouched").colour.array, read_image(large).colour)
    assert document.source("retouched").path == str(large)
    assert document.source("original").path is None
    assert document.source("unaligned_original").path == str(small)


@pytest.fixture
def other_pictures(tmp_path):
    """An original, and another photograph."""
    first, second = write_pair(tmp_path)
    write_image(second, portrait(8), overwrite=True)
    return first, second


def test_two_photographs_are_refused_in_plain_words(qtbot, workspace, opener, parent, other_pictures):
    opener.open_pictures(*other_pictures)
    settle(qtbot, workspace)
    (box,) = shown(parent, QMessageBox)
    assert other_pictures[1].name in box.text()
    assert box.informativeText() == "Choose the retouched version of this original."
    assert workspace.sessions == []


def test_with_alignment_off_they_open(qtbot, workspace, opener, parent, other_pictures):
    dialog = opener.ask_for_pictures(None, *other_pictures)
    settle(qtbot, workspace)
    QTest.mouseClick(dialog.findChild(QCheckBox, "pair_align"), Qt.MouseButton.LeftButton)
    press(dialog, "pair_open")
    settle(qtbot, workspace)
    assert shown(parent, QMessageBox) == []
    assert workspace.session.document.analysis.alignment is None


def test_files_are_chosen_in_a_dialog(qtbot, workspace, opener, tmp_path, monkeypatch):
    path, _ = write_pair(tmp_path)
    monkeypatch.setattr(file_dialogs, "choose_files", lambda *_: [str(path)])
    opener.ask()
    settle(qtbot, workspace)
    assert workspace.session.title == "IMG_1.tif"
    monkeypatch.setattr(file_dialogs, "choose_files", lambda *_: [])
    opener.ask()
    assert workspace.idle


@pytest.mark.slow
def test_the_sample_opens_with_nothing_to_link(qtbot, workspace, opener):
    opener.open_sample()
    qtbot.waitUntil(lambda: workspace.idle, timeout=60_000)
    session = workspace.session
    assert (session.title, session.recipe) == ("Sample", "auto")
    assert len(session.document.analysis.faces) == 1
    assert session.document.analysis.spots
    assert all(source.path is None for source in session.document.sources)
    assert workspace.preferences.recent_files == ()


def test_documents_of_one_picture_have_titles_of_their_own(qtbot, workspace, opener, tmp_path):
    pair = write_pair(tmp_path)
    for _ in range(3):
        opener.open_pictures(*pair, "grain")
        settle(qtbot, workspace)
    for _ in range(2):
        opener.open_paths([pair[0]])
        settle(qtbot, workspace)
    titles = [session.title for session in workspace.sessions]
    assert titles == ["IMG_1", "IMG_1 (2)", "IMG_1 (3)", "IMG_1.tif", "IMG_1 (2).tif"]


def test_a_recipe_is_known_again_from_the_project(qtbot, workspace, opener, tmp_path):
    opener.open_pictures(*write_pair(tmp_path), "grain")
    settle(qtbot, workspace)
    path = tmp_path / "work.retexture"
    write_project(path, workspace.session.document)
    opener.open_paths([path])
    settle(qtbot, workspace)
    assert (workspace.session.path, workspace.session.recipe) == (path, "grain")


def test_a_cancelled_opening_opens_nothing(qtbot, workspace, opener, tmp_path):
    opener.open_pictures(*write_pair(tmp_path))
    for job in workspace.jobs.active:
        if job.title:
            job.cancel()
    settle(qtbot, workspace)
    assert workspace.sessions == []


@pytest.mark.slow
def test_the_steps_of_a_restoration_are_told_and_any_of_them_can_be_the_last(
    qtbot, workspace, opener, tmp_path, monkeypatch
):
    told = []

    def tell(job, step, done):
        told.append((step, job.done_part))
        original(job, step, done)

    original = Job.tell
    monkeypatch.setattr(Job, "tell", tell)
    pair = write_pair(tmp_path, scale=4)
    opener.open_pictures(*pair)
    settle(qtbot, workspace)
    steps = list(dict.fromkeys(step for step, _ in told))
    assert steps[0] == "Reading"
    assert {"Aligning", "Finding the skin"} <= set(steps)
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert len(workspace.sessions) == 1

    for last in steps:

        def cancel_at(job, step, done, last=last):
            if step == last:
                job.cancel()
            original(job, step, done)

        monkeypatch.setattr(Job, "tell", cancel_at)
        opener.open_pictures(*pair)
        settle(qtbot, workspace)
    assert len(workspace.sessions) == 1
    assert workspace.jobs.active == ()


def test_an_opening_is_told_and_cancelled_in_the_status_bar(qtbot, workspace, opener, tmp_path, monkeypatch):
    def build(*_pictures, tell, **_options):
        while True:
            tell("Finding the skin", 0.5)

    monkeypatch.setattr(opening, "build", build)
    bar = StatusBar(workspace)
    qtbot.addWidget(bar)
    bar.show()
    opener.open_pictures(*write_pair(tmp_path))
    view = bar.findChild(QWidget, "status_job")
    qtbot.waitUntil(view.isVisible)
    assert bar.findChild(QLabel, "status_job_title").text() == "Opening: Finding the skin…"
    QTest.mouseClick(bar.findChild(QToolButton, "status_job_cancel"), Qt.MouseButton.LeftButton)
    settle(qtbot, workspace)
    assert not view.isVisible()
    assert workspace.sessions == []
    assert workspace.jobs.active == ()
