//! What happened at the table since an agent's last turn, and what its turn is for.

use std::ops::Range;

use super::SceneSetting;
use super::data::Data;
use crate::event::Ask;
use crate::run::Spoken;
use crate::text::value_text;

/// How a turn begins.
pub(super) struct Opening<'o> {
    pub(super) seat: usize,
    /// The seat of the turn before. None for the agent's first at this visit: the head has just said
    /// what its part is.
    pub(super) seat_before: Option<usize>,
    pub(super) ask: Option<&'o Ask>,
}

/// Writes what others said that concerns the agent. What is cut is read on under its place at the table.
pub(super) fn write(text: &mut String, scene: &SceneSetting<'_>, heard: Range<usize>) {
    let me = scene.turn.agent.as_str();
    let mut heading = "# At the table\n\n";
    let table = scene.work.table.iter().enumerate();
    for (place, said) in table.skip(heard.start).take(heard.len()) {
        let key = format!("said:{place}");
        let data = |name| Data::new(name).within(scene.room.text).whole(&key);
        let mut head = |text: &mut String| text.push_str(std::mem::take(&mut heading));
        match said.as_ref() {
            Spoken::Message { from, to, text: message } if from != me && (to == me || to == "team") => {
                head(text);
                data("message").with("from", from).with("to", to).write(text, message);
            }
            Spoken::Shared { from, key: name, value } if from != me => {
                head(text);
                let value = value_text(value);
                data("memory").whole(name).with("key", name).with("agent", from).write(text, &value);
            }
            Spoken::Completed { agent, result } if agent != me => {
                head(text);
                data("completed").with("agent", agent).write(text, result);
            }
            Spoken::Person { by, text: words } => {
                head(text);
                data("person").with("name", by).write(text, words);
            }
            // What the agent said itself is in its own answers; what is for others is not its concern.
            Spoken::Message { .. } | Spoken::Shared { .. } | Spoken::Completed { .. } => {}
        }
    }
}

/// Writes what the turn is for.
pub(super) fn write_turn(text: &mut String, scene: &SceneSetting<'_>, opening: Opening<'_>) {
    if opening.seat_before.is_some_and(|before| before != opening.seat)
        && let Some(Ok(directive)) =
            scene.work.seats.get(opening.seat).and_then(|seat| seat.directive.as_ref())
    {
        text.push_str("# Your part now\n\n");
        text.push_str(directive);
        text.push_str("\n\n");
    }
    match opening.ask {
        None => text.push_str("It is your turn."),
        Some(Ask::Shares { keys }) if !scene.model.tools => text.push_str(&match keys.as_slice() {
            [only] => format!("Others need your {only}. Give it now: answer with it and nothing else."),
            several => format!(
                "Others need these from you: {}. Answer with one JSON object that has them as its keys, and nothing else.",
                several.join(", ")
            ),
        }),
        Some(Ask::Shares { keys }) => {
            text.push_str("You have not shared everything that you have to share. Call share_result now for: ");
            text.push_str(&keys.join(", "));
            text.push('.');
        }
        Some(Ask::Result) => {
            text.push_str("There are no more turns. Give the result of this stage now, as far as you have it.");
        }
        Some(Ask::Mend { mistakes }) => {
            text.push_str("Your result is not what it has to be:\n");
            mistakes.iter().for_each(|mistake| text.push_str(&format!("- {mistake}\n")));
            text.push_str(if scene.model.tools {
                "Call complete again with a result that fits, and do nothing else."
            } else {
                "Answer with a result that fits, and nothing else."
            });
        }
        Some(Ask::Outcome) => {
            let outcomes: Vec<&str> = scene.stage.outcomes.keys().map(String::as_str).collect();
            text.push_str("How does this stage end? Choose one of: ");
            text.push_str(&outcomes.join(", "));
            text.push_str(if scene.model.tools {
                ". Call complete with it, and do nothing else."
            } else {
                ". Answer with that name alone."
            });
        }
        Some(Ask::Summary) => text.push_str(
            "Write a summary of what came of this stage, for those who work on later stages: what was done, what was decided, what is open. At most 100 words. Answer with the summary alone.",
        ),
    }
}
