"""A session: every change is one undo step, a cancelled gesture never was, and listeners hear exactly what changed."""

from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from retexture.document.changes import Rect, changes
from retexture.document.document import Document, find, walk
from retexture.document.edits import delete_layer, insert_layer, set_parameter
from retexture.document.layers import FillLayer
from retexture.session.session import Session, Update
from tests.document.changing import painted_mask
from tests.document.documents import sample_document, samples

DOCUMENT = sample_document(600, 300)


def open_session(document: Document = DOCUMENT) -> tuple[Session, list[Update]]:
    session = Session(document, title="portrait")
    heard: list[Update] = []
    session.subscribe(heard.append)
    return session, heard


def fill(key: str) -> FillLayer:
    return FillLayer(key=key, name=key)


def modified(session: Session) -> bool:
    return session.modified


def value(document: Document, key: str = "high") -> float:
    return find(document, key).opacity


def test_a_new_session_shows_its_document_with_the_top_layer_selected():
    session, _ = open_session()
    assert session.document is DOCUMENT
    assert session.active == "invert"
    assert session.active_layer is DOCUMENT.layers[-1]
    assert not modified(session)
    empty = Session(msgspec.structs.replace(DOCUMENT, layers=(), links=()), title="nothing")
    assert empty.active is None
    assert empty.active_layer is None


def test_an_edit_is_one_undo_step_that_listeners_hear_of():
    session, heard = open_session()
    session.set("high.opacity", 0.25, "Opacity")
    assert value(session.document) == 0.25
    assert [v.label for v in session.history.versions] == ["Open", "Opacity"]
    assert modified(session)
    wanted = changes(DOCUMENT, session.document)
    assert heard == [Update(wanted, live=False, history=True, selection=False, file=True)]
    assert wanted.changed == {"high": frozenset({"blending"})}


def test_an_edit_that_changes_nothing_is_no_step():
    session, heard = open_session()
    session.edit("Nothing", lambda document: document)
    session.set("high.opacity", value(DOCUMENT), "Opacity")
    assert len(session.history.versions) == 1
    assert heard == []
    assert not modified(session)


def test_an_edit_that_is_refused_leaves_everything_as_it_was():
    session, heard = open_session()
    with pytest.raises(ValueError):
        session.set("high.opacity", 7, "Opacity")
    with pytest.raises(ValueError, match="no such layer"):
        session.edit("Delete", lambda document: delete_layer(document, "nobody"))
    assert session.document is DOCUMENT
    assert heard == []


def test_a_gesture_is_one_undo_step_however_many_drafts_it_shows():
    session, heard = open_session()
    gesture = session.begin("Opacity")
    for opacity in (0.9, 0.5, 0.3):
        gesture.set("high.opacity", opacity)
        assert value(session.document) == opacity
        assert session.history.document is DOCUMENT
    assert gesture.live
    # The first draft makes it unsaved work.
    assert [(u.live, u.history, u.file) for u in heard] == [(True, False, True), *[(True, False, False)] * 2]
    assert all(u.changes.changed == {"high": frozenset({"blending"})} for u in heard)
    gesture.commit()
    assert session.gesture is None
    assert heard[3:] == [Update(history=True, file=True)]
    assert [v.label for v in session.history.versions] == ["Open", "Opacity"]
    assert value(session.document) == 0.3
    session.undo()
    assert session.document is DOCUMENT


def test_each_value_of_a_gesture_is_set_on_the_document_of_its_start():
    session, _ = open_session()
    gesture = session.begin("Try")
    gesture.set("high.opacity", 0.5)
    gesture.set("low.opacity", 0.25)
    assert value(session.document, "high") == value(DOCUMENT, "high")
    assert value(session.document, "low") == 0.25
    # A value back where it began is no change, and so no step.
    gesture.set("low.opacity", value(DOCUMENT, "low"))
    gesture.commit()
    assert session.document is DOCUMENT
    assert len(session.history.versions) == 1


@pytest.mark.parametrize("how", ["cancel", "undo", "cancel_gesture"])
def test_cancelling_a_gesture_gives_back_the_very_document(how):
    session, heard = open_session()
    gesture = session.begin("Opacity")
    gesture.set("high.opacity", 0.5)
    {"cancel": gesture.cancel, "undo": session.undo, "cancel_gesture": session.cancel_gesture}[how]()
    assert session.document is DOCUMENT
    assert not modified(session)
    assert len(session.history.versions) == 1
    # Listeners are told what goes back.
    assert heard[-1].changes == changes(set_parameter(DOCUMENT, "high.opacity", 0.5), DOCUMENT)
    assert not heard[-1].live
    count = len(heard)
    for late in (gesture.cancel, gesture.commit, lambda: gesture.set("high.opacity", 0.1)):
        late()
    assert len(heard) == count
    assert session.document is DOCUMENT


def test_a_gesture_tells_only_what_was_painted():
    session, heard = open_session()
    gesture = session.begin("Stroke")
    gesture.update(painted_mask(DOCUMENT, "high", 300, 10), Rect(300, 10, 5, 5))
    assert heard[-1].changes.region == Rect(300, 10, 5, 5)
    assert heard[-1].changes.changed == {"high": frozenset({"mask"})}
    gesture.cancel()
    assert heard[-1].changes.region == Rect(256, 0, 256, 256), "what goes back is not known: the whole tile"


@pytest.mark.parametrize("then", ["edit", "begin", "redo", "snapshot", "jump"])
def test_what_comes_next_commits_a_gesture(then):
    session, _ = open_session()
    session.begin("Opacity").set("high.opacity", 0.5)
    match then:
        case "edit":
            session.set("low.opacity", 0.5, "Low")
        case "begin":
            session.begin("Another")
        case "redo":
            session.redo()
        case "snapshot":
            session.snapshot("kept")
            assert session.history.snapshots[0].document is session.document
        case "jump":
            session.jump(0)
    assert session.history.versions[1].label == "Opacity"
    assert value(session.history.versions[1].document) == 0.5


def test_undo_redo_and_jump_go_through_the_versions_and_tell_the_difference():
    session, heard = open_session()
    documents = [DOCUMENT]
    for opacity in (0.1, 0.2, 0.3):
        session.set("high.opacity", opacity, str(opacity))
        documents.append(session.document)
    heard.clear()
    session.undo()
    session.undo()
    session.redo()
    session.jump(0)
    session.jump(3)
    went = [3, 2, 1, 2, 0, 3]
    assert session.document is documents[3]
    wanted = [changes(documents[a], documents[b]) for a, b in pairwise(went)]
    assert [u.changes for u in heard] == wanted
    assert all(u.history and u.file and not u.live for u in heard)
    session.jump(0)
    session.undo()
    assert session.document is DOCUMENT
    with pytest.raises(IndexError):
        session.jump(9)


def test_snapshots_are_kept_restored_and_forgotten():
    session, heard = open_session()
    session.set("high.opacity", 0.5, "Opacity")
    half = session.document
    session.snapshot("half")
    session.undo()
    session.restore("half")
    assert session.document is half
    assert [v.label for v in session.history.versions] == ["Open", "half"]
    session.undo()
    assert session.document is DOCUMENT
    heard.clear()
    session.forget("half")
    assert heard == [Update(history=True)]
    with pytest.raises(KeyError):
        session.restore("half")


def test_modified_follows_the_version_that_was_saved(tmp_path):
    session, heard = open_session()
    session.set("high.opacity", 0.5, "Opacity")
    saved = session.document
    session.mark_saved(saved, tmp_path / "portrait.retexture")
    assert not modified(session)
    assert (session.title, session.path) == ("portrait.retexture", tmp_path / "portrait.retexture")
    assert heard[-1] == Update(file=True)
    session.undo()
    assert modified(session)
    session.redo()
    assert not modified(session)
    # Work went on while it was being written.
    session.set("high.opacity", 0.75, "Opacity")
    session.mark_saved(saved, tmp_path / "portrait.retexture")
    assert modified(session)
    session.mark_saved(session.document, tmp_path / "portrait.retexture")
    session.mark_unsaved()
    assert modified(session)


# -- selection


def test_only_a_painted_mask_can_be_the_target():
    session, heard = open_session()
    session.select("high", "mask")
    assert (session.active, session.target) == ("high", "mask")
    assert heard == [Update(selection=True)]
    session.select("low", "mask")
    assert (session.active, session.target) == ("low", "layer")
    session.select("nobody", "mask")
    assert (session.active, session.target) == (None, "layer")


def test_a_mask_that_goes_is_the_target_no_more():
    session, heard = open_session()
    session.select("high", "mask")
    session.edit(
        "Delete mask",
        lambda d: msgspec.structs.replace(
            d, layers=tuple(msgspec.structs.replace(l, mask=None) if l.key == "high" else l for l in d.layers)
        ),
    )
    assert session.target == "layer"
    assert heard[-1].selection


def test_a_new_layer_is_selected_and_undo_goes_back_to_the_one_before():
    session, heard = open_session()
    session.edit("New", lambda d: insert_layer(d, fill("new"), above="low"), select="new")
    assert session.active == "new"
    assert heard[-1].selection
    session.undo()
    assert session.active == "invert", "what was selected before"
    assert heard[-1].selection
    session.redo()
    assert session.active == "new"
    assert heard[-1].selection


@pytest.mark.parametrize(("key", "near"), [("invert", "high"), ("high", "low"), ("group", "low")])
def test_after_a_deletion_a_layer_near_it_is_selected(key, near):
    session, heard = open_session()
    session.select(key)
    session.edit("Delete", lambda d: delete_layer(d, key))
    assert key not in {l.key for l in walk(session.document.layers)}
    assert session.active is not None
    assert session.active_layer is not None
    assert heard[-1].selection
    assert session.active == near
    session.undo()
    assert session.active == key


def test_deleting_the_last_layer_selects_none():
    session, _ = open_session(msgspec.structs.replace(DOCUMENT, layers=(fill("only"),), links=()))
    session.edit("Delete", lambda d: delete_layer(d, "only"))
    assert session.active is None
    session.undo()
    session.select("only")
    assert session.active == "only"


def test_a_listener_hears_nothing_after_it_has_left():
    session, heard = open_session()
    other: list[Update] = []
    leave = session.subscribe(other.append)
    session.set("high.opacity", 0.5, "Opacity")
    leave()
    session.undo()
    assert (len(heard), len(other)) == (2, 1)


def test_a_listener_may_leave_while_it_is_told():
    session, _ = open_session()
    calls: list[str] = []

    def once(update: Update) -> None:
        calls.append("once")
        leave()

    leave = session.subscribe(once)
    session.subscribe(lambda update: calls.append("after"))
    session.set("high.opacity", 0.5, "Opacity")
    session.undo()
    assert calls == ["once", "after", "after"]


# -- any sequence of actions


class AnySequence(RuleBasedStateMachine):
    """The session against a plain list of documents."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(DOCUMENT, title="")
        self.shown = DOCUMENT
        self.session.subscribe(self.hear)
        self.versions = [DOCUMENT]
        self.at = 0
        self.draft: Document | None = None

    def hear(self, update: Update) -> None:
        """What is told is the difference to what was shown before."""
        assert update.changes == changes(self.shown, self.session.document) or update.live
        self.shown = self.session.document

    def committed(self, document: Document) -> None:
        if document != self.versions[self.at]:
            self.versions[self.at + 1 :] = [document]
            self.at += 1
        self.draft = None

    @rule(opacity=st.sampled_from([0.25, 0.5, 1.0]))
    def edit(self, opacity: float) -> None:
        if self.draft is not None:
            self.committed(self.draft)
        wanted = set_parameter(self.versions[self.at], "high.opacity", opacity)
        self.session.set("high.opacity", opacity, "Opacity")
        self.committed(wanted)

    @rule()
    def begin(self) -> None:
        if self.draft is not None:
            self.committed(self.draft)
        self.session.begin("Gesture")
        self.draft = self.versions[self.at]

    @precondition(lambda self: self.draft is not None)
    @rule(opacity=st.sampled_from([0.1, 0.25, 1.0]))
    def drag(self, opacity: float) -> None:
        assert self.session.gesture is not None
        self.session.gesture.set("low.opacity", opacity)
        self.draft = set_parameter(self.versions[self.at], "low.opacity", opacity)

    @precondition(lambda self: self.draft is not None)
    @rule()
    def release(self) -> None:
        assert self.session.gesture is not None
        assert self.draft is not None
        self.session.gesture.commit()
        self.committed(self.draft)

    @rule()
    def escape(self) -> None:
        self.session.cancel_gesture()
        self.draft = None

    @rule()
    def undo(self) -> None:
        if self.draft is None:
            self.at = max(self.at - 1, 0)
        self.draft = None
        self.session.undo()

    @rule()
    def redo(self) -> None:
        if self.draft is not None:
            self.committed(self.draft)
        self.at = min(self.at + 1, len(self.versions) - 1)
        self.session.redo()

    @rule(data=st.data())
    def jump(self, data: Any) -> None:
        if self.draft is not None:
            self.committed(self.draft)
        self.at = data.draw(st.integers(0, len(self.versions) - 1))
        self.session.jump(self.at)

    @invariant()
    def is_the_model(self) -> None:
        assert self.session.document == (self.versions[self.at] if self.draft is None else self.draft)
        assert [v.document for v in self.session.history.versions] == self.versions
        assert self.session.history.index == self.at
        assert self.shown == self.session.document


AnySequence.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestAnySequence = AnySequence.TestCase


def test_a_stroke_that_paints_what_is_there_is_no_step():
    session, _ = open_session()
    session.begin("Stroke").update(msgspec.structs.replace(DOCUMENT))
    session.finish_gesture()
    assert session.document is DOCUMENT
    assert not modified(session)
    assert np.array_equal(DOCUMENT.sources[0].colour.array, samples((3, 300, 600)))
