//! Going on from a stage of an ended run: what is taken over, and where it goes on.

mod limits;
mod loops;
mod moments;
mod outcomes;
mod overrides;
mod plans;
mod refusals;
mod stages;

use std::sync::Arc;

use callboard_engine::definition::{Definition, DefinitionHash, Overrides};
use callboard_engine::event::{DefinitionChoice, Inherited};
use callboard_engine::rerun::{self, Asked, From, Past, Plan, Planned, Refused};

use crate::story::{Story, compile, completes, project};

/// The number that a source has in these stories.
pub(crate) const SOURCE: i64 = 40;

/// Three stages, of which each sees what was there before.
pub(crate) const THREE: &str = "
- { id: plan, name: Plan, task: Plan it., agents: [a] }
- { id: draft, name: Draft, task: \"Write by {{ results.plan }}.\", agents: [b] }
- { id: print, name: Print, task: Print it., agents: [c] }
";

/// What is told of what a run took over.
pub(crate) fn detail(inherited: &Inherited) -> String {
    let visits = inherited.visits.iter().map(|visit| {
        let outcome = visit.outcome.as_ref().map(|outcome| format!(":{outcome}")).unwrap_or_default();
        format!("{} {}{outcome}", visit.visit, visit.stage)
    });
    let visits: Vec<String> = visits.collect();
    let way = if inherited.after { "after" } else { "at" };
    format!("from {} {way} {} [{}]", inherited.run_id, inherited.stage, visits.join(", "))
}

/// What is asked for, with the newest definition and nothing else.
pub(crate) fn asks(from: From) -> Asked {
    Asked { from, definition: DefinitionChoice::Latest, overrides: Overrides::default(), input: None }
}

/// That visit is made again.
pub(crate) fn from_visit(visit: u32) -> Asked {
    asks(From::Visit(visit))
}

/// The last visit to that stage is made again.
pub(crate) fn from_stage(stage: &str) -> Asked {
    asks(From::Stage(stage.to_owned()))
}

/// That visit is left again.
pub(crate) fn after(visit: u32, outcome: Option<&str>) -> Asked {
    asks(From::After { visit, outcome: outcome.map(str::to_owned) })
}

/// What an ended run left, as it is read again from where it was written.
pub(crate) fn past(run_id: i64, source: &Story) -> Past {
    let past = Past::of(run_id, &source.run);
    let text = serde_json::to_string(&past.visits).unwrap();
    let read = Past { visits: serde_json::from_str(&text).unwrap(), ..past.clone() };
    assert_eq!(read, past, "what was written is read");
    read
}

/// The definition of a project file, and its hash.
fn frozen(definition: Definition) -> (Arc<Definition>, DefinitionHash) {
    let hash = DefinitionHash::of(&definition.to_text().unwrap());
    (Arc::new(definition), hash)
}

/// What a run of this project file that goes on from the source would do.
pub(crate) fn planned(source: &Story, file: &str, asked: &Asked) -> Result<Planned, Refused> {
    let (definition, hash) = frozen(compile(file));
    rerun::plan(&past(SOURCE, source), (&definition, &hash), asked)
}

/// The plan of that, as a person is shown it.
pub(crate) fn shown(source: &Story, file: &str, asked: &Asked) -> Plan {
    let (definition, hash) = frozen(compile(file));
    let past = past(SOURCE, source);
    let planned = rerun::plan(&past, (&definition, &hash), asked).unwrap();
    planned.plan(&past, (&definition, &hash), asked)
}

/// A run of this project file that goes on from the source, and has begun.
pub(crate) fn again(source: &Story, file: &str, asked: &Asked) -> Story {
    again_of((SOURCE, source), compile(file), asked)
}

/// The same with the definition that the source had.
pub(crate) fn again_same(source: &Story, asked: &Asked) -> Story {
    again_of((SOURCE, source), source.run.definition().as_ref().clone(), asked)
}

/// The same from a run of any number, with any definition.
pub(crate) fn again_of((run_id, source): (i64, &Story), definition: Definition, asked: &Asked) -> Story {
    let before = source.history.clone();
    let (definition, hash) = frozen(definition);
    let planned = rerun::plan(&past(run_id, source), (&definition, &hash), asked).unwrap();
    let said = planned.inherited.said();
    let text = serde_json::to_string(said).unwrap();
    let read: Inherited = serde_json::from_str(&text).unwrap();
    assert_eq!(read, **said, "what is inherited is read as it was written");
    let input = asked.input.clone().unwrap_or_else(|| source.run.input().clone());
    let mut story = Story::started(&project(THREE), |new| {
        new.definition = definition;
        new.hash = hash;
        new.source = planned.source;
        new.input = input;
        new.inherited = Some(planned.inherited);
    });
    assert_eq!(source.history, before, "the source is never touched");
    assert_eq!(story.history[1].visit, None);
    story.skip();
    story
}

/// The path of a run, with the run and visit that really carried each visit out.
pub(crate) fn origins(story: &Story) -> String {
    let visits = story.run.visits().map(|visit| {
        let from = visit.inherited_from.map(|from| format!(" of {}.{}", from.run_id, from.visit));
        format!("{} {} {}{}", visit.number, visit.stage, visit.status.name(), from.unwrap_or_default())
    });
    visits.collect::<Vec<_>>().join(", ")
}

/// A run of the three stages that has completed.
pub(crate) fn three() -> Story {
    let mut story = Story::of(THREE);
    story.answers("a", completes("P")).answers("b", completes("D")).answers("c", completes("O"));
    story
}
