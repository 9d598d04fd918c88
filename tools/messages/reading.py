"""The messages that a Python source raises, warns of or logs, read from its syntax: nothing is imported or
run.

`raise ValueError(f"Unknown {kind}: '{name}'")` has the fixed parts "Unknown ", ": '" and "'", with the holes
`kind` and `name` between them. F-strings, `%`, `.format` and `+` are understood, and names that got a text
earlier in the function.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Formatter

PERCENT = re.compile(r"%(?:\((\w+)\))?[-#0 +]*(?:\*|\d+)?(?:\.\d+)?[diouxXeEfFgGcrsa]")
LOGGERS = {"warn", "warning", "error", "warn_once", "log_first_n"}
LONGEST_CHECK = 120  # characters of a condition


@dataclass(frozen=True)
class Message:
    """What one place in a source may say. `raises` is an exception's name, or `warning` or `log`."""

    raises: str
    parts: tuple[str, ...]
    holes: tuple[str, ...]
    function: str
    check: str


@dataclass
class _Text:
    """Fixed parts and holes, as far as they are known; two of them can be joined."""

    parts: list[str] = field(default_factory=lambda: [""])
    holes: list[str] = field(default_factory=list)

    def __add__(self, other: "_Text") -> "_Text":
        joined = [*self.parts[:-1], self.parts[-1] + other.parts[0], *other.parts[1:]]
        return _Text(joined, self.holes + other.holes)


def messages_in(source: str) -> Iterator[Message]:
    """Every message of a source. Raises SyntaxError when it is no Python that this Python reads."""
    yield from _Reader().read(ast.parse(source))


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found: list[Message] = []
        self.functions: list[str] = []
        self.checks: list[str] = []
        self.texts: list[dict[str, _Text]] = [{}]

    def read(self, tree: ast.Module) -> list[Message]:
        self.visit(tree)
        return self.found

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._inside(node.name, node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node.name, node)

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def _inside(self, name: str, node: ast.AST) -> None:
        self.functions.append(name)
        self.texts.append(dict(self.texts[-1]))
        checks, self.checks = self.checks, []
        self.generic_visit(node)
        self.checks = checks
        self.texts.pop()
        self.functions.pop()

    def visit_If(self, node: ast.If) -> None:
        condition = ast.unparse(node.test)
        for statements, check in ((node.body, condition), (node.orelse, f"not ({condition})")):
            self.checks.append(check)
            for statement in statements:
                self.visit(statement)
            self.checks.pop()

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.checks.append(f"except {ast.unparse(node.type)}" if node.type else "except")
        self.generic_visit(node)
        self.checks.pop()

    def visit_Assign(self, node: ast.Assign) -> None:
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            text = self._text(node.value)
            if any(part.strip() for part in text.parts):
                self.texts[-1][node.targets[0].id] = text
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name) and node.target.id in self.texts[-1]:
            self.texts[-1][node.target.id] += self._text(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if owner == "warnings" and name == "warn":
            self._keep("warning", node)
        elif name == "log_fn" or (name in LOGGERS and "log" in owner):
            self._keep("log", node)
        elif name == "__class__":
            self._keep("Error", node)  # the same exception again, with more to say
        elif re.fullmatch(r"[A-Z]\w*(Error|Exception)", name):
            self._keep(name, node)  # raised here, or a few lines below
        self.generic_visit(node)

    def _keep(self, raises: str, call: ast.Call) -> None:
        values = [*call.args, *(word.value for word in call.keywords)]
        texts = [self._text(value) for value in values]
        if raises == "log" and call.args:
            # `logging.warning("… %s", name)`: the arguments fill the holes of the first.
            fills = [_kind(value) for value in call.args[1:]]
            texts = [_percent("".join(texts[0].parts), fills) if fills and not texts[0].holes else texts[0]]
        best = max(texts, key=lambda text: sum(map(len, text.parts)), default=_Text())
        if any(part.strip() for part in best.parts):
            self.found.append(
                Message(
                    raises,
                    tuple(best.parts),
                    tuple(best.holes),
                    ".".join(self.functions),
                    _short(self.checks[-1]) if self.checks else "",
                )
            )

    def _text(self, node: ast.expr) -> _Text:
        match node:
            case ast.Constant(value=str(literal)):
                return _Text([literal])
            case ast.JoinedStr(values=values):
                text = _Text()
                for value in values:
                    text += self._text(value)
                return text
            case ast.FormattedValue(value=value):
                inner = self._text(value) if isinstance(value, ast.Name) else None
                return inner if inner and inner.parts != ["", ""] else _hole(_kind(value))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._text(left) + self._text(right)
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                template = self._text(left)
                values = right.elts if isinstance(right, ast.Tuple) else [right]
                return _percent("\0".join(template.parts), [_kind(value) for value in values])
            case ast.Call(func=ast.Attribute(value=value, attr="format")):
                return _format("".join(self._text(value).parts), node.args)
            case ast.Name(id=name) if name in self.texts[-1]:
                return self.texts[-1][name]
            case ast.Call(func=ast.Attribute(attr="dedent"), args=[only]):
                return self._text(only)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join")):
                return _hole("list")
        return _hole(_kind(node))


def _hole(kind: str) -> _Text:
    return _Text(["", ""], [kind])


def _percent(template: str, kinds: list[str]) -> _Text:
    text, after = _Text(), 0
    template = template.replace("%%", "\1")
    for count, match in enumerate(PERCENT.finditer(template)):
        kind = match[1] or (kinds[count] if count < len(kinds) else "value")
        kind = "number" if match[0][-1] in "diouxXeEfFgG" else kind
        text += _Text([template[after : match.start()]]) + _hole(kind)
        after = match.end()
    text += _Text([template[after:]])
    return _Text([part.replace("\1", "%").replace("\0", "") for part in text.parts], text.holes)


def _format(template: str, arguments: list[ast.expr]) -> _Text:
    text, count = _Text(), 0
    try:
        for literal, name, _, _ in Formatter().parse(template):
            text += _Text([literal])
            if name is not None:
                place = int(name) if name.isdigit() else count
                kind = _kind(arguments[place]) if place < len(arguments) and not name.isalpha() else ""
                text += _hole(kind or re.sub(r"\W.*", "", name) or "value")
                count += 1
    except ValueError:  # a brace that opens no field
        return _Text([template])
    return text


def _kind(node: ast.expr) -> str:
    """What stands in a hole, by the expression that fills it: a path, a number, a class, a configuration …"""
    match node:
        case ast.Call(func=ast.Name(id="len")):
            return "number"
        case ast.Call(func=ast.Name(id="type")) | ast.Attribute(attr="__name__" | "__class__"):
            return "class"
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[only]):
            return _kind(only)
        case ast.Call(func=function):
            name = _last_name(function)
        case _:
            name = _last_name(node)
    for pattern, kind in KINDS:
        if re.search(pattern, name.lower()):
            return kind
    return "value"


KINDS = (
    (r"path|dir|file|prefix", "path"),
    (r"shape", "shape"),
    (r"config", "configuration"),
    (r"class|cls", "class"),
    (r"num|count|len|size", "number"),
    (r"dtype", "type"),
    (r"arg|kwarg|param", "arguments"),
    (r"name|key|id$", "name"),
    (r"^(e|ex|err|error|exception)$", "error"),
)


def _last_name(node: ast.expr | None) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
        case ast.Call(func=function):
            return _last_name(function)
    return ""


def _short(check: str) -> str:
    return check if len(check) <= LONGEST_CHECK else f"{check[: LONGEST_CHECK - 1]}…"
