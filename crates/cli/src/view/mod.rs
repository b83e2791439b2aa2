//! How a run is shown while it goes: live in a terminal, line by line where it is piped. All of it is
//! talk, and goes to standard error; the result alone goes to standard output.

mod inside;
mod note;
mod plain;
mod terminal;

use callboard_engine::definition::{Definition, ProviderKind};
use callboard_engine::event::{Event, RunError};
use callboard_engine::time::Time;
use console::{Term, measure_text_width};

use crate::talk::harmless;

pub(crate) use inside::{approval_text, limit_text};
pub(crate) use note::{Answers, cost, duration, grouped, tokens, used, visit_name};
pub(crate) use terminal::wrapped;

use note::Progress;
use plain::Plain;
use terminal::{Terminal, Words};

/// The view of one run.
pub(crate) struct View {
    progress: Progress,
    shown: Shown,
}

enum Shown {
    Live(Terminal),
    Lines(Plain),
}

impl View {
    /// A view on standard error. Several runs side by side are shown as lines, each with its number.
    pub(crate) fn new(run: i64, alone: bool, answers: Answers, simulated: Vec<String>) -> Self {
        let term = Term::buffered_stderr();
        let shown = if alone && term.is_term() && can_redraw() {
            Shown::Live(Terminal::new(term))
        } else {
            Shown::Lines(Plain::new(run))
        };
        Self { progress: Progress::new(run, answers, simulated), shown }
    }

    /// Whether it draws lines that it takes back.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.shown, Shown::Live(_))
    }

    /// Takes its live lines back, so that something else can be said in the terminal.
    pub(crate) fn make_room(&mut self) {
        if let Shown::Live(terminal) = &mut self.shown {
            terminal.make_room();
        }
    }

    /// Shows an event.
    pub(crate) fn see(&mut self, event: &Event, now: Time) {
        let Some(note) = self.progress.see(event) else { return };
        match &mut self.shown {
            Shown::Live(terminal) => terminal.note(&note, &self.progress, now),
            Shown::Lines(plain) => plain.note(&note, &self.progress, now),
        }
    }

    /// Shows words of an answer that is being written.
    pub(crate) fn hear(&mut self, call: u64, agent: &str, text: &str, now: Time) {
        if let Shown::Live(terminal) = &mut self.shown {
            terminal.words(&Words { call, agent, text }, &self.progress, now);
        }
    }

    /// Says what the view itself waits for, such as the run's database.
    pub(crate) fn wait(&mut self, why: &str, now: Time) {
        match &mut self.shown {
            Shown::Live(terminal) => terminal.wait(why, &self.progress, now),
            Shown::Lines(plain) => plain.wait(why),
        }
    }

    /// Time passes.
    pub(crate) fn tick(&mut self, now: Time) {
        if let Shown::Live(terminal) = &mut self.shown {
            terminal.tick(&self.progress, now);
        }
    }
}

/// The models of a definition that are not real ones.
pub(crate) fn simulated(definition: &Definition) -> Vec<String> {
    let models = definition.models.iter();
    let simulated = models.filter(|(_, model)| model.provider == ProviderKind::Simulated);
    simulated.map(|(name, _)| name.clone()).collect()
}

/// A text in lines that fit into the terminal beside so many columns, broken at words.
pub(crate) fn lines(text: &str, beside: usize) -> Vec<String> {
    let width = usize::from(Term::stderr().size().1);
    wrapped(text, width.saturating_sub(beside))
}

/// Columns of texts that are given where there is no terminal, and the most in one: what is read in
/// comfort, and what fits into a mail.
const GIVEN_WIDTH_MAX: usize = 80;

/// Columns in which nothing can be laid out any more: a terminal that says it is narrower is not believed.
const GIVEN_WIDTH_MIN: usize = 40;

/// The columns of what is given on standard output.
pub(crate) fn given_width() -> usize {
    usize::from(Term::stdout().size().1).clamp(GIVEN_WIDTH_MIN, GIVEN_WIDTH_MAX)
}

/// A text as it is given on standard output: behind a lead, and broken at words below it.
pub(crate) fn folded(lead: &str, text: &str) -> Vec<String> {
    let beside = measure_text_width(lead);
    let lines = terminal::folded(text, given_width().saturating_sub(beside));
    let line = |(place, line): (usize, String)| {
        let before = if place == 0 { lead.to_owned() } else { " ".repeat(beside) };
        format!("{before}{line}").trim_end().to_owned()
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// Whether lines can be taken back there.
fn can_redraw() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term != "dumb") || cfg!(windows)
}

/// An error of a run, for a person: where, what, why, and what to do. The code comes last.
pub(crate) fn explain(error: &RunError) -> String {
    let mut lines = Vec::new();
    let place = match (&error.stage, error.visit) {
        (Some(stage), Some(visit)) => format!("stage {stage} (visit {visit})"),
        (Some(stage), None) => format!("stage {stage}"),
        (None, _) => "the run".to_owned(),
    };
    let agent = error.agent.as_ref().map(|agent| format!(", agent {agent}")).unwrap_or_default();
    lines.push(format!("  where     {place}{agent}, while {}", error.doing));
    if let Some(words) = &error.provider_message {
        lines.push(format!("  provider  {}", harmless(words).trim().replace('\n', "\n            ")));
    }
    if let Some(hint) = &error.hint {
        lines.push(format!("  hint      {hint}"));
    }
    lines.push(format!("error: {} [{}]", error.message, error.code));
    lines.join("\n")
}
