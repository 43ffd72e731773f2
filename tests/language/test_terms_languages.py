"""Whether a question and the memory that answers it have terms in common, in many languages."""

from __future__ import annotations

import numpy as np
import pytest

from duramen.index.postings import Postings
from duramen.language.terms import LANGUAGE_CODES, code_of, readings, term_codes
from tests.language.questions import PAIRS

LEAST = {"es": 0.8, "fr": 0.8, "ru": 0.65, "tr": 0.8, "fi": 0.65}
"""By language: the share of questions whose memory has to come first, alone; elsewhere 0.85."""


def first(languages: list[str]) -> dict[str, float]:
    """Return by language the share of questions whose own memory is the best, in one bank of all `languages`."""
    asked = [(language, question) for language in languages for question, _ in PAIRS[language]]
    postings = Postings()
    postings.append([term_codes(memory) for language in languages for _, memory in PAIRS[language]])
    spoken = [language for language, code in LANGUAGE_CODES.items() if postings.frequency(code)]
    shares: dict[str, list[bool]] = {}
    for place, (language, question) in enumerate(asked):
        codes = {code_of(form) for reading in readings(question, spoken) for form in reading.forms}
        scores = postings.scores(np.array(sorted(codes), dtype=np.uint32))
        best = scores[place] > 0 and np.count_nonzero(scores >= scores[place]) == 1
        shares.setdefault(language, []).append(bool(best))
    return {language: sum(found) / len(found) for language, found in shares.items()}


@pytest.mark.parametrize("language", PAIRS)
def test_most_questions_find_their_memory_by_its_words(language: str) -> None:
    shares = first([language])

    assert shares[language] >= LEAST.get(language, 0.85)


def test_a_bank_of_all_languages_answers_in_each() -> None:
    shares = first(list(PAIRS))

    assert {language: share for language, share in shares.items() if share < LEAST.get(language, 0.85)} == {}
