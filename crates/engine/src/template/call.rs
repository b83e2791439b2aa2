//! What a webhook's templates make of a call: the input of a run, whether there is to be one, and the key
//! under which it waits for others.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::check::too_much;
use super::render::{Bounded, TemplateError, too_large};
use super::scan::{self, Scan};
use super::{OUTPUT_BYTES_MAX, detail, environment, is_plain};

/// A call of a webhook, as its templates see it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Its body.
    pub body: &'a serde_json::Value,
    /// Its headers, in small letters.
    pub headers: &'a serde_json::Value,
    /// The parameters behind the `?`.
    pub query: &'a serde_json::Value,
}

impl Call<'_> {
    /// The input that a template makes of the call. A template that is one expression and nothing else
    /// gives that expression's value as it is; any other gives a text.
    pub fn input(&self, template: &str) -> Result<serde_json::Value, TemplateError> {
        match lone_expression(template) {
            Some(expression) => {
                let value = self.value(expression, UndefinedBehavior::Strict)?;
                if value.is_undefined() {
                    return Err(missing());
                }
                json(&value)
            }
            None => self.text(template).map(serde_json::Value::String),
        }
    }

    /// Whether an expression holds for the call. What the call does not have counts as false and equals
    /// nothing: senders send more than one kind of thing.
    pub fn holds(&self, expression: &str) -> Result<bool, TemplateError> {
        Ok(self.value(expression, UndefinedBehavior::Chainable)?.is_true())
    }

    /// The text that a template makes of the call.
    pub fn text(&self, template: &str) -> Result<String, TemplateError> {
        if is_plain(template) {
            return Ok(template.to_owned());
        }
        let scan = scan::template(template);
        small_enough(template, &scan)?;
        let environment = environment();
        let mut out = Bounded::default();
        let rendered = environment
            .template_from_str(template)
            .and_then(|template| template.render_captured_to(self.names(), &mut out).map(|_| ()));
        match rendered {
            Ok(()) => Ok(out.into_text()),
            Err(_) if out.is_full => Err(renders_to_too_much()),
            Err(error) => Err(failure(&error)),
        }
    }

    fn value(&self, expression: &str, undefined: UndefinedBehavior) -> Result<Value, TemplateError> {
        small_enough(expression, &scan::expression(expression))?;
        let mut environment: Environment<'_> = environment();
        environment.set_undefined_behavior(undefined);
        let compiled = environment.compile_expression(expression).map_err(|error| failure(&error))?;
        compiled.eval(self.names()).map_err(|error| failure(&error))
    }

    fn names(&self) -> Value {
        let value = |json: &serde_json::Value| Value::from(Serde(json));
        let names = [("body", self.body), ("headers", self.headers), ("query", self.query)];
        Value::from(names.into_iter().map(|(name, of)| (name, value(of))).collect::<BTreeMap<_, _>>())
    }
}

/// The expression of a template that is nothing else.
fn lone_expression(template: &str) -> Option<&str> {
    let text = template.trim();
    let scan = scan::template(text);
    let [tag] = scan.tags.as_slice() else { return None };
    if tag.is_statement || tag.offset != 0 || tag.length != text.len() {
        return None;
    }
    let inside = text.strip_prefix("{{")?.strip_suffix("}}")?;
    let inside = inside.strip_prefix(['-', '+']).unwrap_or(inside);
    Some(inside.strip_suffix(['-', '+']).unwrap_or(inside).trim())
}

fn small_enough(text: &str, scan: &Scan<'_>) -> Result<(), TemplateError> {
    match too_much(text, scan) {
        Some((_, allowed)) => Err(too_large(format!("The template is too large: {allowed}."))),
        None => Ok(()),
    }
}

fn renders_to_too_much() -> TemplateError {
    too_large(format!("The template renders to more than {OUTPUT_BYTES_MAX} bytes."))
}

fn missing() -> TemplateError {
    TemplateError {
        code: "template_value_missing",
        line: None,
        message: "The template names a value that the call does not have.".to_owned(),
        hint: Some(
            "Write {{ body.name | default(\"…\") }}, or let \"when\" pass such calls over.".to_owned(),
        ),
    }
}

/// A value as JSON, as far as it is no larger than a text may be.
fn json(value: &Value) -> Result<serde_json::Value, TemplateError> {
    let mut out = Bounded::default();
    let written = serde_json::to_writer(&mut out, value);
    if out.is_full {
        return Err(renders_to_too_much());
    }
    written.and_then(|()| serde_json::from_str(&out.into_text())).map_err(|error| TemplateError {
        code: "template_failed",
        line: None,
        message: format!("The template gives what cannot be written as JSON: {error}."),
        hint: None,
    })
}

fn failure(error: &Error) -> TemplateError {
    let line = error.line().and_then(|line| u32::try_from(line).ok());
    if error.kind() == ErrorKind::OutOfFuel {
        return TemplateError { line, ..too_large("The template takes too long to render.".to_owned()) };
    }
    if error.kind() == ErrorKind::UndefinedError {
        return TemplateError { line, ..missing() };
    }
    let message = format!("The template cannot be rendered: {}.", detail(error));
    TemplateError { code: "template_failed", line, message, hint: None }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Asks something of a call, and gives the value or the code of what failed.
    fn asked<T>(ask: impl Fn(&Call<'_>) -> Result<T, TemplateError>) -> Result<T, &'static str> {
        let body = json!({ "ref": "refs/heads/main", "commits": [{ "id": "a1" }, { "id": "b2" }], "n": 3, "no": null });
        let headers = json!({ "x-github-event": "push" });
        let query = json!({ "to": ["a", "b"] });
        ask(&Call { body: &body, headers: &headers, query: &query }).map_err(|error| error.code)
    }

    #[test]
    fn a_lone_expression_gives_its_value_and_anything_else_a_text() {
        for (template, input) in [
            ("{{ body.ref }}", json!("refs/heads/main")),
            (" {{- body.commits -}} ", json!([{ "id": "a1" }, { "id": "b2" }])),
            ("{{ body }}{{ body.n }}", Value::Null),
            ("{{ body.n }}", json!(3)),
            ("{{ body.no }}", json!(null)),
            ("{{ body.n + 1 }}", json!(4)),
            (
                "{{ {'branch': body.ref, 'to': query.to} }}",
                json!({ "branch": "refs/heads/main", "to": ["a", "b"] }),
            ),
            ("{{ body.gone | default('x') }}", json!("x")),
            ("{{ headers['x-github-event'] }}", json!("push")),
            ("{{ body.ref == 'refs/heads/main' }}", json!(true)),
            ("n = {{ body.n }}", json!("n = 3")),
            ("{{ body.n }}.", json!("3.")),
            ("{% for one in body.commits %}{{ one.id }} {% endfor %}", json!("a1 b2 ")),
            ("plain", json!("plain")),
            ("", json!("")),
        ] {
            let made = asked(|call| call.input(template)).unwrap();
            if template == "{{ body }}{{ body.n }}" {
                assert!(made.is_string(), "{made}");
            } else {
                assert_eq!(made, input, "{template}");
            }
        }
    }

    #[test]
    fn an_input_that_cannot_be_made_says_why() {
        for (template, code) in [
            ("{{ body.gone }}", "template_value_missing"),
            ("{{ body.gone.deeper }}", "template_value_missing"),
            ("Ref {{ body.gone }}", "template_value_missing"),
            ("{{ body.ref.x }}", "template_value_missing"),
            ("{{ 1 // 0 }}", "template_failed"),
            (
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                "template_too_large",
            ),
        ] {
            assert_eq!(asked(|call| call.input(template)).unwrap_err(), code, "{template}");
        }
    }

    #[test]
    fn what_a_call_does_not_have_meets_no_condition() {
        for (expression, holds) in [
            ("body.ref == 'refs/heads/main'", true),
            ("body.ref == 'refs/heads/other'", false),
            ("body.gone", false),
            ("body.gone.deeper.still == 'x'", false),
            ("not body.gone", true),
            ("body.gone is defined", false),
            ("body.n > 2 and headers['x-github-event'] == 'push'", true),
            ("'a' in query.to", true),
            ("body.commits | length == 2", true),
            ("true", true),
        ] {
            assert_eq!(asked(|call| call.holds(expression)), Ok(holds), "{expression}");
        }
        assert_eq!(asked(|call| call.holds("body.ref > ")), Err("template_failed"));
    }

    #[test]
    fn a_call_that_is_no_object_is_seen_as_it_is() {
        let (text, none) = (json!("just words"), json!({}));
        let call = Call { body: &text, headers: &none, query: &none };
        assert_eq!(call.input("{{ body }}").unwrap(), text);
        assert!(!call.holds("body.ref == 'x'").unwrap());
        assert_eq!(call.text("{{ body | upper }}").unwrap(), "JUST WORDS");
    }
}
