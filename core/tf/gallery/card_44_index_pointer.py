"""Card 44: the index file is not a table."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, model, save_trained, shown

GROUP = "error"
TITLE = "The .index file is a pointer or was converted: not an sstable"
ERROR = "DataLossError"
MESSAGE = "not an sstable (bad magic number)"
WHY = (
    "An `.index` file ends with eight fixed bytes. A Git-LFS pointer, a web page, half a download or "
    "converted line endings do not."
)
CHECK = "Print the last eight bytes of the `.index` file. `57 fb 80 8b 24 75 47 db` is right."
FIX = "Fetch the file again: `git lfs pull`, or the raw file. Copy with `scp`, or with `ftp` in binary mode."
MORE = (
    "If `restore` gets a file name instead of a prefix, the message continues: `perhaps your file is "
    "in a different file format` (card 21)."
)
SEARCH = ("checkpoint from git clone is an LFS pointer, index file is text",)
CAUSES = (
    {
        "message": "not an sstable (bad magic number)",
        "when": {"text": r"^(?![\s\S]*(perhaps your file|table file \S+\.(meta|data)|[/\\]checkpoint:))"},
        "ask": "Is the .index file an LFS pointer, or was it converted when it was copied?",
    },
)
RELATED = ("one_of_the_files", "lfs_pointer", "torn_data", "files", "inspect")
SHOWS = {
    "fail": (),
    "fix": ("it ended with", "it ends with", "restored h, v"),
}
YOURS = """print(open({prefix} + ".index", "rb").read()[-8:].hex())  # 57fb808b247547db is right"""

MAGIC = "57fb808b247547db"


def prepare(directory: Path) -> None:
    save_trained(f"{directory}/model_final")
    (directory / "model_final.index").rename(directory / "lfs_storage")
    (directory / "model_final.index").write_text("version https://git-lfs.github.com/spec/v1\nsize 160\n" * 2)


def fail(directory: Path) -> Seen:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {"restored h, v": shown(sess.run([h_est, v_est]))}


def fix(directory: Path) -> Seen:
    index = directory / "model_final.index"
    found = index.read_bytes()
    if not found.endswith(bytes.fromhex(MAGIC)):
        index.write_bytes((directory / "lfs_storage").read_bytes())  # what git lfs pull does
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, v_est = model()
        tf.compat.v1.train.Saver().restore(sess, f"{directory}/model_final")
        return {
            "it ended with": found[-8:].hex(),
            "it ends with": index.read_bytes()[-8:].hex(),
            "restored h, v": shown(sess.run([h_est, v_est])),
        }
