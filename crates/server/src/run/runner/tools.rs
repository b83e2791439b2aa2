//! Tool calls, as a run's task makes them: with its documents, under the mark of its store, and cut off
//! at once when they are no longer wanted.

use std::sync::Arc;

use callboard_engine::command::{Command, ToolOutcome};
use callboard_engine::event::ListedTool;
use callboard_engine::run::{ListTools, ToolKey, ToolWork};
use futures_util::future::Abortable;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::Held;
use super::calls::Ear;
use super::outside::{CallKey, Outside, ToolAsked};
use crate::db::{Db, Error};
use crate::process;
use crate::run::store;
use crate::tool::{Called, Caller, ToolFailure, Tools};

/// Bytes of chance in a store's mark: two stores of one machine never have the same.
const MARK_BYTES: usize = 12;

/// The mark of a store whose own cannot be read.
const NO_MARK: &str = "callboard";

/// The tools that runs call.
pub(super) struct Toolshed {
    db: Db,
    tools: Tools,
    mark: OnceCell<Arc<str>>,
    /// Who answers in their place, in a simulation.
    outside: Option<Arc<dyn Outside>>,
}

/// A tool call to be made, with all that it needs.
pub(super) struct Errand {
    pub(super) call: u64,
    pub(super) attempt: u32,
    held: Held,
    what: What,
}

enum What {
    Call(Box<Called>, Value),
    Document(Arc<str>),
    List(String, Box<callboard_engine::definition::Tool>),
}

/// Which process works at an errand.
enum Process {
    /// None of its own.
    None,
    /// One that was started for this call.
    OfCall,
    /// A server of tools, which has begun this call and cannot be made to drop it otherwise.
    OfServer,
}

impl What {
    fn process(&self) -> Process {
        match self {
            Self::Document(_) => Process::None,
            Self::List(..) => Process::OfServer,
            Self::Call(called, _) => match **called {
                Called::BuiltIn(_) => Process::None,
                Called::Command(..) => Process::OfCall,
                Called::Mcp { .. } => Process::OfServer,
            },
        }
    }
}

impl Errand {
    /// A tool call that is owed.
    pub(super) fn of_call(held: Held, work: &ToolWork<'_>) -> Self {
        let what = match work.tool {
            ToolKey::Document { hash } => What::Document(hash.as_str().into()),
            ToolKey::BuiltIn(name) => Self::called(Called::BuiltIn(name.to_owned()), work),
            ToolKey::Command { name, tool } => {
                Self::called(Called::Command(name.to_owned(), tool.clone()), work)
            }
            ToolKey::Mcp { server, tool, name } => {
                let (server, name) = (server.to_owned(), name.to_owned());
                Self::called(Called::Mcp { server, tool: tool.clone(), name }, work)
            }
        };
        Self { call: work.call, attempt: work.attempt, held, what }
    }

    fn called(called: Called, work: &ToolWork<'_>) -> What {
        What::Call(Box::new(called), work.arguments.clone())
    }

    /// A list of tools that is owed.
    pub(super) fn of_list(held: Held, work: &ListTools<'_>) -> Self {
        let what = What::List(work.server.to_owned(), Box::new(work.tool.clone()));
        Self { call: work.call, attempt: work.attempt, held, what }
    }
}

impl Toolshed {
    pub(super) fn new(db: Db, tools: Tools, outside: Option<Arc<dyn Outside>>) -> Self {
        Self { db, tools, mark: OnceCell::new(), outside }
    }

    /// Does an errand. The command says what came of it, whichever way it ended.
    pub(super) async fn run(&self, errand: Errand, ear: Ear) -> Command {
        let Errand { call, attempt, held, what } = errand;
        // A tool that is only played leaves no process.
        let process = if self.outside.is_none() { what.process() } else { Process::None };
        let key = CallKey { run: held.id, call, attempt };
        match Abortable::new(self.done(held, key, what), ear.0).await {
            Ok(Done::Called(outcome)) => Command::TakeTool { call, attempt, outcome },
            Ok(Done::Listed(listed)) => Command::TakeTools { call, attempt, listed },
            Err(_) => {
                // A call is cut off when nothing is left of it. What it had started was killed with it; what
                // has left its group on purpose is found by the mark.
                match process {
                    Process::None => {}
                    Process::OfCall => drop(process::end_strays(&self.caller(held, call).await.mark).await),
                    Process::OfServer => self.end_now(held).await,
                }
                Command::TakeAbort { call, attempt, partial: None, sent: true }
            }
        }
    }

    /// Ends the sessions of a run with MCP servers, and waits until those of them that are processes are
    /// gone. Nothing is waited for where there are none.
    pub(super) async fn end_now(&self, held: Held) {
        if self.tools.end(held.id) {
            let mark = self.mark().await.unwrap_or_else(|_| NO_MARK.into());
            process::end_strays(&format!("{mark}/{}", held.id)).await;
        }
    }

    async fn done(&self, held: Held, key: CallKey, what: What) -> Done {
        let call = key.call;
        match (what, &self.outside) {
            (What::Document(hash), _) => Done::Called(self.document(held, &hash).await),
            (What::Call(called, arguments), Some(outside)) => {
                let tool = called.name();
                Done::Called(outside.tool(ToolAsked { key, tool, arguments }).await)
            }
            (What::List(server, _), Some(outside)) => Done::Listed(outside.list(key, server).await),
            (What::Call(called, arguments), None) => {
                let caller = self.caller(held, call).await;
                Done::Called(outcome(self.tools.call(&caller, &called, &arguments).await))
            }
            (What::List(server, tool), None) => {
                let caller = self.caller(held, call).await;
                let listed = self.tools.list(&caller, &server, &tool).await;
                let listed = listed.map(|tools| tools.into_iter().map(listed_tool).collect());
                Done::Listed(listed.map_err(|failure| outcome(Err(failure))))
            }
        }
    }

    async fn document(&self, held: Held, hash: &str) -> ToolOutcome {
        match store::document_text(&self.db, held.id, hash).await {
            Ok(Some(text)) => ToolOutcome { text, code: None },
            Ok(None) => {
                outcome(Err(ToolFailure::new("document_missing", "The document is not kept any more.")))
            }
            Err(error) => outcome(Err(ToolFailure::new(error.code(), error.to_string()))),
        }
    }

    async fn caller(&self, held: Held, call: u64) -> Caller {
        let mark = self.mark().await.unwrap_or_else(|_| NO_MARK.into());
        Caller { project_id: held.project_id, run: held.id, mark: format!("{mark}/{}/{call}", held.id) }
    }

    /// What the processes of this store's tools are marked with.
    async fn mark(&self) -> Result<Arc<str>, Error> {
        let made = async || {
            let mut bytes = [0; MARK_BYTES];
            // A mark without chance still tells the store's own processes from those of other programs.
            let _ = getrandom::fill(&mut bytes);
            let new: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            store::mark(&self.db, &new).await
        };
        self.mark.get_or_try_init(made).await.cloned()
    }

    /// Ends what tools of a process before this one have left running.
    pub(super) async fn end_strays(&self) -> Result<(), Error> {
        let mark = self.mark().await?;
        if self.outside.is_some() {
            return Ok(());
        }
        let ended = process::end_strays(&mark).await;
        if ended > 0 {
            tracing::warn!(
                "{ended} processes of tools had outlived the server before this one, and were ended"
            );
        }
        Ok(())
    }

    /// Ends the sessions of all runs with MCP servers.
    pub(super) fn end_all(&self) {
        self.tools.end_all();
    }

    /// Ends the sessions of a run with MCP servers.
    pub(super) fn end(&self, run: i64) {
        self.tools.end(run);
    }
}

enum Done {
    Called(ToolOutcome),
    Listed(Result<Arc<[ListedTool]>, ToolOutcome>),
}

fn outcome(said: Result<String, ToolFailure>) -> ToolOutcome {
    match said {
        Ok(text) => ToolOutcome { text: text.into(), code: None },
        Err(failure) => ToolOutcome { text: failure.message.into(), code: Some(failure.code.to_owned()) },
    }
}

fn listed_tool(listed: crate::mcp::ListedTool) -> ListedTool {
    ListedTool {
        name: listed.name,
        description: listed.description.unwrap_or_default(),
        parameters: Arc::new(listed.input_schema),
    }
}
