//! Runs that go on from others: what they begin with is what there was, and what the first of their agents
//! are sent is what they would have been sent.

use std::cell::Cell;
use std::sync::Arc;

use callboard_engine::command::{Command, Decided, Moment};
use callboard_engine::content::ContentHash;
use callboard_engine::decide::{NewRun, create, decide};
use callboard_engine::definition::{ApprovalWhen, Definition, DefinitionHash, Limits, Overrides};
use callboard_engine::event::{DefinitionChoice, Event, Fact};
use callboard_engine::rerun::{Asked, From, Past, Refused, plan};
use callboard_engine::run::{Run, Visit, VisitStatus};
use serde::{Serialize, de::DeserializeOwned};

use crate::outside::World;

/// Visits at which a question was compared, at the least: nothing is shown by none.
const COMPARED_MIN: u32 = 300;

/// A run that goes on from an ended one somewhere, where there is a way.
pub(crate) fn any(world: &mut World, run_id: i64) -> Option<World> {
    let visits: Vec<Visit> = world.run.visits().cloned().collect();
    let visit = visits.get(world.choose(visits.len()))?;
    let from = if world.choose(3) > 0 {
        From::Visit(visit.number)
    } else {
        let (_, stage) = world.run.definition().stage(&visit.stage).expect("the stage is declared");
        let outcomes: Vec<String> = stage.outcomes.keys().cloned().collect();
        let outcome = outcomes.get(world.choose(outcomes.len() + 1)).cloned();
        From::After { visit: visit.number, outcome }
    };
    match (again(world, run_id, from.clone()), from) {
        (Ok(second), _) => Some(second),
        // A guard stands in its way, or it did not come to its end.
        (Err(Refused::WouldFail(_) | Refused::VisitIncomplete { .. }), From::After { .. }) => None,
        (Err(refused), from) => panic!("{from:?} was refused: {refused}"),
    }
}

/// A run that goes on from an ended one, with the same definition.
fn again(world: &mut World, run_id: i64, from: From) -> Result<World, Refused> {
    let now = world.now;
    let created = created(&world.run, run_id, from, Moment { now, ..Moment::default() })?;
    let seed = world.choose(usize::MAX);
    Ok(World::around(created, now, seed as u64))
}

/// The same before it begins; everything was written and read again.
fn created(source: &Run, run_id: i64, from: From, moment: Moment) -> Result<Decided, Refused> {
    let definition = source.definition();
    let hash = DefinitionHash::of("x");
    let past = Past::of(run_id, source);
    let past = Past { visits: through_text(&past.visits), ..past };
    let overrides = Overrides::default();
    let asked = Asked { from, definition: DefinitionChoice::Original, overrides, input: None };
    let planned = plan(&past, (definition, &hash), &asked)?;
    assert!(planned.difference.is_empty());
    through_text(&planned.plan(&past, (definition, &hash), &asked));
    let new = NewRun {
        hash,
        definition: Arc::clone(definition),
        source: planned.source,
        input: source.input().clone(),
        metadata: None,
        limits: Limits::default(),
        depth: 0,
        inherited: Some(planned.inherited),
    };
    let created = create(new, moment);
    let events = through_text(&created.events);
    let read = Run::fold(Arc::clone(definition), &events).expect("what was created folds");
    assert_eq!(read, created.run);
    Ok(created)
}

fn through_text<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> T {
    let text = serde_json::to_string(value).expect("it is written");
    let read = serde_json::from_str(&text).expect("what was written is read");
    assert_eq!(&read, value);
    read
}

#[test]
fn a_run_begins_with_what_there_was_and_its_agents_are_sent_what_they_were_sent() {
    let compared = Cell::new(0);
    crate::for_each_history(|definition, world| {
        let mut calm = World::of(&Arc::new(calm(definition)), world.choose(usize::MAX) as u64);
        calm.carry_out(|_, _| {});
        is_gone_on_from(&calm, 1, &compared);

        world.carry_out(|_, _| {});
        is_gone_on_from(world, 1, &compared);
        let visits = world.run.visits().len();
        let visit = 1 + world.choose(visits) as u32;
        let Ok(mut second) = again(world, 1, From::Visit(visit)) else { return };
        second.carry_out(|_, _| {});
        is_gone_on_from(&second, 2, &compared);
        // What the second inherited, a third takes over as if from the first.
        for visit in 1..=visit {
            let from_first = created(&world.run, 1, From::Visit(visit), Moment::default());
            let from_second = created(&second.run, 2, From::Visit(visit), Moment::default());
            let (first, second) = (from_first.expect("planned").run, from_second.expect("planned").run);
            is_alike(&first, &second);
            assert!(first.visits().eq(second.visits()), "they name who really carried them out");
        }
    });
    assert!(compared.get() >= COMPARED_MIN, "{} were compared", compared.get());
}

/// The same workflows with nothing from outside between the entry of a stage and its first question.
fn calm(definition: &Definition) -> Definition {
    let mut calm = definition.clone();
    for stage in &mut calm.workflow.stages {
        stage.entry.clear();
        stage.approval.retain(|approval| approval.when == ApprovalWhen::After);
        stage.agents.iter_mut().for_each(|place| place.tools.retain(|tool| tool != "files"));
    }
    calm
}

/// Goes on from each visit that a run made itself.
fn is_gone_on_from(world: &World, run_id: i64, compared: &Cell<u32>) {
    for (place, event) in world.history.iter().enumerate() {
        let (Fact::StageEntered { .. }, Some(visit)) = (&event.fact, event.visit) else { continue };
        let before =
            Run::fold(Arc::clone(world.run.definition()), &world.history[..place]).expect("it folds");
        let moment = Moment { now: event.at, ..Moment::default() };
        let created = created(&world.run, run_id, From::Visit(visit), moment).expect("planned");
        is_alike(&before, &created.run);
        let would_be = |visit: &Visit| {
            let inherited_from = visit.inherited_from;
            let (status, own) = (visit.status, inherited_from.is_some_and(|from| from.run_id == run_id));
            assert_eq!((status, inherited_from.is_some()), (VisitStatus::Inherited, true));
            let inherited = |before: &&Visit| before.inherited_from.is_some();
            let was = before.visits().nth(visit.number as usize - 1).filter(|was| own || inherited(was));
            let was = was.expect("a visit is inherited from whoever carried it out");
            let mut visit = visit.clone();
            (visit.status, visit.inherited_from) = (was.status, was.inherited_from);
            visit
        };
        let visits: Vec<Visit> = created.run.visits().map(would_be).collect();
        assert!(before.visits().eq(&visits), "{:#?}\n{visits:#?}", before.visits().collect::<Vec<_>>());

        let decided = decide(&created.run, Command::Start, moment).expect("it starts");
        let entered = decided.events.get(1).map(|event| &event.fact);
        assert_eq!(entered, Some(&event.fact), "the same stage is entered in the same way");
        let (was, was_cut) = first_asked(&world.history[place + 1..]);
        let (is, is_cut) = first_asked(&decided.events[2..]);
        // A limit that the source had come near to lets fewer be asked.
        let both = if was_cut || is_cut { was.len().min(is.len()) } else { was.len().max(is.len()) };
        assert_eq!(was.get(..both), is.get(..both), "at visit {visit}");
        compared.set(compared.get() + u32::from(both > 0));
    }
}

/// Alike in what agents and guards see.
fn is_alike(one: &Run, other: &Run) {
    assert!(one.memory().iter().eq(other.memory()), "memory, in its order");
    assert!(one.documents().iter().eq(other.documents()), "documents, in their order");
    let counts = |run: &Run| -> Vec<u32> { run.visits().map(|visit| visit.nth).collect() };
    assert_eq!(counts(one), counts(other));
}

/// What models were asked before anything from outside came between, and whether a limit cut that short:
/// one that was reached, or the money of a day that others had set aside.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else happens comes between")]
fn first_asked(events: &[Event]) -> (Vec<(String, String, ContentHash)>, bool) {
    let (mut asked, mut turns) = (Vec::new(), 0);
    for event in events {
        match &event.fact {
            Fact::TurnStarted { .. } => turns += 1,
            Fact::ModelCallStarted { agent, model, sent: Some(sent), .. } => {
                asked.push((agent.clone(), model.clone(), sent.clone()));
            }
            Fact::LimitReached { .. } => return (asked, true),
            _ => break,
        }
    }
    let is_cut = asked.len() < turns;
    (asked, is_cut)
}
