//! The receipt of a verdict, and the digest of its findings.

use super::whole::Whole;
use crate::{
    VERSION,
    judge::{Piece, Plan, fault_code},
    receipt,
};
use model::{
    receipt::{Counts, Receipt},
    verdict::{LayoutKind, Verdict},
};
use xxhash_rust::xxh3::xxh3_64;

/// Before the verdict is drawn up.
pub(super) fn empty(plan: &Plan<'_>) -> Receipt {
    Receipt {
        file_digest: plan.survey.digest.clone(),
        contract: String::new(),
        options: plan.options(),
        corrections_digest: String::new(),
        counts: Counts {
            read: 0,
            accepted: 0,
            exceptions: 0,
            layout: 0,
            findings: 0,
            money_read: None,
            money_accepted: None,
            money_exceptions: None,
        },
        findings_digest: String::new(),
        digest: String::new(),
        engine: VERSION.to_owned(),
        evaluated_at: plan.evaluated_at.to_string(),
    }
}

pub(super) fn receipt(
    plan: &Plan<'_>,
    pieces: &[Piece],
    first_lines: &[u64],
    whole: &Whole,
    verdict: &Verdict,
) -> Receipt {
    let money = verdict.money.as_ref();
    let mut res = Receipt {
        contract: verdict.contract.fingerprint.clone(),
        corrections_digest: receipt::corrections_digest(&plan.choice.corrections),
        counts: Counts {
            read: verdict.rows.read,
            accepted: verdict.rows.accepted,
            exceptions: verdict.rows.exceptions,
            layout: verdict.rows.layout,
            findings: verdict.findings.errors + verdict.findings.warnings,
            money_read: money.map(|it| it.read),
            money_accepted: money.map(|it| it.accepted),
            money_exceptions: money.map(|it| it.exceptions),
        },
        findings_digest: findings_digest(plan, pieces, first_lines, whole),
        ..empty(plan)
    };
    res.digest = receipt::digest(&res);
    res
}

/// BLAKE3 over the findings in order of record, column and code, then over the layout in order of line: each
/// as fixed binary fields, with a hash of its values and without text.
fn findings_digest(
    plan: &Plan<'_>,
    pieces: &[Piece],
    first_lines: &[u64],
    whole: &Whole,
) -> String {
    // Gathered first: long runs of bytes are hashed several times as fast as short ones.
    const ROOM: usize = 64 * 1024;
    let mut hasher = blake3::Hasher::new();
    let mut gathered = Vec::with_capacity(ROOM);
    let mut feed = |record: u64, column: u32, code: &str, message: u8, extra: u64, hash: u64| {
        let mut bytes = [0; 40];
        let parts: [&[u8]; 6] = [
            &record.to_le_bytes(),
            &column.to_le_bytes(),
            code.as_bytes(),
            &[message],
            &extra.to_le_bytes(),
            &hash.to_le_bytes(),
        ];
        let mut at = 0;
        for part in parts {
            if let Some(room) = bytes.get_mut(at..at + part.len()) {
                room.copy_from_slice(part);
            }
            at += part.len();
        }
        gathered.extend_from_slice(&bytes);
        if gathered.len() + bytes.len() > ROOM {
            hasher.update(&gathered);
            gathered.clear();
        }
    };
    let mut header: Vec<(u32, &str, u8, u64)> = whole
        .faults
        .iter()
        .map(|(place, it)| {
            let code = plan.compiled.uses.get(*place).map_or("", |it| it.meta.code);
            let values: Vec<&str> = it.values.iter().map(|(_, value)| value.as_str()).collect();
            (
                it.column.unwrap_or(0),
                code,
                it.message,
                xxh3_64(values.join("\u{1f}").as_bytes()),
            )
        })
        .collect();
    header.sort_unstable();
    for (column, code, message, hash) in header {
        feed(0, column, code, message, 0, hash);
    }
    let mut rows = 0;
    for piece in pieces {
        let mut start = 0;
        for flag in &piece.flags {
            let end = flag.faults_end as usize;
            for it in piece.faults.get(start..end).unwrap_or_default() {
                let record = rows + u64::from(flag.record) + 1;
                feed(
                    record,
                    it.column,
                    fault_code(plan, it),
                    it.message,
                    it.extra,
                    it.hash,
                );
            }
            start = end;
        }
        rows += piece.rows;
    }
    let above = plan.frame.above.iter().map(|(kind, line)| (*kind, *line));
    let below = pieces.iter().zip(first_lines).flat_map(|(piece, first)| {
        piece
            .layout
            .iter()
            .map(move |it| (it.kind, first + u64::from(it.line)))
    });
    for (kind, line) in above.chain(below) {
        feed(0, 0, layout_code(kind), 0, line, 0);
    }
    hasher.update(&gathered);
    hasher.finalize().to_hex().to_string()
}

const fn layout_code(kind: LayoutKind) -> &'static str {
    match kind {
        LayoutKind::Title => "title",
        LayoutKind::Blank => "blank",
        LayoutKind::RepeatedHeader => "again",
        LayoutKind::Total => "total",
        LayoutKind::Footer => "foot",
    }
}
