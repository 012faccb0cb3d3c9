-- From which runs the rows of a correction came.
CREATE INDEX exception_changes_by_entry ON exception_changes (workspace, entered_run)
WHERE entered_run IS NOT NULL;

-- That a version of a contract which is in force is retired, and that it is brought back: act upon act. The last one of a
-- name holds, as long as no other version was put in force since.
CREATE TABLE contract_retirements (
    workspace TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL CHECK (place >= 1),
    number BIGINT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('retired', 'returned')),
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    entry BIGINT NOT NULL,
    PRIMARY KEY (workspace, name, place),
    FOREIGN KEY (workspace, name, number) REFERENCES contract_versions (workspace, name, number),
    FOREIGN KEY (workspace, entry) REFERENCES entries (workspace, sequence)
);

CREATE TRIGGER contract_retirements_never_change BEFORE UPDATE ON contract_retirements
FOR EACH ROW EXECUTE FUNCTION refuse('retirements of contracts are append-only');

CREATE TRIGGER contract_retirements_never_go BEFORE DELETE ON contract_retirements
FOR EACH ROW EXECUTE FUNCTION refuse('retirements of contracts are append-only');

CREATE TRIGGER contract_retirements_are_never_emptied BEFORE TRUNCATE ON contract_retirements
FOR EACH STATEMENT EXECUTE FUNCTION refuse('retirements of contracts are append-only');
