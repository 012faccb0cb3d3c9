//! Lists as CSV files, and back.

use engine::{
    contract::{List, ListEntry},
    source::Memory,
};
use proptest::prelude::*;

/// A text with what makes CSV hard in it, and no blanks around it.
fn text() -> impl Strategy<Value = String> {
    "[a-c=+@'\"|\\\\,;\n é-]{1,8}".prop_filter_map("blank", |it| {
        let it = it.trim();
        (!it.is_empty()).then(|| it.to_owned())
    })
}

fn list() -> impl Strategy<Value = List> {
    let attributes = proptest::collection::btree_map("[d-f =]{1,3}", text(), 0..3);
    let entry = (text(), proptest::collection::vec(text(), 0..4), attributes);
    proptest::collection::vec(entry, 1..8).prop_map(|entries| {
        let entries = entries.into_iter();
        let entries = entries.map(|(value, synonyms, attributes)| ListEntry {
            value,
            synonyms,
            attributes: attributes
                .into_iter()
                .map(|(name, it)| (format!("x{}", name.replace([' ', '='], "")), it))
                .collect(),
        });
        List {
            name: "l".to_owned(),
            entries: entries.collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_list_comes_back_from_its_file_unless_it_contradicts_itself(list in list()) {
        let file = list.to_csv();
        let again = List::from_file("l", &Memory(&file));
        if list.clashes().is_empty() {
            prop_assert_eq!(again.unwrap(), list);
        } else {
            prop_assert!(again.is_err());
        }
    }

    #[test]
    fn any_bytes_are_a_list_or_told_to_be_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(list) = List::from_file("l", &Memory(&bytes)) {
            prop_assert!(list.clashes().is_empty() && !list.entries.is_empty());
        }
    }
}
