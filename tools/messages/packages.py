"""The packages whose messages are listed, and which of their files save or load.

The installed ones are read where they are. Earlier ones are wheels from PyPI, fetched as files and read
inside the zip: nothing of them is installed, imported or run.
"""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

INSTALLED = ("keras", "tensorflow", "h5py")
# Name, version, and the Python and platform of a wheel that is not for every Python.
EARLIER = (
    ("keras", "2.2.4", "", ""),
    ("keras", "2.3.1", "", ""),
    ("keras", "2.6.0", "", ""),
    ("keras", "2.10.0", "", ""),
    ("keras", "2.13.1", "", ""),
    ("keras", "2.15.0", "", ""),
    ("keras", "3.0.5", "", ""),
    ("keras", "3.3.3", "", ""),
    ("keras", "3.6.0", "", ""),
    ("keras", "3.8.0", "", ""),
    ("keras", "3.10.0", "", ""),
    ("tf_keras", "2.16.0", "", ""),
    ("tf_keras", "2.21.0", "", ""),
    ("tensorflow", "1.15.5", "37m", "manylinux2010_x86_64"),
    ("tensorflow-cpu", "2.4.4", "38", "manylinux2010_x86_64"),
    ("tensorflow-cpu", "2.10.1", "39", "manylinux_2_17_x86_64"),
    ("tensorflow-cpu", "2.15.1", "310", "manylinux_2_17_x86_64"),
    ("tensorflow-cpu", "2.16.2", "310", "manylinux_2_17_x86_64"),
    ("h5py", "2.10.0", "37m", "manylinux1_x86_64"),
)
# Of files that also do other things, the functions that save, load or describe an object for it.
SAVES = r"save|load|restore|config|serial|checkpoint|store|export|__setstate__|__reduce__|build_from"
WHOLE = ""
# A path inside a package, and which functions of it.
SOURCES = (
    (r"keras/(src/|python/keras/)?(legacy/)?saving/.*", WHOLE),
    (r"keras/(src/)?engine/saving\.py", WHOLE),
    (r"keras/src/(export|legacy/export)/.*", WHOLE),
    (r"keras/(src/)?callbacks/(model_checkpoint|backup_and_restore|orbax_checkpoint)\.py", WHOLE),
    (r"keras/(src/)?callbacks\.py", r"ModelCheckpoint|BackupAndRestore"),
    (r"keras/(src/)?(models|engine|layers|layers/core|optimizers|losses|metrics|trainers|ops|quantizers)/\w+\.py", SAVES),
    (r"keras/(src/)?(optimizers|optimizer_v2|optimizers/optimizer_experimental|optimizers/legacy)/\w+\.py", SAVES),
    (r"keras/(src/)?(models|optimizers|losses|metrics|activations)\.py", SAVES),
    (r"keras/(src/)?layers/core/lambda_layer\.py|keras/(src/)?layers/core\.py", r"Lambda"),
    (r"keras/(src/)?utils/(generic_utils|tf_utils|layer_utils|io_utils|hdf5_utils|python_utils|jax_layer)\.py", SAVES),
    (r"tensorflow/python/(checkpoint|saved_model|trackable|training/tracking|training/saving)/.*", WHOLE),
    (r"tensorflow/python/eager/(polymorphic_function/)?(function_)?saved_model_\w+\.py", WHOLE),
    (
        r"tensorflow/python/training/(saver|checkpoint_management|checkpoint_utils|checkpoint_ops|checkpoint_state_pb2"
        r"|checkpoint_view|py_checkpoint_reader|session_manager|monitored_session|basic_session_run_hooks"
        r"|warm_starting_util|experimental/.*|supervisor|moving_averages|saveable_object_util)\.py",
        r"sav|load|restore|checkpoint|Saver|Restore|Scaffold|init|warm|_get_saver",
    ),
    (
        r"tensorflow/python/framework/(importer|meta_graph|graph_io|graph_util_impl|convert_to_constants"
        r"|function_def_to_graph|load_library|versions|registry)\.py",
        WHOLE,
    ),
    (r"tensorflow/python/framework/ops\.py", r"as_graph_element|_as_graph|from_graph|get_tensor_by_name|get_operation|Registry"),
    (r"tensorflow/python/ops/(resource_variable_ops|variables|ref_variable|lookup_ops|io_ops)\.py",
     r"sav|load|restore|from_proto|to_proto|gather_saveables"),
    (r"tensorflow/python/lib/io/(file_io|tf_record)\.py", WHOLE),
    (r"tensorflow/python/tools/(saved_model_cli|saved_model_utils|freeze_graph|inspect_checkpoint)\.py", WHOLE),
    (r"tensorflow/lite/python/(lite|util|convert_saved_model)\.py", r"saved_model|keras|load|freeze"),
    (r"h5py/_hl/(files|base|attrs|group)\.py", WHOLE),
)  # fmt: skip
LEFT_OUT = re.compile(r"(^|/|_)(test|tests|test_\w+|\w+_test|\w+_pb2)(\.py|/)")
LIBRARIES = re.compile(
    r"(libtensorflow_cc|libtensorflow_framework|_pywrap_tensorflow_internal|libhdf5-\w+)\.so[\w.]*$"
)


@dataclass(frozen=True)
class Package:
    """One version of one package: its Python sources, and its shared libraries as paths or as members of a
    wheel.
    """

    name: str
    version: str
    files: tuple[Path, ...]
    wheel: Path | None = None

    def sources(self) -> Iterator[tuple[str, str, str]]:
        """The path inside the package, which functions, and the text of each file that saves or loads."""
        for path in sorted(self._paths()):
            place = re.sub(r"^tensorflow_core/", "tensorflow/", re.sub(r"^tf_keras/", "keras/", path))
            place = re.sub(r"^tensorflow/python/keras/", "keras/", place)
            functions = next((which for where, which in SOURCES if re.fullmatch(where, place)), None)
            if functions is not None and not LEFT_OUT.search(path) and path.endswith(".py"):
                yield path.replace("tensorflow_core/", "tensorflow/"), functions, self.read(path).decode()

    def libraries(self) -> Iterator[str]:
        yield from sorted(path for path in self._paths() if LIBRARIES.search(path))

    def _paths(self) -> Iterator[str]:
        if self.wheel:
            with zipfile.ZipFile(self.wheel) as archive:
                yield from archive.namelist()
        else:
            yield from (path.as_posix() for path in self.files)

    def read(self, path: str) -> bytes:
        if self.wheel:
            with zipfile.ZipFile(self.wheel) as archive:
                return archive.read(path)
        return (Path(str(distribution(self.name).locate_file(""))) / path).read_bytes()


def installed(name: str) -> Package:
    """Raises PackageNotFoundError when it is not installed."""
    found = distribution(name)
    return Package(name, found.version, tuple(Path(str(file)) for file in found.files or ()))


def earlier(folder: Path) -> Iterator[Package]:
    """The wheels of EARLIER, from the folder, else from PyPI into the folder.

    Raises CalledProcessError when pip cannot fetch one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, version, python, platform in EARLIER:
        stem = f"{name.replace('-', '_')}-{version}-".lower()
        wheels = [path for path in folder.glob("*.whl") if path.name.lower().startswith(stem)]
        if not wheels:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            command += ["--dest", str(folder), f"{name}=={version}"]
            if python:
                command += [
                    "--implementation",
                    "cp",
                    "--python-version",
                    python.rstrip("m"),
                    "--abi",
                    f"cp{python}",
                ]
                command += ["--platform", platform]
            subprocess.run(command, check=True)
            wheels = [path for path in folder.glob("*.whl") if path.name.lower().startswith(stem)]
        yield Package(name.removesuffix("-cpu"), version, (), wheels[0])
