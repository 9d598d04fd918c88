"""Runs are called by what tells them apart."""

from dataclasses import replace

from core.run.manifest import Manifest, Parent
from core.run.names import name_of, names_of
from core.settings import DataSettings, TrainSettings


def run(number: int, data: DataSettings | None = None, name: str = "", **train: object) -> Manifest:
    settings = TrainSettings(**train)  # type: ignore[arg-type]
    return Manifest(f"{number:016x}", float(number), data or DataSettings(), settings, name=name)


def test_what_all_have_in_common_is_not_said_and_what_differs_is() -> None:
    runs = [
        run(1, optimizer="Adam", learning_rate=0.005, iterations=60),
        run(2, optimizer="Adam", learning_rate=0.005, iterations=100),
        run(3, DataSettings(noise=0.1), optimizer="Momentum", learning_rate=0.001, iterations=60),
    ]
    names = list(names_of(runs).values())
    assert names[0] == "Adam 0.005, 60 iterations, noise 0.4"
    assert names[1] == "Adam 0.005, 100 iterations, noise 0.4"
    assert names[2] == "Momentum 0.001, momentum 0.9, 60 iterations, noise 0.1"


def test_two_runs_never_have_one_name() -> None:
    runs = [run(number) for number in range(3)]
    names = names_of(runs)
    assert len(set(names.values())) == 3
    assert all(name.startswith("gradient descent 0.001") for name in names.values())


def test_the_owners_own_name_counts() -> None:
    runs = [run(1, name="for the lecture"), run(2)]
    assert names_of(runs)[runs[0].id] == "for the lecture"


def test_a_fork_and_own_points_are_told_apart() -> None:
    first = run(1)
    fork = replace(run(2), parent=Parent(first.id, 30))
    own = replace(run(3), data=None)
    names = names_of([first, fork, own])
    assert "fork after 30" in names[fork.id]
    assert "own points" in names[own.id]


def test_a_run_alone_is_called_by_what_differs_from_the_recipe() -> None:
    assert name_of(run(1)) == "gradient descent 0.001"
    assert name_of(run(1, DataSettings(noise=2.0), optimizer="Adam")) == "Adam 0.001, noise 2"
    assert names_of([]) == {}
