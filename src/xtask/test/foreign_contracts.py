"""Contracts in the words of other standards: datacontract-cli reads the files of the Open Data Contract Standard,
jsonschema the JSON Schema of a row, and frictionless the Table Schema, each with rows that it has to take and rows
that it must not. Called with the program `tarazu` and the folder of contracts."""

import io
import json
import pathlib
import subprocess
import sys

from datacontract.data_contract import DataContract
from frictionless import Resource, Schema, system
from jsonschema import Draft202012Validator

TARAZU, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])

# A row as an object, and for each fault that a row may have one cell that has it.
ROWS = {
    "sales": (
        {
            "order_id": "ORD-1",
            "order_date": "2026-01-05",
            "region": "North",
            "product": "Milk 1L",
            "quantity": 2,
            "revenue": 240.5,
            "sku": None,
            "category": None,
            "unit_price": 120.25,
        },
        {"order_id": None, "region": "Atlantis", "quantity": 0, "revenue": -1},
    ),
    str(FOLDER / "cafe.yaml"): (
        {
            "transaction_id": "TXN_0000001",
            "item": "Tea",
            "quantity": 2,
            "price_per_unit": 1.5,
            "total_spent": 3,
            "payment_method": None,
            "location": "Takeaway",
            "transaction_date": "2026-01-31",
        },
        {
            "transaction_id": "TXN_1",
            "item": None,
            "quantity": 0,
            "price_per_unit": -1,
            "payment_method": "Barter",
            "total_spent": None,
        },
    ),
}


def tarazu(*arguments):
    return subprocess.run([TARAZU, "contract", *arguments], check=True, capture_output=True, text=True).stdout


def check(what, passed, detail=""):
    print(f"{'ok' if passed else 'FAILED'}: {what} {'' if passed else detail}")
    return passed


def odcs(contract):
    """Both a file as it stands and what `tarazu` writes of it."""
    texts = {"as written": tarazu("export", contract, "--to", "odcs")}
    if contract != "sales":
        texts["as it stands"] = pathlib.Path(contract).read_text(encoding="utf-8")
    for which, text in texts.items():
        run = DataContract(data_contract_str=text).lint()
        faults = [it.reason for it in run.checks if it.result.value != "passed"]
        passed = run.result.value == "passed" and len(run.checks) > 0
        yield check(f"datacontract-cli reads {pathlib.Path(contract).stem} {which}", passed, faults)


def json_schema(contract, good, faults):
    schema = json.loads(tarazu("export", contract, "--to", "json-schema"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    name = pathlib.Path(contract).stem
    yield check(f"jsonschema takes a good row of {name}", validator.is_valid(good), list(validator.iter_errors(good)))
    for column, value in faults.items():
        row = {**good, column: value}
        yield check(f"jsonschema refuses {column} {value!r} of {name}", not validator.is_valid(row))
        without = {key: value for key, value in good.items() if key != column}
        if column in schema["required"]:
            yield check(f"jsonschema refuses a row of {name} without {column}", not validator.is_valid(without))


def table_schema(contract, good, faults):
    schema = Schema.from_descriptor(json.loads(tarazu("export", contract, "--to", "table-schema")))
    name = pathlib.Path(contract).stem

    def errors(*rows):
        cells = [[("" if it is None else str(it)) for it in row.values()] for row in rows]
        text = "\n".join(",".join(row) for row in [list(good), *cells]) + "\n"
        with system.use_context(trusted=True):
            report = Resource(io.BytesIO(text.encode()).read(), format="csv", schema=schema).validate()
        return report.flatten(["rowNumber", "fieldName", "type"])

    found = errors(good)
    yield check(f"frictionless takes a good row of {name}", not found, found)
    for column, value in faults.items():
        found = errors({**good, column: value})
        passed = len(found) > 0 and all(it[1] == column for it in found if it[1])
        yield check(f"frictionless refuses {column} {value!r} of {name}", passed, found)
    yield check(f"frictionless refuses a key of {name} twice", len(errors(good, good)) > 0)


def main():
    passed = []
    for contract in ["sales", *map(str, sorted(FOLDER.glob("*.yaml")))]:
        passed += odcs(contract)
    for contract, (good, faults) in ROWS.items():
        passed += json_schema(contract, good, faults)
        passed += table_schema(contract, good, faults)
    print(f"{sum(passed)} passed")
    if not all(passed):
        print(f"{len(passed) - sum(passed)} failed")
        sys.exit(1)


main()
