"""A run has a short name that does not change when others come and go."""

from dataclasses import replace

from core.run.manifest import Manifest, Parent
from core.run.names import details, fresh, name_of, names_of
from core.settings import DataSettings, TrainSettings


def run(number: int, data: DataSettings | None = None, name: str = "", **train: object) -> Manifest:
    settings = TrainSettings(**train)  # type: ignore[arg-type]
    return Manifest(f"{number:016x}", float(number), data or DataSettings(), settings, name=name)


def test_a_new_run_gets_a_name_that_none_of_the_others_has() -> None:
    adam = TrainSettings(optimizer="Adam", learning_rate=0.05)
    assert fresh(adam, []) == "Adam 0.05"
    assert fresh(adam, ["Adam 0.05"]) == "Adam 0.05 (2)"
    assert fresh(adam, ["Adam 0.05", "Adam 0.05 (2)", "mine"]) == "Adam 0.05 (3)"


def test_the_owners_own_name_counts() -> None:
    runs = [run(1, name="for the lecture"), run(2)]
    assert names_of(runs)[runs[0].id] == "for the lecture"
    assert names_of([]) == {}


def test_runs_of_earlier_versions_which_have_no_name_never_share_one() -> None:
    runs = [run(number) for number in (0, 1, 60, 4_000_000)]
    names = names_of(runs)
    assert len(set(names.values())) == 4
    assert all(name.startswith("gradient descent 0.001") for name in names.values())
    assert name_of(runs[0]) == "gradient descent 0.001"


def test_the_rest_is_told_in_the_details() -> None:
    first = run(1, DataSettings(noise=2.0), iterations=60, batch=0, order="shuffled", max_to_keep=5)
    assert details(first) == (
        "60 iterations, full batch, shuffled, max_to_keep 5, h 1, v -2, noise 2, 201 points, seed 0"
    )
    fork = replace(run(2, batch=8), parent=Parent(first.id, 30), data=None)
    assert details(fork) == "100 iterations, batch 8, fork after iteration 30, own points"
