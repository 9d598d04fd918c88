"""Card 15: looking up a signature that is not there."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export

GROUP = "silent"
TITLE = "A missing signature is empty, not an error"
ERROR = None
MESSAGE = "inputs of signature_def['predict']: []"
WHY = (
    "`signature_def` is a map of a protocol buffer. Looking up a missing key creates an empty entry "
    "instead of raising `KeyError`."
)
CHECK = "`'predict' in signature_def` before the lookup returns `False`."
FIX = "Ask with `in`, or list the keys, before you look one up."
MORE = (
    "The error comes later, when an empty name is run: `The name '' looks like an (invalid) "
    "Operation name`. With `tf.saved_model.load`, a missing signature is a `KeyError`."
)
SEARCH = ("signature_def is empty",)
CAUSES = (
    {
        "message": "The name '{name}' looks like an (invalid) Operation name, not a {type}",
        "when": {"name": r"^\W*$"},
        "ask": "Is the name empty?",
    },
)
RELATED = ("no_signatures", "tensor_name", "compare")
SHOWS = {
    "fail": (
        "signatures before the look-up",
        "inputs of signature_def['predict']",
        "signatures after the look-up",
    ),
    "fix": ("'predict' in signature_def", "signatures", "prediction:0 for X:0 = 3"),
}


def prepare(directory: Path) -> None:
    export(f"{directory}/SavedModel", [tf.compat.v1.saved_model.tag_constants.SERVING])


def fail(directory: Path) -> Seen:
    saved_model = tf.compat.v1.saved_model
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tags = [saved_model.tag_constants.SERVING]
        loaded = saved_model.loader.load(sess, tags, f"{directory}/SavedModel")
        before = sorted(loaded.signature_def)
        signature = loaded.signature_def["predict"]
        return {
            "signatures before the look-up": str(before),
            "inputs of signature_def['predict']": str(list(signature.inputs)),
            "signatures after the look-up": str(sorted(loaded.signature_def)),
        }


def fix(directory: Path) -> Seen:
    saved_model = tf.compat.v1.saved_model
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tags = [saved_model.tag_constants.SERVING]
        loaded = saved_model.loader.load(sess, tags, f"{directory}/SavedModel")
        found = "predict" in loaded.signature_def
        signature = loaded.signature_def["serving_default"]
        x, y = signature.inputs["x"].name, signature.outputs["y"].name
        return {
            "'predict' in signature_def": str(found),
            "signatures": str(sorted(loaded.signature_def)),
            f"{y} for {x} = 3": str(sess.run(y, {x: 3.0})),
        }
