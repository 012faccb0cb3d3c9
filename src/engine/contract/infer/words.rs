//! What names say of their columns.

/// A name as contracts have them: `Order ID` is `order_id`, `CustomerName` is `customer_name`.
pub(super) fn snake(title: &str) -> String {
    let mut name = String::new();
    let mut before = ' ';
    for it in title.chars() {
        if is_between(it) {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
        } else {
            if it.is_uppercase() && before.is_lowercase() {
                name.push('_');
            }
            name.extend(it.to_lowercase());
        }
        before = it;
    }
    let name = name.trim_end_matches('_');
    match name.is_empty() {
        true => title.to_owned(),
        false => name.to_owned(),
    }
}

/// Blanks, punctuation and signs. What else is no letter belongs to one, as vowel signs do.
fn is_between(it: char) -> bool {
    let is_sign = matches!(it, '\0'..='\u{bf}' | '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}');
    !it.is_alphanumeric() && (is_sign || it.is_whitespace())
}

/// Whether one of the words is a word of the name.
pub(super) fn hinted(name: &str, words: &[&str]) -> bool {
    name.split('_').any(|it| words.contains(&it))
}

/// Names of what tells rows or things from one another. The number of something is a count, and what an invoice has is
/// not the invoice.
pub(super) fn is_identifying(name: &str) -> bool {
    const WORDS: [&str; 11] = [
        "id", "no", "number", "code", "key", "ref", "sku", "zip", "postal", "phone", "pin",
    ];
    let is_count = name.contains("number_of_") || name.starts_with("no_of_");
    hinted(name, &WORDS) && !is_count || name.ends_with("invoice")
}

/// Names of what tells rows from one another, and not of where or how somebody is to be found.
pub(super) fn is_of_rows(name: &str) -> bool {
    is_identifying(name) && !hinted(name, &["zip", "postal", "phone", "mobile", "fax", "pin"])
}

/// Names of days and times.
pub(super) fn is_moment(name: &str) -> bool {
    hinted(name, &["date", "day", "time", "datetime", "timestamp"])
}

/// Titles with the sign of a currency.
pub(super) fn has_currency(title: &str) -> bool {
    title.contains(['₹', '€', '£', '$'])
}

/// Names of sums of money.
pub(super) fn is_money(name: &str) -> bool {
    const WORDS: [&str; 13] = [
        "price", "amount", "revenue", "sales", "total", "cost", "spent", "profit", "turnover",
        "bill", "payment", "fee", "tax",
    ];
    hinted(name, &WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_titles() {
        for (title, name) in [
            ("Order ID", "order_id"),
            ("Sub-Category", "sub_category"),
            ("CustomerName", "customer_name"),
            ("  total_spent ", "total_spent"),
            ("Prix (€)", "prix"),
            ("ग्राहक", "ग्राहक"),
            ("%", "%"),
        ] {
            assert_eq!(snake(title.trim()), name);
        }
    }

    #[test]
    fn names_tell_what_tells_rows_apart() {
        for name in ["order_id", "ref_no_cheque_no", "invoice", "tax_invoice"] {
            assert!(is_of_rows(name), "{name}");
        }
        for name in ["nothing", "number_of_guests", "invoice_value", "zip_code"] {
            assert!(!is_of_rows(name), "{name}");
        }
        assert!(is_identifying("zip_code") && !is_identifying("invoice_type"));
    }
}
