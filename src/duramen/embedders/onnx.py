"""An embedder for a model of the user's own: any that embeds sentences, exported to ONNX, from a local directory."""

import asyncio
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from duramen.embedders.model_directory import ModelDirectory
from duramen.embedders.own_thread import OwnThread
from duramen.embedders.text_model import EXTRA_INPUTS, Pooling, TextModel, start
from duramen.errors import EmbedderError


class OnnxEmbedder:
    """Embeds with a model in ONNX and its `tokenizer.json`, from a directory as Hugging Face and Optimum lay it out.

    Nothing is fetched. What sentence-transformers wrote beside the model (pooling, prompts, length) holds unless an
    argument says otherwise. The directory is read at once and the model loaded at the first call; all runs on one
    thread of the embedder's own.

    A model with an output `sentence_embedding` pools by itself; of others the vectors of tokens are taken, pooled
    here. Every vector is scaled to length 1.

    Args:
        path: The directory, with `model.onnx` or `onnx/model.onnx`; or the model file to use, if it has another name.
        name: Identifies the vector space. Unless given it is made of the directory's name, a hash of the model file,
            and what else decides what is stored, so a renamed directory is another space. The hash takes about a
            second a gigabyte.
        query_prefix: Put before questions; unless given, the prompt "query" of the model.
        memory_prefix: Put before what is retained; unless given, the prompt "document" or "passage" of the model.
        pooling: Makes one vector of those of the tokens: their mean, the first (`"cls"`) or the last.
        max_tokens: Read of each text; unless given what the model can, at most 512.
        dimensions: How many to keep, from the first on, for a model that was trained for that (Matryoshka).
        threads: Threads of ONNX Runtime for one call. They sleep between calls.
        batch: Texts per run of the model, at most; long texts go in smaller batches.

    Raises:
        EmbedderError: A file is missing, or the model is to be used in a way that is not known here.

    Source:
        Matryoshka: Kusupati et al., Matryoshka Representation Learning, 2022, https://arxiv.org/abs/2205.13147
    """

    def __init__(  # noqa: PLR0913  what the model's own files may leave open
        self,
        path: str | PathLike[str],
        *,
        name: str | None = None,
        query_prefix: str | None = None,
        memory_prefix: str | None = None,
        pooling: Pooling | None = None,
        max_tokens: int | None = None,
        dimensions: int | None = None,
        threads: int = 1,
        batch: int = 32,
    ) -> None:
        self._directory = ModelDirectory.read(Path(path).expanduser().absolute())
        self._query_prefix = self._directory.query_prefix if query_prefix is None else query_prefix
        self._memory_prefix = self._directory.memory_prefix if memory_prefix is None else memory_prefix
        self._pooling = pooling
        self._max_tokens = max_tokens or self._directory.max_tokens
        self._threads = threads
        self._batch = batch
        self._whole = dimensions is None
        self.dimensions = self._directory.width() if dimensions is None else dimensions
        if self.dimensions < 1:
            raise EmbedderError(f"`dimensions` is {self.dimensions}. Give at least 1.")
        self.name = name or self._own_name()
        self._thread = OwnThread(self._load, "duramen-onnx")

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return await self._embed([self._memory_prefix + text for text in texts])

    async def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return await self._embed([self._query_prefix + text for text in texts])

    async def aclose(self) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish what is queued, then let go of the thread and the model; a later `embed` loads anew."""
        self._thread.close()

    async def _embed(self, texts: list[str]) -> npt.NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return await self._thread.run(lambda model: model.embed(texts))

    def _own_name(self) -> str:
        found = self._directory
        parts = [found.path.name, found.digest()[:12], self._pooling or found.pooling, str(self.dimensions)]
        return "-".join(parts) + (f"-{self._memory_prefix!r}" if self._memory_prefix else "")

    def _load(self) -> TextModel:
        found = self._directory
        session = start(found.model, self._threads)
        model = TextModel(
            session=session,
            tokenizer=_tokenizer(found.tokenizer, self._max_tokens),
            max_tokens=self._max_tokens,
            output=self._output(session),
            pooling=self._pooling or found.pooling,
            dimensions=self.dimensions,
            padding=found.padding,
            batch=self._batch,
        )
        width = model.width()
        if width < self.dimensions or (self._whole and width != self.dimensions):
            raise EmbedderError(
                f"The model {found.model} gives vectors of {width} dimensions, but {self.dimensions} were expected. "
                f"Give `dimensions`, or check the files beside the model."
            )
        return model

    def _output(self, session: Any) -> str:
        """Choose the output to take, and check that the inputs can be given."""
        inputs = {one.name for one in session.get_inputs()}
        strange = inputs - {"input_ids", "attention_mask", *EXTRA_INPUTS}
        if strange or not {"input_ids", "attention_mask"} <= inputs:
            raise EmbedderError(
                f"The model {self._directory.model} takes {', '.join(sorted(inputs))}. A model of sentences takes "
                f"input_ids and attention_mask, and maybe {' and '.join(EXTRA_INPUTS)}. Export it for feature extraction."
            )
        outputs = [one.name for one in session.get_outputs()]
        whole = ["sentence_embedding"] if self._pooling is None else []
        tokens = [] if self._directory.dense else ["last_hidden_state", "token_embeddings"]
        for name in whole + tokens:
            if name in outputs:
                return name
        raise EmbedderError(
            f"The model {self._directory.model} gives {', '.join(outputs)}, and "
            f"{' or '.join(whole + tokens) or 'sentence_embedding, without `pooling`,'} was expected. Export it with "
            f"`optimum-cli export onnx --library sentence_transformers`."
        )


def _tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_tokens)
    except Exception as error:  # the library raises nothing narrower
        raise EmbedderError(f"The tokenizer {path} cannot be used: {error}. Fetch it anew.") from error
    return tokenizer
