//! The rows of the file as a grid: some of very many, by the place to which the reader has scrolled. Each cell can be put
//! right; the field above the grid says what the chosen one holds and what is wrong with it. Who types faster than the
//! worker answers loses nothing: what is pressed for a cell that is not there yet waits for it (`hand`).

mod filters;
mod hand;
mod widths;

use super::{
    correct,
    desk::{Command, Desk},
    press::press,
};
use crate::{
    format,
    icons::Icon,
    parts::{
        erase::Erase,
        pasted,
        words::{quoted, sign, visible},
    },
    window::RowWindow,
};
use hand::{Act, Key};
use leptos::{
    ev,
    html::{Div, Input, Table},
    leptos_dom::helpers::window_event_listener,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, Event, HtmlElement, MouseEvent},
};
use maud::{Markup, html};
use model::t;
use model::{
    control::Severity,
    finding::{Finding, FlaggedRow},
    message::{CellPlace, CorrectedCell, RowFilter, RowsInWindow},
};
use std::{collections::VecDeque, sync::Arc};
use widths::Widths;

/// Pixels of a row, as `sheet.css` has them, and of the column of lines; where letters are larger, so are these.
const ROW: u64 = 28;
const LINES: i32 = 80;
/// Browsers draw nothing that is much taller; a place in a taller grid is a share of this.
const TALLEST: u64 = 8_000_000;
/// Rows that are asked for on either side of those in view.
const AROUND: u64 = 30;
/// Rows that need not the whole height of the grid.
const FEW: u64 = 6;

#[derive(Clone, Copy)]
struct Grid {
    desk: Desk,
    filter: Memo<RowFilter>,
    /// The first row in view, how many are, and how high one is.
    first: RwSignal<u64>,
    visible: RwSignal<u64>,
    row_height: RwSignal<u64>,
    /// Column 0 is the number of the line.
    active: RwSignal<CellPlace>,
    /// The active row has left the list, and the one behind it came to its place: nothing of that one was passed yet.
    taken_over: StoredValue<bool>,
    draft: RwSignal<Option<Draft>>,
    /// What was done for a cell that is not there yet, in order.
    held: StoredValue<VecDeque<Act>>,
    scroller: NodeRef<Div>,
    table: NodeRef<Table>,
    field: NodeRef<Input>,
}

/// What is being written into a cell. It stays with that one, whatever the grid shows meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    line: u64,
    column: u32,
    label: String,
    was: String,
    now: String,
    text: String,
}

#[component]
pub(super) fn Sheet(desk: Desk, window: Memo<RowWindow>, page: Signal<String>) -> impl IntoView {
    let grid = Grid {
        desk,
        filter: Memo::new(move |_| window.with(RowWindow::filter)),
        first: RwSignal::new(0),
        visible: RwSignal::new(12),
        row_height: RwSignal::new(ROW),
        active: RwSignal::new(CellPlace { row: 0, column: 1 }),
        taken_over: StoredValue::new(false),
        draft: RwSignal::new(None),
        held: StoredValue::default(),
        scroller: NodeRef::new(),
        table: NodeRef::new(),
        field: NodeRef::new(),
    };
    grid.follow();
    // Of the rows that come first: columns do not move while one scrolls.
    let widths = Memo::new(move |before: Option<&Widths>| match grid.window() {
        Some(window) => Widths::of(&window, before),
        None => before.cloned().unwrap_or_default(),
    });
    let height = move || format!("{}px", grid.height());
    let width = move || format!("{}px", grid.scaled(LINES + widths.with(Widths::sum)));
    let few = Memo::new(move |before: Option<&bool>| match grid.window() {
        Some(window) => window.total <= FEW,
        None => before.is_some_and(|it| *it),
    });
    Effect::new(move |_| {
        if !few.get() {
            request_animation_frame(move || grid.measure());
        }
    });
    let text = move || match grid.draft.get() {
        Some(draft) => draft.text,
        None => grid.text(),
    };
    let cannot_write = move || grid.cell().is_none() && grid.draft.get().is_none();
    view! {
        <section class="rows" id="rows" aria-labelledby="rows-title">
            <h2 id="rows-title">{t!("Rows of the file")}</h2>
            {filters::filters(desk, window, page)}
            <div class="sheet-tools">
                <p class="position" role="status">
                    {move || grid.position()}
                </p>
                {tools(grid)}
            </div>
            <div class="sheet-bar">
                <label>
                    <span>{move || grid.field_label()}</span>
                    <input
                        node_ref=grid.field
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="cell-said"
                        prop:value=text
                        disabled=cannot_write
                        on:input=move |event| grid.typed(event_target_value(&event))
                        on:keydown=move |event| grid.key_in_field(&event)
                        on:blur=move |_| grid.commit()
                    />
                </label>
                <div class="said">
                    <div id="cell-said" class="fragment" inner_html=move || grid.said().into_string()></div>
                    {move || grid.near().map(|near| did_you_mean(grid, near))}
                </div>
            </div>
            <div class="sheet" class:few=few node_ref=grid.scroller on:scroll=move |_| grid.scrolled()>
                <div style:height=height>
                    <table
                        class="sheet-grid"
                        role="grid"
                        tabindex="0"
                        aria-labelledby="rows-title"
                        aria-describedby="sheet-keys"
                        aria-rowcount=move || grid.total() + 1
                        aria-colcount=move || grid.columns() + 1
                        aria-activedescendant=move || grid.active_id()
                        node_ref=grid.table
                        style:min-width=width
                        on:keydown=move |event| grid.key(&event)
                        on:click=move |event| grid.clicked(&event, false)
                        on:dblclick=move |event| grid.clicked(&event, true)
                        on:paste=move |event| grid.pasted(&event)
                    >
                        <colgroup inner_html=move || {
                            widths.with(|it| it.columns(|it| grid.scaled(it))).into_string()
                        }></colgroup>
                        <thead inner_html=move || grid.head().into_string()></thead>
                        <tbody inner_html=move || grid.body().into_string()></tbody>
                    </table>
                </div>
            </div>
            <p id="sheet-keys" class="quiet">
                {t!("Type to put a cell right, paste cells from a spreadsheet; F8 goes to the next failing cell, Ctrl+Z takes the last change back.")}
            </p>
        </section>
    }
    .erased()
}

impl Grid {
    /// Asks for what is in view, and goes where was sought.
    fn follow(self) {
        let desk = self.desk;
        Effect::new(move |before: Option<RowFilter>| {
            let filter = self.filter.get();
            if before.is_some_and(|it| it != filter) {
                self.first.set(0);
                self.active.set(CellPlace { row: 0, column: 1 });
                self.held.set_value(VecDeque::new());
            }
            filter
        });
        Effect::new(move |_| {
            let (filter, verdict) = (self.filter.get(), desk.verdict.get());
            let (first, visible) = (self.first.get(), self.visible.get());
            let at_hand = !untrack(|| self.stale())
                && self.window_untracked().is_some_and(|it| {
                    let end = it.from + it.rows.len() as u64;
                    it.from <= first && (first + visible).min(it.total) <= end
                });
            if !at_hand && verdict.is_some() {
                desk.ask(Command::Window {
                    filter,
                    from: first.saturating_sub(AROUND),
                    count: u32::try_from(visible + 2 * AROUND).unwrap_or(u32::MAX),
                });
            }
        });
        Effect::new(move |before: Option<Option<Arc<RowsInWindow>>>| {
            let now = self.window();
            if let (Some(before), Some(now)) = (before.flatten(), &now) {
                self.stay(&before, now);
            }
            if let Some(place) = desk.sought.get() {
                desk.sought.set(None);
                self.go(place.row, place.column.into());
            }
            let _ = (desk.seeking.get(), desk.judging.get(), self.stale());
            self.catch_up();
            now
        });
        Effect::new(move |_| {
            let total = self.total();
            if total > 0 && self.active.get_untracked().row >= total {
                self.go(total - 1, self.active.get_untracked().column.into());
            }
        });
        Effect::new(move |_| {
            if self.scroller.get().is_some() {
                request_animation_frame(move || self.measure());
            }
        });
        let resized = window_event_listener(ev::resize, move |_| self.measure());
        on_cleanup(move || resized.remove());
    }

    fn measure(self) {
        let Some(scroller) = self.scroller.try_get_untracked().flatten() else {
            return;
        };
        let table = self.table.get_untracked();
        let row = table.and_then(|it| it.query_selector("thead tr").ok().flatten());
        let row = row.and_then(|it| it.dyn_into::<HtmlElement>().ok());
        let row = row.map_or(ROW, |it| pixels(it.offset_height()).max(1));
        self.row_height.set(row);
        // Less the header, and a bar for scrolling sideways.
        let rows = pixels(scroller.client_height()) / row;
        self.visible.set(rows.saturating_sub(1).max(3));
    }

    fn window(self) -> Option<Arc<RowsInWindow>> {
        let filter = self.filter.get();
        let window = self.desk.window.get();
        window.filter(|it| it.filter == filter).map(|it| it.rows)
    }

    /// The rows that are shown are not those of the newest verdict.
    fn stale(self) -> bool {
        let shown = self.desk.window.get();
        let newest = self.desk.verdict.get();
        let of = shown.as_ref().and_then(|it| it.verdict.as_ref());
        of.map(Arc::as_ptr) != newest.as_ref().map(Arc::as_ptr)
    }

    /// The active row stays the one it was when rows above it come or go.
    fn stay(self, before: &RowsInWindow, now: &RowsInWindow) {
        let active = self.active.get_untracked();
        let Some(row) = row_at(before, active.row) else {
            return;
        };
        match now.rows.iter().position(|it| it.record == row.record) {
            Some(place) => {
                let row = now.from + place as u64;
                if row != active.row {
                    self.active.set(CellPlace { row, ..active });
                }
            }
            None if row_at(now, active.row).is_some() => self.taken_over.set_value(true),
            None => {}
        }
    }

    fn window_untracked(self) -> Option<Arc<RowsInWindow>> {
        untrack(|| self.window())
    }

    fn total(self) -> u64 {
        self.window().map_or(0, |it| it.total)
    }

    fn columns(self) -> usize {
        self.window().map_or(0, |it| it.header.len())
    }

    fn height(self) -> u64 {
        ((self.total() + 2) * self.row_height.get()).min(TALLEST)
    }

    /// A width, where letters are larger than `ROW` has them.
    fn scaled(self, width: i32) -> i32 {
        let row = i64::try_from(self.row_height.get()).unwrap_or(i64::MAX);
        let usual = i64::try_from(ROW).unwrap_or(i64::MAX);
        i32::try_from(i64::from(width).saturating_mul(row) / usual).unwrap_or(i32::MAX)
    }

    /// How far the grid can be scrolled, in pixels and in rows.
    fn range(self) -> Option<(u64, u64)> {
        let scroller = self.scroller.get_untracked()?;
        let height = untrack(|| self.height());
        let pixels = height.checked_sub(pixels(scroller.client_height()))?;
        let total = untrack(|| self.total());
        let rows = total.saturating_sub(self.visible.get_untracked());
        (pixels > 0).then_some((pixels, rows))
    }

    fn scrolled(self) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let top = pixels(scroller.scroll_top());
        let first = match self.range() {
            Some((pixels, rows)) => ((top * rows + pixels / 2) / pixels).min(rows),
            None => 0,
        };
        if first != self.first.get_untracked() {
            self.first.set(first);
        }
    }

    /// Chooses a cell, and brings it into view. What was written into the one before is kept.
    fn go(self, row: u64, column: u64) {
        let total = untrack(|| self.total());
        let columns = untrack(|| self.columns()) as u64;
        let row = row.min(total.saturating_sub(1));
        let column = u32::try_from(column.min(columns)).unwrap_or_default();
        self.commit();
        self.taken_over.set_value(false);
        self.active.set(CellPlace { row, column });
        let (first, visible) = (self.first.get_untracked(), self.visible.get_untracked());
        let to = if row < first {
            row
        } else if row >= first + visible {
            row + 1 - visible
        } else {
            return self.show_column(column);
        };
        self.first.set(to);
        if let (Some(scroller), Some((pixels, rows))) =
            (self.scroller.get_untracked(), self.range())
            && rows > 0
        {
            let top = i32::try_from((to.min(rows) * pixels).div_ceil(rows));
            scroller.set_scroll_top(top.unwrap_or(i32::MAX));
        }
        self.show_column(column);
    }

    fn show_column(self, column: u32) {
        let (Some(scroller), Some(table)) =
            (self.scroller.get_untracked(), self.table.get_untracked())
        else {
            return;
        };
        let selector = format!("thead th:nth-child({})", column + 1);
        let header = table.query_selector(&selector).ok().flatten();
        let Some(header) = header.and_then(|it| it.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        // The column of lines stays where it is.
        let (left, right) = (
            header.offset_left(),
            header.offset_left() + header.offset_width(),
        );
        let at = scroller.scroll_left();
        let lines = untrack(|| self.scaled(LINES));
        if left - lines < at || right > at + scroller.client_width() {
            scroller.set_scroll_left(left - lines);
        }
    }

    fn move_by(self, rows: i64, columns: i64) {
        let at = self.active.get_untracked();
        let column = u64::from(at.column).saturating_add_signed(columns);
        self.go(at.row.saturating_add_signed(rows), column);
    }

    fn focus(self) {
        if let Some(table) = self.table.get_untracked() {
            // Where it cannot be, the reader goes on with the field.
            let _ = table.focus();
        }
    }

    /// Begins to write into the cell, with this text or with what it holds.
    fn write(self, text: Option<String>) {
        let (Some(mut draft), Some(field)) = (self.begin(), self.field.get_untracked()) else {
            return;
        };
        let all = text.is_none();
        if let Some(text) = text {
            draft.text = text;
        }
        self.draft.set(Some(draft));
        // As above.
        let _ = field.focus();
        if all {
            field.select();
        }
    }

    fn begin(self) -> Option<Draft> {
        untrack(|| {
            let (line, was, now) = self.cell()?;
            Some(Draft {
                line,
                column: self.active.get().column,
                label: self.field_label(),
                text: now.clone(),
                was,
                now,
            })
        })
    }

    fn typed(self, text: String) {
        let draft = self.draft.get_untracked().or_else(|| self.begin());
        self.draft.set(draft.map(|it| Draft { text, ..it }));
    }

    /// The line of the active cell, what the file says in it, and what it says now.
    fn cell(self) -> Option<(u64, String, String)> {
        let at = self.active.get();
        correct::at(&*self.window()?, at.row, at.column)
    }

    fn text(self) -> String {
        self.cell().map(|it| it.2).unwrap_or_default()
    }

    fn row(self) -> Option<FlaggedRow> {
        row_at(&*self.window()?, self.active.get().row).cloned()
    }

    fn commit(self) {
        let Some(it) = self.draft.get_untracked() else {
            return;
        };
        self.draft.set(None);
        if it.text != it.now {
            let list = self.desk.choice.with_untracked(|choice| {
                correct::cell(&choice.corrections, it.line, it.column, &it.was, &it.text)
            });
            self.change(Command::Correct(list));
        }
    }

    /// Asks for what gives another verdict; what is pressed next is about that one's rows.
    fn change(self, command: Command) {
        self.desk.judging.set(true);
        self.desk.ask(command);
    }

    fn seek(self, back: bool) {
        let at = self.active.get_untracked();
        let from = if back || !self.taken_over.get_value() {
            Some(at)
        } else {
            let row = at.row.checked_sub(1);
            row.map(|row| CellPlace {
                row,
                column: u32::MAX,
            })
        };
        self.desk.seeking.set(true);
        self.desk.ask(Command::Seek {
            filter: self.filter.get_untracked(),
            from,
            back,
        });
        self.focus();
    }

    fn clicked(self, event: &MouseEvent, twice: bool) {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let cell = target.and_then(|it| it.closest("[id^=cell-]").ok().flatten());
        let id = cell.map(|it| it.id()).unwrap_or_default();
        let mut places = id.split('-').skip(1).map_while(|it| it.parse().ok());
        if let (Some(row), Some(column)) = (places.next(), places.next()) {
            self.go(row, column);
            if twice {
                self.act(Act::Key(Key::named("F2")));
            }
        }
    }

    fn pasted(self, event: &Event) {
        let block = pasted::cells(&pasted::text(event));
        if !block.is_empty() {
            event.prevent_default();
            self.act(Act::Paste(block));
        }
    }

    fn position(self) -> String {
        if self.desk.judging.get() {
            return t!("Judging …").to_owned();
        }
        match self.window() {
            None => t!("Looking the rows up …").to_owned(),
            Some(it) if it.total == 0 => t!("No rows here. Choose another filter.").to_owned(),
            Some(it) => t!(
                "Row {row} of {total}",
                row = format::count(self.active.get().row + 1),
                total = format::count(it.total)
            ),
        }
    }

    fn field_label(self) -> String {
        if let Some(draft) = self.draft.get() {
            return draft.label;
        }
        let column = usize::try_from(self.active.get().column).unwrap_or(0);
        let window = self.window();
        let header = window
            .as_ref()
            .map(|it| it.header.as_slice())
            .unwrap_or_default();
        let name = column.checked_sub(1).and_then(|it| header.get(it));
        match (self.row(), name) {
            (None, _) => t!("Cell").to_owned(),
            (Some(row), Some(name)) => t!(
                "{trim}, {line}",
                trim = name.trim(),
                line = format::line_named(row.line, row.sheet_row.as_ref())
            ),
            (Some(row), None) => match &row.sheet_row {
                Some(at) => format::line(row.line, Some(at)),
                None => t!("Line {line}", line = format::count(row.line)),
            },
        }
    }

    /// What is wrong with the active cell, and what it was.
    fn said(self) -> Markup {
        let column = self.active.get().column;
        let row = self.row();
        let raw = row.as_ref().is_some_and(|it| it.raw);
        let findings = row
            .as_ref()
            .map(|it| it.findings.as_slice())
            .unwrap_or_default();
        // What is wrong with a row as a whole is said at each of its cells.
        let here = |it: &&Finding| column == 0 || it.data.column.is_none_or(|it| it == column);
        let was = self.cell().filter(|it| it.1 != it.2).map(|it| it.1);
        html! {
            @for finding in findings.iter().filter(here) {
                p {
                    (sign(finding.data.severity)) " " (quoted(&finding.text)) " "
                    span class="code" { (finding.data.code) }
                }
            }
            @if let Some(was) = was {
                p class="quiet" {
                    (t!("Corrected. The file says")) " "
                    @if was.is_empty() { (t!("nothing")) } @else { code { (was) } } "."
                }
            }
            @if raw {
                p class="quiet" { (t!("This line cannot be put right cell by cell. It becomes an exception, and can be mended there.")) }
            }
        }
    }

    /// What the list has that is nearly what the active cell says.
    fn near(self) -> Option<String> {
        let (row, column) = (self.row()?, self.active.get().column);
        let window = self.window()?;
        let mut near = window.near.iter();
        let near = near.find(|it| it.record == row.record && it.column == column)?;
        Some(near.text.clone())
    }

    fn active_id(self) -> Option<String> {
        let (at, first) = (self.active.get(), self.first.get());
        let in_view =
            (first..first + self.visible.get()).contains(&at.row) && at.row < self.total();
        let column = match self.row() {
            Some(row) if row.raw => at.column.min(1),
            _ => at.column,
        };
        in_view.then(|| format!("cell-{}-{column}", at.row))
    }

    fn head(self) -> Markup {
        let window = self.window();
        let header = window.as_ref().map(|it| it.header.as_slice());
        head(header.unwrap_or_default())
    }

    fn body(self) -> Markup {
        let Some(window) = self.window() else {
            return html! {};
        };
        let first = self.first.get();
        let last = (first + self.visible.get()).min(window.total);
        let (active, draft) = (self.active.get(), self.draft.get());
        html! {
            @for at in first..last {
                @let active = (at == active.row).then_some(active.column);
                @match row_at(&window, at) {
                    Some(row) => (line(&window, row, at, active, draft.as_ref())),
                    None => tr aria-rowindex=(at + 2) { th scope="row" class="number" { "…" } },
                }
            }
        }
    }
}

fn head(header: &[String]) -> Markup {
    html! {
        tr aria-rowindex="1" {
            th scope="col" class="number" { (t!("Line")) }
            @for name in header { th scope="col" title=(name) { (name) } }
        }
    }
}

/// Rows that can only be looked at, from the first one on.
pub(super) fn standing(window: &RowsInWindow) -> Markup {
    html! {
        table class="sheet-grid" {
            thead { (head(&window.header)) }
            tbody { @for (at, row) in (0..).zip(&window.rows) { (line(window, row, at, None, None)) } }
        }
    }
}

fn row_at(window: &RowsInWindow, row: u64) -> Option<&FlaggedRow> {
    let place = usize::try_from(row.checked_sub(window.from)?).ok()?;
    window.rows.get(place)
}

fn line(
    window: &RowsInWindow,
    row: &FlaggedRow,
    at: u64,
    active: Option<u32>,
    draft: Option<&Draft>,
) -> Markup {
    let draft = draft.filter(|it| it.line == row.line);
    let wrong = row.findings.iter().find(|it| it.data.column.is_none());
    let columns = window.header.len().max(1);
    let corrected: Vec<&CorrectedCell> = window
        .corrected
        .iter()
        .filter(|it| it.record == row.record)
        .collect();
    // Where there is no room for both, the sheet's name is cut short.
    let (number, sheet) = match &row.sheet_row {
        Some(at) => (at.row, Some(&at.sheet)),
        None => (row.line, None),
    };
    let place = row.sheet_row.as_ref();
    let place = place.map(|it| format::line(row.line, Some(it)));
    let about_row = wrong.map(|it| visible(&it.text.replace('`', "")));
    html! {
        tr aria-rowindex=(at + 2) {
            th
                scope="row"
                id={ "cell-" (at) "-0" }
                class=(classes("number", wrong, false, active == Some(0)))
                title=[about_row.or(place)]
                { (format::count(number)) @if let Some(sheet) = sheet { " · " (sheet) } }
            @if row.raw {
                td
                    id={ "cell-" (at) "-1" }
                    class=(classes("raw", row.findings.first(), false, active.is_some_and(|it| it > 0)))
                    colspan=(columns)
                    { (row.cells.concat()) }
            } @else {
                @for (column, place) in (1..).zip(0..columns) {
                    @let text = row.cells.get(place).map_or("", String::as_str);
                    @let is_active = active == Some(column);
                    @let fault = fault(row, column);
                    @let was = corrected.iter().find(|it| it.column == column);
                    td
                        id={ "cell-" (at) "-" (column) }
                        class=(classes("", fault, was.is_some(), is_active))
                        aria-invalid=[fault.map(|_| "true")]
                        title=[fault.map(|it| visible(&it.text.replace('`', "")))]
                        {
                            @match draft.filter(|it| it.column == column) {
                                Some(draft) => (draft.text),
                                None if text.trim().is_empty() && fault.is_some() => span class="blank" { (t!("empty")) },
                                None => (text),
                            }
                        }
                }
            }
        }
    }
}

fn classes(own: &str, fault: Option<&Finding>, corrected: bool, active: bool) -> String {
    let fault = match fault.map(|it| it.data.severity) {
        None => "",
        Some(Severity::Error) => " fault",
        Some(Severity::Warning) => " fault mild",
    };
    let corrected = if corrected { " corrected" } else { "" };
    let active = if active { " active" } else { "" };
    format!("{own}{fault}{corrected}{active}")
}

/// The gravest finding about a column.
fn fault(row: &FlaggedRow, column: u32) -> Option<&Finding> {
    let here = row
        .findings
        .iter()
        .filter(|it| it.data.column == Some(column));
    here.min_by_key(|it| it.data.severity)
}

fn did_you_mean(grid: Grid, near: String) -> AnyView {
    let label = t!("Did you mean {near}?", near = visible(&near));
    let put = move |_| {
        grid.draft.set(grid.begin().map(|it| Draft {
            text: near.clone(),
            ..it
        }));
        grid.commit();
        grid.focus();
    };
    view! {
        <button type="button" class="button small-button" on:click=put>
            {label}
        </button>
    }
    .erased()
}

fn tools(grid: Grid) -> AnyView {
    let desk = grid.desk;
    let step = move |back: bool, icon: Icon, label: &'static str| {
        view! {
            <button
                type="button"
                class="button small-button"
                inner_html=html! { (icon) (label) }.into_string()
                on:click=move |_| grid.act(Act::Key(Key::seek(back)))
            ></button>
        }
    };
    let of_history = move |command: Command, label: &'static str, past: bool| {
        let none = move || {
            desk.history.with(|it| {
                if past {
                    it.past.is_empty()
                } else {
                    it.future.is_empty()
                }
            })
        };
        view! {
            <button
                type="button"
                class="button small-button"
                disabled=none
                on:click=move |_| desk.ask(command.clone())
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="choices">
            {step(true, Icon::Previous, t!("Previous failing cell"))} {step(false, Icon::Next, t!("Next failing cell"))}
            {of_history(Command::Undo, t!("Undo"), true)} {of_history(Command::Redo, t!("Redo"), false)}
            {move || {
                let any = desk.choice.with(|it| !it.corrections.is_empty());
                any.then(|| {
                    press(desk, "button small-button", html! { (t!("Take all corrections back")) }, Command::Correct(Vec::new()))
                })
            }}
        </div>
    }
    .erased()
}

/// A length on the screen.
fn pixels(length: i32) -> u64 {
    u64::try_from(length).unwrap_or(0)
}
