"""Reads the tables that the server gives with duckdb. Arguments: tarazu, and the address of a server of its own."""

import csv
import datetime
import decimal
import io
import json
import subprocess
import sys
import time
import traceback
import urllib.request

import duckdb

TARAZU, SERVER = sys.argv[1:]
ODD = "\n".join([
    "order_id,order_date,region,product,quantity,revenue",
    "007,2026-01-05,North,Milk 1L,2,12345678901234.50",
    "010,2026-01-06,East,Milk 1L,1,0.07",
    "008,2026-01-05,Nort,=1+1,1,-3.10",
    "009,soon,South,\"<a> & \"\"b\"\", हिन्दी\",1,0.05",
    "",
])


def get(path):
    with urllib.request.urlopen(f"{SERVER}/api/v1/{path}") as answer:
        return answer.read()


def submit(name, content):
    """The run, once it has ended."""
    request = urllib.request.Request(f"{SERVER}/api/v1/runs?filename={name}", data=content, method="POST")
    with urllib.request.urlopen(request) as answer:
        run = json.load(answer)
    while run["status"] == "running":
        time.sleep(0.05)
        run = json.loads(get(f"runs/{run['id']}"))
    assert run["status"] == "complete", run
    return run


def runs():
    subprocess.run(
        [TARAZU, "generate", "--rows", "40000", "--seed", "7", "--end", "2026-02-01", "--out", "tables.csv"], check=True,
    )
    with open("tables.csv", "rb") as file:
        return [submit("tables.csv", file.read()), submit("odd.csv", ODD.encode())]


def table(path):
    """Its columns with their types, and its rows, by duckdb."""
    name = path.split("?")[0].replace("/", "-")
    with open(name, "wb") as file:
        file.write(get(path))
    answer = duckdb.sql(f"SELECT * FROM read_parquet('{name}')")
    return dict(zip(answer.columns, map(str, answer.types))), answer.fetchall()


def lines(path):
    return list(csv.reader(io.StringIO(get(path).decode("utf-8"), newline=""), strict=True))[1:]


def told(cell):
    """As CSV has it, the guard against formulas apart."""
    return "" if cell is None else str(cell)


def unguarded(cell):
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r", "'") else cell


def rows_are_typed_and_are_those_of_the_csv(runs):
    types, rows = table("rows.parquet")
    assert types["day"] == "DATE" and types["money"] == types["unit_price"] == "DECIMAL(38,2)", types
    assert types["quantity"] == types["record"] == "BIGINT" and types["product"] == "VARCHAR", types
    assert len(rows) == sum(run["verdict"]["rows"]["accepted"] for run in runs) > 30_000
    assert [[told(cell) for cell in row] for row in rows] == [[unguarded(it) for it in row] for row in lines("rows.csv")]
    money = sum(decimal.Decimal(run["verdict"]["money"]["accepted"]) for run in runs)
    place = list(types).index("money")
    assert sum(row[place] for row in rows) == money
    assert decimal.Decimal("12345678901234.50") in {row[place] for row in rows}


def a_period_is_cut_out_alike(runs):
    query = "from=2026-01-05&to=2026-01-11&region=North"
    types, rows = table(f"rows.parquet?{query}")
    day, region = list(types).index("day"), list(types).index("region")
    days = {row[day] for row in rows}
    assert datetime.date(2026, 1, 5) <= min(days) and max(days) <= datetime.date(2026, 1, 11), days
    assert {row[region] for row in rows} == {"North"}
    assert len(rows) == len(lines(f"rows.csv?{query}")) > 100


def exceptions_are_whole_with_their_reasons(runs):
    types, rows = table("exceptions.parquet")
    assert types["tarazu_money"] == "DECIMAL(38,2)" and types["tarazu_raw"] == "VARCHAR", types
    assert len(rows) == sum(run["verdict"]["rows"]["exceptions"] for run in runs)
    assert len(rows) == len(lines("exceptions.csv"))
    types, rows = table(f"runs/{runs[1]['id']}/exceptions.parquet")
    first, second = [dict(zip(types, row)) for row in rows]
    assert first["product"] == "=1+1" and first["tarazu_money"] == decimal.Decimal("-3.10"), first
    assert second["product"] == "<a> & \"b\", हिन्दी" and second["tarazu_codes"].startswith("VAL03"), second
    assert first["tarazu_raw"] == ODD.split("\n")[3]


CHECKS = [
    rows_are_typed_and_are_those_of_the_csv,
    a_period_is_cut_out_alike,
    exceptions_are_whole_with_their_reasons,
]

failed = 0
judged = runs()
for check in CHECKS:
    try:
        check(judged)
        print(f"{check.__name__} ... ok")
    except Exception:
        failed += 1
        print(f"{check.__name__} ... FAILED")
        traceback.print_exc(file=sys.stdout)
print(f"test result: {'FAILED' if failed else 'ok'}. {len(CHECKS) - failed} passed; {failed} failed")
sys.exit(failed > 0)
