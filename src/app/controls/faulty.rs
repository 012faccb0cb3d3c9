//! The answer to a text that is no contract: the text again, with everything that is wrong in it. A page by itself,
//! since it answers a plain form.

use crate::parts::{phrase::phrase, words::quoted};
use maud::{DOCTYPE, html};
use model::t;

/// `faults` are lines, columns and what is wrong there; `hidden` the form's other fields.
pub fn page(
    text: &str,
    faults: &[(usize, usize, String)],
    hidden: &[(&str, &str)],
    back: &str,
) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (t!("This is no contract · Tarazu")) }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
            }
            body {
                main class="trouble faulty" {
                    h1 { (t!("This is no contract")) }
                    p { (t!("Nothing was kept. Correct the text here and save it again.")) }
                    div role="alert" {
                        ul class="faults" {
                            @for (line, column, text) in faults {
                                li { strong { (phrase!("Line {line}, column {column}:", line = line, column = column)) " " } (quoted(text)) }
                            }
                        }
                    }
                    form class="edit" method="post" {
                        @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
                        p class="field" {
                            label for="text" { (t!("The contract as YAML")) }
                            textarea id="text" name="text" rows="30" spellcheck="false" { (text) }
                        }
                        p { button type="submit" class="button main" { (t!("Save the text as a draft")) } }
                    }
                    p { a href=(back) { (t!("Back without saving")) } }
                }
            }
        }
    };
    page.into_string()
}
