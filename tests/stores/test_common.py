from duramen.stores.common import digest_of
from tests.stores.examples import event, full_event


def test_an_event_without_entities_has_the_digest_that_it_always_had() -> None:
    assert digest_of(event()).hex() == "dd64d253b4530b15016fb8d56a8235ae"
    assert digest_of(full_event(entities=())).hex() == "f41889e4bbb3114ac0f7ff35a7787c7c"


def test_what_an_event_names_is_part_of_its_digest() -> None:
    digests = [digest_of(event(entities=names)) for names in [(), ("Ada",), ("Oslo",), ("Ada", "Oslo"), ("AdaOslo",)]]

    assert len(set(digests)) == 5
    assert digest_of(event(entities=("Oslo", "Ada"))) == digests[3]
