"""`make messages`: list every message of saving and loading, of all versions, into
core/gallery/messages.jsonl.gz.

Each line has an exception (or `warning`, `log`), the fixed parts, the kinds of the holes between them, where
it is raised in the newest version, the condition before it, and in which versions of which package it is.
"""

import argparse
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools.messages.native import OTHERS, found_in, parts_and_holes
from tools.messages.packages import INSTALLED, Package, earlier, installed
from tools.messages.reading import Message, messages_in

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "core" / "gallery" / "messages.jsonl.gz"
Row = dict[str, object]
Found = Iterator[tuple[str, Message]]


def of_python(package: Package) -> Found:
    for path, functions, source in package.sources():
        try:
            messages = list(messages_in(source))
        except SyntaxError as error:
            print(f"  {path} is not read: {error.msg}")
            continue
        yield from ((path, message) for message in messages if re.search(functions, message.function))


def of_libraries(package: Package) -> Found:
    code = [package.read(path) for path in package.libraries()]
    for where, raises, template in found_in(package.name, code):
        yield where, Message(raises, *parts_and_holes(template), "", "")


def rows(packages: list[Package]) -> list[Row]:
    """One row a message, however many versions and places have it; the newest place stands for all."""
    seen: dict[tuple[str, tuple[str, ...]], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    newest: dict[tuple[str, tuple[str, ...]], tuple[str, Message]] = {}
    for package in packages:
        count = 0
        for where, message in (*of_python(package), *of_libraries(package)):
            key = message.raises, message.parts
            count += package.version not in seen[key][package.name]
            if package.version not in seen[key][package.name]:
                seen[key][package.name].append(package.version)
            newest[key] = where, message
        print(f"{package.name} {package.version}: {count} messages")
    found: list[Row] = [
        {
            "raises": message.raises,
            "parts": message.parts,
            "holes": message.holes,
            "where": f"{where} {message.function}".strip(),
            "check": message.check,
            "in": dict(seen[key]),
        }
        for key, (where, message) in newest.items()
    ]
    for program, raises, template in OTHERS:
        parts, holes = parts_and_holes(template)
        found.append(
            {"raises": raises, "parts": parts, "holes": holes, "where": program, "check": "", "in": {}}
        )
    return sorted(found, key=lambda row: (row["where"], row["parts"]))


def version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.messages", description=__doc__)
    parser.add_argument(
        "--wheels", type=Path, default=ROOT / ".wheels", help="where the earlier versions are kept"
    )
    folder = parser.parse_args().wheels
    packages = [*map(installed, INSTALLED), *earlier(folder)]
    packages.sort(key=lambda package: (package.name, version(package.version)))
    table = rows(packages)
    lines = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in table)
    # Without a time in the head the same table is the same file.
    TABLE.write_bytes(gzip.compress(lines.encode(), mtime=0))
    print(f"{len(table)} messages, {TABLE.stat().st_size / 1000:.0f} kB in {TABLE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
