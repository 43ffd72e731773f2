# Names of many scripts, whose letters resemble each other.
# ruff: noqa: RUF001
import pytest

from duramen.language.person_names import is_person_name
from duramen.language.relations import person, written_name

NAMES = [
    "Anna", "nora", "ANNA", "Jean-Luc", "O'Brien", "D'Angelo", "María José", "van der Berg", "Ludwig van Beethoven", "McDonald",
    "DeShawn", "LaToya", "Dr. Weber", "J. R. R. Tolkien", "Sam Jr.", "Ng Wei", "Jan Vlk", "Lynn", "Rhys", "Łukasz", "Bjørn", "Siân",
    "Goldschmidt", "Nguyễn Văn An", "al-Khwarizmi", "李明", "さくら", "김민준", "Анна", "محمد", "אנה", "अनिता", "Will Self",
]  # fmt: skip
IDS = [
    "", "  ", "user-123", "u_8f3a", "u-4711", "550e8400-e29b-41d4-a716-446655440000", "ada@example.org", "+351 912 345 678", "912345678",
    "ActorrUgUxG", "rUgUxG", "testUser", "AdaLovelaceX", "JnQrtZ", "cafeBabe", "iPhone", "Ab-Cd-eF", "xkqz", "bcdfg", "HJKLMN",
    "qwrtpsdf", "abcdefghijklmnopqrstuvwxyz", "X", "a-b-c", "ada.lovelace", "auth0|5f7c", "tenant:a", "arn:aws", "n/a", "-anna",
    "anna-", "Anna\n", "\u200bada", "Aдаm", "mrs_x",
]  # fmt: skip
ROLES = [
    "user", "Human", "SYSTEM", "customer", "guest", "admin", "anonymous", "actor", "me", "default", "the user", "test user",
    "User A", "unknown user", "my-agent", "support-agent", "customer-bob", "session-main",
]  # fmt: skip


@pytest.mark.parametrize("id", NAMES)
def test_names_of_persons_are_told_in_any_script(id: str) -> None:
    assert is_person_name(id)
    assert person(id) == id


@pytest.mark.parametrize("id", IDS)
def test_ids_are_no_names(id: str) -> None:
    assert not is_person_name(id)
    assert written_name(id) is None


@pytest.mark.parametrize("id", ROLES)
def test_roles_are_no_names(id: str) -> None:
    assert person(id) is None


@pytest.mark.parametrize("id", ["a" * 100_000, "Anna " * 20_000, "J. " * 30_000, "a'" * 50_000])
def test_an_id_without_end_is_no_name(id: str) -> None:
    assert person(id) is None
