//! A file of the browser as a source: read piece by piece, or held whole where it is small.

use engine::{Source, SourceError};
use js_sys::{JsString, Reflect, Uint8Array};
use model::workbook::Origin;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReaderSync};

/// Bytes up to which a file is held: it is looked at three times.
const HELD: u64 = 64 << 20;

/// Bytes that are read ahead, since each reading costs the browser a message or two.
pub(crate) const AHEAD: u64 = 16 << 20;

/// A reading below this many bytes is no part of going through the file.
const GLANCE: usize = 1 << 20;

/// A `File` or `Blob`. Reading blocks the worker, not the page.
pub(crate) struct BlobSource {
    blob: Blob,
    reader: FileReaderSync,
    size: u64,
    origin: Option<Origin>,
    ahead: u64,
    /// Bytes of the file that were read, and where they begin.
    at_hand: RefCell<(u64, Uint8Array)>,
}

impl BlobSource {
    /// Reads `ahead` bytes ahead. `origin` is that of the text of a workbook.
    pub(crate) fn new(blob: Blob, origin: Option<Origin>, ahead: u64) -> Result<Self, JsValue> {
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
            ahead,
            at_hand: RefCell::new((0, Uint8Array::default())),
        })
    }

    /// Holds a file that is not too large for it.
    pub(crate) async fn whole(blob: Blob, origin: Option<Origin>) -> Result<Self, JsValue> {
        let source = Self::new(blob, origin, AHEAD)?;
        if source.size <= HELD
            // What cannot be read now is told by the reading that needs it.
            && let Ok(buffer) = JsFuture::from(source.blob.array_buffer()).await
        {
            source.at_hand.replace((0, Uint8Array::new(&buffer)));
        }
        Ok(source)
    }

    pub(crate) fn blob(&self) -> &Blob {
        &self.blob
    }

    fn read(&self, from: u64, to: u64) -> Result<Uint8Array, SourceError> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "places in a file lie below 2^53"
        )]
        let slice = self.blob.slice_with_f64_and_f64(from as f64, to as f64);
        let buffer = slice.and_then(|it| self.reader.read_as_array_buffer(&it).map(JsValue::from));
        let bytes = Uint8Array::new(&buffer.map_err(|it| failed(from, &it))?);
        if u64::from(bytes.length()) != to - from {
            return Err(SourceError {
                offset: from,
                reason: "the file became shorter".into(),
            });
        }
        Ok(bytes)
    }
}

impl Source for BlobSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let end = offset + into.len() as u64;
        let lies_at_hand = |(start, bytes): &(u64, Uint8Array)| {
            *start <= offset && end <= start + u64::from(bytes.length())
        };
        if !lies_at_hand(&self.at_hand.borrow()) {
            if into.len() < GLANCE {
                self.read(offset, end)?.copy_to(into);
                return Ok(());
            }
            // The old ones go first, so that there is room.
            self.at_hand.take();
            let to = end.max(offset + self.ahead).min(self.size);
            self.at_hand.replace((offset, self.read(offset, to)?));
        }
        let (start, bytes) = &*self.at_hand.borrow();
        let place = |at: u64| u32::try_from(at - start).unwrap_or(u32::MAX);
        bytes.subarray(place(offset), place(end)).copy_to(into);
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
