//! The person at the terminal: asked one thing at a time, and what they type is read without holding
//! anything else up.

use std::io::{self, IsTerminal, Write as _};

use callboard_engine::command::Command;
use callboard_engine::definition::{ApprovalWhen, Limits};
use callboard_engine::event::LimitKind;
use callboard_engine::run::{Asked, AskedFor, Pending, Run};
use callboard_engine::time::Time;
use tokio::task::JoinHandle;

use super::who;
use crate::talk::{harmless, say};
use crate::view::{approval_text, limit_text, lines};

/// Columns beside a question: where it stands, and the last one, at which some terminals wrap.
const BESIDE: usize = 6;

/// Something that a run asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ask {
    pub(super) run: i64,
    pub(super) want: Want,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Want {
    /// Any answer; those to choose from are a help.
    Question { number: u64, agent: String, text: String, choices: Vec<String> },
    /// One of the answers to choose from.
    Choice { number: u64, text: String, choices: Vec<String> },
    /// Leave.
    Approval { number: u64, stage: String, when: ApprovalWhen },
    /// Another limit than the one that was reached.
    Limit { limit: LimitKind, since: Time },
}

/// What a person said to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// The run is told this.
    Command(Box<Command>),
    /// The run is to stop.
    Stop,
}

/// What everyone asks of the person there.
pub(super) struct Desk {
    is_there: bool,
    asking: Option<Ask>,
    line: Option<JoinHandle<io::Result<Option<String>>>>,
}

impl Desk {
    /// A desk at this terminal, if it is one in both directions.
    pub(super) fn new() -> Self {
        let is_there = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { is_there, asking: None, line: None }
    }

    /// Whether there is a person to be asked.
    pub(super) fn is_there(&self) -> bool {
        self.is_there
    }

    /// What is being asked.
    pub(super) fn asking(&self) -> Option<&Ask> {
        self.asking.as_ref()
    }

    /// Asks.
    pub(super) fn ask(&mut self, ask: Ask, place: &str, reached: Option<(f64, f64)>) {
        prompt(&ask, place, reached);
        self.asking = Some(ask);
    }

    /// What is being asked is no longer of interest.
    pub(super) fn withdraw(&mut self) {
        if self.asking.take().is_some() {
            say("\n   That is no longer asked.");
        }
    }

    /// What the person says, where something is asked. Never ends where nothing is.
    pub(super) async fn said(&mut self) -> (Ask, Said) {
        loop {
            let Some(ask) = self.asking.clone() else { return std::future::pending().await };
            let reading = self.line.get_or_insert_with(|| tokio::task::spawn_blocking(read_line));
            let line = reading.await;
            self.line = None;
            let said = match line {
                Ok(Ok(Some(line))) => understood(&ask.want, line.trim()),
                Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    Err("That is no text in UTF-8.".to_owned())
                }
                Ok(Ok(None) | Err(_)) | Err(_) => {
                    self.is_there = false;
                    self.asking = None;
                    say("\n   Nobody is at this terminal any more.");
                    continue;
                }
            };
            match said {
                Ok(said) => {
                    self.asking = None;
                    return (ask, said);
                }
                Err(why) => {
                    say(format_args!("   {why}"));
                    invite(&ask.want);
                }
            }
        }
    }
}

/// A line; nothing where the person closed their side.
fn read_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line)?;
    Ok((read > 0).then_some(line))
}

/// What a run asks of people now, in the order in which it asked.
pub(super) fn asks(id: i64, run: &Run) -> Vec<Ask> {
    if run.stop_requested() {
        return Vec::new();
    }
    let wants = run.pending().into_iter().filter_map(|pending| match pending {
        Pending::Person(asked) => Some(want(run, asked)),
        Pending::Limit { limit, since } => Some(Want::Limit { limit, since }),
        Pending::Place
        | Pending::CallModel(_)
        | Pending::Wait { .. }
        | Pending::CallTool(_)
        | Pending::ListTools(_)
        | Pending::StartChild(_)
        | Pending::AwaitChild(_)
        | Pending::Abort { .. }
        | Pending::Room
        | Pending::Alarm { .. } => None,
    });
    wants.map(|want| Ask { run: id, want }).collect()
}

fn want(run: &Run, asked: &Asked) -> Want {
    let number = asked.number;
    match &asked.what {
        AskedFor::Question { agent, text, choices, .. } => {
            Want::Question { number, agent: agent.clone(), text: text.to_string(), choices: choices.clone() }
        }
        AskedFor::Again { text, choices, .. } => {
            Want::Choice { number, text: text.to_string(), choices: choices.clone() }
        }
        AskedFor::Approval { when, .. } => {
            let visit = run.visits().find(|visit| visit.number == asked.visit);
            let stage = visit.map(|visit| visit.name.clone()).unwrap_or_default();
            Want::Approval { number, stage, when: *when }
        }
    }
}

/// Whether a run waits for people, and for nothing else that could come by itself.
pub(super) fn waits_for_people_alone(run: &Run) -> bool {
    let pending = run.pending();
    let by_people = |pending: &Pending<'_>| matches!(pending, Pending::Person(_) | Pending::Limit { .. });
    let idle = |pending: &Pending<'_>| by_people(pending) || matches!(pending, Pending::Alarm { .. });
    pending.iter().any(by_people) && pending.iter().all(idle)
}

/// Shows what is asked, whole.
fn prompt(ask: &Ask, place: &str, reached: Option<(f64, f64)>) {
    let (text, choices): (String, &[String]) = match &ask.want {
        Want::Question { agent, text, choices, .. } => (format!("{agent} asks: {text}"), choices),
        Want::Choice { text, choices, .. } => (text.clone(), choices),
        Want::Approval { stage, when, .. } => (approval_text(stage, *when), &[]),
        Want::Limit { limit, .. } => {
            let text = match reached {
                Some((used, max)) => limit_text(*limit, used, max),
                None => format!("limit {} reached", limit.name()),
            };
            (text, &[])
        }
    };
    let shown = lines(&format!("{place}{text}"), BESIDE);
    say(format_args!("\n   ? {}", shown.join("\n     ")));
    for (place, choice) in choices.iter().enumerate() {
        say(format_args!("     {}  {}", place + 1, harmless(choice).replace('\n', " ")));
    }
    invite(&ask.want);
}

/// Says how it is answered, and leaves the cursor behind that.
fn invite(want: &Want) {
    let how = match want {
        Want::Question { choices, .. } if choices.is_empty() => "your answer",
        Want::Question { .. } => "a number, or your own words",
        Want::Choice { .. } => "a number",
        Want::Approval { .. } => "y or n, and a comment behind it if you like",
        Want::Limit { limit: LimitKind::CostUsdPerDay, .. } => "it goes on tomorrow; s to stop it",
        Want::Limit { .. } => "a new limit, or s to stop",
    };
    let mut err = io::stderr().lock();
    // A terminal that is gone takes no more output, and gives no answer either.
    let _ = write!(err, "     {how} > ").and_then(|()| err.flush());
}

/// What a line says to what was asked, or why it says nothing.
fn understood(want: &Want, line: &str) -> Result<Said, String> {
    let by = who();
    let command = |command| Ok(Said::Command(Box::new(command)));
    match want {
        Want::Question { number, choices, .. } => {
            let text = chosen(choices, line).unwrap_or(line).to_owned();
            if text.is_empty() {
                return Err("An answer has at least one character.".to_owned());
            }
            command(Command::Answer { question: *number, text, by })
        }
        Want::Choice { number, choices, .. } => match chosen(choices, line) {
            Some(choice) => command(Command::Answer { question: *number, text: choice.to_owned(), by }),
            None => Err(format!("Choose one of: {}.", choices.join(", "))),
        },
        Want::Approval { number, .. } => {
            let (word, comment) = line.split_once([' ', ',']).unwrap_or((line, ""));
            let approve = match word.to_lowercase().as_str() {
                "y" | "yes" => true,
                "n" | "no" => false,
                _ => return Err("Begin with y or n.".to_owned()),
            };
            let comment = Some(comment.trim().to_owned()).filter(|comment| !comment.is_empty());
            command(Command::Approve { approval: *number, approve, comment, by })
        }
        Want::Limit { limit, .. } => match line.to_lowercase().as_str() {
            "s" | "stop" => Ok(Said::Stop),
            number => match raised(*limit, number) {
                Some(limits) => command(Command::Raise { limits, by }),
                None => Err("That is no number above 0.".to_owned()),
            },
        },
    }
}

/// The answer that a line chooses: by its words, else by its place.
fn chosen<'c>(choices: &'c [String], line: &str) -> Option<&'c str> {
    let by_words = choices.iter().find(|choice| choice.trim().eq_ignore_ascii_case(line));
    let by_place = || choices.get(line.parse::<usize>().ok()?.checked_sub(1)?);
    by_words.or_else(by_place).map(String::as_str)
}

fn raised(limit: LimitKind, number: &str) -> Option<Limits> {
    let none = Limits::default();
    let whole = number.parse::<u64>().ok().filter(|number| *number > 0);
    let money = number.trim_start_matches('$').parse::<f64>().ok();
    Some(match limit {
        LimitKind::CostUsd => {
            Limits { cost_usd: Some(money.filter(|usd| usd.is_finite() && *usd > 0.0)?), ..none }
        }
        LimitKind::Tokens => Limits { tokens: Some(whole?), ..none },
        LimitKind::WallS => Limits { wall_s: Some(whole?), ..none },
        LimitKind::ModelCalls => Limits { model_calls: Some(whole?), ..none },
        // It belongs to the project, and no run can raise it.
        LimitKind::CostUsdPerDay => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(want: &Want, line: &str) -> Option<Command> {
        match understood(want, line) {
            Ok(Said::Command(command)) => Some(*command),
            Ok(Said::Stop) | Err(_) => None,
        }
    }

    #[test]
    fn a_question_is_answered_by_a_number_by_a_choice_or_by_other_words() {
        let choices = vec!["Paris".to_owned(), "3".to_owned(), "London".to_owned()];
        let want = Want::Question { number: 7, agent: "a".to_owned(), text: "Which?".to_owned(), choices };
        for (line, answer) in [("1", "Paris"), ("london", "London"), ("3", "3"), ("4", "4"), ("Rome", "Rome")]
        {
            let command = said(&want, line).unwrap();
            assert_eq!(
                command,
                Command::Answer { question: 7, text: answer.to_owned(), by: who() },
                "{line}"
            );
        }
        assert_eq!(said(&want, ""), None);
    }

    #[test]
    fn what_only_has_choices_takes_nothing_else() {
        let choices = vec!["yes".to_owned(), "no".to_owned()];
        let want = Want::Choice { number: 7, text: "Again?".to_owned(), choices };
        let answer = |text: &str| Some(Command::Answer { question: 7, text: text.to_owned(), by: who() });
        assert_eq!([said(&want, "Yes"), said(&want, "2")], [answer("yes"), answer("no")]);
        assert_eq!([said(&want, "3"), said(&want, "0"), said(&want, "")], [None, None, None]);
    }

    #[test]
    fn an_approval_is_given_or_refused_with_a_comment() {
        let want = Want::Approval { number: 3, stage: "one".to_owned(), when: ApprovalWhen::Before };
        for (line, approve, comment) in [
            ("y", true, None),
            ("No", false, None),
            ("n too long", false, Some("too long")),
            ("yes, go", true, Some("go")),
        ] {
            let comment = comment.map(str::to_owned);
            let command = Command::Approve { approval: 3, approve, comment, by: who() };
            assert_eq!(said(&want, line), Some(command), "{line}");
        }
        assert_eq!([said(&want, ""), said(&want, "maybe")], [None, None]);
    }

    #[test]
    fn a_limit_is_raised_or_the_run_stops() {
        let want = |limit| Want::Limit { limit, since: Time::default() };
        assert_eq!(understood(&want(LimitKind::Tokens), "s"), Ok(Said::Stop));
        let raised = said(&want(LimitKind::CostUsd), "$2.5");
        let limits = Limits { cost_usd: Some(2.5), ..Limits::default() };
        assert_eq!(raised, Some(Command::Raise { limits, by: who() }));
        for (limit, line) in [
            (LimitKind::Tokens, "2.5"),
            (LimitKind::Tokens, "0"),
            (LimitKind::CostUsd, "NaN"),
            (LimitKind::CostUsd, "-1"),
            (LimitKind::CostUsdPerDay, "5"),
        ] {
            assert_eq!(said(&want(limit), line), None, "{limit:?} {line}");
        }
    }
}
