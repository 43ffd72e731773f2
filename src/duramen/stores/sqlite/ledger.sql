-- Every query about the jobs of strategies by name; see queries.sql.

-- name: anything_ready
-- Over all banks: whether a lease might give anything.
SELECT EXISTS (SELECT 1 FROM queues INDEXED BY queues_by_ready WHERE ready <= :now);

-- name: anything_ready_in_bank
SELECT EXISTS (
    SELECT 1 FROM queues WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND ready <= :now
);

-- name: ready_queues
-- Over all banks.
SELECT bank, strategy, (SELECT name FROM banks WHERE banks.number = queues.bank)
FROM queues INDEXED BY queues_by_ready WHERE ready <= :now ORDER BY ready;

-- name: ready_queues_in_bank
SELECT bank, strategy, :bank FROM queues
WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND ready <= :now;

-- name: of_event_done
-- Whether the event of a job waits for nothing in the journal.
NOT EXISTS (
    SELECT 1 FROM events
    WHERE events.bank = jobs.bank AND events.id = jobs.event AND events.state = 0
)

-- name: first_due_job
-- The oldest that is due and whose event is worked through, among the first ones: in an import, most wait for that.
SELECT number, actor, session, document FROM (
    SELECT number, bank, event, actor, session, document FROM jobs INDEXED BY jobs_pending
    WHERE bank = :bank AND strategy = :strategy AND state = 0 AND due <= :now ORDER BY due, number LIMIT :most
) AS jobs
WHERE {of_event_done} LIMIT 1;

-- name: anything_due_in_queue
-- Whether something of a queue is due, if only the journal is done with its event.
SELECT EXISTS (
    SELECT 1 FROM jobs INDEXED BY jobs_pending
    WHERE bank = :bank AND strategy = :strategy AND state = 0 AND due <= :now
);

-- name: jobs_beside
-- Among the first of the same actor, session and document, likewise.
SELECT number FROM (
    SELECT number, bank, event FROM jobs INDEXED BY jobs_beside
    WHERE bank = :bank AND strategy = :strategy AND state = 0
    AND actor IS :actor AND session IS :session AND document IS :document
    ORDER BY mentioned, number LIMIT :most
) AS jobs
WHERE {of_event_done} LIMIT :limit;

-- name: lease_jobs
UPDATE jobs SET lease = :token, attempts = attempts + 1
WHERE bank = :bank AND number IN (SELECT value FROM json_each(:numbers)) RETURNING event, attempts;

-- name: events_in_order
-- By time mentioned, and then as appended.
SELECT {event_columns} FROM events INDEXED BY events_by_id
WHERE bank = :bank AND id IN (SELECT value FROM json_each(:events)) ORDER BY mentioned, number;

-- name: lease_queue
UPDATE queues SET lease = :token, ready = :until, lost = '[]' WHERE bank = :bank AND strategy = :strategy;

-- name: held_queue
-- What an assignment that still holds has lost meanwhile.
SELECT lost FROM queues
WHERE bank = :bank AND strategy = :strategy AND lease = :token AND ready > :now;

-- name: renew_queue
UPDATE queues SET ready = :until
WHERE bank = (SELECT number FROM banks WHERE name = :bank)
AND strategy = :strategy AND lease = :token AND ready > :now;

-- name: job_of_lease
bank = :bank AND event = :event AND strategy = :strategy AND state = 0 AND lease = :token

-- name: has_job_of_lease
SELECT EXISTS (SELECT 1 FROM jobs WHERE {job_of_lease});

-- name: release_job
UPDATE jobs SET lease = NULL, due = :due, attempts = attempts - 1 WHERE {job_of_lease};

-- name: fail_job
UPDATE jobs SET lease = NULL, due = :due, state = :state, reason = :reason, finished = :finished WHERE {job_of_lease};

-- name: finish_job
UPDATE jobs SET lease = NULL, state = 1, version = :version, reason = :note, finished = :now WHERE {job_of_lease};

-- name: leave_job
UPDATE jobs SET lease = NULL, due = :due, attempts = 0, reason = '' WHERE {job_of_lease};

-- name: free_queue
-- At the end of a lease; with a :token only if no job of it is left. -1 says that nothing is pending.
UPDATE queues SET lease = NULL, lost = '[]', ready = coalesce(
    (
        SELECT min(due) FROM jobs INDEXED BY jobs_pending
        WHERE jobs.bank = queues.bank AND jobs.strategy = queues.strategy AND jobs.state = 0
    ),
    -1
)
WHERE bank = :bank AND strategy = :strategy AND (:token IS NULL OR NOT EXISTS (
    SELECT 1 FROM jobs INDEXED BY jobs_leased WHERE jobs.lease = :token AND jobs.state = 0 AND jobs.bank = :bank
));

-- name: drop_empty_queue
DELETE FROM queues WHERE bank = :bank AND strategy = :strategy AND ready = -1;

-- name: ready_queue
-- It is to be looked at by :due. One that is leased is looked at again when that ends.
INSERT INTO queues (bank, strategy, ready) VALUES (:bank, :strategy, :due)
ON CONFLICT (bank, strategy) DO UPDATE SET ready = min(ready, excluded.ready) WHERE lease IS NULL;

-- name: put_off_queue
-- All that is due in it waits for the journal: until then, or until the next of its jobs is due.
UPDATE queues SET lease = NULL, lost = '[]', ready = min(
    :until,
    coalesce(
        (
            SELECT min(due) FROM jobs INDEXED BY jobs_pending
            WHERE jobs.bank = queues.bank AND jobs.strategy = queues.strategy AND jobs.state = 0 AND jobs.due > :now
        ),
        :until
    )
)
WHERE bank = :bank AND strategy = :strategy;

-- name: first_due_of_events
-- When the first job that a queue has of :events is due.
(
    SELECT min(due) FROM jobs INDEXED BY jobs_of_event
    WHERE jobs.bank = :bank AND jobs.event IN (SELECT value FROM json_each(:events))
    AND jobs.strategy = queues.strategy AND jobs.state = 0
)

-- name: ready_queues_of_events
-- The journal is done with :events. One that is leased is looked at again when that ends.
UPDATE queues SET ready = {first_due_of_events}
WHERE bank = :bank AND lease IS NULL AND ready > {first_due_of_events};

-- name: ready_queues_anew
-- Of one bank, or over all banks when :bank is NULL.
INSERT INTO queues (bank, strategy, ready)
SELECT bank, strategy, min(due) FROM jobs INDEXED BY jobs_pending
WHERE state = 0 AND (:bank IS NULL OR bank = :bank) GROUP BY bank, strategy
ON CONFLICT (bank, strategy) DO UPDATE SET ready = excluded.ready WHERE lease IS NULL;

-- name: insert_job
INSERT INTO jobs (bank, strategy, event, due, created, key, actor, session, document, mentioned)
VALUES (:bank, :strategy, :id, :now, :now, :key, :actor, :session, :document, :mentioned);

-- name: think_again
UPDATE jobs SET state = 0, due = :now, lease = NULL, attempts = 0, reason = '', version = '', finished = NULL
WHERE bank = :bank AND strategy = :strategy AND event IN (SELECT value FROM json_each(:events)) AND state <> 0;

-- name: delete_jobs_of_events
DELETE FROM jobs WHERE bank = :bank AND event IN (SELECT value FROM json_each(:events));

-- name: leased_queues
SELECT strategy, lease, lost FROM queues WHERE bank = :bank AND lease IS NOT NULL AND ready > :now;

-- name: lease_has_any
-- Whether one of :events is in the lease.
SELECT EXISTS (
    SELECT 1 FROM jobs
    WHERE bank = :bank AND strategy = :strategy AND event IN (SELECT value FROM json_each(:events))
    AND state = 0 AND lease = :token
);

-- name: lose
UPDATE queues SET lost = :lost WHERE bank = :bank AND strategy = :strategy;

-- name: job_columns
-- What a job is read from.
number, strategy, event, key, actor, session, document, state, version, attempts, reason, created, due, finished

-- name: job_fits
number > :after AND (:strategy IS NULL OR strategy = :strategy) AND (:state IS NULL OR state = :state)

-- name: list_jobs
SELECT {job_columns} FROM jobs INDEXED BY jobs_in_bank
WHERE bank = :bank AND {job_fits} ORDER BY number LIMIT :limit;

-- name: list_jobs_of_event
SELECT {job_columns} FROM jobs INDEXED BY jobs_of_event
WHERE bank = :bank AND event = :event AND {job_fits} ORDER BY number LIMIT :limit;

-- name: any_jobs_left
-- Over all banks: whether there is anything to count.
SELECT EXISTS (SELECT 1 FROM queues) OR EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_failed WHERE state = 2);

-- name: any_jobs_left_in_bank
SELECT EXISTS (SELECT 1 FROM queues WHERE bank = banks.number)
    OR EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_failed WHERE bank = banks.number AND state = 2)
FROM banks WHERE name = :bank;

-- name: free
-- Nobody has the job.
(lease IS NULL OR NOT EXISTS (
    SELECT 1 FROM queues
    WHERE queues.bank = jobs.bank AND queues.strategy = jobs.strategy
    AND queues.lease = jobs.lease AND queues.ready > :now
))

-- name: count_jobs
-- Over all banks.
SELECT
    (SELECT count(*) FROM jobs INDEXED BY jobs_failed WHERE state = 2),
    count(*),
    count(CASE WHEN due > :now AND {free} THEN 1 END)
FROM jobs INDEXED BY jobs_pending WHERE state = 0;

-- name: count_jobs_in_bank
SELECT
    (
        SELECT count(*) FROM jobs INDEXED BY jobs_failed
        WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND state = 2
    ),
    count(*),
    count(CASE WHEN due > :now AND {free} THEN 1 END)
FROM jobs INDEXED BY jobs_pending WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND state = 0;

-- name: next_queue
-- Over all banks: when the first is ready. One that is leased only if it has more jobs than those.
SELECT ready FROM queues INDEXED BY queues_by_ready
WHERE lease IS NULL OR ready <= :now OR EXISTS (
    SELECT 1 FROM jobs INDEXED BY jobs_pending
    WHERE jobs.bank = queues.bank AND jobs.strategy = queues.strategy AND jobs.state = 0
    AND jobs.lease IS NOT queues.lease
)
ORDER BY ready LIMIT 1;

-- name: retry_failed_jobs
-- Of one bank, or over all banks when :bank is NULL; so are the two below.
UPDATE jobs INDEXED BY jobs_failed
SET state = 0, due = :now, lease = NULL, attempts = 0, reason = '', finished = NULL
WHERE state = 2 AND (:bank IS NULL OR bank = :bank) AND (:strategy IS NULL OR strategy = :strategy);

-- name: retry_waiting_jobs
UPDATE jobs SET due = :now, lease = NULL, attempts = 0, reason = ''
WHERE number IN (
    SELECT number FROM jobs INDEXED BY jobs_pending
    WHERE state = 0 AND attempts > 0 AND due > :now AND {free}
    AND (:bank IS NULL OR bank = :bank) AND (:strategy IS NULL OR strategy = :strategy)
);

-- name: any_waiting_job
-- Over all banks.
SELECT EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_pending WHERE state = 0 AND due > :now);

-- name: any_waiting_job_in_bank
SELECT EXISTS (
    SELECT 1 FROM jobs INDEXED BY jobs_pending
    WHERE bank = (SELECT number FROM banks WHERE name = :bank) AND state = 0 AND due > :now
);

-- name: hurry_jobs
UPDATE jobs SET due = :now
WHERE number IN (
    SELECT number FROM jobs INDEXED BY jobs_pending
    WHERE state = 0 AND due > :now AND {free} AND (:bank IS NULL OR bank = :bank)
);

-- name: backfill_new
INSERT INTO jobs (bank, strategy, event, due, created, key, actor, session, document, mentioned)
SELECT bank, :strategy, id, :now, :now, key, actor, session, document, mentioned FROM events
WHERE bank = :bank AND NOT EXISTS (
    SELECT 1 FROM jobs WHERE jobs.bank = :bank AND jobs.event = events.id AND jobs.strategy = :strategy
)
ORDER BY number;

-- name: backfill_again
UPDATE jobs SET state = 0, due = :now, lease = NULL, attempts = 0, reason = '', version = '', finished = NULL
WHERE number IN (
    SELECT number FROM jobs INDEXED BY jobs_in_bank
    WHERE bank = :bank AND strategy = :strategy AND (state = 2 OR state = 1 AND version <> :version)
);

-- name: delete_jobs
DELETE FROM jobs WHERE bank = :bank;

-- name: delete_queues
DELETE FROM queues WHERE bank = :bank;

-- name: expired
expires <= :now AND NOT EXISTS (
    SELECT 1 FROM jobs WHERE jobs.bank = events.bank AND jobs.event = events.id AND jobs.state = 0
)

-- name: anything_expired
-- Over all banks, like the one below, and on the shelf.
SELECT EXISTS (SELECT 1 FROM events INDEXED BY events_expiring WHERE {expired})
    OR EXISTS (SELECT 1 FROM shelf INDEXED BY shelf_by_expiry WHERE expires <= :now);

-- name: delete_expired
DELETE FROM events INDEXED BY events_expiring WHERE {expired}
RETURNING id, (SELECT name FROM banks WHERE banks.number = events.bank);
