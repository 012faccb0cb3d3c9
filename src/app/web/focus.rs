//! Keeps the focus where what has it is drawn anew: at the same control where there is one again, else at what tells what
//! came of it. A browser would leave it to the page as a whole, so that who reads by ear or by keyboard began at its top.
//!
//! What tells it is found from the control that was there: an element around it names it by `data-then` or as its own title
//! (`aria-labelledby`), or is something that folds, and its summary stays.

use super::element;
use js_sys::Array;
use leptos::{ev, prelude::*};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{FocusOptions, HtmlElement, MutationObserver, MutationObserverInit, Node};

/// What tells it where nothing nearer does.
const OUTCOMES: &str = "#failed, #stopped, #reading, #answer, #comes-to";

thread_local! {
    static LAST: RefCell<Option<Focused>> = const { RefCell::new(None) };
    /// The focus is given back, which is no choice of the reader's.
    static GIVING: Cell<bool> = const { Cell::new(false) };
    /// Something was drawn, and was not looked at yet.
    static DRAWN: Cell<bool> = const { Cell::new(false) };
}

/// What the reader chose last, and what has the focus in its place.
#[derive(Clone)]
struct Focused {
    element: HtmlElement,
    /// A selector of all that it could be.
    like: String,
    id: String,
    name: String,
    /// By keyboard: then it is brought into view, which would be a jump for others.
    seen: bool,
    /// The ids of what tells what comes of it, the nearest first.
    tells: Vec<String>,
}

/// Never stopped: the frame lives as long as the page.
pub(super) fn keep() {
    let _ = window_event_listener(ev::focusin, |event| {
        let target = event.target().and_then(|it| it.dyn_into().ok());
        if let Some(element) = target.filter(|_| !GIVING.get()) {
            LAST.set(Some(Focused::of(element)));
        }
    });
    // Where it hits nothing that takes the focus, nothing is to be given back.
    let _ = window_event_listener(ev::pointerdown, |event| {
        let hit = event.target().and_then(|it| it.dyn_into::<Node>().ok());
        LAST.with_borrow_mut(|last| {
            let same = last.take_if(|it| it.element.contains(hit.as_ref()));
            *last = same.map(|it| Focused { seen: false, ..it });
        });
    });
    let drawn = Closure::<dyn Fn()>::new(|| {
        if LAST.with_borrow(Option::is_some) && !DRAWN.replace(true) {
            request_animation_frame(give_back);
        }
    });
    let observer = MutationObserver::new(drawn.as_ref().unchecked_ref());
    if let (Ok(observer), Some(body)) = (observer, document().body()) {
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_subtree(true);
        what.set_attribute_filter(&Array::of1(&"disabled".into()));
        // Where it cannot be watched, the focus is left to the browser.
        let _ = observer.observe_with_options(&body, &what);
    }
    drawn.forget();
}

fn give_back() {
    DRAWN.set(false);
    let Some(last) = LAST.with_borrow(Clone::clone) else {
        return;
    };
    if can_have_it(&last.element) || is_elsewhere(&last.element) {
        return;
    }
    let tells = last.tells.iter().filter_map(|it| telling(it));
    let found = last
        .again()
        .into_iter()
        .chain(tells)
        .chain(first(OUTCOMES))
        .chain(first("main h1"))
        .find(|it| give(it, last.seen));
    if let Some(element) = found {
        // What comes next may bring the control back.
        LAST.set(Some(Focused { element, ..last }));
    }
}

impl Focused {
    fn of(element: HtmlElement) -> Self {
        Self {
            like: match element.closest("main") {
                Ok(Some(_)) => format!("main {}", element.tag_name()),
                _ => element.tag_name(),
            },
            id: element.id(),
            name: name(&element),
            seen: element.matches(":focus-visible").unwrap_or(false),
            tells: tells(&element),
            element,
        }
    }

    /// The same control, drawn anew. One that is called like another one is not known again.
    fn again(&self) -> Option<HtmlElement> {
        if !self.id.is_empty() {
            return element(&self.id).filter(can_have_it);
        }
        let all = document().query_selector_all(&self.like).ok()?;
        let mut alike = (0..all.length())
            .filter_map(|at| all.item(at)?.dyn_into().ok())
            .filter(|it| can_have_it(it) && name(it) == self.name);
        let found = alike.next().filter(|_| !self.name.is_empty())?;
        alike.next().is_none().then_some(found)
    }
}

fn name(element: &HtmlElement) -> String {
    let is_field = matches!(&*element.tag_name(), "INPUT" | "SELECT" | "TEXTAREA");
    let label = element.get_attribute("aria-label");
    let own = label.or_else(|| match is_field {
        true => element.get_attribute("name"),
        false => element.text_content(),
    });
    own.unwrap_or_default().trim().to_owned()
}

fn tells(element: &HtmlElement) -> Vec<String> {
    let mut res = Vec::new();
    let mut around = element.parent_element();
    while let Some(it) = around {
        let named = ["data-then", "aria-labelledby"].map(|name| it.get_attribute(name));
        let folds = Some(it.id()).filter(|_| it.tag_name() == "DETAILS");
        let ids = named.into_iter().chain([folds]).flatten();
        res.extend(ids.filter(|it| !it.is_empty()));
        around = it.parent_element();
    }
    res
}

fn telling(id: &str) -> Option<HtmlElement> {
    let found = element(id)?;
    match &*found.tag_name() {
        "DETAILS" => found.query_selector("summary").ok()??.dyn_into().ok(),
        _ => Some(found),
    }
}

fn first(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

fn can_have_it(element: &HtmlElement) -> bool {
    element.is_connected() && !element.matches(":disabled").unwrap_or(false)
}

/// The reader is at something else by now.
fn is_elsewhere(last: &HtmlElement) -> bool {
    let body = document().body();
    !has_it(last) && document().active_element().is_some() && !body.is_some_and(|it| has_it(&it))
}

fn has_it(element: &HtmlElement) -> bool {
    let active = document().active_element();
    active.is_some_and(|it| it.is_same_node(Some(element)))
}

/// True where it took the focus.
fn give(element: &HtmlElement, seen: bool) -> bool {
    if element.tab_index() < 0 {
        // A title takes it only so. An attribute of this name can always be set.
        let _ = element.set_attribute("tabindex", "-1");
    }
    let options = FocusOptions::new();
    options.set_prevent_scroll(!seen);
    GIVING.set(true);
    // What cannot take it leaves it where it is.
    let _ = element.focus_with_options(&options);
    GIVING.set(false);
    has_it(element)
}
