import random
from collections.abc import Callable

import pytest

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.forest.sealed import open_sealed

Seal = Callable[..., dict[str, bytes]]
Refusal = Callable[..., ModelError]


def test_a_sealed_model_opens(seal: Seal) -> None:
    files = seal()
    model = open_sealed(files)
    assert model.texts == (files["click.txt"], files["reply.txt"])
    assert [len(forest.trees) for forest in model.forests] == [2, 1]
    assert model.forests[0].trees[0].leaf_units == (1 << 24, -(1 << 23), 1)
    assert model.forests[0].trees[0].threshold == (1.5, -0.25)


@pytest.mark.parametrize("name", ["manifest.json", "click.txt", "reply.txt", "LICENSE", "MODEL_CARD.md"])
def test_a_missing_file_is_named(seal: Seal, refusal: Refusal, name: str) -> None:
    files = seal()
    del files[name]
    error = refusal(open_sealed, files)
    assert (error.reason, error.metadata["file"]) == ("MODEL_FILE_MISSING", name)


def test_a_file_that_the_manifest_does_not_list_is_named(seal: Seal, refusal: Refusal) -> None:
    error = refusal(open_sealed, seal() | {"like.txt": b""})
    assert (error.reason, error.metadata["file"]) == ("MODEL_FILE_UNLISTED", "like.txt")


@pytest.mark.parametrize("name", ["click.txt", "reply.txt", "LICENSE", "MODEL_CARD.md"])
def test_one_byte_more_is_reported_with_both_digests(seal: Seal, refusal: Refusal, name: str) -> None:
    files = seal()
    longer = files[name] + b"\n"
    error = refusal(open_sealed, files | {name: longer})
    assert error.reason == "MODEL_FILE_DIFFERS"
    assert error.metadata == {
        "file": name,
        "recorded": digest_text(sha256(files[name])),
        "found": digest_text(sha256(longer)),
    }


def test_every_single_altered_byte_of_every_listed_file_is_reported(seal: Seal) -> None:
    files = seal()
    for name in files.keys() - {"manifest.json"}:
        for at in range(len(files[name])):
            altered = bytearray(files[name])
            altered[at] ^= 1 << (at % 8)
            with pytest.raises(ModelError) as caught:
                open_sealed(files | {name: bytes(altered)})
            assert (caught.value.reason, caught.value.metadata["file"]) == ("MODEL_FILE_DIFFERS", name)


def test_every_single_altered_byte_of_the_manifest_is_refused_or_changes_the_models_digest(seal: Seal) -> None:
    files = seal()
    digest = open_sealed(files).manifest.digest
    refused = 0
    for at in range(len(files["manifest.json"])):
        altered = bytearray(files["manifest.json"])
        altered[at] ^= 1 << (at % 7)
        try:
            assert open_sealed(files | {"manifest.json": bytes(altered)}).manifest.digest != digest
        except ModelError:
            refused += 1
    assert refused > len(files["manifest.json"]) // 2


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (b"leaf_value=1 -0.5", b"leaf_value=1.0 -0.5", 20),
        (b"leaf_value=1 -0.5", b"leaf_value=1 -0.50000001", 20),
        (b"threshold=1.5 ", b"threshold=1.50 ", 16),
        (b"decision_type=0 ", b"decision_type=2 ", 17),
        (b"num_cat=0\nsplit", b"num_cat=0\nsplit_gain=1 1\nsplit", 15),
        (b"end of trees\n", b"end of trees", 30),
        (b"end of trees\n", b"end of trees\n\n", 31),
        (b"end of trees\n", b"end of trees\n\nparameters:\n[boosting: gbdt]\n\nend of parameters\n", 31),
        (b"feature_infos=none none", b"feature_infos=[0:1] none", 9),
        (b"tree_sizes=", b"tree_sizes=0", 10),
        (b"label_index=0", b"label_index=00", 5),
        (b"threshold=1.5 ", b"threshold=inf ", 10),
    ],
)
def test_a_text_that_is_valid_but_not_in_sealed_form_is_refused_with_its_line(
    seal: Seal, refusal: Refusal, click_text: bytes, old: bytes, new: bytes, line: int
) -> None:
    assert click_text.count(old) == 1
    error = refusal(open_sealed, seal(click=click_text.replace(old, new)))
    assert (error.reason, error.metadata["file"], error.metadata["line"]) == (
        "MODEL_NOT_SEALED",
        "click.txt",
        line,
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"decision_type=0 10", b"decision_type=0 0", "MODEL_NULLABLE_NOT_NAN_TYPED"),
        (b"decision_type=0 10", b"decision_type=0 6", "MODEL_ZERO_AS_MISSING"),
        (b"decision_type=0 10", b"decision_type=1 10", "MODEL_CATEGORICAL_SPLIT"),
        (b"left_child=-1 -2", b"left_child=0 -2", "MODEL_TREE_MALFORMED"),
        (b"left_child=-1 -2", b"left_child=-1 -99", "MODEL_TREE_MALFORMED"),
        (b"left_child=-1 -2", b"left_child=-1", "MODEL_TEXT_COUNT"),
        (b"num_leaves=3", b"num_leaves=4", "MODEL_TEXT_COUNT"),
        (b"num_leaves=3", b"num_leaves=2", "MODEL_TEXT_COUNT"),
        (b"num_leaves=3", b"num_leaves=999999999", "MODEL_TREE_TOO_LARGE"),
        (b"num_leaves=3", b"num_leaves=99999999999999999999", "MODEL_TEXT_UNREADABLE"),
        (b"leaf_value=1 ", b"leaf_value=nan ", "MODEL_NOT_FINITE"),
        (b"leaf_value=1 ", b"leaf_value=128 ", "MODEL_MARGIN_TOO_LARGE"),
        (b"threshold=1.5 ", b"threshold=1e999 ", "MODEL_NOT_FINITE"),
        (b"max_feature_idx=1", b"max_feature_idx=2", "MODEL_FEATURES_DIFFER"),
        (b"num_tree_per_iteration=1", b"num_tree_per_iteration=2", "MODEL_MANY_TREES_PER_ITERATION"),
        (b"label_index=0", b"average_output", "MODEL_AVERAGED"),
        (b"reply_rate\n", b"reply_rat\xe9\n", "MODEL_TEXT_UNREADABLE"),
        (b"tree\n", b"", "MODEL_TEXT_UNREADABLE"),
    ],
)
def test_a_hostile_text_under_a_correct_digest_is_refused(
    seal: Seal, refusal: Refusal, click_text: bytes, old: bytes, new: bytes, reason: str
) -> None:
    assert old in click_text
    error = refusal(open_sealed, seal(click=click_text.replace(old, new, 1)))
    assert (error.reason, error.metadata["file"]) == (reason, "click.txt")


def test_random_edits_under_correct_digests_end_in_a_refusal_or_in_a_proper_model(
    seal: Seal, click_text: bytes
) -> None:
    rng = random.Random(5)
    tokens = [b"0", b"-1", b"1", b"2", b"9" * 30, b"nan", b"1e308", b"-0", b"=", b"\n", b" ", b"Tree=1", b"\x00", b""]
    reasons = set()
    for _ in range(1500):
        text = bytearray(click_text)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            text[at : at + rng.choice([0, 1, 1, 4])] = rng.choice(tokens)
        try:
            model = open_sealed(seal(click=bytes(text)))
        except ModelError as error:
            reasons.add(error.reason)
        else:
            assert model.texts[0] == bytes(text)
            assert model.forests[0].bound_units < 2**31
    assert len(reasons) >= 8


def test_the_empty_text_is_refused(seal: Seal, refusal: Refusal) -> None:
    assert refusal(open_sealed, seal(click=b"")).reason == "MODEL_TEXT_UNREADABLE"
