//! What an ended run left behind, read from what its visits left and not from what happened in them. What
//! was read is kept for a while: a plan is looked at and then carried out, and ended runs do not change.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use callboard_api::run::RunIds;
use callboard_engine::definition::DefinitionHash;
use callboard_engine::event::{Event, Fact, PastVisit, SourceKind};
use callboard_engine::rerun::Past;
use callboard_engine::run::Status;

use super::runner::{Runner, RunnerError, damaged};
use crate::db::{Db, Error};
use crate::journal::StreamId;

/// What is needed of a run's row.
struct Ended {
    ids: RunIds,
    definition: DefinitionHash,
    status: Status,
    kind: SourceKind,
    input: Arc<str>,
}

/// What was read lately, the newest last, each with the bytes of its text.
#[derive(Default)]
pub(super) struct Pasts(Mutex<VecDeque<(Arc<Past>, usize)>>);

/// Runs that are kept, and the bytes of their texts together: what a person compares and tries.
const PASTS_MAX: usize = 16;
const PASTS_BYTES_MAX: usize = 16 * 1024 * 1024;

impl Pasts {
    fn get(&self, id: i64) -> Option<Arc<Past>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(past, _)| past.run_id == id).map(|(past, _)| Arc::clone(past))
    }

    fn keep(&self, past: &Arc<Past>, bytes: usize) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| other.run_id != past.run_id);
        kept.push_back((Arc::clone(past), bytes));
        let sum = |kept: &VecDeque<(_, usize)>| kept.iter().map(|(_, bytes)| bytes).sum::<usize>();
        while kept.len() > PASTS_MAX || sum(&kept) > PASTS_BYTES_MAX {
            kept.pop_front();
        }
    }
}

impl Runner {
    /// What a run left behind, if it has ended; of one that goes on, only that it does.
    #[doc(hidden)]
    pub async fn past(&self, id: i64) -> Result<Arc<Past>, RunnerError> {
        Ok(self.past_with_ids(id).await?.1)
    }

    /// The same, with where the run belongs.
    pub(super) async fn past_with_ids(&self, id: i64) -> Result<(RunIds, Arc<Past>), RunnerError> {
        // Asked for each time: the run may have been deleted.
        let ended = ended(self.db(), id).await?.ok_or(RunnerError::NotFound(id))?;
        if let Some(past) = self.pasts().get(id) {
            return Ok((ended.ids, past));
        }
        let past = Past {
            run_id: id,
            status: ended.status,
            input: Arc::new(serde_json::from_str(&ended.input).map_err(|error| damaged(id, &error))?),
            definition: self.definitions().load(&ended.definition).await?,
            hash: ended.definition,
            visits: Vec::new(),
        };
        if !past.status.is_final() {
            return Ok((ended.ids, Arc::new(past)));
        }
        let is_rerun = ended.kind == SourceKind::Rerun;
        let (mut visits, inherited_bytes) =
            if is_rerun { self.inherited(id).await? } else { (Vec::new(), 0) };
        let (all_left, left_bytes) = left(self.db(), id).await?;
        for left in all_left {
            // The last inherited visit has a row where it brought something more to this run.
            let place = usize::try_from(left.visit).unwrap_or(usize::MAX).saturating_sub(1);
            match visits.get_mut(place) {
                Some(inherited) => *inherited = left,
                None => visits.push(left),
            }
        }
        // A run that began with an earlier version has not left all of it in rows.
        let is_whole = visits.iter().zip(1..).all(|(past, number)| past.visit == number);
        if !is_whole || visits.is_empty() {
            return Ok((ended.ids, Arc::new(Past::of(id, &self.load(id).await?))));
        }
        let past = Arc::new(past.with(visits));
        self.pasts().keep(&past, inherited_bytes + left_bytes);
        Ok((ended.ids, past))
    }

    /// What a run took over itself, and the bytes of it: it stands in its first entry.
    async fn inherited(&self, id: i64) -> Result<(Vec<PastVisit>, usize), RunnerError> {
        let entries = self.journal().read(StreamId(id), 0, 1).await?;
        let first = entries.first().ok_or(RunnerError::NotFound(id))?;
        let mut events: Vec<Event> =
            serde_json::from_str(&first.events).map_err(|error| damaged(id, &error))?;
        let inherited = events.drain(..).find_map(|event| {
            if let Fact::RunInherited(inherited) = event.fact { Some(inherited) } else { None }
        });
        let visits = inherited.map(|inherited| Arc::unwrap_or_clone(inherited).into_visits());
        Ok((visits.unwrap_or_default(), first.events.len()))
    }
}

async fn ended(db: &Db, id: i64) -> Result<Option<Ended>, Error> {
    let find =
        "SELECT project_id, workflow_id, definition, status, source_kind, input FROM run WHERE id = $1";
    let Some(row) = db.query_optional(find, [id.into()]).await? else { return Ok(None) };
    let known = |word: &str| Error::Failed(format!("run {id} has the unknown word {word}").into());
    let status = row.text(3)?;
    let kind = row.text(4)?;
    Ok(Some(Ended {
        ids: RunIds { id, project_id: row.int(0)?, workflow_id: row.int(1)? },
        definition: serde_json::from_value(row.text(2)?.as_ref().into())
            .map_err(|error| Error::Failed(format!("run {id} has no readable definition: {error}").into()))?,
        status: Status::parse(&status).ok_or_else(|| known(&status))?,
        kind: SourceKind::parse(&kind).ok_or_else(|| known(&kind))?,
        input: row.text(5)?,
    }))
}

/// What the run's own visits left, in order, and the bytes of it. The database puts them into one list: reading a thousand
/// rows would cost more than what is in them.
async fn left(db: &Db, id: i64) -> Result<(Vec<PastVisit>, usize), Error> {
    let find = db.dialect().pick(
        "SELECT '[' || group_concat(body, ',') || ']' \
         FROM (SELECT body FROM run_visit WHERE run_id = $1 ORDER BY visit)",
        "SELECT '[' || string_agg(body, ',' ORDER BY visit) || ']' FROM run_visit WHERE run_id = $1",
    );
    let Some(list) = db.query_one(find, [id.into()]).await?.text_or_null(0)? else {
        return Ok((Vec::new(), 0));
    };
    let left = serde_json::from_str(&list)
        .map_err(|error| Error::Failed(format!("a visit of run {id} cannot be read: {error}").into()))?;
    Ok((left, list.len()))
}
