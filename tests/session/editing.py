"""A session of the sample document, for steps of its history."""

from retexture.document.check import check
from retexture.document.document import Document, find, walk
from retexture.session.session import Session
from tests.document.documents import sample_document

DOCUMENT = sample_document(40, 30)


def session_of(document: Document = DOCUMENT, active: str | None = None) -> Session:
    session = Session(document, title="test")
    if active is not None:
        session.select(active)
    return session


def keys(session: Session) -> list[str]:
    return [layer.key for layer in walk(session.document.layers)]


def layer_of(session: Session, key: str):
    return find(session.document, key)


def assert_one_step(session: Session, before: Document = DOCUMENT) -> None:
    check(session.document)
    assert len(session.history.versions) == 2
    session.undo()
    assert session.document == before
    session.redo()
