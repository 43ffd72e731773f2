import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from duramen.index.bank import BankIndex
from duramen.index.segment import Segments, opened
from duramen.types import BankVersion, Row
from tests.index.rows import row, version
from tests.index.same import assert_same

BANK = "user:ada"

Damage = Callable[[bytes], bytes]


def rows_of(count: int) -> list[Row]:
    return [
        row(
            number,
            event=f"event-{number // 3}",
            session=f"session-{number % 7}" if number % 5 else None,
            actor=f"actor-{number % 3}",
            speaker=None if number % 4 else "Ada",
            mentioned=number * 31 % 100,
            occurred=(number, number + 1) if number % 6 == 0 else None,
            tags=(f"tag {number % 11}",),
            entities=(f"Name {number % 13}", "Ada  Lovelace") if number % 2 else (),
            vector=np.array([np.cos(number), np.sin(number), 0.0], dtype=np.float32),
        )
        for number in range(1, count + 1)
    ]


def index_of(count: int) -> BankIndex:
    return BankIndex.build(version(count), rows_of(count))


@pytest.fixture
def segments(tmp_path: Path) -> Segments:
    return Segments(tmp_path / "indexes")


def kept(segments: Segments, index: BankIndex, bank: str = BANK) -> Path:
    """Write a segment and publish it; return where it is."""
    written = segments.write(bank, index.version, index.save(), lambda: False)
    assert written is not None
    assert segments.publish(written, index.version)
    return written.parent / f"{index.version.number}.segment"


def loaded(segments: Segments, version: BankVersion, bank: str = BANK) -> BankIndex:
    index = segments.load(bank, version)
    assert index is not None
    return index


def test_an_index_from_a_file_is_the_one_that_was_written(segments: Segments) -> None:
    index = index_of(500)

    kept(segments, index)

    again = loaded(segments, index.version)
    assert again.version == index.version
    assert (again.is_mapped, again.dense) == (True, 500)
    assert again.nbytes < index.nbytes / 4
    assert_same(again, index)


def test_it_can_be_added_to_and_taken_from_like_any_other(segments: Segments) -> None:
    rows = rows_of(6000)
    kept(segments, index_of(500))
    again = loaded(segments, version(500))

    again.extend(rows[500:520], version(520))
    assert_same(again, index_of(520))
    again.extend(rows[520:], version(6000))
    assert_same(again, index_of(6000))

    numbers = list(range(2, 6001, 3))
    assert_same(again.kept(numbers, version(6000)), index_of(6000).kept(numbers, version(6000)))


def test_adding_to_it_changes_nothing_in_the_file(segments: Segments) -> None:
    path = kept(segments, index_of(500))
    before = path.read_bytes()

    again = loaded(segments, version(500))
    again.extend(rows_of(520)[500:], version(520))
    again.settle()

    assert path.read_bytes() == before


def test_what_is_added_while_it_is_written_is_not_in_it(segments: Segments) -> None:
    index = index_of(500)
    parts, at = index.save(), index.version
    index.extend(rows_of(900)[500:], version(900))

    written = segments.write(BANK, at, parts, lambda: False)

    assert written is not None
    segments.publish(written, at)
    assert_same(loaded(segments, version(900)), index_of(500))


def test_an_index_stays_readable_when_its_file_is_replaced_or_deleted(segments: Segments) -> None:
    kept(segments, index_of(500))
    again = loaded(segments, version(500))

    kept(segments, index_of(600))
    segments.discard(1)

    assert_same(again, index_of(500))


@pytest.mark.parametrize(
    "other",
    [
        replace(version(500), number=2),
        replace(version(500), last=499),
        replace(version(500), removals=1),
        replace(version(500), embedder="other"),
        replace(version(500), dimensions=4),
    ],
)
def test_one_that_does_not_fit_the_bank_is_passed_over(segments: Segments, other: BankVersion) -> None:
    path = kept(segments, index_of(500))

    assert segments.load(BANK, other) is None
    assert path.exists() == (other.number != 1)


def test_one_of_a_bank_of_another_name_is_passed_over(segments: Segments) -> None:
    path = kept(segments, index_of(500))

    assert segments.load("user:grace", version(500)) is None
    assert not path.exists()


def cut(content: bytes) -> bytes:
    return content[:-4096]


def without_end(content: bytes) -> bytes:
    return content[:100]


def flipped(content: bytes) -> bytes:
    return content[:200] + bytes([content[200] ^ 1]) + content[201:]


def zeros(content: bytes) -> bytes:
    return bytes(len(content))


def empty(_: bytes) -> bytes:
    return b""


def of_a_later_format(content: bytes) -> bytes:
    return content.replace(b'"format": ', b'"format": 9', 1)


@pytest.mark.parametrize("damage", [cut, without_end, flipped, zeros, empty, of_a_later_format])
def test_a_damaged_or_foreign_file_is_passed_over_and_deleted(segments: Segments, damage: Damage) -> None:
    path = kept(segments, index_of(500))
    path.write_bytes(damage(path.read_bytes()))

    assert segments.load(BANK, version(500)) is None
    assert not path.exists()


def test_writing_that_is_given_up_leaves_no_file(segments: Segments, tmp_path: Path) -> None:
    index = index_of(500)

    assert segments.write(BANK, index.version, index.save(), lambda: True) is None

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_directory_that_cannot_be_made_costs_the_file_only(tmp_path: Path) -> None:
    (tmp_path / "indexes").write_text("a file")
    index = index_of(500)

    segments = Segments(tmp_path / "indexes" / "here")

    assert segments.write(BANK, index.version, index.save(), lambda: False) is None
    assert segments.load(BANK, index.version) is None
    segments.discard(1)


def test_what_is_discarded_while_it_is_written_does_not_come_back(segments: Segments, tmp_path: Path) -> None:
    index = index_of(500)
    written = segments.write(BANK, index.version, index.save(), lambda: False)
    assert written is not None

    segments.discard(1)

    assert not segments.publish(written, index.version)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_discarding_one_bank_leaves_the_others(segments: Segments) -> None:
    index = BankIndex.build(version(500, number=12), rows_of(500))
    kept(segments, index)
    kept(segments, index_of(500))

    segments.discard(1)

    assert [version.number for _, version in segments.left()] == [12]


def test_what_a_killed_writer_left_is_deleted_and_what_others_write_is_not(segments: Segments, tmp_path: Path) -> None:
    kept(segments, index_of(500))
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    abandoned = tmp_path / "indexes" / f"7.{int(dead.stdout)}-abc.new"
    going_on = tmp_path / "indexes" / f"7.{os.getpid()}-abc.new"
    for path in (abandoned, going_on):
        path.write_bytes(b"half")

    assert list(segments.left()) == [(BANK, version(500))]

    assert not abandoned.exists()
    assert going_on.exists()


def test_a_writer_that_is_killed_leaves_no_segment(tmp_path: Path) -> None:
    code = (
        "import os\nfrom pathlib import Path\nfrom duramen.index.segment import Segments\n"
        "from tests.index.test_segment import BANK, index_of\n"
        "index, calls = index_of(500), iter(range(99))\n"
        "def stopped():\n    if next(calls) == 20:\n        os._exit(9)\n    return False\n"
        f"Segments(Path({str(tmp_path)!r})).write(BANK, index.version, index.save(), stopped)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])

    assert done.returncode == 9
    assert [path.suffix for path in tmp_path.iterdir()] == [".new"]
    assert Segments(tmp_path).load(BANK, version(500)) is None
    assert list(Segments(tmp_path).left()) == []
    assert list(tmp_path.iterdir()) == []


def test_every_array_begins_at_a_page_and_has_room(segments: Segments) -> None:
    header, _ = opened(kept(segments, index_of(500)))

    assert len(header.arrays) > 40
    assert all(begin % 4096 == 0 for begin, _, _, _ in header.arrays.values())
    assert all(shape[0] > size for name, (_, _, shape, size) in header.arrays.items() if "vectors/" not in name)


def test_arrays_are_views_of_the_file(segments: Segments) -> None:
    kept(segments, index_of(500))

    again = loaded(segments, version(500))

    assert isinstance(again.numbers.base, np.ndarray)
    assert not again.numbers.flags.owndata
