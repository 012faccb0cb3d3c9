//! What the sender knows that the file adds up to.

use super::{desk::Desk, reading::lay_down};
use crate::parts::erase::Erase;
use leptos::{
    prelude::*,
    web_sys::{Event, HtmlInputElement},
};
use model::t;
use model::{money::Money, options::ControlTotals};

/// Folded away until somebody wants it, or has said something.
#[component]
pub(super) fn Totals(desk: Desk, totals: ControlTotals) -> impl IntoView {
    let rows = move |event: Event| {
        take(
            &event,
            t!("Write a whole number."),
            |it| it.parse().ok(),
            |rows| {
                lay_down(desk, |it| it.totals.rows = rows);
            },
        );
    };
    let money = move |event: Event| {
        take(
            &event,
            t!("Write an amount such as 28786763.77."),
            amount,
            |money| lay_down(desk, |it| it.totals.money = money),
        );
    };
    let said = totals.rows.map(|it| it.to_string()).unwrap_or_default();
    let sum = totals.money.map(|it| it.to_string()).unwrap_or_default();
    view! {
        <details class="totals" open=!totals.is_empty()>
            <summary>{t!("Control totals")}</summary>
            <p class="fields">
                <label>
                    {t!("Rows")}" " <input id="total-rows" type="text" inputmode="numeric" value=said on:change=rows/>
                </label>
                <label>
                    {t!("Sum of the amounts")}" "
                    <input id="total-money" type="text" inputmode="decimal" value=sum on:change=money/>
                </label>
            </p>
            <p class="quiet">
                {t!("As the sender counted them. A file that does not add up to them cannot be loaded.")}
            </p>
        </details>
    }
    .erased()
}

/// Gives what was typed to `say`, nothing where the field is empty; what cannot be read is told at the field.
fn take<T>(
    event: &Event,
    remedy: &str,
    read: impl Fn(&str) -> Option<T>,
    say: impl FnOnce(Option<T>),
) {
    let field: HtmlInputElement = event_target(event);
    let typed = field.value();
    let value = read(typed.trim());
    let unreadable = value.is_none() && !typed.trim().is_empty();
    field.set_custom_validity(if unreadable { remedy } else { "" });
    if unreadable {
        field.report_validity();
    } else {
        say(value);
    }
}

/// An amount as people write it: with ₹ and grouping, and decimals only where there are some.
fn amount(text: &str) -> Option<Money> {
    let plain: String = text
        .chars()
        .filter(|it| !matches!(it, '₹' | ',' | ' '))
        .collect();
    let (rupees, paise) = plain.split_once('.').unwrap_or((&plain, ""));
    format!("{rupees}.{paise:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::amount;
    use model::money::Money;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, paise) in [
            ("100", 10_000),
            ("₹2,87,86,763.77", 2_878_676_377),
            ("-50.5", -5_050),
            ("1 000.00", 100_000),
        ] {
            assert_eq!(amount(text), Some(Money(paise)), "{text}");
        }
        for text in ["", "twelve", "1.234", "1.2.3", "-"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }
}
