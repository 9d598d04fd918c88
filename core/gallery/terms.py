"""What a pasted text says, without what is the reader's own: its words, pairs of words, and marks.

Variables, paths, shapes and versions of another program say nothing, but what stands in their place does: a
key that ends in `/Adam`, a path that ends in `.meta`, a number after a name. Each becomes a mark such as
`<slot>`, which a message on a card becomes as well.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

# Words without meaning for the search. Not among them: `not`, `no`, `before`, `after`, `as`.
STOP = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are at be been being but by can could did do does for from get gets given got had
        has have how i if in into is it its may me my of on one or our should so some that the
        their them then there these this to too up us was we were what when where which while who
        why will with would you your s t py lib line file
        """,
    )
)
# What a traceback has in every case, whatever went wrong.
NOISE = frozenset(
    re.findall(
        r"\w+",
        """
        traceback most recent call last during handling above exception another occurred see
        original stack trace defined caused op python site packages framework tensorflow tf core
        module main self args kwargs import raise return def warning info error errors impl node
        session sess client ops op_kernel cc w e i
        """,
    )
)
# Plain words on the left say what cards say on the right.
SAME = {
    other: word
    for word, others in {
        "argument": "arguments",
        "byte": "bytes",
        "checkpoint": "checkpoints ckpt ckpts",
        "class": "classes",
        "copy": "copied",
        "delete": "deleted deletes deleting removed remove disappeared disappear vanished gone",
        "directory": "directories folder folders dir",
        "epoch": "epochs",
        "file": "files",
        "function": "functions",
        "initialize": "initialized initializer reinitialize",
        "keep": "keeps kept keeping",
        "layer": "layers",
        "load": "loading loaded loads",
        "lost": "loses losing lose",
        "missing": "misses",
        "model": "models",
        "move": "moved moving",
        "name": "names",
        "object": "objects",
        "optimizer": "optimizers optimiser optimizer's",
        "overwrite": "overwritten overwrites",
        "rename": "renamed",
        "reset": "resets resetting",
        "restart": "restarting restarted",
        "restore": "restoring restored restores reload recover",
        "resume": "resuming resumed continuing continue continues continued",
        "save": "saving saved saves stores store",
        "shape": "shapes",
        "signature": "signatures",
        "start": "starts started",
        "step": "steps",
        "tag": "tags",
        "tensor": "tensors",
        "train": "retrain training trained",
        "value": "values",
        "variable": "variables",
        "weight": "weights",
        "zero": "zeros",
    }.items()
    for other in others.split()
}
EMPTY = STOP | NOISE
EXCEPTION = re.compile(r"^[a-z]*(?:error|exception|warning)$")
OPTIMIZERS = "Adam|Adagrad|Adadelta|Momentum|RMSProp|RMSprop|Ftrl|LARS|LAMB|AdamW|AdamWeightDecay"
SLOT = rf"(?:{OPTIMIZERS})(?:Optimizer)?(?:_\d+)?"
# A layer's name, as Keras gives it.
AUTOMATIC = r"(?:conv[123]d|dense|lstm|gru|embedding|batch_normalization|layer)_\d+(?=/)"
PATH = r"(?<![\w.:~\\/-])[\w.:~\\/-]*?"  # begins where a path may begin, so that it is looked at once
# In the place of what is the reader's own stands a mark that says what kind of thing it was.
SENTENCES = (
    ("Restoring from checkpoint failed.", " "),
    (
        "This is most likely due to a Variable name or other graph key that is missing from the checkpoint.",
        " keymissing ",
    ),
    (
        "This is most likely due to a mismatch between the current graph and the graph from the checkpoint.",
        " ",
    ),
    ("Please ensure that you have not altered the graph expected based on the checkpoint.", " "),
    ("Original error:", " "),
)
MARKS = (
    # TensorFlow's introduction is the same for many causes: it must not outweigh what follows.
    *((re.escape(said).replace(r"\ ", r"\s+"), mark) for said, mark in SENTENCES),
    (r"Variable name or other graph key that is mis\w*", " keymissing "),  # a message that was cut off
    (r'^\s*File "[^"\n]*", line \d+(?:, in [\w<>.]+)?', " "),
    (r"https?://\S+", " "),
    (r"0x[0-9a-fA-F]+", " "),
    (r"\bsave(?:_\d+)?/(?=\w)", " "),
    (r"\b(Assign|RestoreV2|SaveV2)_\d+", r"\1"),
    (rf"\b[\w./:-]+/{SLOT}(?![\w/])", " <slot> "),
    (r"(?<=[\w/-])\[\w+\](?=[\w/-])", " <brackets> "),
    (r"\b(?:Adam|RMSprop)/(?:m|v|vhat|velocity)/[\w./:-]+", " <kerasslot> "),
    (rf"\b{AUTOMATIC}", " <automatic> "),
    (r"(?:'?\b[a-z]\b'?, ){3,}'?[a-z]\b'?", " <letters> "),
    (r"\(root\)\.(?:optimizer|save_counter)(?:'s state '\w+' for \(root\))?[\w.'-]*", " <rootoptimizer> "),
    (r"\(root\)\.[\w.'-]+", " <rootlayer> "),
    (PATH + r"\.data-\d{5}-of-\d{5}(?:\.tempstate\d+)?", " <datafile> "),
    (r"\btempstate\d+", " tempstate "),
    (PATH + r"\.meta\b", " <metafile> "),
    (PATH + r"\.index\b", " <indexfile> "),
    (PATH + r"\.weights\.h5\b", " <weightsfile> "),
    (PATH + r"\.(?:h5|hdf5)\b", " <hfile> "),
    (PATH + r"\.keras\b", " <kerasfile> "),
    (PATH + r"saved_model\.pb(?:txt)?\b", " <savedmodelpb> "),
    (r"\b(errno|flags|o_flags) = (\d+)", r" \1\2 "),
    (r"(?<=[=(\s])-1\b", " minusone "),
    (r"tag(?:s|_sets|[ -]sets?)? ?:? ?'?\[\]'?|\[\]", " <emptylist> "),
    (r"\b0 (?=layers)", " zero "),
    (r"\[[\d, ?None]*\d[\d, ?None]*\]|\((?:\d+|None|\?)(?:, ?(?:\d+|None|\?))*,?\)", " <shape> "),
    (r"(?:(?<=[\s'\"(=])|^)(?:[A-Za-z]:|~|\.{1,2})?[/\\][\w.+~/\\-]{2,}", " "),
    (r"(?<=\w)_\d+\b", " "),
)
# A name of the reader's, where a message has one: what kind of name it is tells, not which.
NAMED = re.compile(r"\b(Key|uninitialized\s+value)\s+([\w./:-]*\w)(?=\s+not\s+found|[\s\]]|$)")
# What a mark says to the reader whose text it was found in.
SAYS = {
    "<numbered>": "a number after a name",
    "<slot>": "a variable of an optimizer",
    "<kerasslot>": "a variable of an optimizer",
    "<unnamed>": "a variable without a name",
    "<automatic>": "a layer with an automatic name",
    "<brackets>": "brackets in a path",
    "<letters>": "single letters",
    "<emptylist>": "an empty list",
    "<datafile>": "a .data file",
    "<metafile>": "a .meta file",
    "<indexfile>": "an .index file",
    "<rootoptimizer>": "values of an optimizer",
    "<rootlayer>": "values of a layer",
}
COMPILED = tuple((re.compile(pattern, re.MULTILINE), mark) for pattern, mark in MARKS)
TERM = re.compile(r"<[a-z]+>|[A-Za-z]+\d*|\[(?=[a-z])")


@dataclass(frozen=True)
class Terms:
    """The terms of a text, and its words as they were written, in their order."""

    terms: frozenset[str]
    words: tuple[str, ...]


def _kind_of_name(match: re.Match[str]) -> str:
    """The mark for a variable's name after `Key` or `uninitialized value`."""
    before, name = match.groups()
    if name == "_CHECKPOINTABLE_OBJECT_GRAPH":
        return f"{before} {name}"
    last = name.rpartition("/")[2]
    if re.fullmatch(rf"{SLOT}|beta[12]_power(?:_\d+)?", last) and (before == "Key"):
        return f"{before} <slot> "
    counted = re.search(r"_\d+$", name) and not re.match(r"Variable_\d+$", last)
    numbered = " <numbered> " if counted or re.match(AUTOMATIC, name) else ""
    if before == "Key":
        again = " <numbered> " if re.match(r"Variable_\d+$", name) else numbered
        return f"{before} {'<unnamed>' if name.startswith('Variable') else '<key>'} {again}"
    return f"{before} {numbered}"


def canonical(word: str) -> str:
    return SAME.get(word, word)


def terms_of(text: str) -> Terms:
    """The words, pairs and marks of a text, without what is the reader's own."""
    text = NAMED.sub(_kind_of_name, text)
    for pattern, mark in COMPILED:
        text = pattern.sub(mark, text)
    written = TERM.findall(text.replace("_", " "))
    words = [canonical(word.lower()) for word in written]
    words = [word for word in words if word == "[" or (len(word) > 1 and word not in EMPTY)]
    pairs = {f"{first} {second}" for first, second in pairwise(words)}
    single = {word for word in words if word != "["}
    return Terms(
        frozenset(single | pairs), tuple(word for word in written if not word.startswith(("<", "[")))
    )
