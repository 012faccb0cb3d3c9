//! What was laid down of a file earlier, in this browser: offered when the file comes again, and kept until somebody takes it
//! up or discards it, whatever is done meanwhile.

use super::{Driver, text_alone};
use crate::check::{answer, keep};
use leptos::prelude::*;
use model::{message::Ask, options::Choice, verdict::Verdict};
use std::{mem, rc::Rc};

impl Driver {
    /// Has a file of which nothing was laid down read as the last one with this header was. True where it is.
    pub(super) fn read_as_remembered(self: &Rc<Self>, verdict: &Verdict) -> bool {
        let none = Choice::default();
        if self.desk.choice.with_untracked(|it| *it != none) {
            return false;
        }
        let Some(kept) = keep::of_header(&verdict.options).filter(|it| *it != none) else {
            return false;
        };
        self.read_so(kept);
        true
    }

    /// Keeps in this browser what was laid down of the file, or offers what was kept of it.
    pub(super) fn remember(self: &Rc<Self>, verdict: &Verdict) {
        let choice = self.desk.choice.get_untracked();
        let (workspace, digest) = (self.workspace(), &verdict.receipt.file_digest);
        let fresh = self.fresh.replace(false);
        // What was laid down before another file was looked at came here with the file.
        let back =
            self.desk.origin.with_untracked(Option::is_none) && !choice.corrections.is_empty();
        self.changed.set(!fresh || back);
        // How the columns are read is in question only here.
        let missing = verdict
            .held
            .as_ref()
            .is_some_and(|it| it.reason == answer::MISSING);
        let near = verdict.proposals.iter().any(|it| it.name == "column");
        if fresh && (missing || near) {
            self.desk.unfolded.set(true);
        }
        if !fresh {
            // What is offered and not taken up says nothing of how other files are read.
            keep::put_header(&verdict.options, &choice);
            let kept = match self.desk.kept.get_untracked() {
                Some(offered) => offered.with(choice),
                None => choice,
            };
            keep::put_file(&workspace, digest, &kept);
        } else if let Some(kept) = keep::of_file(&workspace, digest).filter(|it| *it != choice) {
            self.offer(kept, &choice);
        }
    }

    fn offer(self: &Rc<Self>, mut kept: Choice, now: &Choice) {
        self.desk.kept_cells.set(0);
        self.desk.kept.set(Some(Box::new(kept.clone())));
        let corrections = mem::take(&mut kept.corrections);
        // Which cells they are is known while the text is read as it was then.
        if !corrections.is_empty()
            && text_alone(&kept) == text_alone(now)
            && let Some(id) = self.ask(&Ask::Count { corrections }, None)
        {
            self.counting.set(id);
        }
    }

    /// Reads the file as was laid down of it earlier, and since.
    pub(super) fn take_up(self: &Rc<Self>) {
        let (Some(kept), Some(verdict)) = (
            self.desk.kept.get_untracked(),
            self.desk.verdict.get_untracked(),
        ) else {
            return;
        };
        self.desk.kept.set(None);
        let choice = self.desk.choice.get_untracked();
        let before = choice.corrections.clone();
        let digest = &verdict.receipt.file_digest;
        let stored = keep::of_file(&self.workspace(), digest).unwrap_or(*kept);
        // What is being judged is not stored yet.
        let all = match self.changed.get() || self.desk.judging.get_untracked() {
            true => stored.with(choice),
            false => stored,
        };
        if all.corrections != before {
            self.note(before);
        }
        self.read_so(all);
    }

    /// Forgets what was laid down of the file earlier, and nothing that was since.
    pub(super) fn discard(&self) {
        let Some(verdict) = self.desk.verdict.get_untracked() else {
            return;
        };
        self.desk.kept.set(None);
        let since = match self.changed.get() {
            true => self.desk.choice.get_untracked(),
            false => Choice::default(),
        };
        keep::put_file(&self.workspace(), &verdict.receipt.file_digest, &since);
    }

    /// Forgets what was laid down of a file that was submitted so, and nothing that is still offered.
    pub(in crate::check) fn submitted(&self, verdict: &Verdict) {
        let kept = self.desk.kept.get_untracked().unwrap_or_default();
        keep::put_file(&self.workspace(), &verdict.receipt.file_digest, &kept);
    }
}
