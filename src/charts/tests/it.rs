//! Each chart against a kept picture, byte for byte, native and in WASM. A chart that was changed on purpose is
//! looked at in a browser and then copied over the kept one: natively, a test that fails says from where.

use charts::{
    Amount, Bar, Day, HeatCell, HeatRow, Hue, Limit, Part, Point, Stack, bars, column, days, heat,
    line, split, stacks,
};
use model::{
    locale::Locale,
    money::{Money, Numbers},
    ratio::Ratio,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

fn check(name: &str, svg: &str, expected: &str) {
    if svg == expected {
        return;
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.svg"));
        std::fs::write(&path, svg).expect("the build folder can be written");
        panic!("{name} is drawn otherwise: see {}", path.display());
    }
    #[cfg(target_arch = "wasm32")]
    assert_eq!(svg, expected, "{name}");
}

fn region(label: &str, paise: i64) -> Bar {
    let money = Money::from_paise(paise);
    Bar {
        label: label.into(),
        amount: money.into(),
        text: money.indian(),
        hue: Hue::of_region(label),
        href: None,
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn revenue_by_region() {
    let regions = [
        region("North", 574_410_391),
        region("South", 566_543_369),
        region("East", 584_803_856),
        region("West", 590_246_840),
        region("Central", 562_671_921),
    ];
    let svg = bars("Revenue by region", &regions);
    check("regions", &svg, include_str!("golden/regions.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_label_of_two_lines_stands_on_one() {
    let svg = bars("Revenue by product", &[region("Milk\n1L", 100)]);
    assert!(svg.contains(">Milk 1L<"), "{svg}");
    assert!(!svg.contains('\u{fffd}'), "{svg}");
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn failures_by_control_with_links_a_long_label_and_hostile_text() {
    let failure = |label: &str, count: u64| Bar {
        label: label.into(),
        amount: count.into(),
        text: format!("{} rows", Amount::from(count).full(Numbers::Indian)),
        hue: Hue::Exception,
        href: Some(format!("?code={label}&severity=error")),
    };
    let failures = [
        failure("Order date is empty (CMP01)", 217_000),
        failure(
            "\"<script>\" & 'more' of a text that no place of this width can hold",
            142,
        ),
        failure("Revenue is below zero (VAL06)", 0),
    ];
    let svg = bars("Failures by control", &failures);
    check("failures", &svg, include_str!("golden/failures.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn twelve_months_of_revenue() {
    let year: Vec<Day> = (0..12u32)
        .flat_map(|month| (1..=28u32).map(move |day| (month, day)))
        .filter_map(|(month, day)| {
            let (year, in_year) = if month < 2 {
                (2025, month + 11)
            } else {
                (2026, month - 1)
            };
            let paise = i64::from((month * 37 + day * 11) % 97) * 123_457;
            Day::new(
                &format!("{year}-{in_year:02}-{day:02}"),
                Money::from_paise(paise),
            )
        })
        .collect();
    assert_eq!(year.len(), 336);
    assert_eq!(column(&year), Some("week"));
    check(
        "year",
        &days("Revenue per week", &year, Locale::default(), None),
        include_str!("golden/year.svg"),
    );
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_year_is_named_wherever_its_weeks_or_months_begin() {
    for (first, last) in [
        ("2025-10-06", "2026-10-05"),
        ("2025-11-26", "2026-11-25"),
        ("2025-12-29", "2026-12-28"),
        ("2022-12-01", "2026-11-25"),
    ] {
        let ends = [first, last].map(|it| Day::new(it, Money::from_paise(100)).expect("a day"));
        let svg = days("Revenue", &ends, Locale::default(), None);
        let named = svg.lines().find(|it| it.contains(">2026<"));
        assert!(
            named.is_some_and(|it| it.starts_with(r#"<text class="tick" "#)),
            "{first}: {named:?}"
        );
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_fortnight_with_days_below_zero_and_a_hole() {
    let fortnight: Vec<Day> = [
        (1, 250_000),
        (2, -40_000),
        (3, 1),
        (9, 310_000),
        (14, 90_050),
    ]
    .into_iter()
    .filter_map(|(day, paise)| Day::new(&format!("2026-11-{day:02}"), Money::from_paise(paise)))
    .collect();
    let svg = days("Revenue per day", &fortnight, Locale::default(), None);
    check("fortnight", &svg, include_str!("golden/fortnight.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_column_leads_to_its_days_and_one_without_any_nowhere() {
    let ends = ["2026-01-07", "2026-04-15"];
    let ends = ends.map(|it| Day::new(it, Money::from_paise(100)).expect("a day"));
    let svg = days(
        "Revenue",
        &ends,
        Locale::default(),
        Some(&|from, to| format!("?from={from}&to={to}")),
    );
    let links: Vec<_> = svg.split("href=\"").skip(1).collect();
    assert_eq!(links.len(), 2, "{svg}");
    assert!(links[0].starts_with("?from=2026-01-05&amp;to=2026-01-11\""));
    assert!(links[1].starts_with("?from=2026-04-13&amp;to=2026-04-19\""));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn where_the_rows_went() {
    let part = |label: &str, rows: u64, text: &str, hue| Part {
        label: label.into(),
        amount: rows.into(),
        text: text.into(),
        hue,
        href: None,
    };
    let parts = [
        part(
            "Accepted",
            999_999,
            "9,99,999 rows · ₹2,87,86,763.77",
            Hue::Accepted,
        ),
        part("Exceptions", 1, "1 row · ₹31,31,920.52", Hue::Exception),
        part("Layout", 0, "0 lines", Hue::Quiet),
    ];
    let svg = split("Where the rows went", &parts);
    check("split", &svg, include_str!("golden/split.svg"));
}

fn months(rupees: &[Option<i64>]) -> Vec<Point> {
    let names = [
        "Oct 2025", "Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026",
    ];
    let money = |it: i64| Money::from_paise(it * 100);
    let points = names.iter().zip(rupees).enumerate();
    points
        .map(|(at, (name, rupees))| {
            let amount = rupees.map(|it| money(it).into());
            Point {
                name: (*name).to_owned(),
                text: amount.map_or("nothing told".to_owned(), |it: Amount| {
                    it.full(Numbers::International)
                }),
                amount,
                part: at == 6,
                average: rupees.filter(|_| at > 0).map(|it| money(it / 2).into()),
                tick: Some((*name).to_owned()),
                href: Some(format!("?from={at}")),
            }
        })
        .collect()
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_trend_with_a_hole_and_a_point_that_stands_alone() {
    let rupees = [
        Some(2_500_000),
        Some(1_900_000),
        Some(2_200_000),
        None,
        Some(900_000),
        None,
        None,
    ];
    let svg = line(
        "Revenue per month",
        &months(&rupees),
        None,
        Numbers::International,
    );
    check("trend", &svg, include_str!("golden/trend.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_rate_over_runs_below_its_limit() {
    let rate = |name: &str, millionths: u32| {
        let share = Ratio::from_millionths(millionths);
        Point {
            name: name.into(),
            text: Amount::from(share).full(Numbers::Indian),
            amount: Some(share.into()),
            part: false,
            average: None,
            tick: None,
            href: None,
        }
    };
    let rates = [
        rate("a.csv", 31_000),
        rate("b.csv", 124_800),
        rate("c.csv", 4_000),
    ];
    let limit = Limit {
        amount: Ratio::from_millionths(50_000).into(),
        text: "Goal: below 5 %".into(),
    };
    let svg = line(
        "Exception rate by run",
        &rates,
        Some(&limit),
        Numbers::Indian,
    );
    check("rates", &svg, include_str!("golden/rates.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn regions_by_category() {
    let row = |label: &str, rupees: [i64; 3]| HeatRow {
        label: label.into(),
        cells: rupees
            .map(|it| Money::from_paise(it * 100))
            .map(|it| HeatCell {
                amount: it.into(),
                text: it.indian(),
                short: it.short(),
                href: (it.0 > 0).then(|| "/rows?region=x&category=y".into()),
            })
            .into(),
    };
    let rows = [
        row("Sauces & Ketchup", [563_000, 0, 12_000]),
        row("Snacks", [120_000, 480_000, 1]),
    ];
    let columns = ["North", "South", "Not stated"].map(str::to_owned);
    let svg = heat(
        "Revenue by category and region",
        &columns,
        &rows,
        "₹5.63 lakh",
    );
    check("heat", &svg, include_str!("golden/heat.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn exceptions_over_time_by_category() {
    let part = |label: &str, rows: u64, hue| Part {
        label: label.into(),
        amount: rows.into(),
        text: format!("{rows} rows"),
        hue,
        href: None,
    };
    let stack = |name: &str, open, entered| Stack {
        name: name.into(),
        parts: vec![
            part("Open", open, Hue::Exception),
            part("Entered later", entered, Hue::Accepted),
        ],
        tick: Some(name.into()),
    };
    let all = [
        stack("Sep 2026", 12, 30),
        stack("Oct 2026", 0, 55),
        stack("Nov 2026", 71, 2),
    ];
    let svg = stacks("Exceptions per month", &all, Numbers::Indian);
    check("stacks", &svg, include_str!("golden/stacks.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn nothing_is_no_chart_and_no_day_is_no_day() {
    assert_eq!(bars("Nothing", &[]), "");
    assert_eq!(days("Nothing", &[], Locale::default(), None), "");
    assert_eq!(column(&[]), None);
    assert_eq!(split("Nothing", &[]), "");
    assert_eq!(line("Nothing", &[], None, Numbers::Indian), "");
    assert_eq!(
        line("Holes", &months(&[None, None]), None, Numbers::Indian),
        ""
    );
    assert_eq!(heat("Nothing", &[], &[], ""), "");
    assert_eq!(stacks("Nothing", &[], Numbers::Indian), "");
    for text in [
        "",
        "2026",
        "2026-11",
        "2026-02-30",
        "23-11-2026",
        "2026-11-23T10:00",
    ] {
        assert_eq!(Day::new(text, Money::ZERO), None, "{text}");
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn nothing_in_a_chart_needs_an_inline_style() {
    let svg = days(
        "A day",
        &[Day::new("2026-11-23", 7_u64).expect("a day")],
        Locale::default(),
        None,
    );
    for attribute in [" style=", " fill=", " stroke=", " font"] {
        assert!(!svg.contains(attribute), "{attribute}");
    }
    assert_eq!(svg.matches("<svg").count(), 1);
    assert_eq!(svg.matches("tabindex=\"0\"").count(), 1);
    assert!(svg.contains("aria-label=\"23 Nov 2026: 7\""));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn long_amounts_have_a_deeper_margin_and_one_key_the_line_for_itself() {
    let label = "VAL06 A number is below its limit";
    let chart = |rupees: i64| {
        let part = Part {
            label: label.into(),
            amount: Money::from_paise(rupees * 100).into(),
            text: String::new(),
            hue: Hue::Exception,
            href: None,
        };
        let stack = Stack {
            name: "Nov 2026".into(),
            parts: vec![part],
            tick: None,
        };
        stacks("Money per month", &[stack], Numbers::Indian)
    };
    let (usual, deep) = (chart(250_000), chart(1_000_000_000_000_000));
    assert!(usual.contains("class=\"chart stacks\""), "{usual}");
    assert!(deep.contains("class=\"chart stacks deep\""), "{deep}");
    assert!(usual.contains(&format!(">{label}</text>")), "{usual}");
}
