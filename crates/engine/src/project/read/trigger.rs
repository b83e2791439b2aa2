//! Triggers. Whether the words of a schedule can be held is known where schedules are read.

use serde_json::Value;

use super::fields::{Fields, Reader};
use super::{model, values};
use crate::project::mistake::Mistake;
use crate::project::types::{
    Alert, AlertOn, ClockGap, ClockRepeat, Concurrency, ConcurrencyPolicy, Missed, Overlap, Schedule,
    Trigger, TriggerKind, Verify, Webhook,
};
use crate::project::yaml::{Kind, Node};

const KEYS: &[&str] = &[
    "workflow",
    "schedule",
    "webhook",
    "enabled",
    "pause_reason",
    "timezone",
    "input",
    "start_at",
    "end_at",
    "overlap",
    "missed",
    "clock_gap",
    "clock_repeat",
    "spread_s",
    "alert",
];

/// The keys that mean nothing without a schedule.
const SCHEDULE_KEYS: &[&str] = &[
    "timezone",
    "input",
    "start_at",
    "end_at",
    "overlap",
    "missed",
    "clock_gap",
    "clock_repeat",
    "spread_s",
];

/// The longest time over which runs are spread: a day.
const SPREAD_S_MAX: u64 = 24 * 60 * 60;

/// Characters of a header's name: the longest in use have some forty.
const HEADER_CHARS_MAX: usize = 100;

/// Reads a trigger.
pub(super) fn trigger(reader: &mut Reader<'_>, node: &Node) -> Option<Trigger> {
    let fields = reader.fields(node, KEYS)?;
    let workflow = fields.required(reader, "workflow", values::name).unwrap_or_default();
    let enabled = fields.optional(reader, "enabled", values::boolean).unwrap_or(true);
    let pause_reason = fields.optional(reader, "pause_reason", values::words);
    if enabled && pause_reason.is_some() {
        not_paused(reader, &fields);
    }
    let pause_reason = pause_reason.filter(|_| !enabled);
    let kind = match (fields.has("schedule"), fields.has("webhook")) {
        (true, false) => TriggerKind::Schedule(Box::new(schedule(reader, &fields))),
        (false, true) => {
            for key in SCHEDULE_KEYS.iter().filter(|key| fields.has(key)) {
                not_with_webhook(reader, &fields, key);
            }
            TriggerKind::Webhook(fields.optional(reader, "webhook", webhook).unwrap_or_default())
        }
        (true, true) | (false, false) => {
            let mistake = Mistake::error(fields.at, "choose_one", "A trigger fires in one way.");
            reader.add(mistake.expected("either \"schedule\" or \"webhook\""));
            TriggerKind::Webhook(Webhook::default())
        }
    };
    let alert = fields.optional(reader, "alert", alert);
    Some(Trigger { workflow, enabled, pause_reason, alert, kind })
}

fn alert(reader: &mut Reader<'_>, node: &Node) -> Option<Alert> {
    let fields = reader.fields(node, &["url", "on"])?;
    let kinds = [
        ("slot_missed", AlertOn::SlotMissed),
        ("run_failed", AlertOn::RunFailed),
        ("run_waiting", AlertOn::RunWaiting),
    ];
    let read = |reader: &mut Reader<'_>, node: &Node| values::one_of(&kinds)(reader, node);
    let on = fields.optional(reader, "on", values::list("what is told", read));
    let on = on.unwrap_or_else(|| AlertOn::ALL.to_vec());
    // In one order and once each, however they are listed.
    let on = AlertOn::ALL.into_iter().filter(|kind| on.contains(kind)).collect();
    Some(Alert { url: fields.required(reader, "url", values::url)?, on })
}

/// A trigger that was paused with a reason may be enabled again by naming `enabled` alone, so what is
/// left of the pause is no error.
fn not_paused(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    let mistake = Mistake::warning(fields.key_at("pause_reason"), "not_paused", "The trigger is not paused.")
        .hint("Remove \"pause_reason\", or write \"enabled: false\".");
    reader.within("pause_reason", |reader| reader.add(mistake));
}

fn not_with_webhook(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) {
    let message = format!("The key \"{key}\" belongs to a schedule, and this trigger is a webhook.");
    let mut mistake = Mistake::error(fields.key_at(key), "not_with_webhook", message);
    mistake = match key {
        "input" => mistake.hint("Move it into the webhook: \"webhook: { input: … }\"."),
        _ => mistake.hint("Remove it."),
    };
    reader.within(key, |reader| reader.add(mistake));
}

fn schedule(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Schedule {
    let overlap = [
        ("allow", Overlap::Allow),
        ("skip", Overlap::Skip),
        ("queue", Overlap::Queue),
        ("stop_previous", Overlap::StopPrevious),
    ];
    let missed = [("latest", Missed::Latest), ("skip", Missed::Skip), ("all", Missed::All)];
    let clock_gap = [("shift", ClockGap::Shift), ("skip", ClockGap::Skip)];
    let clock_repeat =
        [("first", ClockRepeat::First), ("second", ClockRepeat::Second), ("both", ClockRepeat::Both)];
    let start_at = fields.optional(reader, "start_at", values::time);
    let end_at = fields.optional(reader, "end_at", values::time);
    if let (Some(start), Some(end)) = (start_at, end_at)
        && end < start
    {
        let mistake =
            Mistake::error(fields.key_at("end_at"), "end_before_start", "The end is before the start.");
        reader.within("end_at", |reader| reader.add(mistake.hint("Exchange them, or remove one.")));
    }
    Schedule {
        schedule: fields.optional(reader, "schedule", values::words).unwrap_or_default(),
        timezone: fields.optional(reader, "timezone", values::timezone),
        input: fields.optional(reader, "input", values::json).unwrap_or(Value::Null),
        start_at,
        end_at,
        overlap: fields.choice(reader, "overlap", &overlap),
        missed: fields.choice(reader, "missed", &missed),
        clock_gap: fields.choice(reader, "clock_gap", &clock_gap),
        clock_repeat: fields.choice(reader, "clock_repeat", &clock_repeat),
        spread_s: fields.optional(reader, "spread_s", values::whole(0, SPREAD_S_MAX)).unwrap_or(0),
    }
}

fn webhook(reader: &mut Reader<'_>, node: &Node) -> Option<Webhook> {
    match &node.kind {
        Kind::Bool(true) => return Some(Webhook::default()),
        Kind::Bool(false) => {
            let mistake = Mistake::error(node.at, "choose_one", "A webhook that is false never fires.");
            reader.add(mistake.hint("Write \"webhook: true\", or \"enabled: false\" to pause the trigger."));
            return None;
        }
        Kind::Null | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {
            reader.wrong_type(
                node,
                "true, or a map with the keys verify, secret, header, input, when, concurrency",
            );
            return None;
        }
        Kind::Map(_) => {}
    }
    let fields = reader.fields(node, &["verify", "secret", "header", "input", "when", "concurrency"])?;
    let verify = [
        ("github", Verify::Github),
        ("standard-webhooks", Verify::StandardWebhooks),
        ("standard_webhooks", Verify::StandardWebhooks),
        ("header", Verify::Header),
    ];
    for (one, other) in [("verify", "secret"), ("secret", "verify")] {
        if fields.has(one) && !fields.has(other) {
            fields.missing(reader, other);
        }
    }
    let verify = fields.optional(reader, "verify", values::one_of(&verify));
    if fields.has("header") && verify != Some(Verify::Header) {
        let mistake = Mistake::error(
            fields.key_at("header"),
            "header_without_use",
            "A header is named, and no shared secret is looked for in one.",
        );
        reader.within("header", |reader| reader.add(mistake.hint("Write \"verify: header\", or remove it.")));
    }
    Some(Webhook {
        verify,
        secret: fields.optional(reader, "secret", secret),
        header: fields.optional(reader, "header", header),
        input: fields.optional(reader, "input", values::words),
        when: fields.optional(reader, "when", values::words),
        concurrency: fields.optional(reader, "concurrency", concurrency),
    })
}

/// The name of a header.
fn header(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = values::words(reader, node)?;
    let is_name = text.len() <= HEADER_CHARS_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_name {
        let mistake = Mistake::error(node.at, "bad_header_name", "This is not the name of a header.");
        reader.add(mistake.expected("letters, digits, \"-\" and \"_\", such as X-Webhook-Secret"));
    }
    is_name.then_some(text)
}

fn concurrency(reader: &mut Reader<'_>, node: &Node) -> Option<Concurrency> {
    let fields = reader.fields(node, &["key", "policy"])?;
    let policy = [("queue", ConcurrencyPolicy::Queue), ("newest", ConcurrencyPolicy::Newest)];
    Some(Concurrency {
        policy: fields.choice(reader, "policy", &policy),
        key: fields.required(reader, "key", values::words)?,
    })
}

/// Reads which secret verifies a call. What stands there is never repeated: it may be the secret.
fn secret(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    if matches!(node.kind, Kind::Text(_) | Kind::Number(_)) {
        reader.add(
            Mistake::error(node.at, "key_in_file", "Never write a secret into the file.")
                .expected("{ secret: NAME }")
                .hint("If this was the real secret, change it: it has been written down."),
        );
        return None;
    }
    let fields = reader.fields(node, &["secret"])?;
    fields.required(reader, "secret", model::secret_name)
}
