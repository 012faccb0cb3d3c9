//! Which cells of a file were corrected before submit, so that an export says of a row that the file does not read so.

use model::options::Options;

/// Of one file, by row.
#[derive(Debug, Clone, Default)]
pub struct Corrected {
    /// Records and columns, both from 1, in that order.
    cells: Vec<(u64, u32)>,
    /// Of the file's columns.
    names: Vec<String>,
}

impl Corrected {
    /// `cells` are records and columns, both from 1, in that order; `options` those that the file was read with.
    pub fn new(options: &Options, cells: Vec<(u64, u32)>) -> Self {
        let names = (1..)
            .zip(&options.columns)
            .map(|(place, it)| match it.header.trim() {
                "" => format!("column {place}"),
                name => name.to_owned(),
            });
        Self {
            cells,
            names: names.collect(),
        }
    }

    /// The columns whose cell was corrected in a row.
    pub fn columns(&self, record: u64) -> impl Iterator<Item = &str> {
        let first = self.cells.partition_point(|it| it.0 < record);
        let here = self.cells.get(first..).unwrap_or_default().iter();
        let here = here.take_while(move |it| it.0 == record);
        here.map(|(_, column)| {
            let place = usize::try_from(*column)
                .ok()
                .and_then(|it| it.checked_sub(1));
            let name = place.and_then(|it| self.names.get(it));
            name.map_or("", String::as_str)
        })
    }

    /// The same as an export says it: `region; revenue`. Empty where none was.
    pub fn text(&self, record: u64) -> String {
        self.columns(record).collect::<Vec<_>>().join("; ")
    }
}
