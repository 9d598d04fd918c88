"""The reader's own names are taken from the message and put into the fix."""

import ast
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import tensorflow as tf

from core.gallery.cards import cards
from core.gallery.names import PATTERNS, names_in, with_names

BY_SLUG = {card.slug: card for card in cards()}
DERIVED = {"last", "plain", "count", "prefix", "stem"}
WITH_YOURS = [card for card in cards() if card.yours]


@pytest.mark.parametrize(
    ("text", "slug", "expected"),
    [
        (
            "NotFoundError: Key rnn/lstm_cell/bias_1 not found in checkpoint",
            "graph_built_twice",
            "'rnn/lstm_cell/bias_1' is 'rnn/lstm_cell/bias' in the checkpoint.",
        ),
        (
            "NotFoundError: Key dense_1/kernel not found in checkpoint",
            "graph_built_twice",
            "'dense_1/kernel' is 'dense/kernel' in the checkpoint",
        ),
        (
            "Unable to open table file /data/mars.ckpt.data-00000-of-00001: Data loss: not an sstable",
            "one_of_the_files",
            "saver.restore(sess, '/data/mars.ckpt')",
        ),
        (
            "ValueError: Unknown layer: MBBLOCK. Please",
            "unknown_layer",
            'custom_objects={"MBBLOCK": MBBLOCK}',
        ),
        (
            "The filename must end in `.weights.h5`. Received: filepath=training_1/cp.ckpt",
            "weights_ending",
            "model.save_weights('training_1/cp' + \".weights.h5\")",
        ),
        (
            "Assign requires shapes of both tensors to match. lhs shape= [13] rhs shape= [150]",
            "classes_changed",
            "# The graph has [13], the checkpoint has [150].",
        ),
    ],
)
def test_the_fix_has_the_readers_names(text: str, slug: str, expected: str) -> None:
    assert expected in with_names(BY_SLUG[slug], text)


def test_the_fix_for_a_model_that_was_built_twice_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        for name, value in (("kernel", 7.0), ("bias", 2.0), ("kernel/Adam_1", 3.0)):
            session.run(tf.compat.v1.Variable(value, name=f"dense/{name}").initializer)
        prefix = tf.compat.v1.train.Saver().save(session, str(tmp_path / "model"))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        for _ in range(2):
            with tf.name_scope("dense"):
                layer = [
                    tf.compat.v1.Variable(0.0, name=name) for name in ("kernel", "bias", "kernel/Adam_1")
                ]
        with pytest.raises(tf.errors.NotFoundError, match=r"Key dense_1/\w+ not found") as failure:
            tf.compat.v1.train.Saver().restore(session, prefix)
        names: dict[str, Any] = {"tf": tf}
        exec(with_names(BY_SLUG["graph_built_twice"], str(failure.value)), names)
        names["saver"].restore(session, prefix)
        assert session.run(layer) == [7.0, 2.0, 3.0]
    assert "dense/kernel in the checkpoint goes to dense_1/kernel" in capsys.readouterr().out


def test_without_the_names_nothing_is_said() -> None:
    assert with_names(BY_SLUG["graph_built_twice"], "Key dense/kernel not found in checkpoint") == ""
    assert with_names(BY_SLUG["unknown_layer"], "a layer is unknown") == ""
    assert with_names(BY_SLUG["only_the_last_five"], "Key a not found in checkpoint") == ""


@pytest.mark.parametrize("card", WITH_YOURS, ids=lambda card: card.slug)
def test_every_line_for_the_reader_is_python_with_fields_that_exist(card: object) -> None:
    yours = card.yours  # type: ignore[attr-defined]
    fields = {field for _, field, _, _ in Formatter().parse(yours) if field}
    assert fields <= {field for field, _ in PATTERNS} | DERIVED
    bare = {"graph_shape": "[3]", "saved_shape": "[2]"}
    names = {field: bare.get(field, "Name") for field in fields}
    ast.parse(yours.format(**names))


@pytest.mark.parametrize("name", ["a'b", 'x"); import os; ("', "\\", "{key}", "</code>"])
def test_a_hostile_name_stays_a_string(name: str) -> None:
    filled = with_names(BY_SLUG["other_scope"], f"Key {name} not found in checkpoint")
    assert filled == "" or ast.parse(filled)
    assert all(len(value) < 500 for value in names_in(name * 1000).values())


def test_the_code_that_leaves_the_optimizer_out_leaves_all_of_it_out() -> None:
    card = next(each for each in cards() if each.slug == "optimizer_changed")
    code = with_names(card, "Key beta1_power not found in checkpoint")
    filters = [line for line in code.splitlines() if line.startswith("own = ")]
    scope: dict[str, Any] = {"re": re}
    exec(filters[0], scope)
    kept, left = (
        ["h", "w/kernel", "Adam/w"],
        ["beta1_power", "beta2_power", "h/Adam", "h/Adam_1", "w/Momentum"],
    )
    assert [name for name in (*kept, *left) if not scope["own"].search(name)] == kept


def test_an_error_s_name_is_no_drive() -> None:
    found = names_in("NotFoundError: /tmp/m.data-00000-of-00001; No such file or directory")
    assert found["prefix"] == "'/tmp/m'"
    assert names_in(r"Unable to open table file C:\x\m: Data loss")["file"] == repr(r"C:\x\m")
