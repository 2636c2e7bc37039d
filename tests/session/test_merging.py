"""The merged picture as a layer."""

import numpy as np
import pytest

from retexture.document.document import Document
from retexture.document.edits import set_parameter
from retexture.document.layers import FillLayer, smart
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.cache import Cache
from retexture.render.contents import Cancelled
from retexture.render.render import render
from retexture.session import merging
from tests.document.documents import sample_document
from tests.session.editing import assert_one_step, session_of


@pytest.mark.parametrize("rows", [256, 512])
def test_the_merged_picture_becomes_the_topmost_layer(monkeypatch, rows) -> None:
    monkeypatch.setattr(merging, "BAND_ROWS", rows)
    document = sample_document(300, 530)
    document = set_parameter(document, "high.opacity", 0.5)
    told: list[tuple[int, int]] = []
    tiles = merging.merged_tiles(document, Cache(64 << 20), progress=lambda *done: told.append(done))
    assert np.array_equal(tiles.to_array(), render(document))
    assert told[-1] == (530, 530)
    session = session_of(document, "base")
    merging.add_merged(session, tiles)
    assert session.document.layers[-1].key == session.active == "merged_1"
    assert np.array_equal(render(session.document), render(document))
    assert_one_step(session, document)


def test_merging_needs_whole_pictures_at_once_and_gives_way() -> None:
    document = Document(
        width_px=20,
        height_px=600,
        layers=(FillLayer(key="a", name="a", filters=smart(GaussianBlur(radius_px=900))),),
    )
    assert np.array_equal(merging.merged_tiles(document, Cache(1 << 20)).to_array(), render(document))
    with pytest.raises(Cancelled):
        merging.merged_tiles(document, Cache(1 << 20), cancelled=lambda: True)
