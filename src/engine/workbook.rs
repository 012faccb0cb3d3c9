//! Workbooks: a file of sheets is read into one text, which is then judged as any other. Text and notes depend on
//! the bytes, the contract and the choice alone.

mod calamine_cells;
mod html;
mod limit;
mod notes;
mod number_format;
mod ods;
mod package;
mod sheet;
mod xls;
mod xlsb;
mod xlsx;

use crate::{
    contract::Contract,
    reading::{
        header::{self, Head},
        sniff,
    },
    source::{Memory, Source, SourceError, read_range},
};
use limit::{Budget, Refusal};
use model::{
    options::Choice,
    workbook::{Origin, SheetInfo, SheetPart},
};
use package::Package;
use sheet::Sheet;

/// Bytes from a file's start that tell whether it may be a workbook.
pub const HEAD: u64 = 8 * 1024;

/// A workbook, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workbook {
    /// The sheets that were chosen, one below the other.
    pub text: Vec<u8>,
    pub origin: Origin,
    /// What can be chosen.
    pub sheets: Vec<SheetInfo>,
}

impl Source for Workbook {
    fn size(&self) -> u64 {
        self.text.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        Memory(&self.text).read_at(offset, into)
    }

    fn origin(&self) -> Option<&Origin> {
        Some(&self.origin)
    }
}

/// Whether a file that begins so has to be looked at whole, with [`open`].
pub fn may_be(head: &[u8]) -> bool {
    sniff::may_be_workbook(head)
}

/// Reads the sheets that are chosen, or the one whose header fits the contract best. A workbook that cannot be read
/// has no text, and its origin says why. None where the file is no workbook, or larger than [`limit::FILE`].
///
/// # Errors
/// When the source cannot be read.
pub fn open(
    source: &dyn Source,
    contract: &Contract,
    choice: &Choice,
) -> Result<Option<Workbook>, SourceError> {
    let mut bytes = Vec::new();
    read_range(source, 0, source.size().min(HEAD), &mut bytes)?;
    if !may_be(&bytes) || source.size() > limit::FILE {
        return Ok(None);
    }
    read_range(source, 0, source.size(), &mut bytes)?;
    Ok(open_bytes(&bytes, contract, choice))
}

/// As [`open`], of a file in memory.
pub fn open_bytes(bytes: &[u8], contract: &Contract, choice: &Choice) -> Option<Workbook> {
    let budget = Budget::default();
    let (format, read) = read(bytes, &budget)?;
    let mut origin = Origin {
        digest: blake3::hash(bytes).to_hex().to_string(),
        size: bytes.len() as u64,
        format: format.to_owned(),
        sheets: Vec::new(),
        notes: Vec::new(),
        proposals: Vec::new(),
        refused: None,
    };
    let (sheets, read) = match read {
        Ok(sheets) => (sheets, Ok(())),
        Err(refusal) => (Vec::new(), Err(refusal)),
    };
    let all: Vec<SheetInfo> = sheets.iter().map(|it| it.info(contract)).collect();
    let chosen = match read.and_then(|()| choose(&sheets, &all, contract, choice)) {
        Ok(chosen) => chosen,
        Err(refusal) => {
            origin.refused = Some(refusal.kind());
            origin.notes.extend(notes::refusal(&refusal));
            return Some(Workbook {
                text: Vec::new(),
                origin,
                sheets: all,
            });
        }
    };
    let mut text = Vec::new();
    let mut line = 1;
    for sheet in chosen.iter().filter_map(|it| sheets.get(*it)) {
        let head = sheet.head(contract);
        let start = text.len() as u64;
        let has_header = choice.header_line != Some(0) && head.named >= header::enough(contract);
        origin.sheets.push(SheetPart {
            name: sheet.name.clone(),
            first_line: line,
            above: (line > 1 && has_header).then(|| start..start + head.start as u64),
        });
        text.extend_from_slice(&sheet.text);
        line += u64::from(sheet.lines);
    }
    origin.notes = notes::notes(format, &sheets, &chosen);
    origin.proposals = notes::proposals(&all, &chosen, choice);
    Some(Workbook {
        text,
        origin,
        sheets: all,
    })
}

type Read = Result<Vec<Sheet>, Refusal>;

/// The format, and its sheets in the order in which they stand.
fn read(bytes: &[u8], budget: &Budget) -> Option<(&'static str, Read)> {
    if sniff::is_old_office(bytes) {
        return xls::read(bytes, budget);
    }
    if !sniff::is_zip(bytes) {
        return html::read(bytes, budget);
    }
    let mut package = Package::open(bytes, budget)?;
    let format = if package.has("xl/workbook.bin") {
        "xlsb"
    } else if ods::is_one(&mut package) {
        "ods"
    } else {
        "xlsx"
    };
    let sheets = match format {
        "xlsb" => xlsb::read(bytes, &mut package, budget),
        "ods" => ods::read(&mut package, budget),
        _ => xlsx::read(&mut package, budget).transpose()?,
    };
    Some((format, sheets))
}

/// The places of the sheets that are to be read.
fn choose(
    sheets: &[Sheet],
    infos: &[SheetInfo],
    contract: &Contract,
    choice: &Choice,
) -> Result<Vec<usize>, Refusal> {
    let mut chosen: Vec<usize> = Vec::new();
    for name in &choice.sheets {
        let place = sheets.iter().position(|it| it.name == *name);
        let place = place.ok_or_else(|| Refusal::NoSuchSheet(name.clone()))?;
        if !chosen.contains(&place) {
            chosen.push(place);
        }
    }
    if chosen.is_empty() {
        // Of equals the first.
        let best = sheets
            .iter()
            .enumerate()
            .rev()
            .max_by_key(|(_, it)| (it.rows > 0, !it.hidden, it.head(contract).named));
        chosen.extend(best.map(|(place, _)| place));
    }
    let mut read = chosen
        .iter()
        .filter_map(|it| sheets.get(*it).zip(infos.get(*it)))
        .filter(|(sheet, _)| sheet.rows > 0);
    if let Some((_, first)) = read.next() {
        let names = notes::header(first);
        // A sheet without a header goes on with the rows of the one before; below another header than its own, the
        // rows of a sheet would fill the wrong columns.
        let other = read.find(|(sheet, info)| {
            sheet.head(contract).named >= header::enough(contract) && notes::header(info) != names
        });
        if let Some((_, other)) = other {
            let (name, first) = (other.name.clone(), first.name.clone());
            return Err(Refusal::OtherHeader(name, first));
        }
    }
    Ok(chosen)
}

impl Sheet {
    /// The row that is most like a header: the first one that is not empty where none names a column of the contract.
    fn head(&self, contract: &Contract) -> Head {
        header::most_named(&self.text, contract)
    }

    fn info(&self, contract: &Contract) -> SheetInfo {
        SheetInfo {
            name: self.name.clone(),
            rows: self.rows,
            hidden: self.hidden,
            header: self.head(contract).cells,
        }
    }
}
