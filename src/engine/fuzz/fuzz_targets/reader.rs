//! Any bytes are a file: it gets a verdict that reconciles, however it is cut into pieces.
#![no_main]

use engine::{contract, source::Memory};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    engine_fuzz::assert_laws(&Memory(bytes), contract::sales(), bytes);
});
