-- How far the sums of earlier runs have come to have SKUs: a run that is told has them in its own cells, and leaves this
-- list when those of its workspace have them too.
ALTER TABLE sales_without_sku ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1));

-- Grows with every change of a workspace's sales, so that whoever remembers them knows whether they still hold.
CREATE TABLE sales_versions (
    workspace TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
