-- Every query about the jobs of strategies by name; see queries.sql.

-- name: anything_ready
-- Over all banks: whether a lease might give anything.
SELECT EXISTS (SELECT 1 FROM queues WHERE ready <= %(now)s);

-- name: anything_ready_in_bank
SELECT EXISTS (SELECT 1 FROM queues WHERE bank = %(name)s AND ready <= %(now)s);

-- name: ready_queues
-- Over all banks.
SELECT bank, strategy FROM queues WHERE ready <= %(now)s ORDER BY ready LIMIT %(limit)s;

-- name: ready_queues_in_bank
SELECT bank, strategy, bank FROM queues WHERE bank = %(name)s AND ready <= %(now)s ORDER BY strategy;

-- name: hold_queue
-- Before a lease, like the one above: nobody else gets it until the transaction ends.
SELECT bank, strategy, bank FROM queues
WHERE bank = %(name)s AND strategy = %(strategy)s AND ready <= %(now)s FOR UPDATE SKIP LOCKED;

-- name: of_event_done
-- Whether the event of a job waits for nothing in the journal.
NOT EXISTS (
    SELECT 1 FROM events
    WHERE events.bank = %(name)s AND events.id = jobs.event AND events.state = 0
)

-- name: first_due_job
-- The oldest that is due and whose event is worked through, among the first ones: in an import, most wait for that.
SELECT number, actor, session, document FROM (
    SELECT number, event, actor, session, document, due FROM jobs
    WHERE bank = %(name)s AND strategy = %(strategy)s AND state = 0 AND due <= %(now)s
    ORDER BY due, number LIMIT %(most)s
) AS jobs
WHERE {of_event_done} ORDER BY due, number LIMIT 1;

-- name: anything_due_in_queue
-- Whether something of a queue is due, if only the journal is done with its event.
SELECT EXISTS (
    SELECT 1 FROM jobs WHERE bank = %(name)s AND strategy = %(strategy)s AND state = 0 AND due <= %(now)s
);

-- name: jobs_beside
-- Among the first of the same actor, session and document, likewise.
SELECT number FROM (
    SELECT number, event, mentioned FROM jobs
    WHERE bank = %(name)s AND strategy = %(strategy)s AND state = 0
    AND actor IS NOT DISTINCT FROM %(actor)s AND session IS NOT DISTINCT FROM %(session)s
    AND document IS NOT DISTINCT FROM %(document)s
    ORDER BY mentioned, number LIMIT %(most)s
) AS jobs
WHERE {of_event_done} ORDER BY mentioned, number LIMIT %(limit)s;

-- name: lease_jobs
UPDATE jobs SET lease = %(token)s, attempts = attempts + 1
WHERE bank = %(name)s AND number = ANY(%(numbers)s::bigint[]) RETURNING event, attempts;

-- name: events_in_order
-- By time mentioned, and then as appended.
SELECT {event_columns} FROM events
WHERE bank = %(name)s AND id = ANY(%(events)s::text[]) ORDER BY mentioned, number;

-- name: lease_queue
UPDATE queues SET lease = %(token)s, ready = %(until)s, lost = '[]'
WHERE bank = %(name)s AND strategy = %(strategy)s;

-- name: held_queue
-- What an assignment that still holds has lost meanwhile.
SELECT lost FROM queues
WHERE bank = %(name)s AND strategy = %(strategy)s AND lease = %(token)s AND ready > %(now)s;

-- name: renew_queue
UPDATE queues SET ready = %(until)s
WHERE bank = %(name)s AND strategy = %(strategy)s AND lease = %(token)s AND ready > %(now)s;

-- name: job_of_lease
bank = %(name)s AND event = %(event)s AND strategy = %(strategy)s AND state = 0 AND lease = %(token)s

-- name: has_job_of_lease
SELECT EXISTS (SELECT 1 FROM jobs WHERE {job_of_lease});

-- name: release_job
UPDATE jobs SET lease = NULL, due = %(due)s, attempts = attempts - 1 WHERE {job_of_lease};

-- name: fail_job
UPDATE jobs SET lease = NULL, due = %(due)s, state = %(state)s, reason = %(reason)s, finished = %(finished)s
WHERE {job_of_lease};

-- name: finish_job
UPDATE jobs SET lease = NULL, state = 1, version = %(version)s, reason = %(note)s, finished = %(now)s
WHERE {job_of_lease};

-- name: leave_job
UPDATE jobs SET lease = NULL, due = %(due)s, attempts = 0, reason = '' WHERE {job_of_lease};

-- name: free_queue
-- At the end of a lease; with a token only if no job of it is left. -1 says that nothing is pending.
UPDATE queues SET lease = NULL, lost = '[]', ready = coalesce(
    (
        SELECT min(due) FROM jobs
        WHERE jobs.bank = %(name)s AND jobs.strategy = %(strategy)s AND jobs.state = 0
    ),
    -1
)
WHERE bank = %(name)s AND strategy = %(strategy)s AND (%(token)s::text IS NULL OR NOT EXISTS (
    SELECT 1 FROM jobs WHERE jobs.bank = %(name)s AND jobs.lease = %(token)s::text AND jobs.state = 0
));

-- name: drop_empty_queue
DELETE FROM queues WHERE bank = %(name)s AND strategy = %(strategy)s AND ready = -1;

-- name: ready_queue
-- It is to be looked at by then. One that is leased is looked at again when that ends.
INSERT INTO queues (bank, strategy, ready) VALUES (%(name)s, %(strategy)s, %(due)s)
ON CONFLICT (bank, strategy) DO UPDATE SET ready = excluded.ready
WHERE queues.lease IS NULL AND queues.ready > excluded.ready;

-- name: put_off_queue
-- All that is due in it waits for the journal: until then, or until the next of its jobs is due.
UPDATE queues SET lease = NULL, lost = '[]', ready = least(
    %(until)s::bigint,
    (
        SELECT min(due) FROM jobs
        WHERE jobs.bank = %(name)s AND jobs.strategy = %(strategy)s AND jobs.state = 0 AND jobs.due > %(now)s
    )
)
WHERE bank = %(name)s AND strategy = %(strategy)s;

-- name: first_due_of_events
-- When the first job that a queue has of events is due.
(
    SELECT min(due) FROM jobs
    WHERE jobs.bank = %(name)s AND jobs.event = ANY(%(events)s::text[])
    AND jobs.strategy = queues.strategy AND jobs.state = 0
)

-- name: ready_queues_of_events
-- The journal is done with them. One that is leased is looked at again when that ends.
UPDATE queues SET ready = {first_due_of_events}
WHERE bank = %(name)s AND lease IS NULL AND ready > {first_due_of_events};

-- name: ready_queues_anew
INSERT INTO queues (bank, strategy, ready)
SELECT %(name)s, strategy, min(due) FROM jobs WHERE bank = %(name)s AND state = 0 GROUP BY strategy
ON CONFLICT (bank, strategy) DO UPDATE SET ready = excluded.ready WHERE queues.lease IS NULL;

-- name: next_job
-- Numbers rise with every job of a bank, and are never used twice.
greatest(
    (SELECT coalesce(max(number), 0) + 1 FROM jobs WHERE bank = %(name)s),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
)

-- name: insert_job
INSERT INTO jobs (bank, number, strategy, event, due, created, key, actor, session, document, mentioned)
VALUES (
    %(name)s, {next_job}, %(strategy)s, %(id)s, %(now)s, %(now)s, %(key)s, %(actor)s, %(session)s, %(document)s,
    %(mentioned)s
);

-- name: first_job_number
-- What the next job is numbered, and those after it in turn: found once for many.
SELECT {next_job};

-- name: insert_job_numbered
INSERT INTO jobs (bank, number, strategy, event, due, created, key, actor, session, document, mentioned)
VALUES (
    %(name)s, %(number)s, %(strategy)s, %(id)s, %(now)s, %(now)s, %(key)s, %(actor)s, %(session)s, %(document)s,
    %(mentioned)s
);

-- name: think_again
UPDATE jobs SET state = 0, due = %(now)s, lease = NULL, attempts = 0, reason = '', version = '', finished = NULL
WHERE bank = %(name)s AND strategy = %(strategy)s AND event = ANY(%(events)s::text[]) AND state <> 0;

-- name: delete_jobs_of_events
DELETE FROM jobs WHERE bank = %(name)s AND event = ANY(%(events)s::text[]);

-- name: leased_queues
SELECT strategy, lease, lost FROM queues WHERE bank = %(name)s AND lease IS NOT NULL AND ready > %(now)s;

-- name: lease_has_any
-- Whether one of the events is in the lease.
SELECT EXISTS (
    SELECT 1 FROM jobs
    WHERE bank = %(name)s AND strategy = %(strategy)s AND event = ANY(%(events)s::text[])
    AND state = 0 AND lease = %(token)s
);

-- name: lose
UPDATE queues SET lost = %(lost)s WHERE bank = %(name)s AND strategy = %(strategy)s;

-- name: job_columns
-- What a job is read from.
number, strategy, event, key, actor, session, document, state, version, attempts, reason, created, due, finished

-- name: job_fits
number > %(after)s AND (%(strategy)s::text IS NULL OR strategy = %(strategy)s::text)
AND (%(state)s::int IS NULL OR state = %(state)s::int)

-- name: list_jobs
SELECT {job_columns} FROM jobs WHERE bank = %(name)s AND {job_fits} ORDER BY number LIMIT %(limit)s;

-- name: list_jobs_of_event
SELECT {job_columns} FROM jobs
WHERE bank = %(name)s AND event = %(event)s AND {job_fits} ORDER BY number LIMIT %(limit)s;

-- name: any_jobs_left
-- Over all banks: whether there is anything to count.
SELECT EXISTS (SELECT 1 FROM queues) OR EXISTS (SELECT 1 FROM jobs WHERE state = 2);

-- name: any_jobs_left_in_bank
SELECT EXISTS (SELECT 1 FROM queues WHERE bank = %(name)s)
    OR EXISTS (SELECT 1 FROM jobs WHERE bank = %(name)s AND state = 2);

-- name: count_jobs
-- Over all banks. Those that nobody has, but that wait for a moment to come, are counted apart.
SELECT
    (SELECT count(*) FROM jobs WHERE state = 2),
    count(*),
    count(CASE WHEN due > %(now)s AND (lease IS NULL OR NOT EXISTS (
        SELECT 1 FROM queues
        WHERE queues.bank = jobs.bank AND queues.strategy = jobs.strategy
        AND queues.lease = jobs.lease AND queues.ready > %(now)s
    )) THEN 1 END)
FROM jobs WHERE state = 0;

-- name: free
-- Nobody has the job.
(lease IS NULL OR NOT EXISTS (
    SELECT 1 FROM queues
    WHERE queues.bank = %(name)s AND queues.strategy = jobs.strategy
    AND queues.lease = jobs.lease AND queues.ready > %(now)s
))

-- name: count_jobs_in_bank
SELECT
    (SELECT count(*) FROM jobs WHERE bank = %(name)s AND state = 2),
    count(*),
    count(CASE WHEN due > %(now)s AND {free} THEN 1 END)
FROM jobs WHERE bank = %(name)s AND state = 0;

-- name: next_queue
-- Over all banks: when the first is ready. One that is leased only if it has more jobs than those.
SELECT ready FROM queues
WHERE lease IS NULL OR ready <= %(now)s OR EXISTS (
    SELECT 1 FROM jobs
    WHERE jobs.bank = queues.bank AND jobs.strategy = queues.strategy AND jobs.state = 0
    AND jobs.lease IS DISTINCT FROM queues.lease
)
ORDER BY ready LIMIT 1;

-- name: banks_to_retry
-- Over all banks: where jobs were given up, or wait after a failure.
SELECT bank FROM jobs WHERE state = 2 UNION SELECT bank FROM jobs WHERE state = 0 AND attempts > 0 AND due > %(now)s;

-- name: retry_failed_jobs
UPDATE jobs SET state = 0, due = %(now)s, lease = NULL, attempts = 0, reason = '', finished = NULL
WHERE bank = %(name)s AND state = 2 AND (%(strategy)s::text IS NULL OR strategy = %(strategy)s::text);

-- name: retry_waiting_jobs
UPDATE jobs SET due = %(now)s, lease = NULL, attempts = 0, reason = ''
WHERE bank = %(name)s AND state = 0 AND attempts > 0 AND due > %(now)s AND {free}
AND (%(strategy)s::text IS NULL OR strategy = %(strategy)s::text);

-- name: any_waiting_job
-- Over all banks.
SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 0 AND due > %(now)s);

-- name: any_waiting_job_in_bank
SELECT EXISTS (SELECT 1 FROM jobs WHERE bank = %(name)s AND state = 0 AND due > %(now)s);

-- name: banks_to_hurry
-- Over all banks.
SELECT DISTINCT bank FROM jobs WHERE state = 0 AND due > %(now)s;

-- name: hurry_jobs
UPDATE jobs SET due = %(now)s WHERE bank = %(name)s AND state = 0 AND due > %(now)s AND {free};

-- name: backfill_new
INSERT INTO jobs (bank, number, strategy, event, due, created, key, actor, session, document, mentioned)
SELECT
    %(name)s, (SELECT {next_job}) + row_number() OVER (ORDER BY number), %(strategy)s, id, %(now)s, %(now)s, key, actor,
    session, document, mentioned
FROM events
WHERE bank = %(name)s AND NOT EXISTS (
    SELECT 1 FROM jobs WHERE jobs.bank = %(name)s AND jobs.event = events.id AND jobs.strategy = %(strategy)s
)
ORDER BY number;

-- name: backfill_again
UPDATE jobs SET state = 0, due = %(now)s, lease = NULL, attempts = 0, reason = '', version = '', finished = NULL
WHERE bank = %(name)s AND strategy = %(strategy)s AND (state = 2 OR state = 1 AND version <> %(version)s);

-- name: delete_jobs
DELETE FROM jobs WHERE bank = %(name)s;

-- name: delete_queues
DELETE FROM queues WHERE bank = %(name)s;

-- name: anything_expired
-- Over all banks, like the two below, and on the shelf.
SELECT EXISTS (
    SELECT 1 FROM events WHERE expires <= %(now)s AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE jobs.bank = events.bank AND jobs.event = events.id AND jobs.state = 0
    )
) OR EXISTS (SELECT 1 FROM shelf WHERE expires <= %(now)s);

-- name: banks_with_expired
-- The one first of which something expired first.
SELECT bank FROM events
WHERE expires <= %(now)s AND NOT EXISTS (
    SELECT 1 FROM jobs WHERE jobs.bank = events.bank AND jobs.event = events.id AND jobs.state = 0
)
GROUP BY bank ORDER BY min(expires);

-- name: homes_with_expired
SELECT bank FROM shelf WHERE expires <= %(now)s GROUP BY bank ORDER BY min(expires);

-- name: delete_expired_in_bank
-- The first ones.
WITH expired AS MATERIALIZED (
    SELECT number FROM events
    WHERE bank = %(name)s AND expires <= %(now)s AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE jobs.bank = %(name)s AND jobs.event = events.id AND jobs.state = 0
    )
    ORDER BY expires LIMIT %(limit)s
)
DELETE FROM events USING expired WHERE events.bank = %(name)s AND events.number = expired.number RETURNING events.id;
