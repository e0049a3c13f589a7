"""Impacts for tests: well formed, about whatever a test says, with numbers that nobody measured."""

from rankd.core.impact.impact import (
    AuthorSpread,
    Base,
    Exposed,
    Exposure,
    Impact,
    Objective,
    Range,
    Text,
)
from rankd.core.impact.slates import Slates
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.policy import Policy

_SHARE = Exposed("near", 10, 4, 5, 2_000_000, 2_500_000)


def impact_about(
    text: Policy, limits: bytes, *, new_model: bytes | None = None, pull_after_ppm: int = 100_000
) -> Impact:
    """Return an impact of a policy.

    Args:
        text: The policy.
        limits: Canon digest of the limits, or of the constitution.
        new_model: A proposed model.
        pull_after_ppm: What every objective pulls afterwards; before it is 100,000.
    """
    return Impact(
        surface=text.surface,
        proposed=Text(text.canon_digest, text.file_digest),
        limits=limits,
        model=bytes([4]) * 32,
        new_model=new_model,
        bases=(Base(bytes([5]) * 32, limits, 2),),
        decisions=(Range("dev.test", 9, bytes([6]) * 32, 0, 9, 2, ()),),
        count=2,
        viewers=2,
        clipped=0,
        slates=Slates(0, 4, 2, 1, 1, 1, 0, 4, 3),
        objectives=tuple(
            Objective(one, 1, points, points, "speaks", 100_000, pull_after_ppm, None)
            for one, points in ((objective, dict(text.points)[objective]) for objective in OBJECTIVES)
        ),
        exposure=Exposure(_SHARE, (_SHARE,), (), (), ()),
        authors=AuthorSpread(0, 0, 0, None, None, 0, 0, ()),
        examples=(),
    )
