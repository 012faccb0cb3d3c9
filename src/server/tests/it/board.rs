//! The page Sales as it is rendered: key figures and their changes, groups, the heat map and the trend are what SQL says of
//! the ledger's rows, and each leads to just these rows.

use crate::{
    dashboard::{Groups, REGIONS, SKU, condition, ledger, whole},
    house::House,
    pages::{Reader, days_of, links, plain, table, unescaped},
    year::Year,
};
use app::calendar::{Against, Period};
use chrono::NaiveDate;
use model::{
    id::RunId,
    money::{Money, Numbers},
    sales::{SalesFilter, SalesSum},
};
use std::collections::{BTreeMap, BTreeSet};

/// Products, or SKUs, with a bar of their own.
const TOP: usize = 10;

/// A key figure of a page: its name, what it says, exactly where that is short, where it leads, and its change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KeyFigure {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) exact: String,
    pub(crate) to: String,
    pub(crate) change: String,
    /// Where what it changed from leads.
    pub(crate) before: String,
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!("{name}=\""));
    value.map_or_else(String::new, |(_, it)| {
        unescaped(it.split_once('"').unwrap().0)
    })
}

/// What a piece of a page says, with one space between words.
pub(crate) fn words(html: &str) -> String {
    let text = plain(&html.replace('<', " <"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands between two texts.
pub(crate) fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let found = page.split_once(from).and_then(|it| it.1.split_once(to));
    found.unwrap_or_else(|| panic!("no {from}: {page}")).0
}

pub(crate) fn key_figures(page: &str) -> Vec<KeyFigure> {
    let all = between(page, "<dl class=\"key-figures\">", "</dl>");
    let figures = all.split("<dt>").skip(1).map(|it| {
        let (name, rest) = it.split_once("</dt>").unwrap();
        let (value, change) = rest.split_once("</strong>").unwrap();
        let (tag, _) = value.split_once("</a>").unwrap();
        KeyFigure {
            name: name.to_owned(),
            value: words(value),
            exact: attribute(tag, " title"),
            to: attribute(tag, "href"),
            change: words(change),
            before: attribute(change, "href"),
        }
    });
    figures.collect()
}

/// What a figure changed from, as a page tells it.
pub(crate) fn change(now: i128, then: i128, written: &str) -> String {
    if now == then {
        return "the same".to_owned();
    }
    if then == 0 {
        return format!("new from {written}");
    }
    let way = if now > then { "up" } else { "down" };
    let (by, then) = ((now - then).abs(), then.abs());
    let tenths = (by * 2_000 + then) / (2 * then);
    format!("{way} {}.{} % from {written}", tenths / 10, tenths % 10)
}

/// In per cent, with two decimals.
pub(crate) fn percent(part: i128, whole: i128) -> String {
    let hundredths = (part * 20_000 + whole) / (2 * whole);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

pub(crate) fn full(money: Money) -> String {
    Numbers::Indian.full(money)
}

pub(crate) fn short(money: Money) -> String {
    Numbers::Indian.short(money)
}

pub(crate) fn count(number: impl Into<i128>) -> String {
    Numbers::Indian.count(number.into().unsigned_abs())
}

/// Of an amount as it is read.
fn money(text: &str) -> Money {
    let paise = text.replace(['₹', ',', '.'], "");
    Money(paise.parse().unwrap_or_else(|_| panic!("{text}")))
}

/// What the chart under a title shows: each mark's name, and where it leads.
pub(crate) fn marks(page: &str, title: &str) -> Vec<(String, String)> {
    let drawn = between(page, &format!("<h3>{title}</h3>"), "<details");
    let marks = drawn.split(" class=\"mark\"").skip(1).map(|it| {
        let tag = it.split_once('>').unwrap().0;
        (attribute(tag, "aria-label"), attribute(tag, "href"))
    });
    marks.collect()
}

/// Rows to which a figure leads, and what of them it tells.
pub(crate) type Leads = Vec<(String, SalesSum)>;

/// The page under a filter.
pub(crate) struct Board<'a> {
    reader: &'a Reader,
    filter: SalesFilter,
    pub(crate) page: String,
    /// Which rows are shown, and which they are compared with.
    now: String,
    then: Option<String>,
    leads: Leads,
}

impl Board<'_> {
    async fn rows(&self, by: &str, condition: &str) -> Groups {
        ledger(&self.reader.url, by, condition).await
    }

    async fn before(&self, by: &str) -> Groups {
        match &self.then {
            Some(then) => self.rows(by, then).await,
            None => Groups::new(),
        }
    }

    pub(crate) async fn key_figures(&mut self) {
        let now = self.rows("product", &self.now).await;
        let then = self.before("product").await;
        let figures = |it: &Groups| {
            let sum = whole(it);
            let rows = i128::from(sum.rows);
            let mean = (rows > 0).then(|| Money((2 * sum.revenue.0 + rows) / (2 * rows)));
            (sum, mean, it.len() as u64)
        };
        let ((sum, mean, products), (sum_then, mean_then, products_then)) =
            (figures(&now), figures(&then));
        let compares = self.then.is_some();
        let told = key_figures(&self.page);
        let names: Vec<&str> = told.iter().map(|it| it.name.as_str()).collect();
        let all = [
            "Revenue",
            "Orders",
            "Average order",
            "Units",
            "Products sold",
        ];
        assert_eq!(names, all);
        let amount = |now: Option<Money>, then: Option<Money>| {
            let now = now.unwrap();
            let then = then.filter(|_| compares);
            let change = then.map(|then| change(now.0, then.0, &short(then)));
            (short(now), full(now), change.unwrap_or_default())
        };
        let number = |now: i128, then: i128| {
            let change = change(now, then, &count(then));
            let change = if compares { change } else { String::new() };
            (count(now), String::new(), change)
        };
        let expected = [
            amount(Some(sum.revenue), Some(sum_then.revenue)),
            number(sum.rows.into(), sum_then.rows.into()),
            amount(mean, mean_then),
            number(sum.units.into(), sum_then.units.into()),
            number(products.into(), products_then.into()),
        ];
        for (it, (value, exact, change)) in told.into_iter().zip(expected) {
            let found = (it.value.clone(), it.exact.clone(), it.change.clone());
            assert_eq!(found, (value, exact, change), "{} {}", it.name, self.now);
            assert_eq!(
                it.before.is_empty(),
                !it.change.contains(" from "),
                "{it:?}"
            );
            if it.name != "Products sold" {
                self.leads.push((it.to, sum));
                if !it.before.is_empty() {
                    self.leads.push((it.before, sum_then));
                }
            }
        }
    }

    /// The table of a group has each of its values, and the chart the first of them and the rest.
    async fn groups(&mut self, title: &str, by: &str) {
        let now = self.rows(by, &self.now).await;
        let then = self.before(by).await;
        let all = whole(&now).revenue;
        let labels: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
        let mut told = BTreeMap::new();
        for line in table(&self.page, title) {
            told.insert(line[0].clone(), line);
        }
        assert_eq!(told.keys().collect::<BTreeSet<_>>(), labels, "{title}");
        for (label, line) in &told {
            let of = |it: &Groups| it.get(label).copied().unwrap_or_default();
            let (now, then) = (of(&now), of(&then));
            let mut expected = vec![
                count(now.rows),
                count(now.units),
                full(now.revenue),
                percent(now.revenue.0, all.0),
            ];
            if self.then.is_some() {
                let changed = change(now.revenue.0, then.revenue.0, "");
                let changed = changed.trim_end_matches("from ").trim_end();
                expected.extend([full(then.revenue), changed.to_owned()]);
            }
            // Beside a SKU stands what is sold under it.
            let figures = &line[line.len() - expected.len()..];
            assert_eq!(figures, expected, "{title} {label} {}", self.now);
        }

        let mut least = None;
        let mut left = all;
        let mut shown = BTreeSet::new();
        let marks = marks(&self.page, title);
        for (name, to) in &marks {
            let (label, text) = name.split_once(": ").unwrap();
            let label = label.split_once(" · ").map_or(label, |it| it.0);
            let Some(sum) = now.get(label) else {
                let others = format!("{} others", now.len() - TOP);
                assert_eq!(label, others, "{title}");
                // There each of them stands, and leads to its own.
                let unfolded = self.reader.page(to).await;
                let drawn = between(&unfolded, &format!("<h3>{title}</h3>"), "</figure>");
                let (_, lines) = drawn.split_once("<details open>").unwrap();
                assert_eq!(unfolded.matches("<details open>").count(), 1, "{title}");
                let lines = links(lines);
                assert_eq!(lines.len(), now.len(), "{title}");
                let lines = lines.into_iter().map(|it| (it.to, now[&it.text]));
                self.leads.extend(lines);
                let rest = format!("{} · {}", full(left), percent(left.0, all.0));
                assert_eq!(text, rest, "{title}");
                left = Money::ZERO;
                continue;
            };
            let expected = format!("{} · {}", full(sum.revenue), percent(sum.revenue.0, all.0));
            assert_eq!(text, expected, "{title} {label}");
            left -= sum.revenue;
            let smaller = least.is_none_or(|it| sum.revenue <= it);
            assert!(smaller || by == "region", "{title} {label}");
            least = Some(sum.revenue);
            shown.insert(label);
            self.leads.push((to.clone(), *sum));
        }
        assert_eq!(marks.len(), now.len().min(TOP + 1), "{title}");
        assert_eq!(left, Money::ZERO, "{title}: top and rest are the whole");
        for (label, sum) in &now {
            let is_rest = !shown.contains(label.as_str());
            assert!(
                !is_rest || Some(sum.revenue) <= least,
                "{title} {label} is among the first"
            );
        }
    }

    async fn heat(&mut self) {
        let title = "Revenue by category and region";
        let crossed = self.rows("category || '/' || region", &self.now).await;
        let regions = self.rows("region", &self.now).await;
        let categories = self.rows("category", &self.now).await;
        if regions.len() < 2 || categories.len() < 2 {
            assert!(!self.page.contains(&format!("<h3>{title}</h3>")));
            return;
        }
        let regions: Vec<&str> = REGIONS
            .into_iter()
            .filter(|it| regions.contains_key(*it))
            .collect();
        let lines = table(&self.page, title);
        assert_eq!(lines.len(), categories.len());
        let drawn = between(&self.page, &format!("<h3>{title}</h3>"), "</figure>");
        let of_lines = links(drawn.split_once("<tbody>").unwrap().1);
        assert_eq!(of_lines.len(), categories.len());
        for link in of_lines {
            self.leads.push((link.to, categories[&link.text]));
        }
        let mut marks = marks(&self.page, title).into_iter();
        for line in lines {
            let category = &line[0];
            assert_eq!(line.len(), 1 + regions.len());
            for (region, cell) in regions.iter().zip(&line[1..]) {
                let sum = crossed.get(&format!("{category}/{region}"));
                let sum = sum.copied().unwrap_or_default();
                assert_eq!(*cell, full(sum.revenue), "{category} {region}");
                let (name, to) = marks.next().unwrap();
                assert_eq!(name, format!("{category}, {region}: {cell}"));
                self.leads.push((to, sum));
            }
        }
        assert_eq!(marks.next(), None);
    }

    /// The days of which files tell.
    async fn told(&self) -> BTreeSet<NaiveDate> {
        let of_files = SalesFilter {
            run: self.filter.run.clone(),
            ..SalesFilter::default()
        };
        let days = self
            .rows("run || '/' || day", &condition(&of_files, None))
            .await;
        let mut spans: BTreeMap<String, (NaiveDate, NaiveDate)> = BTreeMap::new();
        for label in days.keys() {
            let (run, day) = label.split_once('/').unwrap();
            let day: NaiveDate = day.parse().unwrap();
            let span = spans.entry(run.to_owned()).or_insert((day, day));
            *span = (span.0.min(day), span.1.max(day));
        }
        let days = spans.values();
        days.flat_map(|(from, to)| from.iter_days().take_while(move |it| it <= to))
            .collect()
    }

    /// Each point is the sum of its days, and its average that of so many whole ones up to it.
    async fn trend(&mut self, step: &str) {
        let days = self.rows("day", &self.now).await;
        let told = self.told().await;
        let day = |it: &String| it.parse::<NaiveDate>().unwrap();
        let (first, last) = (days.keys().next().unwrap(), days.keys().last().unwrap());
        let (first, last) = (day(first), day(last));
        let (from, to) = (self.filter.from.as_ref(), self.filter.to.as_ref());
        let from = from.map_or(first, |it| day(it).min(first));
        let today = self.reader.calendar.today;
        let to = to.map_or(last, |it| day(it).min(today).max(last));
        let (format, window, averaged) = match step {
            "day" => ("%Y-%m-%d", 7, "Average of 7 days."),
            "week" => ("%G-W%V", 4, "Average of 4 weeks."),
            _ => ("%Y-%m", 3, "Average of 3 months."),
        };
        let mut steps: Vec<String> = Vec::new();
        for day in from.iter_days().take_while(|it| *it <= to) {
            let label = day.format(format).to_string();
            if steps.last() != Some(&label) {
                steps.push(label);
            }
        }
        let title = format!("Revenue per {step}");
        let lines = table(&self.page, &title);
        let marks = marks(&self.page, &title);
        let drawn = between(&self.page, &format!("<h3>{title}</h3>"), "</figure>");
        let of_lines = links(drawn.split_once("<tbody>").unwrap().1);
        let of_lines: Vec<String> = of_lines.into_iter().map(|it| it.to).collect();
        let of_marks = marks
            .iter()
            .map(|it| it.1.clone())
            .filter(|it| !it.is_empty());
        assert_eq!(of_lines, of_marks.collect::<Vec<_>>(), "{title}");
        assert_eq!((lines.len(), marks.len()), (steps.len(), steps.len()));
        // Of each point its revenue, where it is whole.
        let mut wholes: Vec<Option<i128>> = Vec::new();
        let mut averages = 0;
        for ((label, line), (name, href)) in steps.iter().zip(lines).zip(marks) {
            let (begin, end, title) = days_of(step, label);
            let within = begin.max(from).iter_days();
            let within = within.take_while(|it| *it <= end.min(to));
            let of = within.clone().filter_map(|it| days.get(&it.to_string()));
            let sum = of.fold(SalesSum::default(), |sum, it| SalesSum {
                rows: sum.rows + it.rows,
                units: sum.units + it.units,
                revenue: sum.revenue + it.revenue,
            });
            let all = (end - begin).num_days() + 1;
            let known = within.filter(|it| told.contains(it)).count();
            let is_whole = i64::try_from(known).unwrap() == all;
            wholes.push(is_whole.then_some(sum.revenue.0));
            let some = &wholes[wholes.len().saturating_sub(window)..];
            let sums: Option<Vec<i128>> = some.iter().copied().collect();
            let average = sums.filter(|it| it.len() == window).map(|it| {
                let (sum, many) = (it.iter().sum::<i128>(), window as i128);
                full(Money((2 * sum + many) / (2 * many)))
            });
            averages += usize::from(average.is_some());
            let average = average.unwrap_or("–".to_owned());
            let title = if is_whole || known == 0 {
                title
            } else {
                format!("{title} ({known} of {all} days)")
            };
            if known == 0 {
                assert_eq!(line, [&title, "–", "–", "–", &average]);
                assert_eq!(name, format!("{title}: no file tells of it"));
                assert_eq!(href, "", "{label}");
                continue;
            }
            let revenue = full(sum.revenue);
            assert_eq!(name, format!("{title}: {revenue}"));
            let (rows, units) = (count(sum.rows), count(sum.units));
            assert_eq!(line, [title, rows, units, revenue, average]);
            self.leads.push((href, sum));
        }
        let legend = between(&self.page, "<p class=\"legend quiet\">", "</p>");
        assert_eq!(legend.contains(averaged), averages > 0, "{step}: {legend}");
        let drawn = between(&self.page, &format!("<h3>{title}</h3>"), "<details");
        let chosen = format!("aria-current=\"true\">{step}</a>");
        assert!(drawn.contains(&chosen), "{drawn}");
        assert_eq!(drawn.contains("class=\"average\""), averages > 0, "{step}");
    }
}

impl Reader {
    pub(crate) async fn board_at(
        &self,
        query: &str,
        filter: SalesFilter,
        compared: Option<&(String, String)>,
    ) -> Board<'_> {
        let compared = compared.map(|(a, b)| (a.as_str(), b.as_str()));
        Board {
            reader: self,
            page: self.page(&format!("/sales?{query}")).await,
            now: condition(&filter, None),
            then: compared.map(|it| condition(&filter, Some(it))),
            filter,
            leads: Vec::new(),
        }
    }

    /// Holds the page to the rows, and gives where its figures lead.
    pub(crate) async fn board(
        &self,
        (query, step): (&str, &str),
        filter: SalesFilter,
        compared: Option<&(String, String)>,
    ) -> Leads {
        let query = format!("by={step}&{query}");
        let mut board = self.board_at(&query, filter, compared).await;
        board.key_figures().await;
        for (title, by) in [
            ("Revenue by region", "region"),
            ("Revenue by category", "category"),
            ("Revenue by product", "product"),
            ("Revenue by SKU", SKU),
        ] {
            board.groups(title, by).await;
        }
        board.heat().await;
        board.trend(step).await;
        board.leads
    }

    /// Each figure leads to just as many rows with just its money: listed, or summed up on the same page.
    pub(crate) async fn follow(&self, leads: Leads) -> [usize; 2] {
        let mut followed = [0, 0];
        for (to, sum) in leads {
            let page = self.page(&to).await;
            let (rows, revenue) = if to.starts_with("/rows") {
                followed[0] += 1;
                if sum.rows == 0 {
                    assert!(
                        page.contains("No row answers all of these filters."),
                        "{to}"
                    );
                    continue;
                }
                let total = words(between(&page, "class=\"rows-total\">", "</p>"));
                let (rows, revenue) = total.split_once(" · ").unwrap();
                let rows = rows.split_once(' ').unwrap().0.to_owned();
                (rows, money(revenue))
            } else {
                followed[1] += 1;
                let figures = key_figures(&page);
                (figures[1].value.clone(), money(&figures[0].exact))
            };
            assert_eq!((rows, revenue), (count(sum.rows), sum.revenue), "{to}");
        }
        followed
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_as_rendered_are_those_of_the_rows_and_lead_to_them() {
    let house = House::new().await;
    let year = Year::of(&house).await;
    let reader = Reader::new(house);
    let text = |it: &str| Some(it.to_owned());
    let all = SalesFilter::default();
    let november = SalesFilter {
        from: text("2025-11-01"),
        to: text("2025-11-28"),
        ..all.clone()
    };
    let (from, to) = ("2025-11-01".parse().ok(), "2025-11-28".parse().ok());
    let october = reader
        .calendar
        .compared(Period::Custom(from, to), Against::Before);
    let october = october.map(|it| (it.from.to_string(), it.to.to_string()));
    let days = "period=custom&from=2025-11-01&to=2025-11-28";
    let run = year.replacing["id"].as_str().unwrap();
    let (mut followed, mut unstated) = ([0, 0], 0);
    for (query, step, filter, compared) in [
        ("", "month", all.clone(), None),
        ("", "week", all.clone(), None),
        (days, "day", november.clone(), october.as_ref()),
        (
            &format!("{days}&region=South"),
            "week",
            SalesFilter {
                region: text("South"),
                ..november
            },
            october.as_ref(),
        ),
        (
            "product=Milk+1L",
            "month",
            SalesFilter {
                product: text("Milk 1L"),
                ..all.clone()
            },
            None,
        ),
        (
            &format!("run={run}"),
            "day",
            SalesFilter {
                run: RunId::try_from(run.to_owned()).ok(),
                ..all.clone()
            },
            None,
        ),
    ] {
        let leads = reader.board((query, step), filter, compared).await;
        let of_none = leads.iter().filter(|it| it.0.contains("Not%20stated"));
        unstated += of_none.count();
        let [rows, pages] = reader.follow(leads).await;
        followed = [followed[0] + rows, followed[1] + pages];
    }
    let [rows, pages] = followed;
    assert!(rows > 180 && pages > 180, "{followed:?}");
    assert!(unstated > 5, "{unstated}");
    // A year by day, of which the first month has more than one average.
    reader.board(("", "day"), all, None).await;
}
