-- The ledger as a book that is leafed through and looked things up in, whatever its size. Long texts stand in an
-- index with their start alone, since an entry of one has a limit.

CREATE INDEX ledger_by_day ON ledger (workspace, coalesce(day, ''), substr(coalesce(region, ''), 1, 48),
    substr(coalesce(product, ''), 1, 48), substr(coalesce(category, ''), 1, 48), run, record) WHERE counts;
CREATE INDEX ledger_by_money ON ledger (workspace, coalesce(money, 0), run, record) WHERE counts;
CREATE INDEX ledger_by_key ON ledger (workspace, counts, substr(coalesce(row_key, ''), 1, 48), run, record);
CREATE INDEX ledger_left ON ledger (workspace, run, record) WHERE NOT counts;
CREATE INDEX sales_by_cell ON sales (workspace, day, substr(region, 1, 48), substr(product, 1, 48),
    substr(category, 1, 48), region, product, category, row_count);

-- The key of a kept row, as far as it can be read, so that it is found again; rows from before this have none.
ALTER TABLE kept_rows ADD COLUMN row_key TEXT;

CREATE INDEX kept_by_key ON kept_rows (workspace, substr(row_key, 1, 48), run, record) WHERE row_key IS NOT NULL;

DROP TRIGGER kept_rows_never_change;

CREATE TRIGGER kept_rows_never_change BEFORE UPDATE ON kept_rows
WHEN (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
AND (OLD.state IS NULL OR NEW.state IS NULL OR NEW.version <> OLD.version + 1
    OR (NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings, NEW.region, NEW.row_key)
        IS NOT (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings, OLD.region, OLD.row_key)
    OR (NEW.category, NEW.money) IS NOT (OLD.category, OLD.money))
BEGIN SELECT RAISE(ABORT, 'exceptions are append-only'); END;

CREATE INDEX runs_by_sha256 ON runs (workspace, file_sha256);
CREATE INDEX runs_by_name ON runs (workspace, file_name, id);
