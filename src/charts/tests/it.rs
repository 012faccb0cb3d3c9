//! Each chart against a kept picture, byte for byte, native and in WASM. A chart that was changed on purpose is
//! looked at in a browser and then copied over the kept one: natively, a test that fails says from where.

use charts::{Amount, Bar, Day, Hue, Part, bars, column, days, split};
use model::money::Money;
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
fn failures_by_control_with_links_a_long_label_and_hostile_text() {
    let failure = |label: &str, count: u64| Bar {
        label: label.into(),
        amount: count.into(),
        text: format!("{} rows", Amount::from(count).full()),
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
        &days("Revenue per week", &year),
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
        let svg = days("Revenue", &ends);
        let named = svg.lines().find(|it| it.contains(">Jan 2026<"));
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
    let svg = days("Revenue per day", &fortnight);
    check("fortnight", &svg, include_str!("golden/fortnight.svg"));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn where_the_rows_went() {
    let part = |label: &str, rows: u64, text: &str, hue| Part {
        label: label.into(),
        amount: rows.into(),
        text: text.into(),
        hue,
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

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn nothing_is_no_chart_and_no_day_is_no_day() {
    assert_eq!(bars("Nothing", &[]), "");
    assert_eq!(days("Nothing", &[]), "");
    assert_eq!(column(&[]), None);
    assert_eq!(split("Nothing", &[]), "");
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
    let svg = days("A day", &[Day::new("2026-11-23", 7_u64).expect("a day")]);
    for attribute in [" style=", " fill=", " stroke=", " font"] {
        assert!(!svg.contains(attribute), "{attribute}");
    }
    assert_eq!(svg.matches("<svg").count(), 1);
    assert_eq!(svg.matches("tabindex=\"0\"").count(), 1);
    assert!(svg.contains("aria-label=\"23 Nov 2026: 7\""));
}
