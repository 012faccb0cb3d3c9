-- What a collector of OpenLineage was told of a run: its start, and its end. What has no line here is still to be sent.

CREATE TABLE lineage_sent (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('start', 'end')),
    sent_at TEXT NOT NULL,
    PRIMARY KEY (workspace, run, event),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);
