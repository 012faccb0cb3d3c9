//! JSON of the server, of workers and of the browser's own keeping, read into types. `serde_json` reads the text; what it
//! says goes to the types from here, in the one form in which we write each, and without a word about what does not fit:
//! the other forms and these words were 19 KB of the browser's program.

use codee::{Decoder, Encoder};
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::{
    Serialize,
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
        VariantAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
};
use serde_json::Value;
use std::fmt::{self, Display, Formatter};

/// None where the text is no such thing. It reads the one form in which we write it, and passes over what more there is.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let value: Value = serde_json::from_str(text).ok()?;
    T::deserialize(Part(value)).ok()
}

/// As server functions answer, and as their answers stand in pages.
pub struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = Unfit;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Unfit> {
        read(text).ok_or(Unfit)
    }
}

impl ContentType for Json {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Json {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Json {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Json {
    type Error = Unfit;

    fn decode(bytes: Bytes) -> Result<T, Unfit> {
        let text = std::str::from_utf8(&bytes).ok();
        text.and_then(read).ok_or(Unfit)
    }
}

struct Part(Value);

#[derive(Debug)]
pub struct Unfit;

impl Display for Unfit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("unfit")
    }
}

impl std::error::Error for Unfit {}

impl Error for Unfit {
    fn custom<T: Display>(_message: T) -> Self {
        Unfit
    }
}

impl IntoDeserializer<'_, Unfit> for Part {
    type Deserializer = Part;

    fn into_deserializer(self) -> Part {
        self
    }
}

/// A number in the width in which the value keeps it; the type checks that it fits.
macro_rules! numbers {
    ($($deserialize:ident $kept:ident $visit:ident,)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
            self.0.$kept().ok_or(Unfit).and_then(|it| visitor.$visit(it))
        })*
    };
}

/// Types that have the same form in JSON.
macro_rules! alike {
    ($($deserialize:ident $like:ident ($($unused:ident: $type:ty),*),)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, $($unused: $type,)* visitor: V) -> Result<V::Value, Unfit> {
            self.$like(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Part {
    type Error = Unfit;

    numbers! {
        deserialize_bool as_bool visit_bool,
        deserialize_i8 as_i64 visit_i64,
        deserialize_i16 as_i64 visit_i64,
        deserialize_i32 as_i64 visit_i64,
        deserialize_i64 as_i64 visit_i64,
        deserialize_u8 as_u64 visit_u64,
        deserialize_u16 as_u64 visit_u64,
        deserialize_u32 as_u64 visit_u64,
        deserialize_u64 as_u64 visit_u64,
        deserialize_f32 as_f64 visit_f64,
        deserialize_f64 as_f64 visit_f64,
    }

    alike! {
        deserialize_char deserialize_string(),
        deserialize_str deserialize_string(),
        deserialize_identifier deserialize_string(),
        deserialize_bytes deserialize_seq(),
        deserialize_byte_buf deserialize_seq(),
        deserialize_tuple deserialize_seq(_length: usize),
        deserialize_tuple_struct deserialize_seq(_name: &'static str, _length: usize),
        deserialize_struct deserialize_map(_name: &'static str, _fields: &'static [&'static str]),
        deserialize_unit deserialize_ignored_any(),
        deserialize_unit_struct deserialize_ignored_any(_name: &'static str),
    }

    /// Of a type that tells its form by what it finds.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match &self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(*it),
            Value::Number(it) if it.is_u64() => self.deserialize_u64(visitor),
            Value::Number(it) if it.is_i64() => self.deserialize_i64(visitor),
            Value::Number(_) => self.deserialize_f64(visitor),
            Value::String(_) => self.deserialize_string(visitor),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(Unfit),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Part)))
            }
            _ => Err(Unfit),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Value::Object(fields) => {
                let fields = fields.into_iter();
                let fields = fields.map(|(name, value)| (Part(Value::String(name)), Part(value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            _ => Err(Unfit),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_enum(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_unit()
    }
}

/// A variant is its name, or an object with one field of its name.
impl<'de> EnumAccess<'de> for Part {
    type Error = Unfit;
    type Variant = Part;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Part), Unfit> {
        let (name, content) = match self.0 {
            Value::Object(fields) => fields.into_iter().next().ok_or(Unfit)?,
            Value::String(name) => (name, Value::Null),
            _ => return Err(Unfit),
        };
        Ok((seed.deserialize(Part(Value::String(name)))?, Part(content)))
    }
}

impl<'de> VariantAccess<'de> for Part {
    type Error = Unfit;

    fn unit_variant(self) -> Result<(), Unfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unfit> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_map(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::{collections::BTreeMap, fmt::Debug};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Shape {
        None,
        Named(Name),
        Both(i8, char),
        Sides { of: Vec<(u64, Option<bool>)> },
    }

    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Name(String);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { value: f64 },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        least: i64,
        most: u64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole {
        #[serde(flatten)]
        inner: Inner,
        shapes: Vec<Shape>,
        names: BTreeMap<Name, Box<str>>,
        tagged: Tagged,
        unit: (),
        #[serde(default)]
        absent: Option<String>,
    }

    fn whole() -> Whole {
        Whole {
            inner: Inner {
                least: i64::MIN,
                most: u64::MAX,
            },
            shapes: vec![
                Shape::None,
                Shape::Named(Name("\"ä\"\n".to_owned())),
                Shape::Both(-1, 'ß'),
                Shape::Sides {
                    of: vec![(0, None), (7, Some(true))],
                },
            ],
            names: BTreeMap::from([(Name("a".to_owned()), "b".into())]),
            tagged: Tagged::One { value: -0.5 },
            unit: (),
            absent: None,
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let text = serde_json::to_string(&whole()).unwrap();
        assert_eq!(read::<Whole>(&text), Some(whole()));
    }

    #[test]
    fn what_nobody_asks_for_is_passed_over() {
        let text = serde_json::to_string(&whole()).unwrap();
        let text = text.replace("\"shapes\":", "\"more\":{\"deep\":[1,{}]},\"shapes\":");
        assert_eq!(read::<Whole>(&text), Some(whole()));
    }

    #[test]
    fn what_does_not_fit_is_none() {
        fn check<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
            assert_eq!(read::<T>(text), None, "{text}");
        }
        check::<Whole>("{}");
        check::<Whole>("{");
        check::<Inner>(r#"{"least":1,"most":-1}"#);
        check::<Inner>(r#"{"least":"1","most":1}"#);
        check::<Shape>(r#""other""#);
        check::<Shape>(r#"{"both":[1]}"#);
        check::<Shape>(r#"{"both":[300,"x"]}"#);
        check::<Vec<String>>(r#"["a",1]"#);
    }
}
