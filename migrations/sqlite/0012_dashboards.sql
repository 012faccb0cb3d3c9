-- Dashboards ask for some days of all sales, without a look at the others, and for the first and last day of a run.

CREATE INDEX sales_by_day ON sales (workspace, day, region, product, category, row_count, units, revenue);
CREATE INDEX run_sales_by_day ON run_sales (workspace, run, day);
