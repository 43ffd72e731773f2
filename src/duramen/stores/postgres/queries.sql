-- Every query of the store by name. {name} stands for the text of an earlier one. Each query is of one bank, which is
-- `%(name)s` at every table, also below another, so that it can be sent to where that bank is. Those that are over all
-- banks say so, and only read. Row numbers are in the range (%(first)s, %(last)s] of the bank.

-- name: bank_version
-- Asked at every recall.
SELECT number, last, removals, embedder, dimensions, made, revised FROM banks WHERE bank = %(name)s;

-- name: bank_version_to_change
-- In a transaction that writes: nobody else changes the bank until it ends.
SELECT number, last, removals, embedder, dimensions, made, revised FROM banks WHERE bank = %(name)s FOR UPDATE;

-- name: make_bank
INSERT INTO banks (bank, number, created) VALUES (%(name)s, %(number)s, %(created)s) RETURNING number;

-- name: list_banks
-- Over all banks. How many memories there are follows from the counters; events are counted in an index.
SELECT
    bank,
    last - removals - revised,
    (SELECT count(*) FROM events WHERE events.bank = banks.bank),
    (SELECT count(*) FROM events WHERE events.bank = banks.bank AND state = 0),
    created,
    embedder
FROM banks WHERE %(after)s::text IS NULL OR bank > %(after)s::text ORDER BY bank LIMIT %(limit)s;

-- name: update_bank
UPDATE banks
SET last = last + %(added)s,
    removals = removals + %(removed)s,
    embedder = %(embedder)s,
    dimensions = %(dimensions)s
WHERE bank = %(name)s;

-- name: count_removed
UPDATE banks SET removals = removals + %(removed)s WHERE bank = %(name)s AND %(removed)s <> 0;

-- name: delete_bank
DELETE FROM banks WHERE bank = %(name)s;

-- name: event_digests
SELECT id, digest FROM events WHERE bank = %(name)s AND id = ANY(%(events)s::text[]);

-- name: event_place
SELECT key, position FROM events WHERE bank = %(name)s AND id = %(id)s;

-- name: delete_events_from
DELETE FROM events WHERE bank = %(name)s AND key = %(key)s AND position >= %(position)s RETURNING id;

-- name: delete_event
DELETE FROM events WHERE bank = %(name)s AND id = %(id)s RETURNING key;

-- name: next_event
-- Numbers rise with every event of a bank, and with time over all banks.
greatest(
    (SELECT coalesce(max(number), 0) + 1 FROM events WHERE bank = %(name)s),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
)

-- name: insert_event
INSERT INTO events (
    bank, number, id, key, position, kind, actor, session, speaker, document, mentioned, occurred, stored, tags,
    metadata, content, digest, expires, entities
) VALUES (
    %(name)s, {next_event}, %(id)s, %(key)s, %(position)s, %(kind)s, %(actor)s, %(session)s, %(speaker)s, %(document)s,
    %(mentioned)s, %(occurred)s, %(stored)s, %(tags)s, %(metadata)s, %(content)s, %(digest)s, %(expires)s, %(entities)s
);

-- name: insert_event_numbered
-- Under a number that was found before, for many.
INSERT INTO events (
    bank, number, id, key, position, kind, actor, session, speaker, document, mentioned, occurred, stored, tags,
    metadata, content, digest, expires, entities
) VALUES (
    %(name)s, %(number)s, %(id)s, %(key)s, %(position)s, %(kind)s, %(actor)s, %(session)s, %(speaker)s, %(document)s,
    %(mentioned)s, %(occurred)s, %(stored)s, %(tags)s, %(metadata)s, %(content)s, %(digest)s, %(expires)s, %(entities)s
);

-- name: event_columns
-- What an event is read from.
id, key, position, kind, actor, session, speaker, document, mentioned, occurred, stored, tags, metadata, content,
expires, entities

-- name: notify
-- That something was appended, to all who listen; see listening.py.
SELECT pg_notify('duramen', %(schema)s::text);

-- name: anything_due
-- Over all banks: whether a lease would give anything.
SELECT EXISTS (SELECT 1 FROM events WHERE state = 0 AND due <= %(now)s);

-- name: anything_due_in_bank
SELECT EXISTS (SELECT 1 FROM events WHERE bank = %(name)s AND state = 0 AND due <= %(now)s);

-- name: due_banks
-- Over all banks, in the order of appending: those of the events that are due, but for banks that were passed over.
SELECT bank FROM events
WHERE state = 0 AND due <= %(now)s AND bank <> ALL(%(passed)s::text[]) ORDER BY number LIMIT %(limit)s;

-- name: due_events_in_bank
SELECT number, attempts, %(name)s::text, {event_columns} FROM events
WHERE bank = %(name)s AND state = 0 AND due <= %(now)s
ORDER BY number LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- name: lease_events
UPDATE events SET lease = %(token)s, due = %(until)s, attempts = attempts + 1
WHERE bank = %(name)s AND number = ANY(%(numbers)s::bigint[]);

-- name: held
-- Whether a lease still holds.
bank = %(name)s AND id = %(id)s AND state = 0 AND lease = %(token)s AND due > %(now)s

-- name: held_events
-- With the lease of each, which may be another one, or none that holds.
SELECT id, CASE WHEN state = 0 AND due > %(now)s THEN lease END, number FROM events
WHERE bank = %(name)s AND id = ANY(%(events)s::text[]);

-- name: renew_lease
UPDATE events SET due = %(until)s WHERE {held};

-- name: fail_event
UPDATE events SET state = %(state)s, due = %(due)s, reason = %(reason)s, lease = NULL WHERE {held};

-- name: finish_events
UPDATE events SET state = 1, lease = NULL WHERE bank = %(name)s AND number = ANY(%(numbers)s::bigint[]);

-- name: anything_left
-- Over all banks: whether there is anything to count.
SELECT EXISTS (SELECT 1 FROM events WHERE state = 0) OR EXISTS (SELECT 1 FROM events WHERE state = 2);

-- name: anything_left_in_bank
SELECT EXISTS (SELECT 1 FROM events WHERE bank = %(name)s AND state = 0)
    OR EXISTS (SELECT 1 FROM events WHERE bank = %(name)s AND state = 2);

-- name: backlog_columns
-- A live lease is not waiting.
count(*), min(stored), min(CASE WHEN lease IS NULL OR due <= %(now)s THEN due END)

-- name: count_backlog
-- Over all banks.
SELECT (SELECT count(*) FROM events WHERE state = 2), {backlog_columns} FROM events WHERE state = 0;

-- name: count_backlog_in_bank
SELECT (SELECT count(*) FROM events WHERE bank = %(name)s AND state = 2), {backlog_columns}
FROM events WHERE bank = %(name)s AND state = 0;

-- name: failures
-- Over all banks. There are few.
SELECT bank, id, key, reason, attempts FROM events WHERE state = 2 ORDER BY number LIMIT %(limit)s;

-- name: failures_in_bank
SELECT bank, id, key, reason, attempts FROM events
WHERE bank = %(name)s AND state = 2 ORDER BY number LIMIT %(limit)s;

-- name: failed_banks
-- Over all banks.
SELECT DISTINCT bank FROM events WHERE state = 2;

-- name: retry_events
UPDATE events SET state = 0, due = 0, lease = NULL, attempts = 0, reason = '' WHERE bank = %(name)s AND state = 2;

-- name: requeue_events
UPDATE events SET state = 0, due = 0, lease = NULL, attempts = 0, reason = '' WHERE bank = %(name)s;

-- name: clear_bank
UPDATE banks SET removals = last - made, embedder = NULL, dimensions = 0 WHERE bank = %(name)s;

-- name: wanted_in_json
-- The text `wanted` as it stands in JSON that Python wrote. Three characters are kept as two, see texts.py.
replace(replace(replace(
    to_json(wanted)::text, '\u0001\u0002', '\u0000'), '\u0001\u0004', '\u001f'), '\u0001\u0003', '\u0001'
)

-- name: has_tags
-- Whether the JSON list `tags` holds all of the wanted ones. They are compared as they are written in JSON, since
-- PostgreSQL cannot read every text of it.
%(tags)s::text[] IS NULL OR NOT EXISTS (
    SELECT 1 FROM unnest(%(tags)s::text[]) AS wanted
    WHERE {wanted_in_json} NOT IN (SELECT tag::text FROM json_array_elements(tags::json) AS tag)
)

-- name: event_fits
(%(key)s::text IS NULL OR key = %(key)s::text)
AND (%(document)s::text IS NULL OR document = %(document)s::text)
AND (%(session)s::text IS NULL OR session = %(session)s::text)
AND (%(actor)s::text IS NULL OR actor = %(actor)s::text)
AND (%(since)s::bigint IS NULL OR mentioned >= %(since)s::bigint)
AND (%(before)s::bigint IS NULL OR mentioned < %(before)s::bigint)
AND ({has_tags})

-- name: list_events
SELECT {event_columns} FROM events
WHERE bank = %(name)s AND (mentioned, id) > (%(after)s, %(after_id)s) AND {event_fits}
ORDER BY mentioned, id LIMIT %(limit)s;

-- name: list_events_back
SELECT {event_columns} FROM events
WHERE bank = %(name)s AND (mentioned, id) < (%(after)s, %(after_id)s) AND {event_fits}
ORDER BY mentioned DESC, id DESC LIMIT %(limit)s;

-- name: list_events_of_session_back
SELECT {event_columns} FROM events
WHERE bank = %(name)s AND session = %(session)s::text AND (mentioned, id) < (%(after)s, %(after_id)s) AND {event_fits}
ORDER BY mentioned DESC, id DESC LIMIT %(limit)s;

-- name: list_events_of_session
SELECT {event_columns} FROM events
WHERE bank = %(name)s AND session = %(session)s::text AND (mentioned, id) > (%(after)s, %(after_id)s) AND {event_fits}
ORDER BY mentioned, id LIMIT %(limit)s;

-- name: forget_events
DELETE FROM events WHERE bank = %(name)s AND {event_fits} RETURNING id, key;

-- name: cut_event
-- Another content than the one recognised by its digest, and not the one that a worker may hold.
UPDATE events
SET content = %(content)s,
    digest = NULL,
    due = CASE WHEN state = 0 AND lease IS NOT NULL THEN 0 ELSE due END,
    lease = NULL
WHERE bank = %(name)s AND id = %(id)s;

-- name: event_content
SELECT content FROM events WHERE bank = %(name)s AND id = %(id)s;

-- name: insert_memory
-- Without a vector, it waits for one.
INSERT INTO memories (
    bank, number, id, event, key, position, kind, actor, session, speaker, document, mentioned, occurred_start,
    occurred_end, stored, superseded, tags, entities, tokens, metadata, text, strategy, namespace, details, vector,
    terms, claims, late
) VALUES (
    %(name)s, %(number)s, %(id)s, %(event)s, %(key)s, %(position)s, %(kind)s, %(actor)s, %(session)s, %(speaker)s,
    %(document)s, %(mentioned)s, %(occurred_start)s, %(occurred_end)s, %(stored)s, %(superseded)s, %(tags)s,
    %(entities)s, %(tokens)s, %(metadata)s, %(text)s, %(strategy)s, %(namespace)s, %(details)s, %(vector)s, %(terms)s,
    %(claims)s, %(late)s
);

-- name: row_columns
-- What the bank index is built of.
number, id, kind, event, position, actor, session, speaker, mentioned, occurred_start, occurred_end, superseded, tags,
entities, tokens, vector, terms, claims, namespace

-- name: read_rows
SELECT {row_columns} FROM memories
WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NULL
ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: read_rows_made
-- Those with vectors, like below.
SELECT {row_columns} FROM memories
WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NOT NULL AND vector IS NOT NULL
ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: read_numbers
SELECT number FROM memories
WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NULL ORDER BY number;

-- name: read_numbers_made
SELECT number FROM memories
WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NOT NULL AND vector IS NOT NULL
ORDER BY number;

-- name: told_columns
-- What a memory is read from, but its sources.
number, id, text, kind, event, key, position, actor, session, speaker, document, mentioned, occurred_start,
occurred_end, stored, superseded, tags, metadata, entities, tokens, strategy, namespace, details

-- name: events_in_json
-- The events of some sources as a list in JSON, likewise.
replace(replace(replace(
    json_agg(sources.event ORDER BY sources.number)::text,
    '\u0001\u0002', '\u0000'), '\u0001\u0004', '\u001f'), '\u0001\u0003', '\u0001'
)

-- name: memory_columns
-- What a memory is read from.
{told_columns},
CASE WHEN strategy IS NOT NULL THEN (
    SELECT {events_in_json} FROM sources
    WHERE sources.bank = %(name)s AND sources.memory = memories.id
) END

-- name: in_places
-- The rows of some places in the bank.
number = ANY(ARRAY(
    SELECT (banks.number::bigint << 32) + place FROM banks, unnest(%(numbers)s::bigint[]) AS place WHERE banks.bank = %(name)s
))

-- name: get_memories
SELECT {memory_columns} FROM memories
WHERE bank = %(name)s
AND {in_places};

-- name: get_late
SELECT number, late FROM memories
WHERE bank = %(name)s
AND {in_places}
AND late IS NOT NULL;

-- name: memory_fits
bank = %(name)s AND number > %(first)s AND number <= %(last)s
AND (%(memory)s::text IS NULL OR id = %(memory)s::text)
AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
AND (%(strategy)s::text IS NULL OR coalesce(strategy, '') = %(strategy)s::text)
AND (%(namespace)s::text IS NULL OR starts_with(namespace, %(namespace)s::text))
AND {event_fits}

-- name: list_memories
SELECT {memory_columns} FROM memories WHERE {memory_fits} ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: list_memories_by_id
SELECT {memory_columns} FROM memories
WHERE id = %(memory)s::text AND {memory_fits} ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: list_memories_of_document
SELECT {memory_columns} FROM memories
WHERE document = %(document)s::text AND {memory_fits} ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: list_memories_of_session
SELECT {memory_columns} FROM memories
WHERE session = %(session)s::text AND {memory_fits} ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: list_memories_of_actor
SELECT {memory_columns} FROM memories
WHERE actor = %(actor)s::text AND {memory_fits} ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: list_memories_made
SELECT {memory_columns} FROM memories
WHERE strategy IS NOT NULL AND {memory_fits} ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: list_memories_filed
-- At a namespace and below it: between it and what is behind all that begins with it.
SELECT {memory_columns} FROM memories
WHERE namespace >= %(namespace)s::text AND namespace < %(behind)s AND strategy IS NOT NULL
AND {memory_fits} ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: has_memories
-- Whether an event has memories left.
SELECT EXISTS (
    SELECT 1 FROM memories
    WHERE bank = %(name)s AND event = %(event)s AND number > %(first)s AND number <= %(last)s AND strategy IS NULL
);

-- name: delete_memory
DELETE FROM memories WHERE bank = %(name)s AND number = %(number)s AND number > %(first)s AND number <= %(last)s;

-- name: delete_memories_by_id
DELETE FROM memories WHERE bank = %(name)s AND id = ANY(%(ids)s::text[]) AND strategy IS NULL;

-- name: delete_memories_of_events
DELETE FROM memories WHERE bank = %(name)s AND event = ANY(%(events)s::text[]) AND strategy IS NULL;

-- name: delete_memories
DELETE FROM memories WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s;

-- name: delete_memories_word_for_word
DELETE FROM memories WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NULL;

-- name: keys
-- The keys of all items in the bank.
SELECT key FROM events WHERE bank = %(name)s
UNION
SELECT key FROM memories WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NULL;

-- name: delete_events
DELETE FROM events WHERE bank = %(name)s RETURNING id;

-- name: mark_forgotten
INSERT INTO forgotten (bank, digest) VALUES (%(name)s, %(digest)s) ON CONFLICT (bank, digest) DO NOTHING;

-- name: unmark_forgotten
DELETE FROM forgotten WHERE bank = %(name)s AND digest = %(digest)s;

-- name: is_forgotten
-- Text was cut out of the event that is there, or there is none and it was deleted by a forgetting.
SELECT coalesce(
    (SELECT digest IS NULL FROM events WHERE bank = %(name)s AND id = %(id)s),
    EXISTS (SELECT 1 FROM forgotten WHERE bank = %(name)s AND digest = %(digest)s)
);
