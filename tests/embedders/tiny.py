"""A model so small that its vectors can be read: each token has an axis of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "ada", "ben", "lives", "in", "lisbon", "query", "passage", ":")
AXES = {word: axis for axis, word in enumerate(WORDS)}

_INT64, _FLOAT = 7, 1


def write_model(
    directory: Path,
    *,
    files: Mapping[str, Any] | None = None,
    model: str = "model.onnx",
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
    outputs: Sequence[str] = ("last_hidden_state",),
    scale: float = 1.0,
) -> Path:
    """Lay out a model in `directory`; `files` are its JSON files by path, config.json with the width unless given."""
    (directory / model).parent.mkdir(parents=True, exist_ok=True)
    (directory / model).write_bytes(_model(inputs, outputs, scale))
    tokenizer().save(str(directory / "tokenizer.json"))
    for name, content in {"config.json": {"hidden_size": len(WORDS)}, **(files or {})}.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(json.dumps(content))
    return directory


def tokenizer() -> Tokenizer:
    """Build one that knows the words above, and pads and cuts as a saved one may."""
    built = Tokenizer(WordLevel(AXES, unk_token="[UNK]"))
    built.normalizer = Lowercase()
    built.pre_tokenizer = Whitespace()
    built.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", AXES["[CLS]"]), ("[SEP]", AXES["[SEP]"])]
    )
    built.enable_padding(length=20)
    built.enable_truncation(3)
    return built


def _model(inputs: Sequence[str], outputs: Sequence[str], scale: float) -> bytes:
    """Write an ONNX file: `last_hidden_state` looks each id up, `sentence_embedding` takes the largest of each axis.

    Source:
        https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (the field numbers)
    """
    size = len(WORDS)
    rows = (scale * np.eye(size, dtype=np.float32)).tobytes()
    table = _number(1, size) + _number(1, size) + _number(2, _FLOAT) + _bytes(8, b"table") + _bytes(9, rows)
    axes = _bytes(1, b"axes") + _number(8, 1) + _number(20, 7)
    flat = _bytes(1, b"keepdims") + _number(3, 0) + _number(20, 2)
    nodes = [
        _bytes(1, b"table") + _bytes(1, inputs[0].encode()) + _bytes(2, b"last_hidden_state") + _bytes(4, b"Gather"),
        _bytes(1, b"last_hidden_state") + _bytes(2, b"sentence_embedding") + _bytes(4, b"ReduceMax")
        + _bytes(5, axes) + _bytes(5, flat),
    ]  # fmt: skip
    shapes = {"last_hidden_state": ("n", "s", size), "sentence_embedding": ("n", size)}
    graph = b"".join(
        [*(_bytes(1, node) for node in nodes), _bytes(2, b"tiny"), _bytes(5, table)]
        + [_bytes(11, _value(name, _INT64, ("n", "s"))) for name in inputs]
        + [_bytes(12, _value(name, _FLOAT, shapes[name])) for name in outputs]
    )
    return _number(1, 8) + _bytes(8, _bytes(1, b"") + _number(2, 13)) + _bytes(7, graph)


def _value(name: str, kind: int, shape: Sequence[str | int]) -> bytes:
    sides = (_number(1, side) if isinstance(side, int) else _bytes(2, side.encode()) for side in shape)
    tensor = _number(1, kind) + _bytes(2, b"".join(_bytes(1, side) for side in sides))
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _bytes(field: int, content: bytes) -> bytes:
    return bytes([*_varint(field << 3 | 2), *_varint(len(content))]) + content


def _number(field: int, value: int) -> bytes:
    return bytes([*_varint(field << 3), *_varint(value)])


def _varint(value: int) -> Iterator[int]:
    while value > 127:
        yield value & 127 | 128
        value >>= 7
    yield value
