//! Texts with names in them: `Gather facts about {{ input }}.`
//!
//! [`check()`] says before anything runs whether a text can be rendered: its syntax, its names, its
//! filters. [`render()`] puts the values in; a [`Call`] does so for webhooks. A template can loop and choose; it cannot include another,
//! define macros, or reach anything but the names it is given, and what it may compute and write is
//! bounded.

mod call;
mod check;
mod render;
mod scan;

#[cfg(test)]
mod tests;

use minijinja::{Environment, Error};

pub use call::Call;
pub use check::{Known, TemplateMistake, check, check_expression};
pub use render::{Names, TemplateError, render};

/// Bytes of a text that is a template. A text that is not may be longer.
pub const TEMPLATE_BYTES_MAX: usize = 256 << 10;

/// Bytes between one pair of braces. An expression is parsed by recursion, one level for each
/// operator at worst, so that its length bounds the stack that it needs.
pub const TAG_BYTES_MAX: usize = 1_000;

/// Pairs of braces in one template: conditions nest one in the other, each a level of the stack.
pub const TAGS_MAX: usize = 1_000;

/// Conditions and loops (`{% … %}`) in one template.
pub const STATEMENTS_MAX: usize = 200;

/// Work of one rendering, in the template engine's units (about one for each operation, and one for
/// some bytes of text). A task needs hundreds.
pub const FUEL: u64 = 1_000_000;

/// Bytes that a template may render to. More than any model reads at once.
pub const OUTPUT_BYTES_MAX: usize = 2 << 20;

/// Whether a text has nothing to fill in, so that it renders as it is.
pub fn is_plain(text: &str) -> bool {
    !(text.contains("{{") || text.contains("{%") || text.contains("{#"))
}

/// What a syntax error says, without the name and line that this crate adds itself.
fn detail(error: &Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}

/// The template engine as every template finds it.
fn environment<'t>() -> Environment<'t> {
    let mut environment = Environment::new();
    render::prepare(&mut environment);
    environment
}
