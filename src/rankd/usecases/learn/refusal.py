"""What training refuses."""

from rankd.core.errors import RankdError


class LearnError(RankdError):
    """Training, sealing or evaluation cannot go on with what it was given."""
