"""Scripts for Keras files: they change the file itself, so that layers of the visitor's own need no code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.inspect.find import SHARDED
from core.inspect.model import SLOT, Listing
from core.inspect.scripts import parts
from core.inspect.scripts.of_objects import names_of
from core.inspect.scripts.script import (
    Script,
    averaged,
    averaging,
    casting,
    filled,
    floats,
    refuse_nothing,
    renaming,
    stripped,
)

ENDINGS = (".weights.h5", ".keras", ".h5", ".hdf5")
_GROUPS = ["optimizer", "optimizer_weights"]
_READ = """
with opened(FILE) as file:
    values = {name: number(each) for name, each in arrays(file).items() if kept(name)}
"""
_LOAD = """
load(COPY, values)
"""


def drop_slots(found: Listing, path: str) -> Script:
    """Write a copy without the optimizer's values.

    Raises:
        ValueError: there is nothing to take away, or the weights are in several files.
    """
    _refuse_several(path)
    # An optimizer that a model has under a name of its own is in a group of that name.
    own = {each.key.partition("/vars/")[0] for each in found.tensors if each.role == SLOT}
    groups = [*_GROUPS, *sorted(group for group in own if group.partition("/")[0] not in _GROUPS)]
    dropped = [each for each in found.tensors if any(f"{each.key}/".startswith(f"{one}/") for one in groups)]
    refuse_nothing(dropped, found)
    body = f"{_READ}write(COPY, FILE, values)\n"
    doc = "Write a copy of a Keras file without its optimizer."
    text = _text(found, doc, path, "without-optimizer", groups, body)
    return stripped(found, dropped, text)


def rename(found: Listing, path: str, names: Mapping[str, str]) -> Script:
    """Write a copy in which layers have other names.

    Args:
        names: name of a layer to its new one.

    Raises:
        ValueError: no layer is called so, another one is already, or the weights are in several files.
    """
    _refuse_several(path)
    known = {part for each in found.weights() for part in each.layer.split("/")} | set(found.kinds)
    for old, new in names.items():
        if old not in known:
            raise ValueError(f"No layer of {found.path} is called {old}.")
        if new in known:
            raise ValueError(f"A layer of {found.path} is called {new} already.")
    body = f"""

def called(name):
    \"\"\"A path with the new names. Paths of the newer format have none: layers are numbered there.\"\"\"
    return "/".join(NAMES.get(part, part) for part in name.split("/")) if BY_NAME else name


def renamed(config):
    \"\"\"A model's configuration with the new names, where layers are named or referred to.\"\"\"
    if isinstance(config, dict):
        found = {{key: renamed(value) for key, value in config.items()}}
        if isinstance(found.get("name"), str):
            found["name"] = NAMES.get(found["name"], found["name"])
        return found
    if isinstance(config, list):
        refers = len(config) > 1 and isinstance(config[0], str) and isinstance(config[1], int)
        return [NAMES.get(config[0], config[0]) if refers and n == 0 else renamed(value)
                for n, value in enumerate(config)]
    return config


def told(text):
    \"\"\"A text of the file with the new names: a layer's own, or the configuration.\"\"\"
    return json.dumps(renamed(json.loads(text))) if text.startswith("{{") else NAMES.get(text, text)

{_READ}write(COPY, FILE, values, told, called)
"""
    legacy = not found.tensors or not any("/vars/" in f"/{each.key}" for each in found.tensors)
    more = {"NAMES": dict(names), "BY_NAME": legacy}
    doc = "Write a copy of a Keras file in which layers have other names."
    text = _text(found, doc, path, "renamed", [], body, more)
    return renaming(names, text)


def cast(found: Listing, path: str, dtype: str) -> Script:
    """Write a copy in which what has another float type has this one.

    Raises:
        ValueError: nothing has another float type, or the weights are in several files.
    """
    _refuse_several(path)
    keys = [each.key for each in floats(found, dtype)]
    body = f"""
FLOATS = ("bfloat16", "float16", "float32", "float64")


def told(text):
    \"\"\"A text of the file with the new type: an array's own, or the configuration.\"\"\"
    if not text.startswith("{{"):
        return DTYPE if text in FLOATS else text
    for name in FLOATS:
        text = text.replace(f'"name": "{{name}}"', f'"name": "{{DTYPE}}"')
        text = text.replace(f'"dtype": "{{name}}"', f'"dtype": "{{DTYPE}}"')
    return text

{_READ}for name in CAST:
    values[name] = values[name].astype(DTYPE)
write(COPY, FILE, values, told)
"""
    doc = f"Write a copy of a Keras file in {dtype}."
    text = _text(found, doc, path, dtype, [], body, {"DTYPE": dtype, "CAST": keys})
    return casting(keys, dtype, text)


def average(found: Sequence[Listing], paths: Sequence[str]) -> Script:
    """Average the arrays of several files; what is no float comes from the last.

    Raises:
        ValueError: the weights of one are in several files.
    """
    for path in paths:
        _refuse_several(path)
    same = averaged(found)
    body = f"""
{_READ}several = []
for path in FILES:
    with opened(path) as file:
        there = arrays(file)
        several.append({{name: number(there[name]) for name in AVERAGED}})
for name in AVERAGED:
    mean = np.mean([each[name].astype(np.float64) for each in several], axis=0)
    values[name] = mean.astype(values[name].dtype)
write(COPY, FILE, values)
"""
    more = {"FILES": list(paths), "AVERAGED": [each.key for each in same]}
    doc = "Average several Keras files of one training."
    text = _text(found[-1], doc, paths[-1], "average", [], body, more)
    return averaging(found, same, text)


def to_saver(found: Listing, path: str) -> Script:
    """Keras file → Saver: each weight by its layer and name.

    Raises:
        ValueError: two weights have one name, or the weights are in several files.
    """
    _refuse_several(path)
    body = """
with opened(FILE) as file:
    there = arrays(file)
    tensors = {name: number(there[key]) for name, key in NAMES.items()}
write_names(COPY, tensors)
"""
    constants = {"FILE": path, "COPY": f"{_stem(path)}-by-name", "DROPPED": [], "NAMES": names_of(found)}
    used = (parts.COUNT, parts.KERAS, parts.NAMES, body)
    text = filled("Write the weights of a Keras file by name, as a Saver does.", constants, *used)
    return Script("to_saver.py", "To a Saver's checkpoint", text, tuple(constants["NAMES"]))


def to_weights(path: str) -> Script:
    """`.keras` → `.weights.h5`: the file that is inside."""
    body = f"""
{_READ}with zipfile.ZipFile(FILE) as archive, open(COPY, "wb") as file:
    file.write(archive.read(WEIGHTS))
with opened(COPY) as file:
    back = {{name: number(each).tobytes() for name, each in arrays(file).items()}}
count(COPY, [name for name, value in values.items() if back.get(name) != value.tobytes()], values)
"""
    constants = {"FILE": path, "COPY": f"{_stem(path)}.weights.h5", "DROPPED": []}
    text = filled("Take the weights out of a .keras file.", constants, parts.COUNT, parts.KERAS, body)
    return Script("to_weights.py", "To a .weights.h5", text, (str(constants["COPY"]),))


def _text(
    found: Listing,
    doc: str,
    path: str,
    what: str,
    dropped: list[str],
    body: str,
    more: Mapping[str, object] | None = None,
) -> str:
    """A script that writes a copy, and lets Keras load it where the file says how to build the model."""
    ending = next((each for each in ENDINGS if path.endswith(each)), "")
    constants = {"FILE": path, "COPY": f"{_stem(path)}-{what}{ending}", "DROPPED": dropped, **(more or {})}
    if path.endswith(".weights.h5") or not found.kinds:  # no file of weights alone can be loaded whole
        return filled(doc, constants, parts.COUNT, parts.KERAS, body)
    return filled(doc, constants, parts.COUNT, parts.KERAS, parts.LOADED, body, _LOAD)


def _stem(path: str) -> str:
    return path.removesuffix(next((each for each in ENDINGS if path.endswith(each)), ""))


def _refuse_several(path: str) -> None:
    if path.endswith(SHARDED):
        raise ValueError(f"The weights of {path} are in several files: load them and save them as one first.")
