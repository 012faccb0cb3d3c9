-- The day on which a file came, in the zone in which pages show its time.
CREATE FUNCTION day_of(moment TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT to_char(CAST(substr(moment, 1, 19) AS TIMESTAMP) + INTERVAL '330 minutes', 'YYYY-MM-DD')
$$;

ALTER TABLE runs ADD COLUMN came_on TEXT COLLATE "C" GENERATED ALWAYS AS (day_of(created_at)) STORED;

DROP INDEX runs_by_day;
CREATE INDEX runs_by_day ON runs (workspace, came_on, kind, status, rows_read, number);

-- The sums by day and month, anew.
DELETE FROM span_exceptions WHERE span <> '';
INSERT INTO span_exceptions (workspace, span, of_file, code, category, region, state, row_count, unreadable, money_high,
    money_low)
SELECT e.workspace, substr(r.came_on, 1, s.length), r.kind = 'file', e.code, e.category, e.region, e.state,
    sum(e.row_count), sum(e.unreadable), sum(e.money_high), sum(e.money_low)
FROM run_exceptions e JOIN runs r ON r.number = e.run
CROSS JOIN (SELECT 7 AS length UNION ALL SELECT 10) s
GROUP BY 1, 2, 3, 4, 5, 6, 7;

DELETE FROM span_part_exceptions WHERE span <> '';
INSERT INTO span_part_exceptions (part, span, of_file, code, category, region, state, row_count, unreadable, money_high,
    money_low)
SELECT e.part, substr(r.came_on, 1, s.length), r.kind = 'file', e.code, e.category, e.region, e.state,
    sum(e.row_count), sum(e.unreadable), sum(e.money_high), sum(e.money_low)
FROM run_part_exceptions e JOIN runs r ON r.number = e.run
CROSS JOIN (SELECT 7 AS length UNION ALL SELECT 10) s
GROUP BY 1, 2, 3, 4, 5, 6, 7;
