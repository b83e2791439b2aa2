//! Models and tools as the simulated process reaches them, and what they saw of it: what it asked them, and
//! whether that was right.

use std::sync::Arc;

use callboard_engine::call::{Failure, failure};
use callboard_engine::command::ToolOutcome;
use callboard_engine::event::{Event, Fact, HookWhen, ListedTool};
use callboard_engine::run::Run;
use callboard_server::provider::Answered;
use callboard_server::run::{CallKey, ModelAsked, Outside, ToolAsked};
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::answers;
use crate::chance::Chance;
use crate::clock::pass_ms;
use crate::world::{Window, World};

/// A call that someone outside saw.
pub(crate) struct Seen {
    pub(crate) what: What,
    pub(crate) ended: Ended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Model,
    Tool(String, Again),
    List,
}

/// Whether a tool may be called again after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    Freely,
    /// Where a person says so.
    Asked,
    Never,
}

impl Again {
    /// What the tools of the workflows are declared to be.
    fn of(asked: &ToolAsked) -> Self {
        match asked.tool.as_str() {
            "look" | "ring" => Self::Freely,
            "http_request" if asked.arguments.get("method").is_none() => Self::Freely,
            "post" => Self::Asked,
            name if name.starts_with("files.") => Self::Asked,
            _ => Self::Never,
        }
    }
}

/// How a call ended for who was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Not,
    Answered,
    CutOff,
    /// The process died meanwhile.
    Died,
}

/// A call while it goes; it is cut off when this is dropped before it was answered.
struct Going<'a> {
    world: &'a World,
    key: CallKey,
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        let how = if self.world.is_dead() { Ended::Died } else { Ended::CutOff };
        self.world.ends(self.key, how);
    }
}

impl World {
    /// A call arrives. It must be a new one whose intent is on disk.
    async fn arrives(&self, key: CallKey, what: What) -> Going<'_> {
        self.alive().await;
        self.say(|| {
            format!("  run {} call {} attempt {} goes out: {what:?}", key.run, key.call, key.attempt)
        });
        if let Some(why) = self.unwanted(key, &what) {
            self.wrong(format!("{key:?} to {what:?} went out although {why}"));
        }
        let name = match &what {
            What::Model => "model",
            What::Tool(..) => "tool",
            What::List => "list",
        };
        self.with(|state| {
            state.coverage.count("call", name);
            if key.attempt > 1 {
                state.coverage.count("call again", name);
            }
            state.seen.insert(key, Seen { what, ended: Ended::Not });
        });
        self.reach(Window::CallOut);
        let going = Going { world: self, key };
        self.alive().await;
        going
    }

    /// Whoever was called has answered. The process may die before it hears that.
    async fn answers(&self, going: Going<'_>) {
        self.ends(going.key, Ended::Answered);
        self.reach(Window::CallBack);
        self.alive().await;
    }

    fn ends(&self, key: CallKey, how: Ended) {
        let mut state = self.state();
        let Some(seen) = state.seen.get_mut(&key).filter(|seen| seen.ended == Ended::Not) else { return };
        seen.ended = how;
        drop(state);
        self.say(|| format!("  run {} call {} attempt {} ended: {how:?}", key.run, key.call, key.attempt));
    }

    /// Why a call should not have been made.
    fn unwanted(&self, key: CallKey, what: &What) -> Option<String> {
        let state = self.state();
        if state.seen.contains_key(&key) {
            return Some("it had gone out before".to_owned());
        }
        let Some(kept) = state.disk.runs.get(&key.run) else {
            return Some("there is no such run".to_owned());
        };
        if !kept.is_open(key.call, key.attempt) {
            return Some("its intent is not on disk, or it has ended".to_owned());
        }
        let Some(intent) = kept.events.iter().find(|event| begins(&event.fact, key, what)) else {
            return Some("nothing on disk begins it".to_owned());
        };
        if !runs_always(&kept.run, intent) && state.orders.iter().any(|order| order.has_stopped(key.run)) {
            return Some("someone was told that the run stops".to_owned());
        }
        let is_repeated = state.seen.keys().any(|seen| (seen.run, seen.call) == (key.run, key.call));
        let may = match what {
            What::Tool(_, Again::Never) => false,
            What::Tool(_, Again::Asked) => {
                kept.events.iter().any(|event| says_again(&event.fact, key.call, &kept.events))
            }
            What::Tool(_, Again::Freely) | What::Model | What::List => true,
        };
        (is_repeated && !may).then(|| "it may have taken effect already".to_owned())
    }
}

/// Whether an event is the intent of a call.
fn begins(fact: &Fact, key: CallKey, what: &What) -> bool {
    let (call, attempt, fits) = match (fact, what) {
        (Fact::ModelCallStarted { call, attempt, .. }, What::Model)
        | (Fact::ToolListStarted { call, attempt, .. }, What::List) => (call, attempt, true),
        (Fact::ToolCallStarted { call, attempt, tool, .. }, What::Tool(name, _)) => {
            (call, attempt, tool == name)
        }
        _ => return false,
    };
    fits && (*call, *attempt) == (key.call, key.attempt)
}

/// Whether it is the intent of a hook that runs although the run is to stop.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other events are of no hook")]
fn runs_always(run: &Run, intent: &Event) -> bool {
    let place = match &intent.fact {
        Fact::ToolCallStarted { hook: Some(place), .. } => place,
        _ => return false,
    };
    let stage = run.visits().find(|visit| Some(visit.number) == intent.visit).map(|visit| &visit.stage);
    let stage = stage.and_then(|stage| run.definition().stage(stage)).map(|(_, stage)| stage);
    let hook = stage.and_then(|stage| stage.exit.get(place.index as usize));
    place.when == HookWhen::Exit && hook.is_some_and(|hook| hook.always)
}

/// Whether someone answered that a call is to be made again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other events answer nothing")]
fn says_again(fact: &Fact, call: u64, events: &[Event]) -> bool {
    let Fact::QuestionAnswered { question, text, .. } = fact else { return false };
    let asked = events.iter().find_map(|event| match &event.fact {
        Fact::QuestionAsked { question: of, call, .. } if of == question => *call,
        _ => None,
    });
    asked == Some(call) && &**text == "call it again"
}

impl Outside for World {
    fn model<'a>(
        &'a self,
        asked: ModelAsked,
        deltas: &'a mut (dyn FnMut(&str) + Send),
    ) -> BoxFuture<'a, Result<Answered, Failure>> {
        Box::pin(async move {
            let going = self.arrives(asked.key, What::Model).await;
            let mut chance = self.chance_of(asked.key);
            let silence_ms = asked.model.timeout_s * 1000;
            pass_ms(takes_ms(&mut chance, silence_ms)).await;
            let said = match chance.below(64) {
                0..=5 => Err(answers::failure(&mut chance)),
                6 => {
                    deltas("Some words, ");
                    pass_ms(chance.below(silence_ms)).await;
                    Err(answers::failed(failure::STREAM_BROKEN, true))
                }
                7 => {
                    deltas("Some more words, ");
                    pass_ms(silence_ms).await;
                    Err(answers::failed(failure::TIMED_OUT, true))
                }
                8 => {
                    // One that speaks so slowly that it is never silent.
                    deltas("Slow");
                    pass_ms(600_000).await;
                    Ok(answers::answer(&mut chance, &asked.request))
                }
                _ if self.is_stubborn(asked.key) => Ok(answers::stubborn()),
                _ => {
                    deltas("Words.");
                    Ok(answers::answer(&mut chance, &asked.request))
                }
            };
            self.answers(going).await;
            said
        })
    }

    fn tool(&self, asked: ToolAsked) -> BoxFuture<'_, ToolOutcome> {
        Box::pin(async move {
            let going = self.arrives(asked.key, What::Tool(asked.tool.clone(), Again::of(&asked))).await;
            let mut chance = self.chance_of(asked.key);
            pass_ms(takes_ms(&mut chance, 1_000)).await;
            let outcome = answers::outcome(&mut chance);
            self.answers(going).await;
            outcome
        })
    }

    fn list(&self, key: CallKey, _: String) -> BoxFuture<'_, Result<Arc<[ListedTool]>, ToolOutcome>> {
        Box::pin(async move {
            let going = self.arrives(key, What::List).await;
            let mut chance = self.chance_of(key);
            pass_ms(takes_ms(&mut chance, 1_000)).await;
            let listed = if chance.one_in(25) { Err(answers::broken()) } else { Ok(listed()) };
            self.answers(going).await;
            listed
        })
    }
}

/// Events of a run up to which a stubborn model gives the same answer: turns reach their cap by then.
const STUBBORN_UNTIL: u64 = 150;

impl World {
    /// Whether the models of a run say the same again and again.
    fn is_stubborn(&self, key: CallKey) -> bool {
        key.call < STUBBORN_UNTIL && self.answers.apart(&[key.run.unsigned_abs()]).one_in(20)
    }

    fn chance_of(&self, key: CallKey) -> Chance {
        self.answers.apart(&[key.run.unsigned_abs(), key.call, key.attempt.into()])
    }
}

/// How long a call takes: mostly a while, sometimes nothing at all.
fn takes_ms(chance: &mut Chance, most_ms: u64) -> u64 {
    if chance.one_in(6) { 0 } else { chance.below(most_ms) }
}

fn listed() -> Arc<[ListedTool]> {
    let parameters = Arc::new(json!({ "type": "object" }));
    let tools = ["t0", "t1"].map(|name| ListedTool {
        name: name.to_owned(),
        description: String::new(),
        parameters: Arc::clone(&parameters),
    });
    Arc::new(tools)
}
