"""Saving and recovery copies, whatever happens meanwhile: edits, undo, a second save, a defect, a full disk."""

import msgspec
import numpy as np
import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox

from retexture.document.layers import FillLayer, LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.errors import InputError
from retexture.files.documents import open_document
from retexture.files.images import write_image
from retexture.gui import saver as saver_module
from retexture.gui.saver import NOT_SAVED
from retexture.session import preferences
from retexture.session.recovery import Recovery
from retexture.session.saving import save
from retexture.session.session import Session
from tests.gui.saving import Slow, change, crash, opacity, settle, then, when
from tests.gui.small_documents import flat_document

FULL = ("could not be written: the disk is full", "free some space")


# -- recovery copies and saving


def test_a_copy_that_is_newer_than_what_was_saved_is_found(
    qtbot, workspace, saver, session, state, monkeypatch
):
    slow = Slow(monkeypatch)
    change(session, 0.5)
    saver.save(session)
    qtbot.waitUntil(lambda: bool(slow.begun))
    change(session, 0.25)
    saver.autosave()
    qtbot.waitUntil(lambda: len(workspace.jobs.active) == 1)
    slow.go_on()
    settle(qtbot, workspace)
    assert session.modified
    assert [found.path for found in crash(saver, state)] == [session.path]


def undo_and_save(qtbot, workspace, saver, session):
    """Save what was before a change of which there is a copy."""
    change(session, 0.5)
    saver.autosave()
    settle(qtbot, workspace)
    session.undo()
    session.mark_unsaved()
    saver.save(session)
    settle(qtbot, workspace)


def test_what_is_redone_after_a_save_is_found(qtbot, workspace, saver, session, state):
    undo_and_save(qtbot, workspace, saver, session)
    session.redo()
    saver.autosave()
    settle(qtbot, workspace)
    assert len(crash(saver, state)) == 1


def test_what_was_undone_and_saved_is_not_offered(qtbot, workspace, saver, session, state):
    undo_and_save(qtbot, workspace, saver, session)
    assert crash(saver, state) == []


def test_a_copy_that_cannot_be_written_leaves_a_save_a_save(
    qtbot, workspace, parent, saver, session, monkeypatch
):
    change(session, 0.5)
    saver.autosave()
    settle(qtbot, workspace)

    def full(*_arguments, **_options):
        raise InputError("/recovery", *FULL)

    monkeypatch.setattr(saver.recovery, "write", full)
    spy, told = QSignalSpy(workspace.message), []
    saver.save(session, told.append)
    settle(qtbot, workspace)
    assert told == [True]
    assert not session.modified
    assert opacity(session.path) == 0.5
    words = [spy.at(i)[0] for i in range(spy.count())]
    assert words[-1] == (
        "“portrait.retexture” has no new recovery copy. “recovery” could not be written: the disk is full. "
        "Free some space."
    )
    assert parent.findChildren(QMessageBox) == []


def test_a_document_behind_is_copied_too(qtbot, workspace, saver, session, state):
    workspace.add(Session(flat_document((0, 0, 0)), title="other"))
    change(session, 0.5)  # as a merge that ends late
    assert saver._timer.isActive()
    saver._timer.timeout.emit()
    settle(qtbot, workspace)
    assert [found.title for found in crash(saver, state)] == ["portrait"]


# -- saving


def test_a_defect_ends_the_saving(qtbot, workspace, saver, session, monkeypatch):
    def broken(*_arguments, **_options):
        raise RuntimeError("oops")

    crashes, told = QSignalSpy(workspace.crashed), []
    with monkeypatch.context() as patched:
        patched.setattr(saver_module, "save", broken)
        change(session, 0.5)
        then("unsaved_work_save")
        assert not saver.may_close(session)
    assert crashes.count() == 1
    assert session.modified
    saver.save(session, told.append)
    settle(qtbot, workspace)
    assert told == [True]


def test_a_save_that_is_given_up_ends_the_waiting(qtbot, workspace, saver, session, monkeypatch):
    slow = Slow(monkeypatch)

    def give_up() -> None:
        for job in workspace.jobs.active:
            job.cancel()
        slow.go_on()

    change(session, 0.5)
    then("unsaved_work_save")
    when(lambda: slow.begun, give_up)
    assert not saver.may_close(session)


def test_two_saves_are_written_in_their_order(qtbot, workspace, saver, session, monkeypatch):
    slow, told = Slow(monkeypatch), []
    change(session, 0.5)
    saver.save(session, told.append)
    saver.save(session, told.append)  # nothing new: one writing
    change(session, 0.25)
    saver.save(session, told.append)
    qtbot.waitUntil(lambda: len(slow.begun) == 1)
    assert len(workspace.jobs.active) == 1
    slow.go_on(2)
    settle(qtbot, workspace)
    assert [document.layers[0].opacity for document in slow.begun] == [0.5, 0.25]
    assert opacity(session.path) == 0.25
    assert not session.modified
    assert told == [True, True, True]


def test_a_failed_save_is_told_with_the_remedy(qtbot, workspace, saver, session, monkeypatch):
    def full(_document, path, **_options):
        raise InputError(path, *FULL)

    monkeypatch.setattr(saver_module, "save", full)
    said, told = then("file_problem_ok"), []
    saver.save(session, told.append)
    settle(qtbot, workspace)
    assert told == [False]
    (words,) = said
    assert words == (
        f"{NOT_SAVED}\n“portrait.retexture” could not be written: the disk is full.\n"
        "Free some space.\n\nThe document is still open and unchanged."
    )


@pytest.mark.parametrize(("answer", "expected"), [("replace", 0.5), ("cancel", 1.0)])
def test_a_name_that_is_there_with_its_suffix_is_asked_about(
    qtbot, workspace, saver, session, tmp_path, answer, expected
):
    save(session.document, tmp_path / "other.retexture")
    change(session, 0.5)

    def name(dialog: QDialog) -> None:
        assert isinstance(dialog, QFileDialog)
        dialog.selectFile(str(tmp_path / "other"))
        dialog.accept()

    then(name, f"replace_file_{answer}")
    saver.save_as(session)
    settle(qtbot, workspace)
    assert opacity(tmp_path / "other.retexture") == expected


def test_the_first_save_begins_beside_the_original(workspace, saver, tmp_path):
    write_image(tmp_path / "portrait.tif", np.zeros((3, 4, 5), np.uint8))
    document, _ = open_document(tmp_path / "portrait.tif")
    session = Session(document, title="portrait.tif")
    workspace.add(session)
    starts: list[str] = []

    def look(dialog: QDialog) -> None:
        assert isinstance(dialog, QFileDialog)
        starts.extend((dialog.directory().absolutePath(), *dialog.selectedFiles()))
        dialog.reject()

    then(look)
    saver.save_as(session)
    assert starts == [str(tmp_path), str(tmp_path / "portrait.retexture")]


def test_without_a_name_nothing_is_saved(workspace, saver, session):
    session.path, told = None, []
    change(session, 0.5)
    then("unsaved_work_save", lambda dialog: dialog.reject())
    assert not saver.may_close(session)
    then(lambda dialog: dialog.reject())
    saver.save(session, told.append)
    assert told == [False]
    assert session.modified


# -- preferences


def test_preferences_are_written_when_they_change(qtbot, workspace, saver, session):
    saver.save(session)
    settle(qtbot, workspace)
    kept, _ = preferences.load()
    assert kept.recent_files == (str(session.path),)
    assert kept == workspace.preferences
    saver.set_linked(True)
    saver.set_linked(False)
    saver.set_linked(True)
    settle(qtbot, workspace)
    assert preferences.load()[0].link_sources


def test_what_else_is_remembered_is_asked_for_at_an_autosave(qtbot, workspace, saver):
    saver.autosaving.connect(lambda: saver.set_linked(True))
    saver.autosave()
    settle(qtbot, workspace)
    assert preferences.load()[0].link_sources


def test_a_recipe_and_the_mask_that_it_paints_are_kept_through_a_crash(
    qtbot, workspace, saver, session, state
):
    mask = LayerMask(painted=RasterMask(tiles=Tiles(120, 80)))
    grain = FillLayer(key="grain", name="Grain", mask=mask)
    session.edit(
        "Recipe",
        lambda document: msgspec.structs.replace(document, recipe="grain", layers=(*document.layers, grain)),
    )
    saver.autosave()
    settle(qtbot, workspace)
    saver.recovery.close()
    saver.recovery = Recovery(state)
    (found,) = saver.recovery.found()
    saver._recover(found)
    settle(qtbot, workspace)
    assert workspace.session is not session
    assert workspace.session.recipe == "grain"
    assert (workspace.session.active, workspace.session.target) == ("grain", "mask")
