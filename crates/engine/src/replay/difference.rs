//! Where this engine decides otherwise than was recorded, down to the fields.

use serde::Serialize;
use serde_json::Value;

use crate::event::{Event, Fact, InFlight};

/// Fields of one event that are told: an event that differs in more of them is another altogether.
const FIELDS_MAX: usize = 20;

/// An event that this engine decides otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The number of the event.
    pub seq: u64,
    /// What it is about, in words: what happened, and what this engine makes of it.
    pub why: String,
    /// The event as it was recorded; absent where the history ends before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Value>,
    /// The event that this engine decides; absent where it decides none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Value>,
    /// Where the two differ, if they are of one kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDifference>,
    /// The first message that a model is sent otherwise, where the file has what it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageDifference>,
}

/// A message that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageDifference {
    /// Its place in what the model is sent, from 1.
    pub place: u32,
    /// What was sent; absent where less was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Value>,
    /// What this engine sends; absent where it sends less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Value>,
}

/// A field that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldDifference {
    /// Its place, as a JSON pointer.
    pub path: String,
    /// What was recorded; absent where the field was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Value>,
    /// What this engine decides; absent where it leaves the field out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Value>,
}

impl Difference {
    /// What happened to lead there, and the two events.
    pub(super) fn new(happened: &str, recorded: Option<&Event>, decided: Option<&Event>) -> Self {
        let (recorded_kind, decided_kind) = (recorded.map(kind), decided.map(kind));
        let fields = match (recorded, decided) {
            (Some(recorded), Some(decided)) if recorded_kind == decided_kind => fields(recorded, decided),
            (Some(_) | None, Some(_) | None) => Vec::new(),
        };
        let why = match (&recorded_kind, &decided_kind) {
            (Some(kind), Some(other)) if kind == other => {
                let paths: Vec<&str> =
                    fields.iter().map(|field| field.path.trim_start_matches('/')).collect();
                format!("{happened}, and this engine decides {kind} with another {}", paths.join(", "))
            }
            (Some(kind), Some(other)) => {
                format!("{happened}, and this engine decides {other} where {kind} was recorded")
            }
            (Some(kind), None) => {
                format!("{happened}, and this engine decides nothing where {kind} was recorded")
            }
            (None, Some(other)) => {
                format!("{happened}, and this engine decides {other} where the recorded history ends")
            }
            (None, None) => happened.to_owned(),
        };
        let seq = recorded.or(decided).map_or(0, |event| event.seq);
        let (recorded, decided) = (recorded.map(value), decided.map(value));
        Self { seq, why, recorded, decided, fields, message: None }
    }

    /// That the recorded event does not fit the run at all.
    pub(super) fn misfit(recorded: &Event, why: &str) -> Self {
        let why = format!("the recorded {} does not fit the history before it: {why}", kind(recorded));
        let seq = recorded.seq;
        Self { seq, why, recorded: Some(value(recorded)), decided: None, fields: Vec::new(), message: None }
    }
}

impl MessageDifference {
    /// The first message that differs. Where all that was recorded is the same, more is sent now, or less.
    pub(super) fn of(recorded: &[Value], decided: &[Value]) -> Option<Self> {
        let count = recorded.len().max(decided.len());
        let index = (0..count).find(|index| recorded.get(*index) != decided.get(*index))?;
        let place = u32::try_from(index + 1).unwrap_or(u32::MAX);
        Some(Self { place, recorded: recorded.get(index).cloned(), decided: decided.get(index).cloned() })
    }
}

/// Whether a decision has the recorded event. What versions before did not say of a call, which is what a
/// model was sent and about what a call that was cut off may have cost, is not compared.
pub(super) fn is_same(recorded: &Event, decided: &Event) -> bool {
    recorded == decided || *recorded == as_recorded(recorded, decided)
}

/// A decided event without what the recorded one could not say.
pub(super) fn as_recorded(recorded: &Event, decided: &Event) -> Event {
    let mut decided = decided.clone();
    match (&recorded.fact, &mut decided.fact) {
        (Fact::ModelCallStarted { sent: None, .. }, Fact::ModelCallStarted { sent, .. }) => *sent = None,
        (Fact::ModelCallFailed { may_cost_usd: None, .. }, Fact::ModelCallFailed { may_cost_usd, .. }) => {
            *may_cost_usd = None
        }
        (Fact::RunRecovered { in_flight: before }, Fact::RunRecovered { in_flight }) => {
            without_costs(before, in_flight);
        }
        (Fact::RunStopped { aborted: before, .. }, Fact::RunStopped { aborted, .. }) => {
            without_costs(before, aborted);
        }
        _ => {}
    }
    decided
}

fn without_costs(recorded: &[InFlight], decided: &mut [InFlight]) {
    for (before, now) in recorded.iter().zip(decided) {
        if before.may_cost_usd.is_none() {
            now.may_cost_usd = None;
        }
    }
}

/// Whether two events are of one kind.
pub(super) fn is_alike(one: &Event, other: &Event) -> bool {
    std::mem::discriminant(&one.fact) == std::mem::discriminant(&other.fact)
}

/// How many fields of two events of one kind differ.
pub(super) fn distance(one: &Event, other: &Event) -> usize {
    if is_alike(one, other) { fields(one, other).len() } else { FIELDS_MAX + 1 }
}

/// The word for what an event says.
pub(super) fn kind(event: &Event) -> String {
    value(event).get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Events are made of texts, numbers and JSON values, which can always be written.
fn value(event: &Event) -> Value {
    serde_json::to_value(event).unwrap_or_default()
}

fn fields(recorded: &Event, decided: &Event) -> Vec<FieldDifference> {
    let mut found = Vec::new();
    compare(String::new(), Some(&value(recorded)), Some(&value(decided)), &mut found);
    found
}

/// Objects are compared field by field, and everything else as a whole.
fn compare(
    path: String,
    recorded: Option<&Value>,
    decided: Option<&Value>,
    found: &mut Vec<FieldDifference>,
) {
    if recorded == decided || found.len() >= FIELDS_MAX {
        return;
    }
    if let (Some(Value::Object(one)), Some(Value::Object(other))) = (recorded, decided) {
        let more = other.keys().filter(|name| !one.contains_key(*name));
        for name in one.keys().chain(more) {
            let place = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
            compare(place, one.get(name), other.get(name), found);
        }
        return;
    }
    found.push(FieldDifference { path, recorded: recorded.cloned(), decided: decided.cloned() });
}
