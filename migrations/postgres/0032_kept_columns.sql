-- What fails in each column of a run that is not judged yet, counted as its rows are kept: `run_columns` gets it at the end.
CREATE TABLE kept_columns (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    column_number BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    failed BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    PRIMARY KEY (workspace, run, column_number, code),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);
