//! Lineage: of a row to its file and back, as events of OpenLineage, and on its way to a collector.

use crate::{
    house::{House, orders, sample},
    tamper::{drop_trigger, tamper},
};
use axum::{Router, extract::State, http::StatusCode, routing::post};
use model::id::{RunId, WorkspaceId};
use serde_json::{Value, json};
use server::lineage::send::{Sender, keep};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use store::{LineageEvent, LineageStep, Store};
use tokio::{net::TcpListener, sync::watch};

const WAIT: Duration = Duration::from_millis(5);

/// What it was told, and how often it still says that it cannot take anything.
#[derive(Default)]
struct Told {
    events: Vec<Value>,
    refusals: u32,
}

type Shared = Arc<(Mutex<Told>, watch::Sender<()>)>;

async fn take(State(shared): State<Shared>, body: String) -> StatusCode {
    let mut told = shared.0.lock().unwrap();
    if told.refusals > 0 {
        told.refusals -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    told.events.push(serde_json::from_str(&body).unwrap());
    drop(told);
    shared.1.send_replace(());
    StatusCode::CREATED
}

/// A collector that refuses so often at first, and its address.
async fn collector(refusals: u32) -> (Shared, reqwest::Url) {
    let told = Told {
        refusals,
        ..Told::default()
    };
    let shared: Shared = Arc::new((Mutex::new(told), watch::Sender::new(())));
    let router = Router::new().route("/api/v1/lineage", post(take));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = axum::serve(listener, router.with_state(Arc::clone(&shared)));
    tokio::spawn(async move { serving.await });
    let url = format!("http://{address}/api/v1/lineage");
    (shared, url.parse().unwrap())
}

/// Waits until it has been told so many events, and gives each as its run and kind.
async fn events(shared: &Shared, count: usize) -> Vec<(String, String)> {
    let mut rung = shared.1.subscribe();
    let has = |_: &()| shared.0.lock().unwrap().events.len() >= count;
    rung.wait_for(has).await.unwrap();
    let told = shared.0.lock().unwrap();
    let named = |it: &Value, path: &str| it.pointer(path).unwrap().as_str().unwrap().to_owned();
    let each = told.events.iter();
    each.map(|it| {
        (
            format!("run_{}", named(it, "/run/runId").replace('-', "")),
            named(it, "/eventType"),
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_is_told_once_though_the_collector_was_away_and_the_server_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), 1 << 30).await;
    let before = house.run("filename=a.csv", orders(1..=3)).await;
    // Nobody listens there; the run does not care.
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", nowhere.local_addr().unwrap());
    drop(nowhere);
    let sender = Sender::new(house.store.clone(), url.parse().ok(), WAIT).unwrap();
    let sending = tokio::spawn(sender.send(house.runs.bell(), house.close.subscribe()));
    let meanwhile = house.run("filename=b.csv", orders(4..=6)).await;
    house.close.send_replace(true);
    sending.await.unwrap();
    house.store.close().await;

    let (shared, url) = collector(3).await;
    let house = House::at(folder.path(), 1 << 30).await;
    let sender = Sender::new(house.store.clone(), Some(url), WAIT).unwrap();
    let sending = tokio::spawn(sender.send(house.runs.bell(), house.close.subscribe()));
    events(&shared, 4).await;
    let later = house.run("filename=c.csv", orders(7..=9)).await;
    let told = events(&shared, 6).await;
    let all: BTreeSet<(String, String)> = told.iter().cloned().collect();
    assert_eq!(all.len(), told.len());
    for run in [before, meanwhile, later] {
        let id = run["id"].as_str().unwrap();
        for kind in ["START", "COMPLETE"] {
            assert!(
                all.contains(&(id.to_owned(), kind.to_owned())),
                "{id} {kind}"
            );
        }
    }
    house.close.send_replace(true);
    sending.await.unwrap();
    // What was taken is not told again.
    for step in [LineageStep::Kept, LineageStep::Sent] {
        let left = house.store.lineage_untold(step, 0, 10).await.unwrap();
        assert_eq!(left, [], "{step:?}");
    }
    house.store.close().await;
}

/// Takes nothing before the gate is open, and tells of each event whether it is kept as it is sent.
struct Slow {
    store: Store,
    gate: watch::Sender<bool>,
    kept: watch::Sender<Vec<(String, bool)>>,
}

async fn take_slowly(State(slow): State<Arc<Slow>>, body: String) -> StatusCode {
    let event: Value = serde_json::from_str(&body).unwrap();
    let id = event.pointer("/run/runId").unwrap().as_str().unwrap();
    let run = RunId::try_from(format!("run_{}", id.replace('-', ""))).unwrap();
    let kept = slow.store.kept_lineage(&WorkspaceId::main(), &run).await;
    let is_kept = kept.unwrap().into_values().any(|it| it == body);
    let kind = event["eventType"].as_str().unwrap();
    let told = (format!("{run} {kind}"), is_kept);
    slow.kept.send_modify(|it| it.push(told));
    slow.gate.subscribe().wait_for(|it| *it).await.unwrap();
    StatusCode::CREATED
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_that_is_not_kept() {
    let house = House::new().await;
    house.run("filename=a.csv", orders(1..=3)).await;
    let slow = Arc::new(Slow {
        store: house.store.clone(),
        gate: watch::Sender::new(false),
        kept: watch::Sender::default(),
    });
    let router = Router::new().route("/", post(take_slowly));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving = axum::serve(listener, router.with_state(Arc::clone(&slow)));
    tokio::spawn(async move { serving.await });
    let sender = Sender::new(house.store.clone(), url.parse().ok(), WAIT).unwrap();
    let sending = tokio::spawn(sender.send(house.runs.bell(), house.close.subscribe()));
    let mut told = slow.kept.subscribe();
    told.wait_for(|it| it.len() == 1).await.unwrap();
    // Begun and ended after what there was has been kept, and before the collector has taken the first event.
    let later = house.run("filename=b.csv", orders(4..=6)).await;
    slow.gate.send_replace(true);
    let all = told.wait_for(|it| it.len() == 4).await.unwrap().clone();
    let end = format!("{} COMPLETE", later["id"].as_str().unwrap());
    assert!(all.iter().any(|it| it.0 == end), "{all:?}");
    assert!(all.iter().all(|it| it.1), "{all:?}");
    house.close.send_replace(true);
    sending.await.unwrap();
    house.store.close().await;
}

async fn downloaded(house: &House, run: &Value) -> Vec<Value> {
    let id = run["id"].as_str().unwrap();
    let path = format!("/api/v1/runs/{id}/openlineage.json");
    house.get(&path).await.json().as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_a_run_stays_as_it_was_said() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", orders(1..=3)).await;
    // As an earlier version had said it.
    let untold = house.store.lineage_untold(LineageStep::Kept, 0, 10).await;
    let untold = untold.unwrap();
    assert_eq!(untold[0].due, [LineageEvent::Start, LineageEvent::End]);
    let mut earlier = downloaded(&house, &run).await.remove(0);
    earlier["producer"] = json!("urn:tarazu:0.0.1");
    let said = [(&untold[0], LineageEvent::Start, earlier.to_string())];
    house.store.keep_lineage(&said).await.unwrap();
    keep(&house.store).await.unwrap();
    let told = downloaded(&house, &run).await;
    assert_eq!(told[0], earlier);
    assert_eq!(told[1]["eventType"], "COMPLETE");
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_read_keeps_no_other_from_being_told() {
    let house = House::new().await;
    let damaged = house.run("filename=a.csv", orders(1..=3)).await;
    house.run("filename=b.csv", orders(4..=6)).await;
    let id = damaged["id"].as_str().unwrap();
    let trigger = drop_trigger("runs_stay_as_they_ended", "runs");
    let damage = format!("{trigger} UPDATE runs SET verdict = '-' || verdict WHERE id = '{id}';");
    tamper(house.folder(), &damage).await.unwrap();
    keep(&house.store).await.unwrap();
    let left = house.store.lineage_untold(LineageStep::Kept, 0, 10).await;
    let left: Vec<String> = left.unwrap().iter().map(|it| it.run.to_string()).collect();
    assert_eq!(left, [id]);
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_followed_from_the_file_to_ledger_or_exceptions_and_back() {
    let house = House::new().await;
    let file = "Order ID,order_date,region,product,quantity,revenue,remark\n\
                A-1,05-03-2026,north,Milk 1L,2,\"₹1,240.50\",x\n\
                A-2,05-03-2026,Atlantis,Milk 1L,2,240.50,y\n";
    let run = house.run("filename=a.csv", file).await;
    let id = run["id"].as_str().unwrap();
    let row = |record: u64| {
        let house = &house;
        async move {
            let path = format!("/api/v1/runs/{id}/rows/{record}/lineage");
            house.get(&path).await
        }
    };
    let accepted = row(1).await.json();
    assert_eq!(accepted["file"]["sha256"], run["file_sha256"]);
    assert_eq!(accepted["file"]["blake3"], run["file_digest"]);
    assert_eq!(
        (&accepted["record"], &accepted["line"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(accepted["contract"], run["verdict"]["contract"]);
    assert_eq!(accepted["ledger"]["key"], "A-1");
    assert_eq!(accepted["ledger"]["money"], "1240.50");
    assert_eq!(accepted["exception"], Value::Null);
    let controls = accepted["controls"].as_array().unwrap();
    assert!(controls.contains(&json!("VAL05")) && !controls.contains(&json!("CON02")));
    // The way in and the way back, by column.
    let ways = accepted["columns"].as_array().unwrap();
    let of = |ledger: &str| -> Vec<&Value> {
        ways.iter()
            .filter(|it| it["ledger"] == ledger)
            .map(|it| &it["file"])
            .collect()
    };
    assert_eq!(of("row_key"), [&json!([1, "Order ID"])]);
    assert_eq!(of("day"), [&json!([2, "order_date"])]);
    assert_eq!(of("money"), [&json!([6, "revenue"])]);
    assert!(of("category").contains(&&json!([4, "product"])));
    let extra = ways
        .iter()
        .find(|it| it["file"] == json!([7, "remark"]))
        .unwrap();
    assert_eq!(
        (&extra["contract"], &extra["ledger"]),
        (&Value::Null, &Value::Null)
    );

    let exception = row(2).await.json();
    assert_eq!(exception["line"], 3);
    assert_eq!(exception["ledger"], Value::Null);
    assert_eq!(exception["exception"], "new");
    assert_eq!(exception["findings"][0]["code"], "VAL05");
    for none in [0, 3, 9] {
        row(none).await.problem(404, "not-found");
    }
}

/// Every object that is a facet, whatever it is of.
fn facets<'e>(value: &'e Value, found: &mut Vec<&'e Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if ["facets", "inputFacets", "outputFacets"].contains(&name.as_str()) {
                    found.extend(value.as_object().unwrap().values());
                }
                facets(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|it| facets(it, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openlineage_has_what_its_schema_requires() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", sample(200, 1).0).await;
    let held = house
        .run("filename=held.csv", "no,such,columns\n1,2,3\n")
        .await;
    for (run, accepted) in [(&run, run["rows_accepted"].clone()), (&held, json!(0))] {
        let id = run["id"].as_str().unwrap();
        let events = house
            .get(&format!("/api/v1/runs/{id}/openlineage.json"))
            .await
            .json();
        let events = events.as_array().unwrap();
        let kinds: Vec<&str> = events
            .iter()
            .map(|it| it["eventType"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["START", "COMPLETE"]);
        for event in events {
            for field in ["eventTime", "producer", "schemaURL"] {
                assert!(event[field].is_string(), "{field}");
            }
            let uuid = event["run"]["runId"].as_str().unwrap();
            assert_eq!(uuid.replace('-', ""), id.trim_start_matches("run_"));
            let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12]);
            let sets = event["inputs"].as_array().unwrap().iter();
            let sets = sets.chain(event["outputs"].as_array().unwrap());
            for it in sets.chain([&event["job"]]) {
                assert!(
                    it["namespace"].is_string() && it["name"].is_string(),
                    "{it}"
                );
            }
            let mut found = Vec::new();
            facets(event, &mut found);
            assert!(found.len() > 1);
            for facet in found {
                assert!(facet["_producer"].is_string(), "{facet}");
                assert!(
                    facet["_schemaURL"]
                        .as_str()
                        .unwrap()
                        .starts_with("https://openlineage.io/spec/facets/")
                );
            }
        }
        let end = &events[1];
        let assertions = &end["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"];
        let ran = run["verdict"]["controls"].as_array().unwrap().iter();
        let ran: Vec<&Value> = ran.filter(|it| it["status"] != "not_run").collect();
        assert_eq!(assertions.as_array().unwrap().len(), ran.len());
        for (assertion, control) in assertions.as_array().unwrap().iter().zip(ran) {
            let name = assertion["assertion"].as_str().unwrap();
            assert!(name.starts_with(control["code"].as_str().unwrap()));
            assert_eq!(assertion["success"], control["status"] == "passed");
        }
        let rows =
            |place: usize| &end["outputs"][place]["outputFacets"]["outputStatistics"]["rowCount"];
        assert_eq!(
            (&end["outputs"][0]["name"], rows(0)),
            (&json!("ledger"), &accepted)
        );
        assert_eq!(end["outputs"][1]["name"], "exceptions");
        assert_eq!(rows(1), &run["rows_exceptions"]);
        for output in end["outputs"].as_array().unwrap() {
            let schema = output["facets"]["schema"]["fields"].as_array().unwrap();
            let ways = output["facets"]["columnLineage"]["fields"]
                .as_object()
                .unwrap();
            assert_eq!(schema.len(), ways.len());
            for input in ways
                .values()
                .flat_map(|it| it["inputFields"].as_array().unwrap())
            {
                assert_eq!(input["name"], end["inputs"][0]["name"]);
                assert!(input["field"].is_string());
            }
        }
    }
}
