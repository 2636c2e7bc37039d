import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retexture.document.document import Document, Source, all_pixels
from retexture.document.history import History
from retexture.document.layers import FillLayer, LayerMask, RasterMask
from retexture.document.pixels import Pixels, Tiles

SIDE = 16
ARRAY_BYTES = SIDE * SIDE * 3 * 2
"""A source's bytes in these documents."""


def array() -> Pixels:
    return Pixels(np.zeros((3, SIDE, SIDE), np.uint16))


def document(*arrays: Pixels) -> Document:
    sources = tuple(Source(f"s{i}", "", pixels) for i, pixels in enumerate(arrays))
    return Document(width_px=SIDE, height_px=SIDE, sources=sources)


def documents(count: int) -> list[Document]:
    return [document(array()) for _ in range(count)]


def history_of(versions: list[Document], budget_bytes: int = 1 << 30) -> History:
    history = History(versions[0], budget_bytes=budget_bytes)
    for i, version in enumerate(versions[1:], 1):
        history.commit(f"Edit {i}", version)
    return history


def labels(history: History) -> list[str]:
    return [version.label for version in history.versions]


def test_undo_and_redo_walk_the_versions() -> None:
    versions = documents(3)
    history = history_of(versions)
    assert (history.document, history.index) == (versions[2], 2)
    assert (history.undo_label, history.redo_label) == ("Edit 2", None)
    assert history.undo() is versions[1]
    assert (history.undo_label, history.redo_label) == ("Edit 1", "Edit 2")
    assert history.undo() is versions[0]
    assert (history.undo_label, history.redo_label) == (None, "Edit 1")
    assert history.undo() is versions[0]
    assert history.redo() is versions[1]
    assert history.jump(2) is versions[2]
    assert history.redo() is versions[2]
    assert labels(history) == ["Open", "Edit 1", "Edit 2"]


@pytest.mark.parametrize("index", [-1, 3])
def test_only_what_is_there_can_be_jumped_to(index: int) -> None:
    history = history_of(documents(3))
    with pytest.raises(IndexError):
        history.jump(index)
    assert history.index == 2


def test_a_commit_after_undo_drops_what_could_be_redone() -> None:
    versions = documents(4)
    history = history_of(versions[:3])
    history.undo()
    history.commit("Other", versions[3])
    assert labels(history) == ["Open", "Edit 1", "Other"]
    assert history.document is versions[3]
    assert history.bytes_used == 2 * ARRAY_BYTES


def test_bytes_are_those_that_the_current_version_does_not_share() -> None:
    shared, own = array(), array()
    history = History(document(shared, own))
    assert history.bytes_used == 0
    history.commit("Parameter", document(shared, own))
    assert history.bytes_used == 0
    history.commit("Drop", document(shared))
    assert history.bytes_used == ARRAY_BYTES
    history.undo()
    assert history.bytes_used == 0


def test_a_stroke_costs_the_tiles_that_it_changed() -> None:
    tiles = Tiles.from_array(np.full((1, 600, 600), 9, np.uint16))

    def painted(found: Tiles) -> Document:
        fill = FillLayer(key="fill", name="Fill", mask=LayerMask(painted=RasterMask(found)))
        return Document(width_px=600, height_px=600, layers=(fill,))

    history = History(painted(tiles))
    history.commit("Brush", painted(tiles.written(250, 10, np.ones((1, 9, 9), np.uint16))))
    assert history.bytes_used == 2 * 256 * 256 * 2


def test_the_oldest_versions_go_beyond_the_budget() -> None:
    versions = documents(6)
    history = history_of(versions, budget_bytes=2 * ARRAY_BYTES)
    assert labels(history) == ["Edit 3", "Edit 4", "Edit 5"]
    assert (history.evicted, history.index, history.bytes_used) == (3, 2, 2 * ARRAY_BYTES)
    assert history.jump(0) is versions[3]


def test_the_current_version_stays_whatever_it_costs() -> None:
    versions = documents(3)
    history = history_of(versions, budget_bytes=0)
    assert history.versions[0].document is versions[2]
    assert (len(history.versions), history.evicted, history.bytes_used) == (1, 2, 0)
    assert history.undo() is versions[2]


def test_versions_that_cost_nothing_are_not_evicted() -> None:
    shared = array()
    history = history_of([document(shared) for _ in range(50)], budget_bytes=0)
    assert (len(history.versions), history.evicted) == (50, 0)


def test_undo_evicts_nothing() -> None:
    large, small = document(array(), array()), document()
    history = History(small, budget_bytes=ARRAY_BYTES)
    history.commit("Add", large)
    history.undo()
    assert history.bytes_used == 2 * ARRAY_BYTES
    assert history.redo() is large


def test_a_snapshot_of_the_oldest_version_does_not_evict_it() -> None:
    versions = documents(3)
    history = history_of(versions)
    history.jump(0)
    history.budget_bytes = 0
    history.snapshot("Before")
    assert history.document is versions[0]
    assert (history.index, history.evicted, len(history.versions)) == (0, 0, 3)


def test_snapshots_outlive_eviction_and_new_branches() -> None:
    versions = documents(4)
    history = history_of(versions[:2])
    history.snapshot("Before")
    history.undo()
    history.commit("Other", versions[2])
    assert [kept.label for kept in history.snapshots] == ["Before"]
    assert history.bytes_used == 2 * ARRAY_BYTES
    history.budget_bytes = 0
    history.commit("Last", versions[3])
    assert history.bytes_used == ARRAY_BYTES  # the snapshot alone
    assert history.restore("Before") is versions[1]
    assert labels(history)[-1] == "Before"
    assert history.bytes_used == 0


def test_snapshots_are_replaced_by_name_and_forgotten() -> None:
    versions = documents(2)
    history = History(versions[0])
    history.snapshot("Mine")
    history.commit("Edit", versions[1])
    history.snapshot("Mine")
    assert [kept.document for kept in history.snapshots] == [versions[1]]
    history.forget("Mine")
    assert history.snapshots == ()
    assert history.bytes_used == ARRAY_BYTES
    for act in (history.forget, history.restore):
        with pytest.raises(KeyError):
            act("Mine")


@given(st.data(), st.integers(0, 4))
def test_any_use_keeps_the_count_and_the_budget(data: st.DataObject, budget: int) -> None:
    """The count is held against one made anew from all versions; commits keep the budget."""
    arrays = [array() for _ in range(5)]
    some = st.lists(st.sampled_from(arrays), max_size=3, unique=True)
    history = History(document(*data.draw(some)), budget_bytes=budget * ARRAY_BYTES)
    made = 1
    for _ in range(data.draw(st.integers(1, 15))):
        act = data.draw(st.sampled_from(["commit", "undo", "redo", "snapshot", "restore", "forget"]))
        names = [kept.label for kept in history.snapshots]
        if act == "commit":
            dropped = len(history.versions) - 1 - history.index
            made += 1 - dropped
            history.commit("Edit", document(*data.draw(some)))
        elif act == "snapshot":
            history.snapshot(data.draw(st.sampled_from("ab")))
        elif act in ("restore", "forget") and names:
            name = data.draw(st.sampled_from(names))
            if act == "restore":
                made += 1 - (len(history.versions) - 1 - history.index)
            getattr(history, act)(name)
        elif act in ("undo", "redo"):
            getattr(history, act)()
        held = {
            k: p for v in (*history.versions, *history.snapshots) for k, p in all_pixels(v.document).items()
        }
        current = all_pixels(history.document)
        assert history.bytes_used == sum(p.nbytes for k, p in held.items() if k not in current)
        assert len(history.versions) + history.evicted == made
        if act in ("commit", "snapshot") or (act == "restore" and names):
            assert history.bytes_used <= history.budget_bytes or history.index == 0


def test_versions_cannot_be_changed_from_outside() -> None:
    history = History(document())
    with pytest.raises(AttributeError):
        history.versions[0].label = "Other"  # type: ignore[misc]
    assert isinstance(history.versions, tuple)
    assert msgspec.structs.astuple(history.versions[0])[0] == "Open"
