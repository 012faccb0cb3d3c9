-- Where a row came from that entered later is one look. Rows of a file that was handed in came from nowhere else.
CREATE INDEX exception_changes_of_entered ON exception_changes (workspace, entered_run, entered_record)
WHERE entered_run IS NOT NULL AND event <> 'returned';
