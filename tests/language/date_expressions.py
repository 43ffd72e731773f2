"""Expressions of time with what they mean, said on Wednesday, 24 May 2023, at half past three in the afternoon.

One a line: the text, and the days it names from the first to the first after, `now` for the anchor. `<` stands for
the beginning of time, `>` for its end; `/open` is written where an end is not named. Spaces part several dates.
"""

from datetime import datetime, timezone

WEDNESDAY = datetime(2023, 5, 24, 15, 30, tzinfo=timezone.utc)

DAYS = """
I went there yesterday and it was powerful | 2023-05-23..2023-05-24
yesterday morning we talked | 2023-05-23..2023-05-24
the day before yesterday | 2023-05-22..2023-05-23
Didn't sleep much last night | 2023-05-23..2023-05-24
the night before last | 2023-05-22..2023-05-23
Today was rough! | 2023-05-24..2023-05-25
today's meeting | 2023-05-24..2023-05-25
this morning at 9 | 2023-05-24..2023-05-25
I have an interview tomorrow | 2023-05-25..2023-05-26
the day after tomorrow | 2023-05-26..2023-05-27
two hours ago | 2023-05-24..2023-05-25
20 hours ago | 2023-05-23..2023-05-24
five minutes ago | 2023-05-24..2023-05-25
three days ago | 2023-05-21..2023-05-22
She called a few days ago | 2023-05-19..2023-05-23
She called a couple of days ago | 2023-05-22..2023-05-23
two or three days ago | 2023-05-21..2023-05-23
the other day | 2023-05-17..2023-05-24
the other night | 2023-05-17..2023-05-24
We met on Friday | 2023-05-19..2023-05-20
on Friday evening we ate out | 2023-05-19..2023-05-20
We'll meet on Friday | 2023-05-26..2023-05-27
I'm meeting her on Friday | 2023-05-26..2023-05-27
Send it by Friday | 2023-05-26..2023-05-27
It happened on Wednesday | 2023-05-17..2023-05-18
last Tuesday | 2023-05-23..2023-05-24
this past Monday | 2023-05-22..2023-05-23
this Thursday | 2023-05-25..2023-05-26
next Tuesday | 2023-05-30..2023-05-31
the Monday before last | 2023-05-15..2023-05-16
the Friday after next | 2023-06-02..2023-06-03
Monday last week | 2023-05-15..2023-05-16
on Tuesday of last week | 2023-05-16..2023-05-17
last week on Thursday | 2023-05-18..2023-05-19
Sunday two weeks ago | 2023-05-14..2023-05-15
two Mondays ago | 2023-05-15..2023-05-16
late on Friday | 2023-05-19..2023-05-20
three Fridays ago | 2023-05-05..2023-05-06
the Tuesday after next | 2023-06-06..2023-06-07
Monday 1st | 2023-05-01..2023-05-02
Friday the 13th | 2023-01-13..2023-01-14
the Tuesday after Easter | 2023-04-11..2023-04-12
the last Sunday before Easter | 2023-04-02..2023-04-03
a year ago today | 2022-05-24..2022-05-25
two days from now | 2023-05-26..2023-05-27
I leave in three days | 2023-05-27..2023-05-28
"""

DATES = """
on 2023-05-07 | 2023-05-07..2023-05-08
on 2023/05/07 | 2023-05-07..2023-05-08
at 2023-05-07T10:15:00Z it broke | 2023-05-07..2023-05-08
on 5/7/2023 | 2023-05-07..2023-05-08
on 5/7/21 | 2021-05-07..2021-05-08
on 25/12/2022 | 2022-12-25..2022-12-26
on 5.7.2022 | 2022-07-05..2022-07-06
on 25-12-2022 | 2022-12-25..2022-12-26
on 7 May 2023 | 2023-05-07..2023-05-08
on the 7th of May, 2023 | 2023-05-07..2023-05-08
May 7th, 2022 | 2022-05-07..2022-05-08
May the 4th | 2023-05-04..2023-05-05
it was may 7th | 2023-05-07..2023-05-08
Jan. 5, 2023 | 2023-01-05..2023-01-06
on 3 Sept | 2022-09-03..2022-09-04
Sunday, 25 June 2023 | 2023-06-25..2023-06-26
Sun May 21 | 2023-05-21..2023-05-22
on Monday the 8th we flew | 2023-05-08..2023-05-09
the 4th of July | 2022-07-04..2022-07-05
the third of March | 2023-03-03..2023-03-04
5 March last year | 2022-03-05..2022-03-06
on 29 February | 2020-02-29..2020-03-01
29 Feb 2024 | 2024-02-29..2024-03-01
on 31 February 2023 | 2023-02-01..2023-03-01
the concert on the 14th | 2023-05-14..2023-05-15
the party on the 28th was fun | 2023-04-28..2023-04-29
the 3rd of last month | 2023-04-03..2023-04-04
on the 2nd of next month | 2023-06-02..2023-06-03
I leave on 3 June, can't wait | 2023-06-03..2023-06-04
the Sunday before 25 May | 2023-05-21..2023-05-22
the Sunday before 25 May 2022 | 2022-05-22..2022-05-23
the Friday after 1 April 2023 | 2023-04-07..2023-04-08
the day after 3 May | 2023-05-04..2023-05-05
two days before 1 March 2023 | 2023-02-27..2023-02-28
around 10 May | 2023-05-08..2023-05-13
"""

WEEKS = """
I read it last week | 2023-05-15..2023-05-22
what's planned this week | 2023-05-22..2023-05-29
I get the results next week | 2023-05-29..2023-06-05
the past week | 2023-05-17..2023-05-25
over the last week | 2023-05-17..2023-05-25
the week before last | 2023-05-08..2023-05-15
the week after next | 2023-06-05..2023-06-12
a week ago | 2023-05-15..2023-05-22
a couple of weeks back | 2023-05-08..2023-05-15
Six weeks ago I quit | 2023-04-10..2023-04-17
2-3 weeks ago | 2023-05-01..2023-05-15
a week or two ago | 2023-05-08..2023-05-22
some weeks ago | 2023-04-17..2023-05-15
a fortnight ago | 2023-05-08..2023-05-15
I leave in two weeks | 2023-06-05..2023-06-12
a week from Monday | 2023-06-05..2023-06-12
the week of 5 June | 2022-05-30..2022-06-06
the week of 5 June 2023 | 2023-06-05..2023-06-12
the week of Christmas | 2022-12-19..2022-12-26
It was the week before 9 June 2022 | 2022-05-30..2022-06-06
the week after Easter | 2023-04-10..2023-04-17
the week beginning 5 June 2023 | 2023-06-05..2023-06-12
the second week of last month | 2023-04-08..2023-04-15
by the end of next week | 2023-06-02..2023-06-05
last weekend before April 10, 2023 | 2023-04-08..2023-04-10
earlier this week | 2023-05-22..2023-05-24
later this week | 2023-05-25..2023-05-29
early last week | 2023-05-15..2023-05-17
at the end of last week | 2023-05-19..2023-05-22
the first week of June | 2022-06-01..2022-06-08
the second week of April 2023 | 2023-04-08..2023-04-15
the last week of last month | 2023-04-24..2023-05-01
We saw a play last weekend | 2023-05-20..2023-05-22
Any plans for this weekend? | 2023-05-27..2023-05-29
next weekend | 2023-05-27..2023-05-29
over the weekend | 2023-05-20..2023-05-22
I'll be away at the weekend | 2023-05-27..2023-05-29
Two weekends ago we camped by the lake | 2023-05-13..2023-05-15
the weekend before last | 2023-05-13..2023-05-15
the weekend of 5 May | 2023-05-06..2023-05-08
the weekend after Easter | 2023-04-15..2023-04-17
the weekend before 10 May | 2023-05-06..2023-05-08
the last weekend of April | 2023-04-29..2023-05-01
the first weekend in May | 2023-05-06..2023-05-08
the other week | 2023-04-24..2023-05-22
"""

MONTHS = """
last month | 2023-04-01..2023-05-01
this month | 2023-05-01..2023-06-01
next month | 2023-06-01..2023-07-01
in the past month | 2023-04-24..2023-05-25
the month before last | 2023-03-01..2023-04-01
I started 3 months ago | 2023-02-01..2023-03-01
half a year ago | 2022-10-01..2023-01-01
We painted the fence in March | 2023-03-01..2023-04-01
We'll paint the fence in March | 2024-03-01..2024-04-01
What happened in may? | 2023-05-01..2023-06-01
It was in May | 2023-05-01..2023-06-01
last March | 2023-03-01..2023-04-01
next March | 2024-03-01..2024-04-01
this October | 2023-10-01..2023-11-01
October was cold | 2022-10-01..2022-11-01
Ada moved to Lisbon in March 2025. | 2025-03-01..2025-04-01
in March of 2021 | 2021-03-01..2021-04-01
in 2023-05 | 2023-05-01..2023-06-01
in 05/2023 | 2023-05-01..2023-06-01
in May '22 | 2022-05-01..2022-06-01
in March last year | 2022-03-01..2022-04-01
last year in March | 2022-03-01..2022-04-01
in October two years ago | 2021-10-01..2021-11-01
in April of the year before last | 2021-04-01..2021-05-01
one Sunday in April 2022 | 2022-04-01..2022-05-01
the month of April | 2023-04-01..2023-05-01
early March | 2023-03-01..2023-03-11
in mid-April | 2023-04-11..2023-04-21
late in January 2023 | 2023-01-21..2023-02-01
at the end of April | 2023-04-21..2023-05-01
the beginning of March 2022 | 2022-03-01..2022-03-11
the middle of last month | 2023-04-11..2023-04-21
the first half of March | 2023-03-01..2023-03-16
the first Monday of May | 2023-05-01..2023-05-02
the last Friday in April 2022 | 2022-04-29..2022-04-30
the last three days of April | 2023-04-28..2023-05-01
the end of the month | 2023-05-21..2023-06-01
"""

YEARS = """
last year | 2022-01-01..2023-01-01
next year | 2024-01-01..2025-01-01
earlier this year | 2023-01-01..2023-05-24
later this year | 2023-05-25..2024-01-01
the year before last | 2021-01-01..2022-01-01
over the past year | 2022-05-24..2023-05-25
in the last few years | 2018-05-24..2023-05-25
We met 10 years ago | 2013-01-01..2014-01-01
two and a half years ago | 2020-10-01..2021-01-01
a year and a half ago | 2021-10-01..2022-01-01
in 2016 | 2016-01-01..2017-01-01
back in 2016 | 2016-01-01..2017-01-01
in the year 2016 | 2016-01-01..2017-01-01
the 2019 trip | 2019-01-01..2020-01-01
the memories of 2019 | 2019-01-01..2020-01-01
in early 2021 | 2021-01-01..2021-05-01
mid-2021 | 2021-05-01..2021-09-01
late 2019 | 2019-09-01..2020-01-01
the end of last year | 2022-09-01..2023-01-01
Q3 2022 | 2022-07-01..2022-10-01
in the third quarter of 2022 | 2022-07-01..2022-10-01
last quarter | 2023-01-01..2023-04-01
the second half of 2021 | 2021-07-01..2022-01-01
H1 2022 | 2022-01-01..2022-07-01
the first three months of 2022 | 2022-01-01..2022-04-01
music of the 90s | 1990-01-01..2000-01-01
in the 1980s | 1980-01-01..1990-01-01
the seventies | 1970-01-01..1980-01-01
the early 90s | 1990-01-01..1993-05-01
in the 2010s | 2010-01-01..2020-01-01
the mid 1990s | 1993-05-01..1996-09-01
throughout 2021 | 2021-01-01..2022-01-01
2022? | 2022-01-01..2023-01-01
over the last decade | 2013-05-24..2023-05-25
in the 19th century | 1800-01-01..1900-01-01
the summer of '98 | 1998-06-01..1998-09-01
"""

SEASONS_AND_HOLIDAYS = """
We got married last spring | 2022-03-01..2022-06-01
this summer | 2023-06-01..2023-09-01
next summer | 2023-06-01..2023-09-01
last winter | 2022-12-01..2023-03-01
last fall | 2022-09-01..2022-12-01
the summer before last | 2021-06-01..2021-09-01
two summers ago | 2021-06-01..2021-09-01
three winters ago | 2020-12-01..2021-03-01
back in the summer of 2021 | 2021-06-01..2021-09-01
in the summer of last year | 2022-06-01..2022-09-01
winter 2021 | 2021-12-01..2022-03-01
winter 2021/22 was long | 2021-12-01..2022-03-01
in autumn | 2022-09-01..2022-12-01
over the summer | 2022-06-01..2022-09-01
in early spring | 2023-03-01..2023-04-01
late last summer | 2022-08-01..2022-09-01
Fall 2021 | 2021-09-01..2021-12-01
Christmas 2021 | 2021-12-25..2021-12-26
at Christmas | 2022-12-25..2022-12-26
last Christmas | 2022-12-25..2022-12-26
two Christmases ago | 2021-12-25..2021-12-26
New Year's Eve was loud | 2022-12-31..2023-01-01
last Thanksgiving | 2022-11-24..2022-11-25
over Easter 2024 | 2024-03-29..2024-04-02
at Easter | 2023-04-09..2023-04-10
on Good Friday | 2023-04-07..2023-04-08
on Mother's Day | 2023-05-14..2023-05-15
on Valentine's Day | 2023-02-14..2023-02-15
on Boxing Day we walked | 2022-12-26..2022-12-27
Christmas last year | 2022-12-25..2022-12-26
We flew home the day after Christmas | 2022-12-26..2022-12-27
three days after Christmas | 2022-12-28..2022-12-29
over the Easter weekend | 2023-04-07..2023-04-11
for Halloween last year | 2022-10-31..2022-11-01
in the days after Easter | 2023-04-10..2023-04-15
in late spring 2022 | 2022-05-01..2022-06-01
the night before Halloween | 2022-10-30..2022-10-31
a week before Easter | 2023-03-27..2023-04-03
in the two weeks before Christmas | 2022-12-11..2022-12-25
"""

RANGES = """
between March and May 2023 | 2023-03-01..2023-06-01
It happened between March and May 2024 | 2024-03-01..2024-06-01
from November to February 2022 I was abroad | 2021-11-01..2022-03-01
from March to May | 2023-03-01..2023-06-01
March to May 2022 | 2022-03-01..2022-06-01
May\u2013July 2021 | 2021-05-01..2021-08-01
from October 2021 until March | 2021-10-01..2022-04-01
I lived there from 2004 to 2005 | 2004-01-01..2006-01-01
the 2019-2021 years | 2019-01-01..2022-01-01
between 2015 and 2018 | 2015-01-01..2019-01-01
from Monday to Wednesday | 2023-05-15..2023-05-18
We'll be there from Monday to Wednesday | 2023-05-29..2023-06-01
between last Monday and yesterday | 2023-05-22..2023-05-24
June 3-5, 2021 | 2021-06-03..2021-06-06
3\u20135 March | 2023-03-03..2023-03-06
from 3 to 5 May | 2023-05-03..2023-05-06
from the 3rd to the 5th of March | 2023-03-03..2023-03-06
between May 5 and 7, 2022 | 2022-05-05..2022-05-08
between last Christmas and Easter | 2022-12-25..2023-04-10
December 2022 through February 2023 | 2022-12-01..2023-03-01
from 28 April to 3 May 2022 | 2022-04-28..2022-05-04
from 2023-05-01 to 2023-05-07 | 2023-05-01..2023-05-08
between Christmas and New Year | 2022-12-25..2023-01-02
from last summer until Christmas | 2022-06-01..2022-12-26
from Easter to Mother's Day | 2023-04-09..2023-05-15
in the last 10 days | 2023-05-14..2023-05-25
over the past three weeks | 2023-05-03..2023-05-25
during the last couple of months | 2023-03-24..2023-05-25
the next 2 days | 2023-05-24..2023-05-26
in the next two weeks | 2023-05-24..2023-06-07
in recent weeks | 2023-04-19..2023-05-25
"""

OPEN = """
since last winter | 2022-12-01..now
since 2016 | 2016-01-01..now
I've been here since Monday | 2023-05-22..now
since the beginning of May | 2023-05-01..now
ever since two weeks ago | 2023-05-08..now
since Christmas | 2022-12-25..now
from March 2023 on | 2023-03-01..now
since March until 5 May | 2023-03-01..2023-05-06
What did she do until April? | <..2023-05-01/open
before 2020 | <..2020-01-01/open
before last summer | <..2022-06-01/open
prior to 2019 | <..2019-01-01/open
up to 2019 | <..2020-01-01/open
before 5 May 2023 | <..2023-05-05/open
before Christmas | <..2022-12-25/open
I'm staying until Friday | <..2023-05-27/open
until the end of March | <..2023-04-01/open
after 2020 | 2021-01-01..now/open
after 5 May | 2023-05-06..now/open
after last week | 2023-05-22..now/open
What will happen after June 2024? | 2024-07-01..>/open
shortly before Christmas | 2022-12-11..2022-12-25
right after Easter | 2023-04-10..2023-04-24
"""

SEVERAL = """
Last week was bad, but on 3 May 2023 and in 2019 it was fine. | 2023-05-15..2023-05-22 2023-05-03..2023-05-04 2019-01-01..2020-01-01
in March and in April | 2023-03-01..2023-04-01 2023-04-01..2023-05-01
in June, July and August 2022 | 2022-06-01..2022-07-01 2022-07-01..2022-08-01 2022-08-01..2022-09-01
in 2022 and 2023 | 2022-01-01..2023-01-01 2023-01-01..2024-01-01
Was it in 2019 or in 2020? | 2019-01-01..2020-01-01 2020-01-01..2021-01-01
We met yesterday. I'll call on Friday. | 2023-05-23..2023-05-24 2023-05-26..2023-05-27
"""

NONE = """
after my birthday
before the wedding
since she started the new job
I have 2 kids
We ran 5 km
version 3.10 is out
room 2024b
you may go second
May I come in?
It may be late
I may 2 times
they march on
the march to the sea
the sun is out
wait a second
I fall down
spring water
It costs 2000 dollars
we walked in 2000 meters
April said hello to June
a letter from April
with May and June at the table
the last time we met
his last name
at first glance
this one is next
the next day we left
on the last day of the course
Mayday
call 555-1234
release 3.5.1
20 minutes
chapter 12
once a week
every Monday
each summer
on Mondays
most weekends
weekends are nice
#2023 and $2023
at 12:30
at 5pm
a score of 5/7
open 24/7
I had not seen her in 10 years
I read it in two days
three times in a week
for three years
in my 20s
the Christmas tree
Christmas presents
at the end of the day
next to the house
early in the morning
on 0000-01-01
9999-12-31
2023-13-45
ada.may@mail.org
between 5 and 10 people
from 9 to 5
one of 2000 users
half past two
sat by the window
the second half of the book
week after week
years ago
we were behind in the 4th and lost
on the 2nd floor
what she is up to in these days
May's birthday
I read 1984
Happy New Year!
I like mayo on my fries
Mars is a planet, avant garde en route
"""

FOREIGN = """
Was hat Ada gestern gemacht? | 2023-05-23..2023-05-24
vorgestern | 2023-05-22..2023-05-23
gestern Abend | 2023-05-23..2023-05-24
letzte Woche | 2023-05-15..2023-05-22
am Montag letzter Woche | 2023-05-15..2023-05-16
vor zwei Wochen | 2023-05-08..2023-05-15
vor ein paar Tagen | 2023-05-19..2023-05-23
im März 2023 sind wir umgezogen | 2023-03-01..2023-04-01
am 3. Mai 2023 | 2023-05-03..2023-05-04
vom 3. bis 5. Mai | 2023-05-03..2023-05-06
letzten Montag | 2023-05-22..2023-05-23
seit letztem Sommer | 2022-06-01..now
seit zwei Jahren | 2021-01-01..now
vor 2020 | <..2020-01-01/open
bis Ende April | <..2023-05-01/open
zwischen März und Mai 2022 | 2022-03-01..2022-06-01
Anfang 2021 | 2021-01-01..2021-05-01
in zwei Wochen | 2023-06-05..2023-06-12
an Weihnachten 2021 | 2021-12-25..2021-12-26
¿Qué hizo Ada ayer? | 2023-05-23..2023-05-24
hace dos semanas | 2023-05-08..2023-05-15
la semana pasada | 2023-05-15..2023-05-22
el 5 de mayo | 2023-05-05..2023-05-06
el 5 de mayo de 2021 | 2021-05-05..2021-05-06
en marzo de 2023 | 2023-03-01..2023-04-01
el lunes pasado | 2023-05-22..2023-05-23
el mes que viene | 2023-06-01..2023-07-01
desde hace tres años | 2020-01-01..now
antes de 2020 | <..2020-01-01/open
entre marzo y mayo de 2023 | 2023-03-01..2023-06-01
a principios de 2021 | 2021-01-01..2021-05-01
el verano pasado | 2022-06-01..2022-09-01
el fin de semana pasado | 2023-05-20..2023-05-22
¿Qué pasó en 2019? | 2019-01-01..2020-01-01
Qu'a fait Ada hier ? | 2023-05-23..2023-05-24
avant-hier | 2023-05-22..2023-05-23
aujourd'hui | 2023-05-24..2023-05-25
la semaine dernière | 2023-05-15..2023-05-22
il y a deux semaines | 2023-05-08..2023-05-15
le 3 mai 2023 | 2023-05-03..2023-05-04
en mars 2023 | 2023-03-01..2023-04-01
lundi dernier | 2023-05-22..2023-05-23
l'été dernier | 2022-06-01..2022-09-01
l'année prochaine | 2024-01-01..2025-01-01
depuis 2019 | 2019-01-01..now
jusqu'en 2019 | <..2020-01-01/open
entre mars et mai 2022 | 2022-03-01..2022-06-01
fin mars | 2023-03-21..2023-04-01
le week-end dernier | 2023-05-20..2023-05-22
la settimana scorsa | 2023-05-15..2023-05-22
due settimane fa | 2023-05-08..2023-05-15
il 5 maggio 2023 | 2023-05-05..2023-05-06
na semana passada | 2023-05-15..2023-05-22
há duas semanas | 2023-05-08..2023-05-15
5 de maio de 2023 | 2023-05-05..2023-05-06
vorige week | 2023-05-15..2023-05-22
twee weken geleden | 2023-05-08..2023-05-15
in maart 2023 | 2023-03-01..2023-04-01
She met Hier Bob in May 2022 | 2022-05-01..2022-06-01
The en suite room in 2019 | 2019-01-01..2020-01-01
"""
