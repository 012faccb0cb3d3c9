//! Sample sales files with planted faults, the same for the same seed everywhere.

use crate::{contract, day};
use oorandom::Rand64;

/// A file of sales over the twelve months up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub rows: u64,
    pub seed: u64,
    /// The last day, in days since 1970-01-01.
    pub end: i32,
    /// Without the columns that the contract `sales` could do without.
    pub required_only: bool,
    pub share: Share,
}

/// How many rows have faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Share {
    /// About 14 %.
    #[default]
    Usual,
    None,
    /// Every row has one at least. No key repeats, for there is no sound row to take it from.
    All,
}

/// A fault that was planted: the control that has to find it, where, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// 1-based; the header is line 1.
    pub line: u64,
    pub code: &'static str,
    pub column: &'static str,
}

const HEADER: &str = "order_id,order_date,region,product,sku,category,quantity,revenue\n";
const REQUIRED: &str = "order_id,order_date,region,product,quantity,revenue\n";
/// Faults are spread evenly: each run of so many rows gets the share of them that its rate says.
const RUN: usize = 200;
const CHUNK: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    MissingDate,
    UnreadableDate,
    BadQuantity,
    NegativeRevenue,
    BadRegion,
    RepeatedId,
}

/// How many of each run of rows: 5 %, 3 %, 1 %, 1.5 %, 2 %, 2 %. Repeats come last, for they need sound rows.
const RATES: [(Fault, usize); 6] = [
    (Fault::MissingDate, 10),
    (Fault::UnreadableDate, 6),
    (Fault::BadQuantity, 2),
    (Fault::NegativeRevenue, 3),
    (Fault::BadRegion, 4),
    (Fault::RepeatedId, 4),
];

/// A product's usual price in rupees.
const PRICES: [u64; 16] = [
    145, 95, 120, 280, 210, 340, 68, 75, 92, 135, 20, 55, 48, 40, 110, 20,
];

impl Sample {
    /// All columns, and the usual share of faults.
    pub fn new(rows: u64, seed: u64, end: i32) -> Self {
        Self {
            rows,
            seed,
            end,
            required_only: false,
            share: Share::Usual,
        }
    }

    /// Gives the file to `out` in pieces, and each planted fault to `planted`.
    pub fn write(&self, out: &mut dyn FnMut(&[u8]), planted: &mut dyn FnMut(Planted)) {
        let mut random = Rand64::new(u128::from(self.seed));
        let mut text = String::with_capacity(CHUNK + 256);
        text.push_str(if self.required_only { REQUIRED } else { HEADER });
        let mut faults = [const { Vec::new() }; RUN];
        let mut sound_ids: Vec<u64> = Vec::new();
        for row in 0..self.rows {
            let place = usize::try_from(row % RUN as u64).unwrap_or(0);
            if place == 0 {
                faults = plan_faults(self.share, &mut random);
            }
            let of_row = faults.get(place).map(Vec::as_slice).unwrap_or_default();
            self.row(row, of_row, &mut random, &mut sound_ids, &mut text, planted);
            if text.len() >= CHUNK {
                out(text.as_bytes());
                text.clear();
            }
        }
        out(text.as_bytes());
    }

    fn row(
        &self,
        row: u64,
        faults: &[Fault],
        random: &mut Rand64,
        sound_ids: &mut Vec<u64>,
        text: &mut String,
        planted: &mut dyn FnMut(Planted),
    ) {
        let mut plant = |code, column| {
            planted(Planted {
                line: row + 2,
                code,
                column,
            })
        };
        let contract = contract::sales();
        let has = |fault| faults.contains(&fault);
        let repeated = has(Fault::RepeatedId)
            .then(|| pick(random, sound_ids).copied())
            .flatten();
        if faults.is_empty() {
            sound_ids.push(row + 1);
            // Only the last few thousand, so that any number of rows fits.
            if sound_ids.len() > 4096 {
                sound_ids.drain(..2048);
            }
        }
        if repeated.is_some() {
            plant("UNQ01", "order_id");
        }
        let id = repeated.unwrap_or(row + 1);
        let back = i32::try_from(random.rand_range(0..365)).unwrap_or(0);
        let date = if has(Fault::MissingDate) {
            plant("CMP01", "order_date");
            String::new()
        } else if has(Fault::UnreadableDate) {
            plant("VAL03", "order_date");
            let wrong = ["invalid_date", "2025-02-30", "31/31/2025", "yesterday"];
            pick(random, &wrong).copied().unwrap_or_default().to_owned()
        } else {
            let (hour, minute) = (random.rand_range(9..22), random.rand_range(0..60));
            format!(
                "{} {hour:02}:{minute:02}:{:02}",
                day::iso(self.end - back),
                random.rand_range(0..60)
            )
        };
        let regions = contract
            .list("regions")
            .map(|it| it.entries.as_slice())
            .unwrap_or_default();
        let region = if has(Fault::BadRegion) {
            let wrong = pick(random, &["", "Nort", "Atlantis", ""])
                .copied()
                .unwrap_or_default();
            plant(if wrong.is_empty() { "CMP01" } else { "VAL05" }, "region");
            wrong
        } else {
            pick(random, regions).map_or("", |it| it.value.as_str())
        };
        let products = contract
            .list("products")
            .map(|it| it.entries.as_slice())
            .unwrap_or_default();
        let product = random.rand_range(0..products.len() as u64);
        let product = usize::try_from(product).unwrap_or(0);
        let price = PRICES.get(product).copied().unwrap_or(100) * random.rand_range(95..106);
        let amount = random.rand_range(1..51);
        let quantity = if has(Fault::BadQuantity) {
            let wrong = pick(random, &["0", "-4", "2.5", "many"])
                .copied()
                .unwrap_or_default();
            plant(
                if matches!(wrong, "0" | "-4") {
                    "VAL06"
                } else {
                    "VAL01"
                },
                "quantity",
            );
            wrong.to_owned()
        } else {
            amount.to_string()
        };
        let sign = if has(Fault::NegativeRevenue) {
            plant("VAL06", "revenue");
            "-"
        } else {
            ""
        };
        let paise = price * amount;
        let product = products.get(product);
        let attribute = |name: &str| {
            product
                .and_then(|it| it.attributes.get(name))
                .map_or("", String::as_str)
        };
        let name = product.map_or("", |it| it.value.as_str());
        let (sku, category) = (attribute("sku"), attribute("category"));
        let revenue = format!("{sign}{}.{:02}", paise / 100, paise % 100);
        text.push_str(&if self.required_only {
            format!("ORD{id:07},{date},{region},{name},{quantity},{revenue}\n")
        } else {
            format!("ORD{id:07},{date},{region},{name},{sku},{category},{quantity},{revenue}\n")
        });
    }
}

/// Which rows of a run get which faults. One row may have several, but no two in one cell, and a row that
/// repeats an id has no other.
fn plan_faults(share: Share, random: &mut Rand64) -> [Vec<Fault>; RUN] {
    let mut faults: [Vec<Fault>; RUN] = [const { Vec::new() }; RUN];
    if share == Share::None {
        return faults;
    }
    for (fault, count) in RATES {
        if share == Share::All && fault == Fault::RepeatedId {
            continue;
        }
        let mut left = count;
        while left > 0 {
            let place = usize::try_from(random.rand_range(0..RUN as u64)).unwrap_or(0);
            let Some(of_row) = faults.get_mut(place) else {
                continue;
            };
            let taken = match fault {
                Fault::RepeatedId => !of_row.is_empty(),
                Fault::UnreadableDate => {
                    of_row.contains(&Fault::MissingDate) || of_row.contains(&fault)
                }
                _ => of_row.contains(&fault),
            };
            if !taken {
                of_row.push(fault);
                left -= 1;
            }
        }
    }
    if share == Share::All {
        let alone = RATES.map(|(fault, _)| fault);
        let alone: Vec<Fault> = alone
            .into_iter()
            .filter(|it| *it != Fault::RepeatedId)
            .collect();
        for of_row in faults.iter_mut().filter(|it| it.is_empty()) {
            of_row.extend(pick(random, &alone));
        }
    }
    faults
}

fn pick<'a, T>(random: &mut Rand64, from: &'a [T]) -> Option<&'a T> {
    if from.is_empty() {
        return None;
    }
    from.get(usize::try_from(random.rand_range(0..from.len() as u64)).unwrap_or(0))
}
