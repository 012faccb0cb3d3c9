//! How wide a text is, from a fixed table: asking a browser would fail in a worker and give every target
//! another chart.

/// Advances of `' '` to `'~'` in thousandths of the letter size, of DejaVu Sans: the widest of the common
/// system faces, so that what fits here fits in any of them.
const ASCII: [u32; 95] = [
    317, 400, 459, 837, 636, 950, 779, 274, 390, 390, 500, 837, 317, 360, 317, 336, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 336, 336, 837, 837, 837, 530, 1000, 684, 686, 698, 770, 631,
    575, 774, 751, 294, 294, 655, 557, 862, 748, 787, 603, 787, 694, 634, 610, 731, 684, 988, 685,
    610, 685, 390, 336, 390, 837, 500, 500, 612, 634, 549, 634, 615, 352, 634, 633, 277, 277, 579,
    277, 974, 633, 611, 634, 634, 411, 520, 392, 633, 591, 817, 591, 591, 524, 636, 336, 636, 837,
];

/// Pixels that `text` takes at most, in letters of `size` pixels.
pub(crate) fn width(text: &str, size: u32) -> u32 {
    let thousandths: u32 = text.chars().map(advance).sum();
    (thousandths * size).div_ceil(1000)
}

/// `text`, or as much of its beginning as fits `room` pixels, and an ellipsis.
pub(crate) fn cut(text: &str, size: u32, room: u32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut used = width("…", size);
    let fits = text.char_indices().find_map(|(at, letter)| {
        used += (advance(letter) * size).div_ceil(1000);
        (used > room).then_some(at)
    });
    let (head, _) = text.split_at(fits.unwrap_or(text.len()));
    format!("{}…", head.trim_end())
}

fn advance(letter: char) -> u32 {
    match letter {
        ' '..='~' => {
            let place = u32::from(letter) - u32::from(' ');
            let known = usize::try_from(place).ok().and_then(|it| ASCII.get(it));
            known.copied().unwrap_or(1000)
        }
        '₹' => 636,
        '·' => 318,
        // Latin letters with marks are as wide as without; all else is taken for a full square.
        '\u{c0}'..='\u{24f}' => 800,
        _ => 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_its_room_and_no_further() {
        assert_eq!(width("", 13), 0);
        assert_eq!(width("0", 1000), 636);
        assert_eq!(cut("Beverages", 13, 200), "Beverages");
        for room in 20..120 {
            let text = cut("Order date cannot be read (VAL03)", 13, room);
            assert!(width(&text, 13) <= room, "{text} in {room}");
            assert!(text.ends_with('…'));
        }
        assert_eq!(cut("दिल्ली और मुंबई", 13, 60).chars().last(), Some('…'));
    }
}
