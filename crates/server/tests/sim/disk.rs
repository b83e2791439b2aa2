//! What is on disk, read after every commit by a connection that the program knows nothing of, and what
//! must hold there at every moment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use callboard_engine::definition::Definition;
use callboard_engine::event::{Event, Fact};
use callboard_engine::run::Run;
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::coverage::Coverage;
use crate::rows;

/// A run as the disk has it, kept here when it is deleted there.
pub(crate) struct Kept {
    pub(crate) run: Run,
    pub(crate) events: Vec<Event>,
    /// Its entries, byte for byte.
    texts: Vec<Entry>,
    /// Its rows when it had ended, which is all that others go on from.
    rows: Option<Vec<String>>,
    /// Calls that were begun and have not ended, with whether another run carries them out.
    open: BTreeMap<(u64, u32), bool>,
    pub(crate) is_deleted: bool,
}

type Entry = (u64, u64, String);

/// What one commit added.
pub(crate) struct News {
    pub(crate) run: i64,
    pub(crate) text: String,
    pub(crate) events: Vec<Event>,
}

/// The money of one day: what is spent and what is set aside.
type Account = (i64, i64);

pub(crate) struct Disk {
    sql: Connection,
    /// Whether something was deleted with what it ended by still unseen: one commit did both. What follows
    /// cannot be judged.
    pub(crate) is_blind: bool,
    pub(crate) runs: BTreeMap<i64, Kept>,
    definitions: BTreeMap<String, Arc<Definition>>,
    running: i64,
    /// What runs together might use before the last commit: it may have been lowered by the same.
    most: Option<i64>,
    limit: Option<i64>,
    accounts: BTreeMap<(i64, String), Account>,
}

/// What is wrong on disk, in a sentence.
pub(crate) type Wrong = Vec<String>;

impl Disk {
    pub(crate) fn open(path: &Path) -> Self {
        let sql = Connection::open(path).unwrap();
        sql.set_prepared_statement_cache_capacity(64);
        let (runs, definitions, accounts) = Default::default();
        Self { sql, is_blind: false, runs, definitions, running: 0, most: None, limit: None, accounts }
    }

    /// Looks at what the last commit changed.
    pub(crate) fn look(&mut self, coverage: &mut Coverage) -> (Vec<News>, Wrong) {
        let (mut news, mut wrong) = (Vec::new(), Vec::new());
        let streams: BTreeMap<i64, u64> =
            self.all("SELECT id, seq FROM journal_stream", |row| Ok((row.get(0)?, uint(row, 1)?)));
        self.see_deleted(&streams, &mut wrong);
        for (id, seq) in streams {
            let known = self.runs.get(&id).map_or(0, |kept| kept.run.seq());
            if seq != known {
                self.see_run(id, (known, seq), &mut news, &mut wrong);
            }
        }
        for one in &news {
            for event in &one.events {
                coverage.count("event", kind(event));
            }
            if let Some(kept) = self.runs.get_mut(&one.run) {
                kept.rows = kept.run.status().is_final().then(|| rows::all_of(&self.sql, one.run));
                wrong.extend(rows::differ(&self.sql, one.run, &kept.run));
                wrong.extend(within_limits(one.run, &kept.run));
            }
        }
        self.see_places(&mut wrong);
        self.see_money(&mut wrong);
        (news, wrong)
    }

    fn see_deleted(&mut self, streams: &BTreeMap<i64, u64>, wrong: &mut Wrong) {
        let gone: Vec<i64> = self
            .runs
            .iter()
            .filter(|(id, kept)| !kept.is_deleted && !streams.contains_key(id))
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            let left = rows::left_of(&self.sql, id);
            if left > 0 {
                wrong.push(format!("run {id} was deleted and has left {left} rows"));
            }
            if let Some(kept) = self.runs.get_mut(&id) {
                kept.is_deleted = true;
                self.is_blind |= !kept.run.status().is_final();
            }
        }
    }

    fn see_run(&mut self, id: i64, (known, seq): (u64, u64), news: &mut Vec<News>, wrong: &mut Wrong) {
        if self.runs.get(&id).is_some_and(|kept| kept.run.status().is_final()) {
            wrong.push(format!("run {id} had ended and changed"));
        }
        let mut last = known;
        for (first, count, text) in self.entries(id, known) {
            let events: Vec<Event> = serde_json::from_str(&text).unwrap();
            let numbers: Vec<u64> = events.iter().map(|event| event.seq).collect();
            if first != last + 1 || numbers != (first..first + count).collect::<Vec<_>>() {
                wrong.push(format!(
                    "run {id}: after event {last} come {numbers:?}, said to be {count} from {first}"
                ));
            }
            last = first + count - 1;
            if let Err(why) = self.fold(id, &events) {
                wrong.push(format!("run {id} does not fold: {why}"));
                return;
            }
            if let Some(kept) = self.runs.get_mut(&id) {
                wrong.extend(kept.keep_open(&events).map(|why| format!("run {id}: {why}")));
                kept.events.extend(events.iter().cloned());
                kept.texts.push((first, count, text.clone()));
            }
            news.push(News { run: id, text, events });
        }
        if last != seq {
            wrong.push(format!("run {id} stands at {seq}, and its last event is {last}"));
        }
    }

    fn entries(&self, id: i64, after: u64) -> Vec<Entry> {
        let read = "SELECT first, count, events FROM journal_entry WHERE stream_id = ?1 AND first > ?2 ORDER BY first";
        let mut read = self.sql.prepare_cached(read).unwrap();
        let entries = read
            .query_map((id, after.cast_signed()), |row| Ok((uint(row, 0)?, uint(row, 1)?, row.get(2)?)))
            .unwrap();
        entries.collect::<Result<_, _>>().unwrap()
    }

    fn fold(&mut self, id: i64, events: &[Event]) -> Result<(), String> {
        if let Some(kept) = self.runs.get_mut(&id) {
            return events.iter().try_for_each(|event| kept.run.apply(event)).map_err(|why| why.to_string());
        }
        let definition = self.definition_of(id)?;
        let run = Run::fold(definition, events).map_err(|why| why.to_string())?;
        let (texts, rows, open) = Default::default();
        self.runs.insert(id, Kept { run, events: Vec::new(), texts, rows, open, is_deleted: false });
        Ok(())
    }

    fn definition_of(&mut self, id: i64) -> Result<Arc<Definition>, String> {
        let find = "SELECT hash, body FROM definition JOIN run ON run.definition = definition.hash WHERE run.id = ?1";
        let found = self.sql.prepare_cached(find).unwrap();
        let found = { found }.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional().unwrap();
        let (hash, body): (String, String) = found.ok_or("it has no row, or no definition")?;
        let definition =
            self.definitions.entry(hash).or_insert_with(|| Arc::new(serde_json::from_str(&body).unwrap()));
        Ok(Arc::clone(definition))
    }

    fn all<T, C: FromIterator<T>>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> C {
        let mut query = self.sql.prepare_cached(sql).unwrap();
        let rows = query.query_map([], read).unwrap();
        rows.collect::<Result<C, _>>().unwrap()
    }

    /// No run was let in where there was no place for it. There may be too many when their number was
    /// lowered meanwhile; then no other may begin.
    fn see_places(&mut self, wrong: &mut Wrong) {
        let running = "SELECT COUNT(*) FROM run WHERE status = 'running' AND source_kind <> 'workflow'";
        let running: i64 = self.all::<i64, Vec<i64>>(running, |row| row.get(0))[0];
        let most: Vec<Option<i64>> = self.all("SELECT max_running FROM project", |row| row.get(0));
        let most = most.first().copied().flatten();
        let before = std::mem::replace(&mut self.most, most);
        if most.is_some_and(|most| running > most.max(before.unwrap_or(i64::MAX))) && running > self.running {
            wrong.push(format!("{running} runs go at once, and {most:?} may"));
        }
        self.running = running;
        let of_workflow = "SELECT workflow_id, COUNT(*), MIN(max_running) FROM run \
                           WHERE status = 'running' AND source_kind <> 'workflow' GROUP BY workflow_id \
                           HAVING COUNT(*) > MIN(max_running)";
        for id in self.all::<i64, Vec<i64>>(of_workflow, |row| row.get(0)) {
            wrong.push(format!("too many runs of workflow {id} go at once"));
        }
    }

    /// The account of each day is the sum of what was booked, and never passes its limit by more being
    /// set aside.
    fn see_money(&mut self, wrong: &mut Wrong) {
        let limit: Vec<Option<i64>> = self.all("SELECT day_limit FROM project", |row| row.get(0));
        let limit = limit.first().copied().flatten();
        let before = std::mem::replace(&mut self.limit, limit);
        let limit = limit.map(|limit| limit.max(before.unwrap_or(limit)));
        let accounts = "SELECT project_id, day, spent, reserved, (SELECT COALESCE(SUM(nanos), 0) FROM run_reservation \
                        WHERE run_reservation.project_id = run_day.project_id AND run_reservation.day = run_day.day) \
                        FROM run_day ORDER BY day";
        let accounts: Vec<((i64, String), Account, i64)> = self
            .all(accounts, |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?), row.get(4)?)));
        for (of, (spent, reserved), rows) in accounts {
            if reserved != rows || spent < 0 {
                wrong.push(format!(
                    "{spent} was spent and {reserved} set aside on {of:?}, and {rows} by its rows"
                ));
            }
            let before = self.accounts.insert(of.clone(), (spent, reserved)).unwrap_or_default();
            let grew = spent + reserved > before.0 + before.1;
            if let Some(limit) = limit.filter(|limit| grew && spent + reserved > *limit) {
                wrong.push(format!("{spent} spent and {reserved} set aside on {of:?} are more than {limit}"));
            }
        }
        if limit.is_some() {
            let booked: BTreeMap<i64, u64> = self
                .all("SELECT run_id, SUM(nanos) FROM run_reservation GROUP BY run_id", |row| {
                    Ok((row.get(0)?, uint(row, 1)?))
                });
            for (id, kept) in &self.runs {
                let of_run = kept.run.reserved().as_nanos();
                if of_run != booked.get(id).copied().unwrap_or_default() {
                    wrong.push(format!(
                        "run {id} has {of_run} set aside, and its rows say {:?}",
                        booked.get(id)
                    ));
                }
            }
        }
    }

    /// What was spent on all days.
    pub(crate) fn spent(&self) -> u64 {
        self.all::<u64, Vec<u64>>("SELECT COALESCE(SUM(spent), 0) FROM run_day", |row| uint(row, 0))[0]
    }

    /// Which runs were started for which calls.
    pub(crate) fn children(&self) -> Vec<(i64, u64, i64)> {
        self.all("SELECT parent_id, call, run_id FROM run_child ORDER BY run_id", |row| {
            Ok((row.get(0)?, uint(row, 1)?, row.get(2)?))
        })
    }

    /// Which runs go on from which, and from which their families come.
    pub(crate) fn origins(&self) -> Vec<(i64, i64, i64)> {
        self.all("SELECT run_id, source_id, root_id FROM run_origin ORDER BY run_id", |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
    }

    /// Compares all that is stored with what was seen when it was written.
    pub(crate) fn is_as_seen(&self) -> Wrong {
        let mut wrong = Vec::new();
        for (id, kept) in self.runs.iter().filter(|(_, kept)| !kept.is_deleted) {
            if self.entries(*id, 0) != kept.texts {
                wrong.push(format!("what is stored of run {id} is not what was written"));
            }
            wrong.extend(rows::differ(&self.sql, *id, &kept.run));
            if kept.rows.as_ref().is_some_and(|rows| *rows != rows::all_of(&self.sql, *id)) {
                wrong.push(format!("the rows of run {id} are not what they were when it ended"));
            }
        }
        let stored: BTreeSet<i64> =
            self.all("SELECT DISTINCT stream_id FROM journal_entry", |row| row.get(0));
        let kept = self.runs.iter().filter(|(_, kept)| !kept.is_deleted).map(|(id, _)| *id);
        if stored != kept.collect() {
            wrong.push(format!("there are entries of the streams {stored:?}"));
        }
        wrong
    }
}

impl Kept {
    /// Whether a call was begun and has not ended, as the disk has it.
    pub(crate) fn is_open(&self, call: u64, attempt: u32) -> bool {
        self.open.contains_key(&(call, attempt))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other events are about no call")]
    fn keep_open(&mut self, events: &[Event]) -> Option<String> {
        for event in events {
            match &event.fact {
                Fact::ModelCallStarted { call, attempt, .. }
                | Fact::ToolListStarted { call, attempt, .. } => {
                    self.open.insert((*call, *attempt), false);
                }
                Fact::ToolCallStarted { call, attempt, tool, hook, .. } => {
                    self.open.insert((*call, *attempt), tool == "run_workflow" && hook.is_none());
                }
                Fact::ModelCallFinished { call, attempt, .. }
                | Fact::ModelCallFailed { call, attempt, .. }
                | Fact::ToolsListed { call, attempt, .. }
                | Fact::ToolListFailed { call, attempt, .. }
                | Fact::ToolCallFinished { call, attempt, .. } => {
                    self.open.remove(&(*call, *attempt));
                }
                Fact::RunRecovered { in_flight } => {
                    let said: BTreeSet<(u64, u32)> =
                        in_flight.iter().map(|lost| (lost.call, lost.attempt)).collect();
                    let lost: BTreeSet<(u64, u32)> =
                        self.open.iter().filter(|(_, child)| !**child).map(|(key, _)| *key).collect();
                    self.open.retain(|key, _| !lost.contains(key));
                    if said != lost {
                        return Some(format!(
                            "{lost:?} were in flight at the crash, and the record says {said:?}"
                        ));
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// What a run spent and has set aside is within its limit.
fn within_limits(id: i64, run: &Run) -> Option<String> {
    let limit = callboard_engine::money::Usd::of_dollars(run.limits().cost_usd?);
    let taken = run.usage().cost_usd.plus(run.reserved());
    (taken > limit).then(|| format!("run {id} has taken {taken:?} of {limit:?}"))
}

/// A number that is never below 0.
fn uint(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap())
}

/// The word for what an event says.
pub(crate) fn kind(event: &Event) -> String {
    let event = serde_json::to_value(event).unwrap();
    event["kind"].as_str().unwrap().to_owned()
}
