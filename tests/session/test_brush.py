"""The brush's parameters, its dab under pressure, and the bracket keys."""

import msgspec
import pytest

from retexture.declare import parameters
from retexture.session.brush import Brush, pressure_effect


def test_every_field_is_declared():
    declared = {p.name: p for p in parameters(Brush)}
    assert set(declared) == {f.name for f in msgspec.structs.fields(Brush)}
    assert all(p.help for p in declared.values())
    assert declared["size_px"].slider == (1.0, 1000.0)
    kinds = {name: p.kind for name, p in declared.items()}
    assert (kinds["pressure_curve"], kinds["size_pressure"]) == ("curve", "switch")


def test_pressure_changes_what_is_switched_on():
    brush = Brush(size_px=100, flow=0.5, opacity=0.8)
    assert brush.dab(0.5) == (50, 0.5, 0.4)
    assert brush.dab(1) == (50, 0.5, 0.8)
    every = Brush(size_px=100, size_pressure=True, flow_pressure=True, opacity_pressure=False)
    assert every.dab(0.25) == (12.5, 0.25, 1)
    assert brush.dab(7) == brush.dab(1)


def test_pressure_curve():
    assert pressure_effect(((0, 0), (255, 255)), 0.3) == 0.3
    assert pressure_effect(((0, 255), (255, 0)), 0.25) == pytest.approx(0.75, abs=1e-6)
    raised = ((0, 0), (128, 200), (255, 255))
    assert pressure_effect(raised, 128 / 255) == pytest.approx(200 / 255, abs=1e-4)
    assert Brush(pressure_curve=raised).dab(0.5).ceiling > 0.7
    with pytest.raises(ValueError, match="ascending"):
        Brush(pressure_curve=((9, 0), (9, 255)))


@pytest.mark.parametrize(
    ("size", "up", "down"),
    [
        (0.5, 1, 0.5),
        (1, 2, 0.5),
        (1.5, 2, 1),
        (10, 20, 9),
        (64, 70, 60),
        (100, 125, 90),
        (200, 250, 175),
        (300, 400, 250),
        (5000, 5000, 4900),
    ],
)
def test_bracket_keys_step_the_size(size, up, down):
    assert Brush(size_px=size).stepped(1).size_px == up
    assert Brush(size_px=size).stepped(-1).size_px == down


def test_stepping_up_reaches_the_end_and_comes_back():
    brush = Brush(size_px=0.5)
    sizes: list[float] = []
    while not sizes or brush.size_px != sizes[-1]:
        sizes.append(brush.size_px)
        brush = brush.stepped(1)
    assert sizes[-1] == 5000
    for size in reversed(sizes):
        assert brush.size_px == size
        brush = brush.stepped(-1)


def test_shift_steps_the_hardness_by_quarters():
    assert Brush(hardness=0.5).stepped(1, coarse=True).hardness == 0.75
    assert Brush(hardness=0.1).stepped(-1, coarse=True).hardness == 0
    assert Brush(hardness=1).stepped(1, coarse=True) == Brush(hardness=1)
