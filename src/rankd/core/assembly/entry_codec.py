"""Payloads of entries as bytes: canonical JSON, read back strictly from bytes that nobody vouches for.

Source: docs/spec/assembly.md, "Entries".
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from rankd.core.assembly.ballot_codec import match_ballot, read_ballot
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
    kind_of,
)
from rankd.core.assembly.entry_fields import (
    MALFORMED,
    MAX_ARGUMENT_LENGTH,
    MAX_CHANGES,
    MAX_REASONS_LENGTH,
    MAX_TITLE_LENGTH,
    co,
    digests,
    document,
    envelope,
    file,
    files,
    heads,
    index,
    indexes,
    is_surface,
    line,
    lines,
    member,
    nonce,
    one_of,
    origin,
    phrase,
    refuse,
    said,
    subject,
    surface,
)
from rankd.core.errors import AssemblyError, LogError, RecordError
from rankd.core.exact.canonical import CanonicalError, canonical_json, digest_text, parse_canonical
from rankd.core.log.ed25519 import check_public_key
from rankd.core.log.envelope import MAX_PAYLOAD_BYTES
from rankd.core.records.strict import Fields, array, digest, each, hex_32, optional, text

FOUNDING_SCHEMA = "rankd.founding/1"


def schema_of(kind: EntryKind) -> str:
    """Return what stands as `schema` in a payload."""
    return FOUNDING_SCHEMA if kind == "constitution" else f"rankd.{kind}/1"


def encode_payload(payload: Payload) -> bytes:
    """Return a payload as its canonical JSON; whether `decode_payload` accepts it is not looked at.

    Raises:
        AssemblyError: ENTRY_MALFORMED: it holds what has no canonical form.
    """
    kind = kind_of(payload)
    members: dict[str, Any] = {"schema": schema_of(kind)}
    for name in payload.__slots__:
        value = getattr(payload, name)
        if type(value) is Co:
            members |= {"origin": value.origin, "genesis": digest_text(value.genesis), "nonce": value.nonce.hex()}
        elif name != "kind":
            members[name] = _written(name, value)
    if isinstance(payload, Ballot) and payload.vote == "points" and payload.choice != "abstain":
        members["choice"] = dict(cast("tuple[tuple[str, int], ...]", payload.choice))
    try:
        return canonical_json(members)
    except CanonicalError as error:
        raise AssemblyError(MALFORMED, field=kind, found=str(error)[:200]) from None


_AS_HEX = frozenset({"nonce", "key"})


def _written(name: str, value: Any) -> Any:
    """Return a field's value as JSON."""
    if isinstance(value, bytes):
        return value.hex() if name in _AS_HEX else digest_text(value)
    if isinstance(value, tuple):
        return [_written(name, item) for item in value]
    if hasattr(value, "__slots__"):
        return {key: _written(key, getattr(value, key)) for key in value.__slots__}
    return value


def decode_payload(kind: EntryKind, data: bytes, *, signer: bytes | None = None) -> Payload:
    """Read the payload of an entry.

    Only its form is looked at: whether the entry is right where it stands is for the fold to say.

    Args:
        kind: The kind of entry.
        data: The payload.
        signer: The key whose signature of it holds. It is a key worth trusting, or nothing would hold under it.

    Raises:
        AssemblyError: ENTRY_MALFORMED, naming the field; or why a key cannot be registered (PUBLIC_KEY_…).
    """
    if len(data) > MAX_PAYLOAD_BYTES:
        raise AssemblyError(MALFORMED, field=kind, found=f"{len(data)} bytes")
    if kind == "ballot" and (ballot := match_ballot(data)) is not None:
        return ballot
    return read_payload(kind, data, signer=signer)


def read_payload(kind: EntryKind, data: bytes, *, signer: bytes | None = None) -> Payload:
    """Read a payload field by field: the general way, which says what is wrong.

    Raises:
        AssemblyError: See `decode_payload`.
    """
    try:
        found = parse_canonical(data)
    except CanonicalError as error:
        raise AssemblyError(MALFORMED, field=kind, found=str(error)[:200]) from None
    try:
        fields = Fields(found, kind, MALFORMED)
        fields.take("schema", one_of(schema_of(kind)))
        payload = _READERS[kind](fields)
        fields.end()
        if isinstance(payload, Registration) and payload.key != signer:
            check_public_key(payload.key)
    except (RecordError, LogError) as error:
        raise AssemblyError(error.reason, **error.metadata) from None
    return payload


def _founding(fields: Fields) -> Founding:
    founding = Founding(
        text=fields.take("text", file),
        registrations=fields.take("registrations", _registrations),
        surfaces=tuple(
            _founding_surface(Fields(value, f"{fields.name}.surfaces[{number}]", MALFORMED))
            for number, value in enumerate(fields.take("surfaces", array))
        ),
        nonce=fields.take("nonce", nonce),
    )
    names = [adopted.surface for adopted in founding.surfaces]
    if names != sorted(set(names)):
        raise refuse(fields, "surfaces", "not sorted, or one twice")
    return founding


def _registrations(value: Any) -> tuple[Mapping[str, Any], ...]:
    found = each(envelope)(value)
    if len(found) > MAX_CHANGES or len({registration["payload"] for registration in found}) < len(found):
        raise ValueError
    return found


def _founding_surface(fields: Fields) -> FoundingSurface:
    adopted = FoundingSurface(
        surface=fields.take("surface", surface),
        policy=fields.take("policy", optional(file)),
        model=fields.take("model", optional(digest)),
        heads=fields.take("heads", heads),
    )
    fields.end()
    if adopted.model is None and adopted.policy is not None:
        raise refuse(fields, "model", "null")
    if adopted.model is None and adopted.heads:
        raise refuse(fields, "heads", "heads of no model")
    return adopted


def _registration(fields: Fields) -> Registration:
    return Registration(
        origin=fields.take("origin", origin), key=fields.take("key", hex_32), nonce=fields.take("nonce", nonce)
    )


def _roll(fields: Fields) -> Roll:
    changes = tuple(
        _roll_change(Fields(value, f"{fields.name}.changes[{number}]", MALFORMED))
        for number, value in enumerate(fields.take("changes", _changes))
    )
    return Roll(co(fields), changes, fields.take("reason", lines(MAX_REASONS_LENGTH, 0)))


def _changes(value: Any) -> list[Any]:
    if not 1 <= len(array(value)) <= MAX_CHANGES:
        raise ValueError
    return array(value)


def _roll_change(fields: Fields) -> RollChange:
    change = RollChange(
        action=fields.take("action", one_of("admit", "suspend", "reinstate", "resign", "rotate")),
        member=fields.take("member", member),
        registration=fields.take("registration", optional(envelope)),
    )
    fields.end()
    if (change.registration is not None) != (change.action in ("admit", "rotate")):
        raise refuse(fields, "registration", change.action)
    return change


def _proposal(fields: Fields) -> Proposal:
    proposal = Proposal(
        co=co(fields),
        subject=fields.take("subject", subject),
        vote=fields.take("vote", one_of("yes_no", "ranking", "points")),
        surface=fields.take("surface", text),
        title=phrase(fields, "title", line(MAX_TITLE_LENGTH)),
        reasons=phrase(fields, "reasons", lines(MAX_REASONS_LENGTH)),
        texts=fields.take("texts", files),
        model=fields.take("model", optional(digest)),
        heads=fields.take("heads", heads),
        base_policy=fields.take("base_policy", optional(digest)),
        base_model=fields.take("base_model", optional(digest)),
        impact=fields.take("impact", optional(digest)),
    )
    wrong = _contradiction(proposal)
    if wrong is not None:
        raise refuse(fields, wrong, f"{proposal.subject}, {proposal.vote}")
    return proposal


def _contradiction(proposal: Proposal) -> str | None:
    """Return the first field that does not go with what the proposal is about."""
    about_model = proposal.subject == "model"
    if proposal.subject != "policy" and proposal.vote != "yes_no":
        return "vote"
    if proposal.subject == "constitution":
        if proposal.surface:
            return "surface"
    elif not is_surface(proposal.surface):
        return "surface"
    most, least = (10, 1) if proposal.vote == "ranking" else (0, 0) if about_model else (1, 1)
    if not least <= len(proposal.texts) <= most:
        return "texts"
    if (proposal.model is None) != (proposal.subject == "constitution"):
        return "model"
    if not about_model:
        return next((name for name in ("heads", "base_policy", "base_model") if getattr(proposal, name)), None)
    return None


def _sponsor(fields: Fields) -> Sponsor:
    return Sponsor(co(fields), fields.take("proposal", index), fields.take("texts", digests))


def _argument(fields: Fields) -> Argument:
    return Argument(
        co=co(fields),
        proposal=fields.take("proposal", index),
        side=fields.take("side", one_of("for", "against", "neither")),
        reply_to=fields.take("reply_to", optional(index)),
        text=fields.take("text", lines(MAX_ARGUMENT_LENGTH)),
    )


def _amendment(fields: Fields) -> Amendment:
    amendment = Amendment(
        co=co(fields),
        proposal=fields.take("proposal", index),
        texts=fields.take("texts", files),
        accepts=fields.take("accepts", optional(index)),
    )
    if amendment.accepts is not None and amendment.texts:
        raise refuse(fields, "texts", "texts beside the offer that is accepted")
    return amendment


def _freeze(fields: Fields) -> Freeze:
    return Freeze(
        co=co(fields),
        proposal=fields.take("proposal", index),
        texts=fields.take("texts", digests),
        impact=fields.take("impact", optional(document)),
    )


def _witnessing(fields: Fields) -> Witnessing:
    kind = cast("Any", fields.name)
    return Witnessing(co(fields), kind, fields.take("proposal", index), fields.take("said", said(kind)))


def _recall(fields: Fields) -> Recall:
    return Recall(co(fields), fields.take("proposal", index))


def _guardian(fields: Fields) -> Guardian:
    demand = Guardian(
        co=co(fields),
        action=fields.take("action", one_of("cancel", "rollback")),
        proposal=fields.take("proposal", optional(index)),
        surface=fields.take("surface", text),
        to=fields.take("to", optional(index)),
        reason=phrase(fields, "reason", lines(MAX_REASONS_LENGTH)),
    )
    cancels = demand.action == "cancel"
    if (demand.proposal is not None) != cancels:
        raise refuse(fields, "proposal", demand.action)
    if demand.surface if cancels else not is_surface(demand.surface):
        raise refuse(fields, "surface", demand.action)
    if (demand.to is None) != cancels:
        raise refuse(fields, "to", demand.action)
    return demand


def _erasure(fields: Fields) -> Erasure:
    return Erasure(co(fields), fields.take("entries", indexes), fields.take("reason", lines(MAX_REASONS_LENGTH, 0)))


_READERS: Mapping[EntryKind, Callable[[Fields], Payload]] = {
    "constitution": _founding,
    "registration": _registration,
    "roll": _roll,
    "proposal": _proposal,
    "sponsor": _sponsor,
    "argument": _argument,
    "amendment": _amendment,
    "freeze": _freeze,
    "open": _witnessing,
    "ballot": read_ballot,
    "close": _witnessing,
    "recall": _recall,
    "activation": _witnessing,
    "guardian": _guardian,
    "erasure": _erasure,
}
