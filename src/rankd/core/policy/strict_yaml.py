"""Strict YAML: the part of YAML that means the same to every parser, as nodes that know where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias, cast

import yaml

from rankd.core.errors import PolicyError
from rankd.core.policy.characters import decode_text, place, refused_character
from rankd.core.policy.scalars import ScalarKind, scalar_kind

MAX_DEPTH = 8
MAX_NODES = 2000

_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A word, an integer or a text, and where it starts (line and column from 1, columns in characters)."""

    text: str
    kind: ScalarKind
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of nodes."""

    items: "tuple[Node, ...]"
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping: its keys, none twice, in the file's order, each with its value."""

    entries: "tuple[tuple[ScalarNode, Node], ...]"
    line: int
    column: int


Node: TypeAlias = ScalarNode | ListNode | MapNode


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    start: yaml.events.CollectionStartEvent
    block_column: int  # zero-based column of the nearest block collection, which continuation lines must pass
    children: list[Node] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    @property
    def is_map(self) -> bool:
        return isinstance(self.start, yaml.events.MappingStartEvent)

    @property
    def awaits_key(self) -> bool:
        return self.is_map and len(self.children) % 2 == 0


@lru_cache(maxsize=64)
def parse_strict(data: bytes, name: str, most_nodes: int = MAX_NODES) -> Node:
    """Read one YAML document in the strict form. The same few texts are read again and again, so the last are kept.

    Args:
        data: The file's bytes, at most 64 KiB.
        name: What to call the file in errors.
        most_nodes: How many nodes it may have.

    Returns:
        The document's root. Accepted text gives every YAML parser these same strings and integers.

    Raises:
        PolicyError: The text is no YAML, or uses what is refused here: anchors, aliases, tags, merge keys, duplicate
            or complex keys, directives, a second document, floats, empty values, ambiguous unquoted words, more than
            8 levels or `most_nodes` nodes, or characters that `decode_text` refuses. Metadata: file, line, column,
            found.

    Source: docs/spec/policy.md sections 2 and 3.
    """
    return _Reader(decode_text(data, name), name, most_nodes).read()


def _start(event: yaml.events.Event) -> yaml.error.Mark:
    return cast("yaml.error.Mark", event.start_mark)


def _end(event: yaml.events.Event) -> yaml.error.Mark:
    return cast("yaml.error.Mark", event.end_mark)


class _Reader:
    """Turns one text's events into nodes; the first thing refused ends it."""

    def __init__(self, text: str, name: str, most_nodes: int) -> None:
        self._text = text
        self._name = name
        self._most_nodes = most_nodes
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._nodes = 0
        self._documents = 0
        self._scalars: list[tuple[int, int]] = []

    def read(self) -> Node:
        # PyYAML passes over directives that it does not know. Nothing else may begin a line with a percent sign.
        percent = re.search(r"^%.*", self._text, re.MULTILINE)
        if percent is not None:
            raise self._refuse("YAML_DIRECTIVE", percent.start(), found=percent.group())
        for event in self._events():
            self._take(event)
        self._check_comments()
        if self._root is None:
            raise PolicyError("YAML_EMPTY_FILE", file=self._name, line=1, column=1)
        return self._root

    def _events(self) -> Iterator[yaml.events.Event]:
        # The pure-Python parser, always: its marks and limits are then the same on every machine.
        last = 0
        try:
            for event in yaml.parse(self._text, Loader=yaml.SafeLoader):
                last = _start(event).index
                yield event
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            index = last if mark is None else mark.index
            raise self._refuse("YAML_SYNTAX", index, detail=str(error.problem)) from error
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            raise self._refuse("YAML_SYNTAX", last, detail=str(error)) from error

    def _take(self, event: yaml.events.Event) -> None:
        if isinstance(event, yaml.events.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refuse("YAML_SECOND_DOCUMENT", _start(event).index)
            if event.version or event.tags:
                raise self._refuse("YAML_DIRECTIVE", _start(event).index)
        elif isinstance(event, yaml.events.DocumentEndEvent) and event.explicit:
            more = re.compile(r"^[^#\s]", re.MULTILINE).search(self._text, _end(event).index + 1)
            if more is not None:
                raise self._refuse("YAML_SECOND_DOCUMENT", more.start())
        elif isinstance(event, yaml.events.AliasEvent):
            raise self._refuse("YAML_ALIAS", _start(event).index, found=f"*{event.anchor}")
        elif isinstance(event, yaml.events.ScalarEvent):
            self._begin(event)
            self._scalar(event)
        elif isinstance(event, yaml.events.CollectionStartEvent):
            self._begin(event)
            self._open(event)
        elif isinstance(event, yaml.events.CollectionEndEvent):
            self._close(event)

    def _begin(self, event: yaml.events.ScalarEvent | yaml.events.CollectionStartEvent) -> None:
        index = _start(event).index
        if event.anchor is not None:
            raise self._refuse("YAML_ANCHOR", index, found=f"&{event.anchor}")
        if event.tag is not None:
            raise self._refuse("YAML_TAG", index, found=event.tag)
        self._nodes += 1
        if self._nodes > self._most_nodes:
            raise self._refuse("YAML_TOO_MANY_NODES", index, limit=self._most_nodes)

    def _open(self, event: yaml.events.CollectionStartEvent) -> None:
        index = _start(event).index
        if self._stack and self._stack[-1].awaits_key:
            raise self._refuse("YAML_COMPLEX_KEY", index)
        if len(self._stack) == MAX_DEPTH:
            raise self._refuse("YAML_TOO_DEEP", index, limit=MAX_DEPTH)
        outer = self._stack[-1].block_column if self._stack else -1
        if event.flow_style and self._text[index] not in "[{":
            raise self._refuse("YAML_SINGLE_PAIR", index)
        if not event.flow_style and self._text[index] == "?":
            raise self._refuse("YAML_COMPLEX_KEY", index)
        if event.flow_style:
            self._check_start(_start(event), outer)
        self._stack.append(_Open(event, outer if event.flow_style else _start(event).column))

    def _close(self, event: yaml.events.CollectionEndEvent) -> None:
        done = self._stack.pop()
        start = _start(done.start)
        if done.start.flow_style:
            self._check_indent(start, _end(event), done.block_column, comments=True)
        line, column = start.line + 1, start.column + 1
        if done.is_map:
            keys = cast("list[ScalarNode]", done.children[0::2])
            entries = tuple(zip(keys, done.children[1::2], strict=True))
            self._add(MapNode(entries, line, column))
        else:
            self._add(ListNode(tuple(done.children), line, column))

    def _scalar(self, event: yaml.events.ScalarEvent) -> None:
        start, end = _start(event), _end(event)
        kind = self._kind(event)
        self._scalars.append((start.index, end.index))
        parent = self._stack[-1] if self._stack else None
        block_column = parent.block_column if parent is not None else -1
        if parent is None or not parent.awaits_key:
            self._check_start(start, block_column)
        if event.style not in ("|", ">"):
            self._check_indent(start, end, block_column, comments=False)
        node = ScalarNode(event.value, kind, start.line + 1, start.column + 1)
        if parent is not None and parent.awaits_key:
            self._check_key(node, start.index, end.index)
            if node.text in parent.keys:
                raise self._refuse("YAML_DUPLICATE_KEY", start.index, found=node.text)
            parent.keys.add(node.text)
        self._add(node)

    def _kind(self, event: yaml.events.ScalarEvent) -> ScalarKind:
        index = _start(event).index
        if event.style is not None:
            refused = refused_character(event.value.replace("\t", "\0"))
            if refused is not None:
                raise self._refuse(refused[0], index, found=refused[2])
            source = self._text[index : _end(event).index]
            if event.style == '"' and re.search(r"(?<!\\)(?:\\\\)*\\\n", source):
                raise self._refuse("YAML_ESCAPED_BREAK", index)
            if event.style in ("|", ">") and not self._text[index:].split("\n", 2)[1].strip():
                raise self._refuse("YAML_BLOCK_BLANK", index)
            if event.style == ">" and re.search("^ ", event.value, re.MULTILINE):
                raise self._refuse("YAML_FOLDED_INDENT", index)
            return "quoted"
        kind = scalar_kind(event.value)
        if event.value == "<<":
            kind = "YAML_MERGE_KEY"
        elif self._stack and self._stack[-1].start.flow_style and ":" in event.value and kind == "word":
            kind = "YAML_AMBIGUOUS_WORD"  # {a:1} is one word to some parsers and a pair to others
        if kind.startswith("YAML_"):
            raise self._refuse(kind, index, found=event.value)
        return cast("ScalarKind", kind)

    def _check_key(self, key: ScalarNode, start: int, end: int) -> None:
        if key.text == "<<":
            raise self._refuse("YAML_MERGE_KEY", start, found="<<")
        if key.kind in ("integer", "signed"):
            raise self._refuse("YAML_KEY_NOT_TEXT", start, found=key.text)
        after = self._text[end:].lstrip(" \n")[:1]
        if after in {",", "}"}:
            raise self._refuse("YAML_EMPTY_VALUE", start, found=key.text)
        # In flow style the mark of an explicit key may stand on an earlier line; in block style it never does.
        gaps = " \n" if self._stack[-1].start.flow_style else " "
        rest = self._text[end:].lstrip(" ")
        if rest[:1] != ":" or self._text[:start].rstrip(gaps)[-1:] == "?":
            raise self._refuse("YAML_COMPLEX_KEY", start)
        if key.kind == "word" and rest[1:2] not in (" ", "\n"):
            raise self._refuse("YAML_COLON_SPACE", start)

    def _check_start(self, start: yaml.error.Mark, block_column: int) -> None:
        """A value on a line of its own begins further in than the block around it."""
        if start.column <= block_column:
            raise self._refuse("YAML_INDENT", start.index)

    def _check_indent(self, start: yaml.error.Mark, end: yaml.error.Mark, block_column: int, *, comments: bool) -> None:
        """Lines that continue a value are further in than the block around it: PyYAML forgives, others do not."""
        offset = start.index - start.column
        for number, line in enumerate(self._text[offset : end.index].split("\n")):
            content = line.lstrip(" ")
            skipped = number == 0 or not content or (comments and content.startswith("#"))
            if not skipped and len(line) - len(content) <= block_column:
                raise self._refuse("YAML_INDENT", offset + len(line) - len(content))
            offset += len(line) + 1

    def _check_comments(self) -> None:
        """A comment stands after a space: PyYAML forgives `"a"#b`, others do not."""
        spans = iter([*self._scalars, (len(self._text), len(self._text))])
        start, end = next(spans)
        index = self._text.find("#")
        while index >= 0:
            while index >= end and end < len(self._text):
                start, end = next(spans)
            if start <= index < end:
                index = self._text.find("#", end)
                continue
            if index > 0 and self._text[index - 1] not in " \n":
                raise self._refuse("YAML_COMMENT_SPACE", index)
            newline = self._text.find("\n", index)
            index = self._text.find("#", newline)

    def _add(self, node: Node) -> None:
        if self._stack:
            self._stack[-1].children.append(node)
        else:
            self._root = node

    def _refuse(self, reason: str, index: int, **metadata: object) -> PolicyError:
        line, column = place(self._text, index)
        excerpt = self._text[index : index + _EXCERPT].split("\n", 1)[0]
        found = str(metadata.pop("found", excerpt))
        found = found if len(found) <= _EXCERPT else found[: _EXCERPT - 1] + "…"
        return PolicyError(reason, file=self._name, line=line, column=column, found=found, **metadata)
