//! A run in a terminal: what is done scrolls by, and two lines at the bottom say what goes on.
//!
//! Text is shown as it is written. Whole lines are printed for good; the line that is being written
//! and the line with time, tokens and cost are drawn anew. Colour is never the only sign.

use std::collections::{BTreeMap, BTreeSet};

use callboard_engine::time::Time;
use console::{Alignment, Color, Style, Term, measure_text_width, pad_str, truncate_str};

use super::note::{Asked, End, Note, Progress, duration, used};
use super::plain::{PARTIAL, end_word, guard_text, reason_text, recovered_text, simulated_text, stop_text};
use crate::talk::harmless;

/// Longer lines are hard to read.
const WIDTH_MAX: usize = 100;

/// A terminal that says it is narrower says nothing of use, as one does that was not told its size.
const WIDTH_MIN: usize = 20;

/// The columns that a text has at least, beside a long name in a narrow terminal.
const ROOM_MIN: usize = 8;

/// Lines of a result that came without having been seen; the whole of it is in the record.
const RESULT_LINES_MAX: usize = 20;

/// Agents keep their colour through a run.
const COLOURS: [Color; 6] =
    [Color::Cyan, Color::Magenta, Color::Yellow, Color::Blue, Color::Green, Color::Red];

/// What turns while something is under way.
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The view of one run.
pub(super) struct Terminal {
    term: Term,
    /// The line that each call is writing.
    writing: BTreeMap<u64, Writing>,
    /// Agents, in the order in which they first spoke.
    agents: Vec<String>,
    /// Live lines that are on the screen now.
    drawn: usize,
    spin: usize,
    /// Who spoke last: its name is not repeated.
    speaker: Option<String>,
}

/// Words of an answer that is being written.
pub(super) struct Words<'w> {
    pub(super) call: u64,
    pub(super) agent: &'w str,
    pub(super) text: &'w str,
}

struct Writing {
    agent: String,
    line: String,
}

impl Drop for Terminal {
    /// However a view ends, it leaves no line behind that is not for good.
    fn drop(&mut self) {
        self.erase();
        self.flush();
    }
}

impl Terminal {
    pub(super) fn new(term: Term) -> Self {
        Self { term, writing: BTreeMap::new(), agents: Vec::new(), drawn: 0, spin: 0, speaker: None }
    }

    pub(super) fn note(&mut self, note: &Note, progress: &Progress, now: Time) {
        self.erase();
        self.print_note(note, progress, now);
        self.draw(progress, now);
    }

    pub(super) fn words(&mut self, words: &Words<'_>, progress: &Progress, now: Time) {
        let Words { call, agent, text } = *words;
        self.erase();
        let mut writing = self
            .writing
            .remove(&call)
            .unwrap_or_else(|| Writing { agent: agent.to_owned(), line: String::new() });
        writing.line.push_str(&harmless(text));
        let room = self.room(agent);
        while let Some(line) = take_line(&mut writing.line, room) {
            self.speak(agent, &line);
        }
        self.writing.insert(call, writing);
        self.draw(progress, now);
    }

    pub(super) fn wait(&mut self, why: &str, progress: &Progress, now: Time) {
        self.erase();
        self.line(&format!("   ! {}", harmless(why).replace('\n', " ")));
        self.draw(progress, now);
    }

    pub(super) fn tick(&mut self, progress: &Progress, now: Time) {
        self.spin = (self.spin + 1) % SPINNER.len();
        self.erase();
        self.draw(progress, now);
    }

    pub(super) fn make_room(&mut self) {
        self.erase();
        // What is said meanwhile stands between two lines of one agent.
        self.speaker = None;
        self.flush();
    }

    fn print_note(&mut self, note: &Note, progress: &Progress, now: Time) {
        let dim = Style::new().for_stderr().dim();
        match note {
            Note::Started { workflow, simulated } => {
                let title = Style::new().for_stderr().bold().apply_to(workflow);
                let simulated =
                    simulated_text(simulated).map(|text| format!(" ({text})")).unwrap_or_default();
                self.line(&format!("{title}{}", dim.apply_to(simulated)));
            }
            Note::Inherited { from, visits } => self.inherited(from, visits),
            Note::Stage { visit, name, nth, forced } => {
                let again = if *nth > 1 { format!(" (visit {nth} to it)") } else { String::new() };
                let forced = if *forced { " (forced by a loop guard)" } else { "" };
                let title = Style::new().for_stderr().bold().apply_to(format!("{visit}  {name}"));
                self.line("");
                self.line(&format!("{title}{}", dim.apply_to(format!("{again}{forced}"))));
                self.speaker = None;
            }
            Note::Answered { agent, call } => self.close(*call, agent),
            Note::CutOff { agent, call, is_partial } => {
                self.close(*call, agent);
                if *is_partial {
                    self.mark(agent, "■", "cut off here: the text is partial, and kept as that");
                }
            }
            Note::Failed { agent, call, message, is_partial } => {
                self.writing.remove(call);
                self.mark(agent, "!", &format!("{message}{}", if *is_partial { PARTIAL } else { "" }));
            }
            Note::Retry { agent, wait_ms, model } => {
                self.mark(agent, "↻", &format!("{model} is tried again in {}", duration(*wait_ms)));
            }
            Note::Message { agent, to, text, plain } => {
                if !plain {
                    self.mark(agent, "→", &format!("{to}: {text}"));
                }
            }
            Note::Shared { agent, key } => self.mark(agent, "+", &format!("shared {key}")),
            Note::Refused { agent, message } => self.mark(agent, "!", message),
            Note::Completed { agent, result, plain } => self.completed(agent, result, *plain),
            Note::Outcome { agent, outcome } => self.mark(agent, "◆", &format!("outcome: {outcome}")),
            Note::StageDone { duration_ms, usage, .. } => {
                let spent = format!("   ✓ {} · {}", duration(*duration_ms), used(*usage));
                self.line(&dim.apply_to(spent).to_string());
            }
            Note::Guard { stage, guard, forced } => {
                self.line(&format!("   ! {}", guard_text(stage, *guard, *forced)))
            }
            Note::Recovered { calls, others } => {
                self.line(&format!("   ↻ {}", recovered_text(*calls, *others)))
            }
            Note::Said { by, sign, text } => self.said(by.as_deref(), sign, text),
            Note::Asked(asked) => self.asked(asked),
            Note::Stopping { by, reason } => {
                self.line("");
                let why = harmless(&format!("{by}{}", reason_text(reason)));
                self.line(&format!("   ■ stopping, as asked by {why}"));
            }
            Note::Ended(end) => self.ended(*end, progress, now),
        }
    }

    /// Visits that another run carried out, and where this one goes on.
    fn inherited(&mut self, from: &str, visits: &[String]) {
        let dim = Style::new().for_stderr().dim();
        for line in std::iter::once(from).chain(visits.iter().map(String::as_str)) {
            let line = truncate_str(&harmless(line).replace('\n', " "), self.width() - 1, "…").into_owned();
            self.line(&dim.apply_to(line).to_string());
        }
    }

    fn ended(&mut self, end: End, progress: &Progress, now: Time) {
        let (sign, colour) = match end {
            End::Completed => ("✓", Color::Green),
            End::Stopped { .. } => ("■", Color::Yellow),
            End::Error => ("✗", Color::Red),
        };
        let style = Style::new().for_stderr().fg(colour).bold();
        self.line("");
        self.line(&format!(
            "{} · {}{}",
            style.apply_to(format!("{sign} {}", end_word(end))),
            progress.spent(now),
            stop_text(end)
        ));
        self.line("");
    }

    /// A result that nobody has seen being written is shown, up to a few lines.
    fn completed(&mut self, agent: &str, result: &str, plain: bool) {
        if plain {
            return;
        }
        let room = self.room(agent);
        let mut rest = harmless(result);
        rest.push('\n');
        let mut lines = Vec::new();
        while let Some(line) = take_line(&mut rest, room) {
            lines.push(line);
        }
        // A line that says that one line is missing takes the room of that line.
        let shown = if lines.len() <= RESULT_LINES_MAX + 1 { lines.len() } else { RESULT_LINES_MAX };
        let more = lines.len() - shown;
        for line in &lines[..shown] {
            self.speak(agent, line);
        }
        if more > 0 {
            self.speak(agent, &format!("… {more} more lines"));
        }
    }

    /// The answer of a call is whole: the rest of its last line is printed.
    fn close(&mut self, call: u64, agent: &str) {
        let Some(mut writing) = self.writing.remove(&call) else { return };
        writing.line.push('\n');
        let room = self.room(agent);
        while let Some(line) = take_line(&mut writing.line, room) {
            if !(line.is_empty() && writing.line.is_empty()) {
                self.speak(agent, &line);
            }
        }
    }

    /// A line of an agent, or of the run itself, as much of it as there is room for.
    fn said(&mut self, by: Option<&str>, sign: &str, text: &str) {
        if let Some(agent) = by {
            return self.mark(agent, sign, text);
        }
        let text = harmless(text).replace('\n', " ");
        let room = self.width().saturating_sub(6).max(ROOM_MIN);
        self.line(&format!("   {sign} {}", truncate_str(&text, room, "…")));
        self.speaker = None;
    }

    /// A question is shown whole: whoever is to answer it has to know all of it.
    fn asked(&mut self, asked: &Asked) {
        let Asked { by, text, choices, command } = asked;
        let mut lines = format!("? {}\n", harmless(text).trim());
        for choice in choices {
            lines.push_str(&format!("    {}\n", harmless(choice).replace('\n', " ")));
        }
        if let Some(command) = command {
            lines.push_str(&format!("  answer with: {command}\n"));
        }
        let room = match by {
            Some(agent) => self.room(agent),
            None => self.width().saturating_sub(4).max(ROOM_MIN),
        };
        while let Some(line) = take_line(&mut lines, room) {
            match by {
                Some(agent) => self.speak(agent, &line),
                None => self.line(&format!("   {line}")),
            }
        }
        if by.is_none() {
            self.speaker = None;
        }
    }

    fn mark(&mut self, agent: &str, sign: &str, text: &str) {
        let text = harmless(text).replace('\n', " ");
        let room = self.room(agent).saturating_sub(2);
        let line = format!("{sign} {}", truncate_str(&text, room, "…"));
        self.speak(agent, &line);
    }

    /// A line of an agent, for good.
    fn speak(&mut self, agent: &str, text: &str) {
        let line = self.spoken(agent, text);
        self.speaker = Some(agent.to_owned());
        self.line(&line);
    }

    /// A line of an agent: its name where it begins to speak, a bar before every line.
    fn spoken(&mut self, agent: &str, text: &str) -> String {
        let style = self.style(agent);
        let name = if self.speaker.as_deref() == Some(agent) { "" } else { agent };
        let name = pad_str(name, self.names_width(), Alignment::Left, Some("…")).into_owned();
        format!("   {} {} {text}", style.apply_to(name), style.apply_to("│"))
    }

    /// The columns that an agent's text has.
    fn room(&mut self, agent: &str) -> usize {
        self.style(agent);
        self.width().saturating_sub(3 + self.names_width() + 3 + 1).max(ROOM_MIN)
    }

    fn names_width(&self) -> usize {
        self.agents.iter().map(|agent| measure_text_width(agent)).max().unwrap_or(0).min(16)
    }

    fn style(&mut self, agent: &str) -> Style {
        let place = self.agents.iter().position(|known| known == agent).unwrap_or_else(|| {
            self.agents.push(agent.to_owned());
            self.agents.len() - 1
        });
        Style::new().for_stderr().fg(COLOURS[place % COLOURS.len()])
    }

    fn width(&self) -> usize {
        usize::from(self.term.size().1).clamp(WIDTH_MIN, WIDTH_MAX)
    }

    /// Draws the lines that say what goes on now.
    fn draw(&mut self, progress: &Progress, now: Time) {
        if progress.ended_at.is_some() {
            return self.flush();
        }
        let writing: Vec<(String, String)> = self
            .writing
            .values()
            .filter(|writing| !writing.line.is_empty())
            .map(|writing| (writing.agent.clone(), writing.line.clone()))
            .collect();
        for (agent, text) in writing {
            let line = self.spoken(&agent, &text);
            self.live(&line);
        }
        // Calls of one tool side by side are one thing that goes on.
        let who: BTreeSet<&str> = progress.at_work.values().map(String::as_str).collect();
        let who: Vec<&str> = who.into_iter().collect();
        let who = if who.is_empty() { "waiting".to_owned() } else { who.join(", ") };
        let stage = progress.stage.as_deref().unwrap_or_default();
        let status = format!("{} {stage} · {who} · {}", SPINNER[self.spin], progress.spent(now));
        self.live(&Style::new().for_stderr().dim().apply_to(status).to_string());
        self.flush();
    }

    /// The last column stays free: some terminals wrap there, and a wrapped line cannot be taken back.
    fn live(&mut self, line: &str) {
        let line = truncate_str(line, self.width() - 1, "…").into_owned();
        self.line(&line);
        self.drawn += 1;
    }

    fn erase(&mut self) {
        // A terminal that is gone takes no more output; the run goes on without it.
        let _ = self.term.clear_last_lines(std::mem::take(&mut self.drawn));
    }

    fn line(&mut self, line: &str) {
        let _ = self.term.write_line(line);
    }

    fn flush(&mut self) {
        let _ = self.term.flush();
    }
}

/// A text in lines of at most so many columns, with the blanks at their beginnings.
pub(super) fn folded(text: &str, room: usize) -> Vec<String> {
    let room = room.max(ROOM_MIN);
    let mut rest = format!("{}\n", harmless(text));
    std::iter::from_fn(|| take_line(&mut rest, room)).collect()
}

/// A text in lines, in as many columns as there are within the bounds of what can be read.
pub(crate) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let room = room.clamp(WIDTH_MIN, WIDTH_MAX);
    let mut rest = format!("{}\n", harmless(text).trim());
    std::iter::from_fn(|| take_line(&mut rest, room)).collect()
}

/// Takes a whole line off the front: up to a line break, or as many words as there is room for.
fn take_line(text: &mut String, room: usize) -> Option<String> {
    let end = text.find('\n');
    let line = &text[..end.unwrap_or(text.len())];
    if measure_text_width(line) <= room {
        let end = end?;
        let line = line.trim_end().to_owned();
        text.drain(..=end);
        return Some(line);
    }
    let mut width = 0;
    let fits = line.char_indices().find(|(_, c)| {
        width += measure_text_width(c.encode_utf8(&mut [0; 4]));
        width > room
    });
    let fits = fits.map_or(line.len(), |(at, _)| at).max(line.chars().next().map_or(0, char::len_utf8));
    let cut = line[..fits].rfind(' ').filter(|space| *space > 0).unwrap_or(fits);
    let taken = line[..cut].trim_end().to_owned();
    let rest = text[cut..].strip_prefix(' ').unwrap_or(&text[cut..]).to_owned();
    *text = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::take_line;

    fn wrap(text: &str, room: usize) -> Vec<String> {
        let mut rest = format!("{text}\n");
        std::iter::from_fn(|| take_line(&mut rest, room)).collect()
    }

    #[test]
    fn text_is_wrapped_at_words_and_long_words_are_cut() {
        assert_eq!(wrap("the owl hunts at night", 9), ["the owl", "hunts at", "night"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(wrap("日本語です", 4), ["日本", "語で", "す"]);
    }

    #[test]
    fn a_line_that_is_still_being_written_is_not_taken() {
        let mut text = "half a".to_owned();
        assert_eq!(take_line(&mut text, 20), None);
        assert_eq!(text, "half a");
    }
}
