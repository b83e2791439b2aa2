//! What becomes of slots, told as stories: an era, the time, what is going on, and what is decided.

use callboard_api::trigger::SlotStatus;
use callboard_engine::project::{ClockGap, ClockRepeat, Missed, Overlap};
use callboard_engine::time::Time;
use callboard_server::trigger::Rules;
use callboard_server::trigger::decide::{self, Era, Pause, Seen, Step};

use crate::hand::moment;

/// A schedule of every full hour, and who looks at it.
struct Story {
    era: Era,
    looking_since: Time,
    going: Option<i64>,
    waiting: Option<Time>,
    told: Vec<String>,
}

/// A time of the first of June.
fn at(time: &str) -> Time {
    moment(&if time.contains('T') { time.to_owned() } else { format!("2026-06-01T{time}:00Z") })
}

impl Story {
    fn new() -> Self {
        let rules = Rules {
            schedule: "0 * * * *".to_owned(),
            timezone: "UTC".to_owned(),
            start_at: None,
            end_at: None,
            overlap: Overlap::Allow,
            missed: Missed::Latest,
            clock_gap: ClockGap::Shift,
            clock_repeat: ClockRepeat::First,
            spread_s: 0,
        };
        let reached = at("09:30");
        let era = Era { trigger_id: 7, number: 1, rules, pause: None, until: None, reached };
        Self { era, looking_since: reached, going: None, waiting: None, told: Vec::new() }
    }

    fn with(mut self, change: impl FnOnce(&mut Era)) -> Self {
        change(&mut self.era);
        self
    }

    /// Someone begins to look.
    fn looks_from(mut self, time: &str) -> Self {
        self.looking_since = at(time);
        self
    }

    fn going(mut self, run: Option<i64>) -> Self {
        self.going = run;
        self
    }

    /// It is that time, and everything that is due is decided.
    fn now(mut self, time: &str) -> Self {
        let slots = self.era.rules.slots().unwrap();
        for _ in 0..200 {
            let seen = Seen {
                now: at(time),
                looking_since: self.looking_since,
                going: self.going,
                waiting: self.waiting,
            };
            let (told, reached) = match decide::step(&self.era, &slots, &seen) {
                Step::Rest(look) => {
                    let look = look.map_or("for ever".to_owned(), |look| format!("until {}", short(look)));
                    self.told.push(format!("{time} rests {look}"));
                    return self;
                }
                Step::End => {
                    self.told.push(format!("{time} is over"));
                    return self;
                }
                Step::Fire(slot) => (format!("fires {}{}", short(slot.at), note(&slot.note)), slot.at),
                Step::Wait(slot) => {
                    self.waiting = Some(slot.at);
                    (format!("lets {} wait", short(slot.at)), slot.at)
                }
                Step::Pass(stretch) => {
                    let status = stretch.status.name();
                    let (first, last) = (short(stretch.first), short(stretch.last));
                    assert_ne!(stretch.status, SlotStatus::Fired);
                    (format!("{status} {first}-{last} x{}: {}", stretch.count, stretch.reason), stretch.last)
                }
            };
            self.told.push(format!("{time} {told}"));
            self.era.reached = reached;
        }
        panic!("it never comes to rest: {:#?}", self.told);
    }

    #[track_caller]
    fn told(self, expected: &[&str]) {
        assert_eq!(self.told, expected);
    }
}

fn note(note: &Option<String>) -> String {
    note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default()
}

fn short(time: Time) -> String {
    let text = time.to_string();
    let (date, time) = text.split_once('T').unwrap();
    let day = if date == "2026-06-01" { String::new() } else { format!("{} ", &date[5..]) };
    format!("{day}{}", &time[..5])
}

const DOWN: &str = "The server was not running";

#[test]
fn a_slot_fires_at_its_moment_and_a_little_late() {
    Story::new().now("09:59").now("10:00").now("11:04").told(&[
        "09:59 rests until 10:00",
        "10:00 fires 10:00",
        "10:00 rests until 11:00",
        "11:04 fires 11:00",
        "11:04 rests until 12:00",
    ]);
}

#[test]
fn a_clock_that_goes_back_brings_nothing_again() {
    Story::new().now("10:00").now("09:10").told(&[
        "10:00 fires 10:00",
        "10:00 rests until 11:00",
        "09:10 rests until 11:00",
    ]);
}

#[test]
fn slots_of_a_time_without_a_server_follow_the_policy() {
    let down = |missed| Story::new().with(|era| era.rules.missed = missed).looks_from("12:01").now("12:01");
    down(Missed::Skip).told(&[&format!("12:01 missed 10:00-12:00 x3: {DOWN}."), "12:01 rests until 13:00"]);
    down(Missed::Latest).told(&[
        &format!("12:01 missed 10:00-11:00 x2: {DOWN}; only the newest slot is made up for."),
        &format!("12:01 fires 12:00 ({DOWN}; the slot is made up for.)"),
        "12:01 rests until 13:00",
    ]);
    down(Missed::All).told(&[
        &format!("12:01 fires 10:00 ({DOWN}; the slot is made up for.)"),
        &format!("12:01 fires 11:00 ({DOWN}; the slot is made up for.)"),
        &format!("12:01 fires 12:00 ({DOWN}; the slot is made up for.)"),
        "12:01 rests until 13:00",
    ]);
}

#[test]
fn what_is_a_day_old_is_not_made_up_for() {
    let old = Story::new().with(|era| era.rules.schedule = "0 10 1 * *".to_owned());
    old.looks_from("2026-06-02T10:00:00Z").now("2026-06-02T10:00:00Z").told(&[
        &format!(
            "2026-06-02T10:00:00Z missed 10:00-10:00 x1: {DOWN}, and the newest slot was more than a day old."
        ),
        "2026-06-02T10:00:00Z rests until 07-01 10:00",
    ]);
}

#[test]
fn what_is_due_while_missed_slots_are_made_up_for_fires_after_them() {
    // The server began two minutes before eleven; the slot of eleven is on time.
    Story::new().looks_from("10:58").now("11:00").told(&[
        &format!("11:00 fires 10:00 ({DOWN}; the slot is made up for.)"),
        "11:00 fires 11:00",
        "11:00 rests until 12:00",
    ]);
}

#[test]
fn a_clock_that_jumps_is_told_from_a_server_that_was_down() {
    let skip = Story::new().with(|era| era.rules.missed = Missed::Skip);
    skip.now("12:01").told(&[
        "12:01 missed 10:00-11:00 x2: The server could not work: its clock was set forward, the machine slept or the database was away.",
        "12:01 fires 12:00",
        "12:01 rests until 13:00",
    ]);
}

#[test]
fn a_run_that_is_going_is_gone_by_as_the_policy_says() {
    let going = |overlap| Story::new().with(|era| era.rules.overlap = overlap).going(Some(42)).now("10:00");
    going(Overlap::Allow).told(&["10:00 fires 10:00", "10:00 rests until 11:00"]);
    going(Overlap::Skip)
        .told(&["10:00 skipped 10:00-10:00 x1: Run 42 was still going.", "10:00 rests until 11:00"]);
    going(Overlap::Queue).told(&["10:00 lets 10:00 wait", "10:00 rests until 11:00"]);
    going(Overlap::StopPrevious).told(&["10:00 lets 10:00 wait", "10:00 rests until 11:00"]);
}

#[test]
fn the_newest_slot_waits_even_where_the_run_before_has_just_ended() {
    let queue = Story::new().with(|era| era.rules.overlap = Overlap::Queue).going(Some(42)).now("10:00");
    queue.going(None).now("11:00").told(&[
        "10:00 lets 10:00 wait",
        "10:00 rests until 11:00",
        "11:00 lets 11:00 wait",
        "11:00 rests until 12:00",
    ]);
}

#[test]
fn slots_of_a_pause_are_counted_now_and_then() {
    let pause = Pause { since: at("09:30"), reason: Some("Holidays.".to_owned()) };
    let paused = Story::new().with(|era| era.pause = Some(pause));
    paused.now("10:00").now("15:10").told(&[
        "10:00 paused 10:00-10:00 x1: The trigger was paused at 2026-06-01T09:30:00.000Z: Holidays.",
        "10:00 rests until 06-02 10:00",
        "15:10 paused 11:00-15:00 x5: The trigger was paused at 2026-06-01T09:30:00.000Z: Holidays.",
        "15:10 rests until 06-02 15:00",
    ]);
}

#[test]
fn an_era_that_has_ended_is_over_when_its_slots_are_seen_to() {
    let ended = || Story::new().with(|era| era.until = Some(at("11:00")));
    ended().now("11:02").told(&[
        "11:02 fires 10:00 (The server could not work: its clock was set forward, the machine slept or the database was away; the slot is made up for.)",
        "11:02 fires 11:00",
        "11:02 is over",
    ]);
    // With the clock set back, what is left of it is still to come.
    ended().now("09:40").told(&["09:40 rests until 10:00"]);
}

#[test]
fn a_delay_spreads_runs_and_leaves_their_slots() {
    let spread = Story::new().with(|era| era.rules.spread_s = 1_200);
    let delay = spread.era.rules.delay(7);
    assert!(delay > 0 && delay < 1_200_000, "{delay}");
    let slots = spread.era.rules.slots().unwrap();
    let seen = |now: Time| Seen { now, looking_since: at("09:30"), going: None, waiting: None };
    let due = at("10:00").plus_millis(delay);
    assert_eq!(decide::step(&spread.era, &slots, &seen(at("10:00"))), Step::Rest(Some(due)));
    assert!(
        matches!(decide::step(&spread.era, &slots, &seen(due)), Step::Fire(slot) if slot.at == at("10:00"))
    );
    // What is left of an era that a change has ended is not put off any more: the next one may be spread less.
    let ended = spread.with(|era| era.until = Some(at("10:00")));
    assert!(
        matches!(decide::step(&ended.era, &slots, &seen(at("10:00"))), Step::Fire(slot) if slot.at == at("10:00"))
    );
    assert_eq!(decide::next(&ended.era, &slots, at("09:30")).1, Some(at("10:00")));
    // Different triggers have different delays, all over the time that they are spread over.
    let delays: Vec<u64> = (1..=1_000).map(|trigger| ended.era.rules.delay(trigger)).collect();
    let in_the_first_half = delays.iter().filter(|delay| **delay < 600_000).count();
    assert!((400..600).contains(&in_the_first_half), "{in_the_first_half} of a thousand");
}

#[test]
fn a_long_time_is_seen_to_in_parts_and_whole() {
    let minutes = Story::new().with(|era| {
        era.rules.schedule = "* * * * *".to_owned();
        era.rules.missed = Missed::Skip;
    });
    let story = minutes.looks_from("2026-06-30T09:30:00Z").now("2026-06-30T09:30:00Z");
    let counts =
        story.told.iter().filter_map(|told| told.split_once(" x")?.1.split_once(':')?.0.parse::<u64>().ok());
    // The last of them is due at this very moment, and fires.
    assert_eq!(counts.sum::<u64>() + 1, 29 * 24 * 60);
    assert!(story.told.iter().any(|told| told.ends_with(" fires 06-30 09:30")), "{:?}", story.told);
}
