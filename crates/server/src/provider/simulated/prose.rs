//! The words of the simulated model.
//!
//! What a stage and a role are called decides what kind of work is written; the run's input is what
//! it is about. Nothing here is true, which is why the page says that it is simulated.

use std::borrow::Cow;

use callboard_engine::call::{Scene, SceneOutcome};
use serde_json::Value;

/// How much of the input names what the work is about: what fits into a sentence.
const SUBJECT_MAX: usize = 70;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Research,
    Draft,
    Review,
    Publish,
    Plan,
    Build,
    Other,
}

/// The words that give a kind of work away, the most telling kinds first.
const SIGNS: [(Work, &[&str]); 6] = [
    (
        Work::Review,
        &["review", "check", "approv", "verif", "judg", "critic", "assess", "audit", "test", "edit"],
    ),
    (Work::Publish, &["publish", "release", "deliver", "announce", "ship", "send", "final"]),
    (
        Work::Research,
        &["research", "gather", "collect", "investigat", "find", "analy", "survey", "fact", "scan"],
    ),
    (Work::Draft, &["draft", "writ", "author", "compose", "copy", "summar", "report"]),
    (Work::Plan, &["plan", "outline", "design", "scope", "brief", "architect"]),
    (Work::Build, &["build", "implement", "cod", "develop", "engineer", "fix", "make"]),
];

/// What there is to say at one moment of a run.
pub(super) struct Prose<'a> {
    scene: &'a Scene,
    work: Work,
    /// Whether the stage sends the work back now.
    back: bool,
    /// What it is all about.
    subject: Cow<'a, str>,
    /// What numbers are made from: the stages of a run must not contradict each other.
    seed: u64,
}

impl<'a> Prose<'a> {
    /// The words for a scene, and the outcome that is taken there.
    pub(super) fn of(scene: &'a Scene, chosen: Option<&SceneOutcome>) -> Self {
        let back = chosen.is_some_and(|outcome| outcome.back && outcome.taken == 0);
        let subject = subject(scene);
        let mut seed = Seed::default();
        for part in [scene.workflow.as_str(), &subject] {
            seed.mix(part);
        }
        Self { scene, work: work(scene), back, subject, seed: seed.0 }
    }

    /// What the agent says while it works.
    pub(super) fn working(&self) -> String {
        let (subject, again) = (&self.subject, self.scene.nth > 1);
        let role = self.scene.role.trim();
        let who = if role.is_empty() { String::new() } else { format!("{} here. ", capital(role)) };
        let begun = match (self.work, again) {
            (_, _) if self.back => format!(
                "I have read this closely, once for what it says about {subject} and once for how it says it. \
                 It is nearly there. One thing keeps me from letting it through, and it is better mended now \
                 than explained later."
            ),
            (Work::Review, true) => format!(
                "I compared this version with what I had asked for. The change is made and it helps: \
                 {subject} is now clear from the first lines. I found nothing that should hold it up any longer."
            ),
            (Work::Review, false) => format!(
                "I went through the work on {subject} line by line, looked for claims without a source and for \
                 sentences that promise more than they hold. There is little to find fault with."
            ),
            (Work::Research, _) => format!(
                "I am looking into {subject} from three sides: what is known, what has changed, and what people \
                 disagree about. What cannot be confirmed twice goes under open questions. Here are my notes."
            ),
            (Work::Draft, false) => format!(
                "The notes on {subject} hold more than one text can carry, so I keep the thread that matters to \
                 readers and leave the rest out. I start with what changed and end with what is still open."
            ),
            (Work::Draft, true) => format!(
                "The remarks are fair. I am moving a concrete case to the top of the piece on {subject}, cutting \
                 what it replaces, and leaving the rest as it was, since nobody objected to that."
            ),
            (Work::Publish, _) => format!(
                "Everything is in place for {subject}. I read it one last time as a reader would, set the headline, \
                 and put it out."
            ),
            (Work::Plan, _) => format!(
                "Before anyone starts on {subject}, the order of the work should be clear. I am cutting it into parts \
                 that can be finished one by one, with the riskiest first."
            ),
            (Work::Build, _) => format!(
                "I take {subject} in small steps and look at the outcome after each. The part that everything else \
                 rests on comes first, the convenient parts last."
            ),
            (Work::Other, _) => format!(
                "I have read the task and what came before it. For {subject} the essential question is what the next \
                 one in line needs to know, so I answer that first and add the reasons after it."
            ),
        };
        if again && self.work != Work::Review && self.work != Work::Draft {
            return format!(
                "{begun} This is my visit number {} here, so I only touch what changed.",
                self.scene.nth
            );
        }
        who + &begun
    }

    /// What the agent says when it has found what the others wait for.
    pub(super) fn finding(&self) -> String {
        format!(
            "I have what the others need on {}: two sources that agree and one that does not. I am putting it where \
             everyone can read it before I finish.",
            self.subject
        )
    }

    /// What is shared under a key.
    pub(super) fn shared(&self, key: &str) -> String {
        let key = key.replace(['_', '-'], " ");
        format!(
            "{}: on {}, {} of {} accounts agree; the point to keep is that the change came sooner than planned.",
            capital(&key),
            self.subject,
            self.number(6, 4),
            self.number(11, 5)
        )
    }

    /// What is left of the work for later stages.
    pub(super) fn summary(&self) -> String {
        let subject = &self.subject;
        match self.work {
            _ if self.back => {
                format!("Sent back once: the piece on {subject} needs a concrete example at its top.")
            }
            Work::Research => {
                format!("Notes on {subject}: five points, one of them disputed, one question open.")
            }
            Work::Draft if self.scene.nth > 1 => {
                format!("Version {} on {subject}, now opening with a case.", self.scene.nth)
            }
            Work::Draft => format!("A first draft on {subject}: what changed, for whom, and what is open."),
            Work::Review => format!("The work on {subject} is approved without further changes."),
            Work::Publish => format!("The piece on {subject} is out."),
            Work::Plan => format!("A plan for {subject} in four parts, the riskiest first."),
            Work::Build => format!("{} is done and looked over; one limit is noted.", capital(subject)),
            Work::Other => {
                format!("{} is answered for {subject}, with reasons.", capital(&self.scene.stage_name))
            }
        }
    }

    /// What the stage ends with.
    pub(super) fn result(&self) -> String {
        match self.work {
            _ if self.back => self.sent_back(),
            Work::Research => self.notes(),
            Work::Draft if self.scene.nth > 1 => self.second_draft(),
            Work::Draft => self.first_draft(),
            Work::Review => self.approval(),
            Work::Publish => self.published(),
            Work::Plan => self.plan(),
            Work::Build => self.built(),
            Work::Other => self.answered(),
        }
    }

    fn notes(&self) -> String {
        let (subject, agree, all) = (&self.subject, self.number(6, 4), self.number(11, 5));
        format!(
            "Research notes: {subject}\n\n\
             - What it is about: {subject} matters to three groups: those who use it every day, those who pay for it, \
             and those who keep it running.\n\
             - What changed: small teams moved first, about {} months ago; the larger ones waited for proof and are \
             following now.\n\
             - How sure we are: {agree} of {all} accounts agree on the direction, fewer on its size.\n\
             - What is disputed: whether the gain lasts, or shrinks once everyone has it.\n\
             - A telling case: one team of {} put it to work in a week and then spent a month on the exceptions.\n\
             - Open question: who is responsible when it goes wrong.",
            self.number(5, 9),
            self.number(4, 8)
        )
    }

    fn first_draft(&self) -> String {
        let (title, subject) = (capital(&self.subject), &self.subject);
        format!(
            "# {title}: what changes, and for whom\n\n\
             For a long time {subject} was a topic for specialists. That has changed. Over the past {} months small \
             teams have made it part of their daily work, and the larger ones, which waited for proof, are following.\n\n\
             The gain is real, though smaller than promised: most accounts agree on the direction and few on the \
             size. What took the time was never the idea. It was the exceptions, and nobody had planned for those.\n\n\
             What remains open is a question of responsibility. When it goes wrong, who answers for it? Whoever \
             settles that first will be copied by everyone else.",
            self.number(5, 9)
        )
    }

    fn second_draft(&self) -> String {
        let (title, subject, people) = (capital(&self.subject), &self.subject, self.number(4, 8));
        format!(
            "# {title}: a week of work, a month of exceptions\n\n\
             It took a team of {people} just one week to put it to use. It took them another month to deal with \
             everything that did not fit. Their story is the story of {subject} in short: the idea is quick, and the \
             exceptions are the work.\n\n\
             Others report the same. Small teams went first, the larger ones are following, and most agree that it \
             is worth the trouble, if less than was promised at the start.\n\n\
             What remains open is who answers for it when it goes wrong. The team of {people} has written a name on \
             the wall. It is as good an answer as any so far. (Version {})",
            self.scene.nth
        )
    }

    fn sent_back(&self) -> String {
        format!(
            "Verdict: one more round.\n\n\
             The work on {} holds together: its order is clear, its tone is right, and it claims nothing that its \
             sources do not carry. One change is needed before it can go on. It opens with a general statement, and a \
             reader who is in a hurry will stop right there.\n\n\
             Please open with one concrete case instead: a team, what it did, and what it cost them. The telling case \
             in the notes would do. Then shorten the first paragraph by what the case already says. Everything else can \
             stay as it is.",
            self.subject
        )
    }

    fn approval(&self) -> String {
        let asked = if self.scene.nth > 1 {
            "It now opens with a concrete case, as was asked, and the case carries the rest of the piece with it."
        } else {
            "It says early on what it is about, and keeps to that until the end."
        };
        format!(
            "Verdict: approved.\n\n\
             The work on {} is ready. {asked} Each claim has a source behind it, the one that is disputed is marked as \
             such, and the open question at the end is a real one.\n\n\
             Two small things, for whoever takes it from here and not worth another round: the headline could lose a \
             word, and the number in the second paragraph might be rounded. Neither changes the meaning. It can go on \
             as it is.",
            self.subject
        )
    }

    fn published(&self) -> String {
        let (title, subject) = (capital(&self.subject), &self.subject);
        format!(
            "# {title}\n\n\
             *Published by the {} desk*\n\n\
             Putting it to use takes a week; the exceptions take a month. That is what a team of {} learned about \
             {subject}, and most who came after them say the same. The gain is real, if smaller than promised, and \
             the small teams were there first.\n\n\
             One question stays with us: who answers for it when it goes wrong? We will come back to it as soon as \
             someone has a better answer than a name on the wall.\n\n\
             In short: start small, plan for the exceptions, and write down who is responsible.",
            self.scene.workflow.replace(['_', '-'], " "),
            self.number(4, 8)
        )
    }

    fn plan(&self) -> String {
        let subject = &self.subject;
        format!(
            "Plan for {subject}\n\n\
             1. Settle what is not known yet. Two questions decide whether the rest makes sense, and both can be \
             answered within {} days.\n\
             2. Do the riskiest part first, in its smallest form, and look at what comes out before going on.\n\
             3. Add the rest part by part, so that there is something to show after each one.\n\
             4. Let someone look at it who had no hand in it, then finish.\n\n\
             Left out on purpose: everything that only becomes useful once {subject} is in daily use. What would make us \
             change the plan: a first part that takes twice as long as thought.",
            self.number(2, 5)
        )
    }

    fn built(&self) -> String {
        let (subject, cases) = (&self.subject, self.number(12, 20));
        format!(
            "What was made: {subject}\n\n\
             The part that everything rests on is in place and does one thing only. The other parts use it and do not \
             know how it works inside, so it can be replaced later without touching them.\n\n\
             - Tried with {cases} cases, three of them odd ones; all came out as expected.\n\
             - One limit is known: very large inputs are refused with a clear message and are not handled in part.\n\
             - Nothing was added that the task did not ask for.\n\n\
             Next, someone else should look at the names and the messages: those are what others will see of {subject} \
             every day, and they are cheap to change now."
        )
    }

    fn answered(&self) -> String {
        let (subject, stage, role) = (&self.subject, capital(&self.scene.stage_name), self.role());
        format!(
            "{stage}: {subject}\n\n\
             From where I stand as {role}, the short answer is that this can go on as planned. Of {} points that were \
             looked at, all but one are settled, and the one that is left does not stand in the way.\n\n\
             - Settled: what is wanted, who needs it, and by what it will be judged.\n\
             - Left open: how much of it is enough. Somebody should decide that before the last stage.\n\
             - Worth knowing: what came before fits together; nothing had to be done a second time.\n\n\
             My advice is to keep what follows small, and to say early if {subject} turns out differently.",
            self.number(5, 7)
        )
    }

    fn role(&self) -> Cow<'_, str> {
        let role = [&self.scene.role, &self.scene.agent].into_iter().find(|name| !name.trim().is_empty());
        role.map_or(Cow::Borrowed("a member of the team"), |role| {
            Cow::Owned(format!("the {}", role.to_lowercase()))
        })
    }

    /// A number that looks found and not made up, and is always the same for the same scene.
    fn number(&self, least: u64, spread: u64) -> u64 {
        least + self.seed % spread
    }
}

/// What kind of work a scene is about: the stage's name says it, or else the role does.
fn work(scene: &Scene) -> Work {
    let of = |name: &str| {
        let name = name.to_lowercase();
        let words: Vec<_> = name.split(|character: char| !character.is_alphanumeric()).collect();
        let is = |signs: &[&str]| words.iter().any(|word| signs.iter().any(|sign| word.starts_with(sign)));
        SIGNS.iter().find(|(_, signs)| is(signs)).map(|(work, _)| *work)
    };
    [&scene.stage_name, &scene.stage, &scene.role]
        .into_iter()
        .find_map(|name| of(name))
        .unwrap_or(Work::Other)
}

/// What a run is about: the first line of its input, or the first text in it if it is JSON.
fn subject(scene: &Scene) -> Cow<'_, str> {
    let input = scene.input.trim();
    let text = match serde_json::from_str::<Value>(input) {
        Ok(value) => first_text(&value).map_or_else(String::new, str::to_owned),
        Err(_) => input.to_owned(),
    };
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let line = line.trim().trim_end_matches(['.', '!', '?', ':', ',', ';']);
    if line.is_empty() {
        return Cow::Owned(format!("the {}", scene.workflow.replace(['_', '-'], " ")));
    }
    if line.chars().count() <= SUBJECT_MAX {
        return Cow::Owned(line.to_owned());
    }
    let cut: String = line.chars().take(SUBJECT_MAX).collect();
    let whole_words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    Cow::Owned(format!("{whole_words} …"))
}

fn first_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.iter().find_map(first_text),
        Value::Object(fields) => fields.values().find_map(first_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A hash that no version of a library changes.
struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Seed {
    fn mix(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
