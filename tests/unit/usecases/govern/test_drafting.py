"""Drafts name what is in force, so that nothing is decided about another state than the one that was read."""

import pytest

from rankd.core.errors import AssemblyError
from rankd.core.words.language import Phrase
from rankd.usecases.govern.drafting import (
    TextFile,
    find_matter,
    freeze_of,
    propose_model,
    propose_policies,
    sponsor_of,
    vote_for,
)
from tests.assemblies import HEADS, MODEL, TestMinutes, found, policy_text, template_text

WORDS = Phrase(fr="Titre", en="Title")


def texts(minutes: TestMinutes) -> tuple[TextFile, TextFile, TextFile]:
    base = minutes.assembly.standing("video").policy.canon_digest
    return (
        TextFile("a.yaml", policy_text(base, click=100, reply=200).encode()),
        TextFile("b.yaml", policy_text(base, click=100, like=150).encode()),
        TextFile("c.yaml", template_text(base).encode()),
    )


def test_how_to_vote_follows_from_the_texts() -> None:
    one, two, open_points = texts(found())
    assert [vote_for(files) for files in ((one,), (one, two), (open_points,))] == ["yes_no", "ranking", "points"]


def test_a_policy_is_proposed_for_the_model_in_force_and_is_accepted() -> None:
    minutes = found()
    one, two, open_points = texts(minutes)
    for files in ((one,), (one, two), (open_points,)):
        entry = propose_policies(minutes.now(), minutes.co(), files)
        assert (entry.surface, entry.model, entry.title.fr[:10]) == ("video", MODEL, "Des vidéos")
        index = minutes.accept(entry, "Alice")
        matter = minutes.now().proposals[index]
        minutes.accept(sponsor_of(matter, minutes.co()), "Bruno")
        minutes.wait(3)
        minutes.accept(freeze_of(matter, minutes.co(), None), "Alice")


def test_a_model_is_proposed_against_policy_and_model_in_force() -> None:
    minutes = found()
    entry = propose_model(minutes.now(), minutes.co(), "video", bytes(32), HEADS, WORDS, WORDS)
    standing = minutes.assembly.standing("video")
    assert (entry.base_policy, entry.base_model) == (standing.policy.canon_digest, MODEL)
    assert (entry.texts, entry.heads) == ((), HEADS)
    minutes.accept(entry, "Alice")


def test_a_proposal_that_is_not_there_is_named() -> None:
    with pytest.raises(AssemblyError) as refusal:
        find_matter(found().now(), 7)
    assert (refusal.value.reason, refusal.value.metadata["proposal"]) == ("PROPOSAL_NOT_FOUND", "p7")
