//! Rows, exceptions and figures across runs.

use crate::house::{House, day_of, orders, sample};
use bytes::Bytes;
use parquet::{
    data_type::Decimal,
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, Row},
};
use serde_json::Value;
use std::collections::BTreeSet;

async fn two_runs(house: &House) -> [Value; 2] {
    let first = house.run("filename=a.csv", sample(2000, 5).0).await;
    let header = "order_id,order_date,region,product,quantity,revenue\n";
    let file = format!(
        "{header}X-1,2026-01-15,North,Milk 1L,2,240.50\nX-2,2026-01-16,South,Milk 1L,1,-3.00\n\
         X-3,soon,Nort,=1+1,1,9.00\nX-4,2026-01-16,South,Milk 1L,1,7.00\n"
    );
    let second = house.run("filename=b.csv", file).await;
    [first, second]
}

fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().skip(1);
    lines.map(|it| it.split(',').collect()).collect()
}

fn read(file: Vec<u8>) -> Vec<Row> {
    let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|it| it.unwrap()).collect()
}

fn paise(row: &Row, name: &str) -> Option<i128> {
    let (_, field) = row.get_column_iter().find(|(it, _)| *it == name).unwrap();
    match field {
        Field::Decimal(it @ Decimal::Bytes { .. }) => {
            assert_eq!((it.precision(), it.scale()), (38, 2));
            Some(i128::from_be_bytes(it.data().try_into().unwrap()))
        }
        Field::Null => None,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_all_runs_are_those_that_were_accepted_in_both_forms() {
    let house = House::new().await;
    let [first, second] = two_runs(&house).await;
    let accepted = |run: &Value| run["verdict"]["rows"]["accepted"].as_u64().unwrap();
    let all = house.get("/api/v1/rows.csv?bom=true").await;
    let text = all.text();
    assert!(text.starts_with("\u{feff}run,file_name,record,line,key,day,"));
    let count = u64::try_from(rows(&text).len()).unwrap();
    assert_eq!(count, accepted(&first) + accepted(&second));
    let parquet = house.get("/api/v1/rows.parquet").await;
    assert_eq!(
        parquet.header("content-type"),
        "application/vnd.apache.parquet"
    );
    let parquet = read(parquet.body);
    assert_eq!(u64::try_from(parquet.len()).unwrap(), count);
    let sum: i128 = parquet.iter().filter_map(|it| paise(it, "money")).sum();
    let report = house.get("/api/v1/sales").await.json();
    let revenue = report["total"]["revenue"].as_str().unwrap();
    assert_eq!(format!("{}.{:02}", sum / 100, sum % 100), revenue);
    assert_eq!(report["total"]["rows"], count);
    let id = second["id"].as_str().unwrap();
    for query in [
        format!("run={id}"),
        "from=2026-01-15&to=2026-01-16&product=Milk%201L".to_owned(),
    ] {
        let some = house.get(&format!("/api/v1/rows.csv?{query}")).await.text();
        let keys: BTreeSet<&str> = rows(&some).iter().map(|it| it[4]).collect();
        assert!(keys.contains("X-1") && keys.contains("X-4"), "{query}");
        let form = house.get(&format!("/api/v1/rows.parquet?{query}")).await;
        assert_eq!(read(form.body).len(), rows(&some).len());
    }
    let own = house
        .get(&format!("/api/v1/runs/{id}/accepted.parquet"))
        .await;
    assert_eq!(read(own.body).len(), 2);
    let none = house.get("/api/v1/rows.parquet?region=Nowhere").await;
    assert_eq!(read(none.body).len(), 0);
    let unknown = "run=run_00000000000000000000000000000000";
    let unknown = house.get(&format!("/api/v1/rows.csv?{unknown}")).await;
    unknown.problem(404, "not-found");
    let no_day = house.get("/api/v1/rows.csv?from=2026-1-1").await;
    no_day.problem(400, "invalid-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_of_all_runs_are_paged_to_their_end_in_both_orders() {
    let house = House::new().await;
    let runs = two_runs(&house).await;
    let expected: u64 = runs
        .iter()
        .map(|it| it["verdict"]["rows"]["exceptions"].as_u64().unwrap())
        .sum();
    let mut orders = Vec::new();
    for sort in ["newest", "oldest"] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let query = format!("/api/v1/exceptions?sort={sort}&limit=97{after}");
            let page = house.get(&query).await.json();
            for it in page["exceptions"].as_array().unwrap() {
                assert!(!it["findings"].as_array().unwrap().is_empty());
                let record = it["record"].as_u64().unwrap();
                seen.push((it["run"].as_str().unwrap().to_owned(), record));
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(u64::try_from(seen.len()).unwrap(), expected);
        orders.push(seen);
    }
    let [newest, mut oldest]: [Vec<_>; 2] = orders.try_into().unwrap();
    assert!(oldest.is_sorted());
    oldest.reverse();
    assert_eq!(newest, oldest);
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_are_found_by_code_category_state_run_and_day() {
    let house = House::new().await;
    let [first, second] = two_runs(&house).await;
    let count = |query: String| {
        let house = &house;
        async move {
            let path = format!("/api/v1/exceptions?limit=500&{query}");
            let page = house.get(&path).await.json();
            page["exceptions"].as_array().unwrap().len()
        }
    };
    let whole = count(String::new()).await;
    let mut together = 0;
    for category in first["verdict"]["categories"].as_array().unwrap() {
        let name = category["category"].as_str().unwrap();
        together += count(format!("category={name}")).await;
    }
    assert_eq!(together, whole);
    let id = second["id"].as_str().unwrap();
    assert_eq!(count(format!("run={id}")).await, 2);
    assert_eq!(count(format!("run={id}&sort=oldest&state=new")).await, 2);
    // The third row has two: of its date, and of its region.
    assert_eq!(count(format!("run={id}&code=VAL03")).await, 1);
    assert_eq!(
        count(format!("run={id}&code=VAL05&category=DATA_FORMAT_ERROR")).await,
        1
    );
    assert_eq!(
        count(format!("run={id}&code=VAL05&category=DATA_QUALITY_ISSUE")).await,
        0
    );
    assert_eq!(count("state=waived".to_owned()).await, 0);
    let day = day_of(second["created_at"].as_str().unwrap());
    assert_eq!(count(format!("from={day}&to={day}")).await, whole);
    assert_eq!(count("to=2020-01-01".to_owned()).await, 0);
    for wrong in ["after=x", "limit=0", "limit=501", "sort=by-size", "state=x"] {
        let answer = house.get(&format!("/api/v1/exceptions?{wrong}")).await;
        answer.problem(400, "invalid-request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_of_all_runs_leave_as_tables_that_open_unharmed() {
    let house = House::new().await;
    let [_, second] = two_runs(&house).await;
    let id = second["id"].as_str().unwrap();
    let path = format!("/api/v1/exceptions.csv?run={id}");
    let text = house.get(&path).await.text();
    let header = text.lines().next().unwrap();
    assert!(header.starts_with("order_id,order_date,region,product,quantity,revenue,"));
    let [negative, odd]: [&str; 2] = [1, 2].map(|it| text.lines().nth(it).unwrap());
    assert!(negative.starts_with("X-2,2026-01-16,South,Milk 1L,1,-3.00,"));
    assert!(odd.starts_with("X-3,soon,Nort,'=1+1,1,9.00,"), "{odd}");
    assert!(odd.contains(&format!(",3,{id},b.csv,4,DATA_FORMAT_ERROR,")));
    assert!(odd.ends_with(",\"X-3,soon,Nort,=1+1,1,9.00\""));
    let south = house.get(&format!("{path}&region=south")).await.text();
    assert_eq!(south.lines().count(), 2);
    let parquet = house
        .get(&format!("/api/v1/runs/{id}/exceptions.parquet"))
        .await;
    let parquet = read(parquet.body);
    let money: Vec<_> = parquet.iter().map(|it| paise(it, "tarazu_money")).collect();
    assert_eq!(money, [Some(-300), Some(900)]);
    let day = day_of(second["created_at"].as_str().unwrap());
    for filter in [
        String::new(),
        format!("from={day}&to={day}"),
        "to=2020-01-01".to_owned(),
        "code=VAL03".to_owned(),
        "code=VAL06&region=South".to_owned(),
        format!("state=new&run={id}"),
    ] {
        let listed = house
            .get(&format!("/api/v1/exceptions?limit=500&{filter}"))
            .await
            .json();
        let listed = listed["exceptions"].as_array().unwrap().len();
        let table = house
            .get(&format!("/api/v1/exceptions.parquet?{filter}"))
            .await;
        let csv = house
            .get(&format!("/api/v1/exceptions.csv?{filter}"))
            .await
            .text();
        assert_eq!(
            (read(table.body).len(), csv.lines().count() - 1),
            (listed, listed),
            "{filter}"
        );
        assert_eq!(listed > 0, !filter.starts_with("to="), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_stand_beside_those_of_the_period_before() {
    let house = House::new().await;
    let header = "order_id,order_date,region,product,quantity,revenue\n";
    let file = format!(
        "{header}1,2026-01-05,North,Milk 1L,1,100.00\n2,2026-01-11,South,Milk 1L,2,50.00\n\
         3,2026-01-12,North,Milk 1L,3,30.00\n4,2026-01-18,East,Milk 1L,4,40.00\n\
         5,2026-01-19,West,Milk 1L,5,50.00\n"
    );
    house.run("filename=a.csv", file).await;
    let get = |query: &'static str| {
        let house = &house;
        async move { house.get(&format!("/api/v1/sales?{query}")).await.json() }
    };
    let report = get("from=2026-01-12&to=2026-01-18&by=region").await;
    assert_eq!(report["total"]["revenue"], "70.00");
    let before = &report["before"];
    assert_eq!(
        (&before["from"], &before["to"]),
        (&"2026-01-05".into(), &"2026-01-11".into())
    );
    assert_eq!(before["total"]["revenue"], "150.00");
    let groups = report["groups"].as_array().unwrap().iter();
    let groups: Vec<[&str; 3]> = groups
        .map(|it| [&it["label"], &it["revenue"], &it["before"]["revenue"]])
        .map(|it| it.map(|it| it.as_str().unwrap()))
        .collect();
    assert_eq!(
        groups,
        [
            ["East", "40.00", "0.00"],
            ["North", "30.00", "100.00"],
            ["South", "0.00", "50.00"],
        ]
    );
    let weeks = get("by=week&region=North").await;
    assert_eq!(weeks["before"], Value::Null);
    let labels = weeks["groups"].as_array().unwrap().iter();
    let labels: Vec<&Value> = labels.map(|it| &it["label"]).collect();
    assert_eq!(labels, ["2026-W02", "2026-W03"]);
    assert_eq!(weeks["total"]["units"], 4);
    assert!(get("").await["groups"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn quality_over_runs_is_that_of_their_sums() {
    let house = House::new().await;
    let [first, second] = two_runs(&house).await;
    // Held for structure: it has no score, and takes nothing from that of the others.
    house.run("filename=c.csv", "a,b\n1,2\n").await;
    let report = house.get("/api/v1/quality").await.json();
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[0]["quality_score"], Value::Null);
    assert_eq!(runs[2]["quality_score"], first["verdict"]["quality_score"]);
    let (mut evaluated, mut failed) = (0, 0);
    for control in [&first, &second]
        .into_iter()
        .flat_map(|it| it["verdict"]["controls"].as_array().unwrap())
        .filter(|it| it["severity"] == "error")
    {
        evaluated += control["evaluated"].as_u64().unwrap();
        failed += control["failed"].as_u64().unwrap();
    }
    let dimensions = report["dimensions"].as_array().unwrap().iter();
    let sums = dimensions.fold((0, 0), |(evaluated, failed), it| {
        let of = |name: &str| it[name].as_u64().unwrap();
        (evaluated + of("evaluated"), failed + of("failed"))
    });
    assert_eq!(sums, (evaluated, failed));
    let millionths = (u128::from(evaluated - failed) * 2_000_000 + u128::from(evaluated))
        / (2 * u128::from(evaluated));
    assert_eq!(
        report["quality_score"],
        format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
    );
    let page = house.get("/api/v1/quality?limit=1").await.json();
    let rest = page["next"].as_str().unwrap();
    let rest = house.get(&format!("/api/v1/quality?before={rest}")).await;
    assert_eq!(rest.json()["runs"].as_array().unwrap().len(), 2);
    assert_eq!(
        house.get("/api/v1/quality?to=2020-01-01").await.json()["quality_score"],
        Value::Null
    );
    let sound = House::new().await;
    sound.run("filename=a.csv", orders(1..=3)).await;
    let report = sound.get("/api/v1/quality").await.json();
    assert_eq!(report["quality_score"], "1.000000");
}
