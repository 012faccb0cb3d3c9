-- PostgreSQL looks for no cell's run any more. SQLite does so in no time worth a new table: nothing changes here.
SELECT 1;
