"""How parameters are called."""

import pytest

from retexture.declare import Parameter
from retexture.gui.labels import label_of


@pytest.mark.parametrize(
    ("name", "label"),
    [("radius_px", "Radius"), ("threshold_levels", "Threshold"), ("edge_threshold", "Edge threshold")],
)
def test_label_is_the_name_without_its_unit(name: str, label: str) -> None:
    assert label_of(Parameter(name, "number", 0, "")) == label


def test_a_title_goes_before_the_name() -> None:
    assert label_of(Parameter("grain", "switch", 0, "", title="Background grain")) == "Background grain"
