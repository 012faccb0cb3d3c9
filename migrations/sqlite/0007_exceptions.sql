-- What becomes of exceptions. A kept row stays what the run found; where it stands now is its state, version and
-- assignee, and how it came there are its changes, one a version.

ALTER TABLE kept_rows ADD COLUMN assignee TEXT;

DROP TRIGGER kept_rows_never_change;

CREATE TRIGGER kept_rows_never_change BEFORE UPDATE ON kept_rows
WHEN (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
AND (OLD.state IS NULL OR NEW.state IS NULL OR NEW.version <> OLD.version + 1
    OR (NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings)
        IS NOT (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings)
    OR (NEW.category, NEW.money) IS NOT (OLD.category, OLD.money))
BEGIN SELECT RAISE(ABORT, 'exceptions are append-only'); END;

-- `version` is the one that the change made: what the run found is version 1. `cells` is the row as it was corrected,
-- a list of texts; `contract`, `evaluated_at` and `findings` tell of its judgement, where it was judged.
-- `entered_…` is the row's place in the ledger, `displaced_…` that of the row which left the totals for it.
CREATE TABLE exception_changes (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    record INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 2),
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
    entered_run INTEGER,
    entered_record INTEGER,
    displaced_run INTEGER,
    displaced_record INTEGER,
    PRIMARY KEY (workspace, run, record, version),
    FOREIGN KEY (workspace, run, record) REFERENCES kept_rows (workspace, run, record),
    FOREIGN KEY (workspace, entered_run) REFERENCES runs (workspace, number),
    FOREIGN KEY (workspace, displaced_run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER exception_changes_never_change BEFORE UPDATE ON exception_changes
BEGIN SELECT RAISE(ABORT, 'the history of exceptions is append-only'); END;

CREATE TRIGGER exception_changes_never_go BEFORE DELETE ON exception_changes
BEGIN SELECT RAISE(ABORT, 'the history of exceptions is append-only'); END;

-- How many of a run's exceptions entered the ledger later, or were rejected, so that no page counts them. The others
-- are open.
CREATE TABLE exception_totals (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('entered', 'rejected')),
    row_count INTEGER NOT NULL CHECK (row_count >= 0),
    money TEXT NOT NULL,
    PRIMARY KEY (workspace, run, standing)
) STRICT, WITHOUT ROWID;

-- The run that the rows of a correction came from.
ALTER TABLE runs ADD COLUMN origin TEXT;

CREATE INDEX runs_by_origin ON runs (workspace, origin) WHERE origin IS NOT NULL;

-- `waived` are the codes that a row was let in in spite of; `displaced_by_…` is the row that took its place.
ALTER TABLE ledger ADD COLUMN waived TEXT;
ALTER TABLE ledger ADD COLUMN displaced_by_run INTEGER;
ALTER TABLE ledger ADD COLUMN displaced_by_record INTEGER;

CREATE INDEX ledger_displaced ON ledger (workspace, displaced_by_run, displaced_by_record)
WHERE displaced_by_run IS NOT NULL;
