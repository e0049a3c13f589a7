"""The auditor's guide, done as it stands: a journal like the guide's is judged by rankd and by other people's tools."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import BundleError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.log.checkpoint import cosign
from rankd.core.log.note import COSIGNATURE, NoteSigner, add_signature, parse_note
from rankd.core.ranking.request import Mode
from rankd.core.records.erasure import Erasure, ReasonCode, sign_erasure
from rankd.core.words import verify, verify_events
from rankd.core.words import verify_record as record_words
from rankd.core.words.language import LANGUAGES, Language, Phrase
from rankd.edge.cli.audit import verify_record
from rankd.edge.cli.main import main
from rankd.store.journal.journal import Journal
from rankd.store.pseudonyms import PseudonymBook
from rankd.store.record_folder import RecordFolder
from rankd.usecases.erasing.erase import apply_erasure
from rankd.usecases.serve.desk import Desk
from tests.assemblies import FOUNDERS
from tests.conftest import ERASER_KEY, HOUSE_TERMS, HOUSE_TIME_MS, House
from tests.evidence import bundled
from tests.gates import CoOp
from tests.guides import Step, pattern, steps
from tests.kept import KeptHouse, live

ROOT = Path(__file__).parents[2]
GUIDES: Mapping[Language, str] = {"en": "auditor.md", "fr": "verificateur.md"}
GO_PACKAGES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")

_NOT_DONE_HERE = ("pip ", "sudo ")
_REFUSED = ("other.tar", "second.vkey", "opened 41")
"""What stands in commands that end with 1."""

_COSIGNED_S = 1_700_000_000
"""A cosignature from the future does not count, and the house lives in one."""

JUDGED_MS = 1_802_000_000_000
"""When the co-op's record is judged."""


def text_of(language: Language) -> str:
    return (ROOT / "docs" / "guide" / GUIDES[language]).read_text(encoding="utf-8")


def section(language: Language, word: str) -> list[Step]:
    """Return the steps of the one section whose title holds `word`."""
    parts = re.split(r"^##+ ", text_of(language), flags=re.MULTILINE)
    (found,) = (part for part in parts if word in part.partition("\n")[0])
    return list(steps(found))


def shell(step: Step, folder: Path, variables: Mapping[str, str]) -> None:
    """Do a step and see that it answers what the guide says."""
    command = re.sub(r"^python3 ", f"{shlex.quote(sys.executable)} ", step.command)
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=120
    )
    said = done.stdout if done.stdout.endswith("\n") or not done.stdout else done.stdout + "\n"
    assert re.fullmatch(pattern(step.answer), said + done.stderr), (step, done)
    assert done.returncode == any(word in step.command for word in _REFUSED), (step, done)


def signer(name: str, algorithm: int | None = None) -> NoteSigner:
    key = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()))
    return NoteSigner(name, key) if algorithm is None else NoteSigner(name, key, algorithm)


LOG = signer("rankd.coop.example")
WITNESS, SECOND = (signer(name, COSIGNATURE) for name in ("temoin.presse.example", "witness.universite.example"))


def desk(house: House) -> Desk:
    return Desk(house.data, house.book(), house.archive, LOG, house.mark, HOUSE_TERMS, lambda: HOUSE_TIME_MS)


def rank(desk: Desk, house: House, seeds: range) -> list[bytes]:
    """Rank, mostly newest first because that is quick; return the receipts."""
    answers = [desk.ranker.rank(house.incoming(seed, mode=Mode.NEWEST_FIRST if seed % 8 else None)) for seed in seeds]
    return [answer.proof.receipt for answer in answers if answer.proof is not None]


def erase(house: House, code: ReasonCode, reason: str, span: tuple[int, int]) -> None:
    order = Erasure(LOG.name, (span,), (), code, reason, HOUSE_TIME_MS)
    public = ERASER_KEY.public_key().public_bytes_raw()
    journal = Journal.open(house.journal, LOG, house.mark, watch=False)
    viewers = PseudonymBook.open(house.data, HOUSE_TERMS.pseudonym_ms)
    apply_erasure(journal, viewers, sign_erasure(order, ERASER_KEY), {public.hex(): public}, HOUSE_TIME_MS)
    journal.close()


def members(folder: Path) -> CoOp:
    """Have a co-op adopt a policy, and its service rank before and after; leave bundle, record and digest."""
    (folder / "members").mkdir()
    coop = CoOp(folder / "members", House(folder / "members"), origin="minutes.coop.example")
    minutes, gate = coop.minutes, coop.gate()
    with Desk(coop.house.data, gate, coop.house.archive, LOG, coop.house.mark, HOUSE_TERMS, coop.clock_ms) as desk:
        minutes.now_ms += 60_000
        decide(desk, coop, range(40))
        title = Phrase(fr="Moins de clics, plus de réponses", en="Fewer clicks, more replies")
        proposal = replace(minutes.proposal(coop.policy(200), model=coop.model), title=title)
        index = minutes.to_vote(proposal)
        minutes.cast(index, dict.fromkeys(FOUNDERS[:5], "yes") | {"Farid": "no", "Grâce": "abstain"})
        minutes.now_ms = minutes.vote_of(index).close_ms
        minutes.now_ms = minutes.now().proposals[index].queue_ms + 60_000
        minutes.keeper.publish()
        gate.poll()
        decide(desk, coop, range(40, 60))
    bundled(coop.house.data, folder / "members.tar", minutes=RecordFolder(minutes.record))
    shutil.copytree(minutes.record, folder / "record")
    (folder / "genesis.txt").write_text(f"{digest_text(minutes.genesis)}\n")
    return coop


def events(folder: Path) -> None:
    """Have a service work features out from what people did; leave its data directory."""
    (folder / "kept").mkdir()
    house = KeptHouse(folder / "kept")
    with desk(house) as one:
        live(one)
    shutil.copytree(house.data, folder / "data")


def decide(desk: Desk, coop: CoOp, seeds: range) -> None:
    for seed in seeds:
        incoming = coop.house.incoming(seed)
        desk.ranker.rank(replace(incoming, request=replace(incoming.request, request_time_ms=coop.clock_ms())))


def cosigned(desk: Desk) -> bytes:
    note = desk.journal.publish()
    note = add_signature(note, cosign(parse_note(note).text, WITNESS, _COSIGNED_S))
    desk.journal.add_cosignatures(note, is_witnessed=True)
    return note


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the auditor's folder: the guide's journal, another one under the same key, keys, receipts, a visit."""
    folder = tmp_path_factory.mktemp("audit")
    for name in ("house", "other", "receipts", "visits"):
        (folder / name).mkdir()
    house, other = House(folder / "house"), House(folder / "other")
    with desk(house) as first:
        receipts = rank(first, house, range(210))
        (folder / "visits" / "2026-11-24.note").write_bytes(cosigned(first))
    erase(house, "REQUEST", "asked for by the person", (41, 41))
    erase(house, "COURT", "order 26-118 of the court", (90, 92))
    with desk(house) as second:
        receipts += rank(second, house, range(210, 300))
        cosigned(second)
        bundled(house.data, folder / "audit.tar", since=[211])
    with desk(other) as third:
        rank(third, other, range(1_000, 1_040))
    bundled(other.data, folder / "other.tar")
    (folder / "receipts" / "anne.txt").write_bytes(receipts[17])
    (folder / "receipts" / "bilal.txt").write_bytes(receipts[290])
    for name, key in (("log", LOG), ("witness", WITNESS), ("second", SECOND)):
        (folder / f"{name}.vkey").write_text(f"{key.verifier.vkey}\n")
    for path in (ROOT / "examples" / "audit").iterdir():
        shutil.copy(path, folder)
    members(folder)
    events(folder)
    return folder


@pytest.fixture(scope="module")
def opened(folder: Path) -> Path:
    """Return the auditor's folder with the bundle unpacked in it."""
    (step,) = (step for step in steps(text_of("en")) if "tar -xf" in step.command)
    shell(step, folder, {})
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_rankd_answers_what_the_guide_says(
    language: Language, opened: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(opened)
    # The co-op lives in the future, and so does whoever judges it.
    monkeypatch.setattr(verify_record, "clock_ms", lambda: JUDGED_MS)
    before_other_tools = re.split(r"^### .*OpenSSL$", text_of(language), flags=re.MULTILINE)[0]
    done = 0
    for step in steps(before_other_tools):
        name, *arguments = shlex.split(step.command)
        if name == "export":
            variable, _, value = arguments[0].partition("=")
            monkeypatch.setenv(variable, value)
        elif name == "rankd":
            with pytest.raises(SystemExit) as caught:
                main(arguments)
            captured = capsys.readouterr()
            said = (captured.out + captured.err).replace("\u00a0", " ")
            assert re.fullmatch(pattern(step.answer), said), (step, said)
            assert caught.value.code == any(word in step.command for word in _REFUSED), step
            done += 1
        elif not step.command.startswith(_NOT_DONE_HERE):
            shell(step, opened, {})
    assert done == 12


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_checks_the_signature_as_the_guide_says(opened: Path) -> None:
    for step in section("en", "OpenSSL"):
        shell(step, opened, {})


@pytest.mark.skipif(
    shutil.which("go") is None or not GO_PACKAGES.is_dir(),
    reason="golang-go and golang-golang-x-mod-dev are not installed",
)
def test_go_reads_the_tree_as_the_guide_says(opened: Path) -> None:
    variables: dict[str, str] = {}
    for step in (*section("en", "Go"), *section("en", "sha256sum")):
        if step.command.startswith("export "):
            variables |= dict(word.split("=", 1) for word in shlex.split(step.command)[1:])
        elif not step.command.startswith(_NOT_DONE_HERE):
            shell(step, opened, variables)
    altered = opened / "altered"
    shutil.copytree(opened / "opened", altered)
    entries = altered / "tile" / "entries" / "000"
    entries.write_bytes(entries.read_bytes().replace(b'"counter":17,', b'"counter":71,'))
    command = ["go", "run", "check.go", "-key", LOG.verifier.vkey, "-log", "altered", "-all"]
    done = subprocess.run(command, cwd=opened, env=os.environ | variables, capture_output=True, text=True)
    assert done.returncode == 1
    assert "leaves from 0 on" in done.stderr


def test_python_opens_a_body_as_the_guide_says(opened: Path) -> None:
    shown, erased = section("en", "Python")
    names = [line.split()[0] for line in shown.answer]
    shell(Step(shown.command, tuple(f"{name}…" for name in names)), opened, {})
    shell(erased, opened, {})


def test_both_guides_do_the_same() -> None:
    english, french = (list(steps(text_of(language))) for language in ("en", "fr"))
    assert [step.command.replace("=en", "=fr") for step in english] == [step.command for step in french]
    for one, other in zip(english, french, strict=True):
        assert one.command.startswith("rankd") or one.answer == other.answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_that_the_guide_explains_are_those_of_a_verdict(language: Language) -> None:
    of_journals = (verify.VERDICTS, verify.SAYINGS, verify.RECEIPTS, verify.CHECKPOINTS, verify.OPEN)
    of_events = (verify_events.SAYINGS, verify_events.UNCHECKED, verify_events.OPEN)
    groups = (*of_journals, *of_events, record_words.VERDICTS, record_words.SAYINGS, record_words.MANDATE)
    spoken = [phrase.fr if language == "fr" else phrase.en for group in groups for phrase in group.values()]
    spoken.append(BundleError("BODY_ABSENT", first=1, last=2, count=2).say(language))
    tables = re.findall(r"^\| (?:line|ligne) \|.*\n\|[-|]*\n((?:\|.*\n)+)", text_of(language), re.MULTILINE)
    lines = [row.split(" | ")[0].removeprefix("| ") for table in tables for row in table.splitlines()]
    assert len(lines) == 37
    for line in lines:
        shape = ".*".join(re.escape(part) for part in line.split("…"))
        assert any(re.search(shape, words.replace("\u00a0", " ")) for words in spoken), line
