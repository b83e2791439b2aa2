//! The page on the HTTP API has every call, and no other.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::page::{Page, has, root};

/// Where the calls of the page are that name no other place.
const BASE: &str = "/api/v1";

/// Every call of the description, as the page writes it.
fn calls() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("crates/api/openapi.json")).unwrap();
    let described: Value = serde_json::from_str(&text).unwrap();
    let paths = described["paths"].as_object().unwrap();
    let calls = paths.iter().flat_map(|(path, methods)| {
        let path = path.strip_prefix(BASE).unwrap_or(path);
        methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    calls.collect()
}

#[test]
fn every_call_has_its_place_and_every_place_its_call() {
    let page = Page::read("docs/reference/http.md");
    let calls = calls();
    let missing: Vec<&String> = calls.iter().filter(|call| !is_described(&page, call)).collect();
    assert!(missing.is_empty(), "{} does not have {missing:?}", page.path.display());
    for word in page.text.split('`').skip(1).step_by(2) {
        let is_call = word.split_once(" /").is_some_and(|(method, _)| method.chars().all(char::is_uppercase));
        let is_known = calls.contains(&word.replace(BASE, ""));
        assert!(!is_call || is_known, "{word} is no call");
    }
    assert!(calls.len() >= 40, "{calls:?}");
}

/// A row that says "to the same paths" stands for the paths of a row before it, which are read with `GET`.
fn is_described(page: &Page, call: &str) -> bool {
    let (method, path) = call.split_once(' ').unwrap();
    let repeated = page.text.contains(&format!("| `{method}` to the same paths |"));
    has(&page.text, call) || (repeated && has(&page.text, &format!("GET {path}")))
}

#[test]
fn every_parameter_of_a_call_is_named() {
    let page = Page::read("docs/reference/http.md");
    let text = std::fs::read_to_string(root().join("crates/api/openapi.json")).unwrap();
    let described: Value = serde_json::from_str(&text).unwrap();
    let methods =
        described["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let named = methods.flat_map(|method| method["parameters"].as_array().cloned().unwrap_or_default());
    let named: BTreeSet<String> = named
        .filter(|parameter| parameter["in"] != "path")
        .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
        .collect();
    for name in &named {
        let shown = [format!("`{name}`"), format!("`{name}="), format!("`{name}:")];
        assert!(shown.iter().any(|shown| page.text.contains(shown)), "{name} is not named");
    }
    assert!(named.len() >= 12, "{named:?}");
}
