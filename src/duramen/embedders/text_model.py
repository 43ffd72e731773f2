"""Running a text model in ONNX: what the embedders that have one share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from duramen.errors import EmbedderError
from duramen.language.tokens import encodable
from duramen.protocols import TokenVectors

Vectors = npt.NDArray[np.float32]
Pooling = Literal["mean", "cls", "last"]
"""How the vectors of a text's tokens become one: their mean, that of the first, or that of the last."""

_CHARACTERS = 64  # a token: far more than one ever covers, and it keeps the tokenizer from reading a whole book
_TOKENS = 16  # of a text that fills its share of a batch: runs of 500 tokens are the fastest, and stay small


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModel:
    """A loaded model with its tokenizer. It blocks, and is not to be used in two threads at once.

    Attributes:
        session: Takes `input_ids` and `attention_mask`, and zeros or positions where it wants them.
        tokenizer: Cuts a text off after `max_tokens`, and does not pad.
        output: The output to take: vectors of tokens, or of whole texts.
        pooling: Ignored where the output is of whole texts.
        dimensions: How many of the model's dimensions are kept, from the first on.
        padding: The id that fills up a batch.
        batch: Texts a run, at most; long texts go in smaller batches.
    """

    session: Any
    tokenizer: Tokenizer
    max_tokens: int
    output: str
    pooling: Pooling
    dimensions: int
    padding: int = 0
    batch: int = 32

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row per text."""
        ids = [one.ids for one in self._encode(texts)]
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for numbers in batches([len(one) for one in ids], self.batch):
            vectors[numbers] = self._pooled(*self._run([ids[number] for number in numbers]))
        return vectors

    def embed_tokens(self, texts: Sequence[str]) -> TokenVectors:
        """Return a unit row per text, and one for each of its tokens that is not special."""
        encoded = self._encode(texts)
        ids = [one.ids for one in encoded]
        plain = [[place for place, special in enumerate(one.special_tokens_mask) if not special] for one in encoded]
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        tokens = [vectors] * len(texts)
        for numbers in batches([len(one) for one in ids], self.batch):
            hidden, mask = self._run([ids[number] for number in numbers])
            vectors[numbers] = self._pooled(hidden, mask)
            for number, rows in zip(numbers, hidden, strict=True):
                tokens[number] = unit(rows[plain[number]])
        word = self.tokenizer.id_to_token
        words = [[word(one[place]) or "" for place in places] for one, places in zip(ids, plain, strict=True)]
        return TokenVectors(vectors, tokens, words)

    def width(self) -> int:
        """Return how many dimensions the model has, by running it once."""
        hidden, _ = self._run([self._encode(["Ada"])[0].ids])
        return int(hidden.shape[-1])

    def _encode(self, texts: Sequence[str]) -> list[Encoding]:
        limit = self.max_tokens * _CHARACTERS
        return self.tokenizer.encode_batch_fast([encodable(text.lstrip()[:limit]) for text in texts])

    def _run(self, texts: list[list[int]]) -> tuple[Vectors, Vectors]:
        """Return the model's output and the mask of what is not padding, of shape (texts, tokens)."""
        shape = len(texts), max(map(len, texts))
        ids = np.full(shape, self.padding, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask}
        for one in self.session.get_inputs():
            if one.name not in inputs:
                inputs[one.name] = EXTRA_INPUTS[one.name](shape)
        try:
            hidden = self.session.run([self.output], inputs)[0]
        except Exception as error:  # ONNX Runtime's errors have no base class of their own
            raise EmbedderError(f"The embedding model failed: {error}") from error
        return hidden.astype(np.float32, copy=False), mask.astype(np.float32)

    def _pooled(self, hidden: Vectors, mask: Vectors) -> Vectors:
        pooled = hidden if hidden.ndim == 2 else _POOLED[self.pooling](hidden, mask)
        if not np.isfinite(pooled).all():
            raise EmbedderError("The embedding model gave numbers that are not finite. Use weights of 32 bits or int8.")
        return unit(pooled[:, : self.dimensions])


EXTRA_INPUTS: dict[str, Callable[[tuple[int, int]], npt.NDArray[np.int64]]] = {
    "token_type_ids": lambda shape: np.zeros(shape, dtype=np.int64),
    "position_ids": lambda shape: np.broadcast_to(np.arange(shape[1], dtype=np.int64), shape).copy(),
}
"""What a model may want beside ids and mask, for texts that begin at the first place."""


def _mean(hidden: Vectors, mask: Vectors) -> Vectors:
    # The sum differs from the mean by length alone, which is made 1 anyway.
    sums: Vectors = np.einsum("nsd,ns->nd", hidden, mask, optimize=True)
    return sums


def _last(hidden: Vectors, mask: Vectors) -> Vectors:
    last: Vectors = hidden[np.arange(len(hidden)), mask.sum(axis=1).astype(np.intp) - 1]
    return last


_POOLED: dict[Pooling, Callable[[Vectors, Vectors], Vectors]] = {
    "mean": _mean,
    "cls": lambda hidden, mask: hidden[:, 0],
    "last": _last,
}


def unit(rows: Vectors) -> Vectors:
    """Return `rows` at length 1; one that has no direction becomes the first axis."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    if lengths.all():
        scaled: Vectors = rows / lengths
        return scaled
    rows = rows.copy()
    rows[lengths[:, 0] == 0.0, 0] = 1.0
    return unit(rows)


def batches(lengths: list[int], size: int) -> Iterator[list[int]]:
    """Group texts of like length, so that little of the work goes into padding, and few of the long ones at once."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == size or (len(batch) + 1) * lengths[number] > size * _TOKENS):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def start(model: bytes | Path, threads: int) -> Any:
    """Start an ONNX Runtime session on `threads` threads, which sleep between runs.

    Raises:
        EmbedderError: ONNX Runtime is not there, or does not take the model.
    """
    try:
        import onnxruntime  # an optional heavy part: 60 ms that only an embedder in use should cost
    except ImportError as error:
        raise EmbedderError(
            f"ONNX Runtime, which runs the embedding model, cannot be imported: {error}. "
            f"Run `pip install onnxruntime`, or pass another embedder."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    source = model if isinstance(model, bytes) else str(model)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no base class of their own
        raise EmbedderError(f"ONNX Runtime could not load the embedding model: {error}") from error
