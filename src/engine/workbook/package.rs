//! The zip archive that an `.xlsx`, `.xlsb` or `.ods` is: its parts by name, unpacked as far as the limits go.

use super::limit::{Budget, Refusal};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, BufReader, Cursor, Read},
};
use zip::{ZipArchive, result::ZipError};

/// Takes the name of a part and its content.
type Look<'l> = dyn FnMut(&str, &mut Part<'_>) -> io::Result<()> + 'l;

pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The place of each part by its name in lower case: programs disagree on the case.
    places: BTreeMap<String, usize>,
    budget: &'a Budget,
}

impl<'a> Package<'a> {
    /// None where the bytes are no archive.
    pub(super) fn open(bytes: &'a [u8], budget: &'a Budget) -> Option<Self> {
        let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
        let names = (0..archive.len()).filter_map(|it| {
            let name = archive.name_for_index(it)?.ok()?;
            Some((plain_name(&name), it))
        });
        let places = names.collect();
        Some(Self {
            archive,
            places,
            budget,
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(&plain_name(name))
    }

    /// The content of a part; None where there is no such part.
    ///
    /// # Errors
    /// When the part cannot be unpacked or needs a password.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part<'_>>, Refusal> {
        match self.places.get(&plain_name(name)) {
            Some(place) => open_part(&mut self.archive, *place, self.budget).map(Some),
            None => Ok(None),
        }
    }

    /// The events of a part that is XML.
    ///
    /// # Errors
    /// As [`Self::part`].
    pub(super) fn xml(&mut self, name: &str) -> Result<Option<Xml<'_>>, Refusal> {
        Ok(self.part(name)?.map(Xml::new))
    }

    /// Unpacks every part for once, so that the limits hold for those who then read it unchecked. `look` may read
    /// what it wants of a part, whose name is in lower case.
    ///
    /// # Errors
    /// When it is too large or cannot be unpacked.
    pub(super) fn weigh(&mut self, look: &mut Look<'_>) -> Result<(), Refusal> {
        for (name, place) in &self.places {
            let mut part = open_part(&mut self.archive, *place, self.budget)?;
            let looked = look(name, &mut part);
            let rest = looked.and_then(|()| io::copy(&mut part, &mut io::sink()));
            rest.map_err(|_| self.budget.broken())?;
        }
        Ok(())
    }
}

fn plain_name(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_lowercase()
}

fn open_part<'p>(
    archive: &'p mut ZipArchive<Cursor<&[u8]>>,
    place: usize,
    budget: &'p Budget,
) -> Result<Part<'p>, Refusal> {
    let file = archive.by_index(place).map_err(|error| match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Refusal::Password,
        _ => Refusal::Damaged,
    })?;
    Ok(Part {
        packed: file.compressed_size(),
        content: Box::new(file),
        unpacked: 0,
        budget,
    })
}

/// A part while it is unpacked.
pub(super) struct Part<'p> {
    content: Box<dyn Read + 'p>,
    packed: u64,
    unpacked: u64,
    budget: &'p Budget,
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(into)?;
        self.unpacked += count as u64;
        let within = self.budget.unpack(count as u64, self.unpacked, self.packed);
        within.map_err(|_| io::Error::other("too large"))?;
        Ok(count)
    }
}

/// A part that is XML, event by event. An empty element comes as its start and its end.
pub(super) struct Xml<'p> {
    reader: Reader<BufReader<Part<'p>>>,
    buffer: Vec<u8>,
    budget: &'p Budget,
}

impl<'p> Xml<'p> {
    fn new(part: Part<'p>) -> Self {
        let budget = part.budget;
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, part));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        Self {
            reader,
            buffer: Vec::new(),
            budget,
        }
    }

    /// # Errors
    /// When this is no XML, or too much of it.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Refusal> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer);
        event.map_err(|_| self.budget.broken())
    }

    /// The next start of an element; None at the end.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(super) fn next_start(&mut self) -> Result<Option<BytesStart<'_>>, Refusal> {
        loop {
            self.buffer.clear();
            // Read twice over, since a borrow cannot leave a loop that may go on.
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(it)) => return Ok(Some(it.into_owned())),
                Ok(Event::Eof) => return Ok(None),
                Ok(_) => {}
                Err(_) => return Err(self.budget.broken()),
            }
        }
    }
}

/// An attribute by its name without prefix.
pub(super) fn attribute<'e>(element: &'e BytesStart<'_>, name: &str) -> Option<Cow<'e, str>> {
    let mut all = element.attributes();
    let found = all
        .with_checks(false)
        .flatten()
        .find(|it| it.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok()
}

/// Whether an attribute says yes, in one of the ways that XML has for it.
pub(super) fn says_yes(element: &BytesStart<'_>, name: &str) -> bool {
    matches!(
        attribute(element, name).as_deref(),
        Some("1" | "true" | "TRUE" | "on")
    )
}

/// Adds what `&amp;`, `&#10;` and the like stand for.
pub(super) fn push_reference(reference: &BytesRef<'_>, text: &mut String) {
    let character = match reference.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    match character {
        Some(character) => text.push(character),
        // Of an unknown one the name is all that there is.
        None => text.extend(["&", reference.as_ref(), ";"]),
    }
}
