//! The schema fits what is printed.

use serde_json::Value;

/// Every object in the schema names its required keys, and none is printed without them.
#[test]
fn the_schema_is_a_schema() {
    let mut printed = Vec::new();
    super::write_schema(&mut printed).unwrap();
    let schema: Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!(schema["title"], "Report");
    assert!(schema["$defs"]["Connection"]["required"].as_array().unwrap().len() > 15);
}
