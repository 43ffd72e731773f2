-- Every query about what strategies made and did to a bank by name; see queries.sql.

-- name: update_bank_made
UPDATE banks
SET last = last + :added, made = made + :added, revised = revised + :removed, embedder = :embedder,
    dimensions = :dimensions
WHERE number = :bank;

-- name: find_made
SELECT {memory_columns} FROM memories
WHERE id = :id AND number > :first AND number <= :last AND strategy IS NOT NULL;

-- name: delete_made
DELETE FROM memories WHERE id = :id AND number > :first AND number <= :last AND strategy IS NOT NULL;

-- name: move_memory
-- Its copy under another number goes on with what it is searched by.
INSERT INTO memories (
    number, id, event, key, position, kind, actor, session, speaker, document, mentioned, occurred_start, occurred_end,
    stored, superseded, tags, entities, tokens, metadata, text, strategy, namespace, details
)
SELECT
    :to, id, event, key, position, kind, actor, session, speaker, document, mentioned, occurred_start, occurred_end,
    stored, :superseded, tags, entities, tokens, metadata, text, strategy, namespace, details
FROM memories WHERE number = :number AND number > :first AND number <= :last;

-- name: move_vector
UPDATE vectors SET number = :to WHERE number = :number AND number > :first AND number <= :last;

-- name: move_late
UPDATE late SET number = :to WHERE number = :number AND number > :first AND number <= :last;

-- name: move_unembedded
UPDATE unembedded SET number = :to WHERE number = :number AND number > :first AND number <= :last;

-- name: sources_of
SELECT event FROM sources WHERE bank = :bank AND memory = :memory ORDER BY number;

-- name: add_source
INSERT INTO sources (bank, event, memory) VALUES (:bank, :event, :memory) ON CONFLICT DO NOTHING;

-- name: remove_source
DELETE FROM sources WHERE bank = :bank AND memory = :memory AND event = :event;

-- name: remove_sources
DELETE FROM sources WHERE bank = :bank AND memory = :memory;

-- name: delete_sources
DELETE FROM sources WHERE bank = :bank;

-- name: made_from
SELECT memory FROM sources WHERE bank = :bank AND event IN (SELECT value FROM json_each(:events));

-- name: any_event
-- Whether any of these events is there.
SELECT EXISTS (SELECT 1 FROM events WHERE bank = :bank AND id IN (SELECT value FROM json_each(:events)));

-- name: revision_columns
-- What a revision is read from.
number, strategy, version, decision, memory, other, since, at, undone, sources, added, reason, text, before

-- name: insert_revision
INSERT INTO revisions (
    bank, strategy, version, decision, memory, other, since, at, sources, added, reason, text, before
) VALUES (
    :bank, :strategy, :version, :decision, :memory, :other, :since, :at, :sources, :added, :reason, :text, :before
);

-- name: find_revision
SELECT {revision_columns} FROM revisions WHERE number = :number AND bank = :bank;

-- name: list_revisions
SELECT {revision_columns} FROM revisions INDEXED BY revisions_in_bank
WHERE bank = :bank AND number > :after ORDER BY number LIMIT :limit;

-- name: list_revisions_of_memory
-- Those that name it on either side.
SELECT {revision_columns} FROM revisions
WHERE number > :after AND number IN (
    SELECT number FROM revisions WHERE bank = :bank AND memory = :memory
    UNION ALL
    SELECT number FROM revisions WHERE bank = :bank AND other = :memory
)
ORDER BY number LIMIT :limit;

-- name: undone_skips
SELECT {revision_columns} FROM revisions INDEXED BY revisions_undone_skips
WHERE bank = :bank AND undone = 1 AND decision = 'skip' AND EXISTS (
    SELECT 1 FROM json_each(sources) WHERE value IN (SELECT value FROM json_each(:events))
);

-- name: delete_revision
DELETE FROM revisions WHERE number = :number AND bank = :bank;

-- name: delete_revisions
DELETE FROM revisions WHERE bank = :bank;

-- name: mark_undone
UPDATE revisions SET undone = 1 WHERE number = :number AND bank = :bank;

-- name: unembed
INSERT OR IGNORE INTO unembedded (number)
SELECT number FROM memories INDEXED BY memories_made WHERE number > :first AND number <= :last AND strategy IS NOT NULL;

-- name: insert_unembedded
INSERT INTO unembedded (number) VALUES (:number);

-- name: delete_vectors_unembedded
DELETE FROM vectors WHERE number IN (SELECT number FROM unembedded WHERE number > :first AND number <= :last);

-- name: delete_late_unembedded
DELETE FROM late WHERE number IN (SELECT number FROM unembedded WHERE number > :first AND number <= :last);

-- name: any_unembedded
SELECT EXISTS (SELECT 1 FROM unembedded WHERE number > :first AND number <= :last);

-- name: list_unembedded
SELECT (SELECT name FROM banks WHERE banks.number = memories.number >> 32), {memory_columns} FROM memories
WHERE number IN (SELECT number FROM unembedded WHERE number > :first AND number <= :last ORDER BY number LIMIT :limit)
ORDER BY number;

-- name: any_unembedded_in_bank
{any_unembedded};

-- name: list_unembedded_in_bank
{list_unembedded};

-- name: find_unembedded
SELECT number, superseded FROM memories
WHERE id = :id AND number > :first AND number <= :last AND strategy IS NOT NULL
AND EXISTS (SELECT 1 FROM unembedded WHERE unembedded.number = memories.number);

-- name: delete_unembedded
DELETE FROM unembedded WHERE number = :number AND number > :first AND number <= :last;
