"""A points template: a policy's text in which the line `points: vote` stands where a vote will put the points."""

from collections.abc import Mapping
from dataclasses import dataclass

from rankd.core.exact.canonical import sha256
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.canonical_form import VOTE
from rankd.core.policy.characters import decode_text
from rankd.core.policy.fields import Field
from rankd.core.policy.policy import Policy, Rules, Slider
from rankd.core.policy.reader import TOTAL_POINTS, read_body, read_policy
from rankd.core.policy.strict_yaml import ScalarNode, parse_strict
from rankd.core.words.language import Phrase

POINTS_LINE = f"points: {VOTE}"

_EVEN = dict.fromkeys(OBJECTIVES, TOTAL_POINTS // len(OBJECTIVES)) | {
    OBJECTIVES[0]: TOTAL_POINTS - (len(OBJECTIVES) - 1) * (TOTAL_POINTS // len(OBJECTIVES))
}
"""Points that take as many bytes as any points can: what reads with them, reads with every result."""


@dataclass(frozen=True, slots=True)
class Template:
    """A policy but for its points. Build it with `read_template`.

    Attributes:
        surface: The surface it is for.
        base_digest: Canon digest of the policy that it replaces; None for a surface's first.
        exploration_ppm: Share of requests that explore, parts per million.
        sliders: In the canonical order of objectives.
        canon_digest: SHA-256 of `canonical`.
        file_digest: SHA-256 of the file's bytes.
        canonical: A policy's RFC 8785 form with `"points":"vote"`.
    """

    surface: str
    base_digest: bytes | None
    title: Phrase
    reasons: Phrase
    rules: Rules
    exploration_ppm: int
    sliders: tuple[Slider, ...]
    canon_digest: bytes
    file_digest: bytes
    canonical: bytes


def read_template(data: bytes, name: str = "policy.yaml") -> Template:
    """Read a template.

    Args:
        data: The file's bytes, at most 64 KiB, and no more once points stand in it.
        name: What to call the file in errors.

    Raises:
        PolicyError: As `core.policy.reader.read_policy`, or POINTS_NOT_LEFT_TO_VOTE.

    Source: docs/spec/policy.md section 13.
    """
    root = Field(parse_strict(data, name), "", name)
    body = read_body(root, sha256(data), _left_to_vote)
    place = root.key("points")
    lines = decode_text(data, name).split("\n")
    if lines.count(POINTS_LINE) != 1 or lines.index(POINTS_LINE) + 1 != place.node.line:
        raise place.refuse("POINTS_NOT_LEFT_TO_VOTE")
    if _starts_with_brace(lines, root):
        raise place.refuse("POINTS_NOT_LEFT_TO_VOTE")
    # The text may have no room left for points.
    policy_of(data, _EVEN, name)
    return Template(
        surface=body.surface,
        base_digest=body.base_digest,
        title=body.title,
        reasons=body.reasons,
        rules=body.rules,
        exploration_ppm=body.exploration_ppm,
        sliders=body.sliders,
        canon_digest=body.canon_digest,
        file_digest=body.file_digest,
        canonical=body.canonical,
    )


def fill(data: bytes, points: Mapping[str, int]) -> bytes:
    """Return a template's text with points: the line `points: vote` becomes ten lines, every other byte stays.

    Args:
        data: A text that `read_template` accepts.
        points: Points for each of the nine objectives.

    Raises:
        KeyError: An objective is missing.

    Source: docs/spec/policy.md section 13.
    """
    block = ["points:", *(f"  {objective}: {points[objective]}" for objective in OBJECTIVES)]
    lines = data.split(b"\n")
    at = lines.index(POINTS_LINE.encode())
    return b"\n".join([*lines[:at], *(line.encode() for line in block), *lines[at + 1 :]])


def policy_of(data: bytes, points: Mapping[str, int], name: str = "policy.yaml") -> Policy:
    """Return the policy that a template becomes with points.

    Raises:
        PolicyError: The points do not add up to 1000; or see `read_template`.
        KeyError: An objective is missing.
    """
    return read_policy(fill(data, points), name)


def _left_to_vote(field: Field) -> None:
    if not (isinstance(field.node, ScalarNode) and field.node.text == VOTE):
        raise field.refuse("POINTS_NOT_LEFT_TO_VOTE")


def _starts_with_brace(lines: list[str], root: Field) -> bool:
    """Tell whether the whole text is one flow mapping, in which a block cannot stand."""
    return lines[root.node.line - 1][root.node.column - 1] == "{"
