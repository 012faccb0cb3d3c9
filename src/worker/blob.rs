//! A file of the browser as a source: read piece by piece, never whole.

use engine::{Source, SourceError};
use js_sys::{JsString, Reflect, Uint8Array};
use model::workbook::Origin;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

/// A `File` or `Blob`. Reading blocks the worker, not the page.
pub(crate) struct BlobSource {
    blob: Blob,
    reader: FileReaderSync,
    size: u64,
    origin: Option<Origin>,
}

impl BlobSource {
    /// `origin` is that of the text of a workbook.
    pub(crate) fn new(blob: Blob, origin: Option<Origin>) -> Result<Self, JsValue> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a file's size is a whole number below 2^53"
        )]
        let size = blob.size() as u64;
        Ok(Self {
            blob,
            reader: FileReaderSync::new()?,
            size,
            origin,
        })
    }
}

impl Source for BlobSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let end = offset + into.len() as u64;
        #[expect(
            clippy::cast_precision_loss,
            reason = "places in a file lie below 2^53"
        )]
        let slice = self.blob.slice_with_f64_and_f64(offset as f64, end as f64);
        let buffer = slice.and_then(|it| self.reader.read_as_array_buffer(&it).map(JsValue::from));
        let bytes = Uint8Array::new(&buffer.map_err(|it| failed(offset, &it))?);
        if bytes.length() as usize != into.len() {
            return Err(SourceError {
                offset,
                reason: "the file became shorter".into(),
            });
        }
        bytes.copy_to(into);
        Ok(())
    }

    fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }
}

fn failed(offset: u64, error: &JsValue) -> SourceError {
    let name = Reflect::get(error, &"name".into()).ok();
    let name = name.and_then(|it| it.as_string());
    SourceError {
        offset,
        reason: name.unwrap_or_else(|| JsString::from("unknown").into()),
    }
}
