"""A report without the measuring."""

import numpy as np

from retexture.recipes.scoring import Scoring
from retexture.session.report import Report
from retexture.texture.alignment import Alignment
from retexture.texture.score import Score

NOWHERE = np.zeros((2, 1, 1), np.float32)
UNMOVED = Alignment(
    (1, 0, 0, 0, 1, 0), NOWHERE, NOWHERE[0] + 1, 120, False, 0, 1.0, 0.2, 0.0, (120, 90), (120, 90)
)


def score(overall: float, plasticness: float) -> Score:
    return Score(
        overall=overall,
        plasticness_before=0.7,
        plasticness=plasticness,
        likeness=0.9,
        energy_fine=1.0,
        energy_middle=1.0,
        energy_coarse=1.0,
        blemish_return=None,
        halo=0.5,
        tone_shift=0.1,
        outside_change=0.0,
        skin_share=0.4,
        spots=3,
        alignment_residual_px=0.2,
    )


def a_report() -> Report:
    picture = np.full((3, 90, 120), 30000, np.uint16)
    skin = np.ones((45, 60), np.float32)
    return Report(
        Scoring(
            original=picture,
            aligned=picture,
            result=picture,
            skin=skin,
            ratios=(skin * 0.3, skin),
            skin_method="face",
            face_width_px=60,
            faces=(),
            spots=(),
            alignment=UNMOVED,
            grid="original",
            was_in_place=True,
            before=score(61.5, 0.7),
            after=score(94.2, 0.05),
        ),
        ("a.png", "b.png", "restored"),
    )
