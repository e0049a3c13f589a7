"""Write the probes of tests/vectors/assembly/entries: entries of the minutes, good ones and ones to be refused.

Each is built here from plain JSON and signed here, without rankd's codecs, and says what a reader must make of it. Run
`python -m tests.vectors.assembly.generate_entries` from the repository's root; with `--check` nothing is written and
the exit status says whether anything would be.
"""

import hashlib
import json
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.reference.write_vectors import render

FOLDER = Path(__file__).parent / "entries"
ORIGIN = "dev.coop.example"
OBJECTIVES = ("click", "follow", "hide", "like", "long_view", "profile_visit", "reply", "report", "repost")

Document = dict[str, Any]
Probe = tuple[str, str, str, str | None, str | None]
"""Name, desc, envelope, reason of the refusal, field that it names."""


def secret(name: str) -> bytes:
    """Return 32 bytes that belong to a name."""
    return hashlib.sha256(f"rankd probe: {name}".encode()).digest()


MEMBER, OTHER, SECRETARY, GUARDIAN = (
    Ed25519PrivateKey.from_private_bytes(secret(name)) for name in ("member", "other", "secretary", "guardian")
)


def canonical(value: Any) -> str:
    """Return canonical JSON; every key here is ASCII."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(name: str) -> str:
    """Return a digest that belongs to a name."""
    return f"sha256:{secret(name).hex()}"


def public(key: Ed25519PrivateKey) -> str:
    """Return a key's public half in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def signed(kind: str, payload: str, key: Ed25519PrivateKey = MEMBER, keyid: str | None = None) -> Document:
    """Return an envelope around a payload."""
    payload_type = f"application/vnd.rankd.{kind}.v1+json"
    data = payload.encode()
    message = b"DSSEv1 %d %b %d %b" % (len(payload_type), payload_type.encode(), len(data), data)
    signature = {"keyid": keyid or public(key), "sig": b64encode(key.sign(message)).decode()}
    return {"payload": b64encode(data).decode(), "payloadType": payload_type, "signatures": [signature]}


def payload(kind: str, **fields: Any) -> Document:
    """Return a payload that names the co-op."""
    nonce = secret(f"nonce {kind}")[:16].hex()
    return {"schema": f"rankd.{kind}/1", "origin": ORIGIN, "genesis": digest("genesis"), "nonce": nonce} | fields


def registration(key: Ed25519PrivateKey) -> Document:
    """Return what a person registers."""
    return {"schema": "rankd.registration/1", "origin": ORIGIN, "key": public(key), "nonce": "00" * 16}


def ballot(vote: str = "yes_no", choice: Any = "yes", **fields: Any) -> Document:
    """Return a ballot."""
    document = {
        "proposal": 14,
        "vote": vote,
        "texts": [[digest("canon"), digest("file")]],
        "constitution": digest("constitution"),
        "roll": digest("roll"),
        "impact": None,
        "number": 1,
        "choice": choice,
    }
    return payload("ballot", **document) | fields


def proposal(**fields: Any) -> Document:
    """Return a proposal of one policy."""
    document = {
        "subject": "policy",
        "vote": "yes_no",
        "surface": "home",
        "title": {"fr": "Moins de clics", "en": "Fewer clicks"},
        "reasons": {"fr": "Parce que\ncela suffit.", "en": "Because\nit is enough."},
        "texts": ["schema: rankd.policy/1\n"],
        "model": digest("model"),
        "heads": [],
        "base_policy": None,
        "base_model": None,
        "impact": digest("impact"),
    }
    return payload("proposal", **document) | fields


def roll(*changes: Document) -> Document:
    """Return changes of the roll."""
    return payload("roll", changes=list(changes), reason="Assemblée du 3 mars")


def guardian(**fields: Any) -> Document:
    """Return a guardian's demand to cancel."""
    reason = {"fr": "Erreur grave", "en": "Grave mistake"}
    return payload("guardian", action="cancel", proposal=14, surface="", to=None, reason=reason) | fields


def founding(**fields: Any) -> Document:
    """Return a founding of two members and one surface."""
    document = {
        "schema": "rankd.founding/1",
        "text": "schema: rankd.constitution/1\n",
        "registrations": [signed("registration", canonical(registration(key)), key) for key in (MEMBER, OTHER)],
        "surfaces": [{"surface": "home", "policy": None, "model": digest("model"), "heads": ["click", "hide"]}],
        "nonce": secret("nonce founding")[:16].hex(),
    }
    return document | fields


POINTS = dict(zip(OBJECTIVES, (200, 100, 100, 200, 200, 50, 50, 50, 50), strict=True))
ADMISSION = {
    "action": "admit",
    "member": "m" + hashlib.sha256(bytes.fromhex(public(MEMBER))).hexdigest()[:16],
    "registration": signed("registration", canonical(registration(MEMBER)), MEMBER),
}

GOOD: tuple[tuple[str, str, str, Document, Ed25519PrivateKey], ...] = (
    ("constitution", "constitution", "A founding.", founding(), SECRETARY),
    ("registration", "registration", "A person registers her key.", registration(MEMBER), MEMBER),
    ("roll_admit", "roll", "A secretary admits a member.", roll(ADMISSION), SECRETARY),
    (
        "roll_resign",
        "roll",
        "A member resigns.",
        roll({"action": "resign", "member": ADMISSION["member"], "registration": None}),
        MEMBER,
    ),
    ("proposal_policy", "proposal", "One policy, by yes and no.", proposal(), MEMBER),
    (
        "proposal_ranking",
        "proposal",
        "Two policies, to be ranked.",
        proposal(vote="ranking", texts=["a: 1\n", "b: 2\n"]),
        MEMBER,
    ),
    (
        "proposal_model",
        "proposal",
        "A model.",
        proposal(subject="model", texts=[], heads=["click", "hide"], base_model=digest("old model")),
        MEMBER,
    ),
    (
        "proposal_constitution",
        "proposal",
        "A constitution.",
        proposal(subject="constitution", surface="", model=None),
        MEMBER,
    ),
    ("sponsor", "sponsor", "A member sponsors.", payload("sponsor", proposal=14, texts=[digest("file")]), MEMBER),
    (
        "argument",
        "argument",
        "A member answers an argument.",
        payload("argument", proposal=14, side="against", reply_to=15, text="Non\u00a0: c’est trop.\nVraiment 🙂"),
        MEMBER,
    ),
    (
        "amendment_offer",
        "amendment",
        "A member offers another text.",
        payload("amendment", proposal=14, texts=["a: 2\n"], accepts=None),
        MEMBER,
    ),
    (
        "amendment_accept",
        "amendment",
        "The proposer accepts it.",
        payload("amendment", proposal=14, texts=[], accepts=16),
        MEMBER,
    ),
    (
        "freeze",
        "freeze",
        "The proposer freezes.",
        payload("freeze", proposal=14, texts=[digest("file")], impact='{"schema":"rankd.impact/1"}'),
        MEMBER,
    ),
    ("open", "open", "The vote is open.", payload("open", proposal=14, said=secret("roll").hex()), OTHER),
    ("close", "close", "The vote is extended.", payload("close", proposal=14, said="extended"), OTHER),
    ("activation", "activation", "Activation 3.", payload("activation", proposal=14, said="3"), OTHER),
    ("ballot_yes", "ballot", "Yes.", ballot(), MEMBER),
    (
        "ballot_largest",
        "ballot",
        "The largest numbers.",
        ballot(proposal=2**53 - 1, number=2**32 - 1, impact=digest("impact")),
        MEMBER,
    ),
    (
        "ballot_ranking",
        "ballot",
        "Option 2 first, then 0 and 1 side by side.",
        ballot("ranking", [[2], [0, 1]], texts=[[digest("a"), digest("b")], [digest("c"), digest("d")]]),
        MEMBER,
    ),
    ("ballot_ranking_empty", "ballot", "Everything tied.", ballot("ranking", []), MEMBER),
    ("ballot_points", "ballot", "Points for each objective.", ballot("points", POINTS), MEMBER),
    ("ballot_points_abstain", "ballot", "No points: an abstention.", ballot("points", "abstain"), MEMBER),
    ("recall", "recall", "A member signs the petition.", payload("recall", proposal=14), MEMBER),
    ("guardian_cancel", "guardian", "A guardian would cancel.", guardian(), GUARDIAN),
    (
        "guardian_rollback",
        "guardian",
        "A guardian would go back to the baseline.",
        guardian(action="rollback", proposal=None, surface="home", to=0),
        GUARDIAN,
    ),
    ("erasure", "erasure", "Two bodies go.", payload("erasure", entries=[3, 17], reason=""), SECRETARY),
)

_ADMIT = ADMISSION
BAD: tuple[tuple[str, str, str, Document, str], ...] = (
    ("ballot_field_unknown", "ballot", "A field that no ballot has.", ballot(comment="!"), "ballot.comment"),
    ("ballot_number_zero", "ballot", "Numbers begin at 1.", ballot(number=0), "ballot.number"),
    ("ballot_number_large", "ballot", "A number of 33 bits.", ballot(number=2**32), "ballot.number"),
    ("ballot_number_true", "ballot", "True is no number.", ballot(number=True), "ballot.number"),
    ("ballot_proposal_negative", "ballot", "No entry −1.", ballot(proposal=-1), "ballot.proposal"),
    ("ballot_genesis_bare", "ballot", "A digest without its prefix.", ballot(genesis="00" * 32), "ballot.genesis"),
    ("ballot_genesis_null", "ballot", "No genesis.", ballot(genesis=None), "ballot.genesis"),
    ("ballot_nonce_short", "ballot", "A nonce of 15 bytes.", ballot(nonce="00" * 15), "ballot.nonce"),
    ("ballot_nonce_capitals", "ballot", "Hexadecimal in capitals.", ballot(nonce="AB" * 16), "ballot.nonce"),
    ("ballot_origin_space", "ballot", "An origin with a space.", ballot(origin="dev.coop example"), "ballot.origin"),
    ("ballot_texts_none", "ballot", "A ballot on no text.", ballot(texts=[]), "ballot.texts"),
    (
        "ballot_texts_many",
        "ballot",
        "A ballot on 11 texts.",
        ballot(texts=[[digest("canon"), digest("file")]] * 11),
        "ballot.texts",
    ),
    ("ballot_texts_single", "ballot", "One digest of two.", ballot(texts=[[digest("canon")]]), "ballot.texts"),
    ("ballot_choice_other", "ballot", "Neither yes nor no.", ballot(choice="maybe"), "ballot.choice"),
    ("ballot_vote_other", "ballot", "Another kind of vote.", ballot("approval", [1]), "ballot.vote"),
    ("ballot_ranking_twice", "ballot", "An option twice.", ballot("ranking", [[1], [0, 1]]), "ballot.choice"),
    ("ballot_ranking_hole", "ballot", "A group of none.", ballot("ranking", [[1], []]), "ballot.choice"),
    ("ballot_ranking_eleven", "ballot", "There is no option 11.", ballot("ranking", [[11]]), "ballot.choice"),
    ("ballot_ranking_flat", "ballot", "Options without groups.", ballot("ranking", [1, 2]), "ballot.choice"),
    ("ballot_ranking_true", "ballot", "True is no option.", ballot("ranking", [[True]]), "ballot.choice"),
    ("ballot_ranking_yes", "ballot", "Yes to a ranking.", ballot("ranking", "yes"), "ballot.choice"),
    (
        "ballot_points_eight",
        "ballot",
        "An objective is missing.",
        ballot("points", dict.fromkeys(OBJECTIVES[1:], 100)),
        "ballot.choice",
    ),
    ("ballot_points_other", "ballot", "A tenth.", ballot("points", POINTS | {"dwell": 0}), "ballot.choice"),
    ("ballot_points_large", "ballot", "1,001 points.", ballot("points", POINTS | {"like": 1001}), "ballot.choice"),
    ("ballot_points_negative", "ballot", "Below none.", ballot("points", POINTS | {"like": -1}), "ballot.choice"),
    ("ballot_points_yes", "ballot", "Yes to points.", ballot("points", "yes"), "ballot.choice"),
    (
        "registration_key_long",
        "registration",
        "A key of 33 bytes.",
        registration(MEMBER) | {"key": "00" * 33},
        "registration.key",
    ),
    (
        "registration_genesis",
        "registration",
        "It names no genesis.",
        registration(MEMBER) | {"genesis": None},
        "registration.genesis",
    ),
    ("roll_none", "roll", "No change at all.", roll(), "roll.changes"),
    (
        "roll_admit_bare",
        "roll",
        "An admission of nobody.",
        roll(_ADMIT | {"registration": None}),
        "roll.changes[0].registration",
    ),
    (
        "roll_suspend_more",
        "roll",
        "A suspension with a key.",
        roll(_ADMIT | {"action": "suspend"}),
        "roll.changes[0].registration",
    ),
    ("roll_member_form", "roll", "No member’s id.", roll(_ADMIT | {"member": "alice"}), "roll.changes[0].member"),
    (
        "roll_registration_malformed",
        "roll",
        "What should be an envelope is none.",
        roll(ADMISSION | {"registration": {"payload": "x"}}),
        "roll.changes[0].registration",
    ),
    (
        "proposal_title_direction",
        "proposal",
        "A title that turns around what follows.",
        proposal(title={"fr": "Moins \u202e!", "en": "Less"}),
        "proposal.title.fr",
    ),
    (
        "proposal_title_lines",
        "proposal",
        "A title of two lines.",
        proposal(title={"fr": "Moins\nencore", "en": "Less"}),
        "proposal.title.fr",
    ),
    (
        "proposal_title_one",
        "proposal",
        "A title in one language.",
        proposal(title={"fr": "Moins"}),
        "proposal.title.en",
    ),
    (
        "proposal_title_long",
        "proposal",
        "201 characters.",
        proposal(title={"fr": "Moins", "en": "x" * 201}),
        "proposal.title.en",
    ),
    (
        "proposal_not_nfc",
        "proposal",
        "An accent of its own.",
        proposal(reasons={"fr": "de\u0301cide", "en": "decide"}),
        "proposal.reasons.fr",
    ),
    (
        "proposal_model_ranking",
        "proposal",
        "A model goes by yes and no.",
        proposal(subject="model", vote="ranking"),
        "proposal.vote",
    ),
    ("proposal_model_text", "proposal", "A model has no text.", proposal(subject="model"), "proposal.texts"),
    (
        "proposal_constitution_surface",
        "proposal",
        "A constitution has none.",
        proposal(subject="constitution"),
        "proposal.surface",
    ),
    ("proposal_surface_form", "proposal", "No name of a surface.", proposal(surface="Home!"), "proposal.surface"),
    ("proposal_heads_order", "proposal", "Heads not in order.", proposal(heads=["hide", "click"]), "proposal.heads"),
    ("proposal_heads_policy", "proposal", "Heads of a policy.", proposal(heads=["click"]), "proposal.heads"),
    ("proposal_texts_two", "proposal", "Yes or no to two.", proposal(texts=["a: 1\n", "b: 2\n"]), "proposal.texts"),
    (
        "argument_empty",
        "argument",
        "Nothing said.",
        payload("argument", proposal=14, side="for", reply_to=None, text=""),
        "argument.text",
    ),
    (
        "argument_escape",
        "argument",
        "An escape sequence for the terminal.",
        payload("argument", proposal=14, side="for", reply_to=None, text="\u001b[2J"),
        "argument.text",
    ),
    (
        "argument_side",
        "argument",
        "Another side.",
        payload("argument", proposal=14, side="both", reply_to=None, text="Oui."),
        "argument.side",
    ),
    (
        "amendment_both",
        "amendment",
        "An offer and an acceptance.",
        payload("amendment", proposal=14, texts=["a: 1\n"], accepts=15),
        "amendment.texts",
    ),
    (
        "freeze_impact_spaces",
        "freeze",
        "An impact that is not canonical JSON.",
        payload("freeze", proposal=14, texts=[], impact='{ "a": 1 }'),
        "freeze.impact",
    ),
    ("open_said", "open", "Half a digest.", payload("open", proposal=14, said="00" * 16), "open.said"),
    ("close_said", "close", "Neither closed nor extended.", payload("close", proposal=14, said="won"), "close.said"),
    (
        "activation_said",
        "activation",
        "A leading zero.",
        payload("activation", proposal=14, said="03"),
        "activation.said",
    ),
    ("guardian_cancel_surface", "guardian", "A proposal has no surface.", guardian(surface="home"), "guardian.surface"),
    (
        "guardian_rollback_to",
        "guardian",
        "Back to where?",
        guardian(action="rollback", proposal=None, surface="h"),
        "guardian.to",
    ),
    ("erasure_none", "erasure", "Nothing to erase.", payload("erasure", entries=[], reason=""), "erasure.entries"),
    (
        "erasure_order",
        "erasure",
        "Indexes that fall.",
        payload("erasure", entries=[17, 3], reason=""),
        "erasure.entries",
    ),
    (
        "constitution_surfaces_order",
        "constitution",
        "Surfaces not sorted.",
        founding(surfaces=[{"surface": name, "policy": None, "model": None, "heads": []} for name in "ba"]),
        "constitution.surfaces",
    ),
    (
        "constitution_policy_alone",
        "constitution",
        "A policy without a model.",
        founding(surfaces=[{"surface": "a", "policy": "a: 1\n", "model": None, "heads": []}]),
        "constitution.surfaces[0].model",
    ),
    (
        "constitution_member_twice",
        "constitution",
        "A registration twice.",
        founding(registrations=[ADMISSION["registration"]] * 2),
        "constitution.registrations",
    ),
)


def probes() -> Iterator[Probe]:
    """Yield every probe."""
    for name, kind, desc, document, key in GOOD:
        yield name, desc, canonical(signed(kind, canonical(document), key)), None, None
    for name, kind, desc, document, field in BAD:
        yield name, desc, canonical(signed(kind, canonical(document))), "ENTRY_MALFORMED", field
    yield from _keys()
    yield from _payloads()
    yield from _envelopes()


def _keys() -> Iterator[Probe]:
    weak = {
        "small_order": ("01" + "00" * 31, "PUBLIC_KEY_SMALL_ORDER"),
        "not_canonical": ("ee" + "ff" * 30 + "ff", "PUBLIC_KEY_SMALL_ORDER"),
        "second_spelling": ("f0" + "ff" * 30 + "7f", "PUBLIC_KEY_NOT_CANONICAL"),
        "no_point": ("02" + "00" * 31, "PUBLIC_KEY_NO_POINT"),
    }
    for name, (key, reason) in weak.items():
        document = canonical(registration(MEMBER) | {"key": key})
        desc = "A key that nobody may enrol."
        yield f"registration_key_{name}", desc, canonical(signed("registration", document)), reason, None


def _payloads() -> Iterator[Probe]:
    good = canonical(ballot())

    def probe(name: str, desc: str, data: str, field: str = "ballot") -> Probe:
        return f"payload_{name}", desc, canonical(signed("ballot", data)), "ENTRY_MALFORMED", field

    yield probe("space", "Canonical JSON has no white space.", good.replace('":', '": ', 1))
    yield probe("line", "A line feed behind it.", good + "\n")
    yield probe("order", "Keys in another order.", json.dumps(ballot(), separators=(",", ":")))
    yield probe("twice", "A key twice: the second would be read.", good[:-1] + ',"vote":"yes_no"}')
    yield probe("twice_first", "A key twice, in its place.", good.replace('"choice":', '"choice":"no","choice":', 1))
    yield probe("escape", "A letter written as an escape.", good.replace("yes_no", "\\u0079es_no"))
    yield probe("fraction", "A number with a fraction.", good.replace('"number":1', '"number":1.0'))
    yield probe("zeroes", "A number with a leading zero.", good.replace('"number":1', '"number":01'))
    yield probe("empty", "No payload.", "")
    yield probe("array", "No object.", "[]")
    yield probe("schema", "The schema of another kind.", canonical(ballot(schema="rankd.sponsor/1")), "ballot.schema")
    missing = {key: value for key, value in ballot().items() if key != "roll"}
    yield probe("missing", "A field is missing.", canonical(missing), "ballot.roll")


def _envelopes() -> Iterator[Probe]:
    good = signed("ballot", canonical(ballot()))
    (signature,) = good["signatures"]
    sponsor = signed("sponsor", canonical(payload("sponsor", proposal=14, texts=[])))

    def probe(name: str, desc: str, document: Document | str, reason: str, field: str | None = None) -> Probe:
        text = document if isinstance(document, str) else canonical(document)
        return f"envelope_{name}", desc, text, reason, field

    malformed, wrong = "ENVELOPE_MALFORMED", "ENVELOPE_SIGNATURE_WRONG"
    yield probe("unsigned", "The signature was taken away.", good | {"signatures": []}, malformed, "signatures")
    yield probe("twice", "Two signatures.", good | {"signatures": [signature] * 2}, malformed, "signatures")
    relabelled = sponsor | {"payloadType": good["payloadType"]}
    yield probe("relabelled", "A sponsor’s envelope under a ballot’s type.", relabelled, wrong)
    honest = signed("ballot", canonical(payload("sponsor", proposal=14, texts=[])))
    yield probe("other_payload", "A sponsor’s payload, signed as a ballot.", honest, "ENTRY_MALFORMED", "ballot.schema")
    other = {"signatures": [signature | {"keyid": public(OTHER)}]}
    yield probe("keyid_other", "Under the id of another key.", good | other, wrong)
    capitals = {"signatures": [signature | {"keyid": signature["keyid"].upper()}]}
    yield probe("keyid_capitals", "A key id in capitals.", good | capitals, malformed, "signatures[0].keyid")
    named = {"signatures": [signature | {"keyid": "alice"}]}
    yield probe("keyid_name", "A name for a key id.", good | named, malformed, "signatures[0].keyid")
    short = {"signatures": [signature | {"sig": b64encode(bytes(63)).decode()}]}
    yield probe("signature_short", "63 bytes of signature.", good | short, malformed, "signatures[0].sig")
    zeroes = {"signatures": [signature | {"sig": b64encode(bytes(64)).decode()}]}
    yield probe("signature_zero", "A signature of zeroes.", good | zeroes, wrong)
    # Under the point of order 1, R = the same point and S = 0 fit every message.
    neutral = b"\x01" + bytes(31)
    forged = {"signatures": [{"keyid": neutral.hex(), "sig": b64encode(neutral + bytes(32)).decode()}]}
    yield probe("key_small_order", "Anybody signs with a key of small order.", good | forged, wrong)
    spare = {"signatures": [signature | {"sig": _with_spare_bit(signature["sig"])}]}
    yield probe("spare_bit", "Base64 with a spare bit.", good | spare, malformed, "signatures[0].sig")
    yield probe("url_alphabet", "Base64 for addresses.", good | {"payload": "-_-_"}, malformed, "payload")
    yield probe("payload_changed", "Another payload.", good | {"payload": sponsor["payload"]}, wrong)
    yield probe("type_unknown", "A type of another program.", good | {"payloadType": "text/plain"}, "ENTRY_TYPE")
    next_version = good["payloadType"].replace("v1", "v2")
    yield probe("type_version", "A version to come.", good | {"payloadType": next_version}, "ENTRY_TYPE")
    yield probe("field_unknown", "A field that no envelope has.", good | {"note": ""}, malformed, "envelope")
    yield probe("space", "White space.", canonical(good).replace(":", ": ", 1), malformed, "envelope")
    yield probe("line", "A line feed behind it.", canonical(good) + "\n", malformed, "envelope")
    twice = canonical(good)[:-1] + ',"signatures":[]}'
    yield probe("key_twice", "A key twice.", twice, malformed, "envelope")
    slash = canonical(good).replace("application/", "application\\/")
    yield probe("escape", "An escape that says the same.", slash, malformed, "envelope")
    yield probe("array", "No object.", canonical([good]), malformed, "envelope")
    yield probe("empty", "Nothing.", "", malformed, "envelope")


def _with_spare_bit(text: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-3] + alphabet[alphabet.index(text[-3]) + 1] + "=="


def texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each probe's file."""
    for name, desc, envelope, reason, field in probes():
        want: Document
        if reason is None:
            document = json.loads(envelope)
            kind = document["payloadType"].split(".")[2]
            digested = hashlib.sha256(envelope.encode()).hexdigest()
            key = document["signatures"][0]["keyid"]
            want = {"want": {"kind": kind, "key": key, "digest": f"sha256:{digested}"}}
        else:
            want = {"want_reason": reason} | ({} if field is None else {"want_field": field})
        yield f"{name}.json", render({"desc": desc, "envelope": envelope} | want) + "\n"


def main(arguments: list[str]) -> int:
    """Rewrite, or with --check compare, every probe; return the exit status."""
    wanted = dict(texts())
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
    if "--check" not in arguments:
        FOLDER.mkdir(exist_ok=True)
        for name in stale:
            if name in wanted:
                (FOLDER / name).write_text(wanted[name], encoding="utf-8")
            else:
                (FOLDER / name).unlink()
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
