//! The figures of pages as they are rendered: each is what SQL says of the rows, and leads to just these rows.

use crate::{
    house::{House, day_of},
    sound::{number, url},
    stewards::figures_are_those_of_rows,
    tamper::{drop_trigger, tamper},
    year::Year,
};
use app::{calendar::Calendar, exceptions::address::WorkAddress};
use chrono::{DateTime, Months, NaiveDate, NaiveDateTime, TimeDelta};
use futures::TryStreamExt;
use model::{
    id::WorkspaceId,
    money::{Money, Numbers},
    ratio::Ratio,
};
use serde_json::Value;
use server::clock;

/// Exceptions of runs that count.
pub(crate) const EXCEPTIONS: &str = "FROM kept_rows k JOIN runs r ON r.number = k.run WHERE k.workspace = 'main' \
    AND k.category IS NOT NULL AND r.status = 'complete' AND NOT EXISTS (SELECT 1 FROM withdrawals w \
    WHERE w.workspace = k.workspace AND w.run = k.run)";

pub(crate) const OPEN: &str = "k.state IN ('new', 'assigned', 'reopened')";

pub(crate) const UNCOUNTED: &str = "k.state IN ('new', 'assigned', 'reopened', 'rejected')";

/// The sums by day and month as they are made anew for a database from before there were days of the zone.
const ANEW: &str = include_str!("../../../../migrations/sqlite/0029_days.sql");

/// A year of files, the first of which came a year ago and the others each half a month later, all of them late in the
/// evening of UTC.
pub(crate) async fn year() -> (House, Year) {
    let house = House::new().await;
    let year = Year::of(&house).await;
    let evening = clock::now().date_naive().and_hms_opt(23, 30, 0).unwrap();
    let came = (1..).map(|behind| evening - TimeDelta::days(15 * behind - 13));
    came_at(&house, year.runs.iter().rev().zip(came)).await;
    (house, year)
}

/// As if runs had come at these times of UTC.
pub(crate) async fn came_at(house: &House, runs: impl Iterator<Item = (&Value, NaiveDateTime)>) {
    let mut sql = drop_trigger("runs_stay_as_they_ended", "runs");
    for (run, came) in runs {
        let (came, id) = (came.format("%Y-%m-%dT%H:%M:%S.000Z"), run["id"].as_str());
        sql += &format!(
            "UPDATE runs SET created_at = '{came}' WHERE id = '{}';",
            id.unwrap()
        );
    }
    let (_, anew) = ANEW.split_once("anew.\n").unwrap();
    tamper(house.folder(), &(sql + anew)).await.unwrap();
}

/// A link of a page: where it leads to, what it says, and its title.
pub(crate) struct Link {
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) title: String,
    pub(crate) is_chosen: bool,
}

pub(crate) fn unescaped(text: &str) -> String {
    text.replace("&amp;", "&").replace("&quot;", "\"")
}

/// What stands between tags.
pub(crate) fn plain(html: &str) -> String {
    let parts = html.split('<').enumerate();
    let parts = parts.map(|(at, it)| match it.split_once('>') {
        Some((_, text)) if at > 0 => text,
        _ if at > 0 => "",
        _ => it,
    });
    unescaped(&parts.collect::<String>())
}

pub(crate) fn links(page: &str) -> Vec<Link> {
    let links = page.split("<a ").skip(1).filter_map(|it| {
        let (tag, rest) = it.split_once('>')?;
        let of = |name: &str| {
            let (_, rest) = tag.split_once(&format!("{name}=\""))?;
            Some(unescaped(rest.split_once('"')?.0))
        };
        Some(Link {
            to: of("href")?,
            text: plain(rest.split_once("</a>")?.0).trim().to_owned(),
            title: of(" title").unwrap_or_default(),
            is_chosen: tag.contains("aria-current"),
        })
    });
    links.collect()
}

/// The number that a text begins with.
pub(crate) fn figure(text: &str) -> Option<u64> {
    let digits = text.split([' ', '\u{a0}']).next()?.replace(',', "");
    digits.parse().ok()
}

/// The rows that a link tells of; a column's line says its name and its cells before them.
fn rows_of(link: &Link) -> Option<u64> {
    let text = link.text.split_once(" cell");
    let text = text.filter(|_| link.to.contains("fails="));
    figure(text.map_or(&link.text, |(_, rows)| rows.trim_start_matches('s')))
}

/// The cells of each line of the table of a figure.
pub(crate) fn table(page: &str, title: &str) -> Vec<Vec<String>> {
    let (_, rest) = page.split_once(&format!("<h3>{title}</h3>")).unwrap();
    let (_, rest) = rest.split_once("<tbody>").unwrap();
    let (body, _) = rest.split_once("</tbody>").unwrap();
    let lines = body.split("<tr>").skip(1);
    let lines = lines.map(|line| {
        let cells = line.split("</t").map(plain);
        let cells = cells.map(|it| it.rsplit('>').next().unwrap().trim().to_owned());
        cells.filter(|it| !it.is_empty()).collect()
    });
    lines.collect()
}

/// The first and the last day of a step of a trend, and what it is called.
pub(crate) fn days_of(step: &str, label: &str) -> (NaiveDate, NaiveDate, String) {
    let (first, last, title) = match step {
        "day" => {
            let day: NaiveDate = label.parse().unwrap();
            (day, day, "%-d %b %Y")
        }
        "week" => {
            let day =
                |of_week| NaiveDate::parse_from_str(&format!("{label}-{of_week}"), "%G-W%V-%u");
            (day(1).unwrap(), day(7).unwrap(), "Week of %-d %b %Y")
        }
        _ => {
            let first: NaiveDate = format!("{label}-01").parse().unwrap();
            let last = (first + Months::new(1)).pred_opt().unwrap();
            (first, last, "%b %Y")
        }
    };
    (first, last, first.format(title).to_string())
}

pub(crate) struct Reader {
    pub(crate) house: House,
    pub(crate) url: String,
    pub(crate) calendar: Calendar,
}

impl Reader {
    pub(crate) fn new(house: House) -> Self {
        Self {
            url: url(house.folder()),
            calendar: Calendar {
                today: day_of(&clock::now_text()).parse().unwrap(),
                year_begins: 4,
            },
            house,
        }
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let page = self.house.page(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        page.text()
    }

    pub(crate) async fn sql(&self, what: &str, rows: &str) -> u64 {
        let sql = format!("SELECT coalesce({what}, 0) {rows}");
        u64::try_from(number(&self.url, &sql).await).unwrap()
    }

    pub(crate) async fn exceptions(&self, more: &str) -> u64 {
        self.sql("count(*)", &format!("{EXCEPTIONS} AND {more}"))
            .await
    }

    /// How many rows there are behind a link to exceptions; its page opens, too.
    pub(crate) async fn behind(&self, to: &str) -> u64 {
        let page = self.page(to).await;
        assert!(page.contains("id=\"list\""), "{to}");
        let search = to.split('#').next().unwrap();
        let search = search.split_once('?').map_or("", |it| it.1);
        let filter = WorkAddress::parse(search).filter(&self.calendar);
        let all = self
            .house
            .store
            .all_exceptions(&WorkspaceId::main(), filter);
        all.try_fold(0, async |rows, _| Ok(rows + 1)).await.unwrap()
    }

    /// Each line of the table of a trend by category is what the files brought in its days.
    async fn steps_are_those_of_the_rows(&self, step: &str) {
        let page = self.page(&format!("/exceptions?step={step}")).await;
        let lines = table(&page, &format!("Exceptions found per {step}, by category"));
        let path = format!("/api/v1/exceptions/overview?step={step}&standing=open");
        let overview = self.house.get(&path).await.json();
        let steps = overview["trend"].as_array().unwrap();
        assert!(lines.len() >= 12 && lines.len() == steps.len(), "{lines:?}");
        let mut told = 0;
        let mut before = None;
        for (line, of_step) in lines.iter().zip(steps.iter().rev()) {
            let label = of_step["label"].as_str().unwrap();
            let (first, last, title) = days_of(step, label);
            assert_eq!(line[0], title);
            // No day is left out.
            assert_eq!(before.unwrap_or(last), last, "{label}");
            before = first.pred_opt();
            let came = format!("r.kind = 'file' AND r.came_on BETWEEN '{first}' AND '{last}'");
            let read = self
                .sql(
                    "sum(r.rows_read)",
                    &format!(
                        "FROM runs r WHERE r.workspace = 'main' AND r.status = 'complete' AND {came} AND NOT EXISTS \
                         (SELECT 1 FROM withdrawals w WHERE w.workspace = r.workspace AND w.run = r.number)"
                    ),
                )
                .await;
            assert_eq!(figure(&line[1]), Some(read), "{label}");
            let mut in_line = 0;
            for group in of_step["groups"].as_array().unwrap() {
                let category = group["label"].as_str().unwrap();
                let rows = format!("{came} AND k.category = '{category}'");
                let rows = self.exceptions(&rows).await;
                assert_eq!(group["rows"], Value::from(rows), "{label} {category}");
                in_line += rows;
            }
            let cells = line[2..].iter().map(|it| figure(it).unwrap());
            assert_eq!(cells.sum::<u64>(), in_line, "{label}: {line:?}");
            told += in_line;
        }
        assert_eq!(told, self.exceptions("r.kind = 'file'").await, "{step}");
    }

    /// The one link that says this.
    pub(crate) fn says(page: &str, text: &str) -> Link {
        let mut found = links(page).into_iter().filter(|it| it.text == text);
        found.next().unwrap_or_else(|| panic!("no {text}: {page}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_quality_and_exceptions_lead_to_their_rows() {
    let (house, year) = year().await;
    let reader = Reader::new(house);
    let run = year.runs[4]["id"].as_str().unwrap();
    let (mut seen, mut columns, mut of_none, mut of_file) = (0, 0, 0, Vec::new());
    for query in [
        "",
        "?region=North",
        "?category=Dairy+Products",
        "?product=Milk+1L&region=South",
        "?period=last-30-days&against=year-ago",
        &format!("?run={run}"),
    ] {
        let page = reader.page(&format!("/quality{query}")).await;
        for link in links(&page) {
            let Some(rows) = rows_of(&link).filter(|_| link.to.starts_with("/exceptions?")) else {
                continue;
            };
            seen += 1;
            columns += usize::from(link.to.contains("fails="));
            assert_eq!(reader.behind(&link.to).await, rows, "{query}: {}", link.to);
        }
        let (_, controls) = page.split_once("id=\"by-control\"").unwrap();
        of_file.extend(reader.rows_of_runs(controls).await);
    }
    assert!(seen > 60 && columns > 8, "{seen}, {columns}");
    // Of one file also what only warns.
    for (failed, rows) in &of_file {
        assert_eq!(figure(failed), Some(*rows));
    }
    assert!(of_file.len() > 4, "{of_file:?}");
    for query in [
        "",
        "?show=all&region=West",
        "?show=all&region=-",
        "?product_category=Dairy+Products&show=uncounted",
        "?period=last-30-days",
        &format!("?run={run}&show=all"),
    ] {
        let page = reader.page(&format!("/exceptions{query}")).await;
        let facets = page.split_once("class=\"facets\"").unwrap().1;
        for link in links(facets) {
            let Some(rows) = figure(&link.title).filter(|_| !link.is_chosen) else {
                continue;
            };
            seen += 1;
            of_none += usize::from(link.text.starts_with("No region of the list"));
            assert_eq!(reader.behind(&link.to).await, rows, "{query}: {}", link.to);
        }
    }
    assert!(seen > 160 && of_none > 3, "{seen}, {of_none}");
}

/// More files than the page rests on at a time; the same control found something in each, and another in some.
#[tokio::test(flavor = "multi_thread")]
async fn figures_of_the_newest_files_lead_to_the_rows_of_these_files() {
    let house = House::new().await;
    let mut runs = Vec::new();
    for file in 1..=63 {
        let rows = (1..=4).map(|row| {
            let region = if row == 1 { "" } else { "North" };
            let sign = if row == 2 && file % 3 == 0 { "-" } else { "" };
            format!("F{file}-{row},2026-01-15,{region},Milk 1L,1,{sign}{file}.00\n")
        });
        let head = "order_id,order_date,region,product,quantity,revenue\n";
        let text = format!("{head}{}", rows.collect::<String>());
        let run = house.run(&format!("filename=f{file}.csv"), text).await;
        assert_eq!(run["status"], "complete", "{run}");
        runs.push(run["id"].as_str().unwrap().to_owned());
    }
    let reader = Reader::new(house);
    for (file, rows) in [(62, 1), (1, 0)] {
        let query = format!(
            "run={}&from_run={}&to_run={}",
            runs[file - 1],
            runs[3],
            runs[62]
        );
        for (path, figure) in [("", "/exceptions"), ("/overview", "/total/rows")] {
            let path = format!("/api/v1/exceptions{path}?{query}");
            let told = reader.house.get(&path).await.json();
            let figure = told.pointer(figure).unwrap();
            let figure = figure
                .as_array()
                .map_or_else(|| figure.as_u64(), |it| Some(it.len() as u64));
            assert_eq!(figure, Some(rows), "{path}");
        }
    }
    let mut found = Vec::new();
    for query in ["", "?region=North", "?product=Milk+1L"] {
        let page = reader.page(&format!("/quality{query}")).await;
        let older = links(&page).into_iter().find(|it| it.text == "Older");
        let older = reader.page(&older.unwrap().to).await;
        for page in [page, older] {
            for link in links(&page) {
                if !link.to.contains("from_run=") {
                    continue;
                }
                let rows = rows_of(&link).unwrap();
                assert_eq!(reader.behind(&link.to).await, rows, "{}", link.to);
                let list = reader.page(&link.to).await;
                let chip = if rows > 4 {
                    "Files f4.csv to f63.csv"
                } else {
                    "Files f1.csv to f3.csv"
                };
                assert!(!query.is_empty() || list.contains(chip), "{chip}: {list}");
                if !link.to.contains("fails=") && !link.to.contains("product=") {
                    let (_, query) = link.to.split_once('?').unwrap();
                    let query = query.trim_start_matches("show=all&");
                    let path = format!("/api/v1/exceptions/overview?{query}");
                    let overview = reader.house.get(&path).await.json();
                    assert_eq!(overview["total"]["rows"], rows, "{}", link.to);
                    assert_eq!(overview["trend"], Value::Array(Vec::new()));
                }
                found.push((query, rows));
            }
        }
    }
    found.dedup();
    // Sixty files, then three; all, by control and by column, and what says something by control alone.
    assert_eq!(
        found,
        [
            ("", 80),
            ("", 60),
            ("", 20),
            ("", 60),
            ("", 20),
            ("", 4),
            ("", 3),
            ("", 1),
            ("", 3),
            ("", 1),
            ("?region=North", 20),
            ("?region=North", 1),
            ("?product=Milk+1L", 80),
            ("?product=Milk+1L", 60),
            ("?product=Milk+1L", 20),
            ("?product=Milk+1L", 4),
            ("?product=Milk+1L", 3),
            ("?product=Milk+1L", 1),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_counted_and_what_waits_leads_to_its_rows() {
    let (house, year) = year().await;
    let reader = Reader::new(house);
    let left = reader.exceptions(UNCOUNTED).await;
    let read = reader
        .sql(
            "sum(r.rows_read)",
            "FROM runs r WHERE r.workspace = 'main' AND r.kind = 'file' AND r.status = 'complete' AND NOT EXISTS \
             (SELECT 1 FROM withdrawals w WHERE w.workspace = r.workspace AND w.run = r.number)",
        )
        .await;
    let share = format!("{} %", Ratio::of(left, read).unwrap().percent());
    let home = reader.page("/").await;
    let count = |it: u64| Numbers::Indian.count(it.into());
    let told = format!(
        "{} of {} rows that were read are exceptions",
        count(left),
        count(read)
    );
    assert!(home.contains(&told), "{told}: {home}");
    let open = reader.exceptions(OPEN).await;
    for (text, rows) in [
        (format!("{share} of rows"), left),
        ("Their money".to_owned(), left),
        (format!("{} exceptions", count(open)), open),
    ] {
        let to = Reader::says(&home, &text).to;
        assert_eq!(reader.behind(&to).await, rows, "{text}: {to}");
    }
    let rests = |page: &str| {
        let mut links = links(page).into_iter();
        links.find(|it| it.text.contains("of their rows"))
    };
    let sales = rests(&reader.page("/sales").await).unwrap();
    assert!(sales.text.starts_with(&format!("{share} of their rows")));
    assert_eq!(reader.behind(&sales.to).await, left);

    let run = year.runs[3]["id"].as_str().unwrap();
    let one = rests(&reader.page(&format!("/sales?run={run}&region=South")).await).unwrap();
    let of_run = reader
        .exceptions(&format!("{UNCOUNTED} AND r.id = '{run}'"))
        .await;
    assert_eq!(reader.behind(&one.to).await, of_run);
    // Of several runs, but not of all, there is no list; of what says the same there is one.
    let north = reader
        .page("/sales?region=North&period=custom&from=2025-03-01&to=2025-04-28")
        .await;
    assert!(
        rests(&north).is_none() && north.contains("of their rows"),
        "{north}"
    );
    let alike = Reader::says(&north, "Exceptions that say North").to;
    let of_north = reader
        .exceptions(&format!("{UNCOUNTED} AND k.region = 'North'"))
        .await;
    assert_eq!(reader.behind(&alike).await, of_north);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_home_are_those_of_the_rows() {
    let (house, _) = year().await;
    let reader = Reader::new(house);
    let home = reader.page("/").await;
    let rows = "FROM ledger_rows l JOIN runs r ON r.number = l.run WHERE r.workspace = 'main' AND l.counts";
    let money = async |more: &str| {
        let sql = format!("SELECT coalesce(sum(l.money), 0) {rows} AND {more}");
        Money::from_paise(number(&reader.url, &sql).await)
    };
    let all = money("1 = 1").await;
    let key = Reader::says(&home, &Numbers::Indian.short(all));
    assert_eq!(key.to, "/sales");
    assert!(home.contains(&format!("title=\"{}\"", Numbers::Indian.full(all))));
    for region in ["North", "South", "East", "West", "Central"] {
        let sold = Numbers::Indian.short(money(&format!("l.region = '{region}'")).await);
        let line = format!("\">{region}</a><span class=\"tabular\">{sold}</span>");
        assert!(home.contains(&line), "{line}: {home}");
    }
    let mut best = Vec::new();
    for category in [
        "Sauces & Ketchup",
        "Ready-to-Eat Meals",
        "Dairy Products",
        "Snacks",
        "Beverages",
        "Other",
    ] {
        best.push((money(&format!("l.category = '{category}'")).await, category));
    }
    let (most, category) = best.into_iter().max().unwrap();
    let most = u64::try_from(most.0).unwrap();
    let share = Ratio::of(most, u64::try_from(all.0).unwrap()).unwrap();
    assert!(
        Reader::says(&home, category)
            .to
            .starts_with("/sales?category=")
    );
    let told = format!(
        "{} % of revenue, the most of all categories",
        share.percent()
    );
    assert!(home.contains(&told), "{told}: {home}");
    let open = format!("SELECT sum(k.money) {EXCEPTIONS} AND {OPEN}");
    let open = Money::from_paise(number(&reader.url, &open).await);
    let told = format!("open, worth {}; most of it in", Numbers::Indian.short(open));
    assert!(home.contains(&told), "{told}: {home}");
    let left = format!("SELECT sum(k.money) {EXCEPTIONS} AND {UNCOUNTED}");
    let left = Numbers::Indian.short(Money::from_paise(number(&reader.url, &left).await));
    assert!(
        home.contains(&format!("<span class=\"tabular\">{left}, ")),
        "{left}: {home}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ages_steps_and_dimensions_are_those_of_the_rows() {
    let (house, _) = year().await;
    figures_are_those_of_rows(&house).await;
    let reader = Reader::new(house);
    let today = reader.calendar.today;
    let page = reader.page("/exceptions").await;
    let mut whole = 0;
    for (title, least, most) in [
        ("Up to 1 day", -1, 1),
        ("2 to 7 days", 2, 7),
        ("8 to 30 days", 8, 30),
        ("Over 30 days", 31, 9_999),
    ] {
        let day = |days: i64| today - TimeDelta::days(days);
        let came = format!(
            "{OPEN} AND r.came_on BETWEEN '{}' AND '{}'",
            day(most),
            day(least)
        );
        let rows = reader.exceptions(&came).await;
        let of_age = links(&page)
            .into_iter()
            .find(|it| it.text.starts_with(title));
        // Of none there is no list.
        let told = of_age.map_or(Some(0), |it| figure(&it.title));
        assert_eq!(told, Some(rows), "{title}");
        whole += rows;
    }
    assert_eq!(whole, reader.exceptions(OPEN).await);

    for step in ["day", "week", "month"] {
        reader.steps_are_those_of_the_rows(step).await;
    }

    let quality = reader.house.get("/api/v1/quality?limit=500").await.json();
    let page = plain(&reader.page("/quality").await);
    for (dimension, title) in [
        ("completeness", "Completeness"),
        ("validity", "Validity"),
        ("uniqueness", "Uniqueness"),
    ] {
        let controls = quality["controls"].as_array().unwrap().iter();
        let codes = controls.filter(|it| it["dimension"] == dimension);
        let codes: Vec<_> = codes
            .map(|it| format!("'{}'", it["code"].as_str().unwrap()))
            .collect();
        let failed = reader
            .sql(
                "count(*)",
                &format!(
                    "FROM findings f JOIN runs r ON r.number = f.run WHERE r.workspace = 'main' AND r.kind = 'file' \
                     AND r.status IN ('complete', 'held') AND f.severity = 'error' AND f.code IN ({})",
                    codes.join(", ")
                ),
            )
            .await;
        let told = format!("{title}{} failed", Numbers::Indian.count(failed.into()));
        assert!(failed > 0 && page.contains(&told), "{told}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_the_log_lead_to_their_entries() {
    let (house, _) = year().await;
    let reader = Reader::new(house);
    let page = reader.page("/audit").await;
    let shares: Vec<Link> = links(&page)
        .into_iter()
        .filter(|it| it.text.contains(" of "))
        .collect();
    assert_eq!(shares.len(), 4, "{page}");
    for link in shares {
        let expected = figure(&link.text).unwrap();
        reader.page(&link.to).await;
        let Some((_, event)) = link.to.split_once('?') else {
            assert_eq!(link.to, "/runs");
            continue;
        };
        let (mut found, mut before) = (0, String::new());
        loop {
            let path = format!("/api/v1/audit/entries?limit=500&{event}{before}");
            let list = reader.house.get(&path).await.json();
            found += list["entries"].as_array().unwrap().len() as u64;
            match list["next"].as_u64() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        assert_eq!(found, expected, "{}", link.to);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_stand_in_the_address_and_are_cleared_one_by_one() {
    let (house, year) = year().await;
    let reader = Reader::new(house);
    let run = year.runs[4]["id"].as_str().unwrap();
    let all = [
        ("period=last-30-days", "Came: Last 30 days"),
        ("region=North", "North"),
        ("category=Dairy%20Products", "Dairy Products"),
        ("product=Milk%201L", "Milk 1L"),
        (&format!("run={run}"), "File half-04.csv"),
    ];
    let queries = all.map(|it| it.0);
    let page = reader
        .page(&format!("/quality?{}", queries.join("&")))
        .await;
    let chips: Vec<Link> = links(&page)
        .into_iter()
        .filter(|it| it.title == "Take this filter away")
        .collect();
    assert_eq!(chips.len(), all.len(), "{page}");
    for ((query, said), chip) in all.iter().zip(chips) {
        assert!(chip.text.starts_with(said), "{}", chip.text);
        let others: Vec<&str> = queries.into_iter().filter(|it| it != query).collect();
        assert_eq!(chip.to, format!("/quality?{}", others.join("&")));
    }
    assert_eq!(Reader::says(&page, "Clear").to, "/quality");

    // Against the same days of last year, not those right before.
    let came = DateTime::parse_from_rfc3339(&clock::now_text()).unwrap();
    let day = |back: i64| day_of(&(came - TimeDelta::days(back)).to_rfc3339());
    let query = format!(
        "period=custom&from={}&to={}&against=year-ago",
        day(6),
        day(0)
    );
    for path in ["quality", "exceptions"] {
        let page = reader.page(&format!("/{path}?{query}")).await;
        let from = reader.calendar.today - TimeDelta::days(6) - Months::new(12);
        let from = from.format("%-d %b %Y").to_string();
        assert!(page.contains(&from), "{from} in {path}: {page}");
        let chosen = "<option value=\"year-ago\" selected>Year before</option>";
        assert!(page.contains(chosen), "{path}: {page}");
    }
}
