//! Whether a template can be rendered, said before anything runs.

use minijinja::{Environment, ErrorKind};

use super::scan::{self, Mention, Scan, Word};
use super::{STATEMENTS_MAX, TAG_BYTES_MAX, TAGS_MAX, TEMPLATE_BYTES_MAX, detail, environment, is_plain};
use crate::nearest::nearest;

/// The names that a template may use.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Names with anything under them.
    pub open: &'a [&'a str],
    /// Names with only these keys under them: `results` with the ids of stages, and `memory`.
    pub closed: &'a [(&'a str, &'a [&'a str])],
}

impl Known<'_> {
    /// What the templates of a webhook see of a call.
    pub const WEBHOOK: Known<'static> = Known { open: &["body", "headers", "query"], closed: &[] };

    fn names(&self) -> impl Iterator<Item = &str> {
        self.open.iter().copied().chain(self.closed.iter().map(|(name, _)| *name))
    }
}

/// Why a template cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateMistake {
    /// The line within the text, from 1.
    pub line: u32,
    /// The column within the line in characters, from 1; none where only the line is known.
    pub column: Option<u32>,
    /// What kind of mistake it is.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Every mistake of a template, in the order of the text.
pub fn check(text: &str, known: &Known<'_>) -> Vec<TemplateMistake> {
    if is_plain(text) {
        return Vec::new();
    }
    let scan = scan::template(text);
    if let Some((offset, allowed)) = too_much(text, &scan) {
        return vec![too_large(text, offset, &allowed)];
    }
    let checking = Checking { text, known, environment: environment() };
    match checking.environment.template_from_str(text) {
        Err(error) => {
            let line = error.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(1);
            vec![syntax(line, &detail(&error), TEMPLATE_HINT)]
        }
        Ok(template) => {
            let free = template.undeclared_variables(false);
            checking.check(&scan, &|name| free.contains(name))
        }
    }
}

/// Every mistake of an expression, which stands without braces.
pub fn check_expression(text: &str, known: &Known<'_>) -> Vec<TemplateMistake> {
    let scan = scan::expression(text);
    if let Some((offset, allowed)) = too_much(text, &scan) {
        return vec![too_large(text, offset, &allowed)];
    }
    let checking = Checking { text, known, environment: environment() };
    match checking.environment.compile_expression(text) {
        Err(error) => vec![syntax(1, &detail(&error), EXPRESSION_HINT)],
        Ok(expression) => {
            let free = expression.undeclared_variables(false);
            checking.check(&scan, &|name| free.contains(name))
        }
    }
}

const TEMPLATE_HINT: &str = "Write {{ name }} for a value. Braces that are meant as text go between {% raw %} and \
                             {% endraw %}.";

const EXPRESSION_HINT: &str = "Write a comparison, such as body.action == 'opened'.";

fn syntax(line: u32, detail: &str, hint: &str) -> TemplateMistake {
    TemplateMistake {
        line,
        column: None,
        code: "template_syntax",
        message: format!("This cannot be read: {detail}."),
        hint: Some(hint.to_owned()),
    }
}

fn too_large(text: &str, offset: usize, allowed: &str) -> TemplateMistake {
    let (line, column) = place(text, offset);
    let message = format!("This template is too large: {allowed}.");
    let hint = Some("Make it shorter.".to_owned());
    TemplateMistake { line, column: Some(column), code: "template_too_large", message, hint }
}

/// Line and column of an offset, both from 1.
fn place(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (number(line), number(column))
}

/// A template under check.
struct Checking<'t> {
    text: &'t str,
    known: &'t Known<'t>,
    environment: Environment<'t>,
}

/// What of a template is too large to be parsed without fear for the stack: where it stands, and what
/// is allowed.
pub(super) fn too_much(text: &str, scan: &Scan<'_>) -> Option<(usize, String)> {
    if text.len() > TEMPLATE_BYTES_MAX {
        return Some((0, format!("a template may have {TEMPLATE_BYTES_MAX} bytes")));
    }
    if let Some(tag) = scan.tags.iter().find(|tag| tag.length > TAG_BYTES_MAX) {
        return Some((tag.offset, format!("there may be {TAG_BYTES_MAX} bytes between its braces")));
    }
    if let Some(tag) = scan.tags.get(TAGS_MAX) {
        return Some((tag.offset, format!("it may have {TAGS_MAX} pairs of braces")));
    }
    let statement = scan.tags.iter().filter(|tag| tag.is_statement).nth(STATEMENTS_MAX)?;
    Some((statement.offset, format!("it may have {STATEMENTS_MAX} conditions and loops")))
}

impl Checking<'_> {
    fn check(&self, scan: &Scan<'_>, is_free: &dyn Fn(&str) -> bool) -> Vec<TemplateMistake> {
        let mut found: Vec<(usize, TemplateMistake)> = Vec::new();
        for mention in scan.names.iter().filter(|mention| is_free(mention.name.text)) {
            found.extend(self.check_name(mention));
        }
        for filter in &scan.filters {
            let unknown = |error: minijinja::Error| error.kind() == ErrorKind::UnknownFilter;
            let called = self.environment.empty_state().apply_filter(filter.text, &[]);
            if called.is_err_and(unknown) {
                found.push(self.unknown(filter, "template_unknown_filter", "filter", None));
            }
        }
        for test in &scan.tests {
            let unknown = |error: minijinja::Error| error.kind() == ErrorKind::UnknownTest;
            let called = self.environment.empty_state().perform_test(test.text, &[]);
            if called.is_err_and(unknown) {
                found.push(self.unknown(test, "template_unknown_filter", "test", None));
            }
        }
        found.sort_by_key(|(offset, _)| *offset);
        found.into_iter().map(|(_, mistake)| mistake).collect()
    }

    fn check_name(&self, mention: &Mention<'_>) -> Option<(usize, TemplateMistake)> {
        let name = mention.name;
        if self.known.open.contains(&name.text)
            || self.environment.globals().any(|(known, _)| known == name.text)
        {
            return None;
        }
        let Some((_, keys)) = self.known.closed.iter().find(|(known, _)| *known == name.text) else {
            let hint = match nearest(name.text, self.known.names()) {
                Some(nearest) => format!("Did you mean \"{nearest}\"?"),
                None => format!("Known: {}.", self.known.names().collect::<Vec<_>>().join(", ")),
            };
            return Some(self.unknown(&name, "template_unknown_name", "name", Some(hint)));
        };
        let part = mention.part?;
        if keys.contains(&part.text) {
            return None;
        }
        let (code, what) = match name.text {
            "results" => ("template_unknown_stage", "stage"),
            _ => ("template_unknown_key", "key of shared memory"),
        };
        let hint = nearest_key(name.text, part.text, keys).or_else(|| {
            (name.text == "memory").then(|| {
                "A key is known when an assignment \"shares\" it, a hook has it as \"key\", or an outcome of that name \
                 leads to another workflow."
                    .to_owned()
            })
        });
        Some(self.unknown(&part, code, what, hint))
    }

    fn unknown(
        &self,
        word: &Word<'_>,
        code: &'static str,
        what: &str,
        hint: Option<String>,
    ) -> (usize, TemplateMistake) {
        let (line, column) = place(self.text, word.offset);
        let message = format!("The template uses the {what} \"{}\", which is not known.", word.text);
        (word.offset, TemplateMistake { line, column: Some(column), code, message, hint })
    }
}

/// The key that was probably meant, as it has to be written: a name with `-` in it is subtraction
/// unless it stands in quotes.
fn nearest_key(name: &str, part: &str, keys: &[&str]) -> Option<String> {
    let with_dash = keys.iter().find(|key| key.contains('-') && key.split('-').next() == Some(part));
    let key = with_dash.copied().or_else(|| nearest(part, keys.iter().copied()))?;
    Some(if key.contains('-') {
        format!("Did you mean {name}[\"{key}\"]? A name with \"-\" stands in brackets and quotes.")
    } else {
        format!("Did you mean {name}.{key}?")
    })
}
