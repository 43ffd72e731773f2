-- Every query about banks that are told and taken word for word; see queries.sql.

-- name: list_many_copied
-- With how far an event is worked through. One that is leased is told as due.
SELECT
    number, state, CASE WHEN state = 0 AND lease IS NULL THEN due ELSE 0 END, attempts, reason, digest IS NULL,
    {event_columns}
FROM events
WHERE bank = %(name)s AND number > %(after)s ORDER BY number LIMIT %(limit)s;

-- name: list_few_copied
SELECT
    number, state, CASE WHEN state = 0 AND lease IS NULL THEN due ELSE 0 END, attempts, reason, digest IS NULL,
    {event_columns}
FROM events
WHERE bank = %(name)s AND number > %(after)s ORDER BY number LIMIT %(limit)s;

-- name: list_places
SELECT number, strategy IS NOT NULL, vector IS NULL FROM memories
WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s ORDER BY number;

-- name: copied_memories
SELECT vector, terms, claims, late, {memory_columns} FROM memories
WHERE bank = %(name)s
AND number = ANY(ARRAY(SELECT %(first)s::bigint + place FROM unnest(%(numbers)s::bigint[]) AS place))
ORDER BY number;

-- name: list_sources
-- Of the next memories, by id.
SELECT memory, event FROM sources
WHERE bank = %(name)s AND memory IN (
    SELECT DISTINCT memory FROM sources WHERE bank = %(name)s AND memory > %(after)s ORDER BY memory LIMIT %(limit)s
)
ORDER BY memory, number;

-- name: list_marks
-- Over all banks, like the next.
SELECT DISTINCT digest FROM forgotten WHERE digest > %(after)s ORDER BY digest LIMIT %(limit)s;

-- name: list_all_entries
SELECT {entry_columns} FROM shelf
WHERE (bank, path, key) > (%(home)s, %(path)s, %(key)s) AND {alive} ORDER BY bank, path, key LIMIT %(limit)s;

-- name: put_mark
-- Of a bank that nobody knows: its home is one of its own.
INSERT INTO forgotten (bank, digest) VALUES (%(home)s, %(digest)s) ON CONFLICT (bank, digest) DO NOTHING;

-- name: any_marks
SELECT EXISTS (SELECT 1 FROM forgotten WHERE bank = %(name)s);

-- name: any_marks_anywhere
SELECT EXISTS (SELECT 1 FROM forgotten WHERE bank = %(home)s);

-- name: is_marked_anywhere
SELECT EXISTS (SELECT 1 FROM forgotten WHERE bank = %(home)s AND digest = %(digest)s);

-- name: unmark_anywhere
DELETE FROM forgotten WHERE bank = %(home)s AND digest = %(digest)s;

-- name: first_number
-- What the next event is numbered, and those after it in turn: found once for many.
SELECT {next_event};

-- name: put_event
-- One that is there stays in its place.
INSERT INTO events (
    bank, number, id, key, position, kind, actor, session, speaker, document, mentioned, occurred, stored, tags,
    metadata, content, digest, expires, entities, state, due, attempts, reason
) VALUES (
    %(name)s, %(number)s, %(id)s, %(key)s, %(position)s, %(kind)s, %(actor)s, %(session)s, %(speaker)s, %(document)s,
    %(mentioned)s, %(occurred)s, %(stored)s, %(tags)s, %(metadata)s, %(content)s, %(digest)s, %(expires)s, %(entities)s,
    %(state)s, %(due)s, %(attempts)s, %(reason)s
)
ON CONFLICT (bank, id) DO UPDATE
SET key = excluded.key, position = excluded.position, kind = excluded.kind, actor = excluded.actor,
    session = excluded.session, speaker = excluded.speaker, document = excluded.document,
    mentioned = excluded.mentioned, occurred = excluded.occurred, stored = excluded.stored, tags = excluded.tags,
    metadata = excluded.metadata, content = excluded.content, digest = excluded.digest, expires = excluded.expires,
    entities = excluded.entities, state = excluded.state, due = excluded.due, attempts = excluded.attempts,
    reason = excluded.reason, lease = NULL;

-- name: take_event_away
DELETE FROM events WHERE bank = %(name)s AND id = %(id)s;

-- name: put_job
-- Of an event that is there. One that is there stays in its place.
INSERT INTO jobs (
    bank, number, strategy, event, state, due, attempts, reason, version, created, finished, key, actor, session,
    document, mentioned
)
SELECT
    %(name)s, {next_job}, %(strategy)s, id, %(state)s, %(due)s, %(attempts)s, %(reason)s, %(version)s, %(created)s,
    %(finished)s, %(key)s, %(actor)s, %(session)s, %(document)s, mentioned
FROM events WHERE bank = %(name)s AND id = %(event)s
ON CONFLICT (bank, event, strategy) DO UPDATE
SET state = excluded.state, due = excluded.due, attempts = excluded.attempts, reason = excluded.reason,
    version = excluded.version, created = excluded.created, finished = excluded.finished, key = excluded.key,
    actor = excluded.actor, session = excluded.session, document = excluded.document, mentioned = excluded.mentioned,
    lease = NULL;

-- name: take_job_away
DELETE FROM jobs WHERE bank = %(name)s AND strategy = %(strategy)s AND event = %(event)s;

-- name: put_revision
-- Numbers rise with every revision of a bank, and are never used twice.
INSERT INTO revisions (
    bank, number, strategy, version, decision, memory, other, since, at, undone, sources, added, reason, text, before
) VALUES (
    %(name)s,
    greatest(
        (SELECT coalesce(max(number), 0) + 1 FROM revisions WHERE bank = %(name)s),
        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
    ),
    %(strategy)s, %(version)s, %(decision)s, %(memory)s, %(other)s, %(since)s, %(at)s, %(undone)s, %(sources)s,
    %(added)s, %(reason)s, %(text)s, %(before)s
);

-- name: let_bank_stand
UPDATE banks
SET created = %(created)s, embedder = %(embedder)s, dimensions = %(dimensions)s, last = %(last)s,
    removals = %(removals)s, made = %(made)s, revised = %(revised)s
WHERE bank = %(name)s;
