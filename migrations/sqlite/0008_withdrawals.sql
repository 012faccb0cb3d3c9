-- Runs that were withdrawn: their rows left the totals, and nothing of them was erased. The entry that tells of it is
-- named here, since a run that has ended does not change any more.

CREATE TABLE withdrawals (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    replaced_by TEXT,
    entry_sequence INTEGER NOT NULL,
    entry_hash TEXT NOT NULL,
    PRIMARY KEY (workspace, run),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number),
    FOREIGN KEY (workspace, entry_sequence) REFERENCES entries (workspace, sequence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER withdrawals_never_change BEFORE UPDATE ON withdrawals
BEGIN SELECT RAISE(ABORT, 'withdrawals are append-only'); END;

CREATE TRIGGER withdrawals_never_go BEFORE DELETE ON withdrawals
BEGIN SELECT RAISE(ABORT, 'withdrawals are append-only'); END;

-- What lets a run's rows into the ledger, and the run whose place it takes.
ALTER TABLE runs ADD COLUMN admission TEXT NOT NULL DEFAULT 'passing'
    CHECK (admission IN ('passing', 'all-or-none', 'after-confirmation', 'released'));
ALTER TABLE runs ADD COLUMN replaces TEXT;
