//! The README's table of controls is the catalogue's.

use super::root;
use engine::catalogue;
use std::fs;

const BEGIN: &str = "<!-- controls -->\n";
const END: &str = "<!-- /controls -->";

#[test]
fn the_readme_lists_every_control() {
    let readme = fs::read_to_string(root().join("README.md"))
        .unwrap()
        .replace('\r', "");
    let (_, rest) = readme.split_once(BEGIN).unwrap();
    let (table, _) = rest.split_once(END).unwrap();
    let mut expected =
        String::from("| code | name | finds | severity |\n| --- | --- | --- | --- |\n");
    for it in catalogue::pages() {
        let file = it.name.replace('-', "_");
        let folder = format!("{:?}", it.dimension).to_lowercase();
        let severity = format!("{:?}", it.severity).to_lowercase();
        expected.push_str(&format!(
            "| {} | [{}](src/engine/controls/{folder}/{file}.md) | {} | {severity} |\n",
            it.code, it.name, it.summary
        ));
    }
    assert_eq!(
        table, expected,
        "put this table into README.md:\n{expected}"
    );
}
