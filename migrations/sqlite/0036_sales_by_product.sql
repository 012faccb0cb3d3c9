-- Rows by revenue of one product: of a dear one, the cheap end of all products is far from its own.
CREATE INDEX run_sales_by_product_highest
ON run_sales (workspace, product, (coalesce(highest, 9223372036854775807)), run);
CREATE INDEX run_sales_by_product_lowest
ON run_sales (workspace, product, (coalesce(lowest, -9223372036854775807)), run);
