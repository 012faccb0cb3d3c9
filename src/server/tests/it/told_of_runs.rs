//! What pages say of runs: where they stand, what of them is in the ledger, and shares drawn as what they are.

use crate::{
    board::{between, count, full, marks, percent, words},
    dashboard::{condition, ledger, whole},
    desk::Desk,
    house::{Form, House, orders, sample},
    pages::{Reader, links, table},
    sound::{number, url},
    year::{HELD, Year},
};
use chrono::DateTime;
use model::{id::RunId, money::Money, sales::SalesFilter};
use serde_json::{Value, json};

fn cells(line: &str) -> Vec<String> {
    let cells = line.split("<td").skip(1).map(|cell| {
        let mut text = String::new();
        for part in cell.split('<') {
            let said = part.split_once('>').map_or("", |(_, it)| it).trim();
            if !said.is_empty() {
                text = format!("{text} {said}");
            }
        }
        text.trim().to_owned()
    });
    cells.collect()
}

fn id(run: &Value) -> &str {
    run["id"].as_str().unwrap()
}

async fn page(house: &House, path: &str) -> String {
    let page = house.page(path).await;
    assert_eq!(page.status, 200, "{path}");
    page.text()
}

/// The number that a cell begins with.
fn figure(cell: &str) -> i64 {
    let digits = cell.split(' ').next().unwrap().replace(',', "");
    digits.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_runs_adds_up_to_what_counts() {
    let house = House::new().await;
    let year = Year::of(&house).await;
    let mut bodies = Vec::new();
    for kind in ["/runs", "/runs?kind=correction"] {
        let page = page(&house, kind).await;
        let (_, body) = page.split_once("<tbody>").unwrap();
        bodies.push(body.split_once("</tbody>").unwrap().0.to_owned());
    }
    let lines = bodies.iter().flat_map(|it| it.split("<tr").skip(1));
    let runs: Vec<_> = lines.filter(|it| it.contains("<th")).collect();
    let in_ledger = runs.iter().map(|it| figure(&cells(it)[2])).sum::<i64>();
    let url = url(house.folder());
    let counting = number(&url, "SELECT count(*) FROM ledger WHERE counts").await;
    assert_eq!(in_ledger, counting);
    let of = |run: &Value| {
        let line = runs.iter().find(|it| it.contains(id(run))).unwrap();
        cells(line)
    };
    let held = &year.runs[usize::try_from(HELD).unwrap()];
    let (stands, waits) = (&of(held)[0], &of(held)[2]);
    assert_eq!(stands, "Held");
    let would_be = held["rows_accepted"].as_u64().unwrap();
    assert_eq!(waits, &format!("0 {would_be} would be"));
    for run in house.runs("main").await {
        let cells = of(&run);
        let stands = match &run["withdrawn"] {
            Value::Null => continue,
            it if it["replaced_by"].is_string() => "Replaced",
            _ => "Withdrawn",
        };
        assert_eq!((cells[0].as_str(), cells[2].as_str()), (stands, "0 ₹0.00"));
    }
    for word in ["Replaced", "Withdrawn"] {
        assert!(bodies[0].contains(word), "{word}");
    }
    for run in house.runs("main").await {
        let rows = async |from: &str| {
            let of = format!(
                "{from} AND t.run = (SELECT number FROM runs WHERE id = '{}')",
                id(&run)
            );
            let [rows, paise] = ["count(*)", "coalesce(sum(t.money), 0)"]
                .map(|it| format!("SELECT {it} FROM {of}"));
            (number(&url, &rows).await, number(&url, &paise).await)
        };
        let told = |(rows, paise): (i64, i64)| {
            format!("{} {}", count(rows), full(Money::from_paise(paise)))
        };
        let cells = of(&run);
        let (exceptions, paise) = rows("kept_rows t WHERE t.category IS NOT NULL").await;
        let read = run["rows_read"].as_i64().unwrap();
        let expected = [
            count(read),
            told((exceptions, paise)),
            percent(exceptions.into(), read.into()),
        ];
        let found = [&cells[1], &cells[3], &cells[4]].map(Clone::clone);
        assert_eq!(found, expected, "{run}");
        let line = runs.iter().find(|it| it.contains(id(&run))).unwrap();
        let to: Vec<String> = links(line).into_iter().map(|it| it.to).collect();
        let behind = to
            .iter()
            .filter(|it| it.starts_with("/exceptions") || it.ends_with("#rows"));
        let behind: Vec<_> = behind.collect();
        assert_eq!(behind.len(), if exceptions > 0 { 2 } else { 0 }, "{to:?}");
        for it in behind {
            let rows = page(&house, it).await;
            let shown = rows.matches("class=\"flagged exception\"").count();
            assert_eq!(shown, usize::try_from(exceptions.min(50)).unwrap(), "{it}");
        }
        if cells[0] != "Held" {
            assert_eq!(
                cells[2],
                told(rows("ledger t WHERE t.counts").await),
                "{run}"
            );
        }
    }
    // One whose every stage ended, and of which the ledger refused a row; one that stopped before anything was loaded.
    stages(&house, &year.runs[1], &url).await;
    stages(&house, held, &url).await;
}

/// Each stage says how long it took, and how many rows it left.
async fn stages(house: &House, run: &Value, url: &str) {
    let is_held = run["status"] == "held";
    let of_run = page(house, &format!("/runs/{}", id(run))).await;
    let of_log = page(house, &format!("/audit?run={}", id(run))).await;
    let kept = format!(
        "SELECT count(*) FROM kept_rows k WHERE k.category IS NOT NULL AND k.run = (SELECT number FROM runs \
         WHERE id = '{}')",
        id(run)
    );
    let of_file = format!(
        "{kept} AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.run = k.run AND f.record = k.record \
         AND f.code = 'UNQ02')"
    );
    let read = run["rows_read"].as_i64().unwrap();
    let passed = read - number(url, &of_file).await;
    let loaded = read - number(url, &kept).await;
    assert_eq!(loaded < passed, !is_held);
    let rows = |it: i64| format!("{it} rows");
    let ended = [
        ("Validate", rows(read)),
        ("Isolate", format!("{passed} of {}", rows(read))),
        ("Transform", rows(passed)),
        ("Load", format!("{loaded} of {}", rows(passed))),
        ("Summarise", rows(loaded)),
    ];
    let records = run["stages"].as_array().unwrap();
    assert_eq!(records.len(), if is_held { 2 } else { 5 });
    let [told, in_log] = [of_run, of_log].map(|page| {
        let told = between(&page, "<ol class=\"stages\">", "</ol>");
        let told = told.split("<li").skip(1);
        told.map(|it| words(&format!("<li{it}")))
            .collect::<Vec<_>>()
    });
    assert_eq!(told, in_log);
    let expected = ended.into_iter().enumerate().map(|(at, (name, rows))| {
        let Some(record) = records.get(at) else {
            return format!("{name} not run");
        };
        let time = |it: &str| DateTime::parse_from_rfc3339(record[it].as_str().unwrap()).unwrap();
        let took = (time("ended_at") - time("started_at")).num_milliseconds();
        let took = match took {
            0..1_000 => format!("{took} ms"),
            _ => format!("{}.{} s", (took + 50) / 1_000, (took + 50) / 100 % 10),
        };
        format!("{name} {took} {rows}")
    });
    assert_eq!(told, expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_leave_one_by_one_leave_the_figures_of_their_run() {
    let desk = Desk::new().await;
    let [first, second] = desk.runs.clone();
    let act = async |run: &str, record: u64, what: &str, mut body: Value| {
        let path = format!("/api/v1/runs/{run}/exceptions/{record}");
        body["version"] = desk.get(&path).await["version"].clone();
        let done = desk.post(&format!("{path}/{what}"), &body).await;
        assert_eq!(done.status, 200, "{}", done.text());
        done.json()
    };
    let settled = json!({ "settlement": "take-place", "reason": "the later one is right" });
    act(&second, 2, "settlement", settled).await;
    let waived = act(&first, 6, "waivers", json!({ "reason": "a refund" })).await;
    let entered = waived["history"][0]["entered"]["run"].as_str().unwrap();
    let path = url(desk.house.folder());
    let counting = async || number(&path, "SELECT count(*) FROM ledger WHERE counts").await;
    let list = async || {
        let runs = desk.house.runs("main").await;
        let rows = runs.iter().map(|it| it["rows_counting"].as_i64().unwrap());
        assert_eq!(rows.sum::<i64>(), counting().await);
        let of = async |page_of: &str, run: &str| {
            let page = page(&desk.house, page_of).await;
            let (_, line) = page.split_once(&format!("/runs/{run}\"")).unwrap();
            cells(line.split_once("</tr>").unwrap().0)[2].clone()
        };
        let corrections = "/runs?kind=correction";
        (of("/runs", &first).await, of(corrections, entered).await)
    };
    // Of its six rows one has lost its key to a row of another file.
    let (of_first, of_entered) = list().await;
    assert_eq!(
        (of_first.as_str(), of_entered.as_str()),
        ("5 ₹242.00", "1 -₹60.00")
    );
    let told = "In the ledger now: 5 rows, ₹242.00. 1 left since";
    let shown = page(&desk.house, &format!("/runs/{first}")).await;
    assert!(shown.contains(told), "{shown}");
    let again = json!({ "reason": "no refund" });
    act(&first, 6, "reopen", again).await;
    assert_eq!(list().await.1, "0 ₹0.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_run_says_why_on_a_line_of_its_own_without_marks_of_writing() {
    let house = House::new().await;
    let held = house.run("filename=other.csv", "a,b\n1,2\n").await;
    let reason = held["reason"].as_str().unwrap();
    let (before, name) = reason.split_once('`').unwrap();
    let (name, _) = name.split_once('`').unwrap();
    for path in ["/runs".to_owned(), format!("/runs/{}", id(&held))] {
        let page = page(&house, &path).await;
        assert!(
            page.contains(&format!("{before}<code>{name}</code>")),
            "{page}"
        );
        assert!(!page.contains(&format!("`{name}`")), "{path}");
    }
    let list = page(&house, "/runs").await;
    let told = format!("<tr class=\"why\"><td colspan=\"7\"><span>{before}");
    assert!(list.contains(&told), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_the_agreement_stands_what_the_server_judged_beyond_the_browser() {
    let house = House::new().await;
    let file = orders(1..=3);
    let elsewhere = house
        .run("filename=a.csv&workspace=other", file.clone())
        .await;
    let receipt = elsewhere["verdict"]["receipt"].to_string();
    house
        .run("filename=b.csv&workspace=team-a", orders(3..=5))
        .await;
    for (workspace, told) in [
        ("team-a", "ran UNQ02, against the ledger: 1 row failed"),
        ("third", "ran UNQ02, against the ledger: nothing failed"),
    ] {
        let form = Form::default()
            .field("workspace", workspace)
            .field("receipt", &receipt)
            .file("a.csv", file.as_bytes());
        let begun = house.post_form("/api/v1/runs", &form).await;
        let run = house.settled(&begun.json()).await;
        let page = page(&house, &format!("/w/{workspace}/runs/{}", id(&run))).await;
        assert!(page.contains("server and browser agree"), "{page}");
        assert!(page.contains(told), "{workspace}: {page}");
    }
}

#[tokio::test]
async fn the_workspace_that_is_open_is_marked_whichever_it_is() {
    let house = House::new().await;
    for (path, open, all) in [
        ("/runs", "Main workspace", 2),
        ("/w/sample/runs", "Sample workspace", 2),
        ("/w/third/runs", "third", 3),
    ] {
        let page = page(&house, path).await;
        let (_, list) = page.split_once("class=\"workspaces\"").unwrap();
        let (list, _) = list.split_once("</nav>").unwrap();
        assert_eq!(list.matches("<li>").count(), all, "{path}: {list}");
        let marked = format!("aria-current=\"true\" title=\"{open}\"");
        assert!(list.contains(&marked), "{path}: {list}");
        assert_eq!(list.matches("aria-current").count(), 1, "{path}: {list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_counts_no_more_does_not_stand_as_complete() {
    let desk = Desk::new().await;
    let path = format!("/api/v1/runs/{}/withdrawal", desk.runs[0]);
    let reason = json!({ "reason": "sent by mistake" });
    let done = desk.post(&path, &reason).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let page = page(&desk.house, &format!("/runs/{}", desk.runs[0])).await;
    let (_, head) = page.split_once("run-facts").unwrap();
    let (head, rest) = head.split_once("</p>").unwrap();
    assert!(
        head.contains("Withdrawn") && !head.contains("Complete"),
        "{head}"
    );
    assert!(rest.contains("Why: sent by mistake"), "{rest}");
}

/// The heights of the bands of a colour, of a thousand.
fn bands(page: &str, class: &str) -> Vec<u64> {
    let (_, flow) = page.split_once("class=\"flow\"").unwrap();
    let (flow, _) = flow.split_once("</section>").unwrap();
    let band = format!("<rect class=\"{class}\"");
    let bands = flow.split(&band).skip(1).map(|it| {
        let (_, height) = it.split_once("height=\"").unwrap();
        height.split_once('"').unwrap().0.parse().unwrap()
    });
    bands.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bands_of_a_drawing_have_one_scale() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", sample(1000, 5).0).await;
    let page = page(&house, &format!("/runs/{}", id(&run))).await;
    let exceptions = run["rows_exceptions"].as_u64().unwrap();
    // All of them are open.
    assert_eq!(bands(&page, "exception"), [exceptions, exceptions]);
    assert_eq!(bands(&page, "accepted"), [1000 - exceptions]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_beside_controls_are_the_share_that_failed() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", sample(1000, 5).0).await;
    let expected = |evaluated: &Value, failed: &Value| {
        let (all, part) = (evaluated.as_u64().unwrap(), failed.as_u64().unwrap());
        let share = if part == 0 {
            0
        } else {
            (part * 1000 / all).max(4)
        };
        format!("width=\"{share}\" height=\"10\"")
    };
    let of_run = page(&house, &format!("/runs/{}", id(&run))).await;
    let of_files = page(&house, "/quality").await;
    let mut failed = 0;
    for control in run["verdict"]["controls"].as_array().unwrap() {
        let code = control["code"].as_str().unwrap();
        if control["failed"].as_u64().unwrap() == 0 {
            continue;
        }
        failed += 1;
        let bar = expected(&control["evaluated"], &control["failed"]);
        for page in [&of_run, &of_files] {
            let (_, line) = page
                .split_once(&format!("#{code}\">{code}</a></th>"))
                .unwrap();
            let (line, _) = line.split_once("</tr>").unwrap();
            assert!(line.contains(&bar), "{code} {bar}: {line}");
        }
    }
    assert!(failed > 5);
    let report = house.get("/api/v1/quality").await.json();
    let (_, facet) = of_files.split_once("id=\"by-dimension\"").unwrap();
    let lines = facet.split("<li>").skip(1);
    for (it, line) in report["dimensions"].as_array().unwrap().iter().zip(lines) {
        let bar = expected(&it["evaluated"], &it["failed"]);
        assert!(line.contains(&bar), "{it}: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_shows_the_way_that_it_took_and_a_run_says_what_was_not_used() {
    let house = House::new().await;
    let run = house.run("filename=a.csv", orders(1..=3)).await;
    let of_run = page(&house, &format!("/runs/{}", id(&run))).await;
    let of_row = page(&house, &format!("/runs/{}/rows/1", id(&run))).await;
    let way = |page: &str| {
        let (_, way) = page.split_once("class=\"way\"").unwrap();
        way.split_once("</table>").unwrap().0.to_owned()
    };
    let (of_run, of_row) = (way(&of_run), way(&of_row));
    // The file has no unit price, SKU or category.
    assert_eq!(of_run.matches("not used in this file").count(), 3);
    assert_eq!(
        of_run
            .matches("read as an amount, in whole paise</td>")
            .count(),
        0
    );
    assert!(of_row.contains("divided by the quantity"), "{of_row}");
    for other in ["not in the file", "not used", "as it stands, where"] {
        assert!(!of_row.contains(other), "{other}: {of_row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quality_says_how_many_exceptions_are_of_files_that_do_not_count() {
    let house = House::new().await;
    Year::of(&house).await;
    let url = url(house.folder());
    let of = |which: &str| {
        format!(
            "SELECT sum(rows_exceptions) FROM runs r WHERE kind = 'file' AND status IN ('complete', 'held') AND {which} \
             (status = 'complete' AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.run = r.number))"
        )
    };
    let (counting, others) = (number(&url, &of("")).await, number(&url, &of("NOT")).await);
    assert!(counting > 0 && others > 0);
    let page = page(&house, "/quality").await;
    let (_, figure) = page.split_once("Rests on").unwrap();
    let (figure, _) = figure.split_once("</div>").unwrap();
    let all = counting + others;
    let told = format!("{all} exceptions, of them {others} in files that do not count");
    assert!(figure.contains(&told), "{told}: {figure}");
    for word in ["Held", "Withdrawn", "Replaced"] {
        let (_, files) = page.split_once("quality-runs").unwrap();
        assert!(files.contains(word), "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_day_stand_above_one_word() {
    let house = House::new().await;
    for seed in 1..=4 {
        house.run("filename=a.csv", sample(50, seed).0).await;
    }
    house.run("filename=e.csv", orders(1..=3)).await;
    let page = page(&house, "/quality").await;
    let charts: Vec<_> = page.split("chart line-chart").skip(1).collect();
    assert_eq!(charts.len(), 2);
    for chart in charts {
        let (chart, _) = chart.split_once("</svg>").unwrap();
        let words = ["class=\"tick\"", "class=\"tick roomy\""];
        let words = words.map(|it| chart.matches(it).count());
        assert_eq!(words, [1, 0], "{chart}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_a_region_that_nobody_knows_is_not_said_to_state_none() {
    let desk = Desk::new().await;
    let page = page(&desk.house, "/exceptions").await;
    assert!(page.contains("No region of the list"), "{page}");
    assert!(!page.contains("Not stated"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_exceptions_says_which_of_how_many_it_shows() {
    let house = House::new().await;
    house.run("filename=a.csv", sample(1000, 5).0).await;
    let first = page(&house, "/exceptions").await;
    let (_, position) = first.split_once("class=\"position\">").unwrap();
    let (position, _) = position.split_once('<').unwrap();
    let url = url(house.folder());
    let all = number(
        &url,
        "SELECT count(*) FROM kept_rows WHERE category IS NOT NULL",
    )
    .await;
    let shown = first.matches("class=\"flagged exception\"").count();
    assert_eq!(position, format!("1 to {shown} of {all} rows"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_leads_back_to_its_list() {
    let house = House::new().await;
    let nobody = model::id::RunId::from_u128(7);
    for (path, list, word) in [
        (format!("/runs/{nobody}"), "/runs", "Runs"),
        (
            format!("/runs/{nobody}/exceptions/1"),
            "/exceptions",
            "Exceptions",
        ),
        (format!("/runs/{nobody}/rows/1"), "/rows", "Rows"),
        (
            "/controls/contracts/nothing".to_owned(),
            "/controls",
            "Controls",
        ),
    ] {
        let page = house.page(&path).await;
        assert_eq!(page.status, 404, "{path}");
        let text = page.text();
        let back = format!("<a href=\"{list}\" class=\"button\">Back to {word}</a>");
        assert!(text.contains(&back), "{path}: {text}");
        // The rail says where one is.
        let here = format!("href=\"{list}\" aria-current=\"page\"");
        assert!(text.contains(&here), "{path}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quantities_and_money_stand_at_the_right() {
    let desk = Desk::new().await;
    let of_run = page(&desk.house, &format!("/runs/{}", desk.runs[0])).await;
    let of_all = page(&desk.house, "/exceptions").await;
    for page in [of_run, of_all] {
        for name in ["quantity", "revenue"] {
            let head = format!("<th scope=\"col\" class=\"number\">{name}</th>");
            assert!(page.contains(&head), "{name}: {page}");
        }
        let head = "<th scope=\"col\">order_date</th>";
        assert!(page.contains(head), "{page}");
        assert!(page.contains("<td class=\"number\">20.00</td>"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_by_column_and_each_line_leads_to_its_rows() {
    let house = House::new().await;
    let file = sample(600, 5).0;
    house.run("filename=a.csv", file.clone()).await;
    let again = [file.as_slice(), b"\n"].concat();
    let run = house.run("filename=b.csv", again).await;
    let url = url(house.folder());
    let of_run = format!("/runs/{}", id(&run));
    let shown = page(&house, &of_run).await;
    let (mut lines, mut by_ledger) = (0, 0);
    for control in run["verdict"]["controls"].as_array().unwrap() {
        let code = control["code"].as_str().unwrap();
        for it in control["columns"].as_array().into_iter().flatten() {
            lines += 1;
            let (column, rows) = (&it["column"], it["rows"].as_u64().unwrap());
            by_ledger += if code == "UNQ02" { rows } else { 0 };
            let kept = format!(
                "FROM kept_rows k JOIN runs r ON r.number = k.run WHERE r.id = '{}' AND EXISTS \
                 (SELECT 1 FROM findings f WHERE f.run = k.run AND f.record = k.record AND f.code = '{code}' \
                 AND f.column_number = {column})",
                id(&run)
            );
            let counted = number(&url, &format!("SELECT count(*) {kept}")).await;
            assert_eq!(counted.to_string(), rows.to_string(), "{code} {column}");
            let money = number(&url, &format!("SELECT coalesce(sum(k.money), 0) {kept}")).await;
            let told = it["money"].as_str().map(|it| it.parse().unwrap());
            assert_eq!(
                told.unwrap_or_default(),
                Money(money.into()),
                "{code} {column}"
            );
            for order in ["record", "last", "money", "category"] {
                let path = format!(
                    "/api/v1{of_run}/findings?code={code}&column={column}&sort={order}&limit=500"
                );
                let found = house.get(&path).await.json();
                assert_eq!(found["total"], rows, "{path}");
                assert_eq!(
                    found["rows"].as_array().unwrap().len(),
                    rows.min(500) as usize
                );
            }
            let address = format!("{of_run}?show=all&amp;code={code}&amp;column={column}#rows");
            let (before, _) = shown.split_once(&address).unwrap();
            let line = before.rsplit_once("<tr").unwrap().1;
            let name = it["column_name"].as_str().unwrap();
            assert!(line.contains(&format!("<strong>{name}</strong>")), "{line}");
            assert_eq!(
                told.is_some_and(|it| line.contains(&full(it))),
                told.is_some()
            );
            let rows_of_it = page(&house, &address.replace("&amp;", "&")).await;
            let only = format!("<strong>{code}</strong> in <strong>{name}</strong>");
            assert!(rows_of_it.contains(&only), "{address}");
            let last = rows.min(50);
            assert!(
                rows_of_it.contains(&format!("1 to {last} of {rows} row")),
                "{address}"
            );
        }
    }
    assert!(lines > 5 && by_ledger > 400, "{lines} {by_ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_charts_of_a_run_are_those_of_its_rows_and_lead_to_them() {
    let house = House::new().await;
    let year = Year::of(&house).await;
    let reader = Reader::new(house);
    let (mut followed, mut marks_of_days) = (0, 0);
    for run in [&year.runs[0], &year.runs[3], &year.replacing] {
        let page = page(&reader.house, &format!("/runs/{}", id(run))).await;
        let of_run = condition(
            &SalesFilter {
                run: RunId::try_from(id(run).to_owned()).ok(),
                ..SalesFilter::default()
            },
            None,
        );
        let regions = ledger(&reader.url, "region", &of_run).await;
        let days = ledger(&reader.url, "day", &of_run).await;
        assert!(regions.len() > 3 && days.len() > 8);
        let all = whole(&days).revenue;
        let per = ["day", "week", "month"].map(|it| format!("Revenue per {it}"));
        let per = per
            .iter()
            .find(|it| page.contains(&format!("<h3>{it}</h3>")));
        let per = per.unwrap();
        let mut leads = Vec::new();
        for (title, groups) in [("Revenue by region", &regions), (per.as_str(), &days)] {
            let drawn = between(&page, &format!("<h3>{title}</h3>"), "</figure>");
            let of_lines = links(drawn.split_once("<tbody>").unwrap().1);
            let lines = table(&page, title);
            assert_eq!((lines.len(), of_lines.len()), (groups.len(), groups.len()));
            for (line, link) in lines.iter().zip(of_lines) {
                let mut labels = groups.keys();
                let label = labels.find(|it| **it == line[0] || day_of(it) == line[0]);
                let sum = groups[label.unwrap()];
                assert_eq!(
                    line[1..4],
                    [count(sum.rows), count(sum.units), full(sum.revenue)]
                );
                leads.push((link.to, sum));
            }
        }
        for (name, to) in marks(&page, "Revenue by region") {
            let (label, text) = name.split_once(": ").unwrap();
            let sum = regions[label];
            let share = percent(sum.revenue.0, all.0);
            assert_eq!(text, format!("{} · {share}", full(sum.revenue)));
            leads.push((to, sum));
        }
        let mut left = whole(&days);
        for (name, to) in marks(&page, per) {
            marks_of_days += 1;
            let of = |key: &str| between(&format!("{to}&"), key, "&").to_owned();
            let (from, to_day) = (of("&from="), of("&to="));
            let within = days
                .iter()
                .filter(|(day, _)| (&from..=&to_day).contains(day));
            let sum = whole(&within.map(|(day, sum)| (day.clone(), *sum)).collect());
            assert!(name.ends_with(&full(sum.revenue)), "{name}: {sum:?}");
            left.rows -= sum.rows;
            leads.push((to, sum));
        }
        assert_eq!(left.rows, 0);
        let codes: Vec<_> = run["verdict"]["controls"]
            .as_array()
            .unwrap()
            .iter()
            .collect();
        for line in table(&page, "Failures by control") {
            let code = line[0].split_once(' ').unwrap().0;
            let control = codes.iter().find(|it| it["code"] == code).unwrap();
            let of = |key: &str| count(control[key].as_i64().unwrap());
            assert_eq!(line[1..], [of("evaluated"), of("failed")], "{code}");
        }
        followed += reader.follow(leads).await[0];
    }
    assert!(
        followed > 100 && marks_of_days > 15,
        "{followed} {marks_of_days}"
    );
}

/// As pages have a day.
fn day_of(iso: &str) -> String {
    let day: Option<chrono::NaiveDate> = iso.parse().ok();
    day.map_or(String::new(), |it| it.format("%-d %b %Y").to_string())
}
