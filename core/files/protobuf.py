"""Records of the protocol buffers that only TensorFlow can decode, and how to search their text.

`core.tf.files` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.words import counted


@dataclass(frozen=True)
class Group:
    """Nodes of a graph that belong together.

    Attributes:
        name: such as model, gradients or optimizer (`core.tf.files.GROUPS`), or "signature …".
        nodes: how many nodes it has; a signature has none, it only names some.
        examples: names of a few of them.
    """

    name: str
    nodes: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """What flows from one group to another: how many tensors, and how many "only after" orders."""

    source: str
    target: str
    tensors: int
    controls: int


@dataclass(frozen=True)
class Decoded:
    """A `.meta` or `saved_model.pb` file, decoded.

    Attributes:
        message: the protocol buffer's type, such as MetaGraphDef.
        size: of the file, in bytes.
        text: TensorFlow's text form, whole.
        facts: what stands out, as (what, answer).
        groups, edges: its graph, grouped.
        formula: the operations that lead to the prediction, in the order of their use, as (name, kind,
            what it takes); empty when the graph has none.
    """

    message: str
    size: int
    text: str
    facts: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    formula: tuple[tuple[str, str, str], ...] = ()

    def describe_graph(self) -> str:
        """The drawing in words."""
        boxes = ", ".join(f"{group.name} ({counted(group.nodes, 'node')})" for group in self.groups)
        flows = ", ".join(
            f"{edge.source} to {edge.target} ({_flow(edge)})"
            for edge in sorted(self.edges, key=lambda e: (-e.tensors, -e.controls, e.source, e.target))
        )
        return f"Groups: {boxes}. What flows: {flows or 'nothing between groups'}."


@dataclass(frozen=True)
class Found:
    """Lines of a text around those that hold what was searched for.

    Attributes:
        lines: (line number from 1, line, whether it is a hit); consecutive numbers belong together.
        hits: how many lines matched in the whole text.
        shown: how many of them are among `lines`.
    """

    lines: tuple[tuple[int, str, bool], ...]
    hits: int
    shown: int


def find_lines(text: str, wanted: str, context: int = 2, most: int = 200) -> Found:
    """The lines that hold `wanted` (upper and lower case alike), each with `context` lines around it.

    Args:
        most: at most so many lines come back; all hits are counted. Without anything wanted,
            the first `most` lines come back.
    """
    lines = text.splitlines()
    needle = wanted.strip().lower()
    if not needle:
        return Found(tuple((n + 1, line, False) for n, line in enumerate(lines[:most])), 0, 0)
    hits = [number for number, line in enumerate(lines) if needle in line.lower()]
    matching = set(hits)
    chosen: list[int] = []
    for hit in hits:
        first = max(0, hit - context, chosen[-1] + 1 if chosen else 0)
        around = range(first, min(len(lines), hit + context + 1))
        if len(chosen) + len(around) > most:
            break
        chosen.extend(around)
    shown = tuple((number + 1, lines[number], number in matching) for number in chosen)
    return Found(shown, len(hits), sum(hit for _, _, hit in shown))


def _flow(edge: Edge) -> str:
    parts = [counted(edge.tensors, "tensor")] if edge.tensors else []
    if edge.controls:
        parts.append(f"{edge.controls} only order")
    return ", ".join(parts)
