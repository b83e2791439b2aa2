//! Many histories, one after the other or on several threads, and what was seen in all of them.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::coverage::{Coverage, event_kinds};
use crate::history::carry_out;
use crate::inherited;
use crate::people::Deed;
use crate::world::Window;

/// The variables by which `cargo xtask sim` says what it wants.
const SEED: &str = "CALLBOARD_SIM_SEED";
const FROM: &str = "CALLBOARD_SIM_FROM";
const COUNT: &str = "CALLBOARD_SIM_COUNT";

/// Failures that are shown: more say nothing new.
const SHOWN_MAX: usize = 5;

/// How often a line says how far it is.
const EVERY: u64 = 500;

/// What somebody asked for.
pub(crate) struct AskedFor {
    pub(crate) seeds: Range<u64>,
}

/// What `cargo xtask sim` wants, if it is behind this.
pub(crate) fn asked_for() -> Option<AskedFor> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    if let Some(seed) = number(SEED) {
        return Some(AskedFor { seeds: seed..seed + 1 });
    }
    let (from, count) = (number(FROM).unwrap_or(0), number(COUNT)?);
    Some(AskedFor { seeds: from..from + count })
}

/// What became of many histories.
pub(crate) struct Many {
    seeds: Range<u64>,
    took: std::time::Duration,
    coverage: Coverage,
    wrong: Vec<(u64, Vec<String>)>,
}

impl Many {
    /// Carries out the histories of those seeds, telling how far it is where somebody waits for it, and
    /// everything that happens where there is just one.
    pub(crate) fn carry_out(seeds: Range<u64>, tells: bool) -> Self {
        let began = Instant::now();
        let is_one = seeds.end - seeds.start == 1;
        let threads =
            if tells && !is_one { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 };
        let next = AtomicU64::new(seeds.start);
        let all = Mutex::new((Coverage::default(), Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds.end {
                            return;
                        }
                        let report = carry_out(seed, tells && is_one);
                        let mut all = all.lock().unwrap();
                        all.0.merge(report.coverage);
                        if !report.wrong.is_empty() {
                            all.1.push((seed, report.wrong));
                        }
                        let done = seed + 1 - seeds.start;
                        if tells && done.is_multiple_of(EVERY) {
                            progress(done, &seeds, began, &all.0, all.1.len());
                        }
                    }
                });
            }
        });
        let (coverage, mut wrong) = all.into_inner().unwrap();
        wrong.sort();
        Self { seeds, took: began.elapsed(), coverage, wrong }
    }

    /// Says what was seen.
    #[expect(clippy::print_stdout, reason = "who asked for it reads it at the terminal")]
    pub(crate) fn summary(&self) {
        println!("\n{}", self.coverage.table());
        println!(
            "{} histories (seeds {} to {}) with {} crashes in {:.1} s; {} went wrong.",
            self.coverage.of("history", "carried out"),
            self.seeds.start,
            self.seeds.end - 1,
            self.crashes(),
            self.took.as_secs_f64(),
            self.wrong.len()
        );
    }

    fn crashes(&self) -> u64 {
        Window::ALL.iter().map(|window| self.coverage.of("crash", window.name())).sum()
    }

    /// Whether all histories went as they should.
    pub(crate) fn is_well(&self) -> bool {
        self.wrong.is_empty()
    }

    /// What went wrong, and how each history is told again.
    pub(crate) fn told(&self) -> String {
        let seeds: Vec<u64> = self.wrong.iter().map(|(seed, _)| *seed).collect();
        let mut told = format!("{} histories went wrong: {seeds:?}\n", self.wrong.len());
        for (seed, wrong) in self.wrong.iter().take(SHOWN_MAX) {
            let wrong = wrong.join("\n  ");
            told.push_str(&format!("\nseed {seed}, told by `cargo xtask sim --seed {seed}`:\n  {wrong}\n"));
        }
        told
    }

    /// All histories went as they should.
    pub(crate) fn assert_well(&self) {
        assert!(self.is_well(), "{}", self.told());
    }

    /// Everything that is meant to happen did: what never happens is not tested.
    pub(crate) fn assert_covered(&self) {
        let kinds = event_kinds();
        let mut missing = self.coverage.missing("event", kinds.iter().map(String::as_str));
        missing.extend(self.coverage.missing("rerun", inherited::SEEN));
        missing.extend(self.coverage.missing("rerun ended", ["completed", "stopped", "error"]));
        let windows = || Window::ALL.iter().map(|window| window.name());
        missing.extend(self.coverage.missing("crash", windows()));
        missing.extend(
            self.coverage.missing("crash while recovering", ["read", "before_commit", "after_commit"]),
        );
        missing.extend(self.coverage.missing("deed done", Deed::ALL.iter().map(|deed| deed.name())));
        missing.extend(self.coverage.missing("run", ["completed", "stopped", "error"]));
        missing.extend(self.coverage.missing("database failed", ["read", "commit", "answer_lost"]));
        missing.extend(self.coverage.missing("call again", ["model", "tool", "list"]));
        let given_up = self.coverage.of("history", "given up");
        assert!(given_up <= self.seeds.end / 100, "{given_up} histories were given up");
        assert!(missing.is_empty(), "never seen: {missing:?}\n{}", self.coverage.table());
    }
}

#[expect(clippy::print_stderr, reason = "who waits for it sees how far it is")]
fn progress(done: u64, seeds: &Range<u64>, began: Instant, coverage: &Coverage, wrong: usize) {
    let crashes: u64 = Window::ALL.iter().map(|window| coverage.of("crash", window.name())).sum();
    let count = seeds.end - seeds.start;
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("{done} of {count} histories, {crashes} crashes, {seconds:.0} s, {wrong} went wrong");
}
