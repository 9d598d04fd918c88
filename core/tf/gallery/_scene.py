"""What many cards begin with: the recipe's two variables, a checkpoint of them, an export."""

import logging
from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

Seen = dict[str, str]


def model(use_resource: bool = True) -> tuple[tf.Variable, tf.Variable]:
    """Add the two variables of the recipe, which start at 0.0, to the default graph."""
    h_est = tf.compat.v1.Variable(0.0, name="hor_estimate", use_resource=use_resource)
    v_est = tf.compat.v1.Variable(0.0, name="ver_estimate", use_resource=use_resource)
    return h_est, v_est


def save_trained(prefix: str, h: float = 1.01, v: float = -1.96) -> str:
    """Save a checkpoint in which the two variables have the values h and v."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        sess.run(tf.compat.v1.global_variables_initializer())
        sess.run([h_est.assign(h), v_est.assign(v)])
        return str(tf.compat.v1.train.Saver().save(sess, prefix))


def export(directory: str, tags: list[str]) -> None:
    """Write a SavedModel with the trained values and one signature, serving_default."""
    saved_model = tf.compat.v1.saved_model
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        X = tf.compat.v1.placeholder(tf.float32, name="X")
        h_est, v_est = model()
        prediction = tf.add(tf.square(X - h_est), v_est, name="prediction")
        sess.run(tf.compat.v1.global_variables_initializer())
        sess.run([h_est.assign(1.01), v_est.assign(-1.96)])
        signature = saved_model.predict_signature_def({"x": X}, {"y": prediction})
        builder = saved_model.builder.SavedModelBuilder(directory)
        builder.add_meta_graph_and_variables(sess, tags, {"serving_default": signature})
        builder.save()


def names(paths: list[Path] | list[str]) -> str:
    """The last parts of the paths, in their order."""
    return ", ".join(Path(path).name for path in paths) or "none"


def checkpoints(directory: Path) -> list[Path]:
    """The prefixes of the checkpoints on disk by step; those without a step come last."""
    prefixes = [file.with_suffix("") for file in directory.glob("*.index")]
    steps = {prefix: prefix.name.rpartition("-")[2] for prefix in prefixes}
    return sorted(prefixes, key=lambda p: int(steps[p]) if steps[p].isdigit() else float("inf"))


def shown(values: list[float]) -> str:
    """The values as NumPy prints them: 1.01 for the float32 that is nearest to it."""
    return ", ".join(str(value) for value in values)


def graph_in(meta: str) -> meta_graph_pb2.MetaGraphDef:
    """The protocol buffer in a `.meta` file."""
    return meta_graph_pb2.MetaGraphDef.FromString(Path(meta).read_bytes())


def line(layers: int = 1, units: int = 1) -> tf.keras.Sequential:
    """A Keras model of dense layers, the first with the weights 1.01 and the biases -1.96."""
    dense = [tf.keras.layers.Dense(units) for _ in range(layers)]
    built = tf.keras.Sequential([tf.keras.Input((1,)), *dense])
    dense[0].kernel.assign([[1.01] * units])
    dense[0].bias.assign([-1.96] * units)
    return built


def weights(built: tf.keras.Model) -> str:
    """All weights of a Keras model, one after the other."""
    return shown([value for array in built.get_weights() for value in array.flat])


class Log(logging.Handler):
    """Keeps the lines that a logger writes while it is used in a `with`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.logger, self.lines = logging.getLogger(name), list[str]()

    def __enter__(self) -> list[str]:
        self.logger.addHandler(self)
        return self.lines

    def __exit__(self, *raised: object) -> None:
        self.logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
