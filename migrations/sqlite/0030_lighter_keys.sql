-- What the index of keys has of a key is a column that is never written. `keyed_ledger` is what rows are looked for by
-- their keys in, here as in PostgreSQL.
CREATE VIEW keyed_ledger AS SELECT * FROM ledger;
