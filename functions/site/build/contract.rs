//! openapi.yaml as JSON, in its order, with an example of every problem, and without what is there for
//! the gateway or for our tests.

use serde_norway::{Mapping, Value};

use crate::{Outcome, problems::Problem};

pub(crate) fn as_json(mut contract: Value, problems: &[Problem]) -> Outcome<String> {
    improve(&mut contract, problems)?;
    // `/` would forget the stage that the document was read from.
    let server = Mapping::from_iter([("url".into(), ".".into())]);
    contract["servers"] = Value::Sequence(vec![server.into()]);
    // A value of YAML keeps the order of its members; one of `serde_json` would sort them.
    Ok(serde_json::to_string(&contract)?)
}

/// Replaces the codes of every answer by examples.
fn improve(value: &mut Value, problems: &[Problem]) -> Outcome<()> {
    match value {
        Value::Mapping(members) => {
            members.retain(|name, _| !is_private(name));
            if let Some(Value::Sequence(codes)) = members.shift_remove("x-codes") {
                let examples = codes.iter().map(|code| example(code, problems));
                let examples = examples.collect::<Outcome<Mapping>>()?;
                let content =
                    members.get_mut("content").ok_or("an answer with codes has a body")?;
                content["application/problem+json"]["examples"] = examples.into();
            }
            for member in members.values_mut() {
                improve(member, problems)?;
            }
        }
        Value::Sequence(items) => {
            for item in items {
                improve(item, problems)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn example(code: &Value, problems: &[Problem]) -> Outcome<(Value, Value)> {
    let problem = problems.iter().find(|problem| code == problem.code.as_str());
    let problem = problem.ok_or_else(|| format!("x-problems does not explain {code:?}"))?;
    Ok((code.clone(), problem.example()))
}

fn is_private(name: &Value) -> bool {
    let name = name.as_str().unwrap_or_default();
    name == "x-problems" || name.starts_with("x-amazon-")
}
