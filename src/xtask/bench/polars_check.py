# The controls of the contract `sales` as Polars expressions, counting only. What a sample never has (numbers with
# grouping, currency signs, total rows, broken quotes) is left out, to the advantage of Polars.
import os

from yardstick import measure, task

task = task()
os.environ["POLARS_MAX_THREADS"] = str(task["threads"])
import polars as pl

DATES = ["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d-%b-%y"]


def check():
    cell = {name: pl.col(name) for name in ["order_id", "order_date", "region", "product", "quantity", "revenue"]}

    # Most cells are as they usually are, and only the others are trimmed and looked at closely.
    time = cell["order_date"].str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    usual = {
        "order_id": cell["order_id"].str.starts_with("ORD"),
        "order_date": time.is_not_null(),
        "region": cell["region"].is_in(task["regions"]["exact"]),
        "product": cell["product"].is_in(task["products"]["exact"]),
        "quantity": cell["quantity"].cast(pl.Int64, strict=False).is_not_null(),
        "revenue": cell["revenue"].cast(pl.Float64, strict=False).is_not_null(),
    }
    usual = {name: it.fill_null(False) for name, it in usual.items()}
    other = {name: pl.when(~usual[name]).then(it.str.strip_chars()) for name, it in cell.items()}
    blank = {name: ~usual[name] & (other[name].fill_null("") == "") for name in cell}
    filled = {name: other[name].fill_null("") != "" for name in cell}

    day = pl.coalesce(time.dt.date(), *(other["order_date"].str.to_date(form, strict=False) for form in DATES))
    quantity = pl.coalesce(cell["quantity"].cast(pl.Int64, strict=False), other["quantity"].cast(pl.Int64, strict=False))
    money = pl.coalesce(cell["revenue"].cast(pl.Float64, strict=False), other["revenue"].cast(pl.Float64, strict=False))
    excess = cell["revenue"].str.contains(r"\.\d{3}").fill_null(False)
    rows = pl.scan_csv(task["file"], infer_schema=False).with_columns(day=day, pieces=quantity, money=money, excess=excess)
    noise = (pl.col("money") * 100 - (pl.col("money") * 100).round()).abs() <= 0.0001
    today = pl.lit(task["today"]).str.to_date("%Y-%m-%d")
    known = {
        name: other[name].str.to_lowercase().is_in(task[entries]["known"]).fill_null(False)
        for name, entries in [("region", "regions"), ("product", "products")]
    }
    codes = {
        "CMP01": list(blank.values()),
        "VAL01": [filled["quantity"] & pl.col("pieces").is_null()],
        "VAL02": [filled["revenue"] & pl.col("money").is_null() | (pl.col("excess") & ~noise)],
        "VAL03": [filled["order_date"] & pl.col("day").is_null()],
        "VAL05": [filled["region"] & ~known["region"]],
        "VAL06": [pl.col("pieces") <= 0, pl.col("money") < 0],
        "VAL10": [pl.col("excess") & noise],
        "REF01": [filled["product"] & ~known["product"]],
        "REF02": [
            known["region"],
            known["product"],
            *(filled[name] & (other[name] != cell[name]) for name in ["order_date", "quantity", "revenue"]),
        ],
        "TIM01": [pl.col("day") > today],
    }
    warnings = {"VAL10", "REF01", "REF02"}
    failing = pl.any_horizontal(
        fault.fill_null(False) for code, faults in codes.items() if code not in warnings for fault in faults
    )
    key = cell["order_id"].filter(~pl.col("failing"))
    res = (
        rows.with_columns(failing=failing)
        .select(
            pl.len().alias("read"),
            pl.col("failing").sum(),
            (key.len() - key.n_unique()).alias("UNQ01"),
            *(pl.sum_horizontal(fault.sum() for fault in faults).alias(code) for code, faults in codes.items()),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    res["exceptions"] = res.pop("failing") + res["UNQ01"]
    return {name: int(count) for name, count in res.items()}


measure(pl.__version__, task["times"], check)
