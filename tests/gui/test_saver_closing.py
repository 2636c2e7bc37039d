"""Closing documents and the window, whatever is being saved or exported meanwhile."""

import threading
from typing import Any

import pytest

from retexture.gui import saver as saver_module
from tests.gui.saving import Slow, change, opacity, settle, then, when


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
