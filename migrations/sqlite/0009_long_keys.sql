-- What a key is found by. PostgreSQL cannot index a long one whole; SQLite can.
ALTER TABLE ledger ADD COLUMN key_index TEXT GENERATED ALWAYS AS (row_key) VIRTUAL;

DROP INDEX ledger_keys;
CREATE UNIQUE INDEX ledger_keys ON ledger (workspace, contract, key_index) WHERE counts;
