"""What a real Saver keeps is what its documentation says, and each trap springs as it is told."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest

from core.figures.retention import retention_figure
from core.pool import jobs
from core.retention.retention import TRAPS, Retention, RetentionSettings, Trap
from core.settings import SettingsError
from core.tf import retention


def documented(settings: RetentionSettings) -> dict[str, int | None]:
    """Checkpoint to the save that deletes it, by the documented rule, in exact arithmetic.

    The newest `max_to_keep` stay. One that drops out of them is spared when it was saved more than N hours
    after the Saver was made, then more than 2 N, and so on.
    """
    hour, every = Fraction(str(settings.hours_between)), Fraction(str(settings.keep_checkpoint_every_n_hours))
    names = [f"model_iter-{i}" for i in range(settings.saves)] + ["model_final"]
    fate: dict[str, int | None] = dict.fromkeys(names)
    if settings.max_to_keep is None:
        return fate
    due = every
    for number in range(settings.max_to_keep, len(names)):
        oldest = number - settings.max_to_keep
        if (oldest + 1) * hour > due:
            due += every
        else:
            fate[names[oldest]] = number
    return fate


@pytest.mark.parametrize(
    "settings",
    [
        RetentionSettings(),
        RetentionSettings(max_to_keep=1, keep_checkpoint_every_n_hours=3, saves=12),
        RetentionSettings(max_to_keep=3, keep_checkpoint_every_n_hours=5, saves=20),
        RetentionSettings(max_to_keep=2, keep_checkpoint_every_n_hours=0.3, saves=15, hours_between=0.1),
        RetentionSettings(max_to_keep=4, keep_checkpoint_every_n_hours=0.7, saves=15, hours_between=2.5),
        RetentionSettings(max_to_keep=20, keep_checkpoint_every_n_hours=1, saves=10),
        RetentionSettings(max_to_keep=2, keep_checkpoint_every_n_hours=0.01, saves=8, hours_between=0.0),
        RetentionSettings(max_to_keep=None, keep_checkpoint_every_n_hours=2, saves=8),
    ],
    ids=str,
)
def test_a_real_saver_keeps_what_the_documented_rule_says(settings: RetentionSettings) -> None:
    found = retention.keep(settings)
    assert {life.name: life.deleted for life in found.lives} == documented(settings)
    on_disk = {name.removesuffix(".index") for name in found.files if name.endswith(".index")}
    assert on_disk == {life.name for life in found.kept}
    assert len(found.files) == 3 * len(on_disk) + 1
    assert all(f'"{life.name}"' in found.state for life in found.kept if life.listed)
    assert not any(f'"{life.name}"' in found.state for life in found.spared)


def test_the_recipes_saver_leaves_96_to_99_and_final() -> None:
    found = retention.keep(RetentionSettings(saves=100))
    expected = [*(f"model_iter-{step}" for step in range(96, 100)), "model_final"]
    assert [life.name for life in found.kept] == expected
    assert [life.name for life in found.kept if life.listed] == expected
    assert found.conclusion().startswith("101 checkpoints were saved, 96 deleted again; 5 are on disk")


def test_two_clocks_do_not_touch_each_other() -> None:
    asked = [
        RetentionSettings(max_to_keep=2, keep_checkpoint_every_n_hours=4, hours_between=h) for h in (0.5, 3.0)
    ]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(retention.keep, asked))
    for settings, each in zip(asked, found, strict=True):
        assert {life.name: life.deleted for life in each.lives} == documented(settings)


def test_the_sentence_tells_what_was_spared() -> None:
    found = retention.keep(RetentionSettings(max_to_keep=3, keep_checkpoint_every_n_hours=5))
    assert "3 of them (model_iter-5, model_iter-10 and model_iter-15) were spared" in found.conclusion()
    keeps_all = retention.keep(RetentionSettings(max_to_keep=None, saves=2))
    assert "The checkpoint file lists only model_final" in keeps_all.conclusion()
    assert "set_last_checkpoints_with_time" in found.code


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"max_to_keep": 0}, "max_to_keep is 0; it must be none, or a whole number from 1 to 20"),
        ({"max_to_keep": -1}, "max_to_keep is -1; it must be none, or a whole number from 1 to 20"),
        ({"saves": 101}, "Number of saves is 101; it must be a whole number from 1 to 100"),
        ({"keep_checkpoint_every_n_hours": float("nan")}, "keep_checkpoint_every_n_hours is nan"),
        ({"hours_between": -1.0}, "Hours that pass before each save is -1"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        RetentionSettings(**wrong)  # type: ignore[arg-type]


def test_the_figure_draws_every_life_once() -> None:
    found = retention.keep(RetentionSettings(max_to_keep=3, keep_checkpoint_every_n_hours=5))
    drawn = {
        name: (base, base + length)
        for trace in retention_figure(found).data
        for name, base, length in zip(trace.y, trace.base, trace.x, strict=True)
    }
    end = len(found.lives)
    assert drawn == {
        life.name: (life.saved, end if life.deleted is None else life.deleted) for life in found.lives
    }
    assert sum(len(trace.y) for trace in retention_figure(found).data) == end


@pytest.fixture(scope="module")
def sprung() -> dict[str, Trap]:
    return {key: jobs.spring(key) for key in TRAPS}


def test_the_default_keeps_five(sprung: dict[str, Trap]) -> None:
    (found,) = sprung["default"].variants
    assert found.on_disk == (*(f"model_iter-{step}" for step in range(96, 100)), "model_final")
    assert tuple(each.name for each in found.listed) == found.on_disk
    assert (found.latest, found.restored, found.worked) == ("model_final", "0.99", True)


def test_none_keeps_all_and_lists_one(sprung: dict[str, Trap]) -> None:
    (found,) = sprung["none"].variants
    assert found.on_disk == tuple(f"model_iter-{step}" for step in range(6))
    assert [each.name for each in found.listed] == ["model_iter-5"]
    assert len(found.forgotten) == 5
    assert "On disk but not listed: model_iter-0" in found.conclusion()


def test_a_resumed_saver_orphans_what_it_is_not_told_of(sprung: dict[str, Trap]) -> None:
    alone, told = sprung["resumed"].variants
    assert alone.on_disk == tuple(f"model_iter-{step}" for step in range(2, 8))
    assert alone.forgotten == ("model_iter-2", "model_iter-3", "model_iter-4")
    assert told.on_disk == ("model_iter-5", "model_iter-6", "model_iter-7")
    assert told.forgotten == ()
    assert "recover_last_checkpoints" not in alone.code
    assert "recover_last_checkpoints" in told.code


def test_a_moved_directory_is_lost_by_absolute_paths_and_found_by_relative_ones(
    sprung: dict[str, Trap],
) -> None:
    absolute, relative = sprung["moved"].variants
    assert absolute.on_disk == relative.on_disk == tuple(f"model_iter-{step}" for step in range(3))
    assert absolute.latest is None
    assert not absolute.worked
    assert absolute.restored == "ValueError: Can't load save_path when it is None."
    assert [(each.path, each.exists) for each in absolute.listed] == [
        (f"/…/before/model_iter-{step}", False) for step in range(3)
    ]
    assert "of which 3 cannot be found at the path written there" in absolute.conclusion()
    assert (relative.latest, relative.restored, relative.worked) == ("model_iter-2", "0.02", True)


def test_two_savers_write_one_list_unless_each_has_its_own(sprung: dict[str, Trap]) -> None:
    shared, apart = sprung["two_savers"].variants
    assert shared.on_disk == apart.on_disk == ("best-3", "model_iter-2", "model_iter-3")
    assert ([each.name for each in shared.listed], shared.latest) == (["best-3"], "best-3")
    assert ([each.name for each in apart.listed], apart.latest) == (
        ["model_iter-2", "model_iter-3"],
        "model_iter-3",
    )


def test_minus_one_deletes_every_value(sprung: dict[str, Trap]) -> None:
    found, kept = sprung["minus_one"].variants
    assert kept.on_disk == tuple(f"model_iter-{n}" for n in range(4))
    assert found.on_disk == ()
    assert found.files == ("checkpoint", *(f"model_iter-{step}.meta" for step in range(4)))
    assert (found.latest, found.worked) == (None, False)
    assert "No checkpoint has its values on disk" in found.conclusion()


def test_each_outcome_travels_back_without_tensorflow(sprung: dict[str, Trap]) -> None:
    found = retention.keep(RetentionSettings(saves=2))
    for record in (found, sprung["none"]):
        assert b"core.tf" not in pickle.dumps(record)
        assert pickle.loads(pickle.dumps(record)) == record
    assert isinstance(found, Retention)
