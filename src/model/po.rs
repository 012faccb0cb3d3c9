//! The files of translations, as gettext has them: an English text (`msgid`) and what stands in its place (`msgstr`).
//! Read when a program is built (`build.rs`).

/// The texts of a file with their translations, those without one left out.
///
/// # Errors
/// Where a line is none of such a file, or a translation has other places `{name}` than its text.
pub(crate) fn parse(po: &str) -> Result<Vec<(String, String)>, String> {
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut translated = false;
    for (line, number) in po.lines().map(str::trim).zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let quoted = if let Some(rest) = line.strip_prefix("msgid ") {
            entries.push(Default::default());
            translated = false;
            rest
        } else if let Some(rest) = line.strip_prefix("msgstr ") {
            translated = true;
            rest
        } else {
            line
        };
        let text = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let (Some(text), Some((english, translation))) = (text, entries.last_mut()) else {
            return Err(format!("line {number} is no text of a translation"));
        };
        let into = if translated { translation } else { english };
        into.push_str(&unescaped(text));
    }
    // The first is about the file itself.
    entries.retain(|(english, translation)| !english.is_empty() && !translation.is_empty());
    match entries.iter().find(|(a, b)| places(a) != places(b)) {
        Some((english, _)) => Err(format!("other places than in the English: {english}")),
        None => Ok(entries),
    }
}

fn places(text: &str) -> Vec<&str> {
    let found = text.split('{').skip(1);
    let mut names: Vec<&str> = found.filter_map(|it| Some(it.split_once('}')?.0)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn unescaped(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => match signs.next() {
                Some('n') => all.push('\n'),
                Some('t') => all.push('\t'),
                Some(other) => all.push(other),
                None => {}
            },
            _ => all.push(sign),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_beside_their_translations() {
        let po = "# a remark\nmsgid \"\"\nmsgstr \"Language: de\\n\"\n\n#: check.rs\nmsgid \"Row\"\nmsgstr \"Zeile\"\n\n\
                  msgid \"{rows} of \"\n\"{all}\"\nmsgstr \"von {all} \\\"{rows}\\\"\"\n\nmsgid \"Not yet\"\nmsgstr \"\"\n";
        let text = |it: &str| it.to_owned();
        let expected = vec![
            (text("Row"), text("Zeile")),
            (text("{rows} of {all}"), text("von {all} \"{rows}\"")),
        ];
        assert_eq!(parse(po), Ok(expected));
    }

    #[test]
    fn a_translation_keeps_the_places_of_its_text() {
        assert!(parse("msgid \"{rows} rows\"\nmsgstr \"{zeilen} Zeilen\"").is_err());
        assert!(parse("msgid \"Row\"\nmsgstr Zeile").is_err());
        assert!(parse("\"Row\"").is_err());
    }
}
