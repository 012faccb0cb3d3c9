-- What a run was judged under, in its canonical form, so that it can be shown and judged again. Runs from before
-- this were judged under the contract that came with the program.

CREATE TABLE contracts (
    workspace TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL CHECK (length(fingerprint) = 64),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (workspace, fingerprint)
);

CREATE TRIGGER contracts_never_change BEFORE UPDATE ON contracts
FOR EACH ROW EXECUTE FUNCTION refuse('a contract that was used does not change');

CREATE TRIGGER contracts_never_go BEFORE DELETE ON contracts
FOR EACH ROW EXECUTE FUNCTION refuse('contracts are never deleted');
