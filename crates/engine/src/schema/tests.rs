//! What schemas are refused, and what is said of values.

use serde_json::{Map, Value, json};

use super::{MISTAKES_MAX, check_schema, mistakes, of_parameters};

#[test]
fn a_schema_is_valid_or_says_why_not() {
    for schema in [
        json!({}),
        json!(true),
        json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] }),
        json!({ "$schema": "http://json-schema.org/draft-07/schema#", "definitions": { "a": {} }, "items": { "$ref": "#/definitions/a" } }),
        json!({ "$defs": { "a-b": { "type": "null" } }, "$ref": "#/$defs/a-b", "default": { "id": "x" } }),
        json!({ "pattern": "^(?!no)[a-z]+$" }),
    ] {
        assert_eq!(check_schema(&schema), Ok(()), "{schema}");
    }
    for (schema, why) in [
        (json!(5), "A schema is a map."),
        (json!({ "type": "strnig" }), "type: This fits none of the schemas that it may fit."),
        (
            json!({ "properties": { "a": { "minLength": -1 } } }),
            "properties.a.minLength: This should be 0 or more.",
        ),
        (json!({ "required": "city" }), "required: This should be of the type array."),
    ] {
        assert_eq!(check_schema(&schema), Err(why.to_owned()), "{schema}");
    }
    assert!(check_schema(&json!({ "pattern": "(" })).is_err());
    assert!(check_schema(&json!({ "pattern": "((a{1000}){1000}){1000}" })).is_err());
}

#[test]
fn nothing_is_fetched() {
    for schema in [
        json!({ "$ref": "https://example.com/schema.json" }),
        json!({ "properties": { "a": { "$ref": "file:///etc/passwd" } } }),
        json!({ "$ref": "other.json#/a" }),
        json!({ "$ref": "#/%24defs/a", "$defs": { "a": {} } }),
        json!({ "$defs": { "a": { "$id": "https://example.com/a" } } }),
        json!({ "$dynamicRef": "#a", "$defs": { "a": { "$dynamicAnchor": "a" } } }),
        json!({ "$schema": "https://example.com/meta" }),
        json!({ "$schema": "http://json-schema.org/draft-04/schema#" }),
    ] {
        assert!(check_schema(&schema).is_err(), "{schema}");
        assert_eq!(mistakes(&schema, &json!({})).len(), 1, "{schema}");
    }
    let why = check_schema(&json!({ "$ref": "#/$defs/b", "$defs": { "a": {} } })).unwrap_err();
    assert_eq!(why, "The reference \"#/$defs/b\" leads nowhere.");
}

#[test]
fn each_mistake_of_a_value_has_its_place() {
    let schema = json!({
        "type": "object",
        "properties": {
            "title": { "type": "string", "minLength": 3 },
            "tags": { "type": "array", "items": { "enum": ["a", "b"] }, "uniqueItems": true },
            "score": { "type": ["number", "null"], "minimum": 0, "maximum": 10 },
            "a/b": { "const": 5 },
        },
        "required": ["title", "score"],
        "additionalProperties": false,
    });
    assert_eq!(mistakes(&schema, &json!({ "title": "Owls", "tags": ["a"], "score": null })), [""; 0]);
    let value = json!({ "title": "O", "tags": ["a", "c"], "a/b": 6, "more": 1, "most": 2 });
    let expected = [
        "a/b: This should be 5.",
        "tags[1]: This should be one of [\"a\",\"b\"].",
        "the whole: The key \"score\" is missing.",
        "the whole: These keys are not known here: more, most.",
        "title: This should have at least 3 characters.",
    ];
    assert_eq!(mistakes(&schema, &value), expected);
    assert_eq!(mistakes(&schema, &json!([])), ["the whole: This should be of the type object."]);
    let value = json!({ "title": "Owls", "score": "high" });
    assert_eq!(mistakes(&schema, &value), ["score: This should be of one of the types null, number."]);
}

#[test]
fn mistakes_are_few_and_short_and_always_the_same() {
    let names: Vec<String> = (0..200).map(|name| format!("name-{name}")).collect();
    let schema = json!({ "items": { "enum": names } });
    let value: Value = (0..5_000).collect();
    let found = mistakes(&schema, &value);
    assert_eq!(found.len(), MISTAKES_MAX);
    assert!(found.iter().all(|sentence| sentence.chars().count() <= 401), "{found:?}");
    assert_eq!(found, mistakes(&schema, &value));
}

#[test]
fn a_careless_pattern_fails_and_does_not_stand_still() {
    let schema = json!({ "pattern": "^(?:(?=a)a+)+$" });
    let found = mistakes(&schema, &json!(format!("{}b", "a".repeat(40))));
    assert_eq!(found, ["the whole: The pattern takes too long on this text."]);
}

/// A line of definitions, each of which says the next in its own way.
fn line(length: usize, says: impl Fn(String) -> Value) -> Value {
    let mut definitions = Map::new();
    for index in 0..length {
        definitions.insert(format!("d{index}"), says(format!("#/$defs/d{}", index + 1)));
    }
    definitions.insert(format!("d{length}"), json!({ "type": "object" }));
    json!({ "$ref": "#/$defs/d0", "$defs": definitions })
}

#[test]
fn a_schema_that_would_be_followed_for_ever_is_refused() {
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "allOf": [{ "$ref": "#" }] }),
        json!({ "not": { "not": { "$ref": "#" } } }),
        json!({ "properties": { "default": { "anyOf": [{ "$ref": "#/properties/default" }] } } }),
        json!({ "$defs": { "a": { "if": { "$ref": "#/$defs/b" } }, "b": { "$ref": "#/$defs/a" } }, "$ref": "#/$defs/a" }),
        line(2_000, |next| json!({ "$ref": next })),
        line(10, |next| json!({ "allOf": [{ "$ref": next }, { "$ref": next }, { "$ref": next }] })),
        json!({ "enum": (0..10_000).collect::<Vec<_>>() }),
    ] {
        assert!(check_schema(&schema).is_err(), "{schema}");
    }
    assert_eq!(check_schema(&line(4, |next| json!({ "$ref": next }))), Ok(()));
}

/// A value of so many levels.
fn nested(levels: usize, deeper: impl Fn(Value) -> Value) -> Value {
    (0..levels).fold(json!({}), |value, _| deeper(value))
}

#[test]
fn what_is_nested_deeply_is_refused_before_it_is_followed() {
    let not = nested(70, |schema| json!({ "not": schema }));
    assert!(check_schema(&not).is_err());
    let items = nested(60, |schema| json!({ "items": schema }));
    assert_eq!(check_schema(&items), Ok(()));
    let value = nested(100_000, |value| Value::Array(vec![value]));
    assert_eq!(mistakes(&json!({}), &value), ["The value is nested deeper than 64 levels."]);
    // Dropping it calls itself, level by level.
    std::mem::forget(value);
}

#[test]
fn the_deepest_value_fits_the_longest_schema_on_the_stack_of_one_thread() {
    // Each level of the value goes through a line of schemas as long as one may be.
    let mut schema = line(4, |next| json!({ "allOf": [{ "anyOf": [{ "$ref": next }] }] }));
    schema["$defs"]["d4"] = json!({ "additionalProperties": { "$ref": "#" }, "type": "object" });
    let schema_of_less = line(3, |next| json!({ "allOf": [{ "anyOf": [{ "$ref": next }] }] }));
    assert!(check_schema(&schema).is_err());
    let mut schema = schema_of_less;
    schema["$defs"]["d3"] = json!({ "additionalProperties": { "$ref": "#" }, "type": "object" });
    assert_eq!(check_schema(&schema), Ok(()));
    let value = nested(63, |value| json!({ "a": value }));
    assert_eq!(mistakes(&schema, &value), [""; 0]);
    let wrong = nested(60, |value| json!({ "a": if value == json!({}) { json!(5) } else { value } }));
    assert_eq!(mistakes(&schema, &wrong).len(), 1);
}

#[test]
fn parameters_become_the_schema_of_an_object() {
    let parameters = json!({ "city": { "type": "string" }, "days": { "type": "integer", "default": 1 } });
    let schema = of_parameters(parameters.as_object().unwrap());
    assert_eq!(check_schema(&schema), Ok(()));
    assert_eq!(mistakes(&schema, &json!({ "city": "Paris" })), [""; 0]);
    assert_eq!(
        mistakes(&schema, &json!({ "days": "two", "town": 1 })),
        [
            "days: This should be of the type integer.",
            "the whole: The key \"city\" is missing.",
            "the whole: These keys are not known here: town.",
        ]
    );
    assert_eq!(mistakes(&of_parameters(&Map::new()), &json!({})), [""; 0]);
}
