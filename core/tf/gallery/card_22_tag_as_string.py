"""Card 22: a string where a list of tags is wanted."""

from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from core.tf.gallery._scene import Seen, model

GROUP = "SavedModel"
TITLE = "The tag was given as a string: tags t, r, a, i, n"
ERROR = "RuntimeError"
MESSAGE = "MetaGraphDef associated with tags 'train' could not be found in SavedModel"
WHY = (
    "The export got the tag as the string `'train'`, not as a list. A string is a sequence of "
    "letters, so the tags are `t`, `r`, `a`, `i` and `n`."
)
CHECK = "The `available tags` in the message are single letters."
FIX = "Give a list: `[tf.compat.v1.saved_model.tag_constants.TRAINING]`."
MORE = "Loading with the same string works. The mistake is seen only when another program loads the model."
SEARCH = (
    "with available tags '[{'t', 'r', 'a', 'i', 'n'}]'",
    "with available tags '[{'s', 'e', 'r', 'v'}]'",
)
CAUSES = (
    {
        "message": "MetaGraphDef associated with tags {tags} could not be found in SavedModel",
        "when": {
            "text": "tags '?\\[?\\{?('\\w'(, )?){2,}|tags serve\\b|tag-set: '\\w, \\w,|load\\([^()\\[\\]]*(SERVING|['\\\"]serve['\\\"]),"
        },
        "ask": "Do the available tags consist of single letters, such as 's', 'e', 'r'?",
    },
    {
        "message": "MetaGraphDef with tag-set: {tags} contains the following SignatureDefs",
        "when": {"tags": r"^'?\w(, \w)+'?$"},
        "ask": "Do the tags consist of single letters?",
    },
)
RELATED = ("wrong_tag", "compare")
SHOWS = {
    "fail": (),
    "fix": ("tags in saved_model.pb", "variables loaded"),
}


def write(directory: str, tags: list[str] | str) -> list[str]:
    """Export the model with the tags, and return the tags that are then in the file."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        model()
        sess.run(tf.compat.v1.global_variables_initializer())
        builder = tf.compat.v1.saved_model.builder.SavedModelBuilder(directory)
        builder.add_meta_graph_and_variables(sess, tags)
        builder.save()
    stored = saved_model_pb2.SavedModel.FromString(Path(directory, "saved_model.pb").read_bytes())
    return list(stored.meta_graphs[0].meta_info_def.tags)


def fail(directory: Path) -> Seen:
    saved_model = tf.compat.v1.saved_model
    tags = write(f"{directory}/SavedModel", "train")
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saved_model.loader.load(sess, ["train"], f"{directory}/SavedModel")
        return {"tags in saved_model.pb": str(tags), "loaded with": "['train']"}


def fix(directory: Path) -> Seen:
    saved_model = tf.compat.v1.saved_model
    tags = write(f"{directory}/SavedModel", [saved_model.tag_constants.TRAINING])
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        saved_model.loader.load(sess, ["train"], f"{directory}/SavedModel")
        variables = tf.compat.v1.global_variables()
        return {
            "tags in saved_model.pb": str(tags),
            "variables loaded": ", ".join(variable.op.name for variable in variables),
        }
