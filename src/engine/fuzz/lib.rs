//! What the fuzz targets demand of the engine: the laws of its property tests, which are the same text.

#[path = "../tests/it/laws.rs"]
mod laws;

use engine::{Source, contract::Contract};

/// Whatever the file, its verdict reconciles, and is the same however the file is cut. The size of the pieces
/// depends on `input` alone, so that a crash can be made again.
pub fn assert_laws(source: &dyn Source, contract: &Contract, input: &[u8]) {
    let sum: u64 = input.iter().map(|it| u64::from(*it)).sum();
    laws::assert_reconciled(source, contract);
    laws::assert_same(source, contract, 40 + sum % 300, |length| {
        usize::from(sum % 2 == 0) * (length - 1)
    });
}
