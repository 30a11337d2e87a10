//! openapi.yaml as JSON, without what is there for the gateway or for our tests.

use serde_json::Value;

use crate::Outcome;

pub(crate) fn as_json(yaml: &str) -> Outcome<String> {
    let mut contract: Value = serde_norway::from_str(yaml)?;
    strip(&mut contract);
    // `/` would forget the stage that the document was read from.
    contract["servers"] = serde_json::json!([{ "url": "." }]);
    Ok(contract.to_string())
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with("x-amazon-"));
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
