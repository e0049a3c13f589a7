"""The page: well formed, self-contained, the same bytes again, and nobody in it."""

import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.ranking.request import Candidates
from rankd.core.records.decision import Decision
from rankd.core.words.language import LANGUAGES, Language
from rankd.core.words.report import VERDICTS
from rankd.edge.html.markup import safe
from rankd.edge.html.report import report_page
from rankd.edge.html.speech import spoken
from rankd.store.bundle_file import BundleFile
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.journal.journal import Body
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.report import make_report
from rankd.usecases.audit.trust import Trust
from tests.conftest import House
from tests.evidence import TRUST, Written, bundled

HOSTILE = "<script>alert(1)</script>\"'&\u202e"
VOID = {"meta", "br", "col"}


class Tree(HTMLParser):
    """Reads a page strictly: every element is closed by its own name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.names: set[str] = set()
        self.ids: list[str] = []
        self.referred: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        found = dict(attrs)
        assert len(found) == len(attrs), "an attribute stands twice"
        assert not any(name.startswith("on") or name in {"src", "style", "srcset"} for name in found)
        assert (found.get("href") or "#").startswith("#")
        if "id" in found:
            self.ids.append(found["id"] or "")
        self.referred += [*(found.get("aria-labelledby") or "").split(), (found.get("href") or "").lstrip("#")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(page: bytes) -> Tree:
    tree = Tree()
    tree.feed(page.decode())
    tree.close()
    assert tree.open == []
    return tree


def page_of(data: Path, language: Language = "en", *, name_authors: bool = False, trust: Trust = TRUST) -> bytes:
    found = make_report(JournalEvidence(data, DECISIONS), trust, now_s=0)
    return report_page(found, language, "0", name_authors=name_authors)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house with decisions."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(15))
    return house


@pytest.fixture
def decision(recorded: House) -> Decision:
    """Return a ranked decision."""
    return next(entry for _, entry in recorded_decisions(JournalEvidence(recorded.data, DECISIONS)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name_authors", [False, True])
def test_a_page_is_well_formed_and_needs_nothing_else(recorded: House, language: Language, name_authors: bool) -> None:
    page = page_of(recorded.data, language, name_authors=name_authors)
    tree = parsed(page)
    assert page.startswith(b"<!DOCTYPE html>\n<html lang=")
    assert not tree.names & {"script", "img", "link", "iframe", "object", "embed", "image", "use", "form"}
    assert len(set(tree.ids)) == len(tree.ids)
    assert set(filter(None, tree.referred)) <= set(tree.ids)
    assert b"http:" not in page
    assert b"https:" not in page
    assert b"url(" not in page
    assert "{" not in "".join(tree.text).split("</style>")[-1].replace(_style(page), "")


def _style(page: bytes) -> str:
    found = re.search(r"<style>(.*?)</style>", page.decode(), re.DOTALL)
    assert found
    return found[1]


def test_the_content_policy_lets_the_style_in_and_nothing_else(recorded: House) -> None:

    page = page_of(recorded.data)
    digest = b64encode(sha256(_style(page).encode())).decode()
    wanted = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'"
    assert f'content="{safe(wanted)}"' in page.decode()


def test_every_figure_has_a_title_a_description_and_a_table(recorded: House) -> None:
    page = page_of(recorded.data).decode()
    figures = re.findall(r'<svg width="100%".*?</svg>', page, re.DOTALL)
    assert len(figures) >= 6
    for figure in figures:
        assert re.match(
            r'<svg [^>]*role="img" aria-labelledby="\S+ \S+"[^>]*><title id=[^>]*>[^<]+</title><desc', figure
        )
    assert page.count("<table>") > len(figures)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_evidence_gives_the_same_bytes_from_a_folder_and_from_a_bundle(
    recorded: House, tmp_path: Path, language: Language
) -> None:
    page = page_of(recorded.data, language)
    with BundleFile(bundled(recorded.data, tmp_path / "all.tar")) as bundle:
        later = make_report(bundle, TRUST, now_s=2_000_000_000)
    assert report_page(later, language, "0") == page == page_of(recorded.data, language)


def test_nobody_figures_on_a_page_and_authors_only_when_asked_for(recorded: House) -> None:
    decisions = [entry for _, entry in recorded_decisions(JournalEvidence(recorded.data, DECISIONS))]
    plain, named = page_of(recorded.data), page_of(recorded.data, name_authors=True)
    secret = {entry.request.viewer_id for entry in decisions} | {entry.request.request_id for entry in decisions}
    secret |= {candidate for entry in decisions for candidate in entry.request.candidates.ids}
    for page in (plain, named):
        words = set(re.findall(r"[\w-]+", page.decode()))
        assert not secret & words
    assert "<bdi>a</bdi>" in named.decode()
    assert "<bdi>a</bdi>" not in plain.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_in_a_record_are_text(
    tmp_path: Path, recorded: House, decision: Decision, language: Language
) -> None:
    count = len(decision.request.candidates)
    candidates = Candidates(
        ids=tuple(f"{HOSTILE}{at}" for at in range(count)),
        author_ids=(f"{HOSTILE}author",) * count,
        create_times_ms=np.zeros(count, dtype=np.int64),
        sources=(f"{HOSTILE}source",) * count,
        groups=((f"{HOSTILE}group", "x" * 5000),) * count,
        seen=np.zeros(count, dtype=np.bool_),
        muted=np.zeros(count, dtype=np.bool_),
    )
    hostile = replace(
        decision,
        request=replace(decision.request, candidates=candidates, surface=f"{HOSTILE[:-1]}surface"),
        dropped=((0, f"{HOSTILE}rule"),),
        worker=f"{HOSTILE[:-1]}worker",
    )
    written = Written(tmp_path / "data", hostile, archive=recorded.data / "archive")
    written.epoch(worker=f"{HOSTILE[:-1]}worker")
    written.decide(worker=f"{HOSTILE[:-1]}worker")
    page = page_of(written.close(), language, name_authors=True)
    tree = parsed(page)
    assert "script" not in tree.names
    assert "\u202e" not in page.decode()
    said = "".join(tree.text)
    for name in ("author", "source", "group", "rule"):
        assert f"<script>alert(1)</script>\"'&\ufffd{name}" in said
    assert "<script>alert(1)</script>\"'&surface" in said
    assert "x" * 300 not in said


def _verdict(page: bytes) -> str:
    found = re.search(r'<section class="verdict.*?</section>', page.decode(), re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_something_differs_the_page_says_so_first_and_names_no_candidate(
    tmp_path: Path, recorded: House, decision: Decision, language: Language
) -> None:
    swapped = replace(decision, order=decision.order[::-1])
    written = Written(tmp_path / "data", swapped, archive=recorded.data / "archive")
    written.epoch()
    written.decide()
    written.decide(body=lambda _key, _record: None)
    written.decide(body=lambda key, record: Body(key, record[:-1]))
    written.decide(2)
    page = page_of(written.close(), language)
    top = _verdict(page)
    assert 'class="verdict bad"' in top
    assert spoken(VERDICTS["bad"], language) in top
    assert "dev.test/1" in top
    assert "order[1]" in top
    assert top.count("<li>") >= 4
    assert not any(candidate in page.decode() for candidate in decision.request.candidates.ids)
    assert str(tmp_path) not in page.decode()
    parsed(page)


def test_a_file_that_the_archive_lacks_is_named_by_its_digest_and_not_by_its_path(
    tmp_path: Path, recorded: House, decision: Decision
) -> None:
    written = Written(tmp_path / "data", decision)
    written.epoch()
    written.decide()
    page = page_of(written.close())
    assert digest_text(decision.policy_digest)[:19] in _verdict(page)
    assert str(tmp_path) not in page.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_erased_is_told_with_when_and_why(
    tmp_path: Path, recorded: House, decision: Decision, language: Language
) -> None:
    written = Written(tmp_path / "data", decision, archive=recorded.data / "archive")
    written.epoch()
    erased = [written.decide() for _ in range(3)]
    written.decide(nonce=decision.nonce)
    written.erase((erased[0], erased[1]), code="COURT")
    written.erase((erased[2], erased[2]))
    page = page_of(written.close(), language)
    assert spoken(VERDICTS["kept"], language) in _verdict(page)
    assert "because: COURT" in page.decode()
    parsed(page)


def test_a_key_from_the_folder_itself_is_warned_of_before_the_verdict(recorded: House) -> None:
    top = _verdict(page_of(recorded.data, trust=replace(TRUST, is_borrowed=True)))
    assert 'class="verdict unsure"' in top
    assert top.index("Attention") < top.index("<h2")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_journal_without_decisions_has_a_page(tmp_path: Path, decision: Decision, language: Language) -> None:
    written = Written(tmp_path / "data", decision)
    page = page_of(written.close(), language)
    assert spoken(VERDICTS["none"], language) in _verdict(page)
    parsed(page)


def test_a_range_is_said_to_be_one(recorded: House, tmp_path: Path) -> None:
    with BundleFile(bundled(recorded.data, tmp_path / "part.tar", first=2, end=5)) as bundle:
        page = report_page(make_report(bundle, TRUST, now_s=0), "en", "0")
    assert "Only entries 2 to 4 are judged" in _verdict(page)


def test_margins_that_were_taken_as_recorded_are_said_to_be_not_proven(recorded: House) -> None:
    found = make_report(JournalEvidence(recorded.data, DECISIONS), TRUST, now_s=0, level="arithmetic")
    page = report_page(found, "en", "0").decode()
    assert spoken(VERDICTS["arithmetic"], "en") in page
    assert "That the recorded estimates are the model’s" in page
