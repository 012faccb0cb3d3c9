-- Exceptions are found by the column in which a cell of theirs fails. Errors of a column are counted by code, and all of
-- them under the empty one; `row_count` are the rows that have some. A name stands for one column of a run's file: where
-- several have it, the later ones are told by their numbers too.
DROP TABLE run_columns;

CREATE TABLE run_columns (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    column_name TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    column_number BIGINT NOT NULL,
    failed BIGINT NOT NULL CHECK (failed > 0),
    row_count BIGINT NOT NULL CHECK (row_count BETWEEN 1 AND failed),
    PRIMARY KEY (workspace, run, column_name, code),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

INSERT INTO run_columns (workspace, run, column_name, code, column_number, failed, row_count)
SELECT workspace, run, CASE WHEN place = min(place) OVER (PARTITION BY workspace, run, name) THEN name
    ELSE name || ' (' || place || ')' END, code, place, failed, row_count
FROM (
    SELECT f.workspace, f.run, f.code, f.place, f.failed, f.row_count,
        coalesce(CAST(replace(r.verdict, '\u0000', '\ufffd') AS JSONB) -> 'options' -> 'columns' -> CAST(f.place - 1 AS INTEGER) ->> 'column',
            CAST(replace(r.verdict, '\u0000', '\ufffd') AS JSONB) -> 'options' -> 'columns' -> CAST(f.place - 1 AS INTEGER) ->> 'header',
            'Column ' || f.place) AS name
    FROM (
        SELECT workspace, run, code, column_number AS place, count(*) AS failed, count(DISTINCT record) AS row_count
        FROM findings WHERE severity = 'error' AND column_number IS NOT NULL
        GROUP BY workspace, run, code, column_number
        UNION ALL
        SELECT workspace, run, '', column_number, count(*), count(DISTINCT record)
        FROM findings WHERE severity = 'error' AND column_number IS NOT NULL
        GROUP BY workspace, run, column_number) f
    JOIN runs r ON r.number = f.run AND r.verdict IS NOT NULL) named
ON CONFLICT (workspace, run, column_name, code) DO NOTHING;
