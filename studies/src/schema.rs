//! The JSON Schema of study files, for editors.

use schemars::generate::SchemaSettings;

use crate::spec::Study;

/// The schema.
pub fn json_schema() -> serde_json::Value {
    // Draft 7 is what the YAML extensions of editors understand.
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Study>().to_value()
}

#[cfg(test)]
mod tests {
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
