//! What data stewards do: acts upon many exceptions, in requests and by forms.

use crate::{
    desk::{Desk, FIRST, HEADER},
    house::Form,
    stewards::{figures_are_those_of_rows, quality_is_that_of_rows},
    tamper::{drop_trigger, tamper},
};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_replaced_across_runs_as_the_preview_says() {
    let desk = Desk::new().await;
    let act = json!({ "act": "replace", "column": "region", "from": "Nort", "to": "North", "reason": "a slip" });
    let filter = json!({ "standing": "open" });
    let preview = desk.preview(filter.clone(), act.clone()).await;
    let expected = json!({ "changed": 5, "entered": 4, "failing": { "VAL06": 1 }, "left": { "other-text": 4 } });
    assert_eq!(preview, expected);
    let before = desk.get("/api/v1/exceptions?standing=open").await;
    assert_eq!(before["exceptions"].as_array().unwrap().len(), 9);

    let done = desk.bulk(filter.clone(), act.clone()).await;
    assert_eq!((&done["changed"], &done["entered"]), (&json!(5), &json!(4)));
    assert_eq!(done["left"], json!({ "other-text": 4 }));
    let again = desk.bulk(filter, act).await;
    assert_eq!(again["changed"], 0);
    let path = format!("/api/v1/runs/{}/exceptions/4", desk.runs[0]);
    let failing = desk.get(&path).await;
    assert_eq!(
        (&failing["state"], &failing["cells"][2]),
        (&json!("new"), &json!("North"))
    );
    assert_eq!(failing["history"][0]["reason"], "a slip");

    // A column that one of the files has not leaves that file alone.
    let act = json!({ "act": "replace", "column": "shop", "from": "", "to": "1" });
    let left = desk.bulk(json!({ "standing": "open" }), act).await;
    assert_eq!(left["left"], json!({ "no-such-column": 5 }));
    figures_are_those_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_act_the_next_one_of_the_list_opens() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let page =
        |run: &str, record: u64| format!("/runs/{run}/exceptions/{record}?list=code%3DVAL05");
    let act = |run: &str, record: u64, what: &str| {
        format!("run={run}&record={record}&version=1&list=code%3DVAL05&{what}")
    };
    let told = |location: &str, page: &str, parts: &[&str]| {
        assert!(location.starts_with(page), "{location} {page}");
        for part in parts {
            assert!(location.contains(part), "{location} {part}");
        }
    };
    let list = desk.house.page("/exceptions?code=VAL05").await.text();
    assert!(list.contains(&page(second, 3)), "{list}");
    // Newest first: the second file's last row begins.
    let shown = desk.house.page(&page(second, 3)).await.text();
    assert!(
        shown.contains("Back to the list") && shown.contains("name=\"list\" value=\"code=VAL05\"")
    );
    let cells = "cell-0=B3&cell-1=2026-01-16&cell-2=Nort&cell-3=Milk+1L&cell-4=1&cell-5=7.00";
    let failing = desk
        .form(&act(second, 3, &format!("act=correct&{cells}")))
        .await;
    told(
        &failing,
        &page(second, 3),
        &["did=correct", "changed=1", "entered=0"],
    );
    let shown = desk.house.page(&failing).await.text();
    assert!(shown.contains("still fail"), "{shown}");
    let next = desk.form(&act(second, 1, "act=reject&reason=a+test")).await;
    told(&next, &page(first, 4), &["did=reject", "changed=1"]);
    let shown = desk.house.page(&next).await.text();
    assert!(shown.contains("1 row left out for good"), "{shown}");
    let last = desk.form(&act(first, 2, "act=reject&reason=a+test")).await;
    told(&last, "/exceptions?code=VAL05&after=", &["did=reject"]);
    let shown = desk.house.page(&last).await.text();
    assert!(shown.contains("That was the last one"), "{shown}");
    let comment = desk.form(&act(first, 3, "act=comment&reason=asked")).await;
    told(&comment, &page(first, 3), &["did=comment"]);
    // Corrected in the list, it is shown in the list.
    let cells = cells.replace("B3", "A5").replace("Nort", "East");
    let fields = format!("run={first}&record=5&version=1&list=&stay=list&act=correct&{cells}");
    let stayed = desk.form(&fields).await;
    told(
        &stayed,
        "/exceptions?did=correct&changed=1&entered=1",
        &["#row-run_"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_rows_are_dealt_with_and_those_that_changed_meanwhile_are_named() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    desk.bulk(
        json!({ "run": second, "records": [1] }),
        json!({ "act": "comment", "text": "hm" }),
    )
    .await;
    let picks = format!("pick={first}.2.1&pick={first}.5.1&pick={second}.1.1");
    let unsaid = desk
        .sent(&format!("{picks}&list=&act=reject&reason="))
        .await;
    assert_eq!(unsaid.status, 400);
    let none = desk.sent("list=&act=reject&reason=no").await;
    assert!(none.text().contains("No row is chosen"), "{}", none.text());
    let location = desk
        .form(&format!(
            "{picks}&list=sort%3Dmoney&act=reject&reason=a+test"
        ))
        .await;
    assert!(
        location.starts_with("/exceptions?sort=money&did=reject&changed=2"),
        "{location}"
    );
    let shown = desk.house.page(&location).await.text();
    for part in [
        "2 rows left out for good",
        "1 row changed by somebody meanwhile",
        &format!("/runs/{second}/exceptions/1\""),
        "In the ledger",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let all = desk
        .form("all=on&list=code%3DVAL05&act=assign&reason=ravi")
        .await;
    assert!(all.contains("did=assign&changed=4"), "{all}");
    let mine = desk.house.page("/exceptions?who=ravi").await.text();
    assert!(mine.contains("4 exceptions"), "{mine}");
    // To whom has it already, nothing is done; to nobody, it is given back.
    let again = "all=on&list=code%3DVAL05&act=assign&reason=";
    let location = desk.form(&format!("{again}ravi")).await;
    assert!(
        location.contains("changed=0") && location.contains("left=unchanged"),
        "{location}"
    );
    let location = desk.form(again).await;
    assert!(location.contains("did=unassign&changed=4"), "{location}");
    let shown = desk.house.page(&location).await.text();
    assert!(shown.contains("4 rows given back"), "{shown}");
    let location = desk.form(again).await;
    assert!(location.contains("did=unassign&changed=0"), "{location}");
    let tried = "/exceptions?column=region&find=Nort&with=North";
    let tried = desk.house.page(tried).await.text();
    assert!(
        tried.contains("3 would enter the ledger") && tried.contains("Replace in 4 rows"),
        "{tried}"
    );
    let fields = "all=on&list=&act=replace&column=region&find=Nort&with=North&reason=";
    let replaced = desk.form(fields).await;
    assert!(replaced.contains("changed=4&entered=3"), "{replaced}");
    figures_are_those_of_rows(&desk.house).await;
    // Of a name that no workspace can have there are no pages, and not those of the main workspace.
    for none in ["/w/Sample/exceptions", "/w/a.b", "/w/a_b/runs"] {
        assert_eq!(desk.house.page(none).await.status, 404, "{none}");
    }
    let empty = desk.house.page("/w/sample/exceptions").await.text();
    assert!(empty.contains("There are no exceptions"), "{empty}");
    let edited = format!("/exceptions?edit={first}.7");
    let edited = desk.house.page(&edited).await.text();
    assert!(
        edited.contains("form=\"edit\"") && edited.contains("value=\"much\""),
        "{edited}"
    );
    desk.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_filter_are_no_more_than_were_shown() {
    let desk = Desk::new().await;
    let shown = async |page: &str, form: &str| {
        let page = desk.house.page(page).await.text();
        let (_, form) = page.split_once(form).unwrap();
        let (_, shown) = form.split_once("name=\"shown\" value=\"").unwrap();
        let (shown, _) = shown.split_once('"').unwrap();
        shown.parse::<u64>().unwrap()
    };
    let tried = "/exceptions?column=region&find=Nort&with=North";
    assert_eq!(shown("/exceptions?code=VAL05", "id=\"bulk\"").await, 5);
    assert_eq!(shown(tried, "class=\"tried\"").await, 9);

    let late = format!(
        "{HEADER}\nC1,2026-01-17,Nort,Milk 1L,1,3.00\nC2,2026-01-17,North,Milk 1L,1,3.00\n"
    );
    assert_eq!(
        desk.house.run("filename=c.csv", late).await["status"],
        "complete"
    );
    let reject = "all=on&list=code%3DVAL05&act=reject&reason=never&shown=";
    let replace = "all=on&list=&act=replace&column=region&find=Nort&with=North&shown=";
    for act in [format!("{reject}5"), format!("{replace}9")] {
        let problem = desk.sent(&act).await;
        assert_eq!(problem.status, 409, "{act}");
        assert!(
            problem.text().contains("1 more came since"),
            "{}",
            problem.text()
        );
    }
    let fewer = desk.sent(&format!("{reject}7")).await;
    assert_eq!(fewer.status, 409);
    assert!(
        fewer.text().contains("1 fewer answer it now"),
        "{}",
        fewer.text()
    );
    assert_eq!(desk.places("state=rejected").await.len(), 0);
    assert_eq!(desk.places("standing=open").await.len(), 10);

    let replaced = shown(tried, "class=\"tried\"").await;
    let replaced = desk.form(&format!("{replace}{replaced}")).await;
    assert!(replaced.contains("changed=6&entered=5"), "{replaced}");
    let rest = shown("/exceptions?code=VAL05", "id=\"bulk\"").await;
    let done = desk.form(&format!("{reject}{rest}")).await;
    assert!(done.contains(&format!("changed={rest}&")), "{done}");
    desk.house.verify("main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_replaced_and_withdrawn_by_plain_forms_that_show_first_what_changes() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let page = async |run: &str| desk.house.page(&format!("/runs/{run}")).await.text();
    let shown = page(first).await;
    for part in [
        &format!("href=\"/sales?run={first}\""),
        &format!("href=\"/exceptions?run={}\"", first.replace('_', "%5F")),
        "Work these exceptions",
        "Withdraw this file",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let mended = format!("{HEADER}\n{FIRST}")
        .replace(
            "A8,2026-01-15,West,Milk 1L,1,80.00",
            "A8,2026-01-15,West,Milk 1L,1,90.00",
        )
        .replace("A9,2026-01-15,West", "A99,2026-01-15,West");
    let form = Form::default()
        .field("workspace", "main")
        .field("replaces", first)
        .field("admission", "after-confirmation")
        .file("a-again.csv", mended.as_bytes());
    let sent = desk.house.post_form("/check", &form).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let waiting = sent
        .header("location")
        .trim_start_matches("/runs/")
        .to_owned();
    let begun = desk.get(&format!("/api/v1/runs/{waiting}")).await;
    assert_eq!(desk.house.settled(&begun).await["status"], "held");
    let shown = page(&waiting).await;
    for part in [
        "It takes the place of",
        "₹80.00 becomes ₹90.00",
        "Revenue moves by",
        "A99",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let post = async |path: &str, reason: &str| {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        let body = Body::from(format!("workspace=main&reason={reason}"));
        desk.house.send(request.body(body).unwrap()).await
    };
    let unsaid = post(&format!("/runs/{waiting}/release"), "+").await;
    assert_eq!(unsaid.status, 400);
    let released = post(&format!("/runs/{waiting}/release"), "a+newer+file").await;
    assert_eq!(released.status, 303, "{}", released.text());
    let now = released
        .header("location")
        .trim_start_matches("/runs/")
        .to_owned();
    let begun = desk.get(&format!("/api/v1/runs/{now}")).await;
    assert_eq!(desk.house.settled(&begun).await["status"], "complete");
    let replaced = page(first).await;
    assert!(
        replaced.contains("took the place of this one") && !replaced.contains("Withdraw this file")
    );
    let withdrawn = post(&format!("/runs/{second}/withdrawal"), "sent+twice").await;
    assert_eq!(withdrawn.header("location"), format!("/runs/{second}"));
    let shown = page(second).await;
    assert!(
        shown.contains("This file was withdrawn") && shown.contains("sent twice"),
        "{shown}"
    );
    let again = post(&format!("/runs/{second}/withdrawal"), "sent+twice").await;
    assert_eq!(again.status, 409);
    figures_are_those_of_rows(&desk.house).await;
    quality_is_that_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

#[tokio::test]
async fn many_rows_are_put_right_in_one_request_each_in_its_own_way() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let row = |run: &str, record: u64, version: u64, cells: Value| json!({ "run": run, "record": record, "version": version, "cells": cells });
    let post = async |rows: Value, reason: Value| {
        let body = json!({ "rows": rows, "reason": reason });
        desk.post("/api/v1/exceptions/corrections", &body).await
    };
    // Somebody else has the second row by now.
    desk.bulk(
        json!({ "run": first, "records": [3] }),
        json!({ "act": "comment", "text": "mine" }),
    )
    .await;
    let nobody = "run_000000000000000000000000000000ff";
    let answer = post(
        json!([
            row(second, 1, 1, json!({ "region": "North" })),
            row(
                first,
                2,
                1,
                json!({ "region": "South", "Revenue": "21.00" })
            ),
            row(first, 3, 1, json!({ "region": "North" })),
            row(first, 4, 1, json!({ "region": "North" })),
            row(first, 5, 1, json!({ "region": "" })),
            row(first, 1, 1, json!({ "region": "North" })),
            row(nobody, 1, 1, json!({ "region": "North" })),
        ]),
        json!("as the shops say"),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let done = answer.json();
    let rows = done["rows"].as_array().unwrap().iter();
    let rows = rows.map(|it| {
        let outcome = it["outcome"].as_str().unwrap();
        (
            it["status"].as_u64().unwrap(),
            outcome,
            it["version"].as_u64(),
        )
    });
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            (200, "entered", Some(2)),
            (200, "entered", Some(2)),
            (409, "stale", Some(2)),
            (200, "failing", Some(2)),
            (200, "unchanged", Some(1)),
            (404, "not-found", None),
            (404, "not-found", None),
        ]
    );
    assert_eq!([&done["changed"], &done["entered"]], [3, 2]);
    let path = format!("/api/v1/runs/{first}/exceptions/2");
    let entered = desk.get(&path).await;
    assert_eq!(entered["state"], "corrected");
    assert_eq!(entered["cells"][5], "21.00");
    assert_eq!(entered["history"][0]["reason"], "as the shops say");
    assert_eq!(
        entered["columns"][2],
        json!({ "name": "region", "place": 2 })
    );

    // What makes no sense changes nothing.
    let again = row(first, 6, 1, json!({ "region": "North" }));
    for rows in [json!([again, again]), json!([row(first, 6, 1, json!({}))])] {
        post(rows, Value::Null)
            .await
            .problem(400, "invalid-request");
    }
    // A file without that column.
    let unknown = json!([row(first, 6, 1, json!({ "colour": "red" }))]);
    let left = post(unknown, Value::Null).await.json();
    assert_eq!(left["rows"][0]["outcome"], "no-such-column");

    // The same without scripts: the whole grid is sent, one cell of it says something else.
    let page = desk.house.get("/exceptions?view=grid").await.text();
    let name = format!("cell.{first}.3.2.region");
    assert!(
        page.contains(&format!("name=\"{name}\" value=\"Nort\"")),
        "{page}"
    );
    let same = format!("cell.{first}.6.1.region");
    let to = desk
        .form(&format!(
            "act=correct-each&list=view%3Dgrid&{name}=North&{same}=south"
        ))
        .await;
    assert_eq!(to, "/exceptions?view=grid&did=correct&changed=1&entered=1");
    figures_are_those_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}

#[tokio::test]
async fn rows_are_found_by_the_column_that_fails_and_acts_keep_to_it() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let of = |run: &str, records: &[u64]| -> Vec<(String, u64)> {
        records.iter().map(|it| (run.to_owned(), *it)).collect()
    };
    let region = [of(first, &[2, 3, 4, 5]), of(second, &[1, 3])].concat();
    let places = async |query: &str| desk.places(query).await;
    assert_eq!(places("column=region&sort=oldest").await, region);
    let newest: Vec<_> = [of(second, &[3, 1]), of(first, &[5, 4, 3, 2])].concat();
    assert_eq!(places("column=region").await, newest);
    let revenue = places("column=revenue&sort=money").await;
    assert_eq!(revenue, of(first, &[7, 4, 6]));
    let both = places("column=revenue&code=VAL06&sort=oldest").await;
    assert_eq!(both, of(first, &[4, 6]));
    assert!(places("column=region&code=VAL06").await.is_empty());
    let of_run = places(&format!("column=region&run={second}&sort=oldest")).await;
    assert_eq!(of_run, of(second, &[1, 3]));
    assert!(places("column=product").await.is_empty());

    let page = desk.house.get("/exceptions?fails=region").await.text();
    for text in [
        "6 exceptions fail in <strong>region</strong>",
        ">Fails in region <span",
        "<input type=\"hidden\" name=\"fails\" value=\"region\">",
        "all of this filter",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for (words, lines) in [("", 7), ("&region=nort", 6), ("&region=", 7)] {
        let path = format!("/api/v1/exceptions.csv?column=region{words}");
        let csv = desk.house.get(&path).await.text();
        assert_eq!(csv.lines().count(), lines, "{words}");
    }
    let done = desk
        .bulk(
            json!({ "column": "region", "run": second }),
            json!({ "act": "comment", "text": "asked" }),
        )
        .await;
    assert_eq!(done["changed"], 2);
    for unsummed in ["column=region", "q=A1", "assignee=ravi&q=A1"] {
        let path = format!("/api/v1/exceptions/overview?{unsummed}");
        let answer = desk.house.get(&path).await;
        answer.problem(400, "invalid-request");
    }
    // What it does not know narrows nothing, and would leave all rows.
    let misnamed = json!({ "filter": { "fails": "region" }, "act": { "act": "replay" } });
    let misnamed = desk.post("/api/v1/exceptions/bulk", &misnamed).await;
    assert_eq!(misnamed.status, 400);
    let to = desk
        .form("act=assign&all=on&reason=ravi&list=fails%3Dregion")
        .await;
    assert_eq!(
        to,
        "/exceptions?fails=region&did=assign&changed=6&entered=0"
    );
    assert_eq!(places("column=region&assignee=ravi").await.len(), 6);
    let summed = "/api/v1/exceptions/overview?assignee=ravi&column=region";
    assert_eq!(desk.get(summed).await["total"]["money"], "72.00");
    let page = desk.house.get("/exceptions?who=ravi&fails=region").await;
    let total = "6 exceptions open, <strong class=\"number\">₹72.00</strong> at stake.";
    assert!(page.text().contains(total), "{}", page.text());
}

#[tokio::test]
async fn what_is_at_stake_says_where_it_is_a_net() {
    let desk = Desk::new().await;
    for (path, is_net) in [("/exceptions", true), ("/exceptions?code=UNQ02", false)] {
        let page = desk.house.page(path).await.text();
        assert!(page.contains("at stake"), "{path}");
        assert_eq!(page.contains("The money is net"), is_net, "{path}");
    }
}

#[tokio::test]
async fn a_text_is_found_in_rows_keys_and_names_and_acts_keep_to_it() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let places = async |query: &str| desk.places(query).await;
    let of = |run: &str, records: &[u64]| -> Vec<(String, u64)> {
        records.iter().map(|it| (run.to_owned(), *it)).collect()
    };
    assert_eq!(places("q=much&sort=oldest").await, of(first, &[7]));
    assert_eq!(places("q=A4%2C&sort=oldest").await, of(first, &[4]));
    assert_eq!(places("q=B.CSV&sort=oldest").await, of(second, &[1, 2, 3]));
    let both = [of(first, &[2, 3, 4]), of(second, &[1, 3])].concat();
    assert_eq!(
        places("q=nort%2C&sort=oldest").await,
        both[..2]
            .iter()
            .chain(&both[3..])
            .cloned()
            .collect::<Vec<_>>()
    );
    assert_eq!(places("q=nort%20&sort=oldest").await, both[2..3]);
    assert!(places("q=nothing+like+it").await.is_empty());

    let page = desk.house.get("/exceptions?q=much").await.text();
    assert!(
        page.contains("1 exception says <strong>much</strong>"),
        "{page}"
    );
    assert!(page.contains("Says &quot;much&quot;"), "{page}");
    let long = format!("/api/v1/exceptions?q={}", "x".repeat(201));
    let refused = desk.house.get(&long).await;
    refused.problem(400, "invalid-request");
    let none = desk.house.get("/exceptions?q=nobody").await.text();
    assert!(none.contains("No exception answers this filter."), "{none}");

    let done = desk
        .bulk(
            json!({ "q": "much" }),
            json!({ "act": "comment", "text": "asked" }),
        )
        .await;
    assert_eq!(done["changed"], 1);
    let to = desk
        .form("act=comment&all=on&reason=asked&list=q%3Dmuch%26view%3Dgrid")
        .await;
    assert_eq!(
        to,
        "/exceptions?q=much&view=grid&did=comment&changed=1&entered=0"
    );
    let csv = desk.house.get("/api/v1/exceptions.csv?q=much").await.text();
    assert_eq!(csv.lines().count(), 2, "{csv}");
}

#[tokio::test]
async fn a_filter_that_names_no_run_of_the_workspace_finds_none() {
    let desk = Desk::new().await;
    let unknown = format!("run_{}", "0".repeat(32));
    for name in ["run", "from_run", "to_run"] {
        for path in ["", "/overview", ".csv", ".parquet"] {
            let path = format!("/api/v1/exceptions{path}?{name}={unknown}");
            desk.house.get(&path).await.problem(404, "not-found");
        }
        for way in ["bulk", "preview"] {
            let body = json!({ "filter": { name: unknown }, "act": { "act": "replay" } });
            let answer = desk.post(&format!("/api/v1/exceptions/{way}"), &body).await;
            answer.problem(404, "not-found");
        }
    }
    for query in [
        format!("run={unknown}"),
        format!("from_run={unknown}&to_run={}", desk.runs[1]),
        format!("from_run={}&to_run={unknown}", desk.runs[0]),
    ] {
        let page = desk.house.page(&format!("/exceptions?{query}")).await;
        assert_eq!(page.status, 404, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_with_many_is_taken_back_with_many() {
    let desk = Desk::new().await;
    let bar = async |query: &str| -> Vec<bool> {
        let page = desk
            .house
            .page(&format!("/exceptions?{query}"))
            .await
            .text();
        let (_, bar) = page.split_once("id=\"bulk\"").unwrap();
        let (bar, _) = bar.split_once("</form>").unwrap();
        let offered = ["waive", "reject", "replay", "reopen", "comment"];
        offered
            .map(|it| bar.contains(&format!("value=\"{it}\"")))
            .to_vec()
    };
    assert_eq!(bar("").await, [true, true, true, false, true]);
    let before = desk.places("state=new").await;
    let gone = "act=reject&all=on&reason=old&list=%3Fcode%3DVAL05";
    assert!(desk.form(gone).await.contains("did=reject"));
    let left = desk.places("state=rejected").await;
    assert!(!left.is_empty());
    assert_eq!(
        bar("show=rejected").await,
        [false, false, false, true, true]
    );
    assert_eq!(bar("show=all").await, [true; 5]);
    let back = format!(
        "act=reopen&all=on&shown={}&reason=wrong&list=%3Fshow%3Drejected",
        left.len()
    );
    assert!(desk.form(&back).await.contains("did=reopen"));
    assert_eq!(desk.places("state=reopened").await, left);
    assert_eq!(
        desk.places("state=new").await.len() + left.len(),
        before.len()
    );
    desk.house.verify("main").await;
}

/// More than are changed at one time.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_are_acted_on_at_once_some_thousands_at_a_time() {
    let desk = Desk::new().await;
    let row = |at: usize| {
        let region = ["Nort", "North"][at % 2];
        format!("M{at},2026-01-15,{region},Milk 1L,1,1.00\n")
    };
    let rows: String = (0..20_100).map(row).collect();
    let many = desk
        .house
        .run("filename=many.csv", format!("{HEADER}\n{rows}"))
        .await;
    assert_eq!(many["status"], "complete", "{}", many["reason"]);
    let act = json!({ "act": "assign", "assignee": "ravi" });
    let done = desk.bulk(json!({ "standing": "open" }), act).await;
    assert_eq!(done["changed"], 10_059, "{done}");
    let run = many["id"].as_str().unwrap();
    let told = desk.house.log("main").await;
    let of_run = told
        .iter()
        .map(|it| &it.entry)
        .filter(|it| it.event == "exception.assigned" && it.run.as_deref() == Some(run));
    let of_run: Vec<_> = of_run.map(|it| it.details["rows"].as_str()).collect();
    assert_eq!(of_run, ["10000", "50"]);
    let his = desk.get("/api/v1/exceptions/overview?assignee=ravi").await;
    assert_eq!(his["total"]["rows"], 10_059);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_act_did_before_it_failed_is_told_and_stays() {
    let desk = Desk::new().await;
    let [first, second] = &desk.runs;
    let of_second = format!("WHERE id = '{second}'");
    // It cannot be read, as after a fault of the disk.
    let trigger = drop_trigger("runs_stay_as_they_ended", "runs");
    let damage = format!("{trigger} UPDATE runs SET verdict = '-' || verdict {of_second};");
    tamper(desk.house.folder(), &damage).await.unwrap();
    let body = json!({
        "filter": { "code": "VAL05", "standing": "open" },
        "act": { "act": "replace", "column": "region", "from": "Nort", "to": "North" },
    });
    let send = async || {
        let request = Request::post("/api/v1/exceptions/bulk").header("idempotency-key", "mended");
        let request = request.body(Body::from(body.to_string()));
        desk.house.send(request.unwrap()).await
    };
    let failed = send().await;
    let problem = failed.problem(500, "internal");
    assert_eq!(
        (&problem["changed"], &problem["entered"]),
        (&json!(3), &json!(2)),
        "{problem}"
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("3 exceptions were changed"), "{detail}");
    let entered = desk.places("standing=entered").await;
    assert!(entered.len() == 2 && entered.iter().all(|it| it.0 == *first));

    // Under its key it is done with the others, and then once.
    let mend = format!("UPDATE runs SET verdict = substr(verdict, 2) {of_second};");
    tamper(desk.house.folder(), &mend).await.unwrap();
    let done = send().await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.json()["entered"], 2);
    let again = send().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json(), done.json());
    assert_eq!(desk.places("standing=entered").await.len(), 4);
    figures_are_those_of_rows(&desk.house).await;
    desk.house.verify("main").await;
}
