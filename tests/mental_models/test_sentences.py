from hypothesis import given
from hypothesis import strategies as st

from duramen.language.tokens import count_tokens
from duramen.mental_models.model import Sentence, Source, as_plain, content_of, from_plain
from duramen.mental_models.sentences import delta, full

SENTENCES = st.lists(
    st.builds(
        Sentence,
        st.sampled_from(["One.", "Two of them.", "A third, which is longer.", "4."]),
        st.lists(st.builds(Source, st.sampled_from("abcdef"), st.just("x")), min_size=1, max_size=3).map(tuple),
    ),
    max_size=8,
)
ROOM = 10_000


def said(text: str, *sources: str) -> Sentence:
    return Sentence(text, tuple(Source(id, "x") for id in sources))


@given(SENTENCES)
def test_sentences_are_read_as_they_were_written(sentences: list[Sentence]) -> None:
    assert list(from_plain(as_plain(sentences))) == sentences


@given(SENTENCES, st.integers(1, 60))
def test_no_more_is_said_than_there_is_room_for(answer: list[Sentence], room: int) -> None:
    made = full(answer, room)

    assert count_tokens(content_of(made.sentences)) <= room
    assert made.left_out == len(answer) - len(made.sentences)


@given(SENTENCES, SENTENCES, st.sets(st.sampled_from("abcdef")))
def test_what_still_holds_stays_first_and_in_order(
    before: list[Sentence], answer: list[Sentence], over: set[str]
) -> None:
    holds = [one for one in before if not over & {source.id for source in one.sources}]

    made = delta(before, answer, over=over, max_tokens=ROOM)

    assert list(made.sentences[: len(holds)]) == holds
    assert set(made.sentences[len(holds) :]) <= set(answer)


@given(SENTENCES)
def test_the_same_answer_changes_nothing(answer: list[Sentence]) -> None:
    assert list(delta(answer, answer, over=(), max_tokens=ROOM).sentences) == answer


def test_an_answer_adds_what_rests_on_something_new() -> None:
    before = [said("Ada lives in Lisbon.", "a")]
    answer = [said("Lisbon is her home.", "a"), said("Lisbon, with a boat.", "a", "b")]

    made = delta(before, answer, over=(), max_tokens=ROOM)

    assert content_of(made.sentences) == "Ada lives in Lisbon.\nLisbon, with a boat."


def test_without_room_for_both_the_answer_alone_is_said() -> None:
    before = [said("Ada lives in Lisbon.", "a")]
    answer = [said("Ada owns a boat.", "b")]

    made = delta(before, answer, over=(), max_tokens=count_tokens("Ada owns a boat.") + 2)

    assert (made.sentences, made.mode) == (tuple(answer), "full")
    assert "no room" in made.fallback
