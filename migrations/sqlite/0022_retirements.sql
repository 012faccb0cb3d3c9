-- From which runs the rows of a correction came.
CREATE INDEX exception_changes_by_entry ON exception_changes (workspace, entered_run)
WHERE entered_run IS NOT NULL;

-- That a version of a contract which is in force is retired, and that it is brought back: act upon act. The last one of a
-- name holds, as long as no other version was put in force since.
CREATE TABLE contract_retirements (
    workspace TEXT NOT NULL,
    name TEXT NOT NULL,
    place INTEGER NOT NULL CHECK (place >= 1),
    number INTEGER NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('retired', 'returned')),
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (workspace, name, place),
    FOREIGN KEY (workspace, name, number) REFERENCES contract_versions (workspace, name, number),
    FOREIGN KEY (workspace, entry) REFERENCES entries (workspace, sequence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER contract_retirements_never_change BEFORE UPDATE ON contract_retirements
BEGIN SELECT RAISE(ABORT, 'retirements of contracts are append-only'); END;

CREATE TRIGGER contract_retirements_never_go BEFORE DELETE ON contract_retirements
BEGIN SELECT RAISE(ABORT, 'retirements of contracts are append-only'); END;
