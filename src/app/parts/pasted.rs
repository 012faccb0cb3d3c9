//! Cells that come from a spreadsheet by the clipboard.

use leptos::web_sys::Event;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::JsCast;

/// The text that is pasted.
pub(crate) fn text(event: &Event) -> String {
    #[cfg(target_arch = "wasm32")]
    {
        let data = js_sys::Reflect::get(event, &"clipboardData".into()).ok();
        let data = data.and_then(|it| it.dyn_into::<web_sys::DataTransfer>().ok());
        data.and_then(|it| it.get_data("text/plain").ok())
            .unwrap_or_default()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = event;
        String::new()
    }
}

/// A block as spreadsheets copy it: lines of cells with tabs between them, and quotes around what holds either.
pub(crate) fn cells(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut signs = text.chars().filter(|it| *it != '\r').peekable();
    while let Some(sign) = signs.next() {
        let row = match rows.last_mut() {
            Some(row) => row,
            None => break,
        };
        let Some(cell) = row.last_mut() else { break };
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\t' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            // A cell of a file that is corrected is one line.
            '\n' => cell.push(' '),
            other => cell.push(other),
        }
    }
    if rows
        .last()
        .is_some_and(|it| it.len() == 1 && it.iter().all(String::is_empty))
    {
        rows.pop();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_spreadsheets_are_taken_apart() {
        assert_eq!(cells("a\tb\r\nc\t\r\n"), [["a", "b"], ["c", ""]]);
        assert_eq!(
            cells("\"two\nlines\"\t\"say \"\"so\"\"\""),
            [["two lines", "say \"so\""]]
        );
        assert_eq!(cells("5\" pipe"), [["5\" pipe"]]);
        assert!(cells("").is_empty());
    }
}
