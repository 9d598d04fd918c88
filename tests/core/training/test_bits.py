"""Every file with values, trained in any way, is the recipe's own, beyond the first power's underflow."""

from contextlib import closing, nullcontext
from itertools import islice
from pathlib import Path

import pytest

from core.bundle import read_values
from core.checkpoint import DATA, INDEX
from core.pool.training import train_run
from core.run.manifest import FINISHED
from core.settings import OPTIMIZERS
from core.tf import model
from core.tf.training import train
from tests.bits import Bits

SAMPLES, ITERATIONS = 12, 100  # 1,200 updates: Adam's first power comes to zero in the 829th
WAYS = ("training", "sweep", "resume", "fork", "first pass", "script of the sweep")


@pytest.fixture(scope="module", params=OPTIMIZERS)
def bits(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bits:
    folder = tmp_path_factory.getbasetemp() / "bits" / request.param
    folder.mkdir(parents=True)
    return Bits(request.param, OPTIMIZERS, folder, SAMPLES, ITERATIONS)


@pytest.mark.parametrize("way", WAYS)
def test_every_file_is_the_recipes_own(way: str, bits: Bits) -> None:
    found = bits.ways[way]()
    assert found.differ == ()
    assert found.files > 0


@pytest.fixture
def adam(tmp_path: Path) -> Bits:
    (tmp_path / "adam").mkdir()
    return Bits("Adam", ("Adam",), tmp_path / "adam", SAMPLES, ITERATIONS)


def power(prefix: Path) -> float:
    """Adam's first power in a checkpoint."""
    return float(read_values(prefix)["beta1_power"])


def test_adams_first_power_comes_to_zero_on_the_way(adam: Bits) -> None:
    before, after = (power(adam.recipe / f"model_iter-{at}") for at in (60, 80))
    assert before > 0 == after


def test_a_machine_that_cannot_flush_has_the_same_bits(adam: Bits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "can_flush", lambda: False)
    assert adam.training().differ == ()


def test_a_resumed_run_of_an_earlier_version_says_so(adam: Bits, monkeypatch: pytest.MonkeyPatch) -> None:
    run = adam.fresh()
    manifest = run.manifest()
    with monkeypatch.context() as earlier:
        earlier.setattr(model, "flushed", nullcontext)
        with closing(train(run, manifest.train, run.sample())) as steps:
            for _ in islice(steps, 80):
                pass
    assert 0 < power(run.checkpoints / "model_iter-79") < 1e-38
    assert train_run(str(run.directory)) == FINISHED
    assert run.manifest().note.startswith(
        "An earlier version saved model_iter-68 to model_iter-79: there beta1_power stopped just above 0"
    )
    found = adam.compare(run.checkpoints, 0)
    earlier_files = [f"model_iter-{at}{end}" for at in range(68, 80) for end in (DATA, INDEX)]
    assert [*found.differ] == sorted(earlier_files)
