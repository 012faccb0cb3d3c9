//! A table as Parquet: text as UTF-8, amounts as DECIMAL(38, 2), days as DATE. Compressed by Snappy, in row groups, of
//! which one at a time is in memory.

use super::{Cell, Column, Kind, ParquetError};
use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical},
    data_type::{
        ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
    },
    file::{
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::types::{Type, TypePtr},
};
use std::{io::Write, sync::Arc};

/// Rows of a row group.
const GROUP: usize = 16_384;

/// Digits of an amount, two of them behind the point, and the bytes that hold it.
const DIGITS: i32 = 38;
const PLACES: i32 = 2;
const BYTES: i32 = 16;

pub struct Parquet<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl<W: Write + Send> Parquet<W> {
    /// # Errors
    /// When `to` cannot be written to.
    pub fn new(columns: Vec<Column>, to: W) -> Result<Self, ParquetError> {
        let fields: Result<Vec<TypePtr>, ParquetError> = columns.iter().map(field).collect();
        let schema = Type::group_type_builder("rows")
            .with_fields(fields?)
            .build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("tarazu".to_owned())
            .build();
        Ok(Self {
            writer: SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties))?,
            columns,
            rows: Vec::new(),
        })
    }

    /// Takes a row, a cell for each column.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, row: Vec<Cell>) -> Result<(), ParquetError> {
        self.rows.push(row);
        if self.rows.len() == GROUP {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is left and the end of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(), ParquetError> {
        if !self.rows.is_empty() {
            self.write()?;
        }
        let mut to = self.writer.into_inner()?;
        Ok(to.flush()?)
    }

    fn write(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for (place, column) in self.columns.iter().enumerate() {
            let cells = self
                .rows
                .iter()
                .map(|row| row.get(place).unwrap_or(&Cell::None));
            let cells: Vec<&Cell> = cells.collect();
            let Some(mut writer) = group.next_column()? else {
                break;
            };
            write_column(&mut writer, column.kind, &cells)?;
            writer.close()?;
        }
        group.close()?;
        self.rows.clear();
        Ok(())
    }
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Money => (
            Physical::FIXED_LEN_BYTE_ARRAY,
            Some(LogicalType::decimal(PLACES, DIGITS)),
        ),
        Kind::Day => (Physical::INT32, Some(LogicalType::Date)),
    };
    let mut field = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    if column.kind == Kind::Money {
        field = field
            .with_length(BYTES)
            .with_precision(DIGITS)
            .with_scale(PLACES);
    }
    Ok(Arc::new(field.build()?))
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    cells: &[&Cell],
) -> Result<(), ParquetError> {
    let present: Vec<i16> = cells
        .iter()
        .map(|it| i16::from(**it != Cell::None))
        .collect();
    let present = Some(present.as_slice());
    let cells = cells.iter();
    match kind {
        Kind::Text => {
            let values = cells.filter_map(|it| match it {
                Cell::Text(text) => Some(ByteArray::from(text.as_bytes().to_vec())),
                _ => None,
            });
            let values: Vec<ByteArray> = values.collect();
            let writer = writer.typed::<ByteArrayType>();
            writer.write_batch(&values, present, None)?;
        }
        Kind::Whole => {
            let values = cells.filter_map(|it| match it {
                Cell::Whole(number) => Some(*number),
                _ => None,
            });
            let values: Vec<i64> = values.collect();
            let writer = writer.typed::<Int64Type>();
            writer.write_batch(&values, present, None)?;
        }
        Kind::Money => {
            let values = cells.filter_map(|it| match it {
                Cell::Money(money) => Some(FixedLenByteArray::from(money.0.to_be_bytes().to_vec())),
                _ => None,
            });
            let values: Vec<FixedLenByteArray> = values.collect();
            let writer = writer.typed::<FixedLenByteArrayType>();
            writer.write_batch(&values, present, None)?;
        }
        Kind::Day => {
            let values = cells.filter_map(|it| match it {
                Cell::Day(day) => Some(*day),
                _ => None,
            });
            let values: Vec<i32> = values.collect();
            let writer = writer.typed::<Int32Type>();
            writer.write_batch(&values, present, None)?;
        }
    }
    Ok(())
}
