//! The way of a row from the file to the ledger, column by column, and what OpenLineage says of a run.

pub mod send;

use engine::{
    contract::{Column, Contract, Kind, LedgerRole},
    export::Corrected,
};
use model::{
    control::Status,
    finding::FlaggedRow,
    lineage::{
        ColumnLineage, FileOrigin, LinkedRun, LinkedRuns, RowLineage, RunLineage, Transformation,
    },
    row::LedgerRow,
    run::{Run, RunStatus},
    verdict::Verdict,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{LineageEvent, Store, StoreError};

/// The way of every column of the file and of the contract.
pub fn columns(contract: &Contract, verdict: &Verdict) -> Vec<ColumnLineage> {
    let in_file = &verdict.options.columns;
    let place = |name: &str| {
        let at = in_file
            .iter()
            .position(|it| it.column.as_deref() == Some(name))?;
        let header = in_file.get(at)?.header.clone();
        Some((u32::try_from(at + 1).ok()?, header))
    };
    let mut all = Vec::new();
    for column in &contract.columns {
        let mut add = |ledger: Option<&str>, what: Transformation<'_>| {
            all.push(ColumnLineage {
                file: place(&column.name),
                contract: Some(column.name.clone()),
                ledger: ledger.map(str::to_owned),
                transformation: what.words(),
            });
        };
        let mut kept = false;
        ways(contract, column, &mut |ledger, what| {
            kept = true;
            add(Some(ledger), what);
        });
        if !kept {
            add(None, Transformation::Judged);
        }
    }
    for (at, extra) in (1..).zip(in_file).filter(|(_, it)| it.column.is_none()) {
        all.push(ColumnLineage {
            file: Some((at, extra.header.clone())),
            contract: None,
            ledger: None,
            transformation: Transformation::Unknown.words(),
        });
    }
    all
}

/// Tells which columns of the ledger a column goes to, and how.
fn ways(
    contract: &Contract,
    column: &Column,
    tell: &mut dyn FnMut(&'static str, Transformation<'_>),
) {
    if contract.key.contains(&column.name) {
        let what = match contract.key.as_slice() {
            [_] => Transformation::AsItStands,
            several => Transformation::Key(several),
        };
        tell("row_key", what);
    }
    if contract.money.as_ref() == Some(&column.name) {
        tell("money", Transformation::Money);
        let mut columns = contract.columns.iter();
        if columns.any(|it| it.role == Some(LedgerRole::Quantity)) {
            tell("unit_price", Transformation::Divided);
        }
    }
    let list = column.list.as_deref();
    let words = list.map_or(Transformation::AsItStands, Transformation::Listed);
    // The list, where it says this of its entries.
    let saying = |attribute: &str| {
        let list = contract.list(list?)?;
        let mut entries = list.entries.iter();
        let says = entries.any(|it| it.attributes.contains_key(attribute));
        says.then_some(list.name.as_str())
    };
    match column.role {
        None => {}
        Some(LedgerRole::Day) => {
            let forms: Vec<&str> = column.forms.iter().map(|it| it.as_str()).collect();
            tell("day", Transformation::Day(&forms));
        }
        Some(LedgerRole::Region) => tell("region", words),
        Some(LedgerRole::Product) => {
            tell("product", words);
            if let Some(list) = saying("sku") {
                tell("sku", Transformation::ListedSku(list));
            }
            if let Some(list) = saying("category") {
                tell("category", Transformation::ListedCategory(list));
            }
        }
        Some(LedgerRole::Sku) => tell("sku", Transformation::Sku(list)),
        Some(LedgerRole::Category) => tell("category", Transformation::Category(list)),
        Some(LedgerRole::Quantity) => tell("quantity", Transformation::WholeNumber),
        Some(LedgerRole::UnitPrice) => tell("unit_price", Transformation::Amount),
    }
}

/// The way of one row. `flagged` is the row with its findings where it has some, `ledger` what came of it there,
/// `corrected` what was corrected before submit in the rows of its run.
pub fn row(
    run: &Run,
    verdict: &Verdict,
    contract: &Contract,
    flagged: Option<FlaggedRow>,
    ledger: Option<LedgerRow>,
    corrected: &Corrected,
) -> Option<RowLineage> {
    let (record, line) = match (&flagged, &ledger) {
        (Some(it), _) => (it.record, it.line),
        (None, Some(it)) => (it.record, it.line),
        (None, None) => return None,
    };
    Some(RowLineage {
        run: run.summary.id.clone(),
        file: origin(run),
        record,
        line,
        sheet_row: verdict.options.sheet_row(line),
        came: None,
        contract: verdict.contract.clone(),
        engine: verdict.receipt.engine.clone(),
        evaluated_at: run.evaluated_at.clone(),
        controls: codes(verdict, |it| it != Status::NotRun),
        exception: flagged.as_ref().and_then(|it| it.state),
        corrected: corrected.columns(record).map(str::to_owned).collect(),
        findings: flagged.map(|it| it.findings).unwrap_or_default(),
        ledger,
        columns: columns(contract, verdict),
    })
}

/// Between which runs the rows of one went.
#[derive(Debug, Clone, Default)]
pub struct Between {
    pub corrects: LinkedRuns,
    pub corrections: LinkedRuns,
    pub replaces: Option<LinkedRun>,
    pub replaced_by: Option<LinkedRun>,
}

/// The way of a run. `counting` are its rows that count in the ledger now.
pub fn run(
    run: &Run,
    verdict: &Verdict,
    contract: &Contract,
    counting: u64,
    between: Between,
) -> RunLineage {
    RunLineage {
        run: run.summary.id.clone(),
        file: origin(run),
        corrects: between.corrects,
        replaces: between.replaces,
        contract: verdict.contract.clone(),
        engine: verdict.receipt.engine.clone(),
        evaluated_at: run.evaluated_at.clone(),
        controls: codes(verdict, |it| it != Status::NotRun),
        found: codes(verdict, |it| matches!(it, Status::Failed | Status::Warned)),
        rows: verdict.rows,
        counting,
        exceptions: run.exceptions,
        corrections: between.corrections,
        replaced_by: between.replaced_by,
        columns: columns(contract, verdict),
    }
}

pub fn origin(run: &Run) -> FileOrigin {
    let summary = &run.summary;
    FileOrigin {
        name: summary.file_name.clone(),
        bytes: summary.file_bytes,
        sha256: run.file_sha256.clone(),
        blake3: summary.file_digest.clone(),
        received_at: summary.created_at.clone(),
    }
}

/// Of the controls in such a state.
fn codes(verdict: &Verdict, is: impl Fn(Status) -> bool) -> Vec<String> {
    let controls = verdict.controls.iter();
    let controls = controls.filter(|it| is(it.status));
    controls.map(|it| it.code.clone()).collect()
}

const PRODUCER: &str = concat!("urn:tarazu:", env!("CARGO_PKG_VERSION"));
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// What OpenLineage (2-0-2) says of a run as it stands: its START, and once it has ended its COMPLETE or FAIL.
/// `contract` is None where the run has no verdict.
pub fn events(run: &Run, contract: Option<&Contract>) -> Vec<(LineageEvent, Value)> {
    let summary = &run.summary;
    let start = event(run, "START", &summary.created_at, json!({}), &[]);
    let mut all = vec![(LineageEvent::Start, start)];
    let Some(ended_at) = &summary.ended_at else {
        return all;
    };
    let judged = run.verdict.as_ref().zip(contract);
    let end = match (summary.status, judged) {
        (RunStatus::Failed, _) | (_, None) => {
            let reason = summary.reason.clone().unwrap_or_default();
            let facets = json!({
                "errorMessage": facet(
                    "1-0-1",
                    "ErrorMessageRunFacet",
                    json!({"message": reason, "programmingLanguage": "Rust"}),
                ),
            });
            event(run, "FAIL", ended_at, facets, &[])
        }
        (_, Some((verdict, contract))) => {
            let outputs = outputs(run, verdict, contract);
            event(run, "COMPLETE", ended_at, json!({}), &outputs)
        }
    };
    all.push((LineageEvent::End, end));
    all
}

/// What was said of a run, as it was said first, and what is still to be said of it.
pub async fn told(
    store: &Store,
    run: &Run,
    contract: Option<&Contract>,
) -> Result<BTreeMap<LineageEvent, String>, StoreError> {
    let summary = &run.summary;
    let mut told = store.kept_lineage(&summary.workspace, &summary.id).await?;
    for (event, body) in events(run, contract) {
        told.entry(event).or_insert_with(|| body.to_string());
    }
    Ok(told)
}

fn namespace(run: &Run) -> String {
    format!("tarazu.{}", run.summary.workspace)
}

fn event(run: &Run, kind: &str, time: &str, facets: Value, outputs: &[Value]) -> Value {
    json!({
        "eventType": kind,
        "eventTime": time,
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": uuid(run.summary.id.as_str()), "facets": facets},
        "job": {
            "namespace": namespace(run),
            "name": "judge",
            "facets": {
                "jobType": facet("2-0-3", "JobTypeJobFacet", json!({
                    "processingType": "BATCH", "integration": "TARAZU", "jobType": "JOB",
                })),
            },
        },
        "inputs": [input(run)],
        "outputs": outputs,
    })
}

/// `run_` and 32 digits as a UUID is written.
fn uuid(id: &str) -> String {
    let digits = id.trim_start_matches("run_");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let parts = parts.map(|(from, to)| digits.get(from..to).unwrap_or_default());
    parts.join("-")
}

fn facet(version: &str, name: &str, content: Value) -> Value {
    let mut facet = json!({
        "_producer": PRODUCER,
        "_schemaURL": format!("https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}"),
    });
    if let (Value::Object(facet), Value::Object(content)) = (&mut facet, content) {
        facet.extend(content);
    }
    facet
}

fn schema(fields: Vec<Value>) -> Value {
    facet("1-1-1", "SchemaDatasetFacet", json!({"fields": fields}))
}

fn input(run: &Run) -> Value {
    let mut facets = json!({
        "version": facet(
            "1-0-1",
            "DatasetVersionDatasetFacet",
            json!({"datasetVersion": run.file_sha256}),
        ),
    });
    let mut input_facets = json!({});
    if let Some(verdict) = &run.verdict {
        let header = verdict.options.columns.iter();
        let header = header.map(|it| json!({"name": it.header, "type": "text"}));
        facets["schema"] = schema(header.collect());
        let ran = verdict.controls.iter();
        let ran = ran.filter(|it| it.status != Status::NotRun);
        let assertions = ran.map(|it| {
            json!({
                "assertion": format!("{} {}", it.code, it.name),
                "success": it.status == Status::Passed,
            })
        });
        input_facets["dataQualityAssertions"] = facet(
            "1-0-1",
            "DataQualityAssertionsDatasetFacet",
            json!({"assertions": assertions.collect::<Vec<_>>()}),
        );
        input_facets["dataQualityMetrics"] = facet(
            "1-0-2",
            "DataQualityMetricsInputDatasetFacet",
            json!({
                "rowCount": verdict.rows.read,
                "bytes": run.summary.file_bytes,
                "columnMetrics": {},
            }),
        );
    }
    json!({
        "namespace": namespace(run),
        "name": file_name(run),
        "facets": facets,
        "inputFacets": input_facets,
    })
}

fn file_name(run: &Run) -> String {
    format!("files/{}", run.summary.file_name)
}

/// The ledger with the rows that it took, and the exceptions.
fn outputs(run: &Run, verdict: &Verdict, contract: &Contract) -> [Value; 2] {
    let output = |name: &str, fields: Vec<Value>, ways: Value, rows: u64| {
        json!({
            "namespace": namespace(run),
            "name": name,
            "facets": {
                "schema": schema(fields),
                "columnLineage": facet("1-2-0", "ColumnLineageDatasetFacet", json!({"fields": ways})),
            },
            "outputFacets": {
                "outputStatistics": facet(
                    "1-0-2",
                    "OutputStatisticsOutputDatasetFacet",
                    json!({"rowCount": rows}),
                ),
            },
        })
    };
    let from = |header: &str, transformation: &str| {
        json!({
            "namespace": namespace(run),
            "name": file_name(run),
            "field": header,
            "transformations": [
                {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": transformation},
            ],
        })
    };
    let mut ledger = json!({});
    let mut ledger_fields = Vec::new();
    for way in columns(contract, verdict) {
        let (Some((_, header)), Some(column)) = (&way.file, &way.ledger) else {
            continue;
        };
        if ledger.get(column).is_none() {
            ledger_fields.push(json!({"name": column, "type": ledger_type(column)}));
            ledger[column.as_str()] = json!({"inputFields": []});
        }
        if let Some(Value::Array(inputs)) = ledger[column.as_str()].get_mut("inputFields") {
            inputs.push(from(header, &way.transformation));
        }
    }
    let mut exceptions = json!({});
    let as_it_stands = Transformation::AsItStands.words();
    for column in &verdict.options.columns {
        exceptions[column.header.as_str()] =
            json!({"inputFields": [from(&column.header, &as_it_stands)]});
    }
    let header = verdict.options.columns.iter();
    let header = header.map(|it| {
        let known = it.column.as_ref();
        let known = known.and_then(|it| contract.columns.get(contract.column(it)?));
        json!({"name": it.header, "type": known.map_or("text", |it| type_name(it.kind))})
    });
    let accepted = match run.summary.status {
        RunStatus::Complete => verdict.rows.accepted,
        // What is held is not loaded.
        _ => 0,
    };
    [
        output("ledger", ledger_fields, ledger, accepted),
        output(
            "exceptions",
            header.collect(),
            exceptions,
            verdict.rows.exceptions,
        ),
    ]
}

const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Identifier | Kind::Text => "text",
        Kind::Whole => "integer",
        Kind::Amount => "amount",
        Kind::Number => "number",
        Kind::Date => "date",
    }
}

fn ledger_type(column: &str) -> &'static str {
    match column {
        "day" => "date",
        "quantity" => "integer",
        "unit_price" | "money" => "amount",
        _ => "text",
    }
}
