//! The JSON Schema of scenarios, for editors.

use schemars::generate::SchemaSettings;

use crate::prices::PriceBook;
use crate::spec::Scenario;

/// The schema, as `scenarios/schema/scenario.schema.json` holds it.
pub fn json_schema() -> serde_json::Value {
    // Draft 7 is what the YAML extensions of editors understand.
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Scenario>();
    let mut schema = schema.to_value();
    if let Some(required) = schema.as_object_mut().and_then(|schema| schema.remove("required")) {
        // What a file leaves out can stand in one that it includes.
        schema["anyOf"] = serde_json::json!([{ "required": required }, { "required": ["include"] }]);
    }
    if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
        properties.insert(
            "include".to_owned(),
            serde_json::json!({
                "description": "Files that this one builds on, relative to it: their entries count unless this file says otherwise.",
                "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]
            }),
        );
    }
    schema
}

/// The schema of price books, as `scenarios/schema/prices.schema.json` holds it.
pub fn prices() -> serde_json::Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<PriceBook>().to_value()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Run with `OVERSPILL_WRITE_SCHEMA=1` to write the files anew.
    #[test]
    fn the_committed_schemas_are_current() {
        for (name, schema) in [("scenario", super::json_schema()), ("prices", super::prices())] {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{name}.schema.json"));
            let generated = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            if std::env::var_os("OVERSPILL_WRITE_SCHEMA").is_some() {
                std::fs::write(&file, &generated).unwrap();
            }
            let committed = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(committed == generated, "{} is out of date; run this test with OVERSPILL_WRITE_SCHEMA=1", file.display());
        }
    }
}
