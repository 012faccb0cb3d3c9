-- Exceptions of all runs, to work through and to add up. `region` is the list's word for what the row says, where the
-- list knows it.

ALTER TABLE kept_rows ADD COLUMN region TEXT;

DROP TRIGGER kept_rows_never_change;

CREATE TRIGGER kept_rows_never_change BEFORE UPDATE ON kept_rows
WHEN (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
AND (OLD.state IS NULL OR NEW.state IS NULL OR NEW.version <> OLD.version + 1
    OR (NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings)
        IS NOT (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings)
    OR (NEW.category, NEW.money, NEW.region) IS NOT (OLD.category, OLD.money, OLD.region))
BEGIN SELECT RAISE(ABORT, 'exceptions are append-only'); END;

-- What a list is narrowed and ordered by stands in its index, so that only the rows that it shows are read.
DROP INDEX kept_exceptions;
DROP INDEX exceptions_by_category;
CREATE INDEX kept_exceptions ON kept_rows (workspace, run, record, category, state, region)
WHERE category IS NOT NULL;
CREATE INDEX exceptions_by_category ON kept_rows (workspace, category, run, record, state, region)
WHERE category IS NOT NULL;
CREATE INDEX exceptions_by_money ON kept_rows (workspace, (coalesce(money, 0)), run, record, category, state, region)
WHERE category IS NOT NULL;
CREATE INDEX exceptions_by_assignee ON kept_rows (workspace, assignee, run, record) WHERE assignee IS NOT NULL;

-- How many exceptions the runs that count have, so that no page counts them: by run, and by span, which is a day on
-- which files came, a month of them, or, empty, all of them. `code` is that of an error; each row counts once for each
-- of its codes, and once more under the empty one. Money is `money_high` x 1,000,000,000 + `money_low` paise, two
-- numbers that can be summed up without overflow; `unreadable` counts the rows without an amount.
CREATE TABLE run_exceptions (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    code TEXT NOT NULL,
    category TEXT NOT NULL,
    region TEXT NOT NULL,
    state TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    money_high INTEGER NOT NULL,
    money_low INTEGER NOT NULL,
    PRIMARY KEY (workspace, code, run, category, region, state),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_exceptions_of_run ON run_exceptions (workspace, run);

CREATE TABLE span_exceptions (
    workspace TEXT NOT NULL,
    span TEXT NOT NULL,
    of_file INTEGER NOT NULL CHECK (of_file IN (0, 1)),
    code TEXT NOT NULL,
    category TEXT NOT NULL,
    region TEXT NOT NULL,
    state TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    money_high INTEGER NOT NULL,
    money_low INTEGER NOT NULL,
    PRIMARY KEY (workspace, code, span, of_file, category, region, state)
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_day ON runs (workspace, created_at, kind, status, rows_read, number);

-- Of the runs that there are already. What their rows say of a region is not known any more.
INSERT INTO run_exceptions (workspace, run, code, category, region, state, row_count, unreadable, money_high, money_low)
SELECT k.workspace, k.run, f.code, k.category, '', k.state, count(*), sum(CASE WHEN k.money IS NULL THEN 1 ELSE 0 END),
    sum(coalesce(k.money, 0) / 1000000000), sum(coalesce(k.money, 0) % 1000000000)
FROM (SELECT DISTINCT workspace, run, record, code FROM findings WHERE severity = 'error'
    UNION ALL SELECT workspace, run, record, '' FROM kept_rows WHERE category IS NOT NULL) f
JOIN kept_rows k ON k.workspace = f.workspace AND k.run = f.run AND k.record = f.record AND k.category IS NOT NULL
JOIN runs r ON r.number = k.run AND r.status = 'complete'
WHERE NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.workspace = k.workspace AND w.run = k.run)
GROUP BY k.workspace, k.run, f.code, k.category, k.state;

INSERT INTO span_exceptions (workspace, span, of_file, code, category, region, state, row_count, unreadable, money_high,
    money_low)
SELECT e.workspace, substr(r.created_at, 1, s.length), r.kind = 'file', e.code, e.category, e.region, e.state,
    sum(e.row_count), sum(e.unreadable), sum(e.money_high), sum(e.money_low)
FROM run_exceptions e JOIN runs r ON r.number = e.run
CROSS JOIN (SELECT 0 AS length UNION ALL SELECT 7 UNION ALL SELECT 10) s
GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- What the controls of a run's verdict came to, so that quality over many runs reads no verdict. `scored` are those that
-- the score is made of.
CREATE TABLE run_controls (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    dimension TEXT NOT NULL,
    severity TEXT NOT NULL,
    scored INTEGER NOT NULL CHECK (scored IN (0, 1)),
    evaluated INTEGER NOT NULL CHECK (evaluated > 0),
    failed INTEGER NOT NULL CHECK (failed BETWEEN 0 AND evaluated),
    PRIMARY KEY (workspace, run, code),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

-- Errors by the contract's name of the column, or the file's where the contract has none.
CREATE TABLE run_columns (
    workspace TEXT NOT NULL,
    run INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    failed INTEGER NOT NULL CHECK (failed > 0),
    PRIMARY KEY (workspace, run, column_name),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO run_controls (workspace, run, code, name, dimension, severity, scored, evaluated, failed)
SELECT r.workspace, r.number, json_extract(c.value, '$.code'), json_extract(c.value, '$.name'),
    json_extract(c.value, '$.dimension'), json_extract(c.value, '$.severity'),
    json_extract(c.value, '$.severity') = 'error' AND json_extract(r.verdict, '$.quality_score') IS NOT NULL,
    json_extract(c.value, '$.evaluated'), json_extract(c.value, '$.failed')
FROM runs r JOIN json_each(r.verdict, '$.controls') c
WHERE r.verdict IS NOT NULL AND json_extract(c.value, '$.evaluated') > 0;

INSERT INTO run_columns (workspace, run, column_name, failed)
SELECT r.workspace, r.number,
    coalesce(json_extract(r.verdict, '$.options.columns[' || (f.place - 1) || '].column'),
        json_extract(r.verdict, '$.options.columns[' || (f.place - 1) || '].header'), 'Column ' || f.place) AS name,
    sum(f.failed)
FROM (SELECT run, column_number AS place, count(*) AS failed FROM findings
    WHERE severity = 'error' AND column_number IS NOT NULL GROUP BY run, column_number) f
JOIN runs r ON r.number = f.run AND r.verdict IS NOT NULL
GROUP BY r.workspace, r.number, name;
