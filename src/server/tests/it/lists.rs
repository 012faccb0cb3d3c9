//! The lists of contracts: seen, taken away, changed, and what corrections propose for them.

use crate::{
    board::{between, count, words},
    house::{Answer, Form, House, sample},
    pages::links,
    sound::{number, url},
};
use axum::{body::Body, http::Request};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue";

/// Three rows say a region that nobody knows.
const ROWS: &str = "A1,2026-01-15,North,Milk 1L,1,10.00\nA2,2026-01-15,Nort,Milk 1L,1,20.00\n\
    A3,2026-01-15,Nort,Milk 1L,1,30.00\nA4,2026-01-15, NORT ,Milk 1L,1,40.00\nA5,2026-01-15,West,Milk 1L,1,50.00\n";

/// A file with these rows and some sound ones, since one with many exceptions is held.
fn file(rows: &str, prefix: &str) -> String {
    let sound = (0..20).map(|it| format!("{prefix}{it},2026-01-15,East,Milk 1L,1,1.00\n"));
    format!("{HEADER}\n{}{rows}", sound.collect::<String>())
}

const LIST: &str = "/api/v1/contracts/sales/lists/regions";

async fn get(house: &House, path: &str) -> Value {
    let answer = house.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn post(house: &House, path: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path).header("x-tarazu-actor", "asha");
    house.send(request.body(body.into()).unwrap()).await
}

/// Sends a plain form, and gives the address that the browser is sent on to.
async fn form(house: &House, path: &str, fields: &str) -> String {
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html");
    let answer = house
        .send(request.body(Body::from(fields.to_owned())).unwrap())
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").to_owned()
}

async fn correct(house: &House, from: &str, to: &str, most: usize) {
    let open = get(house, "/api/v1/exceptions?standing=open&sort=oldest").await;
    for row in open["exceptions"].as_array().unwrap().iter().take(most) {
        let (run, record) = (row["run"].as_str().unwrap(), &row["record"]);
        let path = format!("/api/v1/runs/{run}/exceptions/{record}/corrections");
        let body = json!({ "version": row["version"], "cells": { "region": to } });
        assert_eq!(
            row["cells"][2].as_str().unwrap().trim().to_lowercase(),
            from
        );
        let answer = post(house, &path, body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_corrected_three_times_is_proposed_accepted_and_judged_so_from_then_on() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", file(ROWS, "S")).await;
    assert_eq!(run["status"], "complete", "{}", run["reason"]);
    correct(&house, "nort", "North", 2).await;
    assert_eq!(get(&house, LIST).await["proposed"], json!([]));

    // The third time it is proposed, with what it rests on.
    correct(&house, "nort", "North", 1).await;
    let list = get(&house, LIST).await;
    let proposal = json!([{
        "contract": "sales", "list": "regions", "value": "North", "synonym": "Nort",
        "times": 3, "runs": 1, "money": "90.00"
    }]);
    let written = list["proposed"][0]["synonym"]
        .as_str()
        .unwrap()
        .trim()
        .to_lowercase();
    assert_eq!(written, "nort");
    let mut proposed = list["proposed"].clone();
    proposed[0]["synonym"] = "Nort".into();
    assert_eq!(proposed, proposal);
    assert_eq!(list["refused_by"], "VAL05");
    assert_eq!(list["entries"][0]["rows"], 4);
    let page = house.page("/controls/contracts/sales/lists/regions").await;
    assert!(page.text().contains("Accept as synonym"), "{}", page.text());
    let exceptions = house.page("/exceptions").await.text();
    assert!(exceptions.contains("Make it a synonym"));
    // Nothing crosses workspaces.
    let other = get(&house, &format!("{LIST}?workspace=other")).await;
    assert_eq!(other["proposed"], json!([]));

    // What was taken back counts no more.
    let exceptions = get(&house, "/api/v1/exceptions").await["exceptions"].clone();
    let exceptions = exceptions.as_array().unwrap().iter();
    let corrected = exceptions.filter(|it| it["state"] == "corrected");
    let corrected = corrected
        .map(|it| it["record"].as_u64().unwrap())
        .next()
        .unwrap();
    let reopen = format!(
        "/api/v1/runs/{}/exceptions/{corrected}/reopen",
        run["id"].as_str().unwrap()
    );
    let said = json!({ "version": 2, "reason": "wrong" }).to_string();
    let reopened = post(&house, &reopen, said).await;
    assert_eq!(reopened.status, 200, "{}", reopened.text());
    assert_eq!(get(&house, LIST).await["proposed"], json!([]));
    let again = reopen.replace("/reopen", "/corrections");
    let said = json!({ "version": 3, "cells": { "region": "North" } }).to_string();
    let again = post(&house, &again, said).await;
    assert_eq!(again.status, 200, "{}", again.text());

    // A row that waits while the synonym is accepted passes when it is judged again.
    let waiting = "B1,2026-01-16,nort,Milk 1L,1,5.00\nB2,2026-01-16,East,Milk 1L,1,5.00\n";
    let waiting = house.run("filename=b.csv", file(waiting, "T")).await;
    assert_eq!(waiting["rows_exceptions"], 1);
    let fields = "workspace=main&contract=sales&list=regions&edit=add-synonym&value=North&synonym=Nort&reason=often";
    let to = form(&house, "/lists", fields).await;
    assert!(
        to.ends_with("?did=add-synonym&version=1&state=in-force"),
        "{to}"
    );
    let page = house.page(&to).await.text();
    assert!(
        page.contains("Judge the open exceptions of VAL05 again"),
        "{page}"
    );
    let to = form(
        &house,
        "/exceptions",
        "workspace=main&list=code%3DVAL05&all=on&act=replay",
    )
    .await;
    assert!(to.contains("changed=1&entered=1"), "{to}");
    let list = get(&house, LIST).await;
    assert_eq!(list["proposed"], json!([]));
    let synonyms = list["entries"][0]["synonyms"].as_array().unwrap();
    assert!(synonyms.contains(&json!("Nort")), "{synonyms:?}");

    let fresh = "C1,2026-01-17,Nort,Milk 1L,1,5.00\n";
    let fresh = house.run("filename=c.csv", file(fresh, "U")).await;
    assert_eq!(
        (&fresh["rows_accepted"], &fresh["rows_exceptions"]),
        (&json!(21), &json!(0))
    );
    let controls = fresh["verdict"]["controls"].as_array().unwrap();
    let synonym = controls.iter().find(|it| it["code"] == "REF02").unwrap();
    assert_eq!(
        (&synonym["status"], &synonym["failed"]),
        (&json!("warned"), &json!(1))
    );
    house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_out_as_a_file_and_comes_back_as_a_draft() {
    let house = House::new().await;
    let csv = house.get(&format!("{LIST}/entries.csv")).await;
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"regions.csv\""
    );
    let text = csv.text();
    assert!(
        text.starts_with("\u{feff}value,synonyms\r\nNorth,"),
        "{text}"
    );

    let upload = |body: String| {
        let house = &house;
        async move { post(house, &format!("{LIST}/entries.csv"), body).await }
    };
    let same = upload(text.clone()).await;
    same.problem(400, "invalid-request");
    let faulty = upload("value,synonyms\nNorth,south\nSouth,\nsouth,\n".to_owned()).await;
    let faults = faulty.problem(400, "list-faulty")["faults"].clone();
    let lines: Vec<_> = faults
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["line"])
        .collect();
    assert_eq!(lines, [2, 4]);

    let longer = format!("{text}Islands,Andaman|Lakshadweep\r\n");
    let draft = upload(longer.clone()).await;
    assert_eq!(draft.status, 201, "{}", draft.text());
    let draft = draft.json();
    assert_eq!(
        (&draft["state"], &draft["version"]),
        (&json!("draft"), &json!("1.0.1"))
    );
    let values = |list: &Value| list["entries"].as_array().unwrap().len();
    let before = values(&get(&house, LIST).await);
    let adoption = "/api/v1/contracts/sales/versions/1/adoption";
    let reason = json!({ "reason": "a new region" }).to_string();
    assert_eq!(post(&house, adoption, reason).await.status, 200);
    assert_eq!(values(&get(&house, LIST).await), before + 1);

    // The plain form of the page leads to the draft.
    let fields = || {
        Form::default()
            .field("contract", "sales")
            .field("list", "regions")
    };
    let answer = house
        .post_form(
            "/lists/file",
            &fields().file("regions.csv", text.as_bytes()),
        )
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(
        answer.header("location"),
        "/controls/contracts/sales?version=2"
    );
    let answer = house
        .post_form("/lists/file", &fields().file("regions.csv", b"a,b\n1,2\n"))
        .await;
    assert_eq!(answer.status, 400);
    let page = answer.text();
    for says in [
        "role=\"alert\"",
        "List regions</h1>",
        "<strong>regions.csv, line 1, column 1:</strong> there is no column <code>value</code>",
        "Upload and compare",
    ] {
        assert!(page.contains(says), "{says}: {page}");
    }
    // A form that was cut has said before which list it is about.
    let cut = fields().file("regions.csv", b"value\nNorth\n");
    let answer = house.post_cut_form("/lists/file", &cut).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("The form did not come whole"));
    assert!(
        answer.text().contains("List regions</h1>"),
        "{}",
        answer.text()
    );

    // Changed in a spreadsheet and saved as its workbook.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip([["Value", "Synonyms"], ["North", "Nort|N"], ["South", ""]]) {
        sheet.write_row(row, 0, cells).unwrap();
    }
    let book = book.save_to_buffer().unwrap();
    let answer = house
        .post_form("/lists/file", &fields().file("regions.xlsx", &book))
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let draft = house.page(answer.header("location")).await.text();
    assert!(draft.contains("Nort"), "{draft}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_changed_by_small_forms_and_clashes_are_told() {
    let house = House::new().await;
    let edit = |body: Value| {
        let house = &house;
        async move { post(house, &format!("{LIST}/edits"), body.to_string()).await }
    };
    let added = edit(json!({ "edit": "add-value", "value": "Islands" })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    assert_eq!(added.json()["state"], "in-force");
    let clash =
        edit(json!({ "edit": "add-synonym", "value": "Islands", "synonym": "NORTH" })).await;
    let told = clash.problem(400, "invalid-request")["detail"].to_string();
    assert!(told.contains("is the value `North`"), "{told}");
    let gone = edit(json!({ "edit": "remove-value", "value": "Nowhere" })).await;
    gone.problem(400, "invalid-request");
    let removed =
        edit(json!({ "edit": "remove-value", "value": "Islands", "reason": "a mistake" })).await;
    assert_eq!(removed.status, 201, "{}", removed.text());
    assert_eq!(removed.json()["version"], "1.0.2");
    for (path, what) in [
        ("/api/v1/contracts/sales/lists/nothing", "list"),
        ("/api/v1/contracts/nothing/lists/regions", "contract"),
    ] {
        assert_eq!(house.get(path).await.status, 404, "{what}");
    }
    // The small forms come back with what was typed.
    let small = async |fields: &str| {
        let request = Request::post("/lists")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        let fields = format!("contract=sales&list=regions&{fields}");
        let answer = house.send(request.body(Body::from(fields)).unwrap()).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        answer.text()
    };
    let page = small("edit=add-value&value=north&reason=%3Cnew%3E").await;
    for says in [
        "role=\"alert\"",
        "the value <code>north</code> stands in the list already",
        "name=\"value\" value=\"north\"",
        "name=\"reason\" value=\"&lt;new&gt;\"",
    ] {
        assert!(page.contains(says), "{says}: {page}");
    }
    let page = small("edit=add-synonym&value=East&synonym=WEST").await;
    let (_, east) = page.split_once("<th scope=\"row\">East</th>").unwrap();
    let (east, _) = east.split_once("</tr>").unwrap();
    assert!(
        east.contains("<details class=\"list-change\" open>"),
        "{east}"
    );
    assert!(east.contains("name=\"synonym\" value=\"WEST\""), "{east}");
    assert_eq!(
        page.matches("<details class=\"list-change\" open>").count(),
        1
    );
    let versions = get(&house, "/api/v1/contracts/sales/versions").await;
    let reasons = versions["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["reason"]);
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            "regions: value Islands removed: a mistake",
            "regions: new value Islands"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_each_value_stand_the_rows_of_the_ledger_that_say_it() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", sample(1000, 5).0).await;
    assert_eq!(run["status"], "complete", "{}", run["reason"]);
    // A row of another workspace says the same.
    let other = file("Z1,2026-01-15,North,Milk 1L,1,10.00\n", "Z");
    house.run("filename=b.csv&workspace=other", other).await;
    let url = url(house.folder());
    for (list, column, least) in [("regions", "region", 5), ("products", "product", 16)] {
        let path = format!("contracts/sales/lists/{list}");
        let entries = get(&house, &format!("/api/v1/{path}")).await["entries"].clone();
        let page = house.page(&format!("/controls/{path}")).await.text();
        let table = between(&page, "list-values\">", "</table>");
        let mut all = 0;
        for entry in entries.as_array().unwrap() {
            let value = entry["value"].as_str().unwrap();
            let sql = format!(
                "SELECT count(*) FROM ledger_rows WHERE counts AND {column} = '{value}' AND run IN \
                 (SELECT number FROM runs WHERE workspace = 'main')"
            );
            let rows = number(&url, &sql).await;
            assert_eq!(entry["rows"].as_i64(), Some(rows), "{value}");
            let line = between(table, &format!("<th scope=\"row\">{value}</th>"), "</tr>");
            let told = between(line, "<td class=\"number\">", "</td>");
            assert_eq!(words(told), count(rows), "{value}");
            if rows > 0 {
                let [link] = links(told).try_into().unwrap_or_else(|_| panic!("{told}"));
                let found = house.page(&link.to).await.text();
                let total = words(between(&found, "class=\"rows-total\">", "</p>"));
                assert!(total.starts_with(&format!("{} ", count(rows))), "{total}");
            }
            all += rows;
        }
        assert!(
            entries.as_array().unwrap().len() >= least && all > 800,
            "{list}: {all}"
        );
    }
}
