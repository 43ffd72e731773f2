"""Reading what a directory says of the model in it: the layout of Hugging Face, Optimum and sentence-transformers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duramen.embedders.text_model import Pooling
from duramen.errors import EmbedderError

MOST_TOKENS = 512
"""Read of a text unless told otherwise, however much the model can: the cost grows faster than the length."""

_POOLINGS: Mapping[str, Pooling] = {"mean": "mean", "cls": "cls", "last": "last", "lasttoken": "last"}
_MODE = "pooling_mode_"  # begins the key of each mode in older files, which say of each whether it is on
_WIDTHS = ("out_features", "embedding_dimension", "word_embedding_dimension", "hidden_size", "d_model", "dim")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDirectory:
    """A model with its tokenizer, and how it is to be used.

    Attributes:
        pooling: As the directory says; the mean where it says nothing.
        dimensions: Of the vectors, or None where it is not said.
        dense: Whether there are layers after the pooling, which only the ONNX file itself can run.
        padding: The id of the padding token.
    """

    path: Path
    model: Path
    tokenizer: Path
    pooling: Pooling
    dimensions: int | None
    dense: bool
    max_tokens: int
    padding: int
    query_prefix: str
    memory_prefix: str

    @classmethod
    def read(cls, path: Path) -> ModelDirectory:
        """Read the directory `path`, or that of the model file `path`.

        Raises:
            EmbedderError: The model or its tokenizer is not there, or is to be used in a way that is not known here.
        """
        model = _model(path)
        directory = model.parent
        if directory.name == "onnx" and not (directory / "tokenizer.json").exists():
            directory = directory.parent
        tokenizer = directory / "tokenizer.json"
        if not tokenizer.is_file():
            raise EmbedderError(
                f"There is no tokenizer.json in {directory}. Save it there with the model's tokenizer: "
                f"`tokenizer.save_pretrained({str(directory)!r})` in transformers."
            )
        modules = [directory / module["path"] for module in _json(directory / "modules.json", [])]
        dense = [module for module in modules if module.name.endswith("_Dense")]
        config = _json(directory / "config.json", {})
        pooling = _json(directory / "1_Pooling" / "config.json", {})
        query_prefix, memory_prefix = _prefixes(_json(directory / "config_sentence_transformers.json", {}))
        last = _json(dense[-1] / "config.json", {}) if dense else {}
        return cls(
            path=directory,
            model=model,
            tokenizer=tokenizer,
            pooling=_pooling(pooling, directory),
            dimensions=next((one[key] for one in (last, pooling, config) for key in _WIDTHS if key in one), None),
            dense=bool(dense),
            max_tokens=_max_tokens(directory, config),
            padding=config.get("pad_token_id") or 0,
            query_prefix=query_prefix,
            memory_prefix=memory_prefix,
        )

    def width(self) -> int:
        """Return how long the vectors are said to be.

        Raises:
            EmbedderError: It is not said.
        """
        if self.dimensions is None:
            raise EmbedderError(
                f"{self.path} does not say how long the model's vectors are. Give `dimensions`, or put the model's "
                f"config.json there."
            )
        return self.dimensions

    def digest(self) -> str:
        """Return a hash of the model's files: other weights are another vector space."""
        found = hashlib.sha256()
        weights = sorted(self.model.parent.glob(f"{self.model.name}[_.]data*"))  # of a large model, in a file apart
        try:
            for path in (self.model, *weights):
                with path.open("rb") as file:
                    while part := file.read(2**20):
                        found.update(part)
        except OSError as error:
            raise EmbedderError(f"{error.filename} cannot be read: {error.strerror or error}.") from error
        return found.hexdigest()


def _model(path: Path) -> Path:
    if path.is_file():
        return path
    for named in (path / "model.onnx", path / "onnx" / "model.onnx"):
        if named.is_file():
            return named
    found = sorted([*path.glob("*.onnx"), *path.glob("onnx/*.onnx")])
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(str(one.relative_to(path)) for one in found)
        raise EmbedderError(f"{path} has several models: {names}. Give the path of the one to use.")
    raise EmbedderError(
        f"There is no model.onnx in {path}. Export the model there, with "
        f"`optimum-cli export onnx --model NAME {path}`, or give the directory where it is."
    )


def _json(path: Path, default: Any) -> Any:
    if not path.is_file():
        return default
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EmbedderError(f"{path} cannot be read as JSON: {error}. Fetch it anew.") from error


def _pooling(config: Mapping[str, Any], directory: Path) -> Pooling:
    said = config.get("pooling_mode") or [_mode(key) for key, on in config.items() if key.startswith(_MODE) and on]
    modes = [said] if isinstance(said, str) else said or ["mean"]
    if len(modes) > 1 or modes[0] not in _POOLINGS:
        raise EmbedderError(
            f"The model in {directory} pools by {' and '.join(modes)}; Duramen knows mean, cls and last. "
            f"Run it by other means, and pass a `duramen.FunctionEmbedder`."
        )
    return _POOLINGS[modes[0]]


def _mode(key: str) -> str:
    return key.removeprefix(_MODE).removesuffix("s").removesuffix("_token")


def _prefixes(config: Mapping[str, Any]) -> tuple[str, str]:
    prompts = config.get("prompts") or {}
    usual = prompts.get(config.get("default_prompt_name"), "")
    return prompts.get("query", usual), prompts.get("document", prompts.get("passage", usual))


def _max_tokens(directory: Path, config: Mapping[str, Any]) -> int:
    said = (
        _json(directory / "sentence_bert_config.json", {}).get("max_seq_length"),
        _json(directory / "tokenizer_config.json", {}).get("model_max_length"),
        config.get("max_position_embeddings"),
    )
    return min([MOST_TOKENS, *(int(one) for one in said if one)])
