"""Payloads of entries as Hypothesis draws them, of every kind and every form."""

import unicodedata
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from rankd.core.assembly.constitution import SUBJECTS
from rankd.core.assembly.entries import (
    Amendment,
    Argument,
    Ballot,
    Co,
    EntryKind,
    Erasure,
    Founding,
    FoundingSurface,
    Freeze,
    Guardian,
    Payload,
    Proposal,
    Recall,
    Registration,
    Roll,
    RollChange,
    Sponsor,
    Witnessing,
)
from rankd.core.assembly.signing import sign_entry
from rankd.core.exact.canonical import MAX_SAFE_INTEGER, canonical_json
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.characters import refused_character
from rankd.core.words.language import Phrase

ORIGIN = "dev.coop.example"


@cache
def key_of(number: int) -> Ed25519PrivateKey:
    """Return the private key of a made-up person."""
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))


def public(number: int) -> bytes:
    """Return her public key."""
    return key_of(number).public_key().public_bytes_raw()


DIGESTS = st.binary(min_size=32, max_size=32)
NONCES = st.binary(min_size=16, max_size=16)
INDEXES = st.integers(0, 20) | st.integers(0, MAX_SAFE_INTEGER)
PEOPLE = st.integers(1, 20)
SURFACES = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
HEADS = st.sets(st.sampled_from(OBJECTIVES)).map(
    lambda found: tuple(objective for objective in OBJECTIVES if objective in found)
)
MEMBERS = st.from_regex(r"m[0-9a-f]{16}", fullmatch=True)
COS = st.builds(Co, st.just(ORIGIN), DIGESTS, NONCES)


def lines(most: int, least: int = 1, refused: str = "") -> st.SearchStrategy[str]:
    """Texts of several lines, as an entry may hold them: what it may not hold is left out of what is drawn."""

    def allowed(text: str) -> str:
        # Normal form may lengthen a text, and join what stood apart.
        kept = "".join(character for character in text if not refused_character(character))
        kept = unicodedata.normalize("NFC", kept)[:most]
        return kept if kept.strip() and not refused_character(kept) else "x" * least

    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters=refused), max_size=most).map(allowed)


FILES = lines(60)
TITLES = st.builds(Phrase, fr=lines(20, refused="\n"), en=lines(20, refused="\n"))
REASONS = st.builds(Phrase, fr=lines(40), en=lines(40))


def registrations(person: int, nonce: bytes = bytes(16), origin: str = ORIGIN) -> Registration:
    """Return what a made-up person registers."""
    return Registration(origin, public(person), nonce)


def registered(person: int, nonce: bytes = bytes(16), origin: str = ORIGIN) -> dict[str, Any]:
    """Return the envelope of what a made-up person registers."""
    return sign_entry(registrations(person, nonce, origin), key_of(person)).document


@st.composite
def _founding_surfaces(draw: st.DrawFn) -> tuple[FoundingSurface, ...]:
    adopted = []
    for name in sorted(draw(st.sets(SURFACES, max_size=3))):
        model = draw(st.none() | DIGESTS)
        policy = None if model is None else draw(st.none() | FILES)
        adopted.append(FoundingSurface(name, policy, model, () if model is None else draw(HEADS)))
    return tuple(adopted)


@st.composite
def _roll_changes(draw: st.DrawFn) -> RollChange:
    action = draw(st.sampled_from(["admit", "suspend", "reinstate", "resign", "rotate"]))
    registration = registered(draw(PEOPLE)) if action in ("admit", "rotate") else None
    return RollChange(action, draw(MEMBERS), registration)  # type: ignore[arg-type]


@st.composite
def _proposals(draw: st.DrawFn) -> Proposal:
    subject = draw(st.sampled_from(SUBJECTS))
    vote = draw(st.sampled_from(["yes_no", "ranking", "points"])) if subject == "policy" else "yes_no"
    is_model = subject == "model"
    count = draw(st.integers(1, 10)) if vote == "ranking" else 0 if is_model else 1
    return Proposal(
        co=draw(COS),
        subject=subject,
        vote=vote,  # type: ignore[arg-type]
        surface="" if subject == "constitution" else draw(SURFACES),
        title=draw(TITLES),
        reasons=draw(REASONS),
        texts=tuple(draw(FILES) for _ in range(count)),
        model=None if subject == "constitution" else draw(DIGESTS),
        heads=draw(HEADS) if is_model else (),
        base_policy=draw(st.none() | DIGESTS) if is_model else None,
        base_model=draw(st.none() | DIGESTS) if is_model else None,
        impact=draw(st.none() | DIGESTS),
    )


@st.composite
def rankings(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    """Rankings: distinct options, some side by side, some not named."""
    options = draw(st.permutations(range(11)))[: draw(st.integers(0, 11))]
    joined: list[bool] = draw(st.lists(st.booleans(), min_size=11, max_size=11))
    groups: list[list[int]] = []
    for option, joins in zip(options, joined, strict=False):
        if groups and joins:
            groups[-1].append(option)
        else:
            groups.append([option])
    return tuple(map(tuple, groups))


@st.composite
def ballots(draw: st.DrawFn) -> Ballot:
    """Ballots of every kind of vote."""
    vote = draw(st.sampled_from(["yes_no", "ranking", "points"]))
    choices: dict[str, st.SearchStrategy[Any]] = {
        "yes_no": st.sampled_from(["yes", "no", "abstain"]),
        "ranking": rankings(),
        "points": st.just("abstain")
        | st.lists(st.integers(0, 1_000), min_size=9, max_size=9).map(
            lambda points: tuple(zip(OBJECTIVES, points, strict=True))
        ),
    }
    return Ballot(
        co=draw(COS),
        proposal=draw(INDEXES),
        vote=vote,  # type: ignore[arg-type]
        texts=tuple(draw(st.lists(st.tuples(DIGESTS, DIGESTS), min_size=1, max_size=10))),
        constitution=draw(DIGESTS),
        roll=draw(DIGESTS),
        impact=draw(st.none() | DIGESTS),
        number=draw(st.integers(1, 2**32 - 1)),
        choice=draw(choices[vote]),
    )


def _witnessings(kind: str, said: str) -> st.SearchStrategy[Witnessing]:
    return st.builds(Witnessing, COS, st.just(kind), INDEXES, st.from_regex(said, fullmatch=True))


_FEW_DIGESTS = st.lists(DIGESTS, max_size=10).map(tuple)
_IMPACTS = st.none() | st.dictionaries(st.text("abc", max_size=2), st.integers(0, 9), max_size=3).map(
    lambda found: canonical_json(found).decode()
)

PAYLOADS: dict[EntryKind, st.SearchStrategy[Payload]] = {
    "constitution": st.builds(
        Founding,
        text=FILES,
        registrations=st.sets(PEOPLE, max_size=4).map(lambda people: tuple(registered(one) for one in sorted(people))),
        surfaces=_founding_surfaces(),
        nonce=NONCES,
    ),
    "registration": st.builds(registrations, PEOPLE, NONCES),
    "roll": st.builds(Roll, COS, st.lists(_roll_changes(), min_size=1, max_size=4).map(tuple), lines(40, 0)),
    "proposal": _proposals(),
    "sponsor": st.builds(Sponsor, COS, INDEXES, _FEW_DIGESTS),
    "argument": st.builds(
        Argument, COS, INDEXES, st.sampled_from(["for", "against", "neither"]), st.none() | INDEXES, lines(80)
    ),
    "amendment": st.builds(Amendment, COS, INDEXES, st.lists(FILES, max_size=10).map(tuple), st.none())
    | st.builds(Amendment, COS, INDEXES, st.just(()), INDEXES),
    "freeze": st.builds(Freeze, COS, INDEXES, _FEW_DIGESTS, _IMPACTS),
    "open": _witnessings("open", "[0-9a-f]{64}"),
    "ballot": ballots(),
    "close": _witnessings("close", "closed|extended"),
    "recall": st.builds(Recall, COS, INDEXES),
    "activation": _witnessings("activation", "[1-9][0-9]{0,8}"),
    "guardian": st.builds(Guardian, COS, st.just("cancel"), INDEXES, st.just(""), st.none(), REASONS)
    | st.builds(Guardian, COS, st.just("rollback"), st.none(), SURFACES, INDEXES, REASONS),
    "erasure": st.builds(
        Erasure,
        COS,
        st.sets(INDEXES, min_size=1, max_size=6).map(lambda found: tuple(sorted(found))),
        lines(40, 0),
    ),
}
"""Payloads by kind: whatever is drawn here, `decode_payload` accepts."""
