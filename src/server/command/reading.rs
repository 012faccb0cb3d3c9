//! The flags that lay down how a file is read, for the commands that judge files.

use crate::contracts::Contracts;
use anyhow::Context;
use clap::Args;
use model::{
    money::Money,
    options::{Choice, ControlTotals, DateForm},
};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How files are read; found where it is not given")]
pub struct ReadingArgs {
    /// What stands between cells: one character, or `tab`
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<char>,
    /// utf-8, windows-1252, utf-16le or utf-16be
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The line of the header, counted from 1; 0 where the file has none
    #[arg(long, value_name = "LINE")]
    header_line: Option<u64>,
    /// Amounts are written 1.234,56
    #[arg(long)]
    decimal_comma: bool,
    /// Which column of the contract a column of the file is, by its header or its place: "Order No=order_id", 3=region
    #[arg(long, value_name = "COLUMN=NAME", value_parser = pair)]
    map: Vec<(String, String)>,
    /// The form of a column of dates: order_date=MM-DD-YYYY
    #[arg(long, value_name = "NAME=FORM", value_parser = date_form)]
    date_form: Vec<(String, DateForm)>,
    /// The sheet of a workbook; several are read one below the other
    #[arg(long, value_name = "NAME")]
    sheet: Vec<String>,
    /// How many rows the file has to have
    #[arg(long, value_name = "COUNT")]
    total_rows: Option<u64>,
    /// What the money column has to add up to
    #[arg(long, value_name = "AMOUNT", value_parser = money)]
    total_money: Option<Money>,
}

impl ReadingArgs {
    /// What the flags lay down, held to the contracts.
    ///
    /// # Errors
    /// When they name what is in none of them.
    pub fn choice(&self, contracts: &Contracts) -> anyhow::Result<Choice> {
        let choice = Choice {
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            header_line: self.header_line,
            decimal_comma: self.decimal_comma.then_some(true),
            columns: self.map.iter().cloned().collect(),
            date_forms: self.date_form.iter().cloned().collect::<BTreeMap<_, _>>(),
            sheets: self.sheet.clone(),
            totals: ControlTotals {
                rows: self.total_rows,
                money: self.total_money,
            },
            corrections: Vec::new(),
            apart: None,
        };
        contracts
            .check(&choice)
            .context("the file cannot be read so")?;
        Ok(choice)
    }
}

fn delimiter(text: &str) -> Result<char, &'static str> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None) => Ok(one),
        _ => Err("one character, or `tab`"),
    }
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (column, name) = text.rsplit_once('=').ok_or("such as 3=region")?;
    Ok((column.trim().to_owned(), name.trim().to_owned()))
}

fn date_form(text: &str) -> Result<(String, DateForm), String> {
    let (name, form) = pair(text)?;
    let known = || DateForm::ALL.map(DateForm::as_str).join(", ");
    let form = DateForm::parse(&form).ok_or_else(|| format!("a form is one of {}", known()))?;
    Ok((name, form))
}

fn money(text: &str) -> Result<Money, &'static str> {
    let cents = text.rsplit_once('.').map_or(0, |(_, it)| it.len());
    let whole = match cents {
        0 if !text.contains('.') => format!("{text}.00"),
        1 => format!("{text}0"),
        _ => text.to_owned(),
    };
    whole
        .parse()
        .map_err(|_| "an amount in digits with at most two decimals, such as 31918684.29")
}
