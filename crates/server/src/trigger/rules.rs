//! What decides when a schedule fires, and the slots that follow from it: pure, without a clock.

use callboard_engine::project::{ClockGap, ClockRepeat, Missed, Overlap, Project, Trigger, TriggerKind};
use callboard_engine::time::Time;
use callboard_schedule::{Gap, Refused, Repeat, Schedule};
use jiff::Timestamp;

/// The rules of a schedule. What its runs are given is not among them: that is read when they start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// English or cron.
    pub schedule: String,
    /// The zone in which it is read, where its words name none.
    pub timezone: String,
    /// The first moment at which it may fire.
    pub start_at: Option<Time>,
    /// The last moment at which it may fire.
    pub end_at: Option<Time>,
    /// What happens when a run of it is still going.
    pub overlap: Overlap,
    /// What happens to slots that passed while nobody was there.
    pub missed: Missed,
    /// What happens to a fixed time that a clock change leaves out.
    pub clock_gap: ClockGap,
    /// What happens to a fixed time that a clock change brings twice.
    pub clock_repeat: ClockRepeat,
    /// The seconds over which runs are spread.
    pub spread_s: u64,
}

/// One slot of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its moment.
    pub at: Time,
    /// What a clock change did to it.
    pub note: Option<String>,
}

/// The slots of a schedule, in the order of time.
#[derive(Debug)]
pub struct Slots {
    schedule: Schedule,
    rules: callboard_schedule::Rules,
    start_at: Option<Time>,
    end_at: Option<Time>,
}

impl Rules {
    /// The rules of a trigger; none where it is a webhook.
    pub fn of(project: &Project, trigger: &Trigger) -> Option<Self> {
        let TriggerKind::Schedule(schedule) = &trigger.kind else { return None };
        Some(Self {
            schedule: schedule.schedule.clone(),
            timezone: schedule.timezone.clone().unwrap_or_else(|| project.timezone.clone()),
            start_at: schedule.start_at,
            end_at: schedule.end_at,
            overlap: schedule.overlap,
            missed: schedule.missed,
            clock_gap: schedule.clock_gap,
            clock_repeat: schedule.clock_repeat,
            spread_s: schedule.spread_s,
        })
    }

    /// The slots that follow from them.
    pub fn slots(&self) -> Result<Slots, Refused> {
        let rules = callboard_schedule::Rules {
            gap: match self.clock_gap {
                ClockGap::Shift => Gap::Shift,
                ClockGap::Skip => Gap::Skip,
            },
            repeat: match self.clock_repeat {
                ClockRepeat::First => Repeat::First,
                ClockRepeat::Second => Repeat::Second,
                ClockRepeat::Both => Repeat::Both,
            },
            anchor: self.start_at.map(timestamp),
        };
        let schedule = callboard_schedule::read(&self.schedule, Some(&self.timezone))?;
        Ok(Slots { schedule, rules, start_at: self.start_at, end_at: self.end_at })
    }

    /// By how many milliseconds the runs of a trigger start after their slots: always the same for one
    /// trigger, and spread evenly over the triggers of one schedule.
    pub fn delay(&self, trigger_id: i64) -> u64 {
        spread(trigger_id) % self.spread_s.saturating_mul(1_000).max(1)
    }
}

impl Slots {
    /// The slots after a moment.
    pub fn after(&self, moment: Time) -> impl Iterator<Item = Slot> + '_ {
        // The first moment at which it may fire is one at which it does.
        let before_start = self.start_at.map(|start| Time::from_millis(start.as_millis().saturating_sub(1)));
        let from = before_start.map_or(moment, |before| before.max(moment));
        let fires = self.schedule.fires_after(&self.rules, timestamp(from));
        fires
            .map(|fire| Slot { at: Time::from_millis(fire.at.as_millisecond()), note: fire.note })
            .take_while(|slot| self.end_at.is_none_or(|end| slot.at <= end))
    }
}

/// A moment as the calendar has it; one outside of it is held at its end.
pub(super) fn timestamp(time: Time) -> Timestamp {
    Timestamp::from_millisecond(time.as_millis()).unwrap_or(if time.as_millis() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// A number's place in a sequence that fills its range evenly, whatever numbers come (Fibonacci hashing).
fn spread(number: i64) -> u64 {
    number.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

/// The word for a policy on every surface.
pub(super) const fn overlap_name(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Allow => "allow",
        Overlap::Skip => "skip",
        Overlap::Queue => "queue",
        Overlap::StopPrevious => "stop_previous",
    }
}
