//! Runs: started, listed, read, answered, stopped and deleted. Following one is beside this.

use std::time::Duration;

use bytes::Bytes;
use callboard_engine::definition::Limits;
use callboard_engine::event::SourceKind;
use hyper::body::Incoming;
use hyper::{Method, Response, StatusCode};
use serde_json::value::RawValue;

use super::wire::Call;
use super::{Client, Error, Follow, Query, Told};
use crate::list::List;
use crate::run::{
    AnswerQuestion, DecideApproval, Document, Run, SendMessage, Status, StopRun, Trigger, Triggered,
};

/// What a list of runs is filtered by. What is absent lets all through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The number of a project.
    pub project: Option<i64>,
    /// The number of a workflow.
    pub workflow: Option<i64>,
    /// Where they are in their lives.
    pub status: Option<Status>,
    /// In which way they were started.
    pub source: Option<SourceKind>,
}

/// A run that was started.
#[derive(Clone, Debug, PartialEq)]
pub enum Started {
    /// It goes on.
    Going(Triggered),
    /// It ended within the time that was waited for it.
    Ended(Box<Run>),
}

/// A run's file, as it comes.
#[derive(Debug)]
pub struct Export {
    client: Client,
    answer: Response<Incoming>,
}

impl Export {
    /// The next bytes of the file; nothing at its end. A file that broke off is an error.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        self.client.wire.next(&mut self.answer).await
    }
}

impl Client {
    /// Starts a run. With a key the same call may be made again and starts none twice. With `wait`
    /// the answer comes when the run has ended, or after so many seconds.
    pub async fn trigger(
        &self,
        trigger: &Trigger,
        key: Option<&str>,
        wait: Option<u64>,
    ) -> Result<Started, Error> {
        let mut call = Call::new(Method::POST, Query::default().and("wait", wait).behind("/trigger"));
        if let Some(key) = key {
            call = call.header("idempotency-key", "idempotency key", key)?;
        }
        let call = call.json(trigger).patient(Duration::from_secs(wait.unwrap_or(0)));
        let answer = self.wire.answer(call).await?;
        if answer.status == StatusCode::OK {
            return self.wire.parse(&answer).map(Started::Ended);
        }
        self.wire.parse(&answer).map(Started::Going)
    }

    /// A page of the runs, newest first, without their visits and memory.
    pub async fn runs(
        &self,
        filter: Filter,
        after: Option<&str>,
        limit: Option<u64>,
    ) -> Result<List<Run>, Error> {
        let query = Query::default()
            .and("project", filter.project)
            .and("workflow", filter.workflow)
            .and("status", filter.status.map(Status::name))
            .and("source", filter.source.map(SourceKind::name))
            .and("after", after)
            .and("limit", limit);
        self.wire.read(Call::get(query.behind("/runs"))).await
    }

    /// A run.
    pub async fn run(&self, id: i64) -> Result<Run, Error> {
        self.wire.read(Call::get(format!("/runs/{id}"))).await
    }

    /// Asks a run to stop. It is stopped when nothing of it is in flight any more.
    pub async fn stop(&self, id: i64, reason: Option<String>) -> Result<Run, Error> {
        let call = Call::new(Method::POST, format!("/runs/{id}/stop"));
        self.wire.read(call.json(&StopRun { reason })).await
    }

    /// The documents of a run.
    pub async fn documents(&self, id: i64) -> Result<Vec<Document>, Error> {
        let call = Call::get(format!("/runs/{id}/documents"));
        self.wire.read::<List<Document>>(call).await.map(|list| list.items)
    }

    /// Answers a question of a run.
    pub async fn answer(&self, id: i64, answer: &AnswerQuestion) -> Result<Run, Error> {
        self.wire.read(Call::new(Method::POST, format!("/runs/{id}/answers")).json(answer)).await
    }

    /// Gives or refuses leave.
    pub async fn decide(&self, id: i64, decision: &DecideApproval) -> Result<Run, Error> {
        self.wire.read(Call::new(Method::POST, format!("/runs/{id}/approvals")).json(decision)).await
    }

    /// Says something to the agents of a run.
    pub async fn say(&self, id: i64, text: String) -> Result<Run, Error> {
        let call = Call::new(Method::POST, format!("/runs/{id}/messages"));
        self.wire.read(call.json(&SendMessage { text })).await
    }

    /// Changes the limits of a run; those that are absent stay as they are.
    pub async fn limits(&self, id: i64, limits: &Limits) -> Result<Run, Error> {
        self.wire.read(Call::new(Method::POST, format!("/runs/{id}/limits")).json(limits)).await
    }

    /// Deletes a run that has ended.
    pub async fn delete(&self, id: i64) -> Result<(), Error> {
        self.wire.answer(Call::new(Method::DELETE, format!("/runs/{id}"))).await.map(drop)
    }

    /// A run as one file, as it comes: it may be larger than what an answer may be otherwise.
    pub async fn export_run(&self, id: i64) -> Result<Export, Error> {
        let answer = self.wire.open(Call::get(format!("/runs/{id}/export"))).await?;
        Ok(Export { client: self.clone(), answer })
    }

    /// A page of the events of a run after that one, oldest first.
    pub async fn events(&self, id: i64, after: u64, limit: Option<u64>) -> Result<List<Told>, Error> {
        let query = Query::default().and("after", (after > 0).then_some(after)).and("limit", limit);
        let call = Call::get(query.behind(&format!("/runs/{id}/events")));
        let List { items, next } = self.wire.read::<List<Box<RawValue>>>(call).await?;
        let told = items.into_iter().map(|text| Told::of(text.get().to_owned()));
        let items: Option<Vec<Told>> = told.collect();
        let items = items.ok_or_else(|| self.wire.not_callboard(None, "an event without a number"))?;
        Ok(List { items, next })
    }

    /// Follows a run from after that event on: what happened, and what happens from there.
    pub fn follow(&self, id: i64, after: u64) -> Follow {
        Follow::new(self.clone(), id, after)
    }
}
