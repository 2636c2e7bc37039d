"""Smart filters are added, moved, switched and deleted, each in one undo step."""

import pytest

from retexture.filters import FILTERS
from retexture.filters.add_noise import AddNoise
from retexture.filters.invert import Invert
from retexture.filters.median import Median
from retexture.render.render import render
from retexture.session import filter_edits
from tests.session.editing import assert_one_step, layer_of, session_of


@pytest.mark.parametrize("kind", FILTERS)
def test_every_filter_can_be_added(kind) -> None:
    session = session_of()
    key = filter_edits.add_filter(session, "paint", kind)
    assert layer_of(session, "paint").filters[-1].filter == kind()
    assert layer_of(session, "paint").filters[-1].key == key
    assert_one_step(session)
    render(session.document)


def test_filters_are_moved_switched_and_deleted() -> None:
    session = session_of()
    for kind in (Invert, Median, AddNoise, Invert):
        filter_edits.add_filter(session, "base", kind)

    def order() -> list[str]:
        return [item.key for item in layer_of(session, "base").filters]

    assert order() == ["invert", "median", "add_noise", "invert_2"]
    filter_edits.move_filter(session, "base", "invert", 2)
    assert order() == ["median", "add_noise", "invert", "invert_2"]
    filter_edits.move_filter(session, "base", "invert", 2)
    assert len(session.history.versions) == 6
    filter_edits.set_filter_enabled(session, "base", "median", False)
    assert not layer_of(session, "base").filters[0].enabled
    assert session.history.undo_label == "Disable Median"
    filter_edits.delete_filter(session, "base", "median")
    assert order() == ["add_noise", "invert", "invert_2"]


def test_adjustment_layers_take_no_filters() -> None:
    with pytest.raises(ValueError, match="without pixels to filter"):
        filter_edits.add_filter(session_of(), "invert", Median)
