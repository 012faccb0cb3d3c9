//! What the story is made of.

use model::{
    control::{Category, Severity},
    finding::{FindingData, FindingQuery, FoundBy},
    id::{RunId, WorkspaceId},
    money::Money,
    options::Choice,
    row::{KeptRow, LedgerRow, Refused},
    run::{Admission, RunKind, Way},
    verdict::{ContractRef, Verdict},
};
use serde_json::json;
use store::{Mark, NewRun};

pub(crate) fn mark() -> Mark {
    Mark::new("2026-02-02T10:00:00.000Z", "ravi").with("why", "story")
}

/// The run `number` of the file `file`.
pub(crate) fn new_run(workspace: &WorkspaceId, number: u64, file: u64) -> NewRun {
    NewRun {
        id: RunId::from_u128(number.into()),
        workspace: workspace.clone(),
        kind: RunKind::File,
        origin: None,
        file_name: format!("sales-{file}.csv"),
        file_bytes: 1234,
        media_type: "text/csv".into(),
        file_digest: format!("{file:064x}"),
        file_sha256: format!("{file:064x}"),
        way: Way::Browser,
        note: Some("for March".into()),
        choice: Choice {
            delimiter: Some(';'),
            ..Choice::default()
        },
        evaluated_at: "2026-02-02T10:00:00Z".into(),
        clock_replaced: false,
        contract: ContractRef {
            name: "sales".into(),
            version: "1.0.0".into(),
            fingerprint: "f".repeat(64),
        },
        contract_text: Some("the text of the contract".into()),
        browser_receipt: None,
        admission: Admission::Passing,
        replaces: None,
    }
}

pub(crate) fn ledger_row(record: u64, key: &str, paise: i64) -> LedgerRow {
    LedgerRow {
        record,
        line: record + 1,
        key: Some(key.into()),
        day: Some("2026-01-05".into()),
        region: Some("North".into()),
        product: Some("Tomato Ketchup".into()),
        sku: Some("SK-1".into()),
        category: Some("Sauces & Ketchup".into()),
        quantity: Some(2),
        unit_price: Some(Money::from_paise(paise / 2)),
        money: Some(Money::from_paise(paise)),
    }
}

pub(crate) fn kept_row(record: u64, line: u64, paise: Option<i64>) -> KeptRow {
    KeptRow {
        record,
        line,
        raw: format!("A-{record},North,\u{20b9}\n").into_bytes(),
        category: None,
        money: paise.map(Money::from_paise),
        region: None,
        product: None,
        product_category: None,
        key: None,
        findings: Vec::new(),
    }
}

pub(crate) fn with_warning(mut row: KeptRow) -> KeptRow {
    row.findings.push(finding("VAL10", Severity::Warning));
    row
}

pub(crate) fn exception(record: u64, line: u64, paise: Option<i64>) -> KeptRow {
    let mut row = kept_row(record, line, paise);
    row.category = Some(Category::BusinessRuleViolation);
    row.findings.push(finding("VAL06", Severity::Error));
    row
}

pub(crate) fn refused_row(refused: &Refused) -> KeptRow {
    KeptRow {
        record: refused.row.record,
        line: refused.row.line,
        raw: b"raw".to_vec(),
        category: Some(Category::DataQualityIssue),
        money: refused.row.money,
        region: None,
        product: None,
        product_category: None,
        key: refused.row.key.clone(),
        findings: vec![FindingData {
            stage: FoundBy::Load,
            ..finding("UNQ02", Severity::Error)
        }],
    }
}

fn finding(code: &str, severity: Severity) -> FindingData {
    FindingData {
        code: code.into(),
        message: "plain".into(),
        severity,
        stage: FoundBy::Validate,
        column: Some(6),
        values: vec![("value".into(), "-7.00".into())],
    }
}

/// A verdict with these figures; everything else in it is of no matter to the store.
pub(crate) fn verdict(
    accepted: u64,
    exceptions: u64,
    money_accepted: i128,
    money_exceptions: i128,
) -> Verdict {
    let (read, money_read) = (accepted + exceptions, money_accepted + money_exceptions);
    let money = |paise: i128| Money(paise).to_string();
    let value = json!({
        "contract": { "name": "sales", "version": "1.0.0", "fingerprint": "f" },
        "rows": { "read": read, "accepted": accepted, "exceptions": exceptions, "layout": 0 },
        "money": {
            "read": money(money_read), "accepted": money(money_accepted),
            "exceptions": money(money_exceptions), "layout": "0.00", "unreadable_rows": 0
        },
        "held": null, "quality_score": null, "exception_rate": null, "thresholds": [], "controls": [],
        "categories": [], "file_findings": [],
        "findings": { "errors": 0, "warnings": 0, "flagged_rows": 0 },
        "layout": [], "total_rows": [], "options": options(),
        "receipt": {
            "file_digest": "", "contract": "", "options": options(), "corrections_digest": "",
            "counts": {
                "read": read, "accepted": accepted, "exceptions": exceptions, "layout": 0, "findings": 0,
                "money_read": null, "money_accepted": null, "money_exceptions": null
            },
            "findings_digest": "", "digest": "", "engine": "", "evaluated_at": ""
        }
    });
    serde_json::from_value(value).unwrap()
}

fn options() -> serde_json::Value {
    json!({
        "encoding": "utf-8", "bom": false, "delimiter": ",", "delimiter_evidence": [],
        "header_line": 1, "columns": []
    })
}

pub(crate) fn all() -> FindingQuery {
    FindingQuery {
        limit: 500,
        ..FindingQuery::default()
    }
}

pub(crate) fn by_code(code: &str) -> FindingQuery {
    FindingQuery {
        code: Some(code.into()),
        ..all()
    }
}

pub(crate) fn in_column(column: u32) -> FindingQuery {
    FindingQuery {
        column: Some(column),
        ..all()
    }
}

pub(crate) fn by_severity(severity: Severity) -> FindingQuery {
    FindingQuery {
        severity: Some(severity),
        ..all()
    }
}

pub(crate) fn by_category(category: Category) -> FindingQuery {
    FindingQuery {
        category: Some(category),
        ..all()
    }
}
