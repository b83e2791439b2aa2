//! What should have become of the slots of a schedule, by what was done to it: kept apart from what is
//! tested, and held against the rows that it left.

use std::collections::BTreeMap;

use callboard_engine::time::Time;
use callboard_server::db::Db;
use callboard_server::trigger::Rules;

/// A time in which the rules of a schedule stayed the same.
struct Era {
    rules: Rules,
    is_paused: bool,
    /// The moment after which it begins.
    from: i64,
    /// Its last moment; none while it lasts.
    end: Option<i64>,
}

/// The history of one schedule, as it was made.
#[derive(Default)]
pub(crate) struct Account {
    eras: Vec<Era>,
}

impl Account {
    /// The schedule changes at a moment: what was seen to up to another moment stays with who saw to it.
    pub(crate) fn change(&mut self, at: i64, seen_to: i64, rules: Option<(Rules, bool)>) {
        for era in &mut self.eras {
            era.end = Some(match era.end {
                None => at.max(seen_to),
                // The clock went back since it ended.
                Some(end) => end.min(at).max(end.min(seen_to)),
            });
        }
        self.eras.extend(rules.map(|(rules, is_paused)| Era {
            rules,
            is_paused,
            from: at.max(seen_to),
            end: None,
        }));
    }

    /// Every slot that it ever had, and whether it was in a pause.
    fn slots(&self) -> BTreeMap<i64, bool> {
        let mut slots = BTreeMap::new();
        for era in &self.eras {
            // Every schedule ends with the simulation.
            let end = era.end.unwrap();
            let of_era = era.rules.slots().unwrap();
            let in_time = of_era.after(Time::from_millis(era.from)).map(|slot| slot.at.as_millis());
            for at in in_time.take_while(|at| *at <= end) {
                assert!(slots.insert(at, era.is_paused).is_none(), "two eras have the slot {at}");
            }
        }
        slots
    }

    /// Holds what became of its slots against it: each is in one row, in the order of time, and a row's
    /// slots follow each other. How many slots there are, and how many of them fired.
    pub(crate) async fn hold(&self, db: &Db, trigger: i64) -> (u64, u64) {
        let find = "SELECT at, until, count, status, run_id, reason FROM trigger_slot WHERE trigger_id = $1 ORDER BY at";
        let rows = db.query(find, [trigger.into()]).await.unwrap();
        let expected = self.slots();
        let mut slots = expected.iter();
        let mut fired = BTreeMap::new();
        for row in &rows {
            let (at, until, count) = (row.int(0).unwrap(), row.int(1).unwrap(), row.int(2).unwrap());
            let (status, run) = (row.text(3).unwrap(), row.int_or_null(4).unwrap());
            let told = format!("trigger {trigger}: {} {until} x{count} {status}", Time::from_millis(at));
            let own: Vec<_> = slots.by_ref().take(usize::try_from(count).unwrap()).collect();
            assert_eq!(own.first().map(|(at, _)| **at), Some(at), "{told}: {own:?}");
            assert_eq!(own.last().map(|(at, _)| **at), Some(until), "{told}: {own:?}");
            assert_eq!(&*status == "fired", run.is_some(), "{told}");
            assert!(&*status == "fired" || !row.is_null(5).unwrap(), "{told} gives no reason");
            assert!(["fired", "skipped", "missed", "paused"].contains(&&*status), "{told}");
            let in_pause = own.iter().filter(|(_, is_paused)| **is_paused).count();
            assert!(in_pause == 0 || (in_pause == own.len() && &*status == "paused"), "{told}");
            fired.extend(run.map(|run| (run, at)));
        }
        assert_eq!(slots.next(), None, "a slot of trigger {trigger} is not accounted for");
        let find = "SELECT id, input FROM run WHERE trigger_id = $1 ORDER BY id";
        let runs = db.query(find, [trigger.into()]).await.unwrap();
        let runs: BTreeMap<i64, i64> =
            runs.iter().map(|run| (run.int(0).unwrap(), run.text(1).unwrap().parse().unwrap())).collect();
        assert_eq!(runs, fired, "the runs of trigger {trigger} are those of its slots");
        (expected.len() as u64, fired.len() as u64)
    }
}

/// The last moment of a trigger that was seen to.
pub(crate) async fn seen_to(db: &Db, trigger: i64) -> i64 {
    let find = "SELECT MAX(until) FROM trigger_slot WHERE trigger_id = $1";
    db.query_one(find, [trigger.into()]).await.unwrap().int_or_null(0).unwrap().unwrap_or(0)
}
