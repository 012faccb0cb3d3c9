//! Any text is refused as a contract or is one, under which files get verdicts that reconcile.
#![no_main]

use engine::{contract::Contract, source::Memory};

const FILE: &[u8] = b"id,day,amount,count,kind,name\n\
    1,2025-06-05,10.50,2,a,Asha\n1,05/06/2025,\"1,000\",0,b,\n,2027-01-01,-3,x,A , Ravi\nTotal,,7.5,2,,\n";

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(contract) = Contract::from_json(text) else {
        return;
    };
    engine_fuzz::assert_laws(&Memory(FILE), &contract, text.as_bytes());
});
