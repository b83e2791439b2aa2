//! The tables of projects and their parts, and the one way in which a project changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use callboard_engine::project::{self, Mistake, Project, Severity, Understand};
use callboard_engine::time::Time;
use serde_json::Value as Json;

use super::allowance::{self, Allowances};
use super::document::{self, Difference, Document, PartPath};
use super::follow::{Change, Follow, Renamed};
use super::schedule::understand;
use crate::clock::Clock;
use crate::db::{Db, Error, Row, Unit, Value, Write, WriteError};

/// Projects that are kept in memory: those that run things at one time, on a large server.
const KEPT_MAX: usize = 256;

/// How often a change is made again because another came first. Each time one of them gets through,
/// so this many calls can change one project at the same moment.
const TRIES_MAX: usize = 100;

/// The number of the project with that name, which is made where it is not there yet.
pub async fn ensure(db: &Db, name: &str, now: Time) -> Result<i64, Error> {
    let name: Arc<str> = name.into();
    db.execute(
        "INSERT INTO project (name, created_at, changed_at) VALUES ($1, $2, $2) ON CONFLICT (name) DO NOTHING",
        [Value::Text(Arc::clone(&name)), Value::Int(now.as_millis())],
    )
    .await?;
    db.query_one("SELECT id FROM project WHERE name = $1", [Value::Text(name)]).await?.int(0)
}

/// The number of a part, which is given one where it has none yet. A run that began before its workflow was
/// renamed means that one by its old name, unless another has taken it since.
pub(crate) async fn ensure_part(db: &Db, project: i64, path: &PartPath, now: Time) -> Result<i64, Error> {
    db.execute(
        "INSERT INTO part (project_id, path, created_at) \
         SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS BIGINT) \
         WHERE NOT EXISTS (SELECT 1 FROM project_part_before WHERE project_id = $1 AND path = $2) \
         ON CONFLICT (project_id, path) DO NOTHING",
        [project.into(), path.as_str().into(), now.as_millis().into()],
    )
    .await?;
    let find = "SELECT COALESCE((SELECT id FROM part WHERE project_id = $1 AND path = $2), \
                (SELECT part_id FROM project_part_before WHERE project_id = $1 AND path = $2))";
    db.query_one(find, [project.into(), path.as_str().into()]).await?.int(0)
}

/// What gives a part another name, under its number. A part that was removed and had that name keeps its
/// number too, for its runs, and does not come back.
fn renamed(project: i64, from: &PartPath, to: &PartPath) -> [Write; 4] {
    let [project, from, to]: [Value; 3] = [project.into(), from.as_str().into(), to.as_str().into()];
    [
        Write::new(
            "UPDATE part SET path = 'gone/' || CAST(id AS TEXT) || '/' || path WHERE project_id = $1 AND path = $2",
            [project.clone(), to.clone()],
        ),
        Write::new(
            "UPDATE part SET path = $3 WHERE project_id = $1 AND path = $2",
            [project.clone(), from.clone(), to.clone()],
        ),
        Write::new(
            "DELETE FROM project_part_before WHERE project_id = $1 AND path = $2",
            [project.clone(), to.clone()],
        ),
        Write::new(
            "INSERT INTO project_part_before (project_id, path, part_id) \
             SELECT project_id, CAST($2 AS TEXT), id FROM part WHERE project_id = $1 AND path = $3 \
             ON CONFLICT (project_id, path) DO UPDATE SET part_id = excluded.part_id",
            [project, from, to],
        ),
    ]
}

/// The projects of a database. Clones are the same.
#[derive(Clone)]
pub struct Projects(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    allowances: Allowances,
    followers: Vec<Arc<dyn Follow>>,
    /// The latest revision of each that was read here. Another server may have written a later one, so
    /// the number of the revision is always asked for.
    kept: Mutex<HashMap<i64, Arc<Stored>>>,
}

/// One revision of a project.
#[derive(Debug)]
pub struct Stored {
    /// Its number.
    pub id: i64,
    /// Counts its changes.
    pub revision: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub changed_at: Time,
    /// What it says.
    pub project: Project,
    document: Document,
    /// The numbers of its parts.
    parts: BTreeMap<PartPath, i64>,
}

/// How a file is applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplyOptions {
    /// Only says what it would do.
    pub dry_run: bool,
    /// Takes out what the file does not name.
    pub prune: bool,
}

/// What applying a file did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The project as it is now.
    pub stored: Arc<Stored>,
    /// What is different from before.
    pub(super) difference: Difference,
    /// What is probably not meant.
    pub warnings: Vec<Mistake>,
}

/// A revision to be written.
struct Next<'a> {
    /// The one that it was made from; none for a new project.
    before: Option<&'a Stored>,
    project: &'a Project,
    document: &'a Document,
    renaming: Option<Renaming<'a>>,
}

/// A part that is to be called otherwise: where it stands, and where it will.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renaming<'a> {
    pub(super) from: &'a PartPath,
    pub(super) to: &'a PartPath,
}

/// Why a project was not read or changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is no such project.
    #[error("there is no project {0}")]
    NotFound(i64),
    /// There is no such part.
    #[error("there is no {0} with this number")]
    PartNotFound(&'static str),
    /// A part with that name is there already.
    #[error("there is a {noun} named \"{name}\" already")]
    NameTaken {
        /// What it is.
        noun: &'static str,
        /// Its name.
        name: String,
    },
    /// The change leads to a project that cannot be.
    #[error("the project would not be right")]
    Mistakes(Vec<Mistake>),
    /// Too many others change it at the same moment.
    #[error("the project is being changed by others")]
    Busy,
    /// A claim that the caller wanted to be met with the change was not.
    #[error("a claim was not met")]
    ClaimTaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] Error),
}

const FIND: &str = "SELECT id, name, revision, created_at, changed_at, document FROM project WHERE id = $1";

impl Projects {
    /// The projects of that database, of which nothing else follows.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self::followed(db, clock, Vec::new())
    }

    /// The projects of that database, and what others keep in step with them.
    pub fn followed(db: Db, clock: Clock, followers: Vec<Arc<dyn Follow>>) -> Self {
        let allowances = Allowances::new(db.clone());
        Self(Arc::new(Inner { db, clock, allowances, followers, kept: Mutex::default() }))
    }

    /// What all runs of each of them together may use.
    pub fn allowances(&self) -> &Allowances {
        &self.0.allowances
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The project with that number, as it is now.
    pub async fn load(&self, id: i64) -> Result<Arc<Stored>, ProjectError> {
        let found =
            self.0.db.query_optional("SELECT revision FROM project WHERE id = $1", [id.into()]).await?;
        let revision = found.ok_or(ProjectError::NotFound(id))?.int(0)?;
        self.at(id, revision).await
    }

    /// The project that a part belongs to, and where in it the part stands.
    pub(crate) async fn of_part(&self, id: i64) -> Result<Option<(Arc<Stored>, PartPath)>, ProjectError> {
        let find = "SELECT part.project_id, part.path, project.revision FROM part \
                    JOIN project ON project.id = part.project_id WHERE part.id = $1";
        let Some(row) = self.0.db.query_optional(find, [id.into()]).await? else { return Ok(None) };
        let path = PartPath::stored(&row.text(1)?);
        let stored = self.at(row.int(0)?, row.int(2)?).await?;
        // What is not in the document has been removed; its number waits for it to come back.
        Ok(stored.parts.contains_key(&path).then_some((stored, path)))
    }

    /// The revision of the project that a part belongs to.
    pub(crate) async fn revision_of_part(&self, id: i64) -> Result<Option<i64>, ProjectError> {
        let find = "SELECT project.revision FROM part JOIN project ON project.id = part.project_id \
                    WHERE part.id = $1";
        let row = self.0.db.query_optional(find, [id.into()]).await?;
        Ok(row.map(|row| row.int(0)).transpose()?)
    }

    /// The project with that name.
    pub async fn named(&self, name: &str) -> Result<Option<Arc<Stored>>, ProjectError> {
        let find = "SELECT id, revision FROM project WHERE name = $1";
        let Some(row) = self.0.db.query_optional(find, [name.into()]).await? else { return Ok(None) };
        self.at(row.int(0)?, row.int(1)?).await.map(Some)
    }

    /// A page of projects, in the order of their numbers.
    pub(crate) async fn page(&self, after: i64, limit: usize) -> Result<Vec<Arc<Stored>>, ProjectError> {
        let find = "SELECT id, revision FROM project WHERE id > $1 ORDER BY id LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.0.db.query(find, [after.into(), limit.into()]).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.push(self.at(row.int(0)?, row.int(1)?).await?);
        }
        Ok(found)
    }

    async fn at(&self, id: i64, revision: i64) -> Result<Arc<Stored>, ProjectError> {
        if let Some(kept) = self.kept().get(&id).filter(|kept| kept.revision >= revision) {
            return Ok(Arc::clone(kept));
        }
        let row = self.0.db.query_optional(FIND, [id.into()]).await?.ok_or(ProjectError::NotFound(id))?;
        // Parts are read after the document, so that each of the document's has its number.
        let find = "SELECT path, id FROM part WHERE project_id = $1";
        let parts = self.0.db.query(find, [id.into()]).await?;
        let stored = Arc::new(Stored::of(&row, &parts)?);
        let mut kept = self.kept();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(id, Arc::clone(&stored));
        Ok(stored)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Arc<Stored>>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies a project file, for whoever claims nothing with it.
    #[doc(hidden)]
    pub async fn apply_file(&self, bytes: &[u8], options: ApplyOptions) -> Result<Applied, ProjectError> {
        self.apply(bytes, options, |_, _| Vec::new()).await
    }

    /// Applies a project file. The claims, which may say what changes, are met in the same transaction,
    /// or nothing is changed.
    pub(super) async fn apply(
        &self,
        bytes: &[u8],
        options: ApplyOptions,
        claims: impl Fn(&Difference, &[Mistake]) -> Vec<Write>,
    ) -> Result<Applied, ProjectError> {
        let reading = project::read_bytes(bytes, &understand);
        let warnings: Vec<Mistake> = reading
            .mistakes
            .iter()
            .filter(|mistake| mistake.severity == Severity::Warning)
            .cloned()
            .collect();
        // A file may lean on what the project has already, so it is right if both together are. What
        // is wrong with it is told as it stands in the file wherever it can be.
        let file = std::str::from_utf8(bytes).ok().and_then(project::json);
        let Some(Json::Object(mut file)) = file else { return Err(ProjectError::Mistakes(reading.mistakes)) };
        let Some(name) = document::name(&file) else {
            return Err(ProjectError::Mistakes(reading.mistakes));
        };
        file.insert("project".to_owned(), name.as_str().into());
        for _ in 0..TRIES_MAX {
            let before = self.named(&name).await?;
            let known = before.as_ref().map(|stored| stored.document.clone()).unwrap_or_default();
            let merged = document::merge(&known, &file, options.prune);
            let (project, after) = match checked(&merged, &understand) {
                Ok(checked) => checked,
                Err(ProjectError::Mistakes(mistakes)) => {
                    return Err(ProjectError::Mistakes(placed(mistakes, &reading.mistakes)));
                }
                Err(error) => return Err(error),
            };
            let difference = Difference::between(&known, &after);
            if options.dry_run {
                let stored =
                    Arc::new(Stored::would_be(before.as_deref(), project, after, self.0.clock.now()));
                return Ok(Applied { stored, difference, warnings });
            }
            let claims = claims(&difference, &warnings);
            let next =
                Next { before: before.as_deref(), project: &project, document: &after, renaming: None };
            match self.write(next, &claims).await {
                Ok(()) => {}
                Err(ProjectError::Busy) => continue,
                Err(error) => return Err(error),
            }
            let stored = self.named(&name).await?.ok_or(ProjectError::Busy)?;
            self.0.allowances.forget(stored.id);
            return Ok(Applied { stored, difference, warnings });
        }
        Err(ProjectError::Busy)
    }

    /// Changes a project. The edit is made on its document, and made again where another change came
    /// first.
    pub(super) async fn change(
        &self,
        id: i64,
        claims: &[Write],
        edit: impl Fn(&mut Document) -> Result<(), ProjectError>,
    ) -> Result<Arc<Stored>, ProjectError> {
        self.edited(id, (claims, None), edit).await
    }

    /// Changes a project in which a part is called otherwise afterwards, and keeps its number.
    pub(super) async fn rename(
        &self,
        id: i64,
        renaming: Renaming<'_>,
        edit: impl Fn(&mut Document) -> Result<(), ProjectError>,
    ) -> Result<Arc<Stored>, ProjectError> {
        self.edited(id, (&[], Some(renaming)), edit).await
    }

    async fn edited(
        &self,
        id: i64,
        (claims, renaming): (&[Write], Option<Renaming<'_>>),
        edit: impl Fn(&mut Document) -> Result<(), ProjectError>,
    ) -> Result<Arc<Stored>, ProjectError> {
        for _ in 0..TRIES_MAX {
            let before = self.load(id).await?;
            let mut document = before.document.clone();
            edit(&mut document)?;
            let (project, after) = checked(&document, &understand)?;
            let next = Next { before: Some(&before), project: &project, document: &after, renaming };
            match self.write(next, claims).await {
                Ok(()) => {
                    self.0.allowances.forget(id);
                    return self.load(id).await;
                }
                Err(ProjectError::Busy) => {}
                Err(error) => return Err(error),
            }
        }
        Err(ProjectError::Busy)
    }

    /// Writes the next revision over the one that it was made from; busy where that is no longer the
    /// latest.
    async fn write(&self, next: Next<'_>, claims: &[Write]) -> Result<(), ProjectError> {
        let Next { before, project, document: after, renaming } = next;
        let name = project.name.as_str();
        let now = self.0.clock.now().as_millis();
        let json = serde_json::to_string(after).map_err(|error| Error::Failed(error.to_string().into()))?;
        let mut writes = vec![match before {
            Some(stored) => Write::claim(
                "UPDATE project SET document = $1, changed_at = $2, revision = revision + 1 \
                 WHERE id = $3 AND revision = $4",
                [json.into(), now.into(), stored.id.into(), stored.revision.into()],
            ),
            None => Write::claim(
                "INSERT INTO project (name, created_at, changed_at, document, revision) \
                 VALUES ($1, $2, $2, $3, 1) ON CONFLICT (name) DO NOTHING",
                [name.into(), now.into(), json.into()],
            ),
        }];
        if let (Some(stored), Some(Renaming { from, to })) = (before, renaming) {
            writes.extend(renamed(stored.id, from, to));
        }
        for path in document::parts(after) {
            if before.is_none_or(|stored| !stored.parts.contains_key(&path)) {
                writes.push(Write::new(
                    "INSERT INTO part (project_id, path, created_at) \
                     SELECT id, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM project WHERE name = $1 \
                     ON CONFLICT (project_id, path) DO NOTHING",
                    [name.into(), path.as_str().into(), now.into()],
                ));
            }
        }
        writes.push(allowance::written(name, project));
        let change = Change {
            revision: before.map_or(0, |stored| stored.revision) + 1,
            before: before.map(|stored| &stored.project),
            after: project,
            at: Time::from_millis(now),
            renamed: renaming.map(|Renaming { from, to }| Renamed {
                section: from.section(),
                from: from.name(),
                to: to.name(),
            }),
        };
        writes.extend(self.0.followers.iter().flat_map(|follower| follower.writes(&change)));
        writes.extend(claims.iter().cloned());
        // Units that lock the same rows keep one order in every process.
        let unit = Unit { order: before.map(|stored| stored.id), ..Unit::new(writes) };
        match self.0.db.write(unit).await {
            Ok(_) => {
                self.0.followers.iter().for_each(|follower| follower.written());
                Ok(())
            }
            Err(WriteError::NotTaken { index: 0, .. }) => Err(ProjectError::Busy),
            Err(WriteError::NotTaken { .. }) => Err(ProjectError::ClaimTaken),
            Err(WriteError::Failed(error)) => Err(error.into()),
        }
    }
}

impl Stored {
    fn of(row: &Row, parts: &[Row]) -> Result<Self, Error> {
        let name = row.text(1)?;
        let document = match row.text_or_null(5)? {
            Some(text) => serde_json::from_str(&text),
            // It is only known because a run of its file was kept here.
            None => Ok(Document::from_iter([("project".to_owned(), Json::from(name.as_ref()))])),
        };
        let unreadable = |why: &dyn std::fmt::Display| {
            Error::Failed(format!("the project {name} cannot be read: {why}").into())
        };
        let document: Document = document.map_err(|error| unreadable(&error))?;
        // What was understood when it was written is not asked about again: a version that reads fewer
        // schedules, or reads them otherwise, still knows the project.
        let (project, document) = checked(&document, &|_, _| Ok(())).map_err(|error| {
            if let ProjectError::Mistakes(mistakes) = &error
                && let Some(first) = mistakes.first()
            {
                return unreadable(first);
            }
            unreadable(&error)
        })?;
        let mut numbers = BTreeMap::new();
        for row in parts {
            let path = PartPath::stored(&row.text(0)?);
            if document::get(&document, &path).is_some() {
                numbers.insert(path, row.int(1)?);
            }
        }
        Ok(Self {
            id: row.int(0)?,
            revision: row.int(2)?,
            created_at: Time::from_millis(row.int(3)?),
            changed_at: Time::from_millis(row.int(4)?),
            project,
            document,
            parts: numbers,
        })
    }

    /// What a dry run says: numbers are those that are known.
    fn would_be(before: Option<&Self>, project: Project, document: Document, now: Time) -> Self {
        let known = before.map(|stored| stored.parts.clone()).unwrap_or_default();
        let parts = known.into_iter().filter(|(path, _)| document::get(&document, path).is_some()).collect();
        Self {
            id: before.map_or(0, |stored| stored.id),
            revision: before.map_or(0, |stored| stored.revision),
            created_at: before.map_or(now, |stored| stored.created_at),
            changed_at: before.map_or(now, |stored| stored.changed_at),
            project,
            document,
            parts,
        }
    }

    /// The number of a part.
    pub(crate) fn number(&self, path: &PartPath) -> Option<i64> {
        self.parts.get(path).copied()
    }

    /// Its parts in a section, with their numbers.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&PartPath, i64)> {
        self.parts.iter().map(|(path, id)| (path, *id))
    }
}

/// The mistakes of a project, each with its place in the file that was applied, where it is there. A
/// mistake that the file has only by itself is none: it leans on what the project has.
fn placed(mistakes: Vec<Mistake>, of_file: &[Mistake]) -> Vec<Mistake> {
    let place = |mistake: Mistake| {
        let same = of_file.iter().find(|other| other.path == mistake.path && other.code == mistake.code);
        let (line, column) = same.map_or((0, 0), |same| (same.line, same.column));
        Mistake { line, column, ..mistake }
    };
    let mut placed: Vec<Mistake> = mistakes.into_iter().map(place).collect();
    placed.sort_by_key(|mistake| (mistake.line == 0, mistake.line, mistake.column));
    placed
}

/// A document that was checked as a whole: the project that it describes, and its text as it is
/// stored, without defaults and with the ids of all stages.
fn checked(document: &Document, understand: &Understand<'_>) -> Result<(Project, Document), ProjectError> {
    let text = serde_json::to_string(document).map_err(|error| Error::Failed(error.to_string().into()))?;
    let reading = project::read_understanding(&text, understand);
    let Some(project) = reading.project else {
        // The places are those of a text that nobody has seen.
        let errors = reading.mistakes.into_iter().filter(|mistake| mistake.severity == Severity::Error);
        return Err(ProjectError::Mistakes(
            errors.map(|mistake| Mistake { line: 0, column: 0, ..mistake }).collect(),
        ));
    };
    let Json::Object(document) = project::document(&project) else {
        return Err(Error::Failed("a project is written as something else than a map".into()).into());
    };
    Ok((project, document))
}
