//! What the reader's hand does on the grid. Where it is meant for a cell that the worker is still looking for, or for rows
//! that are being judged anew, it waits, and everything behind it.

use super::{Draft, Grid};
use crate::check::desk::{Command, History};
use leptos::{prelude::*, web_sys::KeyboardEvent};
use model::{message::Which, options::Correction};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Key(Key),
    Paste(Vec<Vec<String>>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    key: String,
    control: bool,
    shift: bool,
}

impl Key {
    pub(super) fn named(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            control: false,
            shift: false,
        }
    }

    pub(super) fn seek(back: bool) -> Self {
        Self {
            shift: back,
            ..Self::named("F8")
        }
    }

    /// None for what the browser does with it.
    fn of(event: &KeyboardEvent) -> Option<Self> {
        let res = Self {
            key: event.key(),
            control: event.ctrl_key() || event.meta_key(),
            shift: event.shift_key(),
        };
        let ours = match res.key.as_str() {
            "ArrowDown" | "ArrowUp" | "ArrowRight" | "ArrowLeft" | "PageDown" | "PageUp"
            | "Home" | "End" | "F8" | "Enter" | "F2" | "Delete" | "Backspace" => true,
            "z" | "Z" | "y" if res.control => true,
            _ => !res.control && !event.alt_key() && res.character(),
        };
        ours.then_some(res)
    }

    fn character(&self) -> bool {
        self.key.chars().count() == 1
    }

    /// It is about what the rows say, or what was corrected, not about places alone.
    fn reads(&self) -> bool {
        let named = ["Enter", "F2", "Delete", "Backspace", "F8"].contains(&self.key.as_str());
        named || self.character()
    }
}

impl Grid {
    pub(super) fn key(self, event: &KeyboardEvent) {
        if let Some(key) = Key::of(event) {
            event.prevent_default();
            self.act(Act::Key(key));
        }
    }

    pub(super) fn key_in_field(self, event: &KeyboardEvent) {
        if self.end(&event.key(), event.shift_key()) {
            event.prevent_default();
        }
    }

    pub(super) fn act(self, act: Act) {
        self.held.update_value(|it| it.push_back(act));
        self.catch_up();
    }

    /// Does what was held, as far as it goes.
    pub(super) fn catch_up(self) {
        while let Some(act) = self.held.with_value(|it| it.front().cloned()) {
            if untrack(|| self.must_wait(&act)) {
                return;
            }
            self.held.update_value(|it| {
                it.pop_front();
            });
            match act {
                Act::Paste(block) => self.change(Command::Paste {
                    filter: self.filter.get_untracked(),
                    at: self.active.get_untracked(),
                    block,
                }),
                Act::Key(key) => match self.draft.get_untracked() {
                    Some(draft) => self.press_in_field(&key, draft),
                    None => self.press(&key),
                },
            }
        }
    }

    fn must_wait(self, act: &Act) -> bool {
        let reads = match act {
            Act::Key(key) => key.reads() && self.draft.get().is_none(),
            Act::Paste(_) => true,
        };
        let is_there = || match self.window() {
            Some(it) => self.row().is_some() || self.active.get().row >= it.total,
            None => false,
        };
        let on_the_way = || self.desk.judging.get() || self.stale() || !is_there();
        self.desk.seeking.get() || (reads && on_the_way())
    }

    fn press(self, key: &Key) {
        let page = self.visible.get_untracked().cast_signed();
        let at = self.active.get_untracked();
        match key.key.as_str() {
            "ArrowDown" => self.move_by(1, 0),
            "ArrowUp" => self.move_by(-1, 0),
            "ArrowRight" => self.move_by(0, 1),
            "ArrowLeft" => self.move_by(0, -1),
            "PageDown" => self.move_by(page, 0),
            "PageUp" => self.move_by(-page, 0),
            "Home" if key.control => self.go(0, 0),
            "End" if key.control => self.go(u64::MAX, u64::MAX),
            "Home" => self.go(at.row, 0),
            "End" => self.go(at.row, u64::MAX),
            "F8" => self.seek(key.shift),
            "z" if key.control && !key.shift => self.step(Command::Undo, |it| &it.past),
            "z" | "Z" | "y" if key.control => self.step(Command::Redo, |it| &it.future),
            "Enter" | "F2" => self.write(None),
            "Delete" | "Backspace" => {
                self.write(Some(String::new()));
                self.commit();
                self.focus();
            }
            _ if key.character() => self.write(Some(key.key.clone())),
            _ => {}
        }
    }

    fn step(self, command: Command, of: fn(&History) -> &Vec<Vec<Correction>>) {
        if self.desk.history.with_untracked(|it| !of(it).is_empty()) {
            self.change(command);
        }
    }

    /// A key that was held, behind one that began to write. What is pressed in the field itself is the browser's.
    fn press_in_field(self, key: &Key, mut draft: Draft) {
        match key.key.as_str() {
            "Backspace" => {
                draft.text.pop();
                self.draft.set(Some(draft));
            }
            _ if key.character() && !key.control => {
                draft.text.push_str(&key.key);
                self.draft.set(Some(draft));
            }
            _ if self.end(&key.key, key.shift) => {}
            _ => {
                self.commit();
                self.press(key);
                self.focus();
            }
        }
    }

    /// Leaves the field, where the key is one that does.
    fn end(self, key: &str, shift: bool) -> bool {
        match key {
            "Enter" | "Tab" => {
                self.commit();
                if key == "Tab" {
                    self.move_by(0, if shift { -1 } else { 1 });
                } else if self.filter.with_untracked(|it| it.which) == Which::Every {
                    self.move_by(1, 0);
                }
                self.focus();
            }
            "Escape" => {
                self.draft.set(None);
                self.focus();
            }
            "F8" => {
                self.commit();
                self.focus();
                let seek = Act::Key(Key::seek(shift));
                self.held.update_value(|it| it.push_front(seek));
                self.catch_up();
            }
            _ => return false,
        }
        true
    }
}
