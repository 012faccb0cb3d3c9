//! Native and WebAssembly give equal receipts. The native run writes the receipts of generated inputs to the
//! file that TARAZU_RECEIPTS names, the run in WebAssembly makes the same inputs and compares.

use engine::{Moment, contract, judge, source::Memory};
use model::options::Choice;
use oorandom::Rand64;

/// A file in the manner of sales files, with all that can be wrong with one.
pub(crate) fn input(seed: u64) -> Vec<u8> {
    let mut random = Rand64::new(u128::from(seed));
    let mut any = |from: &[&'static str]| -> &'static str {
        from[usize::try_from(random.rand_range(0..from.len() as u64)).unwrap()]
    };
    let delimiter = any(&[",", ",", ",", ";", "\t", "|"]);
    let line_break = any(&["\n", "\n", "\r\n", "\r"]);
    let mut text = any(&["", "", "\u{feff}", "Sales report\n\n"]).to_owned();
    let names = any(&[
        "order_id,order_date,region,product,quantity,revenue",
        "Order ID,Date,Region,Item,Qty,Amount,note",
        "order_id,order_date,region,product,quantity,revenue,sku,category,unit_price,,",
        "order_id,order_date,region,product,quantity",
    ]);
    text.push_str(&names.replace(',', delimiter));
    text.push_str(line_break);
    let rows = any(&["0", "1", "3", "20", "60"]).parse().unwrap();
    for _ in 0..rows {
        let cells = [
            any(&[
                "A1", "A2", "A3", "A4", "007", "7", "", "\"A1\"", "\"A\n1\"", "total", "é", "\u{0}",
            ]),
            any(&[
                "2026-01-01",
                "31/12/2025",
                "1-Jan-26",
                "2027-01-01",
                "",
                "invalid_date",
                " 2026-01-02 ",
            ]),
            any(&["North", "south", " East", "Nort", "", "Northern"]),
            any(&[
                "Milk 1L",
                "Cola 500ml",
                "Unknown thing",
                "",
                "\"Cheese, \"\"spread\"\"\"",
            ]),
            any(&["1", "2", "0", "-1", "1.5", "1,000", "\"1,000\"", "", "12.0"]),
            any(&[
                "10",
                "10.5",
                "-3",
                "8092.160000000001",
                "1.005",
                "₹1,23,456.78",
                "Rs. 5",
                "",
                "ten",
            ]),
            any(&["", "x", "\"", "\"open"]),
        ];
        let count = usize::try_from(
            any(&["6", "6", "6", "6", "7", "5", "1"])
                .parse::<u64>()
                .unwrap(),
        )
        .unwrap();
        text.push_str(&cells[..count].join(delimiter));
        text.push_str(any(&[line_break, line_break, line_break, "\n\n"]));
    }
    let mut bytes = text.into_bytes();
    if any(&["no", "no", "no", "yes"]) == "yes" && !bytes.is_empty() {
        let at = usize::try_from(random.rand_range(0..bytes.len() as u64)).unwrap();
        bytes[at] = 0xe9;
    }
    bytes
}

/// The digest of everything that a receipt says.
fn receipt(seed: u64) -> String {
    let bytes = input(seed);
    let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
    let verdict = judge(
        &Memory(&bytes),
        contract::sales(),
        &Choice::default(),
        moment,
    )
    .unwrap()
    .verdict;
    format!(
        "{seed} {} {}",
        verdict.receipt.file_digest, verdict.receipt.digest
    )
}

const INPUTS: u64 = 5000;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::*;
    use std::{collections::BTreeSet, fmt::Write};

    #[test]
    fn receipts_are_written_for_the_other_side() {
        #[expect(
            clippy::disallowed_methods,
            reason = "the caller says where, and draws the seed"
        )]
        let (file, seed) = (
            std::env::var_os("TARAZU_RECEIPTS"),
            std::env::var("TARAZU_SEED"),
        );
        let first: u64 = seed.ok().and_then(|it| it.parse().ok()).unwrap_or(1);
        let mut text = String::new();
        let mut distinct = BTreeSet::new();
        for seed in first..first + INPUTS {
            let line = receipt(seed);
            distinct.insert(line.rsplit_once(' ').unwrap().1.to_owned());
            writeln!(text, "{line}").unwrap();
        }
        assert!(
            distinct.len() > 4000,
            "the inputs are too much alike: {}",
            distinct.len()
        );
        match file {
            Some(file) => std::fs::write(file, text).unwrap(),
            None => eprintln!(
                "not run: the comparison with WebAssembly, for TARAZU_RECEIPTS is not set"
            ),
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use super::*;
    use js_sys::Function;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_test::{console_log, wasm_bindgen_test};

    /// In Node from the file that is named; in a browser's worker from where the tests come from.
    const READ: &str = "
        if (typeof process === 'object') {
            const path = process.env.TARAZU_RECEIPTS;
            return path && process.getBuiltinModule('node:fs').readFileSync(path, 'utf8');
        }
        const ask = new XMLHttpRequest();
        ask.open('GET', new URL('/receipts.txt', location.origin), false);
        ask.send();
        return ask.status === 200 ? ask.responseText : undefined;";

    #[wasm_bindgen_test]
    fn receipts_equal_those_of_the_native_side() {
        let read = Function::new_no_args(READ).call0(&JsValue::NULL);
        let Some(text) = read.unwrap().as_string() else {
            console_log!(
                "not run: the comparison with the native side, for TARAZU_RECEIPTS is not set"
            );
            return;
        };
        let mut compared = 0;
        for line in text.lines() {
            let seed = line.split(' ').next().unwrap().parse().unwrap();
            assert_eq!(receipt(seed), line);
            compared += 1;
        }
        assert_eq!(compared, INPUTS);
        console_log!("{compared} receipts are equal");
    }
}
