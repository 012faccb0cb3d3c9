-- What a key is found by. An index takes no entry above some 2,700 bytes, so a long key is indexed by its digest.
-- The blanks make such an entry longer than every key that stands for itself. The same is written in Rust
-- (`key_index`), to look keys up.
ALTER TABLE ledger ADD COLUMN key_index TEXT COLLATE "C" GENERATED ALWAYS AS (
    CASE WHEN octet_length(row_key) <= 500 THEN row_key
    ELSE encode(sha256(replace(row_key, E'\\', E'\\\\')::bytea), 'hex') || repeat(' ', 500) END
) STORED;

DROP INDEX ledger_keys;
CREATE UNIQUE INDEX ledger_keys ON ledger (workspace, contract, key_index) WHERE counts;
