-- What becomes of exceptions. A kept row stays what the run found; where it stands now is its state, version and
-- assignee, and how it came there are its changes, one a version.

ALTER TABLE kept_rows ADD COLUMN assignee TEXT;

CREATE FUNCTION exceptions_keep_what_was_found() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
        AND (OLD.state IS NULL OR NEW.state IS NULL OR NEW.version <> OLD.version + 1
            OR (NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings)
                IS DISTINCT FROM
                (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings)
            OR (NEW.category, NEW.money) IS DISTINCT FROM (OLD.category, OLD.money)) THEN
        RAISE EXCEPTION 'exceptions are append-only';
    END IF;
    RETURN NEW;
END
$$;

DROP TRIGGER kept_rows_never_change ON kept_rows;

CREATE TRIGGER kept_rows_never_change BEFORE UPDATE ON kept_rows
FOR EACH ROW EXECUTE FUNCTION exceptions_keep_what_was_found();

-- `version` is the one that the change made: what the run found is version 1. `cells` is the row as it was corrected,
-- a list of texts; `contract`, `evaluated_at` and `findings` tell of its judgement, where it was judged.
-- `entered_…` is the row's place in the ledger, `displaced_…` that of the row which left the totals for it.
CREATE TABLE exception_changes (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    record BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 2),
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    assignee TEXT,
    cells TEXT,
    contract TEXT,
    evaluated_at TEXT,
    findings TEXT,
    entered_run BIGINT,
    entered_record BIGINT,
    displaced_run BIGINT,
    displaced_record BIGINT,
    PRIMARY KEY (workspace, run, record, version),
    FOREIGN KEY (workspace, run, record) REFERENCES kept_rows (workspace, run, record),
    FOREIGN KEY (workspace, entered_run) REFERENCES runs (workspace, number),
    FOREIGN KEY (workspace, displaced_run) REFERENCES runs (workspace, number)
);

CREATE TRIGGER exception_changes_never_change BEFORE UPDATE ON exception_changes
FOR EACH ROW EXECUTE FUNCTION refuse('the history of exceptions is append-only');

CREATE TRIGGER exception_changes_never_go BEFORE DELETE ON exception_changes
FOR EACH ROW EXECUTE FUNCTION refuse('the history of exceptions is append-only');

CREATE TRIGGER exception_changes_are_never_emptied BEFORE TRUNCATE ON exception_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the history of exceptions is append-only');

-- How many of a run's exceptions entered the ledger later, or were rejected, so that no page counts them. The others
-- are open.
CREATE TABLE exception_totals (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('entered', 'rejected')),
    row_count BIGINT NOT NULL CHECK (row_count >= 0),
    money TEXT NOT NULL,
    PRIMARY KEY (workspace, run, standing)
);

-- The run that the rows of a correction came from.
ALTER TABLE runs ADD COLUMN origin TEXT COLLATE "C";

CREATE INDEX runs_by_origin ON runs (workspace, origin) WHERE origin IS NOT NULL;

-- `waived` are the codes that a row was let in in spite of; `displaced_by_…` is the row that took its place.
ALTER TABLE ledger ADD COLUMN waived TEXT;
ALTER TABLE ledger ADD COLUMN displaced_by_run BIGINT;
ALTER TABLE ledger ADD COLUMN displaced_by_record BIGINT;

CREATE INDEX ledger_displaced ON ledger (workspace, displaced_by_run, displaced_by_record)
WHERE displaced_by_run IS NOT NULL;
