//! `callboard runs answer`, `approve`, `say` and `limits`: a person's part in a run of a server.

use std::process::ExitCode;

use callboard_api::client::Client;
use callboard_api::run::{AnswerQuestion, AskKind, Asked, DecideApproval};
use callboard_engine::definition::{Limits, OnLimit};
use clap::builder::PossibleValuesParser;

use super::show::asked_text;
use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::talk::{harmless, say};

/// Answers a question that a run asks.
#[derive(clap::Args)]
pub(crate) struct Answer {
    /// The run's number.
    id: i64,
    /// The answer.
    text: String,
    /// The question's number; may be left out where only one is open.
    #[arg(long, value_name = "NUMBER")]
    question: Option<u64>,
    #[command(flatten)]
    server: ServerArgs,
}

/// Approves what a run asks leave for, or rejects it.
#[derive(clap::Args)]
pub(crate) struct Approve {
    /// The run's number.
    id: i64,
    /// The approval's number; may be left out where only one is asked for.
    #[arg(long, value_name = "NUMBER")]
    approval: Option<u64>,
    /// Rejects it.
    #[arg(long)]
    reject: bool,
    /// What is said about it: whoever works next reads it.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

/// Sends a message to the agents of a run, who read it at their next turns.
#[derive(clap::Args)]
pub(crate) struct Say {
    /// The run's number.
    id: i64,
    /// What it says.
    text: String,
    #[command(flatten)]
    server: ServerArgs,
}

/// Changes the limits of a run; those that are not named stay as they are.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("limit").required(true).multiple(true))]
pub(crate) struct ChangeLimits {
    /// The run's number.
    id: i64,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// What a run may use.
#[derive(clap::Args)]
pub(super) struct LimitArgs {
    /// US dollars.
    #[arg(long, value_name = "NUMBER", group = "limit")]
    cost_usd: Option<f64>,
    /// Tokens, input and output together.
    #[arg(long, value_name = "NUMBER", group = "limit")]
    tokens: Option<u64>,
    /// Seconds; waiting for people does not count.
    #[arg(long, value_name = "NUMBER", group = "limit")]
    wall_s: Option<u64>,
    /// Model calls.
    #[arg(long, value_name = "NUMBER", group = "limit")]
    model_calls: Option<u64>,
    /// What the run does at a limit.
    #[arg(long, value_name = "WHAT", group = "limit", value_parser = PossibleValuesParser::new(["wait", "stop"]))]
    on_limit: Option<String>,
}

impl LimitArgs {
    /// Those that are given.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            cost_usd: self.cost_usd,
            tokens: self.tokens,
            wall_s: self.wall_s,
            model_calls: self.model_calls,
            on_limit: self.on_limit.as_deref().map(|what| match what {
                "stop" => OnLimit::Stop,
                _ => OnLimit::Wait,
            }),
        }
    }
}

pub(crate) async fn answer(args: &Answer) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let question = match args.question {
        Some(question) => question,
        None => only(&client, args.id, Kind::Question).await?,
    };
    let run = client.answer(args.id, &AnswerQuestion { question, text: args.text.clone() }).await?;
    say(format_args!("question {question} of run {} is answered", run.id));
    Ok(exit::code(0))
}

pub(crate) async fn approve(args: &Approve) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let approval = match args.approval {
        Some(approval) => approval,
        None => only(&client, args.id, Kind::Approval).await?,
    };
    let decision = DecideApproval { approval, approve: !args.reject, comment: args.comment.clone() };
    let run = client.decide(args.id, &decision).await?;
    let word = if args.reject { "rejected" } else { "approved" };
    say(format_args!("approval {approval} of run {}: {word}", run.id));
    Ok(exit::code(0))
}

pub(crate) async fn speak(args: &Say) -> Result<ExitCode, Failure> {
    let run = args.server.client()?.say(args.id, args.text.clone()).await?;
    say(format_args!("the agents of run {} read it at their next turns", run.id));
    Ok(exit::code(0))
}

pub(crate) async fn limits(args: &ChangeLimits) -> Result<ExitCode, Failure> {
    let run = args.server.client()?.limits(args.id, &args.limits.limits()).await?;
    say(format_args!("the limits of run {} are changed", run.id));
    Ok(exit::code(0))
}

/// What a command is about.
#[derive(Clone, Copy)]
enum Kind {
    Question,
    Approval,
}

impl Kind {
    fn has(self, asked: &Asked) -> bool {
        match (self, asked.kind) {
            (Self::Question, AskKind::Question | AskKind::Again) | (Self::Approval, AskKind::Approval) => {
                true
            }
            (Self::Question, AskKind::Approval) | (Self::Approval, AskKind::Question | AskKind::Again) => {
                false
            }
        }
    }
}

/// The number of the one thing of that kind that a run asks.
async fn only(client: &Client, id: i64, kind: Kind) -> Result<u64, Failure> {
    let run = client.run(id).await?;
    let asks: Vec<&Asked> = run.asks.iter().flatten().filter(|asked| kind.has(asked)).collect();
    match (asks.as_slice(), kind) {
        ([asked], _) => Ok(asked.number),
        ([], Kind::Question) => {
            Err(Failure::wrong_use("run_not_waiting", format!("run {id} asks no question")))
        }
        ([], Kind::Approval) => {
            Err(Failure::wrong_use("run_not_waiting", format!("run {id} asks for no approval")))
        }
        (many, Kind::Question) => {
            let numbers: Vec<String> = many
                .iter()
                .map(|asked| format!("{} ({})", asked.number, harmless(&asked_text(&run, asked))))
                .collect();
            Err(Failure::wrong_use("question_missing", format!("run {id} asks several questions; name one"))
                .hint(format!("Say which with --question: {}.", numbers.join(", "))))
        }
        // A run asks for one approval at a time.
        (many, Kind::Approval) => Ok(many.last().map_or(0, |asked| asked.number)),
    }
}
