//! The JSON Schema of study files, for editors.

use schemars::generate::SchemaSettings;

use crate::spec::Study;

/// The schema, as `scenarios/schema/study.schema.json` holds it.
pub fn json_schema() -> serde_json::Value {
    // Draft 7 is what the YAML extensions of editors understand.
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Study>().to_value()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Run with `OVERSPILL_WRITE_SCHEMA=1` to write the file anew.
    #[test]
    fn the_committed_schema_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/schema/study.schema.json");
        let schema = serde_json::to_string_pretty(&super::json_schema()).unwrap() + "\n";
        if std::env::var_os("OVERSPILL_WRITE_SCHEMA").is_some() {
            fs::write(&path, &schema).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == schema, "{} is out of date: run with OVERSPILL_WRITE_SCHEMA=1", path.display());
    }

    #[test]
    fn every_part_of_a_study_is_described() {
        let schema = super::json_schema();
        let properties = schema["properties"].as_object().unwrap();
        for key in ["scenario", "axes", "replications", "warmUp", "design", "exclude", "zip", "minimize", "constraints", "confidence", "budget"] {
            assert!(properties[key]["description"].as_str().is_some_and(|text| !text.is_empty()), "{key}");
        }
        assert_eq!(schema["additionalProperties"], false, "a misspelt key is marked");
    }
}
