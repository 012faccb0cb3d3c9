//! What the verdict says of each control column by column, the value that fails most often included.

use super::{Judgement, faults_of};
use crate::{
    judge::Fault,
    source::{Source, SourceError},
};
use model::{
    control::{ColumnFigures, Commonest},
    money::Money,
    verdict::Held,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

/// Of how many values of a column that differ it is counted how often each stands there, the first ones of the file.
const COUNTED: usize = 65_536;

/// What a control found in a column.
#[derive(Default)]
struct Found {
    rows: u64,
    money: i128,
    /// By the hash of the text, where a cell's text is what fails: in how many rows, and the batch and the flag of the
    /// first one.
    values: HashMap<u64, (u64, usize, usize)>,
}

impl Judgement<'_> {
    /// Tells each control's columns, in the file's order; what is about a row and no cell of it comes first.
    pub(super) fn tell_columns(&mut self, source: &dyn Source) -> Result<(), SourceError> {
        let held = self.verdict.held.as_ref();
        if held.is_some_and(Held::for_structure) {
            return Ok(());
        }
        let found = self.found();
        let with_money = self.verdict.money.is_some();
        let header = self.header();
        for ((code, column), it) in found {
            let commonest = self.commonest(source, column, &it)?;
            let controls = &mut self.verdict.controls;
            let Some(control) = controls.iter_mut().find(|it| it.code == code) else {
                continue;
            };
            let place = usize::try_from(column).unwrap_or(0).checked_sub(1);
            let name = place.and_then(|it| header.get(it));
            control.columns.push(ColumnFigures {
                column: place.map(|_| column),
                column_name: name.map(|it| it.trim().to_owned()),
                rows: it.rows,
                money: with_money.then_some(Money(it.money)),
                commonest,
            });
        }
        Ok(())
    }

    /// By the control's code and the file's column, 0 where it is about the row.
    fn found(&self) -> BTreeMap<(&'static str, u32), Found> {
        let uses = &self.plan.compiled.uses;
        let code = |it: &Fault| uses.get(usize::from(it.used)).map(|it| it.meta.code);
        let mut res: BTreeMap<(&str, u32), Found> = BTreeMap::new();
        for (batch, piece) in self.pieces.iter().enumerate() {
            for (index, flag) in piece.flags.iter().enumerate() {
                let faults = faults_of(piece, index);
                for (at, fault) in faults.iter().enumerate() {
                    let Some(code) = code(fault) else { continue };
                    let same = |it: &Fault| it.column == fault.column && self.is_of(it, code);
                    // One that is used twice on a column counts a row once.
                    if faults.iter().take(at).any(same) {
                        continue;
                    }
                    let found = res.entry((code, fault.column)).or_default();
                    found.rows += 1;
                    found.money += i128::from(flag.money.unwrap_or(0));
                    let room = found.values.len() < COUNTED;
                    if self.is_of_text(fault) && (room || found.values.contains_key(&fault.hash)) {
                        let first = (0, batch, index);
                        found.values.entry(fault.hash).or_insert(first).0 += 1;
                    }
                }
            }
        }
        res
    }

    fn is_of(&self, fault: &Fault, code: &str) -> bool {
        let used = self.plan.compiled.uses.get(usize::from(fault.used));
        used.is_some_and(|it| it.meta.code == code)
    }

    /// Whether what fails is the text of the cell that the fault names.
    fn is_of_text(&self, fault: &Fault) -> bool {
        let compiled = &self.plan.compiled;
        let used = usize::from(fault.used);
        self.is_of_cell(fault) || (compiled.key_use == Some(used) && compiled.key.len() == 1)
    }

    /// Of values that are as frequent, the first one in the file.
    fn commonest(
        &self,
        source: &dyn Source,
        column: u32,
        found: &Found,
    ) -> Result<Option<Commonest>, SourceError> {
        let values = found.values.values();
        let most = values.max_by_key(|(rows, batch, index)| (*rows, Reverse((*batch, *index))));
        let Some((rows, batch, index)) = most else {
            return Ok(None);
        };
        let value = self.text_at(source, column, (*batch, *index))?;
        Ok(value
            .filter(|it| !it.trim().is_empty())
            .map(|value| Commonest { value, rows: *rows }))
    }

    /// The text of a cell of the row that a flag of a batch is of. None where that row has no such cell.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub(super) fn text_at(
        &self,
        source: &dyn Source,
        column: u32,
        (batch, index): (usize, usize),
    ) -> Result<Option<String>, SourceError> {
        let flag = self.pieces.get(batch).and_then(|it| it.flags.get(index));
        let read = self.read_flags(source, batch, flag.map(|it| (index, it)).into_iter())?;
        let row = read.into_iter().next().map(|it| self.render(it));
        let place = usize::try_from(column).unwrap_or(0).checked_sub(1);
        Ok(row.zip(place).and_then(|(mut row, place)| {
            (place < row.cells.len()).then(|| row.cells.swap_remove(place))
        }))
    }
}
