"""Reads what tarazu writes with the programs of others. Arguments: tarazu, and the schema of SARIF 2.1.0."""

import csv
import datetime
import json
import os
import shutil
import subprocess
import sys
import traceback

import openpyxl
from frictionless import Report, Resource, Schema
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from junitparser import JUnitXml

TARAZU, SARIF = sys.argv[1:]
AT = "2026-02-02T12:00:00Z"
APPENDED = [
    "tarazu_exception", "tarazu_run", "tarazu_line", "tarazu_codes", "tarazu_reasons", "tarazu_state", "tarazu_corrected",
    "tarazu_raw",
]
OWN = ["order_id", "order_date", "region", "product", "quantity", "revenue", "remark"]
DIRTY = "\n".join([
    ",".join(OWN),
    "007,05/01/2026,North,Milk 1L,0,\"₹1,250.50\",=1+1",
    "008,2026-01-05,North,Milk 1L,1,12.50,+91 98",
    "009,soon,Nort,Milk 1L,2,-3.10,\"<a> & \"\"b\"\"\"",
    "010,2026-01-06,north,Milk 1L,1,12345678901234.50,\u0001",
    "011,2026-01-06,South,Milk 1L,1,10.00,a,surplus",
    "",
])


def tarazu(*arguments):
    """Its standard output; only exit codes of `check` are no trouble."""
    ended = subprocess.run([TARAZU, *arguments], capture_output=True, text=True)
    if ended.returncode not in (0, 1, 2) or "panicked" in ended.stderr:
        raise AssertionError(f"{arguments}: {ended.stderr}")
    return ended.stdout


def written():
    """Everything that `check` writes of a dirty file and a generated one."""
    with open("dirty.csv", "w", encoding="utf-8", newline="") as file:
        file.write(DIRTY)
    tarazu("generate", "--rows", "3000", "--seed", "7", "--end", "2026-02-01", "--out", "sample.csv")
    verdicts = {}
    for name in ["dirty", "sample"]:
        outs = [f"--{what}={name}.{what}.{ending}" for what, ending in [("exceptions", "csv"), ("accepted", "csv")]]
        text = tarazu("check", f"{name}.csv", "--format=json", f"--evaluated-at={AT}", "--bom", *outs)
        verdicts[name] = json.loads(text)
        outs = [f"--{what}={name}.{what}.xlsx" for what in ["exceptions", "accepted"]]
        tarazu("check", f"{name}.csv", f"--evaluated-at={AT}", *outs)
    reports = ["--report=junit=report.xml", "--report=sarif=report.sarif", "--report=frictionless=report.json"]
    tarazu("check", "dirty.csv", "sample.csv", "none.csv", f"--evaluated-at={AT}", *reports)
    for form in ["odcs", "table-schema", "json-schema"]:
        with open(f"contract.{form}", "w", encoding="utf-8") as file:
            file.write(tarazu("contract", "export", "--to", form, "sales"))
    return verdicts


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def only_sheet(path):
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 1, book.sheetnames
    return book.worksheets[0]


def failing_cells_are_filled_and_say_why_in_openpyxl(verdicts):
    sheet = only_sheet("dirty.exceptions.xlsx")
    header = [cell.value for cell in sheet[1]]
    assert header == OWN + APPENDED, header
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:O4", (sheet.freeze_panes, sheet.auto_filter.ref)
    rows = [dict(zip(header, row)) for row in sheet.iter_rows(min_row=2)]
    first, second, third = rows
    assert first["order_id"].value == "007" and first["order_id"].number_format == "@"
    assert first["order_date"].value == datetime.datetime(2026, 1, 5), first["order_date"].value
    assert first["revenue"].value == 1250.5 and first["quantity"].value == 0
    assert first["remark"].value == "=1+1" and first["remark"].data_type == "s"
    assert second["order_date"].value == "soon" and second["revenue"].value == -3.1
    assert third["tarazu_raw"].value == "011,2026-01-06,South,Milk 1L,1,10.00,a,surplus"
    marked = [
        (first, "quantity", "VAL06"), (second, "order_date", "VAL03"), (second, "region", "VAL05"),
        (second, "revenue", "VAL06"), (third, "tarazu_raw", "SCH04"),
    ]
    for row, column, code in marked:
        cell = row[column]
        assert cell.fill.fgColor.rgb == "FFFFC7CE", (column, cell.fill.fgColor.rgb)
        assert code in cell.comment.text and code in row["tarazu_codes"].value, cell.comment.text
    comments = [cell for row in rows for cell in row.values() if cell.comment]
    assert len(comments) == len(marked), [it.coordinate for it in comments]


def accepted_rows_are_values_and_text_in_openpyxl(verdicts):
    sheet = only_sheet("dirty.accepted.xlsx")
    header = [cell.value for cell in sheet[1]]
    assert header == OWN + ["tarazu_line", "tarazu_codes", "tarazu_reasons", "tarazu_corrected"], header
    first, second = [dict(zip(header, row)) for row in sheet.iter_rows(min_row=2)]
    assert first["order_id"].value == "008" and first["revenue"].value == 12.5 and first["remark"].value == "+91 98"
    assert second["revenue"].value == "12345678901234.50", "beyond 15 digits a number would not be exact"
    assert second["tarazu_codes"].value == "REF02" and second["region"].fill.fgColor.rgb == "FFFFEB9C"


def every_row_stands_in_both_forms(verdicts):
    for name, verdict in verdicts.items():
        for what in ["exceptions", "accepted"]:
            rows = read(f"{name}.{what}.csv")
            sheet = only_sheet(f"{name}.{what}.xlsx")
            assert len(rows) == verdict["rows"][what] == sheet.max_row - 1, (name, what, len(rows), sheet.max_row)
            assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row), "a formula"
            ids = [cell.value or "" for cell in sheet["A"][1:]]
            assert [row["order_id"] for row in rows] == ids, (name, what)


def a_csv_is_a_sound_table_without_formulas_in_frictionless(verdicts):
    for name in ["dirty", "sample"]:
        for what in ["exceptions", "accepted"]:
            path = f"{name}.{what}.csv"
            report = Resource(path=path).validate()
            assert report.valid, report.flatten(["rowNumber", "type", "message"])
            cells = [cell for row in read(path) for cell in row.values()]
            assert not any(cell[:1] in ("=", "+", "@", "\t", "\r") for cell in cells), path


def the_junit_report_counts_what_it_holds(verdicts):
    suites = JUnitXml.fromfile("report.xml")
    cases = [case for suite in suites for case in suite]
    assert [suite.name for suite in suites] == ["dirty.csv", "sample.csv", "none.csv"]
    kinds = [type(result).__name__ for case in cases for result in case.result]
    told = (suites.tests, suites.failures, suites.errors, suites.skipped)
    assert told == (len(cases), kinds.count("Failure"), kinds.count("Error"), kinds.count("Skipped")), (told, kinds)
    for suite, verdict in zip(suites, verdicts.values()):
        failed = sum(it["status"] == "failed" for it in verdict["controls"])
        failed += sum(not it["met"] for it in verdict["thresholds"]) + bool(verdict.get("held"))
        assert suite.failures == failed, (suite.name, suite.failures, failed)


def the_sarif_report_is_valid_by_its_schema(verdicts):
    with open(SARIF, encoding="utf-8") as file:
        schema = json.load(file)
    with open("report.sarif", encoding="utf-8") as file:
        report = json.load(file)
    kind = validator_for(schema)
    kind.check_schema(schema)
    errors = [error.message for error in kind(schema).iter_errors(report)]
    assert not errors, errors[:5]
    findings = sum(it["findings"]["errors"] + it["findings"]["warnings"] for it in verdicts.values())
    assert len(report["runs"][0]["results"]) == findings
    assert list(kind(schema).iter_errors({**report, "version": "2"})), "the schema refuses nothing"


def the_frictionless_report_is_one(verdicts):
    with open("report.json", encoding="utf-8") as file:
        descriptor = json.load(file)
    report = Report.from_descriptor(descriptor)
    assert not report.valid and len(report.tasks) == 3
    for task, verdict in zip(report.tasks, verdicts.values()):
        assert len(task.errors) == task.stats["errors"] == verdict["findings"]["errors"], task.name
        assert {"general-error", "error"}.isdisjoint(error.type for error in task.errors)
    assert report.to_summary()


def the_contract_is_valid_in_the_words_of_others(verdicts):
    with open("contract.json-schema", encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    kinds = Draft202012Validator(schema)
    row = {"order_id": "1", "order_date": "2026-01-05", "region": "North", "product": "Milk 1L", "quantity": 1, "revenue": 5}
    assert kinds.is_valid(row) and not kinds.is_valid({**row, "quantity": 0}) and not kinds.is_valid({**row, "region": "N"})
    with open("contract.table-schema", encoding="utf-8") as file:
        table = Schema.from_descriptor(json.load(file))
    assert table.field_names[:6] == OWN[:6] and table.primary_key == ["order_id"], table.primary_key
    # Beside the Python that runs this.
    program = shutil.which("datacontract", path=os.path.dirname(sys.executable))
    lint = subprocess.run([program, "lint", "contract.odcs"], capture_output=True, text=True)
    assert lint.returncode == 0 and "is valid" in lint.stdout, lint.stdout + lint.stderr


CHECKS = [
    failing_cells_are_filled_and_say_why_in_openpyxl,
    accepted_rows_are_values_and_text_in_openpyxl,
    every_row_stands_in_both_forms,
    a_csv_is_a_sound_table_without_formulas_in_frictionless,
    the_junit_report_counts_what_it_holds,
    the_sarif_report_is_valid_by_its_schema,
    the_frictionless_report_is_one,
    the_contract_is_valid_in_the_words_of_others,
]

failed = 0
verdicts = written()
for check in CHECKS:
    try:
        check(verdicts)
        print(f"{check.__name__} ... ok")
    except Exception:
        failed += 1
        print(f"{check.__name__} ... FAILED")
        traceback.print_exc(file=sys.stdout)
print(f"test result: {'FAILED' if failed else 'ok'}. {len(CHECKS) - failed} passed; {failed} failed")
sys.exit(failed > 0)
