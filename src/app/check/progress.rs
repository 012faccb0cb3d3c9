//! While a file is read: bytes and rows move because the work does, its first rows stand there, and Cancel works.

use super::{
    desk::{Command, Desk, FileInfo, Progress},
    press::press,
    sheet,
};
use crate::{
    format,
    icons::{Icon, icon},
    parts::erase::Erase,
};
use leptos::prelude::*;
use maud::{Markup, html};
use model::message::Phase;
use model::t;

#[component]
pub(super) fn Reading(desk: Desk, file: FileInfo) -> impl IntoView {
    let progress = move || desk.progress.get();
    let share = move || progress().map_or(0, |it| per_mille(&it));
    view! {
        <section class="reading-now" aria-labelledby="reading">
            <h2 id="reading">
                {icon(Icon::File)} " " {file.name.clone()} " " <span class="quiet">{format::bytes(file.bytes)}</span>
            </h2>
            <progress max="1000" value=share aria-labelledby="reading">
                {move || format!("{} %", share() / 10)}
            </progress>
            <div class="reading-line">
                <p class="tabular">{move || progress().map_or_else(|| t!("Opening …").to_owned(), |it| words(&it))}</p>
                {press(desk, "button", html! { (t!("Cancel")) }, Command::Stop)}
            </div>
            <div class="first-rows fragment" inner_html=move || first_rows(desk).into_string()></div>
        </section>
    }
    .erased()
}

/// Of a long file. Its verdict may say more of them: what is judged over all rows comes last.
fn first_rows(desk: Desk) -> Markup {
    desk.window.with(|it| {
        html! {
            @if let Some(window) = it {
                h3 id="first-rows" { (t!("The first rows, as far as they can be judged yet")) }
                div class="wide" tabindex="0" role="region" aria-labelledby="first-rows" {
                    (sheet::standing(&window.rows))
                }
            }
        }
    })
}

#[component]
pub(super) fn Stopped(desk: Desk, file: FileInfo) -> impl IntoView {
    let rows = desk.progress.get_untracked().map_or(0, |it| it.rows);
    view! {
        <section class="notice" aria-labelledby="stopped">
            <h2 id="stopped">{icon(Icon::Held)} {t!("Cancelled")}</h2>
            <p>
                {t!(
                    "{file} was not read to its end ({rows} were). Nothing was sent, and nothing was kept.",
                    file = file.name,
                    rows = format::rows(rows),
                )}
            </p>
            <p class="choices">
                {press(desk, "button main", html! { (t!("Check it again")) }, Command::Again)}
                {press(desk, "button", html! { (t!("Put it away")) }, Command::Clear)}
            </p>
        </section>
    }
    .erased()
}

/// Said aloud at the start and at every quarter, not at every step.
pub(super) fn spoken(desk: Desk, file: &FileInfo) -> String {
    let quarter = Memo::new(move |_| {
        let share = desk.progress.get().map_or(0, |it| per_mille(&it));
        share / 250 * 25
    });
    match quarter.get() {
        0 => t!("Reading {file}.", file = file.name),
        part => t!("{part} percent read.", part = part),
    }
}

/// The survey goes over the bytes several times faster than the judgement.
fn per_mille(progress: &Progress) -> u64 {
    let total = u128::from(progress.total.max(1));
    let bytes = u128::from(progress.bytes.min(progress.total));
    let share = match progress.phase {
        Phase::Survey => bytes * 250 / total,
        Phase::Judge => 250 + bytes * 750 / total,
    };
    u64::try_from(share).unwrap_or(1_000)
}

fn words(progress: &Progress) -> String {
    let (part, all) = (format::bytes(progress.bytes), format::bytes(progress.total));
    let (rows, failing) = (
        format::count(progress.rows),
        format::count(progress.failing),
    );
    match (progress.phase, expected_rows(progress)) {
        (Phase::Survey, _) => t!("Looking it over: {part} of {all}", part = part, all = all),
        (Phase::Judge, Some(whole)) => t!(
            "Judging: {part} of {all} · {rows} of about {whole} rows · {failing} failing",
            part = part,
            all = all,
            rows = rows,
            whole = format::count(whole),
            failing = failing
        ),
        (Phase::Judge, None) => t!(
            "Judging: {part} of {all} · {rows} rows · {failing} failing",
            part = part,
            all = all,
            rows = rows,
            failing = failing
        ),
    }
}

/// From the rows so far, to two digits: more would be guessed.
fn expected_rows(progress: &Progress) -> Option<u64> {
    if progress.rows < 1_000 || progress.bytes == 0 || progress.bytes >= progress.total {
        return None;
    }
    let whole = u128::from(progress.rows) * u128::from(progress.total) / u128::from(progress.bytes);
    let mut step = 1;
    while whole / step >= 100 {
        step *= 10;
    }
    u64::try_from((whole + step / 2) / step * step).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(phase: Phase, bytes: u64, rows: u64) -> Progress {
        Progress {
            phase,
            bytes,
            total: 12_400_000,
            rows,
            failing: 0,
        }
    }

    #[test]
    fn progress_never_goes_back_between_the_phases() {
        let shares = [
            per_mille(&at(Phase::Survey, 0, 0)),
            per_mille(&at(Phase::Survey, 12_400_000, 0)),
            per_mille(&at(Phase::Judge, 0, 0)),
            per_mille(&at(Phase::Judge, 12_400_000, 1)),
        ];
        assert_eq!(shares, [0, 250, 250, 1_000]);
    }

    #[test]
    fn the_number_of_rows_to_come_is_rounded() {
        assert_eq!(
            words(&at(Phase::Judge, 7_990_000, 148_200)),
            "Judging: 8.0 MB of 12.4 MB · 1,48,200 of about 2,30,000 rows · 0 failing"
        );
        assert_eq!(expected_rows(&at(Phase::Judge, 12_400_000, 148_200)), None);
    }
}
