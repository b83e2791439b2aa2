//! Where a run goes on, as it is said on the command line: by the number of a visit, or by a stage's id
//! and which of its visits is meant.

use callboard_api::client::Client;
use callboard_api::rerun::Rerun;
use callboard_api::run::Visit;
use callboard_engine::rerun::Refused;

use crate::failure::Failure;
use crate::view::visit_name;

/// Where a run goes on.
#[derive(clap::Args)]
pub(super) struct PlaceArgs {
    /// Makes the last visit to this stage again, or that visit to it: the stage's id, and from 1 which visit.
    #[arg(long, value_name = "STAGE[:NTH]", value_parser = stage_place)]
    from: Option<StagePlace>,
    /// Makes the visit with this number again.
    #[arg(long, value_name = "NUMBER")]
    from_visit: Option<u32>,
    /// Takes the last visit to this stage over whole, or that visit to it, and goes on where its outcome leads.
    #[arg(long, value_name = "STAGE[:NTH]", value_parser = stage_place)]
    after: Option<StagePlace>,
    /// Takes the visit with this number over whole, and goes on where its outcome leads.
    #[arg(long, value_name = "NUMBER")]
    after_visit: Option<u32>,
    /// With --after and --after-visit: the outcome by which the visit is left, in place of its own.
    #[arg(long, value_name = "NAME")]
    outcome: Option<String>,
}

/// A visit, as people name it.
#[derive(Clone, Debug)]
struct StagePlace {
    stage: String,
    /// Which of the visits to it; the last one where none is said.
    nth: Option<u32>,
}

fn stage_place(text: &str) -> Result<StagePlace, String> {
    let place = match text.split_once(':') {
        None => StagePlace { stage: text.to_owned(), nth: None },
        Some((stage, nth)) => {
            let nth = nth.parse().ok().filter(|nth| *nth > 0);
            let nth = nth.ok_or("which visit is meant is a number from 1, such as draft:2")?;
            StagePlace { stage: stage.to_owned(), nth: Some(nth) }
        }
    };
    if place.stage.is_empty() { Err("a stage is named by its id".to_owned()) } else { Ok(place) }
}

impl PlaceArgs {
    /// Says in what is asked for where it goes on.
    pub(super) async fn set(&self, client: &Client, run: i64, asked: &mut Rerun) -> Result<(), Failure> {
        let given = [
            self.from.is_some(),
            self.from_visit.is_some(),
            self.after.is_some(),
            self.after_visit.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let message = "it is not said from where the run goes on, or it is said more than once";
            return Err(Failure::wrong_use("rerun_place_missing", message).hint(
                "Give one of --from STAGE, --from-visit NUMBER, --after STAGE, --after-visit NUMBER.",
            ));
        }
        if self.outcome.is_some() && self.after.is_none() && self.after_visit.is_none() {
            let message = "an outcome is named without the visit that it is for";
            return Err(Failure::wrong_use("outcome_without_visit", message)
                .hint("Name the visit that is to end with it, with --after or --after-visit."));
        }
        asked.from_visit = self.from_visit;
        asked.after_visit = self.after_visit;
        asked.outcome.clone_from(&self.outcome);
        if let Some(place) = &self.from {
            asked.from_visit = Some(visit(client, run, place).await?);
        }
        if let Some(place) = &self.after {
            asked.after_visit = Some(visit(client, run, place).await?);
        }
        Ok(())
    }
}

/// The number of the visit that is meant.
async fn visit(client: &Client, id: i64, place: &StagePlace) -> Result<u32, Failure> {
    let run = client.run(id).await?;
    if !run.status.is_final() {
        return Err(Refused::NotEnded { run_id: id }.into());
    }
    let visits = run.visits.unwrap_or_default();
    let mut of_stage = visits.iter().filter(|visit| visit.stage == place.stage);
    if of_stage.clone().next().is_none() {
        let visited = visits.iter().map(label).collect();
        return Err(Refused::NeverVisited { run_id: id, stage: place.stage.clone(), visited }.into());
    }
    let found = match place.nth {
        Some(nth) => of_stage.find(|visit| visit.nth == nth),
        None => of_stage.next_back(),
    };
    found.map(|visit| visit.visit).ok_or_else(|| {
        let StagePlace { stage, nth } = place;
        let nth = nth.unwrap_or_default();
        let visited: Vec<String> = visits.iter().map(label).collect();
        Failure::wrong_use("visit_not_found", format!("Run {id} has no visit {stage}:{nth}."))
            .hint(format!("It visited {}.", visited.join(", ")))
    })
}

fn label(visit: &Visit) -> String {
    visit_name(&visit.stage, visit.nth)
}

#[cfg(test)]
mod tests {
    use super::stage_place;

    #[test]
    fn a_visit_is_named_by_its_stage_and_its_number_there() {
        let read = |text| stage_place(text).map(|place| (place.stage, place.nth));
        assert_eq!(read("draft"), Ok(("draft".to_owned(), None)));
        assert_eq!(read("draft:2"), Ok(("draft".to_owned(), Some(2))));
        for wrong in ["", ":1", "draft:", "draft:0", "draft:x", "draft:-1", "a:b:1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
