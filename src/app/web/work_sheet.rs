//! The grid of exceptions (`exceptions/grid.rs`) comes alive: what is typed or pasted is kept in this tab, judged by the
//! program and under the contract that the server will use, can be taken back, and is saved in one request.

use model::t;
mod failing;
mod judging;
mod saving;

use crate::{check::worker_client::WorkerClient, format, json, parts::pasted};
use failing::seek;
use judging::{judge, restore};
use leptos::{ev, prelude::*, reactive::owner::WeakOwner, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use saving::save;
use serde::{Deserialize, Serialize};
use std::{
    cell::{self, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

/// What was typed of one row: the version that it was typed over, and the cells by their columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Typed {
    version: u64,
    cells: BTreeMap<String, String>,
    /// What the row is called, and its page.
    #[serde(default)]
    name: String,
    #[serde(default)]
    href: String,
    /// The server did not take it: it is sent again once the row was seen as it is now.
    #[serde(default)]
    left: bool,
}

/// By a row's place: `run_….17`.
type Rows = BTreeMap<String, Typed>;

#[derive(Default)]
struct Sheet {
    now: Rows,
    past: Vec<Rows>,
    future: Vec<Rows>,
    /// The cell in which the last change was typed: going on there is the same change.
    typing: Option<(String, String)>,
    /// The cell that gets the focus when the rows are there again, and the rows below it, in case it has left.
    focus: Option<(Vec<String>, String)>,
    /// The cell that had the focus last, which a button takes from it.
    here: Option<(String, String)>,
    /// The list that is left for its next page, whose first failing cell gets the focus.
    onward: Option<String>,
    worker: Option<WorkerClient>,
    /// Rows that are being judged, in the order in which they were sent, and those that wait.
    asked: Vec<String>,
    waiting: BTreeSet<String>,
    /// Texts by fingerprint; empty where the server names it no more.
    contracts: BTreeMap<String, String>,
    /// Rows of this page that pass as they stand, and those that do not.
    judged: BTreeMap<String, bool>,
}

thread_local! {
    static SHEET: RefCell<Sheet> = RefCell::new(Sheet::default());
}

fn with<T>(act: impl FnOnce(&mut Sheet) -> T) -> T {
    SHEET.with_borrow_mut(act)
}

type Navigate = dyn Fn(&str, NavigateOptions);

/// The page with the grid, as long as it is there.
struct Page {
    navigate: Box<Navigate>,
    owner: WeakOwner,
    listens: cell::Cell<bool>,
}

thread_local! {
    static PAGE: RefCell<Option<Rc<Page>>> = const { RefCell::new(None) };
}

/// The page is there. What its grid takes comes with the grid.
pub(crate) fn begin() {
    PAGE.set(Owner::current().map(|it| {
        Rc::new(Page {
            navigate: Box::new(use_navigate()),
            owner: it.downgrade(),
            listens: cell::Cell::new(false),
        })
    }));
}

/// When the server's rows were put in: they say what was typed of them, and the focus is where it was.
pub(super) fn settle() {
    let page = PAGE.with_borrow(Clone::clone);
    if let (Some(_), Some(page)) = (left(), page) {
        // Where it does not come, the grid stays a plain form.
        spawn_local(async {
            let _ = come_alive(page).await;
        });
    }
}

/// What the grid takes is in a part of the program of its own.
#[wasm_split(work, fallible)]
fn come_alive(page: Rc<Page>) -> Result<(), SplitLoaderError> {
    // Unless the page was left meanwhile.
    if let Some(owner) = page.owner.upgrade() {
        if !page.listens.replace(true) {
            owner.with(|| listen(page));
        }
        put_in();
    }
    Ok(())
}

/// As long as the page is there.
fn listen(page: Rc<Page>) {
    let typed = window_event_listener(ev::input, |event| {
        if let Some(cell) = Cell::of(&event) {
            cell.write(&cell.field.value(), true);
            refresh();
        }
    });
    let focused = window_event_listener(ev::focusin, |event| {
        if let Some(cell) = Cell::of(&event) {
            with(|it| {
                (it.typing, it.onward) = (None, None);
                it.here = Some((cell.at.clone(), cell.column.clone()));
            });
            cell.say();
        }
    });
    let pressed = window_event_listener(ev::keydown, |event| {
        if let Some(cell) = Cell::of(&event)
            && cell.key(&event)
        {
            event.prevent_default();
        }
    });
    let pasted = window_event_listener(ev::paste, |event| {
        if let Some(cell) = Cell::of(&event) {
            let block = pasted::cells(&pasted::text(&event));
            // One cell is a text like any other.
            if block.len() > 1 || block.first().is_some_and(|it| it.len() > 1) {
                event.prevent_default();
                cell.paste(&block);
                refresh();
            }
        }
    });
    let clicked = window_event_listener(ev::click, |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let tool = target.and_then(|it| {
            it.closest("#work-tools [data-act], #work-left [data-act]")
                .ok()?
        });
        match tool.and_then(|it| it.get_attribute("data-act")).as_deref() {
            Some("back") => seek(true),
            Some("next") => seek(false),
            Some("undo") => step(false),
            Some("redo") => step(true),
            Some("drop") => {
                with(|it| {
                    let mut rows = it.now.clone();
                    rows.retain(|_, it| it.left);
                    it.change(rows);
                });
                refresh();
            }
            Some("discard") => {
                with(|it| {
                    let mut rows = it.now.clone();
                    rows.retain(|_, it| !it.left);
                    it.change(rows);
                });
                refresh();
            }
            _ => {}
        }
    });
    let sent = window_event_listener(ev::submit, move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        if target.is_some_and(|it| it.id() == "work-sheet") {
            event.prevent_default();
            let page = Rc::clone(&page);
            spawn_local(async move { save(&page.navigate).await });
        }
    });
    on_cleanup(move || {
        for it in [typed, focused, pressed, pasted, clicked, sent] {
            it.remove();
        }
    });
}

fn put_in() {
    let Some(left) = left() else { return };
    if let Some(tools) = document().get_element_by_id("work-tools") {
        // A name of HTML.
        let _ = tools.remove_attribute("hidden");
    }
    let kept = storage().and_then(|it| it.get_item(&key(&left)).ok()?);
    let kept = kept.and_then(|it| json::read::<Rows>(&it));
    let focus = with(|it| {
        let kept = kept.unwrap_or_default();
        if it.now != kept {
            (it.past, it.future) = (Vec::new(), Vec::new());
            it.now = kept;
        }
        it.judged.clear();
        it.asked.clear();
        it.focus.take()
    });
    // Who goes on typing has seen by now what the others made of the row.
    for row in rows() {
        let (Some(at), Some(version)) = (name(&row), version(&row)) else {
            continue;
        };
        let older = with(|it| {
            let typed = it.now.get_mut(&at)?;
            typed.left = false;
            (typed.version != version).then_some(())?;
            typed.version = version;
            Some(())
        });
        if older.is_some() {
            let _ = row.class_list().add_1("stale");
        }
    }
    // What was typed before this came.
    for field in rows().iter().flat_map(fields) {
        let text = field.value();
        if text != field.default_value()
            && let Some(cell) = Cell::at(field)
        {
            cell.write(&text, false);
        }
    }
    refresh();
    if let Some((at, column)) = focus {
        let mut found = at.iter().filter_map(|it| cell(it, &column));
        match found.next().or_else(|| first_cell(&column)) {
            Some(field) => take(&field),
            None => {
                let told = document().query_selector(".told").ok().flatten();
                if let Some(told) = told.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                    told.set_tab_index(-1);
                    let _ = told.focus();
                }
            }
        }
    }
    failing::come();
}

impl Sheet {
    fn change(&mut self, rows: Rows) {
        if rows != self.now {
            let before = std::mem::replace(&mut self.now, rows);
            self.past.push(before);
            self.future.clear();
        }
        self.typing = None;
    }
}

/// A field of the grid.
struct Cell {
    field: HtmlInputElement,
    row: Element,
    at: String,
    column: String,
}

impl Cell {
    fn of(event: &Event) -> Option<Self> {
        let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
        Self::at(field)
    }

    fn at(field: HtmlInputElement) -> Option<Self> {
        let row = field.closest("tr[data-row]").ok()??;
        Some(Self {
            at: name(&row)?,
            column: field.get_attribute("data-column")?,
            field,
            row,
        })
    }

    /// Keeps what the cell is to say now.
    fn write(&self, text: &str, goes_on: bool) {
        let version = version(&self.row).unwrap_or_default();
        with(|it| {
            let mut rows = it.now.clone();
            put(&mut rows, self, version, text);
            let here = Some((self.at.clone(), self.column.clone()));
            if goes_on && it.typing == here {
                it.now = rows;
            } else {
                it.change(rows);
                it.typing = here.filter(|_| goes_on);
            }
        });
    }

    /// Leaves the cell as it was found. What is being typed there never was a change, so that undoing does not bring it
    /// back.
    fn abandon(&self) {
        with(|it| {
            if it.typing == Some((self.at.clone(), self.column.clone()))
                && let Some(before) = it.past.pop()
            {
                it.now = before;
                it.typing = None;
            }
        });
        self.write(&self.field.default_value(), false);
        refresh();
    }

    fn paste(&self, block: &[Vec<String>]) {
        let Some(place) = self.index() else { return };
        let rows_here = rows();
        let Some(first) = rows_here.iter().position(|it| *it == self.row) else {
            return;
        };
        with(|it| {
            let mut rows = it.now.clone();
            for (row, cells) in rows_here.iter().skip(first).zip(block) {
                for (at, text) in (place..).zip(cells) {
                    if let Some(cell) = field(row, at).and_then(Self::at) {
                        let version = version(row).unwrap_or_default();
                        put(&mut rows, &cell, version, text);
                    }
                }
            }
            it.change(rows);
        });
    }

    /// Its place among the cells of the row.
    fn index(&self) -> Option<u32> {
        let cells = self.row.children();
        let own = self.field.parent_element()?;
        (0..cells.length()).find(|it| cells.item(*it).as_ref() == Some(&own))
    }

    fn say(&self) {
        let row = self.row.query_selector("th").ok().flatten();
        let of_row = row.and_then(|it| it.get_attribute("title"));
        let own = self.field.get_attribute("title");
        let was = self.field.default_value();
        let is_typed = self.field.value() != was;
        let was = is_typed.then(|| match was.as_str() {
            "" => t!("It said nothing.").to_owned(),
            was => t!("It said \"{was}\".", was = was),
        });
        let stale = self.row.class_list().contains("stale");
        let stale = stale.then(|| {
            t!("Somebody changed this row meanwhile: look at it again, then save.").to_owned()
        });
        let texts = [stale, own, of_row, was].into_iter().flatten();
        let texts: Vec<String> = texts.filter(|it| !it.is_empty()).collect();
        say("cell-says", &texts.join(" "));
    }

    /// Whether the key was for the grid.
    fn key(&self, event: &KeyboardEvent) -> bool {
        let control = event.ctrl_key() || event.meta_key();
        let shift = event.shift_key();
        let length = u32::try_from(self.field.value().encode_utf16().count()).unwrap_or(u32::MAX);
        let from = self.field.selection_start().ok().flatten().unwrap_or(0);
        let to = self.field.selection_end().ok().flatten().unwrap_or(0);
        let all = from == 0 && to == length;
        match event.key().as_str() {
            "ArrowDown" => self.go(1, 0),
            "ArrowUp" => self.go(-1, 0),
            "Enter" if control => return false,
            "Enter" => self.go(if shift { -1 } else { 1 }, 0),
            "ArrowLeft" if !shift && (all || to == 0) => self.go(0, -1),
            "ArrowRight" if !shift && (all || from == length) => self.go(0, 1),
            "F2" => {
                // The caret goes where writing goes on.
                let _ = self.field.set_selection_range(length, length);
            }
            "F8" => seek(shift),
            "Escape" => self.abandon(),
            "z" | "Z" if control => step(shift),
            "y" if control => step(true),
            _ => return false,
        }
        true
    }

    fn go(&self, down: isize, right: i32) {
        let Some(place) = self.index() else { return };
        if right != 0 {
            let mut at = place;
            while let Some(next) = at.checked_add_signed(right) {
                if next == 0 || next >= self.row.children().length() {
                    return;
                }
                if let Some(field) = field(&self.row, next) {
                    return take(&field);
                }
                at = next;
            }
            return;
        }
        let rows = rows();
        let here = rows.iter().position(|it| *it == self.row);
        let mut at = here.and_then(|it| it.checked_add_signed(down));
        while let Some(row) = at.and_then(|it| rows.get(it)) {
            if let Some(field) = field(row, place) {
                return take(&field);
            }
            at = at.and_then(|it| it.checked_add_signed(down));
        }
    }
}

/// A cell that says again what it said is not corrected.
fn put(rows: &mut Rows, cell: &Cell, version: u64, text: &str) {
    let link = cell.row.query_selector("th a").ok().flatten();
    let of_link = |name| link.as_ref().and_then(|it| it.get_attribute(name));
    let typed = rows.entry(cell.at.clone()).or_insert_with(|| Typed {
        version,
        cells: BTreeMap::new(),
        name: of_link("aria-label").unwrap_or_default(),
        href: of_link("href").unwrap_or_default(),
        left: false,
    });
    if text == cell.field.default_value() {
        typed.cells.remove(&cell.column);
        if typed.cells.is_empty() {
            rows.remove(&cell.at);
        }
    } else {
        typed.cells.insert(cell.column.clone(), text.to_owned());
    }
}

/// One change back, or forth again.
fn step(forth: bool) {
    let changed = with(|it| {
        let (from, to) = if forth {
            (&mut it.future, &mut it.past)
        } else {
            (&mut it.past, &mut it.future)
        };
        let rows = from.pop()?;
        it.typing = None;
        to.push(std::mem::replace(&mut it.now, rows));
        Some(())
    });
    if changed.is_some() {
        refresh();
    }
}

/// Shows what is typed, keeps it, and has judged what is not judged yet.
fn refresh() {
    let Some(left) = left() else { return };
    let now = with(|it| it.now.clone());
    for row in rows() {
        let Some(at) = name(&row) else { continue };
        let typed = now.get(&at);
        let mut changed = false;
        for field in fields(&row) {
            let own = typed.and_then(|it| it.cells.get(&field.get_attribute("data-column")?));
            let text = own.cloned().unwrap_or_else(|| field.default_value());
            if field.value() != text {
                field.set_value(&text);
            }
            changed |= field.get_attribute("data-judged").as_deref() != Some(&text);
            let list = field.parent_element().map(|it| it.class_list());
            if let Some(list) = list {
                let _ = list.toggle_with_force("corrected", own.is_some());
            }
        }
        match typed {
            Some(_) if changed => with(|it| {
                it.waiting.insert(at);
            }),
            None if row.has_attribute("data-judged") => restore(&row),
            _ => {}
        }
    }
    let to_save = now.values().filter(|it| !it.left);
    let cells: usize = to_save.map(|it| it.cells.len()).sum();
    let words = match cells {
        0 => t!("Save corrections").to_owned(),
        _ => t!(
            "Save {cells}",
            cells = format::counted(cells as u64, t!("correction"), t!("corrections"))
        ),
    };
    say("work-save", &words);
    enable("#work-save", cells > 0);
    let (past, future) = with(|it| (!it.past.is_empty(), !it.future.is_empty()));
    enable("[data-act=undo]", past);
    enable("[data-act=redo]", future);
    enable("[data-act=drop]", cells > 0);
    keep(&left, &now);
    show_left(&left, &now);
    tell();
    judge();
    let active = document().active_element();
    let active = active.and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
    if let Some(cell) = active.and_then(Cell::at) {
        cell.say();
    }
}

/// What was typed of rows that the server did not take and that the list does not show.
fn show_left(section: &Element, now: &Rows) {
    let left = now.values().filter(|it| it.left);
    let lines = left.filter_map(|it| {
        let (line, link) = (element("li")?, element("a")?);
        link.set_attribute("href", &it.href).ok()?;
        link.set_text_content(Some(&it.name));
        line.append_with_node_1(&link).ok()?;
        let cells = it.cells.iter();
        let cells: Vec<String> = cells
            .map(|(name, text)| format!("{name}: {text}"))
            .collect();
        line.append_with_str_1(&format!(" · {}", cells.join(" · ")))
            .ok()?;
        Some(line)
    });
    let lines: Vec<Element> = lines.collect();
    // Names of HTML, and elements of this document.
    let _ = section.toggle_attribute_with_force("hidden", lines.is_empty());
    let Ok(Some(list)) = section.query_selector("ul") else {
        return;
    };
    list.set_text_content(None);
    for line in lines {
        let _ = list.append_with_node_1(&line);
    }
}

fn element(name: &str) -> Option<Element> {
    document().create_element(name).ok()
}

/// How many of the typed rows pass as they stand.
fn tell() {
    let (pass, fail) = with(|it| {
        let judged = it.judged.iter().filter(|(at, _)| it.now.contains_key(*at));
        let pass = judged.clone().filter(|(_, passes)| **passes).count();
        (pass, judged.count() - pass)
    });
    let text = match (pass, fail) {
        (0, 0) => String::new(),
        (pass, 0) => format::counted(
            pass as u64,
            t!("row passes as it stands"),
            t!("rows pass as they stand"),
        ),
        (0, fail) => format::counted(fail as u64, t!("row still fails"), t!("rows still fail")),
        (pass, fail) => t!(
            "{pass} pass as they stand, {fail} still fail",
            pass = pass,
            fail = fail
        ),
    };
    say("work-judged", &text);
}

fn form() -> Option<Element> {
    document().get_element_by_id("work-sheet")
}

fn field_value(form: &Element, name: &str) -> String {
    let field = form
        .query_selector(&format!("[name={name}]"))
        .ok()
        .flatten();
    let field = field.and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
    field.map(|it| it.value()).unwrap_or_default()
}

/// Where the grid tells of rows that it does not show; it is there as long as the grid is, with rows or without.
fn left() -> Option<Element> {
    document().get_element_by_id("work-left")
}

fn key(left: &Element) -> String {
    let workspace = left.get_attribute("data-workspace");
    format!("tarazu.corrections.{}", workspace.unwrap_or_default())
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Where there is no room, what was typed stays as long as the page does.
fn keep(left: &Element, rows: &Rows) {
    let Some(storage) = storage() else { return };
    let _ = match serde_json::to_string(rows) {
        Ok(text) if !rows.is_empty() => storage.set_item(&key(left), &text),
        _ => storage.remove_item(&key(left)),
    };
}

fn rows() -> Vec<Element> {
    elements(&document().query_selector_all("#work-sheet tr[data-row]"))
}

fn elements(list: &Result<web_sys::NodeList, JsValue>) -> Vec<Element> {
    let Ok(list) = list else { return Vec::new() };
    let all = (0..list.length()).filter_map(|at| list.item(at)?.dyn_into().ok());
    all.collect()
}

fn row(at: &str) -> Option<Element> {
    document().get_element_by_id(&format!("row-{at}"))
}

fn name(row: &Element) -> Option<String> {
    row.get_attribute("data-row")
}

fn version(row: &Element) -> Option<u64> {
    row.get_attribute("data-version")?.parse().ok()
}

fn fields(row: &Element) -> Vec<HtmlInputElement> {
    let all = elements(&row.query_selector_all("input")).into_iter();
    all.filter_map(|it| it.dyn_into().ok()).collect()
}

/// The field in the cell of this place, if one stands there.
fn field(row: &Element, place: u32) -> Option<HtmlInputElement> {
    let cell = row.children().item(place)?;
    cell.query_selector("input").ok()??.dyn_into().ok()
}

fn cell(at: &str, column: &str) -> Option<HtmlInputElement> {
    let fields = fields(&row(at)?).into_iter();
    let mut here = fields.filter(|it| it.get_attribute("data-column").as_deref() == Some(column));
    here.next()
}

fn first_cell(column: &str) -> Option<HtmlInputElement> {
    let rows = rows().into_iter();
    let mut cells = rows.filter_map(|it| cell(&name(&it)?, column));
    cells.next()
}

/// Gives it the focus, all of it chosen, so that typing begins anew.
fn take(field: &HtmlInputElement) {
    let _ = field.focus();
    field.select();
}

fn say(id: &str, text: &str) {
    let place = document().get_element_by_id(id);
    if let Some(place) = place.filter(|it| it.text_content().as_deref() != Some(text)) {
        place.set_text_content(Some(text));
    }
}

fn enable(selector: &str, yes: bool) {
    if let Ok(Some(button)) = document().query_selector(&format!("#work-sheet {selector}")) {
        let _ = if yes {
            button.remove_attribute("disabled")
        } else {
            button.set_attribute("disabled", "")
        };
    }
}
