-- Indices that cost a run's time and that nothing needs: findings are looked for in a run, which their own order serves,
-- and exceptions in order of category run by run.
DROP INDEX findings_by_code;
DROP INDEX exceptions_by_category;
