//! Several files that came together: each is judged in turn, and then the reader goes from one to another.

use super::Driver;
use crate::{
    check::desk::{Outcome, Queued},
    web::http::whole,
};
use leptos::prelude::*;
use model::options::Choice;
use std::rc::Rc;
use web_sys::File;

impl Driver {
    /// One file is opened; of several each is judged in turn, and then the first one that could be is opened.
    pub(super) fn take_in(self: &Rc<Self>, files: Vec<File>) {
        let one = files.len() < 2;
        let queued = files.iter().map(|it| Queued {
            name: it.name(),
            bytes: whole(it.size()),
            outcome: Outcome::Waits,
            open: false,
        });
        self.desk
            .files
            .set(if one { Vec::new() } else { queued.collect() });
        let first = files.first().cloned();
        let files = files.into_iter().map(|it| (it, Choice::default()));
        self.files.replace(files.collect());
        if one && let Some(file) = first {
            self.open(file, false);
        } else {
            self.open_at(0, true);
        }
    }

    /// Opens the file at this place, read as it was when it was open last. `alone` where nobody asked for it.
    pub(super) fn open_at(self: &Rc<Self>, place: usize, alone: bool) {
        let file = self.files.borrow().get(place).cloned();
        if let Some((file, choice)) = file {
            self.open_as(file, false, choice, None);
            self.first_round.set(alone);
            self.desk.files.update(|it| {
                if let Some(file) = it.get_mut(place) {
                    file.open = true;
                }
            });
        }
    }

    /// Whatever comes onto the desk next is none of these files, and nothing of theirs takes its place.
    pub(super) fn leave_files(&self) {
        self.first_round.set(false);
        if self.open_place().is_some() {
            self.desk
                .files
                .update(|it| it.iter_mut().for_each(|file| file.open = false));
        }
    }

    pub(super) fn open_place(&self) -> Option<usize> {
        let files = self.desk.files;
        files.with_untracked(|it| it.iter().position(|file| file.open))
    }

    /// Notes what the file on the desk came to, where it came with others, and goes on to another one of them as long as
    /// the reader has opened none. True where it did.
    pub(super) fn came_to(self: &Rc<Self>, outcome: Outcome) -> bool {
        // The list says what the server would, not what a contract would that is tried.
        let place = self
            .open_place()
            .filter(|_| !self.desk.trying.get_untracked());
        let Some(place) = place else {
            return false;
        };
        let choice = self.desk.choice.get_untracked();
        if let Some(file) = self.files.borrow_mut().get_mut(place) {
            file.1 = choice;
        }
        self.desk.files.update(|it| {
            if let Some(file) = it.get_mut(place) {
                file.outcome = outcome;
            }
        });
        if !self.first_round.get() {
            return false;
        }
        let (waits, judged) = self.desk.files.with_untracked(|it| {
            let waits = it.iter().position(|it| it.outcome == Outcome::Waits);
            let judged = |it: &Queued| matches!(it.outcome, Outcome::Judged(_));
            (waits, it.iter().position(judged))
        });
        self.first_round.set(waits.is_some());
        match waits.or(judged.filter(|it| *it != place)) {
            Some(next) => {
                self.open_at(next, waits.is_some());
                true
            }
            None => false,
        }
    }
}
