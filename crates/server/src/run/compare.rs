//! Two runs side by side: where they went, what came of it, and what it took.

use callboard_api::compare::{
    ComparedVisit, Comparison, LineDifference, LineSide, MemoryDifference, Pair, Side, TextDifference,
};
use callboard_api::rerun::Figures;
use callboard_api::run::{Run, Visit};
use callboard_engine::definition::{Definition, Difference};
use callboard_engine::event::Usage;
use serde_json::Value;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

/// Lines of one text that are compared: a result is a page or some; more would take seconds.
const LINES_MAX: usize = 2_000;

/// Lines that are compared in all, of runs with many visits.
const LINES_IN_ALL_MAX: usize = 40_000;

/// Lines that are alike and shown around those that differ, so that one sees where they stand.
const CONTEXT_LINES: usize = 2;

/// A run with its definition.
pub(crate) type Ran<'r> = (&'r Run, &'r Definition);

/// How two runs differ.
pub(crate) fn compare((a, a_definition): Ran<'_>, (b, b_definition): Ran<'_>) -> Comparison {
    let mut texts = Texts { lines_left: LINES_IN_ALL_MAX };
    Comparison {
        a: side(a),
        b: side(b),
        definition: Difference::between(a_definition, b_definition),
        same_input: a.input == b.input,
        result: texts.difference(a.result.as_deref().unwrap_or(""), b.result.as_deref().unwrap_or("")),
        visits: pairs(visits(a), visits(b), &mut texts),
        memory: memory(a, b),
    }
}

fn visits(run: &Run) -> &[Visit] {
    run.visits.as_deref().unwrap_or_default()
}

fn side(run: &Run) -> Side {
    Side {
        run_id: run.id,
        workflow: run.workflow.clone(),
        status: run.status,
        definition: run.definition.clone(),
        path: visits(run).iter().map(|visit| visit.stage.clone()).collect(),
        figures: figures(run.usage, run.duration_ms),
    }
}

/// What something took.
pub(crate) fn figures(usage: Usage, duration_ms: u64) -> Figures {
    Figures {
        tokens: usage.input_tokens + usage.output_tokens,
        cost_usd: usage.cost_usd.dollars(),
        duration_ms,
    }
}

/// Visits to the same stage stand side by side; what only one run has stands where it had it.
fn pairs(a: &[Visit], b: &[Visit], texts: &mut Texts) -> Vec<Pair> {
    let keys = |visits: &[Visit]| -> Vec<(String, u32)> {
        visits.iter().map(|visit| (visit.stage.clone(), visit.nth)).collect()
    };
    let (a_keys, b_keys) = (keys(a), keys(b));
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &a_keys, &b_keys) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            let both = a[old_index..old_index + len].iter().zip(&b[new_index..new_index + len]);
            pairs.extend(both.map(|(a, b)| pair(Some(a), Some(b), texts)));
            continue;
        }
        let only_a = a[op.old_range()].iter().filter(|visit| !is_in(b, visit));
        pairs.extend(only_a.map(|visit| pair(Some(visit), None, texts)));
        for visit in &b[op.new_range()] {
            // A stage that both visited, at another place of the way.
            let other = a.iter().find(|other| is_same(other, visit));
            pairs.push(pair(other, Some(visit), texts));
        }
    }
    pairs
}

fn is_same(one: &Visit, other: &Visit) -> bool {
    one.stage == other.stage && one.nth == other.nth
}

fn is_in(visits: &[Visit], visit: &Visit) -> bool {
    visits.iter().any(|other| is_same(other, visit))
}

fn pair(a: Option<&Visit>, b: Option<&Visit>, texts: &mut Texts) -> Pair {
    let named = b.or(a);
    let result = a
        .zip(b)
        .map(|(a, b)| texts.difference(a.result.as_deref().unwrap_or(""), b.result.as_deref().unwrap_or("")));
    Pair {
        stage: named.map(|visit| visit.stage.clone()).unwrap_or_default(),
        name: named.map(|visit| visit.name.clone()).unwrap_or_default(),
        nth: named.map_or(0, |visit| visit.nth),
        a: a.map(compared),
        b: b.map(compared),
        result,
    }
}

fn compared(visit: &Visit) -> ComparedVisit {
    ComparedVisit {
        visit: visit.visit,
        status: visit.status,
        outcome: visit.outcome.clone(),
        figures: figures(visit.usage, visit.duration_ms),
    }
}

fn memory(a: &Run, b: &Run) -> Vec<MemoryDifference> {
    let (Some(a), Some(b)) = (&a.memory, &b.memory) else { return Vec::new() };
    let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
    let value =
        |of: Option<&callboard_api::run::Shared>| of.map_or(Value::Null, |shared| shared.value.clone());
    keys.map(|key| MemoryDifference { key: key.clone(), a: value(a.get(key)), b: value(b.get(key)) })
        .filter(|difference| difference.a != difference.b)
        .collect()
}

/// Compares texts, as long as there is room for more.
struct Texts {
    lines_left: usize,
}

impl Texts {
    fn difference(&mut self, a: &str, b: &str) -> TextDifference {
        if a == b {
            return TextDifference { same: true, ..TextDifference::default() };
        }
        let longest = a.lines().count().max(b.lines().count());
        if longest > LINES_MAX.min(self.lines_left) {
            return TextDifference { too_long: true, ..TextDifference::default() };
        }
        self.lines_left -= longest;
        TextDifference { lines: lines(a, b), ..TextDifference::default() }
    }
}

fn lines(a: &str, b: &str) -> Vec<LineDifference> {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let difference = TextDiff::from_slices(&a, &b);
    let mut lines: Vec<LineDifference> = Vec::new();
    let mut after = 0;
    for group in difference.grouped_ops(CONTEXT_LINES) {
        let starts = group.first().map_or(0, |op| op.old_range().start);
        if starts > after {
            lines.push(LineDifference { side: LineSide::Gap, text: String::new() });
        }
        after = group.last().map_or(0, |op| op.old_range().end);
        for change in group.iter().flat_map(|op| difference.iter_changes(op)) {
            let side = match change.tag() {
                ChangeTag::Equal => LineSide::Both,
                ChangeTag::Delete => LineSide::A,
                ChangeTag::Insert => LineSide::B,
            };
            lines.push(LineDifference { side, text: change.value().to_owned() });
        }
    }
    if after < a.len() {
        lines.push(LineDifference { side: LineSide::Gap, text: String::new() });
    }
    lines
}
