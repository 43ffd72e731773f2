-- Every query about what strategies made and did to a bank by name; see queries.sql.

-- name: update_bank_made
UPDATE banks
SET last = last + %(added)s,
    made = made + %(added)s,
    revised = revised + %(removed)s,
    embedder = %(embedder)s,
    dimensions = %(dimensions)s
WHERE bank = %(name)s;

-- name: find_made
SELECT {memory_columns} FROM memories
WHERE bank = %(name)s AND id = %(id)s AND number > %(first)s AND number <= %(last)s AND strategy IS NOT NULL;

-- name: delete_made
DELETE FROM memories
WHERE bank = %(name)s AND id = %(id)s AND number > %(first)s AND number <= %(last)s AND strategy IS NOT NULL;

-- name: move_memory
UPDATE memories SET number = %(to)s, superseded = %(superseded)s WHERE bank = %(name)s AND number = %(number)s;

-- name: embed_memory
UPDATE memories
SET number = %(to)s,
    superseded = %(superseded)s,
    vector = %(vector)s,
    terms = %(terms)s,
    claims = %(claims)s,
    late = %(late)s
WHERE bank = %(name)s AND number = %(number)s;

-- name: sources_of
SELECT event FROM sources WHERE bank = %(name)s AND memory = %(memory)s ORDER BY number;

-- name: add_source
-- Numbers rise with every source of a memory.
INSERT INTO sources (bank, number, event, memory) VALUES (
    %(name)s,
    greatest(
        (SELECT coalesce(max(number), 0) + 1 FROM sources WHERE bank = %(name)s AND memory = %(memory)s),
        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
    ),
    %(event)s,
    %(memory)s
)
ON CONFLICT (bank, event, memory) DO NOTHING;

-- name: remove_source
DELETE FROM sources WHERE bank = %(name)s AND memory = %(memory)s AND event = %(event)s;

-- name: remove_sources
DELETE FROM sources WHERE bank = %(name)s AND memory = %(memory)s;

-- name: delete_sources
DELETE FROM sources WHERE bank = %(name)s;

-- name: made_from
SELECT memory FROM sources WHERE bank = %(name)s AND event = ANY(%(events)s::text[]) ORDER BY event, memory;

-- name: any_event
-- Whether any of these events is there.
SELECT EXISTS (SELECT 1 FROM events WHERE bank = %(name)s AND id = ANY(%(events)s::text[]));

-- name: revision_columns
-- What a revision is read from.
number, strategy, version, decision, memory, other, since, at, undone, sources, added, reason, text, before

-- name: insert_revision
-- Numbers rise with every revision of a bank, and are never used twice.
INSERT INTO revisions (
    bank, number, strategy, version, decision, memory, other, since, at, sources, added, reason, text, before
) VALUES (
    %(name)s,
    greatest(
        (SELECT coalesce(max(number), 0) + 1 FROM revisions WHERE bank = %(name)s),
        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
    ),
    %(strategy)s, %(version)s, %(decision)s, %(memory)s, %(other)s, %(since)s, %(at)s, %(sources)s, %(added)s,
    %(reason)s, %(text)s, %(before)s
);

-- name: find_revision
SELECT {revision_columns} FROM revisions WHERE bank = %(name)s AND number = %(number)s;

-- name: list_revisions
SELECT {revision_columns} FROM revisions
WHERE bank = %(name)s AND number > %(after)s ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: list_revisions_of_memory
-- Those that name it on either side.
SELECT {revision_columns} FROM revisions
WHERE bank = %(name)s AND number > %(after)s AND (memory = %(memory)s OR other = %(memory)s)
ORDER BY number LIMIT nullif(%(limit)s, -1);

-- name: undone_skips
-- Events are compared as they are written in JSON, since PostgreSQL cannot read every text of it.
SELECT {revision_columns} FROM revisions
WHERE bank = %(name)s AND undone AND decision = 'skip' AND EXISTS (
    SELECT 1 FROM json_array_elements(sources::json) AS source
    WHERE source::text IN (SELECT {wanted_in_json} FROM unnest(%(events)s::text[]) AS wanted)
);

-- name: delete_revision
DELETE FROM revisions WHERE bank = %(name)s AND number = %(number)s;

-- name: delete_revisions
DELETE FROM revisions WHERE bank = %(name)s;

-- name: mark_undone
UPDATE revisions SET undone = true WHERE bank = %(name)s AND number = %(number)s;

-- name: unembed
UPDATE memories SET vector = NULL, terms = NULL, claims = NULL, late = NULL
WHERE bank = %(name)s AND number > %(first)s AND number <= %(last)s AND strategy IS NOT NULL AND vector IS NOT NULL;

-- name: any_unembedded
-- Over all banks, like the next.
SELECT EXISTS (SELECT 1 FROM memories WHERE vector IS NULL);

-- name: list_unembedded
SELECT
    bank,
    {told_columns},
    (
        SELECT {events_in_json} FROM sources
        WHERE sources.bank = memories.bank AND sources.memory = memories.id
    )
FROM memories WHERE vector IS NULL ORDER BY number LIMIT %(limit)s;

-- name: any_unembedded_in_bank
SELECT EXISTS (SELECT 1 FROM memories WHERE bank = %(name)s AND vector IS NULL);

-- name: list_unembedded_in_bank
SELECT bank, {memory_columns} FROM memories WHERE bank = %(name)s AND vector IS NULL ORDER BY number LIMIT %(limit)s;

-- name: find_unembedded
SELECT number, superseded FROM memories
WHERE bank = %(name)s AND id = %(id)s AND number > %(first)s AND number <= %(last)s AND vector IS NULL;
