"""What a window shows: names become pictures, overlays lie over the result alone, what is gone is let go of."""

import msgspec
import pytest

from retexture.document.document import find
from retexture.document.edits import delete_layer, replace_layer
from retexture.document.layers import LayerMask, LuminosityMask
from retexture.session import pictures
from retexture.session.drawing import Picture
from retexture.session.look import Look
from retexture.session.session import Session
from tests.document.documents import sample_document

DOCUMENT = sample_document()
OVERLAYS = [
    Look(rubylith=True),
    Look(film_of=("high", 0)),
    Look(mask_of=("high", None)),
    Look(mask_of=("high", 1)),
    Look(hidden_of="high"),
    Look(filter=("low", "gaussian_blur")),
]


def open_session() -> Session:
    session = Session(DOCUMENT, title="")
    session.select("high")
    return session


def test_the_plain_result_is_the_document_itself():
    session = open_session()
    assert Look().plain
    assert Look().picture(session, pictures.RESULT) == Picture(DOCUMENT)
    gesture = session.begin("Opacity")
    gesture.set("high.opacity", 0.5)
    assert Look().picture(session, pictures.RESULT).document is gesture.document, "the draft"


@pytest.mark.parametrize("look", OVERLAYS)
def test_overlays_lie_over_the_result_alone(look):
    session = open_session()
    assert not look.plain
    assert look.picture(session, pictures.RESULT) != Picture(DOCUMENT)
    for name in ("picture", ""):
        assert look.picture(session, name) == Picture(pictures.named(session, name))


def test_each_overlay_is_its_picture():
    session = open_session()
    shown = [look.picture(session, pictures.RESULT) for look in OVERLAYS]
    assert shown == [
        Picture(pictures.with_rubylith(DOCUMENT, "high")),
        Picture(pictures.with_rubylith(DOCUMENT, "high", 0)),
        Picture(pictures.mask_picture(DOCUMENT, "high")),
        Picture(pictures.mask_picture(DOCUMENT, "high", 1)),
        Picture(DOCUMENT, "high"),
        Picture(pictures.filter_picture(DOCUMENT, "low", "gaussian_blur")),
    ]


def test_the_rubylith_follows_the_selection():
    session = open_session()
    session.select("low")
    assert Look(rubylith=True).picture(session, pictures.RESULT) == Picture(DOCUMENT), "it has no mask"
    session.select(None)
    assert Look(rubylith=True).picture(session, pictures.RESULT) == Picture(DOCUMENT)


@pytest.mark.parametrize("look", OVERLAYS)
def test_what_the_document_still_has_stays(look):
    assert look.settled(open_session()) is look


@pytest.mark.parametrize(
    ("look", "key"),
    [
        (look, (look.mask_of or look.film_of or look.filter or (look.hidden_of,))[0])
        for look in OVERLAYS
        if not look.rubylith
    ],
)
def test_what_a_deleted_layer_showed_is_let_go_of(look, key):
    session = open_session()
    # Nothing may read it any more, or it is only hidden.
    high = msgspec.structs.replace(find(DOCUMENT, "high"), filters=())
    session.edit("Delete", lambda d: delete_layer(replace_layer(d, "high", high), key))
    assert look.settled(session) == Look()
    assert look.settled(session).plain


def test_a_picture_that_is_gone_is_compared_with_no_more():
    session = open_session()
    session.snapshot("kept")
    look = Look(before="snapshot:kept", after="snapshot:kept")
    assert look.settled(session) is look
    session.forget("kept")
    assert look.settled(session) == Look(before="picture", after="result")
    assert Look(before="", after="").settled(session) == Look(before="", after="")


def test_a_filter_of_a_hidden_layer_can_still_be_shown():
    session = open_session()
    session.edit("Delete", lambda d: delete_layer(d, "low"))
    look = Look(filter=("low", "gaussian_blur"))
    assert look.settled(session) is look
    look.picture(session, pictures.RESULT)


@pytest.mark.parametrize(("mask", "kept"), [(None, ()), (LayerMask(components=(LuminosityMask(),)), (0,))])
def test_a_mask_or_component_that_went_is_shown_no_more(mask, kept):
    session = open_session()
    high = msgspec.structs.replace(find(DOCUMENT, "high"), mask=mask)
    session.edit("Mask", lambda d: replace_layer(d, "high", high))
    for component in (None, 0, 1):
        look = Look(mask_of=("high", component))
        assert look.settled(session) == (look if component in kept else Look())
