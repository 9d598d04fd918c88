"""The command line: which command is meant, its options, and its answer in the form that was asked for."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from core.checkpoint import CheckpointError
from core.inspect import confined
from serve.about import NAME, release

# Which module does what; none is imported before it is needed, so that the command starts soon.
MODULES = {
    "inspect": "inspecting",
    "diff": "differing",
    "check": "checking",
    "will-load": "loading",
    "load": "loading",
    "convert": "rewriting",
    "strip": "rewriting",
    "rename": "rewriting",
    "cast": "rewriting",
    "average": "rewriting",
    "export": "exporting",
    "report": "reporting",
    "watch": "watching",
}
SERVING = ("serve", "worker", "scheduler")  # of the application, if it is installed
_PATH = "PATH is a file, a prefix such as model.ckpt-100, a folder, or a step: DIR@100, DIR@newest, DIR@best."
_EPILOG = f"""{_PATH}
The exit status is 0 when all is well or the same, 1 when something is wrong or differs, and 2 when it
cannot be read. {NAME} DIR serves the application with that folder open; see {NAME} serve --help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # of a terminal that has not every character
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    word = words[0] if words else ""
    if word in ("-h", "--help"):
        _parser().print_help()
        return 0
    if word == "--version":
        print(f"{NAME} {release()}")
        return 0
    if word not in MODULES:
        return _serve(words)
    asked = _parser().parse_args(words)
    try:
        return _answered(asked)
    except BrokenPipeError:
        _silence()  # whoever reads has read enough
        return 0
    except KeyboardInterrupt:
        return 0 if asked.command == "watch" else 130


def _answered(asked: argparse.Namespace) -> int:
    confined.begin()  # it loads what reading needs while this process loads the rest
    if asked.command == "watch":
        from command import watching

        try:
            return watching.run(asked)
        except CheckpointError as error:
            return _refuse(asked, error)
    if not (asked.json or asked.markdown):
        import rich.console
        import rich.table  # noqa: F401  (now, while the other process cannot answer yet)
    try:
        told = import_module(f"command.{MODULES[asked.command]}").run(asked)
    except CheckpointError as error:
        return _refuse(asked, error)
    from command.told import UNREADABLE, as_json, as_markdown, for_people

    try:
        if asked.json:
            print(as_json(told))
        elif asked.markdown:
            print(as_markdown(told), end="")
        else:
            for_people(told, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _silence()
        print(f"{NAME}: The answer cannot be written: {error.strerror}.", file=sys.stderr)
        return int(UNREADABLE)
    return int(told.status)


def _silence() -> None:
    """What is still in the buffer of the output must not raise once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(asked: argparse.Namespace, error: CheckpointError) -> int:
    from command.told import UNREADABLE, Told, as_json
    from core.words import printable

    if asked.json:
        data = {"command": asked.command, "error": {"kind": error.kind, "sentence": str(error)}}
        print(as_json(Told(data)))
    print(printable(f"{NAME}: {error}"), file=sys.stderr)
    return UNREADABLE


def _serve(words: list[str]) -> int:
    """The application: the bare command, a folder to open, or options alone."""
    word = words[0] if words else ""
    if word and not word.startswith("-") and word not in SERVING and not Path(word).exists():
        alike = get_close_matches(word, [*MODULES, *SERVING], 1)
        if alike:
            print(f"{NAME}: There is no command {word}. Did you mean {alike[0]}?", file=sys.stderr)
            return 2
    try:
        from serve.starting import main as serve
    except ModuleNotFoundError as error:
        print(
            f"{NAME}: The application is not installed ({error.name} is missing). "
            f"Install it with: pip install '{NAME}[app]'",
            file=sys.stderr,
        )
        return 2
    return serve(words[1:] if word == "serve" else words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Look into TensorFlow and Keras checkpoints. Nothing in them is executed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str, what: str, *, forms: bool = True) -> argparse.ArgumentParser:
        each = commands.add_parser(name, help=what, description=what, epilog=_PATH)
        if forms:
            form = each.add_mutually_exclusive_group()
            form.add_argument(
                "--json", action="store_true", help="print JSON; docs/command.schema.json describes it"
            )
            form.add_argument("--markdown", action="store_true", help="print Markdown, for a pull request")
        return each

    _add_reading(add)
    _add_writing(add)
    commands.add_parser("serve", help="start the application, as the bare command does", add_help=False)
    return parser


Add = Callable[..., argparse.ArgumentParser]


def _patterns(parser: argparse.ArgumentParser) -> None:
    for name in ("include", "exclude"):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="PATTERN",
            help="such as '*/kernel'; may be repeated",
        )


def _add_reading(add: Add) -> None:
    inspect = add("inspect", "What is in it: layers, shapes, types, parameters, sizes.")
    inspect.add_argument("path", metavar="PATH")
    inspect.add_argument("-a", "--all", action="store_true", help="list every tensor, and every checkpoint")
    inspect.add_argument("--tensor", metavar="NAME", help="statistics, histogram and numbers of one tensor")
    inspect.add_argument("--slice", metavar="0:5,0:5", help="which numbers of it to print")
    inspect.add_argument("--code", action="store_true", help="the code that loads it, to be copied")
    inspect.add_argument(
        "--over-time", action="store_true", help="every tensor from the first step to the last"
    )
    _patterns(inspect)
    diff = add("diff", "What differs between two checkpoints, of any formats.")
    diff.add_argument("first", metavar="A")
    diff.add_argument("second", metavar="B")
    diff.add_argument("--rtol", type=_tolerance, default=0.0, help="relative tolerance of an element (0)")
    diff.add_argument("--atol", type=_tolerance, default=0.0, help="absolute tolerance of an element (0)")
    diff.add_argument("--weights-only", action="store_true", help="leave out the optimizer and counters")
    diff.add_argument("-a", "--all", action="store_true", help="list what is the same, too")
    _patterns(diff)
    check = add("check", "Damage, NaN, layers that stopped, missing steps, state files.")
    check.add_argument("paths", metavar="PATH", nargs="+")
    check.add_argument("--quick", action="store_true", help="do not read the values")
    check.add_argument(
        "--fail-on",
        type=_kinds,
        metavar="KIND,…",
        help="what makes the exit status 1 (damage,nan); a KIND that is none lists them all",
    )
    for name in ("will-load", "load"):
        load = add(name, "Would it load? Weight by weight, with the loader's own message and a way out.")
        load.add_argument("source", metavar="SOURCE")
        target = "a .meta file, a SavedModel, a Keras file or its JSON, or another checkpoint"
        if name == "load":
            load.add_argument("--into", dest="target", metavar="TARGET", required=True, help=target)
        else:
            load.add_argument("target", metavar="TARGET", help=target)
        load.add_argument("--model-alone", action="store_true", help="without the optimizer")
        load.add_argument("--by-name", action="store_true", help="Keras' by_name=True, of .h5 files")
        load.add_argument("--skip-mismatch", action="store_true", help="Keras' skip_mismatch=True")
        load.add_argument("-a", "--all", action="store_true", help="list what loads, too")
    watch = add("watch", "Print each new checkpoint of a folder as soon as it is whole.", forms=False)
    watch.add_argument("path", metavar="DIR")
    watch.add_argument("--json", action="store_true", help="one line of JSON for each")
    watch.add_argument(
        "--every", type=_seconds, default=0.5, metavar="SECONDS", help="between two looks (%(default)s)"
    )
    watch.add_argument("--for", dest="seconds", type=_seconds, metavar="SECONDS", help="end after so long")
    watch.add_argument("--new", action="store_true", help="leave out what is there at the start")
    watch.add_argument("--once", action="store_true", help="end after the first")


def _add_writing(add: Add) -> None:
    scripts = {
        "convert": "A script that writes the weights in another format.",
        "strip": "A script that writes a copy without the optimizer's slots.",
        "rename": "A script that writes a copy in which tensors, layers or objects have other names.",
        "cast": "A script that writes a copy with another float type.",
        "average": "A script that averages the last checkpoints of a series into one.",
    }
    for name, what in scripts.items():
        script = add(name, what)
        script.add_argument("path", metavar="PATH")
        if name == "rename":
            what = "a tensor, layer or object; with a slash at its end the beginning of many: old/=new/"
            script.add_argument("names", metavar="OLD=NEW", nargs="+", help=what)
        if name == "convert":
            into = ("saved-model", "saver", "objects", "weights.h5", "keras")
            script.add_argument("--to", choices=into, default=into[0], help=f"the format ({into[0]})")
            said = "of a graph: such as x=X:0, what callers say and the tensor's name; may be repeated"
            script.add_argument("--input", action="append", default=[], metavar="NAME=TENSOR", help=said)
            script.add_argument(
                "--output", dest="output_name", action="append", default=[], metavar="NAME=TENSOR", help=said
            )
        if name == "cast":
            types = ("float32", "float64", "float16")
            script.add_argument("--to", choices=types, default=types[0], help=f"the type ({types[0]})")
        if name == "average":
            script.add_argument("--last", type=_several, default=5, metavar="N", help="how many (5)")
        script.add_argument("-o", dest="output", metavar="FILE", help="write the script there")
        script.add_argument("--run", action="store_true", help="run it with the TensorFlow that is installed")
    export = add("export", "Tensors as .npz, .npy or .csv; the model's weights if none is named.")
    export.add_argument("path", metavar="PATH")
    export.add_argument("tensors", metavar="TENSOR", nargs="*", help="a name, a key, or a pattern")
    export.add_argument("-o", dest="output", metavar="FILE", required=True)
    report = add("report", "One HTML file to hand on: over time, problems, contents, first against last.")
    report.add_argument("path", metavar="PATH")
    report.add_argument("-o", dest="output", metavar="FILE", default="report.html", help="(report.html)")
    report.add_argument("--quick", action="store_true", help="do not verify every value")


def _kinds(text: str) -> tuple[str, ...]:
    from command.checking import kinds

    return kinds(text)


def _seconds(text: str) -> float:
    return _number(text, f"{text} is no time; give seconds from 0.")


def _several(text: str) -> int:
    number = _number(text, said := f"{text} is no number of checkpoints; give one from 2.")
    if number < 2 or number != int(number):
        raise argparse.ArgumentTypeError(said)
    return int(number)


def _tolerance(text: str) -> float:
    return _number(text, f"{text} is no tolerance; give a number from 0.")


def _number(text: str, said: str) -> float:
    """A number from 0; what is none is refused in these words."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(said)
    return value
