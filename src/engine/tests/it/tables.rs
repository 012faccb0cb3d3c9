//! Tables that are no sales file of ours, each under a contract of its own in `tests/contracts`: small rows of the
//! project's, and the real file where the folder with it is named by TARAZU_TRY_DATA.

use engine::{
    Moment,
    contract::{Contract, fit::Fit, odcs},
    judge,
    source::Memory,
};
use model::{control::Status, options::Choice, verdict::Verdict};
use std::{collections::BTreeMap, path::Path};

fn read(contract: &str) -> Contract {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
    let text = std::fs::read_to_string(folder.join(contract).with_extension("yaml")).unwrap();
    let reading = odcs::read(&text).unwrap_or_else(|faults| panic!("{contract}: {faults:#?}"));
    assert_eq!(reading.notes, [], "{contract}");
    reading.contract
}

fn verdict(bytes: &[u8], contract: &Contract) -> Verdict {
    let moment = Moment::parse("2026-02-02T12:00:00Z").unwrap();
    let judgement = judge(&Memory(bytes), contract, &Choice::default(), moment);
    judgement.unwrap().verdict
}

/// Rows read and exceptions, the money in each, and what failed or warned how often.
fn figures(verdict: &Verdict) -> (u64, u64, String, BTreeMap<&str, u64>) {
    let money = verdict.money.as_ref();
    let money = money.map(|it| format!("{} {}", it.read, it.exceptions));
    let mut found = BTreeMap::new();
    for it in verdict.controls.iter().filter(|it| it.failed > 0) {
        assert!(matches!(it.status, Status::Failed | Status::Warned));
        *found.entry(it.code.as_str()).or_default() += it.failed;
    }
    let rows = verdict.rows;
    (rows.read, rows.exceptions, money.unwrap_or_default(), found)
}

fn check(contract: &str, text: &str, exceptions: u64, money: &str, failed: &[(&str, u64)]) {
    let found = verdict(text.as_bytes(), &read(contract));
    let rows = text.lines().count() as u64 - 1;
    let failed = failed.iter().copied().collect();
    assert_eq!(
        figures(&found),
        (rows, exceptions, money.to_owned(), failed),
        "{contract}"
    );
}

#[test]
fn orders_of_an_office_supplier() {
    check(
        "superstore",
        "\u{feff}Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,Country,City,State,Postal Code,Region,Product ID,Category,Sub-Category,Product Name,Sales,Quantity,Discount,Profit\r\n\
         1,US-2026-000001,1/9/2026,1/12/2026,Express,C-1,\"Roy, Asha\",Home,India,Pune,Maharashtra,41101,West,P-1,Paper,Ruled,\"Pad, A5\",12.3456,2,0.2,-3.5\r\n\
         2,US-2026-000002,12/31/2025,1/2/2026,Express,C-2,Lee Tan,Home,India,Pune,Maharashtra,,North,P-2,Paper,Plain,Pad,0,1,1.2,1\r\n\
         2,US-26-3,13/1/2026,1/2/2026,Express,C-2,Lee Tan,Home,India,Pune,Maharashtra,41101,East,P-2,Paper,Plain,Pad,5,0,0,1\r\n\
         1,US-2026-000004,2/1/2026,2/2/2026,Express,C-3,Lee Tan,Home,India,Pune,Maharashtra,41101,East,P-2,Paper,Plain,Pad,5,1,0,1\r\n",
        3,
        "",
        &[
            ("CMP01", 1),
            ("UNQ01", 1),
            ("VAL03", 1),
            ("VAL05", 1),
            ("VAL06", 2),
            ("VAL07", 1),
            ("VAL08", 1),
        ],
    );
}

#[test]
fn sales_of_electronics() {
    check(
        "electronics",
        "Customer ID,Age,Gender,Loyalty Member,Product Type,SKU,Rating,Order Status,Payment Method,Total Price,Unit Price,Quantity,Purchase Date,Shipping Type,Add-ons Purchased,Add-on Total\n\
         7,31,Female,No,Radio,R-1,4,Sent,PayPal,40.50,13.5,3,2026-01-05,Express,\"Cable,Bag\",4\n\
         8,32,#N/A,No,Radio,R-1,6,Sent,paypal,13.50,13.5,1,2026-01-05,Express,,0\n\
         8,132,Male,No,Radio,R-1,5,Sent,Cash,13.50,13.5,2,2026-01-05,Express,,0\n",
        2,
        "67.50 27.00",
        &[("CMP01", 1), ("CON01", 1), ("REF02", 1), ("VAL07", 2)],
    );
}

#[test]
fn a_cafe_whose_till_writes_that_it_knows_nothing() {
    check(
        "cafe",
        "transaction_id,item,quantity,price_per_unit,total_spent,payment_method,location,transaction_date\n\
         TXN_0000001,Tea,2,1.5,3.0,Cash,ERROR,1/31/2026\n\
         TXN_0000002,UNKNOWN,2,1.5,3.0,,,1/31/2026\n\
         TXN_0000003,Tea,ERROR,1.5,,Cash,Garden,31/1/2026\n\
         TXN_4,Tea,2,1.5,3.5,Cash,,1/31/2026\n\
         TXN_0000001,Tea,2,1.5,3.0,Cash,,1/31/2026\n",
        4,
        "12.50 9.50",
        &[
            ("CMP01", 3),
            ("CON01", 1),
            ("UNQ01", 1),
            ("VAL03", 1),
            ("VAL05", 1),
            ("VAL08", 1),
        ],
    );
}

#[test]
fn orders_of_a_year_and_their_lines() {
    check(
        "orders",
        "Order ID,Order Date,CustomerName,State,City\n\
         B-00001,01-04-2018,Asha,Kerala ,Kochi\n\
         B-00002,31-03-20190,Ravi,Goa,Panaji\n\
         B-00003,01-04-2019,Ravi,Elsewhere,Panaji\n",
        2,
        "",
        &[("REF02", 1), ("TIM02", 1), ("VAL03", 1), ("VAL05", 1)],
    );
    check(
        "order-lines",
        "Order ID,Amount,Profit,Quantity,Category,Sub-Category\n\
         B-00001,100,-20,2,  clothing,Shawl\n\
         B-00001,1500,20,2,Clothing,Shawl\n\
         B-00002,90,9,1,Furniture,Stool\n\
         B-00002,90,9,1,Furniture,Stool\n",
        0,
        "1780.00 0.00",
        &[("DIS01", 1), ("REF02", 1), ("UNQ03", 1)],
    );
}

/// A contract, a file, its rows and exceptions, its money read and in exceptions, and what is found how often.
type Real = (
    &'static str,
    &'static str,
    u64,
    u64,
    &'static str,
    &'static [(&'static str, u64)],
);

/// The figures were counted by another program than the engine.
#[test]
fn the_real_files_have_their_known_figures() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the folder is not the project's, and where it lies is said from outside"
    )]
    let Some(folder) = std::env::var_os("TARAZU_TRY_DATA") else {
        eprintln!("not run: TARAZU_TRY_DATA is not set");
        return;
    };
    let expected: [Real; 5] = [
        ("superstore", "superstore", 9994, 11, "", &[("CMP01", 11)]),
        (
            "electronics",
            "electronic_sales",
            20_000,
            1,
            "63602668.37 674.32",
            &[("CMP01", 1), ("REF02", 2514)],
        ),
        (
            "cafe",
            "dirty_cafe_sales",
            10_000,
            2618,
            "84763.50 18938.00",
            &[("CMP01", 2943)],
        ),
        (
            "orders",
            "india_list_of_orders",
            500,
            137,
            "",
            &[("REF02", 16), ("TIM02", 135), ("VAL03", 2)],
        ),
        (
            "order-lines",
            "india_order_details",
            1500,
            0,
            "431502.00 0.00",
            &[("DIS01", 73), ("REF02", 15)],
        ),
    ];
    let contracts: Vec<Contract> = expected.iter().map(|it| read(it.0)).collect();
    for (place, (_, file, rows, exceptions, money, failed)) in expected.into_iter().enumerate() {
        let path = Path::new(&folder).join("sales").join(file);
        let bytes = std::fs::read(path.with_extension("csv")).unwrap();
        // Of all of them its own contract is the one that fits.
        let fit = |it| Fit::of(&Memory(&bytes), it, &Choice::default()).unwrap();
        let fits: Vec<Fit> = contracts.iter().map(fit).collect();
        assert!(fits[place].is_whole(), "{file}");
        assert!(
            fits.iter()
                .all(|it| *it == fits[place] || fits[place].is_better(it)),
            "{file}"
        );
        let found = verdict(&bytes, &contracts[place]);
        let failed = failed.iter().copied().collect();
        assert_eq!(
            figures(&found),
            (rows, exceptions, money.to_owned(), failed),
            "{file}"
        );
    }
}
