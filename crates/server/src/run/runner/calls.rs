//! Model calls, as a run's task makes them: with the model's key, within its limits, and cut off
//! at once when they are no longer wanted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use callboard_engine::call::{Failure, Request};
use callboard_engine::command::Command;
use callboard_engine::definition::Definition;
use callboard_engine::run::ModelCall;
use futures_util::future::Abortable;

use super::Held;
use super::feed::{Feed, Live};
use super::outside::{CallKey, ModelAsked, Outside};
use super::told::Words as Spoken;
use crate::model::key;
use crate::provider::{Answered, Asked, Call, Gate, Gates, Providers};
use crate::secret::Secrets;

/// The models that runs speak to.
pub(super) struct Models {
    providers: Providers,
    gates: Gates,
    secrets: Secrets,
    /// Who answers in their place, in a simulation.
    outside: Option<Arc<dyn Outside>>,
}

/// A call to be made, with all that it needs.
pub(super) struct Outgoing {
    pub(super) call: u64,
    pub(super) attempt: u32,
    pub(super) agent: Arc<str>,
    /// What is asked, or why it cannot be.
    pub(super) question: Result<Question, Failure>,
    pub(super) feed: Feed,
}

/// A question, and the gate that it has to pass.
pub(super) struct Question {
    form: Form,
    gate: Arc<Gate>,
}

/// A question as it is put to whoever answers.
enum Form {
    Wire(Asked),
    Played(Box<ModelAsked>),
}

impl Models {
    pub(super) fn new(providers: Providers, secrets: Secrets, outside: Option<Arc<dyn Outside>>) -> Self {
        Self { providers, gates: Gates::default(), secrets, outside }
    }

    /// Puts a question into its model's format, so that it can wait without the engine's own.
    pub(super) fn ask(
        &self,
        held: Held,
        definition: &Definition,
        owed: &ModelCall<'_>,
        request: &Request,
    ) -> Result<Question, Failure> {
        let key = key::of(&self.secrets, held.project_id, owed.model)?;
        let form = if self.outside.is_some() {
            let key = CallKey { run: held.id, call: owed.call, attempt: owed.attempt };
            let (model, request) = (owed.model.clone(), request.clone());
            Form::Played(Box::new(ModelAsked { key, model, request }))
        } else {
            Form::Wire(self.providers.ask(Call { request, model: owed.model, key: key.as_ref() })?)
        };
        // Limits are a project's own, even where another names a model the same.
        let gate = self.gates.of(&format!("{}/{}", definition.project, owed.model_name), owed.model);
        Ok(Question { form, gate })
    }

    /// Makes a call. The command says what came of it, whichever way it ended.
    pub(super) async fn make(&self, outgoing: Outgoing, ear: Ear) -> Command {
        let Outgoing { call, attempt, agent, question, feed } = outgoing;
        let (words, sent) = (Words::default(), AtomicBool::new(false));
        let mut deltas = |text: &str| {
            words.push(text);
            feed.say(|| Live::Delta(Arc::new(Spoken::new(call, attempt, Arc::clone(&agent), text))));
        };
        let answer = match question {
            Ok(question) => Abortable::new(self.hear(question, &sent, &mut deltas), ear.0).await,
            Err(failure) => Ok(Err(failure)),
        };
        match answer {
            Ok(Ok(answered)) => Command::TakeAnswer {
                call,
                attempt,
                answer: Arc::new(answered.answer),
                tokens: answered.tokens,
            },
            Ok(Err(failure)) => Command::TakeFailure { call, attempt, failure, partial: words.take() },
            Err(_) => Command::TakeAbort { call, attempt, partial: words.take(), sent: sent.into_inner() },
        }
    }

    async fn hear(
        &self,
        question: Question,
        sent: &AtomicBool,
        deltas: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answered, Failure> {
        let _pass = question.gate.pass().await;
        sent.store(true, Ordering::Relaxed);
        match (question.form, &self.outside) {
            (Form::Wire(asked), _) => self.providers.hear(asked, deltas).await,
            (Form::Played(asked), Some(outside)) => outside.model(*asked, deltas).await,
            (Form::Played(_), None) => Err(key::missing("Nobody plays this model.".to_owned())),
        }
    }
}

/// Where an abort is heard.
pub(super) struct Ear(pub(super) futures_util::future::AbortRegistration);

/// The words that have come so far; they outlive the call that is cut off.
#[derive(Default)]
struct Words(Mutex<String>);

impl Words {
    fn push(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }

    fn take(&self) -> Option<String> {
        let words = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (!words.is_empty()).then_some(words)
    }
}
