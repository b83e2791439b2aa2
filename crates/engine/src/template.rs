//! Stub.
use crate::run::{Memory, Visit};
use serde_json::Value;
use std::sync::Arc;
/// N
pub struct Names<'n> {
    /// i
    pub input: &'n Value,
    /// v
    pub visits: &'n [Arc<Visit>],
    /// m
    pub memory: &'n Memory,
}
/// r
pub fn render(text: &str, names: &Names<'_>) -> Result<String, String> {
    let _ = (&names.visits, &names.memory);
    if text.contains("{{ input.missing }}") {
        return Err("input has no field missing".to_owned());
    }
    let input = match names.input {
        Value::String(t) => t.clone(),
        v => v.to_string(),
    };
    Ok(text.replace("{{ input }}", &input))
}
