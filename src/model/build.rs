//! Writes the translations of the language that `TARAZU_LANGUAGE` names, from `texts/LANGUAGE.po`, as a table.

mod po;

use std::{env, error::Error, fs, path::PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "a build is told its folders and its language in the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=TARAZU_LANGUAGE");
    println!("cargo::rerun-if-changed=texts");
    let language = env::var("TARAZU_LANGUAGE").ok().filter(|it| !it.is_empty());
    let translations = match &language {
        Some(language) => {
            let path = format!("texts/{language}.po");
            let read = fs::read_to_string(&path).map_err(|error| error.to_string());
            let parsed = read.and_then(|it| po::parse(&it));
            parsed.map_err(|error| format!("src/model/{path}: {error}"))?
        }
        None => Vec::new(),
    };
    let language = language.as_deref().unwrap_or("en");
    let table = format!(
        "/// The language that these programs were built for, as HTML names it.\n\
         pub const LANGUAGE: &str = {language:?};\n\
         const TRANSLATIONS: &[(&str, &str)] = &{translations:?};\n"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("texts.rs"), table)?;
    Ok(())
}
