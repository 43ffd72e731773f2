import pytest

from duramen.errors import BadInputError
from duramen.evaluation import embedder_at
from tests.evaluation import parts_of_mine

HERE = "tests.evaluation.parts_of_mine"


def test_an_object_is_taken_as_it_is() -> None:
    assert embedder_at(f"{HERE}:embedder") is parts_of_mine.embedder
    assert embedder_at(f"{HERE}:Models.small") is parts_of_mine.embedder


def test_a_class_or_function_is_called() -> None:
    assert embedder_at("duramen:HashingEmbedder").name == "hashing-256"
    assert embedder_at(f"{HERE}:made").name == "hashing-32"


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("HashingEmbedder", "module:object"),
        (":embedder", "module:object"),
        ("duramen:", "module:object"),
        ("no_such_module:embedder", "cannot be imported"),
        (f"{HERE}:nothing", "has no 'nothing'"),
        (f"{HERE}:embedder.nothing", "has no 'nothing'"),
        (f"{HERE}:needing", "without arguments"),
        (f"{HERE}:number", "not an embedder: it needs `name`"),
        (f"{HERE}:Half", "not an embedder: it needs `name`"),
        (f"{HERE}:Unnamed", "its `name` must be text"),
    ],
)
def test_what_is_no_embedder_is_an_error_that_says_why(path: str, wrong: str) -> None:
    with pytest.raises(BadInputError) as caught:
        embedder_at(path)

    assert wrong in str(caught.value)
    assert path in str(caught.value)
