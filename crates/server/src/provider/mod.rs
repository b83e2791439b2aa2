//! Calls to language models, whatever their wire format.
//!
//! [`Providers::answer`] is the way in: it asks and it hears. Asking puts the engine's question into the
//! model's format ([`openai`], [`anthropic`], [`gemini`], [`ollama`]); hearing sends it ([`http`],
//! [`client`]), and reads the answer as it comes in ([`lines`], [`draft`]). What a provider says instead
//! of an answer becomes a [`Failure`] ([`refusal`]). The [`simulated`] model needs none of that. A
//! [`Gate`] holds back calls that a model's limits do not allow yet.
//!
//! Nothing here knows of runs, of what is stored, or of who asks; nothing is tried again, and
//! dropping the future of a call ends its connection at once.

mod gate;

mod client;
mod http;
mod refusal;

mod conversation;
mod draft;
mod lines;

mod anthropic;
mod gemini;
mod ollama;
mod openai;

mod simulated;

use std::fmt;
use std::time::Duration;

use callboard_engine::call::{Answer, Failure, Request, Tokens};
use callboard_engine::definition::{Model, ProviderKind};
use serde_json::Value;

pub use crate::secret::Secret;
pub use draft::ANSWER_BYTES_MAX;
pub use gate::{Gate, Gates, Pass};

use draft::Draft;
use http::{Exchange, Http, Outgoing};

/// One call to a model.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What is asked.
    pub request: &'a Request,
    /// Who is asked.
    pub model: &'a Model,
    /// The key that opens the door there.
    pub key: Option<&'a Secret>,
}

/// A question in its model's format.
#[derive(Debug)]
pub struct Asked(Way);

/// How a question gets to its model.
#[derive(Debug)]
enum Way {
    Simulated(Box<simulated::Prepared>),
    Http(Box<Sending>),
}

/// A question that goes to a server.
struct Sending {
    outgoing: Outgoing,
    reader: Box<dyn http::Reader>,
    silence: Duration,
    key: Option<Secret>,
    ids: usize,
}

impl fmt::Debug for Sending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sending")
    }
}

/// What a model answered, and what it says that this used.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// What the provider counted; none where it did not say.
    pub tokens: Option<Tokens>,
}

impl Answered {
    /// The answer without the character U+0000, which PostgreSQL keeps in no text: a run could not go on
    /// past an answer that cannot be stored.
    fn without_nul(mut self) -> Self {
        replace_nul(&mut self.answer.text);
        self.answer.tool_calls.iter_mut().for_each(|call| replace_nul_in(&mut call.arguments));
        self
    }
}

/// A model whose answers have at most so many tokens, whatever its own parameters say.
fn lowered(model: &Model, max_tokens: u64) -> Model {
    let mut model = model.clone();
    model.parameters.remove("max_completion_tokens");
    model.parameters.insert("max_tokens".to_owned(), max_tokens.into());
    model
}

fn replace_nul(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
}

fn replace_nul_in(value: &mut Value) {
    match value {
        Value::String(text) => replace_nul(text),
        Value::Array(items) => items.iter_mut().for_each(replace_nul_in),
        Value::Object(fields) => {
            fields.values_mut().for_each(replace_nul_in);
            if fields.keys().any(|name| name.contains('\0')) {
                let named = std::mem::take(fields).into_iter();
                fields.extend(named.map(|(name, value)| (name.replace('\0', "\u{fffd}"), value)));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// All providers, behind one door. One is enough for a process: connections are shared by its calls, and
/// by its clones.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    http: Http,
    words_per_second: Option<f64>,
}

impl Providers {
    /// Providers that have not spoken to anyone yet.
    ///
    /// `words_per_second` is the pace of every simulated model of this process, whatever its parameters
    /// say; zero is at once.
    pub fn new(words_per_second: Option<f64>) -> Self {
        Self { http: Http::default(), words_per_second }
    }

    /// Puts a question into its model's format. The question itself is not needed any more then, and
    /// is mostly larger.
    pub fn ask(&self, call: Call<'_>) -> Result<Asked, Failure> {
        let lowered = call.request.max_tokens.map(|max_tokens| lowered(call.model, max_tokens));
        let call = Call { model: lowered.as_ref().unwrap_or(call.model), ..call };
        let (outgoing, reader): (Outgoing, Box<dyn http::Reader>) = match call.model.provider {
            ProviderKind::Simulated => {
                return Ok(Asked(Way::Simulated(Box::new(simulated::prepare(call, self.words_per_second)?))));
            }
            ProviderKind::Openai => {
                (openai::ask(call, openai::Dialect::Openai)?, Box::new(openai::Reader::default()))
            }
            ProviderKind::OpenaiCompatible => {
                (openai::ask(call, openai::Dialect::Compatible)?, Box::new(openai::Reader::default()))
            }
            ProviderKind::Anthropic => (anthropic::ask(call)?, Box::new(anthropic::Reader::default())),
            ProviderKind::Gemini => (gemini::ask(call)?, Box::new(gemini::Reader::default())),
            ProviderKind::Ollama => (ollama::ask(call)?, Box::new(ollama::Reader::default())),
        };
        Ok(Asked(Way::Http(Box::new(Sending {
            outgoing,
            reader,
            silence: Duration::from_secs(call.model.timeout_s),
            key: call.key.cloned(),
            ids: draft::ids(call.request),
        }))))
    }

    /// Sends a question, and hands on the words of its answer as they come.
    ///
    /// The words of a call that fails in the end have been handed on too: whoever shows them takes
    /// them back then.
    pub async fn hear(
        &self,
        asked: Asked,
        deltas: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answered, Failure> {
        let answered = match asked.0 {
            Way::Simulated(prepared) => prepared.speak(deltas).await?,
            Way::Http(sending) => {
                // Taken apart before anything is waited for: what waits is held for as long.
                let Sending { outgoing, mut reader, silence, key, ids } = *sending;
                let exchange = Exchange { framing: outgoing.framing(), silence, key };
                let sent = self.http.client()?.send(outgoing.into_request());
                let mut draft = Draft::new(ids, deltas);
                exchange.carry_out(sent, reader.as_mut(), &mut draft).await?;
                draft.into_answered()
            }
        };
        Ok(answered.without_nul())
    }

    /// Asks a model, and hears its answer.
    pub async fn answer(
        &self,
        call: Call<'_>,
        deltas: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answered, Failure> {
        self.hear(self.ask(call)?, deltas).await
    }
}
