//! A provider on the bench: the fake that it speaks to, and short ways to ask it.

use callboard_engine::call::{Failure, Message, Request, Scene, ToolSpec};
use callboard_engine::definition::{Model, ProviderKind};
use callboard_fake_model::{FakeModel, Format};
use callboard_server::provider::{Answered, Call, Providers, Secret};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};

/// The providers that speak to a server.
pub(crate) const KINDS: [ProviderKind; 5] = [
    ProviderKind::Openai,
    ProviderKind::OpenaiCompatible,
    ProviderKind::Anthropic,
    ProviderKind::Gemini,
    ProviderKind::Ollama,
];

/// The key that is sent, and that must turn up nowhere else.
pub(crate) const KEY: &str = "sk-very-secret";

/// One provider, and a fake of its own.
pub(crate) struct Bench {
    pub(crate) kind: ProviderKind,
    pub(crate) fake: FakeModel,
    pub(crate) model: Model,
    pub(crate) providers: Providers,
}

/// What a call gave, and what was heard meanwhile.
pub(crate) struct Heard {
    pub(crate) outcome: Result<Answered, Failure>,
    pub(crate) deltas: Vec<String>,
}

/// Carries a case out for every provider.
pub(crate) async fn each(case: impl AsyncFn(Bench)) {
    let case = &case;
    join_all(KINDS.map(|kind| async move { case(Bench::of(kind).await).await })).await;
}

impl Bench {
    pub(crate) async fn of(kind: ProviderKind) -> Self {
        let fake = FakeModel::start().await.unwrap();
        let model = Model {
            provider: kind,
            model: "fake".into(),
            base_url: Some(fake.base_url(format(kind))),
            api_key: None,
            parameters: Map::new(),
            price: None,
            timeout_s: 20,
            retry_for_s: 0,
            tools: true,
            context_tokens: Model::CONTEXT_TOKENS,
            max_at_once: 50,
            per_minute: None,
            fallback: None,
            script: Vec::new(),
        };
        Self { kind, fake, model, providers: Providers::new(None) }
    }

    pub(crate) async fn hear(&self, request: &Request) -> Heard {
        let mut deltas = Vec::new();
        let key = Secret::new(KEY);
        let call = Call { request, model: &self.model, key: Some(&key) };
        let outcome = self.providers.answer(call, &mut |delta| deltas.push(delta.to_owned())).await;
        Heard { outcome, deltas }
    }

    pub(crate) async fn answer(&self, request: &Request) -> Answered {
        self.hear(request).await.outcome.unwrap_or_else(|failure| panic!("{:?}: {failure:?}", self.kind))
    }

    pub(crate) async fn failure(&self, request: &Request) -> Failure {
        match self.hear(request).await.outcome {
            Ok(answered) => panic!("{:?} answered: {answered:?}", self.kind),
            Err(failure) => failure,
        }
    }

    /// The body of the newest request.
    pub(crate) fn sent(&self) -> Value {
        self.fake.requests().last().unwrap().json()
    }
}

fn format(kind: ProviderKind) -> Format {
    match kind {
        ProviderKind::Openai | ProviderKind::OpenaiCompatible => Format::Openai,
        ProviderKind::Anthropic => Format::Anthropic,
        ProviderKind::Gemini => Format::Gemini,
        ProviderKind::Ollama => Format::Ollama,
        ProviderKind::Simulated => panic!("it speaks to no one"),
    }
}

/// A question without tools.
pub(crate) fn question(text: &str) -> Request {
    Request {
        system: "You are the editor.".into(),
        messages: vec![Message::User(text.into())],
        tools: Vec::new(),
        must_call: None,
        max_tokens: None,
        scene: Scene::default(),
    }
}

/// A question with tools of those names, each with one argument.
pub(crate) fn with_tools(text: &str, names: &[&str]) -> Request {
    let tool = |name: &&str| ToolSpec {
        name: (*name).into(),
        description: format!("Does {name}."),
        parameters: parameters(),
    };
    Request { tools: names.iter().map(tool).collect(), ..question(text) }
}

/// The schema of those tools' arguments.
pub(crate) fn parameters() -> Value {
    json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] })
}
