//! Which rows of the ledger a page shows, as its address says it: `?region=North&from=2026-02-01&sort=revenue`.

use crate::{
    calendar::{Against, Calendar, Period},
    filters::{CUSTOM, Filters, joined, query},
    queries::QueryError,
};
use chrono::NaiveDate;
use model::{
    id::{RunId, WorkspaceId},
    ledger::{Direction, RowFilter, RowQuery, RowSort, RowState},
};

/// Rows on one page.
const ROWS: u32 = 100;

/// What a list shows.
pub(crate) struct Listed {
    pub(crate) query: RowQuery,
    /// Of which the days of the query are, today.
    pub(crate) period: Period,
}

/// From an address's query, without its question mark.
///
/// # Errors
/// What cannot be read, in plain words.
pub(crate) fn read(search: &str, calendar: &Calendar) -> Result<Listed, QueryError> {
    let asked = query(search);
    // No text of a database holds a NUL.
    let text = |key| {
        let text = asked.get(key)?.trim().to_owned();
        Some(text).filter(|it| !it.is_empty() && !it.contains('\0'))
    };
    let day = |key| match text(key) {
        None => Ok(None),
        Some(text) => match text.parse::<NaiveDate>() {
            // A year may have more than four digits there, which no row has.
            Ok(day) if text.len() == 10 => Ok(Some(day.to_string())),
            _ => Err(invalid("A day is written as 2026-02-02.")),
        },
    };
    let run = match text("run").map(RunId::try_from) {
        None => None,
        Some(Ok(run)) => Some(run),
        Some(Err(_)) => return Err(invalid("A run's id is run_ and 32 letters and digits.")),
    };
    let after = match text("after") {
        None => None,
        Some(text) => Some(place(&text).ok_or_else(|| invalid("`after` is no row's place."))?),
    };
    let word = |key| text(key).unwrap_or_default();
    let period = Filters::parse(search).period;
    let (from, to) = match word("period").as_str() {
        "" | CUSTOM => (day("from")?, day("to")?),
        _ => {
            let (from, to) = calendar.days(period);
            let text = |it: NaiveDate| it.to_string();
            (from.map(text), to.map(text))
        }
    };
    let (state, sort) = (word("state"), word("sort"));
    let filter = RowFilter {
        run,
        from,
        to,
        region: text("region"),
        product: text("product"),
        category: text("category"),
        sku: text("sku"),
        key: text("key"),
        state: RowState::ALL
            .into_iter()
            .find(|it| it.as_str() == state)
            .unwrap_or_default(),
    };
    // A file is read from its beginning.
    let usual = match &filter.run {
        Some(_) => (RowSort::Arrival, Direction::Ascending),
        None => (RowSort::default(), Direction::default()),
    };
    let query = RowQuery {
        sort: RowSort::ALL
            .into_iter()
            .find(|it| it.as_str() == sort)
            .unwrap_or(usual.0),
        direction: match word("direction").as_str() {
            "ascending" => Direction::Ascending,
            "descending" => Direction::Descending,
            _ => usual.1,
        },
        filter,
        after,
        limit: ROWS,
    };
    Ok(Listed { query, period })
}

/// A run's id and a record: `run_….12`.
pub(crate) fn place(text: &str) -> Option<(RunId, u64)> {
    let (run, record) = text.split_once('.')?;
    let record: u64 = record.parse().ok()?;
    i64::try_from(record).ok()?;
    Some((RunId::try_from(run.to_owned()).ok()?, record))
}

/// What the filter says, for an address.
fn pairs(filter: &RowFilter) -> Vec<(&'static str, String)> {
    let state = (filter.state != RowState::default()).then(|| filter.state.as_str().to_owned());
    let all = [
        ("run", filter.run.as_ref().map(ToString::to_string)),
        ("from", filter.from.clone()),
        ("to", filter.to.clone()),
        ("region", filter.region.clone()),
        ("category", filter.category.clone()),
        ("product", filter.product.clone()),
        ("sku", filter.sku.clone()),
        ("key", filter.key.clone()),
        ("state", state),
    ];
    let said = all.into_iter().filter_map(|(key, it)| Some((key, it?)));
    said.collect()
}

/// The address of a list, from its first row or behind one.
pub(crate) fn href(
    page: &str,
    listed: &Listed,
    (sort, direction): (RowSort, Direction),
    after: Option<&str>,
) -> String {
    let mut pairs = Filters::of_days(listed.period, Against::Before).pairs();
    let filter = RowFilter {
        from: None,
        to: None,
        ..listed.query.filter.clone()
    };
    pairs.extend(self::pairs(&filter));
    pairs.push(("sort", sort.as_str().to_owned()));
    pairs.push(("direction", direction.as_str().to_owned()));
    pairs.extend(after.map(|it| ("after", it.to_owned())));
    joined(page, &pairs)
}

/// The address of a download of the same rows.
pub(crate) fn download(path: &str, workspace: &WorkspaceId, filter: &RowFilter) -> String {
    let mut all = vec![("workspace", workspace.to_string())];
    all.extend(pairs(filter));
    joined(path, &all)
}

fn invalid(text: &str) -> QueryError {
    QueryError::Invalid {
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALENDAR: Calendar = Calendar {
        today: NaiveDate::from_ymd_opt(2026, 11, 27).unwrap(),
        year_begins: 4,
    };

    #[test]
    fn an_address_says_which_rows_are_shown() {
        let search = "region=North&product=Mango%20Pickle+%26+Co&sku=MP%2F1&from=2026-02-01&key=ORD-1&state=withdrawn";
        let listed = read(search, &CALENDAR).unwrap();
        let filter = &listed.query.filter;
        assert_eq!(filter.product.as_deref(), Some("Mango Pickle & Co"));
        assert_eq!(filter.sku.as_deref(), Some("MP/1"));
        assert_eq!(filter.state, RowState::Withdrawn);
        let order = (RowSort::Revenue, Direction::Ascending);
        let href = href("/rows", &listed, order, None);
        let again = read(href.split_once('?').unwrap().1, &CALENDAR).unwrap();
        assert_eq!(again.query.filter, *filter);
        assert_eq!((again.query.sort, again.query.direction), order);
        assert_eq!(pairs(&RowFilter::default()), []);
    }

    #[test]
    fn a_named_period_is_of_today_and_stays_in_the_address() {
        let check = |search: &str, from: Option<&str>, to: Option<&str>, said: &str| {
            let listed = read(search, &CALENDAR).unwrap();
            let filter = &listed.query.filter;
            let days = (filter.from.as_deref(), filter.to.as_deref());
            assert_eq!(days, (from, to), "{search}");
            let order = (RowSort::Day, Direction::Descending);
            let href = href("/rows", &listed, order, None);
            let end = "sort=day&direction=descending";
            assert_eq!(href, format!("/rows?{said}{end}"), "{search}");
        };
        let (first, last) = (Some("2026-11-01"), Some("2026-11-30"));
        check("period=month", first, last, "period=month&");
        // Its days are no longer meant where a form still has them.
        check("period=all&from=2026-02-01", None, None, "");
        let (from, to) = (Some("2026-02-01"), Some("2026-02-02"));
        let custom = "period=custom&from=2026-02-01&to=2026-02-02&";
        check(custom, from, to, custom);
        check("from=2026-02-01&to=2026-02-02", from, to, custom);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for search in [
            "from=yesterday",
            "run=12",
            "after=12",
            "to=2026-02-30",
            "to=+12026-01-1",
        ] {
            assert!(
                matches!(read(search, &CALENDAR), Err(QueryError::Invalid { .. })),
                "{search}"
            );
        }
        let nothing = read("from=&region=", &CALENDAR).unwrap();
        assert_eq!(nothing.query.filter, RowFilter::default());
    }
}
