-- Exceptions by what they sell. `product` is the list's word for what the row says, where the list knows it, and
-- `product_category` the list's category of it, or "Other" where the row says a product that the list does not know. A
-- row that says none has neither.

ALTER TABLE kept_rows ADD COLUMN product TEXT;
ALTER TABLE kept_rows ADD COLUMN product_category TEXT;

-- Runs from before this: their files are asked once what their exceptions say, of their regions too, since runs from
-- before those were kept have none either.
CREATE TABLE unread_exceptions (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (workspace, run),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO unread_exceptions (workspace, run)
SELECT t.workspace, t.run FROM kept_totals t JOIN runs r ON r.number = t.run AND r.status IN ('complete', 'held')
WHERE t.severity = 'error' AND t.code = '' AND t.category = '' AND t.row_count > 0;

DROP TRIGGER kept_rows_never_change;

CREATE TRIGGER kept_rows_never_change BEFORE UPDATE ON kept_rows
WHEN (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
AND (OLD.state IS NULL OR NEW.state IS NULL OR NEW.version <> OLD.version + 1
    OR (NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings, NEW.row_key)
        IS NOT (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings, OLD.row_key)
    OR (NEW.category, NEW.money) IS NOT (OLD.category, OLD.money)
    OR (NEW.region, NEW.product, NEW.product_category) IS NOT (OLD.region, OLD.product, OLD.product_category))
AND NOT ((NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings, NEW.row_key)
        IS (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings, OLD.row_key)
    AND (NEW.category, NEW.money, NEW.state, NEW.version, NEW.assignee)
        IS (OLD.category, OLD.money, OLD.state, OLD.version, OLD.assignee)
    AND EXISTS (SELECT 1 FROM unread_exceptions u WHERE u.workspace = OLD.workspace AND u.run = OLD.run))
BEGIN SELECT RAISE(ABORT, 'exceptions are append-only'); END;

-- What exceptions are counted by besides: a product within a category, and a category as a whole, whose product is
-- empty. An empty text of the others stands for none.
CREATE TABLE exception_parts (
    number INTEGER PRIMARY KEY,
    workspace TEXT NOT NULL,
    of_category INTEGER NOT NULL CHECK (of_category IN (0, 1)),
    product_category TEXT NOT NULL,
    product TEXT NOT NULL,
    UNIQUE (workspace, of_category, product_category, product)
) STRICT;

-- As `run_exceptions` and `span_exceptions`, of one part each.
CREATE TABLE run_part_exceptions (
    part INTEGER NOT NULL REFERENCES exception_parts (number),
    code TEXT NOT NULL,
    run INTEGER NOT NULL,
    category TEXT NOT NULL,
    region TEXT NOT NULL,
    state TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    money_high INTEGER NOT NULL,
    money_low INTEGER NOT NULL,
    PRIMARY KEY (part, code, run, category, region, state)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_part_exceptions_of_run ON run_part_exceptions (run);

CREATE TABLE span_part_exceptions (
    part INTEGER NOT NULL REFERENCES exception_parts (number),
    code TEXT NOT NULL,
    span TEXT NOT NULL,
    of_file INTEGER NOT NULL CHECK (of_file IN (0, 1)),
    category TEXT NOT NULL,
    region TEXT NOT NULL,
    state TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    money_high INTEGER NOT NULL,
    money_low INTEGER NOT NULL,
    PRIMARY KEY (part, code, span, of_file, category, region, state)
) STRICT, WITHOUT ROWID;

-- A run's rows by region, as its file brought them, whatever became of them since; an empty text where a row says none.
CREATE TABLE run_regions (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    region TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    exceptions INTEGER NOT NULL,
    PRIMARY KEY (workspace, run, region),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO run_regions (workspace, run, region, accepted, exceptions)
SELECT e.workspace, e.run, e.region, sum(e.accepted), sum(e.exceptions) FROM (
    SELECT r.workspace, l.run, substr(coalesce(l.region, ''), 1, 150) AS region, count(*) AS accepted, 0 AS exceptions
    FROM ledger l JOIN runs r ON r.number = l.run GROUP BY r.workspace, l.run, substr(coalesce(l.region, ''), 1, 150)
    UNION ALL SELECT k.workspace, k.run, coalesce(k.region, ''), 0, count(*)
    FROM kept_rows k JOIN runs r ON r.number = k.run AND r.status = 'complete'
    WHERE k.category IS NOT NULL GROUP BY k.workspace, k.run, coalesce(k.region, '')) e
GROUP BY e.workspace, e.run, e.region;
