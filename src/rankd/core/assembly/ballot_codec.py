"""Reading ballots, by far the most numerous entries: one pattern for how a ballot is written, and the general reader.

Whatever the pattern does not match goes to the general reader, which names what is wrong: both accept the same ballots.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from rankd.core.assembly.entries import Ballot, Co, VoteKind
from rankd.core.assembly.entry_fields import (
    MAX_NUMBER,
    MAX_TEXTS,
    NONCE_PATTERN,
    co,
    digest_pairs,
    index,
    one_of,
    origin,
)
from rankd.core.exact.canonical import MAX_SAFE_INTEGER
from rankd.core.objectives import OBJECTIVES
from rankd.core.records.strict import Fields, array, digest, natural, optional

MAX_POINTS = 1_000

_HEX = "[0-9a-f]{64}"
_PAIR = rf'\["sha256:{_HEX}","sha256:{_HEX}"\]'
_GROUP = r"\[[0-9,]+\]"
_POINTS = ",".join(f'"{objective}":[0-9]{{1,4}}' for objective in sorted(OBJECTIVES))
_CHOICE = rf'"[a-z]+"|\[(?:{_GROUP}(?:,{_GROUP})*)?\]|{{{_POINTS}}}'
_BALLOT = re.compile(
    rf'{{"choice":(?P<choice>{_CHOICE})'
    rf',"constitution":"sha256:(?P<constitution>{_HEX})"'
    rf',"genesis":"sha256:(?P<genesis>{_HEX})"'
    rf',"impact":(?:null|"sha256:(?P<impact>{_HEX})")'
    rf',"nonce":"(?P<nonce>{NONCE_PATTERN})"'
    r',"number":(?P<number>[1-9][0-9]{0,9})'
    r',"origin":"(?P<origin>[^"]+)"'
    r',"proposal":(?P<proposal>0|[1-9][0-9]{0,15})'
    rf',"roll":"sha256:(?P<roll>{_HEX})"'
    r',"schema":"rankd\.ballot/1"'
    rf',"texts":\[(?P<texts>{_PAIR}(?:,{_PAIR}){{0,{MAX_TEXTS - 1}}})\]'
    r',"vote":"(?P<vote>yes_no|ranking|points)"}'
)
_DIGEST = re.compile(_HEX)


def match_ballot(data: bytes) -> Ballot | None:
    """Return a ballot from its canonical JSON; None: it is none, and the general reader says why."""
    try:
        found = _BALLOT.fullmatch(data.decode("ascii"))
        if found is None:
            return None
        choice, constitution, genesis, impact, nonce, number, place, proposal, roll, texts, vote = found.groups()
        ballot = Ballot(
            co=Co(_origin(place), _bytes(genesis), bytes.fromhex(nonce)),
            proposal=int(proposal),
            vote=cast(VoteKind, vote),
            texts=_pairs(texts),
            constitution=_bytes(constitution),
            roll=_bytes(roll),
            impact=None if impact is None else _bytes(impact),
            number=int(number),
            choice=_choice(vote, choice),
        )
    except ValueError:
        return None
    return ballot if ballot.number <= MAX_NUMBER and ballot.proposal <= MAX_SAFE_INTEGER else None


# All ballots of a vote are signed for the same things, and many say the same: they are read once, and kept once.
_origin = lru_cache(64)(origin)
_bytes = lru_cache(256)(bytes.fromhex)


@lru_cache(4_096)
def _choice(vote: str, written: str) -> Any:
    return _CHOICES[vote](json.loads(written))


@lru_cache(64)
def _pairs(texts: str) -> tuple[tuple[bytes, bytes], ...]:
    digests = iter([bytes.fromhex(found) for found in _DIGEST.findall(texts)])
    return tuple(zip(digests, digests, strict=True))


def read_ballot(fields: Fields) -> Ballot:
    """Read a ballot's fields one by one.

    Raises:
        RecordError: See `Fields`.
    """
    vote = fields.take("vote", one_of(*_CHOICES))
    return Ballot(
        co=co(fields),
        proposal=fields.take("proposal", index),
        vote=vote,
        texts=fields.take("texts", digest_pairs),
        constitution=fields.take("constitution", digest),
        roll=fields.take("roll", digest),
        impact=fields.take("impact", optional(digest)),
        number=fields.take("number", _number),
        choice=fields.take("choice", _CHOICES[vote]),
    )


def _number(value: Any) -> int:
    if not 1 <= natural(value) <= MAX_NUMBER:
        raise ValueError
    return natural(value)


def _ranking(value: Any) -> tuple[tuple[int, ...], ...]:
    groups = tuple(tuple(array(group)) for group in array(value))
    options = [natural(option) for group in groups for option in group]
    if not all(groups) or len(set(options)) < len(options) or max(options, default=0) > MAX_TEXTS:
        raise ValueError
    return groups


def _points(value: Any) -> Any:
    if value == "abstain":
        return value
    if type(value) is not dict or value.keys() != _OBJECTIVES:
        raise ValueError
    if max(map(natural, value.values())) > MAX_POINTS:
        raise ValueError
    return tuple([(objective, value[objective]) for objective in OBJECTIVES])


_OBJECTIVES = set(OBJECTIVES)
_CHOICES: Mapping[str, Callable[[Any], Any]] = {
    "yes_no": one_of("yes", "no", "abstain"),
    "ranking": _ranking,
    "points": _points,
}
