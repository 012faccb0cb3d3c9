//! Rows of sums among the rows: which lines are totals, and what each is held against.

use super::files::{moment, rows, verdict};
use engine::{
    contract::{self, Contract},
    judge::{Partial, Plan},
    source::Memory,
};
use model::{
    options::Choice,
    verdict::{LayoutKind, Verdict},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

const HEADER: &str = "order_id,order_date,region,product,quantity,revenue\n";

/// The lines of the total rows among `body`, which stands below the header.
fn check(body: &str, expected: &[u64]) {
    let verdict = verdict(format!("{HEADER}{body}").as_bytes());
    let mut kinds = verdict.layout.iter();
    let totals = kinds.find(|it| it.kind == LayoutKind::Total);
    let lines = totals.map_or(&[][..], |it| &it.first);
    assert_eq!(lines, expected, "{body}");
    let read = body.lines().count() as u64 - verdict.rows.layout;
    assert_eq!(verdict.rows.read, read, "{body}");
}

fn compared(verdict: &Verdict) -> Vec<(u64, String, String)> {
    let totals = verdict.total_rows.iter();
    totals
        .map(|it| (it.line, it.amount.to_string(), it.sum_above.to_string()))
        .collect()
}

fn told(expected: &[(u64, &str, &str)]) -> Vec<(u64, String, String)> {
    let expected = expected.iter();
    expected
        .map(|(line, amount, sum)| (*line, (*amount).to_owned(), (*sum).to_owned()))
        .collect()
}

/// As Excel's Data → Subtotal leaves a sheet that is grouped by region.
fn subtotals(label: impl Fn(&str) -> String) -> String {
    let mut text = HEADER.to_owned();
    for (region, amounts) in [("North", [10, 20]), ("South", [30, 40]), ("East", [1, 2])] {
        for (at, amount) in amounts.iter().enumerate() {
            text += &format!("{region}-{at},2026-01-01,{region},Milk 1L,1,{amount}\n");
        }
        text += &format!("{},2,{}\n", label(region), amounts.iter().sum::<i32>());
    }
    text + &format!("{},6,103\n", label("Grand"))
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn subtotals_are_held_against_their_groups_and_the_grand_total_against_all_rows() {
    let places: [fn(&str) -> String; 3] = [
        |it| format!("{it} Total,,,"),
        |it| format!(",,{it} Total,"),
        |it| format!(",{it} TOTAL:,,"),
    ];
    for place in places {
        let verdict = verdict(subtotals(place).as_bytes());
        assert_eq!(rows(&verdict), (6, 6, 0, 4));
        let money = verdict.money.as_ref().unwrap();
        let figures = (money.read.to_string(), money.layout.to_string());
        assert_eq!(figures, ("103.00".into(), "206.00".into()));
        let expected = [
            (4, "30.00", "30.00"),
            (7, "70.00", "70.00"),
            (10, "3.00", "3.00"),
            (11, "103.00", "103.00"),
        ];
        assert_eq!(compared(&verdict), told(&expected));
        assert!(verdict.notes.iter().all(|it| it.name != "total-differs"));
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn groups_of_groups_are_summed_up_by_rank_however_the_file_is_cut() {
    let row = |id: &str, product: &str, amount: u32| {
        format!("{id},2026-01-01,North,{product},1,{amount}\n")
    };
    let text = [
        HEADER,
        &row("a", "Milk 1L", 10),
        ",,,Milk 1L Total,1,10\n",
        &row("b", "Cola 500ml", 20),
        ",,,Cola 500ml Total,1,21\n",
        ",,North Total,,2,30\n",
        &row("c", "Milk 1L", 5),
        ",,,Milk 1L Total,1,5\n",
        ",,South Total,,1,5\n",
        ",,Grand Total,,3,35\n",
    ]
    .concat();
    let expected = [
        (3, "10.00", "10.00"),
        (5, "21.00", "20.00"),
        (6, "30.00", "30.00"),
        (8, "5.00", "5.00"),
        (9, "5.00", "5.00"),
        (10, "35.00", "35.00"),
    ];
    for piece in [1, 40, 100, 1 << 20] {
        let source = Memory(text.as_bytes());
        let (contract, choice) = (contract::sales(), Choice::default());
        let plan =
            Plan::in_pieces(&source, contract, &choice, moment(), piece, &mut |_| {}).unwrap();
        let pieces = (0..plan.pieces()).map(|it| plan.judge(&source, it).unwrap());
        let partial = pieces.fold(Partial::default(), Partial::merge);
        let verdict = plan.finish(&source, partial).unwrap().verdict;
        assert_eq!(compared(&verdict), told(&expected), "{piece}");
        let notes = verdict.notes.iter().map(|it| it.text.as_str());
        let notes: Vec<&str> = notes.collect();
        assert_eq!(
            notes,
            ["The total in line 5 is ₹21.00, and the rows above it add up to ₹20.00"]
        );
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_total_that_differs_is_named_behind_a_hundred_that_do_not() {
    let groups = (0..120).map(|it| {
        let row = format!("o{it},2026-01-01,North,Milk 1L,1,10\n");
        row + &format!("Group {it} total,,,,1,10\n")
    });
    let text = format!(
        "{HEADER}{}Grand Total,,,,120,1300\n",
        groups.collect::<String>()
    );
    let verdict = verdict(text.as_bytes());
    assert_eq!(rows(&verdict), (120, 120, 0, 121));
    assert_eq!(verdict.total_rows.len(), 100);
    let last = compared(&verdict).pop();
    assert_eq!(last, told(&[(242, "1300.00", "1200.00")]).pop());
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn what_could_be_an_order_is_a_row() {
    // What the contract knows of it decides, wherever the words stand.
    check("North Total,,,,3,30\n", &[2]);
    check(",,\"North Total\",,3,30\n", &[2]);
    check("o1,,North Total,,3,30\n", &[]);
    check(",2026-01-01,North Total,,3,30\n", &[]);
    check(",,North Total,Milk 1L,3,30\n", &[]);
    check("North Total,2026-01-01,North,Milk 1L,3,30\n", &[]);
    check("17,,,,3,30\n", &[]);
    // Of an order in several lines the second has its product alone.
    check(",,,Colgate Total,3,30\n,,,Dim Sum,1,10\n", &[]);
    check(",,,Milk 1L Total,3,30\n,,,TOTAL :,3,30\n", &[2, 3]);
    // Neither the end of a word nor a sentence without sums.
    check("Northtotal,,,,3,30\n", &[]);
    check(
        "North Total,,,,,\n,,Nothing of the Total,,,\nx,,,,1,1\n",
        &[],
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_row_that_has_all_it_needs_is_one_whatever_it_is_called() {
    let contract = |region: &str| {
        let contract = format!(
            r#"{{"name": "t", "version": "1", "key": ["order"], "money": "price", "total_words": ["total"],
                "columns": [{{"name": "order", "type": "identifier", "required": true}},
                    {{"name": "region", "type": "text", "role": "region", "list": "regions"{region}}},
                    {{"name": "price", "type": "amount", "required": true}}],
                "lists": [{{"name": "regions", "entries": [{{"value": "North"}}, {{"value": "Old Total"}}]}}],
                "controls": [{{"code": "CMP01", "columns": ["order"]}}, {{"code": "UNQ01"}}]}}"#
        );
        Contract::from_json(&contract).unwrap()
    };
    let csv = "order,region,price\na,North,1\nNorth Total,,1\n,Old Total,2\n,North Total,1\n";
    for (region, lines) in [("", vec![4, 5]), (r#", "required": true"#, vec![3, 5])] {
        let contract = contract(region);
        let judged = engine::judge(
            &Memory(csv.as_bytes()),
            &contract,
            &Choice::default(),
            moment(),
        );
        let verdict = judged.unwrap().verdict;
        let totals: Vec<u64> = verdict.total_rows.iter().map(|it| it.line).collect();
        assert_eq!(totals, lines, "{region}");
    }
}
