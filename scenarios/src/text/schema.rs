//! The JSON Schema of a text with a unit.

use schemars::{Schema, json_schema};

use super::{Bare, Unit};

/// A string of this pattern, or a number as far as that makes sense.
pub(super) fn of<T: Unit>() -> Schema {
    let mut schema = json_schema!({ "description": T::DESCRIPTION, "type": "string", "pattern": T::PATTERN, "examples": T::EXAMPLES });
    match T::BARE {
        Bare::Never => {}
        Bare::Zero => {
            schema.insert("type".to_owned(), serde_json::json!(["string", "integer"]));
            schema.insert("minimum".to_owned(), 0.into());
            schema.insert("maximum".to_owned(), 0.into());
        }
        Bare::Any => {
            schema.insert("type".to_owned(), serde_json::json!(["string", "number"]));
        }
    }
    schema
}
