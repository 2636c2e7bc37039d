import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.document.check import check
from retexture.document.document import Document, Link, find, walk
from retexture.document.edits import (
    delete_layer,
    duplicate_layer,
    group_layers,
    insert_layer,
    move_layer,
    parameter_paths,
    replace_layer,
    set_parameter,
    unique_key,
)
from retexture.document.history import History
from retexture.document.layers import FillLayer, GroupLayer, PixelLayer, smart
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert
from retexture.render.render import render
from tests.document.documents import documents, sample_document, values

DOCUMENT = sample_document(40, 30)
FILL = FillLayer(key="fill", name="Fill")


def keys(document: Document) -> list[str]:
    return [layer.key for layer in walk(document.layers)]


def hidden(document: Document) -> list[str]:
    return [layer.key for layer in document.hidden]


def fill(key: str, **more) -> FillLayer:
    return FillLayer(key=key, name=key, **more)


def stack(*layers) -> Document:
    return Document(width_px=8, height_px=6, layers=layers)


def group(key: str, *layers, **more) -> GroupLayer:
    return GroupLayer(key=key, name=key, layers=layers, **more)


def reader(key: str, of: str, **more) -> FillLayer:
    return fill(key, filters=smart(ApplyImage(source=of)), **more)


# -- inserting, replacing, moving


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({}, ["group", "base", "paint", "grey", "low", "high", "invert", "fill"]),
        ({"above": "low"}, ["group", "base", "paint", "grey", "low", "fill", "high", "invert"]),
        ({"below": "low"}, ["group", "base", "paint", "grey", "fill", "low", "high", "invert"]),
        ({"above": "base"}, ["group", "base", "fill", "paint", "grey", "low", "high", "invert"]),
        ({"into": "group"}, ["group", "base", "paint", "grey", "fill", "low", "high", "invert"]),
    ],
)
def test_a_layer_goes_where_it_is_told(place, expected) -> None:
    after = insert_layer(DOCUMENT, FILL, **place)
    assert keys(after) == expected
    assert find(after, "fill") is FILL
    moved = move_layer(insert_layer(DOCUMENT, FILL, below="high"), "fill", **place)
    assert moved == after
    assert keys(delete_layer(after, "fill")) == keys(DOCUMENT)


def test_a_layer_in_a_group_is_in_the_group() -> None:
    after = insert_layer(DOCUMENT, FILL, above="base")
    assert [layer.key for layer in after.layers] == ["group", "low", "high", "invert"]
    # What was not touched is shared.
    assert find(after, "paint") is find(DOCUMENT, "paint")
    assert after.layers[1] is DOCUMENT.layers[1]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: insert_layer(d, fill("low")), "low is the key of more than one layer"),
        (lambda d: insert_layer(d, FILL, above="lwo"), "lwo: no such layer; did you mean low?"),
        (lambda d: insert_layer(d, FILL, into="low"), "low is no group"),
        (lambda d: insert_layer(d, FILL, above="low", into="group"), "can only go to one place"),
        (lambda d: insert_layer(d, reader("fill", "fill")), "a layer cannot read itself: fill reads fill"),
        (lambda d: insert_layer(d, reader("fill", "nothing")), "reads nothing, which is no layer"),
        (lambda d: insert_layer(d, group("g", fill("low"))), "low is the key of more than one layer"),
        (lambda d: move_layer(d, "group", into="group"), "group cannot be moved into or beside itself"),
        (lambda d: move_layer(d, "group", above="paint"), "group cannot be moved into or beside itself"),
        (lambda d: move_layer(d, "nothing"), "nothing: no such layer"),
        (lambda d: delete_layer(d, "nothing"), "nothing: no such layer"),
        (lambda d: delete_layer(delete_layer(d, "low"), "low"), "low is hidden"),
        (lambda d: insert_layer(delete_layer(d, "low"), FILL, above="low"), "low is hidden"),
        (lambda d: group_layers(d, []), "a group needs layers"),
        (lambda d: group_layers(d, ["nothing"]), "nothing: no such layer"),
        (lambda d: replace_layer(d, "grey", fill("gray")), "a layer keeps its key"),
        (lambda d: insert_layer(d, fill("a.b")), "the key of a layer is in snake case, not 'a.b'"),
        (lambda d: insert_layer(d, fill("a", filters=smart(Invert()) * 2)), "more than one filter of a"),
        (lambda d: replace_layer(d, "low", reader("low", "high")), "low reads high reads low"),
    ],
)
def test_an_impossible_edit_is_refused_with_the_reason(edit, message) -> None:
    with pytest.raises(ValueError) as error:
        edit(DOCUMENT)
    assert message in str(error.value)


def test_replacing_reaches_hidden_layers() -> None:
    document = delete_layer(DOCUMENT, "low")
    low = msgspec.structs.replace(find(document, "low"), filters=smart(GaussianBlur(radius_px=9)))
    after = replace_layer(document, "low", low)
    assert after.hidden == (low,)
    assert after.layers is not document.layers or after.layers == document.layers


# -- deleting


def test_a_deleted_layer_that_is_read_is_hidden_and_no_other_pixel_changes() -> None:
    invisible = set_parameter(DOCUMENT, "low.visible", False)
    after = delete_layer(invisible, "low")
    assert keys(after) == ["group", "base", "paint", "grey", "high", "invert"]
    assert hidden(after) == ["low"]
    assert after.links == DOCUMENT.links
    assert np.array_equal(render(after), render(invisible))
    changed = set_parameter(after, "low.gaussian_blur.radius_px", 5)
    assert not np.array_equal(render(changed), render(after))


def test_a_hidden_layer_goes_with_its_last_reader() -> None:
    document = insert_layer(delete_layer(DOCUMENT, "low"), reader("second", "low"))
    document = delete_layer(document, "high")
    assert hidden(document) == ["low"]
    document = delete_layer(document, "second")
    assert (hidden(document), document.links) == ([], ())


def test_a_chain_of_readers_is_hidden_whole() -> None:
    document = stack(fill("a"), reader("b", "a"), reader("c", "b"))
    document = delete_layer(delete_layer(document, "a"), "b")
    assert hidden(document) == ["a", "b"]
    assert hidden(delete_layer(document, "c")) == []


def test_a_read_member_stays_when_its_group_goes_and_the_group_where_it_is_read() -> None:
    document = stack(group("g", fill("a"), fill("b")), reader("c", "a"))
    assert hidden(delete_layer(document, "g")) == ["a"]
    document = stack(group("g", fill("a"), fill("b")), reader("c", "a"), reader("d", "g"))
    document = delete_layer(document, "g")
    assert hidden(document) == ["g"]
    assert hidden(delete_layer(document, "d")) == ["a"]


def test_readers_that_go_with_the_layer_do_not_keep_it() -> None:
    document = stack(group("g", fill("a"), reader("b", "a")), fill("c"))
    assert hidden(delete_layer(document, "g")) == []


def test_links_lose_their_ends() -> None:
    assert delete_layer(DOCUMENT, "group").links == ()
    bare = msgspec.structs.replace(find(DOCUMENT, "low"), filters=())
    assert replace_layer(DOCUMENT, "low", bare).links == ()
    assert delete_layer(DOCUMENT, "grey").links == DOCUMENT.links


def test_a_read_layer_that_reads_the_picture_beneath_goes_only_from_directly_under_its_reader() -> None:
    document = stack(fill("a"), reader("b", "merged", visible=False), reader("c", "b"))
    before = render(document)
    after = delete_layer(document, "b")
    assert np.array_equal(render(after), before)
    between = insert_layer(document, fill("between"), above="b")
    with pytest.raises(ValueError, match="b cannot be deleted"):
        delete_layer(between, "b")


def test_a_hidden_layer_can_be_shown_again() -> None:
    document = delete_layer(DOCUMENT, "low")
    after = move_layer(document, "low", below="high")
    assert after == DOCUMENT


# -- cycles


@pytest.mark.parametrize(
    "document",
    [
        stack(reader("a", "a")),
        stack(reader("a", "b"), reader("b", "a")),
        stack(reader("a", "b"), reader("b", "c"), reader("c", "a")),
        stack(group("g", reader("a", "g"))),
        stack(group("g", reader("a", "b")), reader("b", "g")),
        # b reads the picture beneath, of which a, which reads b, is a part.
        stack(reader("a", "b"), reader("b", "merged")),
        stack(reader("a", "g"), group("g", reader("b", "merged"))),
    ],
)
def test_circles_are_refused(document: Document) -> None:
    with pytest.raises(ValueError, match="cannot read itself"):
        check(document)
    with pytest.raises(ValueError, match="cannot read itself"):
        insert_layer(document, FILL)


@pytest.mark.parametrize(
    "document",
    [
        stack(reader("a", "merged"), reader("b", "a"), reader("c", "a")),
        stack(reader("a", "b"), fill("b")),
        # The isolated group sees nothing of what is beneath it.
        stack(reader("a", "g"), group("g", reader("b", "merged"), blend_mode=BlendMode.NORMAL)),
    ],
)
def test_what_is_no_circle_is_rendered(document: Document) -> None:
    check(document)
    assert render(document).shape == (4, 6, 8)


# -- grouping, duplicating


def test_a_group_takes_the_place_of_its_topmost_layer() -> None:
    after = group_layers(DOCUMENT, ["high", "base"], name="Texture lift")
    assert keys(after) == ["group", "paint", "grey", "low", "texture_lift", "base", "high", "invert"]
    made = find(after, "texture_lift")
    assert isinstance(made, GroupLayer)
    assert (made.name, made.blend_mode) == ("Texture lift", BlendMode.PASS_THROUGH)
    assert [layer.key for layer in made.layers] == ["base", "high"]


def test_grouping_neighbours_changes_no_pixel() -> None:
    after = group_layers(DOCUMENT, ["high", "low"])
    assert np.array_equal(render(after), render(DOCUMENT))


def test_a_member_stays_in_its_grouped_group() -> None:
    after = group_layers(DOCUMENT, ["group", "base", "low"], key="outer")
    assert keys(after) == ["outer", "group", "base", "paint", "grey", "low", "high", "invert"]


def test_a_copy_is_above_with_keys_of_its_own() -> None:
    after = duplicate_layer(DOCUMENT, "group")
    assert keys(after) == [
        *["group", "base", "paint", "grey", "group_2", "base_2", "paint_2", "grey_2", "low", "high", "invert"]
    ]
    assert find(after, "group_2").name == "Group copy"
    assert find(after, "base_2").name == "Base"
    assert find(after, "paint_2").tiles is find(after, "paint").tiles


def test_a_copied_reader_reads_the_copy_where_there_is_one() -> None:
    document = group_layers(DOCUMENT, ["low", "high"], key="pair")
    links = (*document.links, Link("high.opacity", "low.opacity"))
    document = msgspec.structs.replace(document, links=links)
    after = duplicate_layer(document, "pair")
    assert find(after, "high_2").filters[0].filter.source == "low_2"
    assert after.links == (*links, Link("high_2.opacity", "low_2.opacity"))
    alone = duplicate_layer(document, "high")
    assert find(alone, "high_2").filters[0].filter.source == "low"
    assert alone.links == links


def test_keys_are_unique_snake_case() -> None:
    document = stack(fill("grey"), fill("grey_2"), fill("layer"))
    assert unique_key(document, "grey") == "grey_3"
    assert unique_key(document, "Vector Mask!") == "vector_mask"
    assert unique_key(document, "層") == "layer_2"
    assert unique_key(document, "merged") == "merged_2"
    assert unique_key(document, "grey", ["grey_3"]) == "grey_4"


# -- any sequence of edits


@st.composite
def edited(draw: st.DrawFn, document: Document) -> Document:
    """Return the document after one random edit; refused ones leave it as it is."""
    existing = keys(document)
    key = draw(st.sampled_from(existing)) if existing else "none"
    place = draw(st.sampled_from(["above", "below", "into", "top"]))
    other = {} if place == "top" or not existing else {place: draw(st.sampled_from(existing))}
    new = unique_key(document, draw(st.sampled_from(["a", "b c", "fill"])))
    filters = draw(
        st.sampled_from(
            [(), smart(Invert()), smart(ApplyImage(source=key)), smart(ApplyImage(source="merged"))]
        )
    )
    edits = {
        "insert": lambda: insert_layer(document, FillLayer(key=new, name=new, filters=filters), **other),
        "delete": lambda: delete_layer(document, key),
        "move": lambda: move_layer(document, key, **other),
        "group": lambda: group_layers(document, [key, *other.values()]),
        "duplicate": lambda: duplicate_layer(document, key),
        "set": lambda: _any_set(draw, document),
    }
    try:
        return edits[draw(st.sampled_from(sorted(edits)))]()
    except ValueError:
        return document


def _any_set(draw: st.DrawFn, document: Document) -> Document:
    listed = [p for p in parameter_paths(document) if p[1].name != "colour"]
    if not listed:
        return document
    path, parameter, _ = draw(st.sampled_from(listed))
    return set_parameter(document, path, draw(values(parameter)))


@pytest.mark.slow
@settings(max_examples=60)
@given(st.one_of(documents(), st.just(DOCUMENT)), st.data())
def test_any_edits_keep_the_document_valid_and_can_be_undone_and_redone(document, data) -> None:
    history = History(document)
    made = [document]
    for step in range(data.draw(st.integers(1, 8))):
        made.append(data.draw(edited(made[-1])))
        history.commit(f"step {step}", made[-1])
        check(made[-1])
    for expected in reversed(made[:-1]):
        assert history.undo() == expected
    assert history.undo() == document
    for expected in made[1:]:
        assert history.redo() == expected
    assert history.redo() == made[-1]


@settings(max_examples=40)
@given(st.data())
def test_deleting_an_invisible_layer_changes_no_pixel(data) -> None:
    document = DOCUMENT
    for _ in range(data.draw(st.integers(0, 4))):
        document = data.draw(edited(document))
    shown = [layer for layer in walk(document.layers) if not layer.clipped]
    if not shown:
        return
    layer = data.draw(st.sampled_from(shown))
    # What is clipped to a layer falls on the next one when it goes.
    clipped = [l.key for l in walk(document.layers) if l.clipped]
    for key in clipped:
        document = set_parameter(document, f"{key}.clipped", False)
    document = set_parameter(document, f"{layer.key}.visible", False)
    try:
        after = delete_layer(document, layer.key)
    except ValueError as error:
        if "cannot be deleted" not in str(error):
            raise
        return
    assert np.array_equal(render(after), render(document))


def test_pixel_layers_share_their_source() -> None:
    after = duplicate_layer(DOCUMENT, "base")
    copy = find(after, "base_2")
    assert isinstance(copy, PixelLayer)
    assert copy.source == "picture"
    assert after.sources is DOCUMENT.sources
