//! An image, an archive, a web page or nothing at all under the name of a table.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Header, HeaderCheck, HeaderFault, Meta},
};
use model::control::{Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotATable {}

impl Control for NotATable {
    const META: Meta = Meta {
        code: "SCH08",
        name: "not-a-table",
        summary: "The file is no table.",
        dimension: Dimension::Schema,
        severity: Severity::Error,
        category: None,
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            ("nothing", "The file is empty; export it again"),
            (
                "image",
                "The file is an image; export the table itself as CSV",
            ),
            ("pdf", "The file is a PDF; export the table itself as CSV"),
            (
                "zip",
                "The file is a zip archive, or a workbook of more than 256 MB; unpack it, or save the sheet as CSV",
            ),
            ("gzip", "The file is compressed with gzip; unpack it first"),
            (
                "old-office",
                "The file is an old Office document, or a workbook of more than 256 MB; save its table as CSV",
            ),
            (
                "html",
                "The file is a web page, perhaps an error page; download it again, or save it as CSV",
            ),
            (
                "utf-32",
                "The file is written in UTF-32, which is not supported; save it as CSV UTF-8",
            ),
            ("binary", "The file is not text; export the table as CSV"),
            (
                "password",
                "The workbook has a password; save it without one",
            ),
            (
                "damaged-workbook",
                "The workbook is damaged; open it where it was made and save it anew",
            ),
            (
                "large-workbook",
                "The workbook is larger than is unpacked here; save the sheet as CSV",
            ),
            (
                "no-such-sheet",
                "The workbook has no sheet of the name that was chosen; choose another one",
            ),
            (
                "other-header",
                "The sheets that were chosen have different headers; hand them in one at a time",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("not_a_table.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Header(Box::new(self)))
    }
}

impl HeaderCheck for NotATable {
    fn judge(&self, header: &Header<'_>, out: &mut Vec<HeaderFault>) {
        let Some(kind) = header.not_a_table else {
            return;
        };
        let message = (0..)
            .zip(Self::META.messages)
            .find(|(_, (name, _))| *name == kind);
        out.push(HeaderFault {
            message: message.map_or(0, |(place, _)| place),
            severity: Severity::Error,
            holds: true,
            column: None,
            values: Vec::new(),
        });
    }
}
