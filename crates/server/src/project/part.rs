//! The parts of a project over HTTP: what listing, making, reading, changing and removing one has in
//! common, whatever noun it is. A noun says what its part looks like; the rest is here, once.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use callboard_api::list::List;
use serde::Serialize;
use serde_json::{Map, Value};

use super::document;
use super::{PartPath, ProjectError, Projects, Renaming, Stored};
use crate::db::{self, Write};
use crate::http::{Body, Idempotency, Page, Refusal, Result};

/// A part of a project, as one noun shows it.
pub(crate) trait Part: Serialize + Sized {
    /// What it is called in sentences.
    const NOUN: &'static str;
    /// The section of the document that it stands in.
    const SECTION: &'static str;
    /// Whether it can be given another name, which all that refers to it then has too: what hangs on its
    /// number would be lost with a new part under that name.
    const IS_RENAMED: bool = false;

    /// The part at that place.
    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self>;

    /// Its number.
    fn id(&self) -> i64;
}

/// What a caller sends to make or change a part: the fields of the project file, with `name`.
pub(crate) type Fields = Map<String, Value>;

/// Where a new part goes.
pub(crate) enum Within {
    Project(i64),
    Team { project: i64, name: String },
}

impl Within {
    fn project(&self) -> i64 {
        match self {
            Self::Project(id) | Self::Team { project: id, .. } => *id,
        }
    }

    fn path(&self, section: &str, name: &str) -> PartPath {
        match self {
            Self::Project(_) => PartPath::of(section, name),
            Self::Team { name: team, .. } => PartPath::of_agent(team, name),
        }
    }
}

/// Most parts go into the project itself.
pub(crate) async fn in_project(_: &Projects, id: i64) -> Result<Within> {
    Ok(Within::Project(id))
}

/// A page of the parts of one kind.
pub(crate) async fn list<P: Part>(projects: &Projects, within: Within, page: Page) -> Result<Json<List<P>>> {
    let stored = projects.load(within.project()).await?;
    let team = match &within {
        Within::Project(_) => None,
        Within::Team { name, .. } => Some(name.as_str()),
    };
    let ours = stored.parts().filter(|(path, _)| path.section() == P::SECTION && path.team() == team);
    Ok(Json(page.cut(ours.filter_map(|(path, id)| P::of(&stored, path, id)), P::id)))
}

/// A part by its number.
pub(crate) async fn get<P: Part>(projects: &Projects, id: i64) -> Result<P> {
    let (stored, path) = find::<P>(projects, id).await?;
    P::of(&stored, &path, id).ok_or_else(|| ProjectError::PartNotFound(P::NOUN).into())
}

/// Where a part stands.
pub(crate) async fn find<P: Part>(
    projects: &Projects,
    id: i64,
) -> Result<(std::sync::Arc<Stored>, PartPath)> {
    let found = projects.of_part(id).await?.filter(|(_, path)| path.section() == P::SECTION);
    found.ok_or_else(|| ProjectError::PartNotFound(P::NOUN).into())
}

/// Makes a part, and answers with it.
pub(crate) async fn create<P: Part>(
    projects: &Projects,
    within: Within,
    body: Body<Fields>,
    once: Idempotency,
) -> Result<Response> {
    make::<P>(projects, within, body, once).await.map(|part| created(&part))
}

/// Makes a part. The same request under the same key gives the part that it made.
pub(crate) async fn make<P: Part>(
    projects: &Projects,
    within: Within,
    body: Body<Fields>,
    once: Idempotency,
) -> Result<P> {
    let (mut fields, bytes) = (body.value, body.bytes);
    let name = name(&mut fields)?;
    let path = within.path(P::SECTION, &name);
    if let Some(earlier) = earlier::<P>(projects, &once, &bytes).await? {
        return Ok(earlier);
    }
    let now = projects.clock().now();
    let claims = claims(&once, &bytes, &path, within.project(), now);
    let part = Value::Object(fields);
    let changed = projects.change(within.project(), &claims, |document| {
        if document::get(document, &path).is_some() {
            return Err(ProjectError::NameTaken { noun: P::NOUN, name: name.clone() });
        }
        document::put(document, &path, part.clone());
        Ok(())
    });
    let stored = match changed.await {
        Ok(stored) => stored,
        // Another request with the same key was faster: its part is the answer to both. It is seen as a
        // taken name too, where it was there before the change was made.
        Err(error @ (ProjectError::ClaimTaken | ProjectError::NameTaken { .. })) => {
            let earlier = earlier::<P>(projects, &once, &bytes).await?;
            return earlier.ok_or_else(|| error.into());
        }
        Err(error) => return Err(error.into()),
    };
    let made = stored.number(&path).and_then(|id| P::of(&stored, &path, id));
    made.ok_or_else(|| ProjectError::PartNotFound(P::NOUN).into())
}

/// Changes a part: what is named is replaced, and `null` goes back to the default.
pub(crate) async fn change<P: Part>(projects: &Projects, id: i64, fields: Fields) -> Result<Json<P>> {
    let (stored, path) = find::<P>(projects, id).await?;
    let mut fields = fields;
    let to = new_path::<P>(&mut fields, &path)?;
    let change = Value::Object(fields);
    let edit = |document: &mut document::Document| {
        let mut part = document::get(document, &path).cloned().ok_or(ProjectError::PartNotFound(P::NOUN))?;
        document::patch(&mut part, &change);
        document::put(document, &path, part);
        Ok(())
    };
    let Some(to) = to else {
        let stored = projects.change(stored.id, &[], edit).await?;
        return shown(&stored, &path, id);
    };
    let renamed = projects.rename(stored.id, Renaming { from: &path, to: &to }, |document| {
        edit(document)?;
        if document::get(document, &to).is_some() {
            return Err(ProjectError::NameTaken { noun: P::NOUN, name: to.name().to_owned() });
        }
        document::rename(document, &path, &to);
        Ok(())
    });
    shown(&*renamed.await?, &to, id)
}

fn shown<P: Part>(stored: &Stored, path: &PartPath, id: i64) -> Result<Json<P>> {
    P::of(stored, path, id).map(Json).ok_or_else(|| ProjectError::PartNotFound(P::NOUN).into())
}

/// Where a part is to stand, if a change gives it another name.
fn new_path<P: Part>(fields: &mut Fields, path: &PartPath) -> Result<Option<PartPath>> {
    if fields.get("name").is_none_or(|name| name == path.name()) {
        fields.remove("name");
        return Ok(None);
    }
    if !P::IS_RENAMED {
        let message = format!("A {} keeps its name: others refer to it by that.", P::NOUN);
        return Err(Refusal::unprocessable("name_fixed", message)
            .hint("Make a new one under the other name, and remove this one."));
    }
    Ok(Some(PartPath::of(P::SECTION, &name(fields)?)))
}

/// Takes a part out of its project. What refers to it stands in the way.
pub(crate) async fn remove<P: Part>(projects: &Projects, id: i64) -> Result<StatusCode> {
    let (stored, path) = find::<P>(projects, id).await?;
    let removed = projects.change(stored.id, &[], |document| {
        document::get(document, &path).ok_or(ProjectError::PartNotFound(P::NOUN))?;
        document::remove(document, &path);
        Ok(())
    });
    match removed.await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(ProjectError::Mistakes(mistakes)) => {
            let message = format!("The {} is still needed.", P::NOUN);
            Err(Refusal::conflict("part_in_use", message)
                .hint("Change what refers to it first.")
                .errors(super::http::wrongs(mistakes)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The name among the fields of a part. The rules for names are the project file's; what could
/// not even be a key of it is refused here.
fn name(fields: &mut Fields) -> Result<String> {
    let refused = |message: &str| {
        Refusal::unprocessable("name_invalid", message)
            .hint("Give a name of letters, digits, \"-\" and \"_\".")
    };
    match fields.remove("name") {
        Some(Value::String(name)) if callboard_engine::project::is_name(&name) => Ok(name),
        Some(_) => Err(refused("The name cannot be used.")),
        None => Err(refused("The name is missing.")),
    }
}

/// What makes a request's key point to the part that it is about to make. A part that had a number
/// before keeps it, so the number is looked up in the same transaction.
fn claims(
    once: &Idempotency,
    bytes: &Bytes,
    path: &PartPath,
    project: i64,
    now: callboard_engine::time::Time,
) -> Vec<Write> {
    let mut claims = once.claim(bytes, db::Value::Null, now);
    claims.extend(once.made_part(project, path.as_str()));
    claims
}

async fn earlier<P: Part>(projects: &Projects, once: &Idempotency, bytes: &Bytes) -> Result<Option<P>> {
    let seen = once.seen(projects.db(), bytes, projects.clock().now()).await?;
    match seen.and_then(|seen| seen.made) {
        Some(id) => get::<P>(projects, id).await.map(Some),
        None => Ok(None),
    }
}

/// The answer with a part that was made.
pub(crate) fn created<P: Part>(part: &P) -> Response {
    let place = format!("/api/v1/{}/{}", P::SECTION, part.id());
    (StatusCode::CREATED, [(LOCATION, place)], Json(part)).into_response()
}
