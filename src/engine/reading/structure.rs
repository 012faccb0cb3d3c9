//! Finds the bytes that give a CSV file its structure: delimiters, quotes and line breaks, 16 bytes at a time.

use wide::u8x16;

const LANES: usize = 16;

/// Appends the position, plus `base`, of every delimiter, quote, CR and LF in `bytes`.
pub(crate) fn positions(bytes: &[u8], base: usize, delimiter: u8, into: &mut Vec<usize>) {
    let (delimiters, quotes) = (u8x16::splat(delimiter), u8x16::splat(b'"'));
    let (feeds, returns) = (u8x16::splat(b'\n'), u8x16::splat(b'\r'));
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    let mut at = base;
    for chunk in chunks {
        let chunk = u8x16::new(*chunk);
        let hits = chunk.simd_eq(delimiters)
            | chunk.simd_eq(quotes)
            | chunk.simd_eq(feeds)
            | chunk.simd_eq(returns);
        let mut mask = hits.to_bitmask();
        while mask != 0 {
            into.push(at + mask.trailing_zeros() as usize); // at most 15
            mask &= mask - 1;
        }
        at += LANES;
    }
    for &byte in rest {
        if byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r') {
            into.push(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_same_places_at_every_length() {
        let text: Vec<u8> = (0..200)
            .map(|i| b"ab,\"\n\rxyz;"[(i * 7 + i / 3) % 10])
            .collect();
        for length in 0..text.len() {
            let mut found = Vec::new();
            positions(&text[..length], 5, b',', &mut found);
            let expected: Vec<usize> = (0..length)
                .filter(|&i| b",\"\n\r".contains(&text[i]))
                .map(|i| i + 5)
                .collect();
            assert_eq!(found, expected);
        }
    }
}
