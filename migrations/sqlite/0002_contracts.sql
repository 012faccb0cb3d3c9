-- What a run was judged under, in its canonical form, so that it can be shown and judged again. Runs from before
-- this were judged under the contract that came with the program.

CREATE TABLE contracts (
    workspace TEXT NOT NULL,
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (workspace, fingerprint)
) STRICT;

CREATE TRIGGER contracts_never_change BEFORE UPDATE ON contracts
BEGIN SELECT RAISE(ABORT, 'a contract that was used does not change'); END;

CREATE TRIGGER contracts_never_go BEFORE DELETE ON contracts
BEGIN SELECT RAISE(ABORT, 'contracts are never deleted'); END;
