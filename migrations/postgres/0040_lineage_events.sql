-- What OpenLineage is told of a run: its start, and its end, as they were said first. What has no line here is still to be
-- said.

CREATE TABLE lineage_events (
    workspace TEXT COLLATE "C" NOT NULL,
    run BIGINT NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('start', 'end')),
    body TEXT NOT NULL,
    PRIMARY KEY (workspace, run, event),
    FOREIGN KEY (workspace, run) REFERENCES runs (workspace, number)
);

CREATE TRIGGER lineage_events_never_change BEFORE UPDATE ON lineage_events
FOR EACH ROW EXECUTE FUNCTION refuse('events of lineage are append-only');

CREATE TRIGGER lineage_events_never_go BEFORE DELETE ON lineage_events
FOR EACH ROW EXECUTE FUNCTION refuse('events of lineage are append-only');

CREATE TRIGGER lineage_events_are_never_emptied BEFORE TRUNCATE ON lineage_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse('events of lineage are append-only');
