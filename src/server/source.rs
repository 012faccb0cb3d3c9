//! A file on disk as the engine reads it: by position, so that several threads share one handle. Of a workbook it is
//! the text, in memory.

use engine::{
    contract::Contract,
    source::{Source, SourceError},
    workbook::{self, Workbook},
};
use model::{id::WorkspaceId, options::Choice, workbook::Origin};
use std::{fs::File, io, path::Path};
use store::{LocalFile, RawFiles, StoreError};

#[derive(Debug)]
pub struct FileSource {
    file: File,
    size: u64,
    workbook: Option<Workbook>,
    /// Where it is a copy, it stays as long as it is read.
    _local: Option<LocalFile>,
}

impl FileSource {
    /// A raw file, wherever it is kept: every run, download and view reads it so.
    ///
    /// # Errors
    /// When it is not there, or does not come.
    pub async fn raw(
        raw: &RawFiles,
        workspace: &WorkspaceId,
        digest: &str,
    ) -> Result<Self, StoreError> {
        let local = raw.local(workspace, digest).await?;
        Ok(Self {
            _local: Some(local.clone()),
            ..Self::open(local.path())?
        })
    }

    /// # Errors
    /// When there is no such file, it may not be read, or it is a folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self {
            size: about.len(),
            file,
            workbook: None,
            _local: None,
        })
    }

    /// With the text of the chosen sheets in place of a workbook; any other file stays as it is.
    ///
    /// # Errors
    /// When the file can no longer be read.
    pub fn unpacked(mut self, contract: &Contract, choice: &Choice) -> Result<Self, SourceError> {
        self.workbook = workbook::open(&self, contract, choice)?;
        Ok(self)
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.workbook.as_ref().map_or(self.size, Source::size)
    }

    fn origin(&self) -> Option<&Origin> {
        self.workbook.as_ref().and_then(Source::origin)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        if let Some(workbook) = &self.workbook {
            return workbook.read_at(offset, into);
        }
        read_exact_at(&self.file, offset, into).map_err(|error| SourceError {
            offset,
            reason: error.to_string(),
        })
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, into: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut into: &mut [u8]) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !into.is_empty() {
        let count = file.seek_read(into, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let rest = into.split_at_mut(count).1;
        into = rest;
        offset = offset.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_by_position_and_not_past_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "0123456789").unwrap();
        let source = FileSource::open(&path).unwrap();
        let mut bytes = [0; 3];
        source.read_at(4, &mut bytes).unwrap();
        assert_eq!((&bytes, source.size()), (b"456", 10));
        assert_eq!(source.read_at(8, &mut bytes).unwrap_err().offset, 8);
        assert!(FileSource::open(folder.path()).is_err());
    }
}
