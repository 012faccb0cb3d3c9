//! The texts of the pages: a translator finds every one of them.

use crate::{assert_none, root};
use std::fs;

#[test]
fn the_template_of_translations_has_the_texts_of_the_code() {
    let kept = fs::read_to_string(root().join("src/model/texts/tarazu.pot")).unwrap();
    let made = xtask::texts::template(&root()).unwrap();
    assert!(
        kept == made,
        "`cargo xtask texts` writes src/model/texts/tarazu.pot anew"
    );
}

#[test]
fn what_is_read_on_a_page_can_be_translated() {
    let breaches = xtask::texts::forgotten(&root()).unwrap();
    assert_none("a text of the pages stands in `t!` or `phrase!`", breaches);
}

#[test]
fn a_style_asks_for_no_text_that_is_translated() {
    let mut breaches = Vec::new();
    for entry in fs::read_dir(root().join("style")).unwrap() {
        let path = entry.unwrap().path();
        let style = fs::read_to_string(&path).unwrap();
        let texts = ["[aria-label=", "[title=", "[placeholder=", "[alt="];
        let lines = style
            .lines()
            .filter(|line| texts.iter().any(|it| line.contains(it)));
        breaches.extend(lines.map(|line| format!("{}: {line}", path.display())));
    }
    assert_none("a style finds things by their class", breaches);
}
