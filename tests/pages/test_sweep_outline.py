"""Before a sweep is trained, its page shows a cell for each run, named by the values at the sides."""

from core.settings import DataSettings, TrainSettings
from core.sweep.grid import Axis, Grid
from pages.parts.sweep.outline import outline


def test_every_run_has_a_cell_and_every_value_a_name() -> None:
    axes = (Axis("learning_rate", (0.001, 0.01, 0.1)), Axis("optimizer", ("Adam", "gradient descent")))
    drawn = outline(Grid(axes, DataSettings(), TrainSettings()))
    assert drawn.count("class='cell'") == 6
    assert all(f">{name}</span>" in drawn for name in ("0.001", "0.01", "0.1", "Adam", "gradient descent"))
    assert "aria-label='6 runs: learning rate from left to right, optimizer from top to bottom'" in drawn
    assert outline(Grid(axes[:1], DataSettings(), TrainSettings())).count("class='cell'") == 3


def test_cells_that_are_not_drawn_are_counted() -> None:
    axis = Axis("learning_rate", tuple(0.001 * n for n in range(1, 21)))
    drawn = outline(Grid((axis,), DataSettings(), TrainSettings()))
    assert drawn.count("class='cell'") == 12
    assert "and 8 more" in drawn
