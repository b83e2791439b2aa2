//! What an ended run left behind, read from what its visits left and not from what happened in them. What
//! was read is kept for a while: a plan is looked at and then carried out, and ended runs do not change.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use callboard_api::run::RunIds;
use callboard_engine::definition::{Definition, DefinitionHash};
use callboard_engine::event::{Event, Fact, PastVisit, SourceKind};
use callboard_engine::rerun::{self, Asked, Past, Planned, Refused};
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

/// What was read lately, the newest last.
#[derive(Default)]
pub(super) struct Pasts(Mutex<VecDeque<Kept>>);

/// What was read of one run.
struct Kept {
    past: Arc<Past>,
    /// The bytes of its text.
    bytes: usize,
    /// What was planned with it last, and for which definition.
    planned: Option<(Asked, DefinitionHash, Arc<Planned>)>,
}

/// Runs that are kept, and the bytes of their texts together: what a person compares and tries. What is
/// planned with one has its text once more.
const PASTS_MAX: usize = 16;
const PASTS_BYTES_MAX: usize = 8 * 1024 * 1024;

impl Pasts {
    fn get(&self, id: i64) -> Option<Arc<Past>> {
        self.all().iter().find(|kept| kept.past.run_id == id).map(|kept| Arc::clone(&kept.past))
    }

    fn keep(&self, past: &Arc<Past>, bytes: usize) {
        let mut all = self.all();
        all.retain(|kept| kept.past.run_id != past.run_id);
        all.push_back(Kept { past: Arc::clone(past), bytes, planned: None });
        let sum = |all: &VecDeque<Kept>| all.iter().map(|kept| kept.bytes).sum::<usize>();
        while all.len() > PASTS_MAX || sum(&all) > PASTS_BYTES_MAX {
            all.pop_front();
        }
    }

    /// What is planned with a run: as it was planned last, where the same is asked for.
    pub(super) fn plan(
        &self,
        past: &Past,
        (definition, hash): (&Arc<Definition>, &DefinitionHash),
        asked: &Asked,
    ) -> Result<Arc<Planned>, Refused> {
        let is_of = |kept: &&mut Kept| kept.past.run_id == past.run_id;
        let last = self.all().iter_mut().find(is_of).and_then(|kept| kept.planned.clone());
        if let Some((last_asked, last_hash, planned)) = last
            && last_hash == *hash
            && last_asked == *asked
        {
            return Ok(planned);
        }
        let planned = Arc::new(rerun::plan(past, (definition, hash), asked)?);
        if let Some(kept) = self.all().iter_mut().find(is_of) {
            kept.planned = Some((asked.clone(), hash.clone(), Arc::clone(&planned)));
        }
        Ok(planned)
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
