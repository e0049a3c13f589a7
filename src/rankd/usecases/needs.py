"""What a surface needs from a request: the columns that its model and its policy's rules read."""

from collections.abc import Sequence

from rankd.core.features.feature import Feature
from rankd.core.policy.policy import Rules
from rankd.core.ranking.columns import ColumnNeed


def rule_columns(rules: Rules) -> tuple[str, ...]:
    """Return the names of the columns that a policy's rules read."""
    return () if rules.feedback_fatigue is None else (rules.feedback_fatigue.column,)


def column_needs(features: Sequence[Feature], rules: Rules) -> tuple[ColumnNeed, ...]:
    """Return every column that a request may or must send: the model's in its order, then those of rules alone.

    A rule's column that is no feature is nullable and has no default: not sent is not the same as never happened.
    """
    read_by_rules = rule_columns(rules)
    needs = [ColumnNeed(f.name, f.nullable, f.default, rule_input=f.name in read_by_rules) for f in features]
    names = {need.name for need in needs}
    needs.extend(ColumnNeed(name, nullable=True, rule_input=True) for name in read_by_rules if name not in names)
    return tuple(needs)
