//! The small language of CON01: exact decimals, comparisons, and, or, not. Own, because no crate has decimals.

use crate::{
    contract::{Contract, Kind},
    control::RowCells,
    value::Value,
};
use thiserror::Error;

/// An expression that is true or false of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expression(Node);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Column(usize),
    Number(Decimal),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Compare(Compare, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arithmetic {
    Add,
    Subtract,
    Multiply,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `digits / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decimal {
    digits: i128,
    scale: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Number(Decimal),
    Day(i32),
    Truth(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Number,
    Day,
    Truth,
}

/// Why a text is no expression, and where: both places from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column} of the expression: {kind}")]
pub(crate) struct ExpressionError {
    pub(crate) kind: ExpressionErrorKind,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum ExpressionErrorKind {
    #[error("`{0}` is not expected there")]
    Unexpected(String),
    #[error("it ends too early")]
    Ends,
    #[error("it is a number or a date, which is neither true nor false")]
    NoTruth,
    #[error("the contract has no column `{0}`")]
    NoColumn(String),
    #[error("the column `{0}` holds neither numbers nor dates")]
    NoNumber(String),
    #[error("the two sides of `{0}` cannot be taken together")]
    Sides(String),
    #[error("it is nested too deep")]
    Deep,
}

impl ExpressionErrorKind {
    fn at(self, place: Place) -> ExpressionError {
        ExpressionError {
            kind: self,
            line: place.line,
            column: place.column,
        }
    }
}

/// Both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

const DEEPEST: usize = 64;

impl Expression {
    pub(crate) fn parse(text: &str, contract: &Contract) -> Result<Self, ExpressionError> {
        let (tokens, end) = tokens(text)?;
        let mut parser = Parser {
            tokens,
            end,
            at: 0,
            depth: 0,
            contract,
        };
        let (node, sort) = parser.either()?;
        if let Some(token) = parser.tokens.get(parser.at) {
            return Err(token.unexpected());
        }
        if sort == Sort::Truth {
            Ok(Self(node))
        } else {
            Err(ExpressionErrorKind::NoTruth.at(end))
        }
    }

    /// The places of the columns that it names, each once.
    pub(crate) fn columns(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        self.0.columns(&mut columns);
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// None where a cell that it needs cannot be read, or a product is too large for 128 bits.
    pub(crate) fn holds(&self, row: &dyn RowCells) -> Option<bool> {
        for column in self.columns() {
            Node::Column(column).value(row)?;
        }
        match self.0.value(row)? {
            Kept::Truth(truth) => Some(truth),
            _ => None,
        }
    }
}

impl Node {
    fn columns(&self, into: &mut Vec<usize>) {
        match self {
            Self::Column(column) => into.push(*column),
            Self::Number(_) => {}
            Self::Not(one) => one.columns(into),
            Self::Arithmetic(_, one, other) | Self::Compare(_, one, other) => {
                one.columns(into);
                other.columns(into);
            }
            Self::And(one, other) | Self::Or(one, other) => {
                one.columns(into);
                other.columns(into);
            }
        }
    }

    fn value(&self, row: &dyn RowCells) -> Option<Kept> {
        match self {
            Self::Column(column) => match row.cell(*column)?.value {
                Value::Whole(number) => Some(Kept::Number(Decimal {
                    digits: i128::from(number),
                    scale: 0,
                })),
                Value::Amount { paise, .. } => Some(Kept::Number(Decimal {
                    digits: i128::from(paise),
                    scale: 2,
                })),
                Value::Number { millionths } => Some(Kept::Number(Decimal {
                    digits: i128::from(millionths),
                    scale: 6,
                })),
                Value::Day(day) => Some(Kept::Day(day)),
                _ => None,
            },
            Self::Number(number) => Some(Kept::Number(*number)),
            Self::Arithmetic(operation, one, other) => {
                let (Kept::Number(one), Kept::Number(other)) = (one.value(row)?, other.value(row)?)
                else {
                    return None;
                };
                one.with(*operation, other).map(Kept::Number)
            }
            Self::Compare(compare, one, other) => {
                let ordering = match (one.value(row)?, other.value(row)?) {
                    (Kept::Number(one), Kept::Number(other)) => {
                        let (one, other, _) = one.aligned(other)?;
                        one.cmp(&other)
                    }
                    (Kept::Day(one), Kept::Day(other)) => one.cmp(&other),
                    _ => return None,
                };
                Some(Kept::Truth(compare.is(ordering)))
            }
            Self::And(one, other) => Some(Kept::Truth(one.truth(row)? && other.truth(row)?)),
            Self::Or(one, other) => Some(Kept::Truth(one.truth(row)? || other.truth(row)?)),
            Self::Not(one) => Some(Kept::Truth(!one.truth(row)?)),
        }
    }

    fn truth(&self, row: &dyn RowCells) -> Option<bool> {
        match self.value(row)? {
            Kept::Truth(truth) => Some(truth),
            _ => None,
        }
    }
}

impl Compare {
    fn is(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Decimal {
    /// Both with the larger scale.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raise = |it: Self| it.digits.checked_mul(10i128.checked_pow(scale - it.scale)?);
        Some((raise(self)?, raise(other)?, scale))
    }

    fn with(self, operation: Arithmetic, other: Self) -> Option<Self> {
        if operation == Arithmetic::Multiply {
            let digits = self.digits.checked_mul(other.digits)?;
            return Some(Self {
                digits,
                scale: self.scale.checked_add(other.scale)?,
            });
        }
        let (one, other, scale) = self.aligned(other)?;
        let digits = match operation {
            Arithmetic::Subtract => one.checked_sub(other)?,
            _ => one.checked_add(other)?,
        };
        Some(Self { digits, scale })
    }

    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self {
            digits,
            scale: u32::try_from(fraction.len()).ok()?,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    place: Place,
}

impl Token {
    fn unexpected(&self) -> ExpressionError {
        ExpressionErrorKind::Unexpected(self.text.clone()).at(self.place)
    }
}

/// The tokens, and the place behind the last one.
fn tokens(text: &str) -> Result<(Vec<Token>, Place), ExpressionError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    let mut place = Place { line: 1, column: 1 };
    let mut end = place;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            it if it.is_whitespace() => {
                rest = rest.get(it.len_utf8()..).unwrap_or_default();
                place = match it {
                    '\n' => Place {
                        line: place.line + 1,
                        column: 1,
                    },
                    _ => Place {
                        column: place.column + 1,
                        ..place
                    },
                };
                continue;
            }
            it if it.is_alphanumeric() || it == '_' || it == '.' => {
                let end = rest.find(|it: char| !(it.is_alphanumeric() || it == '_' || it == '.'));
                end.unwrap_or(rest.len())
            }
            '<' | '>' | '!' if rest.get(1..2) == Some("=") => 2,
            '+' | '-' | '*' | '(' | ')' | '=' | '<' | '>' => 1,
            it => {
                return Err(ExpressionErrorKind::Unexpected(it.to_string()).at(place));
            }
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(Token {
            text: token.to_owned(),
            place,
        });
        place.column += token.chars().count();
        end = place;
        rest = behind;
    }
    Ok((tokens, end))
}

struct Parser<'a> {
    tokens: Vec<Token>,
    /// Behind the last token.
    end: Place,
    at: usize,
    depth: usize,
    contract: &'a Contract,
}

type Parsed = Result<(Node, Sort), ExpressionError>;

impl Parser<'_> {
    fn take(&mut self, words: &[&str]) -> Option<Token> {
        let token = self.tokens.get(self.at)?;
        let found = words.contains(&token.text.as_str()).then(|| token.clone());
        self.at += usize::from(found.is_some());
        found
    }

    fn place(&self) -> Place {
        self.tokens.get(self.at).map_or(self.end, |it| it.place)
    }

    fn deeper(&mut self) -> Result<(), ExpressionError> {
        self.depth += 1;
        match self.depth > DEEPEST {
            true => Err(ExpressionErrorKind::Deep.at(self.place())),
            false => Ok(()),
        }
    }

    fn either(&mut self) -> Parsed {
        self.deeper()?;
        let mut left = self.both()?;
        while let Some(word) = self.take(&["or"]) {
            let right = self.both()?;
            left = truths(&word, left, right, Node::Or)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Parsed {
        let mut left = self.negated()?;
        while let Some(word) = self.take(&["and"]) {
            let right = self.negated()?;
            left = truths(&word, left, right, Node::And)?;
        }
        Ok(left)
    }

    fn negated(&mut self) -> Parsed {
        let mut times = 0;
        let mut last = None;
        while let Some(word) = self.take(&["not"]) {
            times += 1;
            last = Some(word);
        }
        let (node, sort) = self.comparison()?;
        match (times, sort) {
            (0, _) => Ok((node, sort)),
            (_, Sort::Truth) if times % 2 == 0 => Ok((node, sort)),
            (_, Sort::Truth) => Ok((Node::Not(Box::new(node)), sort)),
            _ => Err(sides(last.as_ref(), self.end)),
        }
    }

    fn comparison(&mut self) -> Parsed {
        let (left, sort) = self.sum()?;
        let Some(word) = self.take(&["=", "!=", "<", "<=", ">", ">="]) else {
            return Ok((left, sort));
        };
        let compare = match word.text.as_str() {
            "=" => Compare::Equal,
            "!=" => Compare::Unequal,
            "<" => Compare::Less,
            "<=" => Compare::LessOrEqual,
            ">" => Compare::Greater,
            _ => Compare::GreaterOrEqual,
        };
        let (right, other) = self.sum()?;
        if sort != other || sort == Sort::Truth {
            return Err(sides(Some(&word), self.end));
        }
        Ok((
            Node::Compare(compare, Box::new(left), Box::new(right)),
            Sort::Truth,
        ))
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        while let Some(word) = self.take(&["+", "-"]) {
            let right = self.product()?;
            let operation = if word.text == "+" {
                Arithmetic::Add
            } else {
                Arithmetic::Subtract
            };
            left = numbers(&word, operation, left, right)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.single()?;
        while let Some(word) = self.take(&["*"]) {
            let right = self.single()?;
            left = numbers(&word, Arithmetic::Multiply, left, right)?;
        }
        Ok(left)
    }

    fn single(&mut self) -> Parsed {
        if self.take(&["("]).is_some() {
            let inner = self.either()?;
            return match self.take(&[")"]) {
                Some(_) => Ok(inner),
                None => Err(self
                    .tokens
                    .get(self.at)
                    .map_or_else(|| ExpressionErrorKind::Ends.at(self.end), Token::unexpected)),
            };
        }
        if let Some(minus) = self.take(&["-"]) {
            let zero = (
                Node::Number(Decimal {
                    digits: 0,
                    scale: 0,
                }),
                Sort::Number,
            );
            self.deeper()?;
            let negative = self.single()?;
            self.depth -= 1;
            return numbers(&minus, Arithmetic::Subtract, zero, negative);
        }
        let token = self
            .tokens
            .get(self.at)
            .ok_or_else(|| ExpressionErrorKind::Ends.at(self.end))?
            .clone();
        self.at += 1;
        if token.text.starts_with(|it: char| it.is_ascii_digit()) {
            let number = Decimal::parse(&token.text).ok_or_else(|| token.unexpected())?;
            return Ok((Node::Number(number), Sort::Number));
        }
        let word = token
            .text
            .starts_with(|it: char| it.is_alphabetic() || it == '_');
        if !word || matches!(token.text.as_str(), "and" | "or" | "not") {
            return Err(token.unexpected());
        }
        let place = self.contract.column(&token.text);
        let place = place
            .ok_or_else(|| ExpressionErrorKind::NoColumn(token.text.clone()).at(token.place))?;
        let sort = match self.contract.columns.get(place).map(|it| it.kind) {
            Some(Kind::Whole | Kind::Amount | Kind::Number) => Sort::Number,
            Some(Kind::Date) => Sort::Day,
            _ => return Err(ExpressionErrorKind::NoNumber(token.text).at(token.place)),
        };
        Ok((Node::Column(place), sort))
    }
}

fn sides(word: Option<&Token>, end: Place) -> ExpressionError {
    let (text, place) = word.map_or(("", end), |it| (&it.text, it.place));
    ExpressionErrorKind::Sides(text.to_owned()).at(place)
}

fn truths(
    word: &Token,
    left: (Node, Sort),
    right: (Node, Sort),
    node: fn(Box<Node>, Box<Node>) -> Node,
) -> Parsed {
    if (left.1, right.1) != (Sort::Truth, Sort::Truth) {
        return Err(sides(Some(word), word.place));
    }
    Ok((node(Box::new(left.0), Box::new(right.0)), Sort::Truth))
}

fn numbers(word: &Token, operation: Arithmetic, left: (Node, Sort), right: (Node, Sort)) -> Parsed {
    if (left.1, right.1) != (Sort::Number, Sort::Number) {
        return Err(sides(Some(word), word.place));
    }
    Ok((
        Node::Arithmetic(operation, Box::new(left.0), Box::new(right.0)),
        Sort::Number,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Cell;

    struct Cells([Value; 3]);

    impl RowCells for Cells {
        fn cell(&self, column: usize) -> Option<Cell<'_>> {
            let value = *self.0.get(column)?;
            Some(Cell {
                text: b"",
                value,
                column,
                today: 0,
            })
        }
        fn decode(&self, _text: &[u8]) -> String {
            String::new()
        }
    }

    fn contract() -> Contract {
        Contract::from_json(
            r#"{"name": "t", "version": "1", "controls": [], "columns": [{"name": "n", "type": "whole"},
                {"name": "price", "type": "amount"}, {"name": "day", "type": "date"}, {"name": "note", "type": "text"}]}"#,
        )
        .unwrap()
    }

    fn holds(text: &str) -> Option<bool> {
        let price = Value::Amount {
            paise: 1010,
            excess: false,
        };
        let row = Cells([Value::Whole(3), price, Value::Day(5)]);
        Expression::parse(text, &contract()).unwrap().holds(&row)
    }

    #[test]
    fn is_exact_and_binds_as_people_expect() {
        for (text, expected) in [
            ("n * price = 30.30", true),
            ("n * price = 30.3", true),
            ("n * price = 30.300000000000000001", false),
            ("0.1 + 0.2 = 0.3", true),
            ("1 + 2 * 3 = 7", true),
            ("(1 + 2) * 3 = 9", true),
            ("10 - 3 - 2 = 5", true),
            ("-n = 0 - 3", true),
            ("n > 3 or n >= 3 and n != 4", true),
            ("not n < 3", true),
            ("not (n = 3)", false),
            ("not not n = 3", true),
            ("day = day", true),
        ] {
            assert_eq!(holds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn does_not_judge_a_row_that_it_cannot_read() {
        let row = Cells([Value::Whole(3), Value::Unreadable, Value::Blank]);
        let expression = Expression::parse("n = 3 or price = 1", &contract()).unwrap();
        assert_eq!(expression.holds(&row), None);
        let huge = Cells([Value::Whole(i64::MAX), Value::Blank, Value::Blank]);
        let product = Expression::parse("n * n * n * n > 0", &contract()).unwrap();
        assert_eq!(product.holds(&huge), None);
    }

    #[test]
    fn says_where_a_text_is_no_expression() {
        for (text, place, expected) in [
            ("", "1, column 1", "it ends too early"),
            (
                "n",
                "1, column 2",
                "it is a number or a date, which is neither true nor false",
            ),
            ("n = ", "1, column 4", "it ends too early"),
            ("n = 1)", "1, column 6", "`)` is not expected there"),
            ("n # 1", "1, column 3", "`#` is not expected there"),
            (
                "n = 1 and\n  (n = 1 2)",
                "2, column 10",
                "`2` is not expected there",
            ),
            ("n = 1.2.3", "1, column 5", "`1.2.3` is not expected there"),
            (
                "n = 1\n\nor m = 1",
                "3, column 4",
                "the contract has no column `m`",
            ),
            (
                "note = 1",
                "1, column 1",
                "the column `note` holds neither numbers nor dates",
            ),
            (
                "day = 1",
                "1, column 5",
                "the two sides of `=` cannot be taken together",
            ),
            (
                "n = 1 and 2",
                "1, column 7",
                "the two sides of `and` cannot be taken together",
            ),
        ] {
            assert_eq!(
                Expression::parse(text, &contract())
                    .unwrap_err()
                    .to_string(),
                format!("line {place} of the expression: {expected}"),
                "{text}"
            );
        }
        let deep = format!("{}n = 1", "(".repeat(200));
        let kind = |text: &str| Expression::parse(text, &contract()).unwrap_err().kind;
        assert_eq!(kind(&deep), ExpressionErrorKind::Deep);
        let minus = format!("n = {}1", "-".repeat(200_000));
        assert_eq!(kind(&minus), ExpressionErrorKind::Deep);
    }
}
