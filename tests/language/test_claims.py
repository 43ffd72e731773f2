import subprocess
import sys
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.language.claims import LONGEST_TEXT, MOST_STATEMENTS, claims_of, find_claims, statements
from duramen.types import Memory

CLAIMS = {
    # where somebody lives
    "I live in Porto.": "lives/ada=porto",
    "i live in porto": "lives/ada=porto",
    "I'm based in New York now, in a small flat.": "lives/ada=new york",
    "We\u2019ve just moved to Lisbon!": "lives/ada=lisbon",
    "Last month we moved from Porto to Lisbon.": "lives/ada=lisbon",
    "Grace lives in Lisbon with her sister.": "lives/grace=lisbon",
    "Grace Hopper moved to Lisbon in March 2025.": "lives/grace=lisbon",
    "My sister lives in Madrid, Spain.": "lives/ada's sister=madrid",
    "My sister Ana moved to Berlin.": "lives/ada's sister=berlin lives/ana=berlin",
    "I live in Portugal.": "country/ada=portugal",
    "I finally relocated to Spain.": "country/ada=spain !lives/ada=",
    # where somebody works
    "I work at Acme.": "works/ada=acme",
    "I'm working for the Globex Corporation.": "works/ada=globex",
    "I started at Initech.": "works/ada=initech",
    "I got a new job at Initech!": "works/ada=initech",
    "My husband works for Siemens.": "works/ada's husband=siemens",
    "I joined Initech as a designer.": "works/ada=initech",
    "I'm unemployed right now.": "works/ada=none",
    "I'm self-employed.": "works/ada=self",
    "I quit Acme and started at Initech.": "!works/ada=acme works/ada=initech",
    "I lost my job in spring.": "!works/ada=",
    "I got laid off last week.": "!works/ada=",
    # what somebody is, eats, has
    "I'm single.": "status/ada=unattached",
    "I got engaged!": "status/ada=engaged",
    "Grace is married to Bob.": "status/grace=married",
    "We broke up in May.": "status/ada=unattached",
    "I'm 34 years old.": "age/ada=34",
    "I just turned 35!": "age/ada=35",
    "My daughter is 5.": "age/ada's daughter=5",
    "I'm a vegetarian.": "diet/ada=vegetarian",
    "I went vegan.": "diet/ada=vegan",
    "I eat meat again.": "diet/ada=omnivore",
    "I'm not vegetarian any more.": "!diet/ada=vegetarian",
    "I have a dog.": "has/ada/dog=yes",
    "We adopted a dog named Rex.": "has/ada/dog=yes alive/rex=yes",
    "I no longer have a dog.": "has/ada/dog=no",
    "I don't have a car anymore.": "has/ada/car=no",
    "I sold my old car.": "has/ada/car=no",
    "I traded my car for a bike.": "uses/ada/car=no has/ada/car=no uses/ada/bike=yes has/ada/bike=yes",
    "im living in porto now": "lives/ada=porto",
    "I no longer live in Porto.": "!lives/ada=porto",
    # what is used
    "We use Postgres.": "uses//postgre=yes",
    "We switched from Postgres to SQLite.": "uses//postgre=no uses//sqlite=yes",
    "We moved from Postgres to SQLite.": "uses//postgre=no uses//sqlite=yes",
    "We replaced Redis with Memcached.": "uses//redis=no uses//memcached=yes",
    "I stopped using Vim.": "uses/ada/vim=no",
    "We use tabs instead of spaces.": "uses//space=no uses//tab=yes",
    # what is called, costs, is favoured
    "My favourite colour is green.": "favourite/ada/color=green",
    "my favorite color is blue now": "favourite/ada/color=blue",
    'Her colleagues know: Grace\'s favourite book is "Dune".': "favourite/grace/book=dune",
    "My phone number is 555-123 4567.": "the/ada/phone=5551234567",
    "My new phone is 5550001.": "the/ada/phone=5550001",
    "I changed my e-mail address to Ada@example.com.": "the/ada/email=ada@example.com",
    "By the way, my new address is 12 Main Street, Porto.": "the/ada/address=12 main street",
    "My boss is Carol.": "the/ada/boss=carol",
    "The owner of the repo is Dr. Alice Liddell.": "the//owner repo=alice",
    "Bob is the new owner of the repo.": "the//owner repo=bob",
    "The price of the basic plan is $10 a month.": "the//basic plan price=10",
    "The basic plan now costs 12 dollars.": "the//basic plan price=12",
    "The current version is 2.3.1.": "the//version=2.3.1",
    "The budget has been raised from 5,000 to 10,000 euros.": "the//budget=10000",
    "The capital of Australia is Canberra, not Sydney.": "the//australia capital=canberra",
    "The owner of the shop is not Bob but Alice.": "the//owner shop=alice",
    "The colour of the logo is dark blue.": "the//color logo=dark blue",
    "The status of the ticket is blocked.": "the//status ticket=blocked",
    "The project is now called Atlas.": "the//name project=atla",
    "The project's name is Borealis.": "the//name project=borealis",
    "The password hint is first pet.": "the//hint password=first pet",
    # when something is
    "The deploy day is Tuesday.": "when//day deploy/weekday=tue",
    "The deploy day moved to Thursday.": "when//day deploy/weekday=thu",
    "the meeting is at 3": "when//meeting/clock=3:00",
    "The meeting is now at 4 pm.": "when//meeting/clock=4:00",
    "We moved the meeting to 16:00.": "when//meeting/clock=4:00",
    "Our team meeting has been rescheduled to Friday at 9:30.": "when//meeting team/weekday=fri when//meeting team/clock=9:30",
    "Correction: the deadline is March 4th.": "when//deadline/date=3-4",
    "Actually, the deadline is due on 2025-03-04.": "when//deadline/date=3-4",
    "My flight leaves at noon.": "when/ada/flight/clock=0:00",
}
PETS = {"My dog died.": "has/ada/dog=no", "My cat Tom passed away last night.": "has/ada/cat=no"}
NO_CLAIMS = [
    "Do you live in Porto?",
    "If I lived in Porto, I would be happy.",
    "If we win, I live in Porto.",
    "I might move to Berlin.",
    "I want to work at Google.",
    "I used to live in Rome.",
    "When I lived in Rome, I worked at FAO.",
    "I lived in Rome.",
    "I moved to Porto when I was ten.",
    "I moved here from Sweden 4 years ago.",
    "I moved to Rome in 2015.",
    "We moved to Rome for the summer.",
    "I'm going to move to Porto next year.",
    "We will use Postgres.",
    'Bob said "I live in Porto".',
    "Bob told me, I live in Porto.",
    "In the story, I live in Porto.",
    "I wish I lived in Porto.",
    "I don't live in Porto.",
    "I live in a small flat.",
    "I live in the moment.",
    "I work at home.",
    "I also work at the Red Cross.",
    "Everyone lives in fear.",
    "We moved to GitHub Actions.",
    "We moved the repository to Berlin.",
    "I was moved to tears.",
    "I moved my desk to the window.",
    "I have a question.",
    "I don't have a dog.",
    "I'm engaged in a project.",
    "I'm a single mother.",
    "I'm 5 minutes away.",
    "Rent is 80.",
    "Funny how they played and died laughing.",
    "Fair use has a reason.",
    "Please use the side door.",
    "I joined Acme as a result.",
    "The one in question is 2.06 km wide.",
    "The failure of the pump is thus a riddle.",
    "The database is accessible from here.",
    "The license is a tool for sharing.",
    "The result is 12:30:45.123.",
    "My boss is really nice.",
    "My job is stressful.",
    "My plan is exhausting.",
    "The colour is lovely.",
    "The price is insane.",
    "The weather is nice.",
    "The party is so much fun.",
    "The meeting is at 3 if Bob can make it.",
    "Maybe the meeting is at 3.",
    "The meeting is tomorrow.",
    "My favourite part is when he sings.",
    "My favourite thing is the sea.",
    "One of my favourite books is Dune.",
    "My favourite colour used to be green.",
    "I live in Porto. I live in Lisbon.",
    "Since I quit smoking and my job, I sleep better.",
    "Since I sold my car, I walk.",
    "Ich wohne in Berlin und arbeite bei Siemens.",
    "J'habite \u00e0 Paris.",
    "Vivo en Madrid y trabajo en Iberia.",
    "\u6771\u4eac\u306b\u4f4f\u3093\u3067\u3044\u307e\u3059",
    "def live(): return {'in': 'Porto'}",
    "",
    "   ",
]


def said(text: str, speaker: str | None = "Ada") -> str:
    """Return what a text claims, in short."""
    return " ".join(
        f"{'!' if says.ends else ''}{'/'.join(says.slot)}={says.value}"
        for statement in statements(text, speaker)
        for says in statement
    )


@pytest.mark.parametrize(("text", "claims"), CLAIMS.items(), ids=CLAIMS)
def test_what_is_said_plainly_is_claimed(text: str, claims: str) -> None:
    assert said(text) == claims


@pytest.mark.parametrize("text", NO_CLAIMS)
def test_what_is_not_said_plainly_claims_nothing(text: str) -> None:
    assert said(text) == ""


@pytest.mark.parametrize(("text", "claim"), PETS.items(), ids=PETS)
def test_who_loses_a_pet_has_it_no_more(text: str, claim: str) -> None:
    assert claim in said(text).split(" ")


def test_a_death_ends_what_was_said_of_the_dead() -> None:
    ended = said("Rex died.").split(" ")

    assert {"alive/rex=no", "!age/rex=", "!lives/rex="} <= set(ended)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I live in Porto.", "i am living in porto now"),
        ("My favourite colour is Grey.", "my favorite color is gray!"),
        ("My number is +1 (555) 123-4567", "My phone number is 1 555 123 4567."),
        ("The meeting is at 3.", "The meeting is now at 15:00"),
        ("The deadline is 4 March.", "The deadline is March 4th, 2025"),
        ("My boss is Dr. Carol Jones.", "my boss is Carol"),
        ("I work at Acme Inc.", "I work at Acme"),
        ("The budget is 1,000.", "The budget is $1000"),
    ],
)
def test_a_repeat_in_other_words_claims_the_same_value(one: str, other: str) -> None:
    def values(text: str) -> list[int]:
        return [claim.value for claim in find_claims(text, "Ada")]

    assert values(one) == values(other) != []


def test_i_is_whoever_speaks() -> None:
    assert said("I live in Porto.", "Grace Hopper") == said("Grace lives in Porto.", "Ada") == "lives/grace=porto"
    assert said("I live in Porto.", None) == "lives/i=porto"


def test_people_do_not_share_what_is_theirs_but_share_the_things_around_them() -> None:
    mine, hers = find_claims("My boss is Carol.", "Ada"), find_claims("My boss is Carol.", "Grace")
    one, other = find_claims("The deadline is Friday.", "Ada"), find_claims("The deadline is Friday.", "Grace")

    assert mine[0].slot != hers[0].slot
    assert one == other


def test_a_scope_has_its_own_things_and_no_people_of_its_own() -> None:
    assert find_claims("The price is 5.", "Ada", "offer")[0].slot != find_claims("The price is 5.", "Ada")[0].slot
    assert find_claims("I live in Porto.", "Ada", "offer") == find_claims("I live in Porto.", "Ada")


@pytest.mark.parametrize(
    ("speaker", "actor", "who"),
    [("Grace", "u-1", "Grace"), ("user", "u-1", "u-1"), ("user", None, None), (None, "u-1", "u-1"), (None, None, None)],
)
def test_a_memory_claims_for_its_speaker_or_else_its_actor(
    speaker: str | None, actor: str | None, who: str | None
) -> None:
    moment = datetime(2026, 3, 1, tzinfo=timezone.utc)
    memory = Memory(
        id="m",
        bank="b",
        text="I live in Porto.",
        event="e",
        key="k",
        speaker=speaker,
        actor=actor,
        mentioned=moment,
        stored=moment,
    )

    assert claims_of(memory) == tuple(find_claims("I live in Porto.", who))


def test_what_a_document_says_of_its_things_is_about_that_document() -> None:
    moment = datetime(2026, 3, 1, tzinfo=timezone.utc)
    memory = Memory(
        id="m", bank="b", text="The price is 5.", event="e", key="k", document="d", mentioned=moment, stored=moment
    )

    assert claims_of(memory) == tuple(find_claims("The price is 5.", None, "d"))


def test_claims_are_the_same_in_every_process() -> None:
    code = "from duramen.language.claims import find_claims; print(find_claims('I live in Porto.', 'Ada'))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found.strip() == str(find_claims("I live in Porto.", "Ada"))


@given(st.text(max_size=300), st.none() | st.text(max_size=10))
def test_any_text_can_be_read(text: str, speaker: str | None) -> None:
    for claim in find_claims(text, speaker):
        assert 0 <= claim.slot < 2**32
        assert 0 <= claim.value < 2**32


@pytest.mark.parametrize(
    "text", ["now " * 9000, "I have " + "a " * 9000, "the a " * 5000, "I moved from " * 3000, "'" * 9000]
)
def test_texts_made_to_be_slow_claim_nothing(text: str) -> None:
    assert find_claims(text, "Ada") == []


def test_no_more_is_read_than_can_be_kept() -> None:
    text = " ".join(f"I sold my car and we use T{n}." for n in range(400))

    found = find_claims(text, "Ada")

    assert len(text) > LONGEST_TEXT
    assert max(claim.statement for claim in found) < MOST_STATEMENTS


def test_a_text_that_tells_much_else_has_a_statement_that_nothing_contradicts() -> None:
    short = "I live in Porto. The sun came out today. Shall we walk?"
    long = "I live in Porto. " + "The sun came out and we walked along the river. " * 3

    kept = find_claims(long, "Ada")

    assert find_claims(short, "Ada") == find_claims("I live in Porto.", "Ada") == kept[:-1]
    assert (kept[-1].ends, kept[-1].statement) == (False, MOST_STATEMENTS)
    assert kept[-1].slot not in {claim.slot for claim in find_claims(long + " It was warm.", "Ada")}
