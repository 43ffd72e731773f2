-- Every query of the store by name. {name} stands for the text of an earlier one. Each query names one bank, by its
-- number or by the range (:first, :last] of its row numbers, unless its comment says otherwise.

-- name: bank_version
-- Asked at every recall.
SELECT number, last, removals, embedder, dimensions, made, revised FROM banks WHERE name = :bank;

-- name: make_bank
-- Only when it is missing: an insertion that finds it there would use a number up.
INSERT INTO banks (name, created) VALUES (:bank, :created) RETURNING number;

-- name: list_banks
-- All banks. How many memories there are follows from the counters; events are counted in an index.
SELECT
    name,
    last - removals - revised,
    (SELECT count(*) FROM events WHERE events.bank = banks.number),
    (SELECT count(*) FROM events INDEXED BY events_pending_in_bank WHERE events.bank = banks.number AND state = 0),
    created,
    embedder
FROM banks WHERE :after IS NULL OR name > :after ORDER BY name LIMIT :limit;

-- name: update_bank
UPDATE banks
SET last = last + :added, removals = removals + :removed, embedder = :embedder, dimensions = :dimensions
WHERE number = :bank;

-- name: count_removed
UPDATE banks SET removals = removals + :removed WHERE number = :bank;

-- name: delete_bank
DELETE FROM banks WHERE number = :bank;

-- name: event_digests
SELECT id, digest FROM events WHERE bank = :bank AND id IN (SELECT value FROM json_each(:events));

-- name: event_place
SELECT key, position FROM events WHERE bank = :bank AND id = :id;

-- name: delete_events_from
-- Looks at all events of the bank; an item becomes shorter rarely.
DELETE FROM events WHERE bank = :bank AND key = :key AND position >= :position RETURNING id;

-- name: delete_event
DELETE FROM events WHERE bank = :bank AND id = :id RETURNING key;

-- name: insert_event
INSERT INTO events (
    bank, id, key, position, kind, actor, session, speaker, document, mentioned, occurred, stored, tags, metadata,
    content, digest, expires, entities
) VALUES (
    :bank, :id, :key, :position, :kind, :actor, :session, :speaker, :document, :mentioned, :occurred, :stored, :tags,
    :metadata, :content, :digest, :expires, :entities
);

-- name: event_columns
-- What an event is read from.
id, key, position, kind, actor, session, speaker, document, mentioned, occurred, stored, tags, metadata, content,
expires, entities

-- name: anything_due
-- Over all banks: whether a lease would give anything. Spares idle workers the lock of a writer.
SELECT EXISTS (SELECT 1 FROM events INDEXED BY events_pending WHERE state = 0 AND due <= :now);

-- name: anything_due_in_bank
SELECT EXISTS (
    SELECT 1 FROM events INDEXED BY events_pending_in_bank
    WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND state = 0 AND due <= :now
);

-- name: due_events
-- Over all banks, in the order of appending.
SELECT number, attempts, (SELECT name FROM banks WHERE banks.number = events.bank), {event_columns}
FROM events INDEXED BY events_pending WHERE state = 0 AND due <= :now ORDER BY number LIMIT :limit;

-- name: due_events_in_bank
SELECT number, attempts, :bank, {event_columns}
FROM events INDEXED BY events_pending_in_bank
WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND state = 0 AND due <= :now
ORDER BY number LIMIT :limit;

-- name: lease_events
UPDATE events SET lease = :token, due = :until, attempts = attempts + 1
WHERE number IN (SELECT value FROM json_each(:numbers));

-- name: held
-- Whether a lease still holds.
bank = (SELECT number FROM banks WHERE name = :bank) AND id = :id AND state = 0 AND lease = :token AND due > :now

-- name: held_events
-- With the lease of each, which may be another one, or none that holds.
SELECT id, CASE WHEN state = 0 AND due > :now THEN lease END, number FROM events INDEXED BY events_by_id
WHERE bank = :bank AND id IN (SELECT value FROM json_each(:events));

-- name: renew_lease
UPDATE events SET due = :until WHERE {held};

-- name: fail_event
UPDATE events SET state = :state, due = :due, reason = :reason, lease = NULL WHERE {held};

-- name: finish_events
UPDATE events SET state = 1, lease = NULL WHERE number IN (SELECT value FROM json_each(:numbers));

-- name: anything_left
-- Over all banks: whether there is anything to count.
SELECT EXISTS (SELECT 1 FROM events INDEXED BY events_pending WHERE state = 0)
    OR EXISTS (SELECT 1 FROM events INDEXED BY events_failed WHERE state = 2);

-- name: anything_left_in_bank
SELECT EXISTS (SELECT 1 FROM events INDEXED BY events_pending_in_bank WHERE bank = banks.number AND state = 0)
    OR EXISTS (SELECT 1 FROM events INDEXED BY events_failed WHERE bank = banks.number AND state = 2)
FROM banks WHERE name = :bank;

-- name: backlog_columns
-- A live lease is not waiting.
count(*), min(stored), min(CASE WHEN lease IS NULL OR due <= :now THEN due END)

-- name: count_backlog
-- Over all banks.
SELECT
    (SELECT count(*) FROM events INDEXED BY events_failed WHERE state = 2),
    {backlog_columns}
FROM events INDEXED BY events_pending WHERE state = 0;

-- name: count_backlog_in_bank
SELECT
    (
        SELECT count(*) FROM events INDEXED BY events_failed
        WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND state = 2
    ),
    {backlog_columns}
FROM events INDEXED BY events_pending_in_bank
WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND state = 0;

-- name: failures
-- Over all banks. There are few.
SELECT banks.name, events.id, events.key, events.reason, events.attempts
FROM events INDEXED BY events_failed JOIN banks ON banks.number = events.bank
WHERE events.state = 2 ORDER BY events.number LIMIT :limit;

-- name: failures_in_bank
SELECT banks.name, events.id, events.key, events.reason, events.attempts
FROM events INDEXED BY events_failed JOIN banks ON banks.number = events.bank
WHERE events.state = 2 AND banks.name = :bank ORDER BY events.number LIMIT :limit;

-- name: retry_events
-- Of one bank, or over all banks when :bank is NULL.
UPDATE events SET state = 0, due = 0, lease = NULL, attempts = 0, reason = ''
WHERE state = 2 AND (:bank IS NULL OR bank = (SELECT number FROM banks WHERE name = :bank));

-- name: requeue_events
UPDATE events SET state = 0, due = 0, lease = NULL, attempts = 0, reason = '' WHERE bank = :bank;

-- name: clear_bank
UPDATE banks SET removals = last - made, embedder = NULL, dimensions = 0 WHERE number = :bank;

-- name: has_tags
-- Whether the JSON list `tags` holds all of :tags.
:tags IS NULL OR NOT EXISTS (
    SELECT 1 FROM json_each(:tags) AS wanted WHERE wanted.value NOT IN (SELECT value FROM json_each(tags))
)

-- name: event_fits
(:key IS NULL OR key = :key)
AND (:document IS NULL OR document = :document)
AND (:session IS NULL OR session = :session)
AND (:actor IS NULL OR actor = :actor)
AND (:since IS NULL OR mentioned >= :since)
AND (:before IS NULL OR mentioned < :before)
AND ({has_tags})

-- name: list_events
SELECT {event_columns} FROM events
WHERE bank = :bank AND (mentioned, id) > (:after, :after_id) AND {event_fits}
ORDER BY mentioned, id LIMIT :limit;

-- name: list_events_back
SELECT {event_columns} FROM events
WHERE bank = :bank AND (mentioned, id) < (:after, :after_id) AND {event_fits}
ORDER BY mentioned DESC, id DESC LIMIT :limit;

-- name: list_events_of_session_back
SELECT {event_columns} FROM events INDEXED BY events_of_session
WHERE bank = :bank AND session = :session AND (mentioned, id) < (:after, :after_id) AND {event_fits}
ORDER BY mentioned DESC, id DESC LIMIT :limit;

-- name: list_events_of_session
SELECT {event_columns} FROM events INDEXED BY events_of_session
WHERE bank = :bank AND session = :session AND (mentioned, id) > (:after, :after_id) AND {event_fits}
ORDER BY mentioned, id LIMIT :limit;

-- name: forget_events
DELETE FROM events WHERE bank = :bank AND {event_fits} RETURNING id, key;

-- name: cut_event
-- Another content than the one recognised by its digest, and not the one that a worker may hold.
UPDATE events
SET content = :content,
    digest = NULL,
    due = CASE WHEN state = 0 AND lease IS NOT NULL THEN 0 ELSE due END,
    lease = NULL
WHERE bank = :bank AND id = :id;

-- name: event_content
SELECT content FROM events WHERE bank = :bank AND id = :id;

-- name: insert_memory
INSERT INTO memories (
    number, id, event, key, position, kind, actor, session, speaker, document, mentioned, occurred_start, occurred_end,
    stored, superseded, tags, entities, tokens, metadata, text, strategy, namespace, details
) VALUES (
    :number, :id, :event, :key, :position, :kind, :actor, :session, :speaker, :document, :mentioned, :occurred_start,
    :occurred_end, :stored, :superseded, :tags, :entities, :tokens, :metadata, :text, :strategy, :namespace, :details
);

-- name: insert_vector
INSERT INTO vectors (number, vector, terms, claims) VALUES (:number, :vector, :terms, :claims);

-- name: insert_late
INSERT INTO late (number, codes) VALUES (:number, :codes);

-- name: row_columns
-- What the bank index is built of.
memories.number, id, kind, event, position, actor, session, speaker, mentioned, occurred_start, occurred_end,
superseded, tags, entities, tokens, vector, terms, claims, namespace

-- name: read_rows
SELECT {row_columns}
FROM memories CROSS JOIN vectors ON vectors.number = memories.number
WHERE memories.number > :first AND memories.number <= :last AND strategy IS NULL
ORDER BY memories.number LIMIT :limit;

-- name: read_rows_made
SELECT {row_columns}
FROM memories INDEXED BY memories_made CROSS JOIN vectors ON vectors.number = memories.number
WHERE memories.number > :first AND memories.number <= :last AND strategy IS NOT NULL
ORDER BY memories.number LIMIT :limit;

-- name: read_numbers
SELECT number FROM memories WHERE number > :first AND number <= :last AND strategy IS NULL ORDER BY number;

-- name: read_numbers_made
-- Those with vectors.
SELECT number FROM memories INDEXED BY memories_made
WHERE number > :first AND number <= :last AND strategy IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM unembedded WHERE unembedded.number = memories.number)
ORDER BY number;

-- name: memory_columns
-- What a memory is read from.
number, id, text, kind, event, key, position, actor, session, speaker, document, mentioned, occurred_start,
occurred_end, stored, superseded, tags, metadata, entities, tokens, strategy, namespace, details,
CASE WHEN strategy IS NOT NULL THEN (
    SELECT json_group_array(event) FROM (
        SELECT event FROM sources WHERE bank = memories.number >> 32 AND memory = memories.id ORDER BY number
    )
) END

-- name: in_places
-- The rows of some places in the bank.
number IN (SELECT (banks.number << 32) + value FROM banks, json_each(:numbers) WHERE banks.name = :name)

-- name: get_memories
SELECT {memory_columns} FROM memories
WHERE {in_places};

-- name: get_late
SELECT number, codes FROM late
WHERE {in_places};

-- name: memory_fits
number > :first AND number <= :last
AND (:memory IS NULL OR id = :memory)
AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
AND (:strategy IS NULL OR coalesce(strategy, '') = :strategy)
AND (:namespace IS NULL OR substr(namespace, 1, length(:namespace)) = :namespace)
AND {event_fits}

-- name: list_memories
SELECT {memory_columns} FROM memories WHERE {memory_fits} ORDER BY number LIMIT :limit;

-- name: list_memories_by_id
SELECT {memory_columns} FROM memories WHERE id = :memory AND {memory_fits} ORDER BY number LIMIT :limit;

-- name: list_memories_of_document
SELECT {memory_columns} FROM memories WHERE document = :document AND {memory_fits} ORDER BY number LIMIT :limit;

-- name: list_memories_of_session
SELECT {memory_columns} FROM memories WHERE session = :session AND {memory_fits} ORDER BY number LIMIT :limit;

-- name: list_memories_of_actor
SELECT {memory_columns} FROM memories WHERE actor = :actor AND {memory_fits} ORDER BY number LIMIT :limit;

-- name: list_memories_made
SELECT {memory_columns} FROM memories INDEXED BY memories_made
WHERE strategy IS NOT NULL AND {memory_fits} ORDER BY number LIMIT :limit;

-- name: list_memories_filed
-- At a namespace and below it: between it and what is behind all that begins with it.
SELECT {memory_columns} FROM memories INDEXED BY memories_filed
WHERE number >> 32 = :last >> 32 AND namespace >= :namespace AND namespace < :behind AND strategy IS NOT NULL
AND {memory_fits} ORDER BY number LIMIT :limit;

-- name: has_memories
-- Whether an event has memories left.
SELECT EXISTS (
    SELECT 1 FROM memories WHERE event = :event AND number > :first AND number <= :last AND strategy IS NULL
);

-- name: delete_memory
-- What it is searched by goes with it, here and below.
DELETE FROM memories WHERE number = :number AND number > :first AND number <= :last;

-- name: delete_memories_by_id
DELETE FROM memories INDEXED BY memories_by_id
WHERE id IN (SELECT value FROM json_each(:ids)) AND number > :first AND number <= :last AND strategy IS NULL;

-- name: delete_memories_of_events
DELETE FROM memories INDEXED BY memories_of_event
WHERE event IN (SELECT value FROM json_each(:events)) AND number > :first AND number <= :last AND strategy IS NULL;

-- name: delete_memories
DELETE FROM memories WHERE number > :first AND number <= :last;

-- name: delete_memories_word_for_word
DELETE FROM memories WHERE number > :first AND number <= :last AND strategy IS NULL;

-- name: keys
-- The keys of all items in the bank.
SELECT key FROM events WHERE bank = :bank
UNION SELECT key FROM memories WHERE number > :first AND number <= :last AND strategy IS NULL;

-- name: delete_events
DELETE FROM events WHERE bank = :bank RETURNING id;

-- name: mark_forgotten
-- Over all banks, like the two below: the digest is of the names of bank and event.
INSERT OR IGNORE INTO forgotten (digest) VALUES (:digest);

-- name: unmark_forgotten
DELETE FROM forgotten WHERE digest = :digest;

-- name: is_forgotten
-- Text was cut out of the event that is there, or there is none and it was deleted by a forgetting.
SELECT coalesce(
    (SELECT digest IS NULL FROM events WHERE bank = :bank AND id = :id),
    EXISTS (SELECT 1 FROM forgotten WHERE digest = :digest)
);

-- name: mark_erasure
-- Over all banks, like the three below.
INSERT INTO erasures DEFAULT VALUES;

-- name: clear_older_erasures
-- The newest says it all.
DELETE FROM erasures WHERE number < last_insert_rowid();

-- name: last_erasure
SELECT max(number) FROM erasures;

-- name: clear_erasures
DELETE FROM erasures WHERE number <= :last;
