"""Card 13: the tag at loading is not the one at export."""

from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from core.tf.gallery._scene import Seen, export

GROUP = "SavedModel"
TITLE = "Wrong tag: MetaGraphDef could not be found in SavedModel"
ERROR = "RuntimeError"
MESSAGE = "MetaGraphDef associated with tags 'serve' could not be found in SavedModel"
WHY = (
    "A SavedModel stores graphs under sets of tags. This one was exported with the tag `train`, and "
    "the loader was asked for `serve`."
)
CHECK = "Read the `available tags` at the end of the message, or run `saved_model_cli show --dir SavedModel`."
FIX = "Load with the tags of the export. The code reads them from `saved_model.pb` first."
SEARCH = (
    "with available tags",
    "To inspect available tag-sets in the SavedModel, please use the SavedModel CLI",
)
CAUSES = (
    {
        "message": "MetaGraphDef associated with tags {tags} could not be found in SavedModel",
        "ask": "Which tags does `saved_model_cli show --dir` list?",
    },
    {
        "message": "Importing a SavedModel with tf.saved_model.load requires a 'tags=' argument if there is more than one MetaGraph",
        "only": "there are [1-9]",
        "ask": "Which tags does `saved_model_cli show --dir` list?",
    },
    {
        "message": "Could not find meta graph def matching supplied tags: {tags}",
        "ask": "Which tags does `saved_model_cli show --dir` list?",
    },
)
RELATED = ("tag_as_string", "frozen_as_saved_model", "compare")
SHOWS = {
    "fail": (),
    "fix": ("tags in saved_model.pb", "prediction at x = 3"),
}


def prepare(directory: Path) -> None:
    export(f"{directory}/SavedModel", [tf.compat.v1.saved_model.tag_constants.TRAINING])


def fail(directory: Path) -> Seen:
    saved_model = tf.compat.v1.saved_model
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tags = [saved_model.tag_constants.SERVING]
        saved_model.loader.load(sess, tags, f"{directory}/SavedModel")
        return {"prediction at x = 3": str(sess.run("prediction:0", {"X:0": 3.0}))}


def fix(directory: Path) -> Seen:
    saved_model = tf.compat.v1.saved_model
    stored = saved_model_pb2.SavedModel.FromString((directory / "SavedModel" / "saved_model.pb").read_bytes())
    tags = list(stored.meta_graphs[0].meta_info_def.tags)
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saved_model.loader.load(sess, tags, f"{directory}/SavedModel")
        return {
            "tags in saved_model.pb": str(tags),
            "prediction at x = 3": str(sess.run("prediction:0", {"X:0": 3.0})),
        }
