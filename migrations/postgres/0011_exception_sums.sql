-- Exceptions of all runs, to work through and to add up. `region` is the list's word for what the row says, where the
-- list knows it.

ALTER TABLE kept_rows ADD COLUMN region TEXT COLLATE "C";

CREATE OR REPLACE FUNCTION exceptions_keep_what_was_found() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM runs WHERE number = OLD.run) NOT IN ('running', 'failed')
        AND (OLD.state IS NULL OR NEW.state IS NULL OR NEW.version <> OLD.version + 1
            OR (NEW.workspace, NEW.run, NEW.record, NEW.line, NEW.raw, NEW.warned, NEW.findings)
                IS DISTINCT FROM
                (OLD.workspace, OLD.run, OLD.record, OLD.line, OLD.raw, OLD.warned, OLD.findings)
            OR (NEW.category, NEW.money, NEW.region) IS DISTINCT FROM (OLD.category, OLD.money, OLD.region)) THEN
        RAISE EXCEPTION 'exceptions are append-only';
    END IF;
    RETURN NEW;
END
$$;

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
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    unreadable BIGINT NOT NULL,
    money_high BIGINT NOT NULL,
    money_low BIGINT NOT NULL,
    PRIMARY KEY (workspace, code, run, category, region, state),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

CREATE INDEX run_exceptions_of_run ON run_exceptions (workspace, run);

CREATE TABLE span_exceptions (
    workspace TEXT COLLATE "C" NOT NULL,
    span TEXT COLLATE "C" NOT NULL,
    of_file BOOLEAN NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    unreadable BIGINT NOT NULL,
    money_high BIGINT NOT NULL,
    money_low BIGINT NOT NULL,
    PRIMARY KEY (workspace, code, span, of_file, category, region, state)
);

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
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    dimension TEXT NOT NULL,
    severity TEXT NOT NULL,
    scored BOOLEAN NOT NULL,
    evaluated BIGINT NOT NULL CHECK (evaluated > 0),
    failed BIGINT NOT NULL CHECK (failed BETWEEN 0 AND evaluated),
    PRIMARY KEY (workspace, run, code),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

-- Errors by the contract's name of the column, or the file's where the contract has none.
CREATE TABLE run_columns (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    column_name TEXT COLLATE "C" NOT NULL,
    failed BIGINT NOT NULL CHECK (failed > 0),
    PRIMARY KEY (workspace, run, column_name),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

INSERT INTO run_controls (workspace, run, code, name, dimension, severity, scored, evaluated, failed)
SELECT r.workspace, r.number, c.value ->> 'code', c.value ->> 'name', c.value ->> 'dimension', c.value ->> 'severity',
    c.value ->> 'severity' = 'error' AND CAST(r.verdict AS JSONB) ->> 'quality_score' IS NOT NULL,
    CAST(c.value ->> 'evaluated' AS BIGINT), CAST(c.value ->> 'failed' AS BIGINT)
FROM runs r CROSS JOIN LATERAL jsonb_array_elements(CAST(r.verdict AS JSONB) -> 'controls') c
WHERE r.verdict IS NOT NULL AND CAST(c.value ->> 'evaluated' AS BIGINT) > 0;

INSERT INTO run_columns (workspace, run, column_name, failed)
SELECT workspace, number, name, sum(failed) FROM (
    SELECT r.workspace, r.number, f.failed,
        coalesce(CAST(r.verdict AS JSONB) -> 'options' -> 'columns' -> CAST(f.place - 1 AS INTEGER) ->> 'column',
            CAST(r.verdict AS JSONB) -> 'options' -> 'columns' -> CAST(f.place - 1 AS INTEGER) ->> 'header',
            'Column ' || f.place) AS name
    FROM (SELECT run, column_number AS place, count(*) AS failed FROM findings
        WHERE severity = 'error' AND column_number IS NOT NULL GROUP BY run, column_number) f
    JOIN runs r ON r.number = f.run AND r.verdict IS NOT NULL) named
GROUP BY workspace, number, name;
