//! What the verdict says of each control column by column, the text that fails most often included.

use super::{Judgement, faults_of};
use crate::{
    judge::Fault,
    render::shorten,
    source::{Source, SourceError},
};
use model::{
    control::{ColumnFigures, Commonest, Severity},
    money::Money,
    verdict::Held,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, hash_map::Entry},
    hash::{BuildHasherDefault, Hasher},
};

/// Of how many texts of a column that differ it is counted how often each stands there, the first ones of the file.
const COUNTED: usize = 8_192;

/// What a control found in a column.
struct Found {
    rows: u64,
    /// None until the amount of one of the rows can be read.
    money: Option<i128>,
    severity: Severity,
    /// Whether what fails is the text of a cell.
    of_text: bool,
    /// By the hash of the text: in how many rows, and the batch and the flag of the first one.
    texts: HashMap<u64, (u64, usize, usize), BuildHasherDefault<Hashed>>,
}

/// For keys that are hashes.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Judgement<'_> {
    /// Tells each control's columns, in the file's order; what is about a row and no cell of it comes first.
    pub(super) fn tell_columns(&mut self, source: &dyn Source) -> Result<(), SourceError> {
        let held = self.verdict.held.as_ref();
        if held.is_some_and(Held::for_structure) {
            return Ok(());
        }
        let header = self.header();
        for ((first, column), it) in self.found() {
            let commonest = self.commonest(source, column, &it)?;
            let code = self.plan.compiled.uses.get(first).map(|it| it.meta.code);
            let mut controls = self.verdict.controls.iter_mut();
            let Some(control) = controls.find(|it| Some(it.code.as_str()) == code) else {
                continue;
            };
            let place = usize::try_from(column).unwrap_or(0).checked_sub(1);
            let name = place.and_then(|it| header.get(it));
            control.columns.push(ColumnFigures {
                column: place.map(|_| column),
                column_name: name.map(|it| it.trim().to_owned()),
                severity: it.severity,
                rows: it.rows,
                money: it.money.map(Money),
                commonest,
            });
        }
        Ok(())
    }

    /// By the first use of the control and the file's column, 0 where it is about the row.
    fn found(&self) -> BTreeMap<(usize, u32), Found> {
        let uses = &self.plan.compiled.uses;
        let first_of = |code: &str| uses.iter().position(|it| it.meta.code == code);
        let first: Vec<usize> = uses
            .iter()
            .filter_map(|it| first_of(it.meta.code))
            .collect();
        let first = |it: &Fault| first.get(usize::from(it.used)).copied();
        let mut res: BTreeMap<(usize, u32), Found> = BTreeMap::new();
        for (batch, piece) in self.pieces.iter().enumerate() {
            for (index, flag) in piece.flags.iter().enumerate() {
                let faults = faults_of(piece, index);
                for (at, fault) in faults.iter().enumerate() {
                    let Some(used) = uses.get(usize::from(fault.used)) else {
                        continue;
                    };
                    let Some(control) = first(fault) else {
                        continue;
                    };
                    let found = res.entry((control, fault.column)).or_insert_with(|| Found {
                        rows: 0,
                        money: None,
                        severity: used.severity,
                        of_text: self.is_of_text(fault),
                        texts: HashMap::default(),
                    });
                    found.severity = found.severity.min(used.severity);
                    // One that is used twice on a column counts a row once.
                    let same = |it: &Fault| it.column == fault.column && first(it) == Some(control);
                    if faults.iter().take(at).any(same) {
                        continue;
                    }
                    found.rows += 1;
                    if let Some(money) = flag.money {
                        *found.money.get_or_insert(0) += i128::from(money);
                    }
                    if !found.of_text {
                        continue;
                    }
                    let room = found.texts.len() < COUNTED;
                    match found.texts.entry(fault.hash) {
                        Entry::Occupied(mut it) => it.get_mut().0 += 1,
                        Entry::Vacant(it) if room => drop(it.insert((1, batch, index))),
                        Entry::Vacant(_) => {}
                    }
                }
            }
        }
        res
    }

    /// Whether what fails is the text of the cell that the fault names.
    fn is_of_text(&self, fault: &Fault) -> bool {
        let compiled = &self.plan.compiled;
        let used = usize::from(fault.used);
        self.is_of_cell(fault) || (compiled.key_use == Some(used) && compiled.key.len() == 1)
    }

    /// Of texts that are as frequent, the first one in the file.
    fn commonest(
        &self,
        source: &dyn Source,
        column: u32,
        found: &Found,
    ) -> Result<Option<Commonest>, SourceError> {
        let texts = found.texts.values();
        let most = texts.max_by_key(|(rows, batch, index)| (*rows, Reverse((*batch, *index))));
        let Some((rows, batch, index)) = most else {
            return Ok(None);
        };
        let text = self.text_at(source, column, (*batch, *index))?;
        Ok(text
            .filter(|it| !it.trim().is_empty())
            .map(|text| Commonest {
                value: shorten(&text),
                rows: *rows,
            }))
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
        // What is no proper record is one cell, whatever its columns.
        let cells = row.filter(|it| !it.raw).map(|it| it.cells);
        Ok(cells
            .zip(place)
            .and_then(|(mut cells, place)| (place < cells.len()).then(|| cells.swap_remove(place))))
    }
}
