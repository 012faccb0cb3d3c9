//! The catalogue's Markdown as HTML that fits below a page's own headings. On the server only.

use model::t;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Parser, Tag, TagEnd, html};

/// Without the first heading, which the page shows itself, and with the others as `h4`. Code blocks carry
/// their language as a class; an empty one says that there is nothing.
pub(crate) fn html(text: &str) -> String {
    let mut events = Vec::new();
    let mut in_title = false;
    let mut empty_block = false;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) => in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => in_title = false,
            _ if in_title => {}
            Event::Start(Tag::Heading { id, .. }) => events.push(Event::Start(Tag::Heading {
                level: HeadingLevel::H4,
                id,
                classes: Vec::new(),
                attrs: Vec::new(),
            })),
            Event::End(TagEnd::Heading(_)) => {
                events.push(Event::End(TagEnd::Heading(HeadingLevel::H4)));
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                empty_block = true;
                if let Some(title) = block_title(&language) {
                    let line = format!("<p class=\"block-title\">{title}</p>\n");
                    events.push(Event::Html(line.into()));
                }
                events.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(
                    language,
                ))));
            }
            Event::End(TagEnd::CodeBlock) => {
                if empty_block {
                    events.push(Event::Text(CowStr::Borrowed("nothing\n")));
                }
                empty_block = false;
                events.push(Event::End(TagEnd::CodeBlock));
            }
            other => {
                empty_block = false;
                events.push(other);
            }
        }
    }
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, events.into_iter());
    out
}

/// The fixed blocks of an executed page.
fn block_title(language: &str) -> Option<&'static str> {
    match language {
        "json" => Some(t!("Parameters")),
        "csv" => Some(t!("File")),
        "findings" => Some(t!("Found")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_fit_below_the_page_and_blocks_are_named() {
        let text = "# `x` (CMP01)\n\n## What it checks\n\nA < b.\n\n```findings\n```\n";
        assert_eq!(
            html(text),
            "<h4>What it checks</h4>\n<p>A &lt; b.</p>\n<p class=\"block-title\">Found</p>\n\
             <pre><code class=\"language-findings\">nothing\n</code></pre>\n"
        );
    }
}
