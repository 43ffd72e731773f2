import pytest

from duramen.evaluation.cases import Case
from duramen.evaluation.comparing import compared
from duramen.evaluation.judging import Result
from duramen.evaluation.report import Report


def result(
    question: str,
    *places: int | None,
    category: str = "",
    nothing: bool = False,
    confident: bool = True,
    tokens: int = 0,
) -> Result:
    case = Case(question=question, keys=tuple(map(str, range(len(places)))), category=category, nothing=nothing)
    return Result(case=case, places=places, confident=confident, tokens=tokens)


REPORT = Report(
    results=(
        result("a", 1, None, category="x"),
        result("b", 12, category="y", confident=False),
        result("c", 3, category="y"),
        result("d", 1, category="misleading", nothing=True, confident=False),
        result("e", nothing=True, category="strange", confident=False),
        result("f", nothing=True, category="strange"),
    )
)


def test_scores_are_means_over_the_answerable_questions() -> None:
    (level,) = REPORT.levels

    scores = REPORT.scores(level)

    assert level.name == "hits"
    assert scores["recall@10"].value == pytest.approx((0.5 + 0 + 1) / 3)
    assert scores["recall@20"].value == pytest.approx((0.5 + 1 + 1) / 3)
    assert scores["all@10"].value == pytest.approx(1 / 3)
    assert scores["MRR"].value == pytest.approx((1 + 1 / 12 + 1 / 3) / 3)
    assert scores["MRR"].n == 3


def test_a_category_is_scored_by_itself_also_when_it_cannot_be_answered() -> None:
    (level,) = REPORT.levels

    assert REPORT.scores(level, "y")["recall@10"].value == 0.5
    assert REPORT.scores(level, "misleading")["recall@10"].n == 1
    assert REPORT.scores(level, "strange") == {}
    assert REPORT.categories == ("x", "y", "misleading", "strange")


def test_nothing_known_is_judged_by_what_can_and_cannot_be_answered() -> None:
    known = REPORT.nothing_known()

    assert known.recognised is not None
    assert known.precision is not None
    assert known.false_alarms is not None
    assert known.recognised.value == pytest.approx(2 / 3)
    assert known.precision.value == pytest.approx(2 / 3)
    assert known.false_alarms.value == pytest.approx(1 / 3)
    assert [one.n for one in (known.recognised, known.precision, known.false_alarms)] == [3, 3, 3]


def test_nothing_known_of_one_category_leaves_the_other_unanswerable_ones_out() -> None:
    known = REPORT.nothing_known("strange")

    assert known.recognised is not None
    assert known.precision is not None
    assert (known.recognised.value, known.precision.value) == (0.5, 0.5)


def test_where_nothing_known_was_never_said_there_is_no_precision() -> None:
    known = Report(results=(result("a", 1), result("b", nothing=True))).nothing_known()

    assert known.precision is None
    assert known.recognised is not None
    assert known.recognised.value == 0.0


def test_failures_are_the_worst_questions_worst_first() -> None:
    assert [one.case.question for one in REPORT.failures(10)] == ["b", "f", "a"]
    assert len(REPORT.failures(1)) == 1
    assert REPORT.failures(0) == ()


def test_few_questions_make_a_warning_and_many_do_not() -> None:
    many = Report(results=tuple(result(str(place), 1) for place in range(30)))

    assert any("3 answerable questions" in warning for warning in REPORT.warnings)
    assert many.warnings == ()


def test_stages_have_their_median_and_a_total_with_and_without_embedding() -> None:
    case = Case(question="?", keys=("a",))
    spent = [{"embed": 4.0, "fuse": 1.0}, {"embed": 6.0, "fuse": 3.0, "rerank": 9.0}]

    stages = Report(results=tuple(Result(case=case, places=(1,), milliseconds=one) for one in spent)).stages()

    assert {stage: p50 for stage, (p50, _) in stages.items()} == {
        "embed": 5.0,
        "fuse": 2.0,
        "rerank": 9.0,
        "total but embed": 6.5,
        "total": 11.5,
    }
    assert all(p50 <= p95 for p50, p95 in stages.values())


def test_a_report_measures_only_the_levels_that_its_questions_speak_of() -> None:
    case = Case(question="?", sessions=("s",))
    report = Report(results=(Result(case=case, places=(), sessions=(2,)),))

    assert [level.name for level in report.levels] == ["sessions"]
    assert report.scores(report.levels[0])["MRR"].value == 0.5


def test_reports_are_compared_question_by_question() -> None:
    base = Report(results=(result("a", 1, tokens=10), result("b", None), result("c", 4)))
    other = Report(results=(result("c", 4), result("b", 2), result("a", 1, tokens=40), result("d", 1)))

    difference = compared(base, other)

    gained = difference.scores["hits"]["recall@5"]
    assert gained.value == pytest.approx(1 / 3)
    assert gained.n == 3
    assert difference.tokens is not None
    assert difference.tokens.value == pytest.approx(10)
    assert (difference.paired, difference.unpaired) == (3, 1)


def test_a_question_that_is_there_twice_is_paired_by_its_order() -> None:
    base = Report(results=(result("a", 1), result("a", None)))

    assert compared(base, base).paired == 2
    assert compared(base, base).scores["hits"]["recall@5"].value == 0.0


def test_reports_without_a_question_in_common_have_nothing_to_compare() -> None:
    difference = compared(Report(results=(result("a", 1),)), Report(results=(result("b", 1),)))

    assert (difference.scores, difference.tokens, difference.paired, difference.unpaired) == ({}, None, 0, 2)


def test_unanswerable_questions_are_not_in_the_differences() -> None:
    report = Report(results=(result("a", 1), result("b", 1, nothing=True)))

    assert compared(report, report).scores["hits"]["recall@5"].n == 1
