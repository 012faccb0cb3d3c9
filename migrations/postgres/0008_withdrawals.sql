-- Runs that were withdrawn: their rows left the totals, and nothing of them was erased. The entry that tells of it is
-- named here, since a run that has ended does not change any more.

CREATE TABLE withdrawals (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    replaced_by TEXT COLLATE "C",
    entry_sequence BIGINT NOT NULL,
    entry_hash TEXT NOT NULL,
    PRIMARY KEY (workspace, run),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number),
    FOREIGN KEY (workspace, entry_sequence) REFERENCES entries (workspace, sequence)
);

CREATE TRIGGER withdrawals_never_change BEFORE UPDATE ON withdrawals
FOR EACH ROW EXECUTE FUNCTION refuse('withdrawals are append-only');

CREATE TRIGGER withdrawals_never_go BEFORE DELETE ON withdrawals
FOR EACH ROW EXECUTE FUNCTION refuse('withdrawals are append-only');

CREATE TRIGGER withdrawals_are_never_emptied BEFORE TRUNCATE ON withdrawals
FOR EACH STATEMENT EXECUTE FUNCTION refuse('withdrawals are append-only');

-- What lets a run's rows into the ledger, and the run whose place it takes.
ALTER TABLE runs ADD COLUMN admission TEXT NOT NULL DEFAULT 'passing'
    CHECK (admission IN ('passing', 'all-or-none', 'after-confirmation', 'released'));
ALTER TABLE runs ADD COLUMN replaces TEXT COLLATE "C";
