//! Any bytes are a workbook, or the part of one that its first letter names: what becomes of them is a text with a
//! verdict that reconciles, or a refusal.
#![no_main]

use engine::{contract, workbook};
use model::options::Choice;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Bytes of text from which on judging takes too long to try many.
const LONG: usize = 64 * 1024;

libfuzzer_sys::fuzz_target!(
    init: {
        // What calamine trips over is caught; libFuzzer's hook would end the program before.
        std::panic::set_hook(Box::new(|_| {}));
    },
    |bytes: &[u8]| {
        let contract = contract::sales();
        let Some(read) = workbook::open_bytes(&file(bytes), contract, &Choice::default()) else {
            return;
        };
        let lines = read.sheets.iter().map(|it| it.rows).max().unwrap_or(0);
        assert!(lines <= 1_048_576);
        assert!(std::str::from_utf8(&read.text).is_ok());
        assert!(read.origin.refused.is_none() || read.text.is_empty());
        if read.text.len() < LONG {
            engine_fuzz::assert_laws(&read, contract, bytes);
        }
    }
);

fn file(bytes: &[u8]) -> Vec<u8> {
    match bytes.split_first() {
        Some((b'x', sheet)) => archive(&[
            ("_rels/.rels", RELATIONS.as_bytes()),
            ("xl/_rels/workbook.xml.rels", PARTS.as_bytes()),
            ("xl/workbook.xml", WORKBOOK.as_bytes()),
            ("xl/styles.xml", STYLES.as_bytes()),
            ("xl/s.xml", sheet),
        ]),
        Some((b'f', styles)) => archive(&[
            ("_rels/.rels", RELATIONS.as_bytes()),
            ("xl/_rels/workbook.xml.rels", PARTS.as_bytes()),
            ("xl/workbook.xml", WORKBOOK.as_bytes()),
            ("xl/styles.xml", styles),
            ("xl/s.xml", SHEET.as_bytes()),
        ]),
        Some((b'o', content)) => archive(&[("mimetype", ODS.as_bytes()), ("content.xml", content)]),
        Some((b's', stream)) => compound(stream),
        _ => bytes.to_vec(),
    }
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in parts {
        out.start_file(*name, stored).expect("memory takes all");
        out.write_all(content).expect("memory takes all");
    }
    out.finish().expect("memory takes all").into_inner()
}

fn compound(stream: &[u8]) -> Vec<u8> {
    let mut out = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("memory takes all");
    let mut workbook = out.create_stream("/Workbook").expect("memory takes all");
    workbook.write_all(stream).expect("memory takes all");
    workbook.flush().expect("memory takes all");
    drop(workbook);
    out.into_inner().into_inner()
}

const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const RELATIONS: &str = r#"<Relationships><Relationship Id="a" Type="/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const PARTS: &str = r#"<Relationships><Relationship Id="a" Type="/worksheet" Target="s.xml"/><Relationship Id="b" Type="/styles" Target="styles.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><sheets><sheet name="A" id="a"/></sheets></workbook>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
const SHEET: &str = r#"<worksheet><sheetData><row><c s="0"><v>1.5</v></c><c s="1"><v>46086.5</v></c><c s="2"><v>42</v></c></row></sheetData></worksheet>"#;
