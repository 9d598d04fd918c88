"""Card 15: looking up a signature that is not there."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, export

GROUP = "silent"
TITLE = "A missing signature is empty instead of an error"
ERROR = None
MESSAGE = "inputs of signature_def['predict']: []"
WHY = (
    "The model was exported with the signature `serving_default`. The code looks up "
    "`signature_def['predict']` and expects a `KeyError` if there is none. `signature_def` is a map "
    "of a protocol buffer. Looking up a key that is missing creates an empty entry, and from then on "
    "the key even is in the map. The failure comes later, when an empty tensor name is run."
)
CHECK = "`saved_model_cli show --dir SavedModel --all` prints the signatures and their inputs."
FIX = (
    "Ask with `in`, or list the keys, before you look one up. With `tf.saved_model.load` a missing "
    "signature is a `KeyError`."
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
