//! Which columns of a file hold quantities and amounts: in a table these stand at the right.

/// For each of so many columns, whether most of its cells read as numbers.
pub(crate) fn columns_of_numbers<'a>(
    columns: usize,
    rows: impl Iterator<Item = &'a [String]> + Clone,
) -> Vec<bool> {
    let is_one = |at: usize| {
        let cells = rows.clone().filter_map(|it| it.get(at));
        let filled = cells.filter(|it| !it.trim().is_empty());
        let (numbers, all) = filled.fold((0, 0), |(numbers, all), it| {
            (numbers + u64::from(is_number(it)), all + 1)
        });
        numbers * 2 > all
    };
    (0..columns).map(is_one).collect()
}

/// Digits, whatever groups them, with a sign or a currency before them.
fn is_number(text: &str) -> bool {
    let plain = text.trim().trim_start_matches(['-', '+', '₹', ' ']);
    plain.starts_with(|it: char| it.is_ascii_digit())
        && plain
            .chars()
            .all(|it| it.is_ascii_digit() || matches!(it, '.' | ',' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_of_numbers_where_most_cells_are() {
        let rows = [
            ["A-1", "2026-01-15", "2", "₹1,20,000.50", ""],
            ["A-2", "2026-01-16", "-3", "ten", ""],
            ["A-3", "16/01/2026", "", "7.00", ""],
        ];
        let rows = rows.map(|it| it.map(str::to_owned).to_vec());
        let found = columns_of_numbers(6, rows.iter().map(Vec::as_slice));
        assert_eq!(found, [false, false, true, true, false, false]);
    }
}
