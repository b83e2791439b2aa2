//! Watching a run of a server: shown as it goes, as `callboard run` shows its own. Whoever stops
//! watching stops nothing else.

use std::process::ExitCode;
use std::time::Duration;

use callboard_api::client::{Client, Live};
use callboard_api::run::{Run, Status};
use callboard_engine::project;
use callboard_server::clock::Clock;

use super::follow::TICK;
use crate::exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::talk::{give, give_text, say};
use crate::view::{Answers, View, explain, simulated};

/// A run of a server.
pub(crate) struct Watched<'c> {
    pub(crate) client: &'c Client,
    pub(crate) id: i64,
}

/// How watching came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The run ended so.
    Ended(Status),
    /// The person wants to see no more.
    Left,
    /// The time that was given for it is over.
    Over,
}

impl Watched<'_> {
    /// Shows the run until it ends, at most for so long.
    pub(crate) async fn show(
        &self,
        interrupts: &mut Interrupts,
        within: Option<Duration>,
    ) -> Result<End, Failure> {
        let over = async {
            match within {
                Some(within) => tokio::time::sleep(within).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = self.view() => ended,
            () = interrupts.next() => Ok(End::Left),
            () = over => Ok(End::Over),
        }
    }

    async fn view(&self) -> Result<End, Failure> {
        let run = self.client.run(self.id).await?;
        let clock = Clock::system();
        let mut view = View::new(self.id, true, Answers::Command, self.simulated(&run).await);
        let mut follow = self.client.follow(self.id, 0);
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            let live = {
                // Begun anew at every tick, a connection that takes longer than one would never come about.
                let mut next = std::pin::pin!(follow.next());
                loop {
                    tokio::select! {
                        live = &mut next => break live?,
                        _ = ticks.tick() => view.tick(clock.now()),
                    }
                }
            };
            match live {
                // What this version does not know is in the record, and cannot be shown here.
                Some(Live::Event(told)) => {
                    if let Some(event) = told.event() {
                        view.see(&event, clock.now());
                    }
                }
                Some(Live::Delta(words)) => view.hear(words.call, &words.agent, &words.text, clock.now()),
                Some(Live::Lost { why }) => {
                    view.wait(&format!("connection lost, and looked for again: {why}"), clock.now())
                }
                Some(Live::End(end)) => return Ok(End::Ended(end.status)),
                None => return Err(Failure::failed("internal", "the stream is over without an end")),
            }
        }
    }

    /// The models of the run that are not real ones, by its project as it is now. That it cannot be
    /// known is no reason not to show the run.
    async fn simulated(&self, run: &Run) -> Vec<String> {
        let file = self.client.export(run.project_id, callboard_api::client::Form::Json).await.ok();
        let project = file.and_then(|file| project::read(&file).project);
        let definition = project.and_then(|project| project::compile(&project, &run.workflow).ok());
        definition.map(|definition| simulated(&definition)).unwrap_or_default()
    }

    /// Prints what a run gave that was watched, and answers how the command ends.
    pub(crate) async fn finish(&self, end: End, json: bool) -> Result<ExitCode, Failure> {
        match end {
            End::Ended(_) => {
                let run = self.client.run(self.id).await?;
                give_run(&run, json)?;
                Ok(exit::code(code(run.status)))
            }
            End::Left => Ok(self.left()),
            End::Over => {
                let id = self.id;
                Err(Failure::failed(
                    "wait_over",
                    format!("run {id} has not ended in the time that it was waited for"),
                )
                .hint(format!("It goes on; see how with: callboard runs follow {id}")))
            }
        }
    }

    /// Says that the run goes on without being watched.
    pub(crate) fn left(&self) -> ExitCode {
        let id = self.id;
        say(format_args!("Run {id} goes on at the server. Stop it with: callboard runs stop {id}"));
        exit::code(exit::STOPPED)
    }
}

/// Gives what a run gave: its result, or all of it as JSON; and says why it has none.
pub(crate) fn give_run(run: &Run, json: bool) -> Result<(), Failure> {
    if json {
        give(serde_json::to_string(run).map_err(|error| Failure::failed("internal", error))?)?;
    } else if let Some(result) = &run.result {
        give_text(result)?;
    }
    if let Some(error) = &run.error {
        say(explain(error));
    }
    Ok(())
}

/// How a command ends that was about a run which ended so.
pub(crate) fn code(status: Status) -> u8 {
    match status {
        Status::Completed => 0,
        Status::Stopped => exit::STOPPED,
        Status::Error | Status::Pending | Status::Running => exit::ERROR,
    }
}
