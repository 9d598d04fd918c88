"""Settings check themselves, and survive the trip to a URL and to JSON."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.json_records import RecordError, as_record, decoded
from core.settings import OPTIMIZERS, ORDERS, DataSettings, Record, SettingsError, TrainSettings


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


data_settings = st.builds(
    DataSettings,
    h=floats(-100, 100),
    v=floats(-100, 100),
    noise=floats(0, 100),
    samples=st.integers(2, 10_000),
    x_min=floats(-100, 0),
    x_max=floats(1, 100),
    seed=st.integers(0, 2**32 - 1),
)
train_settings = st.builds(
    TrainSettings,
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=floats(1e-8, 10),
    momentum=floats(0, 0.9999),
    iterations=st.integers(1, 20_000),
    order=st.sampled_from(ORDERS),
    batch=st.integers(0, 10_000),
    max_to_keep=st.none() | st.integers(1, 100_000),
    keep_checkpoint_every_n_hours=floats(1e-6, 1e6),
)


@given(data_settings | train_settings)
def test_strings_bring_every_bit_back(settings: DataSettings | TrainSettings) -> None:
    assert type(settings).from_strings(settings.to_strings()) == settings


@given(data_settings | train_settings)
def test_json_brings_every_bit_back(settings: DataSettings | TrainSettings) -> None:
    assert as_record(type(settings), decoded(json.dumps(settings.to_json()).encode())) == settings


@given(st.dictionaries(st.sampled_from(list(TrainSettings.settings())), st.text(max_size=8)))
def test_any_text_gives_settings_or_one_sentence(strings: dict[str, str]) -> None:
    try:
        settings = TrainSettings.from_strings(strings)
    except SettingsError as error:
        assert "\n" not in str(error)
        assert str(error).endswith(".")
    else:
        assert isinstance(settings.iterations, int)


def test_the_defaults_are_the_recipe() -> None:
    data, train = DataSettings(), TrainSettings()
    assert (data.h, data.v, data.noise, data.samples, data.x_min, data.x_max) == (1, -2, 0.4, 201, -2, 4)
    assert (train.optimizer, train.learning_rate, train.iterations, train.batch, train.order) == (
        "gradient descent",
        0.001,
        100,
        1,
        "in order",
    )


@pytest.mark.parametrize(
    ("settings", "field", "value", "range_"),
    [
        (TrainSettings, "iterations", 0, "a whole number from 1 to 20000"),
        (TrainSettings, "iterations", 2.5, "a whole number from 1 to 20000"),
        (TrainSettings, "iterations", True, "a whole number from 1 to 20000"),
        (TrainSettings, "learning_rate", float("nan"), "from 1e-08 to 10"),
        (TrainSettings, "max_to_keep", -1, "none, or a whole number from 1 to 100000"),
        (TrainSettings, "max_to_keep", 0, "none, or a whole number from 1 to 100000"),
        (
            TrainSettings,
            "optimizer",
            "Adamax",
            "gradient descent, Momentum, Nesterov momentum, Adagrad, RMSProp, Adam",
        ),
        (DataSettings, "noise", -0.1, "from 0 to 100"),
        (DataSettings, "h", "left", "from -100 to 100"),
    ],
)
def test_a_value_out_of_range_names_field_value_and_range(
    settings: type[Record], field: str, value: object, range_: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(**{field: value})
    for words in (settings.settings()[field].label, repr(value), range_):
        assert words in str(caught.value)


def test_an_empty_x_range_is_refused() -> None:
    with pytest.raises(SettingsError, match="x from is 4 and x to is 4"):
        DataSettings(x_min=4)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"h": "1"}, "h: Expected `float`, got `str`"),
        ({"samples": 2.5}, "Expected `int`"),
        ({"samples": True}, "Expected `int`, got `bool`"),
        ({"h": 101}, "True h is 101.0; it must be from -100 to 100."),
        ([1], "Expected `object`, got `array`"),
        ({"samples": 10**400}, "it must be a whole number from 2 to 10000."),
    ],
)
def test_json_that_holds_no_settings_is_refused_with_the_reason(values: object, words: str) -> None:
    with pytest.raises(RecordError, match=re.escape(words)):
        as_record(DataSettings, values)
