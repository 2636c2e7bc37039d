"""What the window's parts share: which document is in front, timers, and words for the user."""

import threading
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from retexture.document.edits import set_parameter
from retexture.errors import InputError
from retexture.gui.workspace import Workspace
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from tests.gui.small_documents import flat_document

DOCUMENT = flat_document((0.2, 0.4, 0.6), (0.9, 0.1, 0.3))


def make_session(title: str = "a") -> Session:
    return Session(DOCUMENT, title=title)


@pytest.fixture
def told(workspace):
    told: list[Any] = []
    workspace.session_changed.connect(told.append)
    return told


def test_the_document_that_was_opened_last_is_in_front(workspace, told):
    a, b = make_session("a"), make_session("b")
    workspace.add(a)
    workspace.add(b)
    assert workspace.sessions == [a, b]
    assert workspace.session is b
    workspace.activate(b)
    workspace.activate(a)
    assert told == [a, b, a]


@pytest.mark.parametrize(("closed", "front"), [(0, 1), (1, 0), (2, 1)])
def test_the_one_beside_a_closed_document_comes_to_the_front(workspace, told, closed, front):
    sessions = [make_session(str(i)) for i in range(3)]
    for session in sessions:
        workspace.add(session)
    workspace.activate(sessions[closed])
    workspace.remove(sessions[closed])
    assert workspace.session is sessions[front]


def test_closing_a_document_behind_leaves_the_front_and_closing_all_leaves_none(workspace, told):
    a, b = make_session("a"), make_session("b")
    workspace.add(a)
    workspace.add(b)
    workspace.remove(a)
    assert workspace.session is b
    workspace.remove(b)
    assert told == [a, b, None]
    assert not workspace.sessions


def test_updates_of_the_document_in_front_are_passed_on(workspace):
    a, b = make_session("a"), make_session("b")
    updates: list[Any] = []
    workspace.updated.connect(updates.append)
    workspace.add(a)
    workspace.add(b)
    a.set("fill_0.opacity", 0.5, "Opacity")
    assert updates == []
    b.set("fill_0.opacity", 0.5, "Opacity")
    assert [u.changes.changed for u in updates] == [{"fill_0": frozenset({"blending"})}]


def test_changes_of_documents_behind_are_told_until_they_are_closed(workspace):
    a, b = make_session("a"), make_session("b")
    changed: list[Any] = []
    workspace.changed.connect(lambda session, update: changed.append((session, update.file)))
    workspace.add(a)
    workspace.add(b)
    a.set("fill_0.opacity", 0.5, "Opacity")
    b.set("fill_0.opacity", 0.5, "Opacity")
    assert changed == [(a, True), (b, True)]
    workspace.remove(a)
    a.set("fill_0.opacity", 0.25, "Opacity")
    assert len(changed) == 2


def test_the_list_of_documents_is_told(workspace):
    a, b = make_session("a"), make_session("b")
    lists: list[Any] = []
    workspace.sessions_changed.connect(lambda: lists.append((list(workspace.sessions), workspace.session)))
    workspace.add(a)
    workspace.add(b)
    workspace.remove(a)
    workspace.remove(b)
    assert lists == [([a], a), ([a, b], b), ([b], b), ([], None)]


def test_changed_preferences_are_told_once(workspace):
    told: list[int] = []
    workspace.preferences_changed.connect(lambda: told.append(workspace.preferences.history_mb))
    workspace.preferences = Preferences(history_mb=100)
    workspace.preferences = Preferences(history_mb=100)
    assert told == [100]


def test_what_ends_after_the_close_is_not_told(qtbot):
    workspace = Workspace(Preferences())
    ended: list[str] = []
    workspace.jobs.submit(
        lambda job: None, lambda _none: ended.append("done"), ended=lambda: ended.append("ended")
    )
    workspace.close()
    QApplication.processEvents()
    assert ended == []


def test_a_gesture_is_committed_when_another_document_comes_to_the_front(workspace):
    a, b = make_session("a"), make_session("b")
    workspace.add(b)
    workspace.add(a)
    a.begin("Opacity").set("fill_0.opacity", 0.5)
    workspace.activate(b)
    assert a.gesture is None
    assert a.history.undo_label == "Opacity"
    assert a.document == set_parameter(DOCUMENT, "fill_0.opacity", 0.5)


def test_the_budget_of_undo_is_the_users(qtbot):
    workspace = Workspace(Preferences(history_mb=100))
    session = make_session()
    workspace.add(session)
    assert session.history.budget_bytes == 100 << 20
    workspace.close()


def test_what_is_for_later_is_done_once(workspace, qtbot):
    done: list[str] = []
    workspace.later(0, lambda: done.append("a"))
    stop = workspace.later(0, lambda: done.append("b"))
    assert not workspace.idle
    stop()
    stop()
    late = workspace.later(1, lambda: done.append("c"))
    qtbot.waitUntil(lambda: workspace.idle)
    assert done == ["a", "c"]
    late()
    assert workspace.idle


def test_what_is_done_later_may_ask_for_more(workspace, qtbot):
    done: list[int] = []

    def again() -> None:
        done.append(len(done))
        if len(done) < 3:
            workspace.later(0, again)

    workspace.later(0, again)
    qtbot.waitUntil(lambda: workspace.idle)
    assert done == [0, 1, 2]


def test_results_of_jobs_come_on_the_windows_thread(workspace, qtbot):
    names: list[str] = []
    workspace.jobs.submit(
        lambda job: threading.current_thread().name,
        lambda name: names.extend([name, threading.current_thread().name]),
    )
    assert not workspace.idle
    qtbot.waitUntil(lambda: workspace.idle)
    assert names[0].startswith("retexture-worker")
    assert names[1] == threading.current_thread().name


def test_crashes_and_problems_are_told(workspace, qtbot, tmp_path):
    crashes: list[Any] = []
    words: list[str] = []
    workspace.crashed.connect(crashes.append)
    workspace.message.connect(words.append)

    def work(job: object) -> None:
        raise RuntimeError("oops")

    workspace.jobs.submit(work, words.append, title="Rendering")
    qtbot.waitUntil(lambda: workspace.idle)
    assert [str(crash) for crash in crashes] == ["RuntimeError: oops"]
    workspace.tell_problem(ValueError("Select a layer to paint on"))
    workspace.tell_problem(InputError(tmp_path / "a.tif", "is missing", "choose it again"))
    assert words[0].rstrip(".") == "Select a layer to paint on"
    assert "a.tif" in words[1]
    assert "choose it again" in words[1].lower()


def test_closing_stops_timers_and_threads(qtbot):
    before = set(threading.enumerate())
    workspace = Workspace(Preferences())
    done: list[str] = []
    workspace.later(0, lambda: done.append("late"))
    workspace.jobs.submit(lambda job: "late", done.append)
    workspace.close()
    assert workspace.idle
    assert set(threading.enumerate()) == before
    QApplication.processEvents()
    assert done == []
