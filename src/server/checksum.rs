//! The checksum that a sender gives of what it sends in one request, as the checksum extension of tus has it.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// As `Tus-Checksum-Algorithm` tells them.
pub const ALGORITHMS: &str = "sha1,sha256";

/// What was sent so far, and what all of it has to come to.
pub struct Checksum {
    so_far: SoFar,
    expected: Vec<u8>,
}

enum SoFar {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// From `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`: the algorithm, and the checksum in Base64. None where it is no such text,
    /// or of an algorithm that is not known.
    pub fn parse(text: &str) -> Option<Self> {
        let (algorithm, expected) = text.trim().split_once(' ')?;
        let expected = STANDARD.decode(expected.trim()).ok()?;
        let (so_far, bytes) = match algorithm {
            "sha1" => (SoFar::Sha1(Sha1::new()), 20),
            "sha256" => (SoFar::Sha256(Sha256::new()), 32),
            _ => return None,
        };
        (expected.len() == bytes).then_some(Self { so_far, expected })
    }

    pub fn update(&mut self, piece: &[u8]) {
        match &mut self.so_far {
            SoFar::Sha1(it) => it.update(piece),
            SoFar::Sha256(it) => it.update(piece),
        }
    }

    /// Whether what was sent is what it has to be.
    pub fn holds(self) -> bool {
        match self.so_far {
            SoFar::Sha1(it) => it.finalize().as_slice() == self.expected,
            SoFar::Sha256(it) => it.finalize().as_slice() == self.expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_holds_for_its_own_bytes_alone() {
        // Of `abc`, from FIPS 180-4's examples.
        for text in [
            "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
            "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        ] {
            for (bytes, expected) in [("abc", true), ("abd", false), ("", false)] {
                let mut checksum = Checksum::parse(text).unwrap();
                bytes
                    .chars()
                    .for_each(|it| checksum.update(it.to_string().as_bytes()));
                assert_eq!(checksum.holds(), expected, "{text} of {bytes}");
            }
        }
    }

    #[test]
    fn what_is_no_checksum_is_none() {
        for text in [
            "",
            "sha1",
            "sha1 !",
            "sha1 YWJj",
            "md5 kAFQmDzST7DWlj99KOF/cg==",
            "SHA1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
        ] {
            assert!(Checksum::parse(text).is_none(), "{text}");
        }
    }
}
