"""Formats that are known by name and not read: what else may lie where checkpoints are looked for."""

from __future__ import annotations

import re

_ENDINGS = {
    ".pt": "PyTorch",
    ".pth": "PyTorch",
    ".pt2": "PyTorch",
    ".onnx": "ONNX",
    ".gguf": "GGUF",
    ".ggml": "GGML",
    ".caffemodel": "Caffe",
    ".mlmodel": "Core ML",
    ".pdparams": "PaddlePaddle",
    ".pdopt": "PaddlePaddle",
    ".params": "MXNet",
    ".npz": "NumPy",
    ".npy": "NumPy",
    ".mat": "MATLAB",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".joblib": "joblib",
    ".engine": "TensorRT",
}
_NAMES = {"pytorch_model.bin": "PyTorch", "adapter_model.bin": "PyTorch", "optimizer.bin": "PyTorch"}
JAVASCRIPT = "TensorFlow.js"
_JS = re.compile(r"group\d+-shard\d+of\d+(\.bin)?")
_OF_SAVED_MODELS = ("saved_model.pb", "fingerprint.pb", "keras_metadata.pb")
_HEADS = ((b"\x80\x02}", "pickle"), (b"\x80\x04\x95", "pickle"), (b"GGUF", "GGUF"))
_TORCH = (b"data.pkl", b"/data.pkl")  # the first member of the zip that torch.save writes
LOOKED_AT = 64  # bytes at the beginning of a file


def named(name: str) -> str:
    """What the format of a file is called, by its name alone; "" when that does not tell."""
    if _JS.fullmatch(name):
        return JAVASCRIPT
    if name.endswith(".pb") and name not in _OF_SAVED_MODELS:
        return "protocol buffer"
    if name in _NAMES:
        return _NAMES[name]
    if name.startswith("pytorch_model-") and name.endswith(".bin"):
        return "PyTorch"
    return next((known for ending, known in _ENDINGS.items() if name.lower().endswith(ending)), "")


def recognised(head: bytes) -> str:
    """What the format of a file is called, by its first bytes; "" when they do not tell."""
    if head[:2] == b"PK" and any(each in head for each in _TORCH):
        return "PyTorch"
    return next((known for start, known in _HEADS if head.startswith(start)), "")
