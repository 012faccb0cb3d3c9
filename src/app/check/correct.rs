//! Corrections as they are made on the page: each change gives a new list of them, in order.

use model::{message::RowsInWindow, options::Correction};

/// With a cell that is to say `text`; `was` is what the file says.
pub(super) fn cell(
    list: &[Correction],
    line: u64,
    column: u32,
    was: &str,
    text: &str,
) -> Vec<Correction> {
    let mut res = list.to_vec();
    let is_it = |it: &Correction| it.line == Some(line) && it.column == column;
    res.retain(|it| !is_it(it));
    // Where another one holds for every such cell, this one goes before it.
    let everywhere = |it: &Correction| it.line.is_none() && it.column == column && it.was == was;
    if text != was || res.iter().any(everywhere) {
        res.push(Correction {
            line: Some(line),
            column,
            was: was.to_owned(),
            text: text.to_owned(),
        });
    }
    res.sort();
    res
}

/// With every cell of a column that says `value`, in the file or by a correction, to say `text`.
pub(super) fn everywhere(
    list: &[Correction],
    column: u32,
    value: &str,
    text: &str,
) -> Vec<Correction> {
    let mut res = list.to_vec();
    let (mut here, others): (Vec<_>, Vec<_>) = res.drain(..).partition(|it| it.column == column);
    for it in here.iter_mut().filter(|it| it.text == value) {
        text.clone_into(&mut it.text);
    }
    let known = here.iter().any(|it| it.line.is_none() && it.was == value);
    if !known {
        here.push(Correction {
            line: None,
            column,
            was: value.to_owned(),
            text: text.to_owned(),
        });
    }
    here.extend(others);
    here.sort();
    here
}

/// What the file says in a cell of the window, its line, and what it says now. None for a row that is no proper record.
pub(super) fn at(window: &RowsInWindow, row: u64, column: u32) -> Option<(u64, String, String)> {
    let row = usize::try_from(row.checked_sub(window.from)?).ok()?;
    let row = window.rows.get(row).filter(|it| !it.raw)?;
    let place = usize::try_from(column).ok()?.checked_sub(1)?;
    let text = row.cells.get(place).cloned().unwrap_or_default();
    let mut corrected = window.corrected.iter();
    let corrected = corrected.find(|it| it.record == row.record && it.column == column);
    let was = corrected.map_or(&text, |it| &it.was).clone();
    Some((row.line, was, text))
}

/// With a block of cells put over those of the window, from a row and a column on.
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser has what is pasted")
)]
pub(super) fn block(
    list: &[Correction],
    window: &RowsInWindow,
    row: u64,
    column: u32,
    block: &[Vec<String>],
) -> Vec<Correction> {
    let mut res = list.to_vec();
    for (row, cells) in (row..).zip(block) {
        for (column, text) in (column..).zip(cells) {
            let inside = usize::try_from(column).is_ok_and(|it| it <= window.header.len());
            if let Some((line, was, now)) = at(window, row, column).filter(|_| inside)
                && now != *text
            {
                res = cell(&res, line, column, &was, text);
            }
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(list: &[Correction]) -> Vec<String> {
        let line = |it: &Correction| it.line.map_or("*".to_owned(), |it| it.to_string());
        let one = |it: &Correction| format!("{} {}: {} > {}", line(it), it.column, it.was, it.text);
        list.iter().map(one).collect()
    }

    #[test]
    fn a_cell_that_says_again_what_the_file_says_is_not_corrected() {
        let one = cell(&[], 7, 2, "Nort", "North");
        let two = cell(&one, 3, 1, "", "x");
        assert_eq!(told(&two), ["3 1:  > x", "7 2: Nort > North"]);
        let three = cell(&two, 7, 2, "Nort", "South");
        assert_eq!(told(&three), ["3 1:  > x", "7 2: Nort > South"]);
        assert_eq!(told(&cell(&three, 7, 2, "Nort", "Nort")), ["3 1:  > x"]);
    }

    #[test]
    fn one_cell_can_be_left_out_of_what_is_replaced_everywhere() {
        let all = everywhere(&[], 2, "Nort", "Norht");
        let one = cell(&all, 7, 2, "Nort", "Nort");
        assert_eq!(told(&one), ["* 2: Nort > Norht", "7 2: Nort > Nort"]);
        let again = everywhere(&one, 2, "Norht", "North");
        assert_eq!(
            told(&again),
            [
                "* 2: Norht > North",
                "* 2: Nort > North",
                "7 2: Nort > Nort"
            ]
        );
    }
}
