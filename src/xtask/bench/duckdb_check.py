# The controls of the contract `sales` in SQL, counting only. What a sample never has (numbers with grouping,
# currency signs, total rows, broken quotes) is left out, to the advantage of DuckDB.
import duckdb
from yardstick import measure, task

task = task()

SQL = """
WITH cells AS (
    SELECT
        order_id,
        trim(order_id) AS id, trim(order_date) AS date, trim(region) AS area, trim(product) AS item,
        trim(quantity) AS count, trim(revenue) AS amount,
        lower(area) AS folded_area, lower(item) AS folded_item,
        coalesce(
            try_strptime(date, '%Y-%m-%d %H:%M:%S'),
            try_strptime(date, ['%Y-%m-%d', '%d-%m-%Y', '%d/%m/%Y', '%d-%b-%y'])
        )::DATE AS day,
        CASE WHEN regexp_full_match(count, '[+-]?[0-9]+') THEN try_cast(count AS BIGINT) END AS pieces,
        try_cast(amount AS DOUBLE) AS money,
        coalesce(regexp_matches(amount, '\\.[0-9]{3}'), false) AS excess,
        abs(money * 100 - round(money * 100)) <= 0.0001 AS noise,
        order_date <> date AS date_apart, quantity <> count AS count_apart, revenue <> amount AS amount_apart,
        region IN $regions AS area_exact, product IN $products AS item_exact
    FROM read_csv($file, header = true, all_varchar = true, delim = ',', quote = '"')
), faults AS (
    SELECT
        order_id,
        (coalesce(id, '') = '')::INT + (coalesce(date, '') = '')::INT + (coalesce(area, '') = '')::INT
            + (coalesce(item, '') = '')::INT + (coalesce(count, '') = '')::INT
            + (coalesce(amount, '') = '')::INT AS CMP01,
        coalesce(count <> '' AND pieces IS NULL, false)::INT AS VAL01,
        coalesce(amount <> '' AND (money IS NULL OR excess AND NOT noise), false)::INT AS VAL02,
        coalesce(date <> '' AND day IS NULL, false)::INT AS VAL03,
        coalesce(area <> '' AND folded_area NOT IN $known_regions, false)::INT AS VAL05,
        coalesce(pieces <= 0, false)::INT + coalesce(money < 0, false)::INT AS VAL06,
        coalesce(excess AND noise, false)::INT AS VAL10,
        coalesce(item <> '' AND folded_item NOT IN $known_products, false)::INT AS REF01,
        coalesce(date <> '' AND date_apart, false)::INT + coalesce(count <> '' AND count_apart, false)::INT
            + coalesce(amount <> '' AND amount_apart, false)::INT
            + coalesce(area <> '' AND NOT area_exact AND folded_area IN $known_regions, false)::INT
            + coalesce(item <> '' AND NOT item_exact AND folded_item IN $known_products, false)::INT AS REF02,
        coalesce(day > $today::DATE, false)::INT AS TIM01,
        CMP01 + VAL01 + VAL02 + VAL03 + VAL05 + VAL06 + TIM01 > 0 AS failing
    FROM cells
)
SELECT
    count(*) AS read, sum(CMP01) AS CMP01, sum(VAL01) AS VAL01, sum(VAL02) AS VAL02, sum(VAL03) AS VAL03,
    sum(VAL05) AS VAL05, sum(VAL06) AS VAL06, sum(VAL10) AS VAL10, sum(REF01) AS REF01, sum(REF02) AS REF02,
    sum(TIM01) AS TIM01,
    count(*) FILTER (NOT failing) - count(DISTINCT order_id) FILTER (NOT failing) AS UNQ01,
    count(*) FILTER (failing) + UNQ01 AS exceptions
FROM faults
"""

database = duckdb.connect(config={"threads": task["threads"]})


def check():
    values = {
        "file": task["file"],
        "today": task["today"],
        "regions": task["regions"]["exact"],
        "known_regions": task["regions"]["known"],
        "products": task["products"]["exact"],
        "known_products": task["products"]["known"],
    }
    answer = database.execute(SQL, values)
    names = [it[0] for it in answer.description]
    return {name: int(count) for name, count in zip(names, answer.fetchone())}


measure(duckdb.__version__, task["times"], check)
