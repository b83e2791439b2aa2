//! Going on from a stage of an ended run: what is taken over, and where it goes on.

use callboard_engine::event::Inherited;

/// What is told of what a run took over.
pub(crate) fn detail(inherited: &Inherited) -> String {
    let visits = inherited.visits.iter().map(|visit| {
        let outcome = visit.outcome.as_ref().map(|outcome| format!(":{outcome}")).unwrap_or_default();
        format!("{} {}{outcome}", visit.visit, visit.stage)
    });
    let visits: Vec<String> = visits.collect();
    let way = if inherited.after { "after" } else { "at" };
    format!("from {} {way} {} [{}]", inherited.run_id, inherited.stage, visits.join(", "))
}
