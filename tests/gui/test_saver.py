"""Saving and recovery copies, whatever happens meanwhile: edits, undo, a second save, a defect, a full disk."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QPushButton

from retexture.document.layers import FillLayer, LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.errors import InputError
from retexture.files.documents import open_document
from retexture.files.images import write_image
from retexture.gui import saver as saver_module
from retexture.gui.saver import NOT_SAVED, Saver
from retexture.session import preferences
from retexture.session.recovery import Recovered, Recovery
from retexture.session.saving import save
from retexture.session.session import Session
from tests.gui.small_documents import flat_document

FULL = ("could not be written: the disk is full", "free some space")


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("RETEXTURE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("RETEXTURE_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "recovery"


@pytest.fixture
def saver(state, workspace, parent):
    saver = Saver(workspace, parent)
    yield saver
    saver.recovery.close()


@pytest.fixture
def session(workspace, tmp_path):
    session = Session(flat_document((0.2, 0.4, 0.6)), title="portrait")
    session.path = tmp_path / "portrait.retexture"
    workspace.add(session)
    return session


def change(session: Session, opacity: float) -> None:
    session.set("fill_0.opacity", opacity, "Opacity")


def opacity(path: Path) -> float:
    return open_document(path)[0].layers[0].opacity


def settle(qtbot, workspace):
    qtbot.waitUntil(lambda: workspace.idle)


def crash(saver: Saver, state: Path) -> list[Recovered]:
    """End as a killed program does; return what the next one finds."""
    saver.recovery.close()
    found = Recovery(state)
    result = found.found()
    found.close()
    return result


def then(*answers: str | Callable[[Any], None]) -> list[str]:
    """Click the buttons of these names, or do something, in the boxes that come up; return what the boxes say."""
    said: list[str] = []
    waiting = list(answers)
    timer = QTimer(QApplication.instance())

    def look() -> None:
        box = QApplication.activeModalWidget()
        if box is None:
            return
        if isinstance(box, QMessageBox):
            said.append("\n".join((box.windowTitle(), box.text(), box.informativeText())))
        answer = waiting.pop(0)
        if not waiting:
            timer.stop()
        if callable(answer):
            answer(box)
        else:
            box.findChild(QPushButton, answer).click()

    timer.timeout.connect(look)
    timer.start(0)
    return said


def when(condition: Callable[[], object], act: Callable[[], None]) -> None:
    """Do something once a condition holds."""
    timer = QTimer(QApplication.instance())

    def look() -> None:
        if condition():
            timer.stop()
            act()

    timer.timeout.connect(look)
    timer.start(0)


class Slow:
    """Stands for `save`: it does so when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[Any] = []
        self.free = threading.Semaphore(0)
        monkeypatch.setattr(saver_module, "save", self)

    def __call__(self, document: Any, path: Path, **options: Any) -> tuple[str, ...]:
        self.begun.append(document)
        self.free.acquire(timeout=20)
        return save(document, path, **options)

    def go_on(self, times: int = 1) -> None:
        self.free.release(times)


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


# -- closing


def test_what_is_changed_while_it_is_saved_is_asked_about(qtbot, workspace, saver, session, monkeypatch):
    slow = Slow(monkeypatch)
    change(session, 0.5)

    def go_on() -> None:
        change(session, 0.25)
        slow.go_on(2)

    when(lambda: slow.begun, go_on)
    said = then("unsaved_work_save", "unsaved_work_save")
    assert saver.may_close(session)
    assert len(said) == 2
    assert not session.modified
    assert opacity(session.path) == 0.25


def test_one_thing_is_closed_at_a_time(qtbot, workspace, saver, session, monkeypatch):
    slow, answers = Slow(monkeypatch), []
    change(session, 0.5)

    def again() -> None:
        answers.append(saver.may_close(session))
        answers.append(saver.may_end())
        slow.go_on()

    when(lambda: slow.begun, again)
    then("unsaved_work_save")
    assert saver.may_close(session)
    assert answers == [False, False]


@pytest.fixture
def exporting(workspace, qtbot):
    """A long job with a title, until it is set free."""
    free, ended = threading.Event(), []

    def work(job: Any) -> None:
        while not free.wait(0.01):
            job.progress(0, 1)

    workspace.jobs.submit(work, lambda _none: ended.append("done"), title="Exporting a.tif…")
    yield free, ended
    free.set()


def test_the_end_waits_for_what_is_under_way(workspace, saver, session, exporting):
    free, ended = exporting
    said = then("under_way_wait")
    when(lambda: said, free.set)
    assert saver.may_end()
    assert ended == ["done"]
    assert "Exporting a.tif is still under way." in said[0]


def test_the_end_cancels_what_is_under_way(qtbot, workspace, saver, session, exporting):
    then("under_way_stop")
    assert saver.may_end()
    settle(qtbot, workspace)
    assert exporting[1] == []


def test_the_window_stays_for_what_is_under_way(workspace, saver, session, exporting):
    then("under_way_stay")
    assert not saver.may_end()
    assert len(workspace.jobs.active) == 1


def test_what_is_changed_while_the_end_waits_is_asked_about(workspace, saver, session, exporting):
    def go_on() -> None:
        change(session, 0.5)
        exporting[0].set()

    said = then("under_way_wait", "unsaved_work_cancel")
    when(lambda: said, go_on)
    assert not saver.may_end()


def test_what_is_thrown_away_is_asked_about_once(workspace, saver, session, exporting):
    change(session, 0.5)
    said = then("unsaved_work_discard", "under_way_wait")
    when(lambda: len(said) == 2, exporting[0].set)
    assert saver.may_end()
    assert len(said) == 2


def test_the_end_comes_though_nothing_happens(qtbot, workspace, saver, monkeypatch):
    monkeypatch.setattr(saver_module, "END_S", 0.1)
    free = threading.Event()
    workspace.jobs.submit(lambda _job: free.wait(20), lambda _done: None)
    saver.end()
    assert not workspace.jobs.idle
    free.set()
    settle(qtbot, workspace)


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
