"""What retouching samples, and no more of it than is needed."""

import msgspec
import numpy as np
import pytest

from retexture.document.document import find, walk
from retexture.document.edits import replace_layer
from retexture.document.layers import FillLayer, GroupLayer, smart
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import sampling
from retexture.session.sampling import Sampled, sampled_document
from tests.session.blemished import HEIGHT, WIDTH, clone, open_at, separated, skin_document


@pytest.mark.parametrize("region", [Region(0, 0, WIDTH, HEIGHT), Region(200, 240, 150, 60)])
def test_a_part_is_read_as_the_whole_is_rendered_and_outside_is_nothing(region):
    document = separated()
    picture = Sampled(document, Cache(64 << 20))
    whole = render(document)
    rows, columns = region.slices(Region(0, 0, WIDTH, HEIGHT))
    assert np.array_equal(picture.read(region), whole[:, rows, columns])
    wide = picture.read(Region(-30, -20, 60, 50))
    assert np.array_equal(wide[:, 20:, 30:], whole[:, :30, :30])
    assert not wide[:, :20].any()
    assert not wide[:, :, :30].any()
    assert picture.is_empty(Region(WIDTH, 0, 10, 10))
    assert not picture.is_empty(Region(WIDTH - 1, 0, 10, 10))


def test_only_what_is_needed_is_rendered(monkeypatch):
    regions = []

    def watched(document, region, **options):
        regions.append(region)
        return render(document, region, **options)

    monkeypatch.setattr(sampling, "render", watched)
    picture = Sampled(skin_document(), Cache(64 << 20))
    picture.read(Region(10, 10, 50, 50))
    picture.read(Region(20, 20, 50, 50))
    assert regions == [Region(0, 0, 256, 256)]


def test_current_is_the_layers_own_picture_below_its_effect_all_everything():
    document = separated()
    above = FillLayer(key="above", name="Above", colour=(0, 0, 0))
    document = msgspec.structs.replace(document, layers=(*document.layers, above))
    current = render(sampled_document(document, "high", "current"))
    assert np.array_equal(current, render(msgspec.structs.replace(_alone(document, "high"))))
    assert abs(float(current[:3].mean()) / 65535 - 0.5) < 0.01
    plain = replace_layer(document, "high", find(_alone(document, "high"), "high"))
    below = render(sampled_document(plain, "high", "below"))
    assert np.array_equal(below, render(msgspec.structs.replace(plain, layers=plain.layers[:2])))
    assert not render(sampled_document(plain, "high", "all"))[:3].any()


@pytest.mark.parametrize("sample", ["below", "all"])
def test_merged_pixels_are_kept_off_texture(sample):
    document = separated()
    words = "is in Linear Light, so it takes no merged pixels: set Sample to Current Layer"
    with pytest.raises(ValueError, match=f"High {words}"):
        sampled_document(document, "high", sample)
    sampled_document(document, "low", sample)
    inner = find(_alone(document, "high"), "high")
    group = GroupLayer(key="group", name="Texture", blend_mode=BlendMode.LINEAR_LIGHT, layers=(inner,))
    with pytest.raises(ValueError, match=f"Texture {words}"):
        sampled_document(msgspec.structs.replace(document, layers=(group,)), "high", sample)
    hair = replace_layer(document, "high", msgspec.structs.replace(inner, blend_mode=BlendMode.DARKEN))
    sampled_document(hair, "high", sample)


def _alone(document, key):
    layer = msgspec.structs.replace(find(document, key), blend_mode=BlendMode.NORMAL)
    return msgspec.structs.replace(document, layers=(layer,), hidden=document.layers)


@pytest.mark.parametrize("sample", ["current", "below"])
def test_earlier_retouching_is_sampled_too(sample):
    session = open_at(skin_document(), "skin")
    clone(session, [(100, 100, 1)], (50, 0))
    picture = render(sampled_document(session.document, "skin", sample))
    assert np.array_equal(picture, render(session.document))


def test_a_layer_that_reads_what_is_beneath_is_sampled_with_it():
    document = separated()
    reads = msgspec.structs.replace(find(document, "high"), filters=smart(ApplyImage(source="merged")))
    document = replace_layer(document, "high", reads)
    normal = replace_layer(document, "high", msgspec.structs.replace(reads, blend_mode=BlendMode.NORMAL))
    assert np.array_equal(render(sampled_document(document, "high", "current")), render(normal))


def test_below_goes_up_to_a_member_of_a_group_only():
    document = separated()
    group = GroupLayer(key="group", name="Group", layers=document.layers, blend_mode=BlendMode.NORMAL)
    document = msgspec.structs.replace(document, layers=(group,))
    below = sampled_document(document, "low", "below")
    assert [layer.key for layer in walk(below.layers)] == ["group", "low"]
