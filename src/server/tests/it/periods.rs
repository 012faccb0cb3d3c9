//! Every period that has a name, on the pages that offer it: what is told of its days, and of those that it is compared
//! with, is what SQL says of the rows of these days.

use crate::{
    board::{between, change, count, full, key_figures, percent, short, words},
    dashboard::{Groups, ledger, whole},
    house::House,
    pages::{EXCEPTIONS, Reader, came_at, links},
    sound::number,
};
use app::calendar::{Against, Period, Span, Unit};
use chrono::{Days, NaiveDate, TimeDelta};
use model::{money::Money, ratio::Ratio, sales::SalesFilter};
use serde_json::Value;
use std::collections::BTreeSet;

const PERIODS: [(&str, Period); 14] = [
    ("all", Period::AllTime),
    ("today", Period::Today),
    ("yesterday", Period::Yesterday),
    ("last-7-days", Period::Days(7)),
    ("last-30-days", Period::Days(30)),
    ("month-to-date", Period::ToDate(Unit::Month)),
    ("month", Period::Whole(Unit::Month)),
    ("last-month", Period::Last(Unit::Month)),
    ("quarter-to-date", Period::ToDate(Unit::Quarter)),
    ("quarter", Period::Whole(Unit::Quarter)),
    ("last-quarter", Period::Last(Unit::Quarter)),
    ("year-to-date", Period::ToDate(Unit::Year)),
    ("year", Period::Whole(Unit::Year)),
    ("last-year", Period::Last(Unit::Year)),
];

const AGAINST: [(&str, Against); 2] = [("", Against::Before), ("year-ago", Against::YearAgo)];

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue\n";
const REGIONS: [&str; 5] = ["North", "South", "East", "West", "Central"];
const PRODUCTS: [&str; 5] = [
    "Milk 1L",
    "Cola 500ml",
    "Soy Sauce 200ml",
    "Namkeen Mix 100g",
    "Gift Hamper",
];

/// How many days ago each file came.
const CAME: [u64; 24] = [
    760, 600, 480, 420, 395, 372, 367, 366, 330, 250, 170, 120, 80, 55, 40, 30, 29, 20, 12, 7, 6,
    3, 1, 0,
];
/// Days of which each file tells, one after the other up to today.
const DAYS: u64 = 47;
/// Most of its rows fail.
const HELD: u64 = 20;

/// A row for each of its days, and some that fail.
fn file(number: u64, today: NaiveDate) -> String {
    let mut text = HEADER.to_owned();
    let ago = DAYS * (CAME.len() as u64 - number) - 1;
    for at in 0..DAYS {
        let day = today - Days::new(ago - at);
        let draw = (number * DAYS + at).wrapping_mul(2_654_435_761) >> 7;
        let of = |list: [&'static str; 5], part: u64| list[(draw / part % 5) as usize];
        let (region, product) = (of(REGIONS, 1), of(PRODUCTS, 5));
        let (units, paise) = (1 + draw % 9, 1_000 + draw % 250_000);
        let (rupees, paise) = (paise / 100, paise % 100);
        text += &format!("P{number}-{at},{day},{region},{product},{units},{rupees}.{paise:02}\n");
    }
    let fails = match number {
        HELD => 60,
        other => [0, 1, 2, 5][(other % 4) as usize],
    };
    let day = today - Days::new(ago);
    for at in 0..fails {
        let row = match (number, at % 3) {
            (HELD, _) => "soon,,,few,-1.00".to_owned(),
            (_, 0) => format!("{day},,Milk 1L,1,{}.50", 100 + number),
            (_, 1) => format!("{day},North,Milk 1L,1,-{}.25", 10 + at),
            _ => format!("soon,South,Cola 500ml,1,{}.00", 20 + at),
        };
        text += &format!("F{number}-{at},{row}\n");
    }
    text
}

fn ends(span: Span) -> (String, String) {
    (span.from.to_string(), span.to.to_string())
}

/// `1 Nov 2026 to 25 Nov 2026`
fn told(span: Span) -> String {
    let written = |day: NaiveDate| day.format("%-d %b %Y").to_string();
    if span.from == span.to {
        return written(span.from);
    }
    format!("{} to {}", written(span.from), written(span.to))
}

/// As a condition of SQL on the day of a row, or of a run.
fn within(day: &str, span: Option<Span>) -> String {
    let days = span.map(|it| format!("{day} BETWEEN '{}' AND '{}'", it.from, it.to));
    days.unwrap_or("1 = 1".to_owned())
}

fn counted(number: u64, noun: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{} {noun}{end}", count(number))
}

/// What files came to, of which some may not count.
struct Judged {
    files: u64,
    read: u64,
    exceptions: u64,
    uncounted: u64,
    score: Option<Ratio>,
    rate: Option<Ratio>,
}

impl Reader {
    fn spans(&self, period: Period, against: Against) -> [Option<Span>; 2] {
        let calendar = &self.calendar;
        [calendar.span(period), calendar.compared(period, against)]
    }

    async fn sales_of(&self, word: &str, period: Period, (key, against): (&str, Against)) {
        let [now, then] = self.spans(period, against);
        let days = now.map(ends);
        let filter = SalesFilter {
            from: days.as_ref().map(|it| it.0.clone()),
            to: days.map(|it| it.1),
            ..SalesFilter::default()
        };
        let query = format!("period={word}&against={key}");
        let compared = then.map(ends);
        let mut board = self
            .board_at(&query, filter.clone(), compared.as_ref())
            .await;
        board.key_figures().await;
        if let Some((now, then)) = now.zip(then) {
            let shown = words(between(&board.page, "quiet shown-days\">", "</p>"));
            let expected = format!("{}, compared with {}.", told(now), told(then));
            assert_eq!(shown, expected, "{query}");
        }
        // All of the page, by each step once.
        let step = match (word, against) {
            ("last-year", Against::Before) => "month",
            ("last-quarter", Against::YearAgo) => "week",
            ("last-30-days", Against::YearAgo) => "day",
            _ => return,
        };
        let leads = self.board((&query, step), filter, compared.as_ref());
        let [rows, pages] = self.follow(leads.await).await;
        assert!(rows > 10 && pages > 10, "{query}: {rows}, {pages}");
    }

    /// Of the files that came in these days.
    async fn judged(&self, span: Option<Span>) -> Judged {
        let of_files = format!(
            "r.workspace = 'main' AND r.kind = 'file' AND r.status IN ('complete', 'held') AND {}",
            within("r.came_on", span)
        );
        let of = |table: &str, more: &str| {
            format!("FROM {table} t JOIN runs r ON r.number = t.run WHERE {of_files} AND {more}")
        };
        let runs = format!("FROM runs r WHERE {of_files}");
        let read = self.sql("sum(r.rows_read)", &runs).await;
        let kept = "t.category IS NOT NULL";
        let exceptions = self.sql("count(*)", &of("kept_rows", kept)).await;
        let held = of("kept_rows", &format!("{kept} AND r.status = 'held'"));
        let evaluated = of("run_controls", "t.scored");
        let evaluated = self.sql("sum(t.evaluated)", &evaluated).await;
        let failed = of("findings", "t.severity = 'error'");
        let failed = self.sql("count(*)", &failed).await;
        Judged {
            files: self.sql("count(*)", &runs).await,
            read,
            exceptions,
            uncounted: self.sql("count(*)", &held).await,
            score: Ratio::of(evaluated - failed, evaluated),
            rate: Ratio::of(exceptions, read),
        }
    }

    async fn quality_of(&self, word: &str, period: Period, (key, against): (&str, Against)) {
        let [now, then] = self.spans(period, against);
        let page = self
            .page(&format!("/quality?period={word}&against={key}"))
            .await;
        let it = self.judged(now).await;
        let before = match then {
            Some(span) => Some((span, self.judged(Some(span)).await)),
            None => None,
        };
        let percent = |it: Ratio| format!("{} %", it.percent());
        let figure = |of: fn(&Judged) -> Option<Ratio>, goal: &str, met: bool| {
            let now = of(&it).unwrap();
            let met = if met { "met" } else { "not met" };
            let mut text = format!("{} {goal} {met}", percent(now));
            if let Some(then) = before.as_ref().and_then(|it| of(&it.1)) {
                let hundredths = |it: Ratio| i64::from((it.millionths() + 50) / 100);
                let by = hundredths(now) - hundredths(then);
                let points = format!("{}.{:02} points", by.abs() / 100, by.abs() % 100);
                let by = match by {
                    0 => "as before".to_owned(),
                    1.. => format!("{points} more"),
                    _ => format!("{points} fewer"),
                };
                text += &format!(" {by}: {} before", percent(then));
            }
            text
        };
        let bound = Ratio::from_millionths;
        let score = it.score > Some(bound(950_000));
        let rate = it.rate < Some(bound(50_000));
        let mut expected = format!(
            "Quality score {} Exception rate {} Rests on {} {}, {}",
            figure(|it| it.score, "goal above 95 %", score),
            figure(|it| it.rate, "goal below 5 %", rate),
            counted(it.files, "file"),
            counted(it.read, "row"),
            counted(it.exceptions, "exception"),
        );
        if it.uncounted > 0 {
            let uncounted = count(it.uncounted);
            expected += &format!(", of them {uncounted} in files that do not count");
        }
        let goals = between(&page, "<dl class=\"goals\">", "</dl>");
        if let Some((span, it)) = before {
            if it.files > 0 {
                let to = links(goals).into_iter().map(|it| it.to);
                let to = to
                    .filter(|it| it.contains("period=custom"))
                    .collect::<Vec<_>>();
                let [to] = to.try_into().unwrap();
                let then = self.page(&to).await;
                let rests = format!(
                    "Rests on {} {}, {}",
                    counted(it.files, "file"),
                    counted(it.read, "row"),
                    counted(it.exceptions, "exception"),
                );
                let found = words(between(&then, "<dl class=\"goals\">", "</dl>"));
                assert!(found.contains(&rests), "{to}: {rests}: {found}");
            }
            expected += &format!(
                " {}, {}, {} in {}",
                counted(it.files, "file"),
                counted(it.read, "row"),
                counted(it.exceptions, "exception"),
                told(span)
            );
        }
        assert_eq!(words(goals).replace(" ,", ","), expected, "{word} {key}");
    }

    async fn exceptions_of(&self, word: &str, period: Period, (key, against): (&str, Against)) {
        let [now, then] = self.spans(period, against);
        let page = self
            .page(&format!("/exceptions?period={word}&against={key}"))
            .await;
        let Some((now, then)) = now.zip(then) else {
            assert!(!page.contains("Exceptions that came"), "{word}");
            return;
        };
        let came = async |span: Span| {
            let came = within("r.came_on", Some(span));
            let money = format!("SELECT coalesce(sum(k.money), 0) {EXCEPTIONS} AND {came}");
            let read = format!(
                "FROM runs r WHERE r.workspace = 'main' AND r.kind = 'file' AND r.status = 'complete' AND {came}"
            );
            (
                self.exceptions(&came).await,
                Money::from_paise(number(&self.url, &money).await),
                self.sql("sum(r.rows_read)", &read).await,
            )
        };
        let (rows, money, read) = came(now).await;
        let (rows_then, money_then, read_then) = came(then).await;
        let (rate, rate_then) = (Ratio::of(rows, read), Ratio::of(rows_then, read_then));
        let share =
            |it: Option<Ratio>| it.map_or("–".to_owned(), |it| format!("{} %", it.percent()));
        let changed = rate.zip(rate_then).map(|(now, then)| {
            let parts = |it: Ratio| i128::from(it.millionths());
            change(parts(now), parts(then), &share(Some(then)))
        });
        let expected = [
            (
                "Exceptions that came",
                count(rows),
                String::new(),
                change(rows.into(), rows_then.into(), &count(rows_then)),
            ),
            (
                "Their money",
                short(money),
                full(money),
                change(money.0, money_then.0, &short(money_then)),
            ),
            (
                "Of the rows read",
                share(rate),
                String::new(),
                changed.unwrap_or_default(),
            ),
        ];
        let found = key_figures(&page);
        assert_eq!(found.len(), expected.len());
        for (it, expected) in found.into_iter().zip(expected) {
            assert_eq!(self.behind(&it.to).await, rows, "{word} {}", it.to);
            let found = (it.name.as_str(), it.value, it.exact, it.change);
            assert_eq!(found, expected, "{word} {key}");
        }
    }

    /// Rows of the ledger that are of these days, and entries that were made on them.
    async fn listed(&self, word: &str, period: Period) {
        let [span, _] = self.spans(period, Against::Before);
        let page = self.page(&format!("/rows?period={word}")).await;
        let of = "run IN (SELECT number FROM runs WHERE workspace = 'main') AND counts";
        let all = ledger(
            &self.url,
            "''",
            &format!("{of} AND {}", within("day", span)),
        )
        .await;
        if let Some(sum) = all.get("") {
            let found = words(between(&page, "id=\"comes-to\">", "</p>"));
            let expected = format!("{} · {}", counted(sum.rows, "row"), full(sum.revenue));
            assert_eq!(found, expected, "{word}");
        } else {
            assert!(
                page.contains("No row answers all of these filters."),
                "{word}"
            );
        }
        let chosen = format!("<option value=\"{word}\" selected>");
        assert!(page.contains(&chosen), "{word}");

        let page = self.page(&format!("/audit?period={word}")).await;
        let none = span.is_some_and(|it| it.to < self.calendar.today);
        assert_eq!(
            page.contains("No entry answers this filter."),
            none,
            "{word}"
        );
        assert!(page.contains(&chosen), "{word}");
    }

    /// Sales at home, and what moves them.
    async fn home(&self, workspace: &str, title: &str, period: Period) {
        let path = match workspace {
            "main" => "/".to_owned(),
            other => format!("/w/{other}"),
        };
        let page = self.page(&path).await;
        let [now, then] = self.spans(period, Against::Before);
        let sold = async |by: &str, span: Option<Span>| -> Groups {
            let of = format!(
                "run IN (SELECT number FROM runs WHERE workspace = '{workspace}') AND counts"
            );
            ledger(&self.url, by, &format!("{of} AND {}", within("day", span))).await
        };
        let regions = sold("region", now).await;
        let revenue = whole(&regions).revenue;
        let before = whole(&sold("region", then).await).revenue;
        let mut expected = format!(
            "{} {} {}",
            short(revenue),
            change(revenue.0, before.0, &short(before)),
            told(now.unwrap())
        );
        for region in REGIONS {
            if let Some(it) = regions.get(region) {
                expected += &format!(" {region} {}", short(it.revenue));
            }
        }
        let glance = between(&page, &format!("<h2>{title}</h2>"), "</div>");
        assert_eq!(words(glance), expected);
        assert!(glance.contains(&format!("title=\"{}\"", full(revenue))));
        let sales = self.page(&Self::says(glance, &short(revenue)).to).await;
        assert_eq!(key_figures(&sales)[0].exact, full(revenue));

        let categories = sold("category", now).await;
        let (category, most) = categories.iter().max_by_key(|(_, it)| it.revenue).unwrap();
        let mut expected = format!(
            "{category} {} of revenue, the most of all categories",
            percent(most.revenue.0, revenue.0)
        );
        let (products, products_then) = (sold("product", now).await, sold("product", then).await);
        let of = |it: &Groups, label: &str| it.get(label).map_or(0, |it| it.revenue.0);
        let all: BTreeSet<&String> = products.keys().chain(products_then.keys()).collect();
        let moved = all.into_iter();
        let moved: Vec<_> = moved
            .map(|it| (of(&products, it) - of(&products_then, it), it))
            .collect();
        for (word, moved) in [
            ("Rose most", moved.iter().max().filter(|it| it.0 > 0)),
            ("Fell most", moved.iter().min().filter(|it| it.0 < 0)),
        ] {
            if let Some((by, product)) = moved {
                let sign = if *by > 0 { "+" } else { "" };
                expected += &format!(" {word}: {product} {sign}{}", short(Money(*by)));
            }
        }
        let drivers = between(&page, "<h2>What drives them</h2>", "</div>");
        assert_eq!(words(drivers), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_period_has_the_figures_of_its_days_and_of_those_that_it_is_compared_with() {
    let reader = Reader::new(House::new().await);
    let today = reader.calendar.today;
    let mut runs: Vec<Value> = Vec::new();
    for number in 0..CAME.len() as u64 {
        let query = format!("filename=days-{number}.csv");
        let run = reader.house.run(&query, file(number, today)).await;
        let ended = if number == HELD { "held" } else { "complete" };
        assert_eq!(run["status"], ended, "{run}");
        runs.push(run);
    }
    let midnight = today.and_hms_opt(0, 0, 1).unwrap() - TimeDelta::minutes(330);
    let came = CAME.map(|ago| midnight - Days::new(ago));
    came_at(&reader.house, runs.iter().zip(came)).await;

    let page = reader.page("/sales").await;
    let offered = between(&page, "<select name=\"period\"", "</select>");
    let offered = offered.split("<option value=\"").skip(1);
    let offered: Vec<&str> = offered.map(|it| it.split_once('"').unwrap().0).collect();
    let named = PERIODS.iter().map(|it| it.0);
    assert_eq!(offered, named.chain(["custom"]).collect::<Vec<_>>());

    for (word, period) in PERIODS {
        reader.listed(word, period).await;
        for against in AGAINST {
            reader.sales_of(word, period, against).await;
            reader.quality_of(word, period, against).await;
            reader.exceptions_of(word, period, against).await;
        }
    }

    let said = reader.files("").await;
    let all = ["rate met", "rate not met", "score met", "score not met"];
    assert!(said.iter().eq(all), "{said:?}");

    let to_date = Period::ToDate(Unit::Month);
    reader.home("main", "Sales this month", to_date).await;
    let last = reader.spans(Period::Last(Unit::Month), Against::Before);
    let [last, before] = last.map(Option::unwrap);
    let text = format!(
        "{HEADER}L1,{0},North,Milk 1L,1,900.10\nL2,{0},South,Cola 500ml,2,50.20\nL3,{1},West,Cola 500ml,1,4000.30\n\
         L4,{2},West,Milk 1L,1,100.40\nL5,{2},East,Cola 500ml,1,7000.50\nL6,{2},East,Gift Hamper,3,60.60\n",
        last.from, last.to, before.to
    );
    let run = reader.house.run("filename=late.csv&workspace=late", text);
    assert_eq!(run.await["status"], "complete");
    let whole = Period::Last(Unit::Month);
    reader.home("late", "Sales last month", whole).await;
}
