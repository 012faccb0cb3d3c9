-- What was corrected last, to find what is corrected often.
CREATE INDEX corrections_by_time ON exception_changes (workspace, time, run, record, version)
WHERE event = 'corrected' AND cells IS NOT NULL;
