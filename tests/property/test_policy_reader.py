import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rfc8785
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import PolicyError
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.describe import describe
from rankd.core.policy.diff import diff
from rankd.core.policy.policy import Policy
from rankd.core.policy.pull import pull_ppm
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.policy.strict_yaml import ListNode, Node, ScalarNode, parse_strict

POLICIES = Path(__file__).parents[2] / "policies"
EXAMPLE = (POLICIES / "examples" / "timeline.yaml").read_text()
LIMITS = read_limits((POLICIES / "limits.yaml").read_bytes())


class CoreLoader(yaml.SafeLoader):
    """A loader that resolves words as YAML 1.2's core schema does, where `SafeLoader` follows YAML 1.1."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - replaces an attribute of the base class


for _tag, _form in (
    ("null", r"null|Null|NULL|~|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), None)
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))

LOADERS: list[Any] = [yaml.SafeLoader, CoreLoader] + ([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])


def plain(node: Node) -> Any:
    if isinstance(node, ScalarNode):
        return int(node.text) if node.kind in ("integer", "signed") else node.text
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


SEEDS = (
    "a: b\n",
    "a: {b: c, d: [e, f]}\n",
    "a:\n  - b\n  - c: d\n",
    'a: "b c"\ne: f #g\n',
    "a: 'b'\nc: |\n  d\n   e\n\n",
    "a: >\n  b\n  c\n\nd: x\n",
    'a: b\n  c\nd:\n- e\n- "f\n  g"\n',
    EXAMPLE[EXAMPLE.index("points:") :],
)
FRAGMENTS = [
    *"{}[],:?#&*!|>'\"%@`~-+=<. \n019aeoxynN_/\\é",
    *(": ", ",\n  ", "- ", "? ", " # ", "no", "<<", "---\n", "...\n", "|\n  ", ">-\n  ", "&a ", "*a", "!!str ", "1e3"),
    *("0x1", "\\n", "\\x41", "''", "5%", "2d", "1_0", "12:30:00", "2020-01-01", "null", "%YAML 1.1\n"),
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 0, 1, 2, 5]))
        text = text[:at] + "".join(draw(st.lists(st.sampled_from(FRAGMENTS), max_size=3))) + text[at + cut :]
    return text


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_what_is_accepted_means_the_same_to_every_parser(text: str) -> None:
    try:
        node = parse_strict(text.encode(), "x")
    except PolicyError:
        return
    wanted = plain(node)
    for loader in LOADERS:
        assert repr(yaml.load(text, Loader=loader)) == repr(wanted)  # noqa: S506 - all are safe loaders


@pytest.mark.parametrize("seed", SEEDS)
def test_the_texts_that_are_mutated_are_accepted_themselves(seed: str) -> None:
    assert plain(parse_strict(seed.encode(), "x")) == yaml.safe_load(seed)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_no_bytes_do_anything_but_read_or_refuse(data: bytes) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(data)
    assert int(str(caught.value.metadata["line"])) >= 1
    assert caught.value.say("fr")


NAMES = st.from_regex(r"\A[a-z][a-z_/ -]{0,10}[a-zéÎ]\Z").filter(
    lambda name: name.lower() not in ("no", "on", "off", "yes")
)
PPM = st.integers(0, 10**6)
DAYS = st.integers(1, 3650)
TEXT = st.text(st.sampled_from("abc {}'\"\\:#-é’«»"), min_size=1, max_size=40).filter(lambda text: bool(text.strip()))


def share(ppm: int) -> str:
    return f"{ppm // 10_000}.{ppm % 10_000:04d}%"


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    """A policy's canonical mapping, made without the reader."""
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=8, max_size=8)))
    points = [high - low for low, high in zip([0, *cuts], [*cuts, 1000], strict=True)]
    rules: dict[str, Any] = {}
    if draw(st.booleans()):
        rules["drop_seen/1"] = "apply"
    if draw(st.booleans()):
        rules["max_age/1"] = {"age_ms": draw(DAYS) * 86_400_000, "unknown_age_ms": draw(DAYS) * 86_400_000}
    if draw(st.booleans()):
        rules["freshness/1"] = {
            "half_life_ms": draw(DAYS) * 86_400_000,
            "floor_ppm": draw(st.integers(1000, 10**6)),
            "unknown_age_ms": draw(DAYS) * 86_400_000,
        }
    if draw(st.booleans()):
        rules["source_scaling/1"] = {
            "shares_ppm": draw(st.dictionaries(NAMES, PPM, max_size=4)),
            "other_ppm": draw(PPM),
        }
    if draw(st.booleans()):
        rules["author_diversity/1"] = {"decay_ppm": draw(PPM), "floor_ppm": draw(PPM)}
    if draw(st.booleans()):
        target = draw(st.one_of(st.just({"per": "author"}), NAMES.map(lambda name: {"group": name})))
        rules["cap/1"] = [target | {"at_most": draw(st.integers(0, 500)), "in_first": draw(st.integers(1, 500))}]
        rules["after_cap"] = draw(st.sampled_from(["drop", "append"]))
    if draw(st.booleans()):
        first = draw(st.integers(1, 500))
        rules["quota/1"] = [{"group": draw(NAMES), "at_least": draw(st.integers(1, first)), "in_first": first}]
    moved = draw(st.sets(st.sampled_from(OBJECTIVES)))
    percents = st.fixed_dictionaries({"min_percent": st.integers(0, 100), "max_percent": st.integers(100, 300)})
    return {
        "schema": "rankd.policy/1",
        "surface": draw(st.from_regex(r"\A[a-z][a-z0-9_]{4,31}\Z")),
        "base": draw(st.one_of(st.none(), st.binary(min_size=32, max_size=32).map(lambda raw: f"sha256:{raw.hex()}"))),
        "title": {"fr": draw(TEXT), "en": draw(TEXT)},
        "reasons": {"fr": draw(TEXT), "en": draw(TEXT)},
        "points": dict(zip(OBJECTIVES, points, strict=True)),
        "rules": rules,
        "exploration": {"share_ppm": draw(PPM)},
        "sliders": {objective: draw(percents) for objective in moved},
    }


def value_text(name: str, value: Any) -> str:
    if name.endswith("_ms"):
        return f"{value // 86_400_000 * 24}h"
    if name.endswith("_ppm"):
        return share(value)
    if name.endswith("_percent"):
        return f"{value}%"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def yaml_text(name: str, value: Any) -> str:
    """Write a canonical value as a policy's text would."""
    if name == "base" and value is None:
        return "none"
    if isinstance(value, list):
        return "[" + ", ".join(yaml_text("", item) for item in value) + "]"
    if isinstance(value, dict):
        inner = "_ppm" if name == "shares_ppm" else None
        pairs = [
            f"{json.dumps(re.sub('_(ms|ppm|percent)$', '', key) if inner is None else key, ensure_ascii=False)}: "
            f"{yaml_text(inner or key, item)}"
            for key, item in value.items()
        ]
        return "{" + ", ".join(pairs) + "}"
    return value_text(name, value)


def text_of(form: dict[str, Any]) -> bytes:
    return "".join(f"{name}: {yaml_text(name, value)}\n" for name, value in form.items()).encode()


def policy_of(form: dict[str, Any]) -> Policy:
    return read_policy(text_of(form))


@settings(max_examples=100, deadline=None)
@given(forms())
def test_every_policy_is_read_into_the_form_it_was_written_from(form: dict[str, Any]) -> None:
    policy = policy_of(form)
    assert policy.canonical == rfc8785.dumps(form)
    assert policy_of(json.loads(policy.canonical)).canon_digest == policy.canon_digest


@settings(max_examples=60, deadline=None)
@given(forms(), forms(), st.sets(st.sampled_from(["base", "title", "points", "rules", "exploration", "sliders"])))
def test_two_policies_differ_in_words_exactly_where_their_canon_digests_do(
    old: dict[str, Any], other: dict[str, Any], parts: set[str]
) -> None:
    before, after = policy_of(old), policy_of(old | {part: other[part] for part in parts})
    changes = diff(before, after, LIMITS, "fr")
    assert bool(changes) == (before.canon_digest != after.canon_digest)
    assert [(c.field, c.new, c.old) for c in changes] == [
        (c.field, c.old, c.new) for c in diff(after, before, LIMITS, "fr")
    ]
    assert diff(before, policy_of(old), LIMITS, "fr") == ()


@settings(max_examples=40, deadline=None)
@given(forms(), st.sampled_from(["fr", "en"]))
def test_every_policy_can_be_described(form: dict[str, Any], language: Any) -> None:
    policy = policy_of(form)
    text = describe(policy, LIMITS, language)
    assert f"# {form['title'][language]}\n" in text
    assert text.count("\n## ") == 7
    assert text.endswith("\n")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(-(2**53), 2**53), st.integers(-1000, 1000), st.integers(0, 3)), max_size=6),
        max_size=4,
    )
)
def test_pull_is_the_sum_over_all_pairs(requests: list[list[tuple[int, int, int]]]) -> None:
    names = ("reply", "click", "hide")
    columns = {
        name: [np.array([row[place] for row in request], dtype=np.int64) for request in requests]
        for place, name in enumerate(names)
    }
    spreads = {
        name: sum(abs(a[place] - b[place]) for request in requests for a, b in combinations(request, 2))
        for place, name in enumerate(names)
    }
    total = sum(spreads.values())
    pull = pull_ppm(columns)
    assert sum(pull.values()) == (10**6 if total else 0)
    for name, spread in spreads.items():
        assert abs(pull[name] * total - spread * 10**6) < max(total, 1)
