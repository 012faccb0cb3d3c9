-- The versions of a workspace's contracts. A version never changes but in its state: a draft is put in force or
-- discarded, once, and what is in force is replaced by the next. Its text stands among the contracts. `based_on` is
-- what was in force when it was drafted; the entries that tell of it are named by their sequence.

CREATE TABLE contract_versions (
    workspace TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'in-force', 'replaced', 'discarded')),
    based_on TEXT,
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    note TEXT,
    made_entry INTEGER NOT NULL,
    decided_at TEXT,
    decided_by TEXT,
    reason TEXT,
    decided_entry INTEGER,
    PRIMARY KEY (workspace, name, number),
    FOREIGN KEY (workspace, fingerprint) REFERENCES contracts (workspace, fingerprint),
    FOREIGN KEY (workspace, made_entry) REFERENCES entries (workspace, sequence),
    FOREIGN KEY (workspace, decided_entry) REFERENCES entries (workspace, sequence),
    CHECK ((state = 'draft') = (decided_at IS NULL)),
    CHECK ((state = 'draft') = (decided_by IS NULL)),
    CHECK ((state = 'draft') = (reason IS NULL)),
    CHECK ((state = 'draft') = (decided_entry IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX contract_versions_in_force ON contract_versions (workspace, name) WHERE state = 'in-force';

CREATE TRIGGER contract_versions_begin_as_drafts BEFORE INSERT ON contract_versions
WHEN NEW.state <> 'draft' OR NEW.number <> 1 + coalesce(
    (SELECT max(number) FROM contract_versions WHERE workspace = NEW.workspace AND name = NEW.name), 0)
BEGIN SELECT RAISE(ABORT, 'versions of a contract begin as drafts and have no gaps'); END;

CREATE TRIGGER contract_versions_change_in_state_alone BEFORE UPDATE ON contract_versions
WHEN (NEW.workspace, NEW.name, NEW.number, NEW.fingerprint, NEW.based_on, NEW.made_at, NEW.made_by, NEW.note,
        NEW.made_entry)
    IS NOT (OLD.workspace, OLD.name, OLD.number, OLD.fingerprint, OLD.based_on, OLD.made_at, OLD.made_by, OLD.note,
        OLD.made_entry)
OR NOT ((OLD.state = 'draft' AND NEW.state IN ('in-force', 'discarded'))
    OR (OLD.state = 'in-force' AND NEW.state = 'replaced'
        AND (NEW.decided_at, NEW.decided_by, NEW.reason, NEW.decided_entry)
            IS (OLD.decided_at, OLD.decided_by, OLD.reason, OLD.decided_entry)))
BEGIN SELECT RAISE(ABORT, 'a version of a contract does not change but in its state'); END;

CREATE TRIGGER contract_versions_never_go BEFORE DELETE ON contract_versions
BEGIN SELECT RAISE(ABORT, 'versions of contracts are never deleted'); END;
