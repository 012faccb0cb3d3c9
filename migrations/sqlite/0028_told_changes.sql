-- A change of an exception names the entry that tells of it, so that the two can be held against each other. Changes from
-- before are those of the act of their moment and person: of the one that says it made this change, or else of the one
-- that made several. What no entry tells of names none.
ALTER TABLE exception_changes ADD COLUMN entry INTEGER;

DROP TRIGGER exception_changes_never_change;

UPDATE exception_changes SET entry = (
    SELECT e.sequence FROM runs r
    JOIN entries e ON e.workspace = r.workspace AND e.run = r.id
    WHERE r.workspace = exception_changes.workspace AND r.number = exception_changes.run
    AND e.event LIKE 'exception.%' AND e.time = exception_changes.time AND e.actor = exception_changes.actor
    AND (e.details NOT LIKE '%"record":"%' OR e.details LIKE '%"record":"' || exception_changes.record || '"%'
        AND e.details LIKE '%"version":"' || exception_changes.version || '"%')
    ORDER BY CASE WHEN e.details LIKE '%"record":"%' THEN 0 ELSE 1 END, e.sequence LIMIT 1);

CREATE TRIGGER exception_changes_never_change BEFORE UPDATE ON exception_changes
BEGIN SELECT RAISE(ABORT, 'the history of exceptions is append-only'); END;

CREATE INDEX exception_changes_by_act ON exception_changes (workspace, entry);
