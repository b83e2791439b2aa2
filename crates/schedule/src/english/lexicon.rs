//! The words that are understood.
//!
//! Here words have meanings of their own; what they mean together is the grammar's.

/// The weekday that a word names, Monday as 0.
pub(super) fn weekday(word: &str) -> Option<u8> {
    let names: [&[&str]; 7] = [
        &["monday", "mondays", "mon", "mons", "mo"],
        &["tuesday", "tuesdays", "tue", "tues", "tu"],
        &["wednesday", "wednesdays", "wed", "weds", "we"],
        &["thursday", "thursdays", "thu", "thur", "thurs", "th"],
        &["friday", "fridays", "fri", "fris", "fr"],
        &["saturday", "saturdays", "sat", "sats", "sa"],
        &["sunday", "sundays", "sun", "suns", "su"],
    ];
    (0..).zip(names).find(|(_, names)| names.contains(&word)).map(|(day, _)| day)
}

/// The weekday that a letter stands for in a list of them. "S" could be two, and so is none.
pub(super) fn letter(word: &str) -> Option<u8> {
    Some(match word {
        "m" => 0,
        "t" => 1,
        "w" => 2,
        "r" => 3,
        "f" => 4,
        _ => return None,
    })
}

/// The month that a word names, January as 1.
pub(super) fn month(word: &str) -> Option<u8> {
    let names: [&[&str]; 12] = [
        &["january", "jan"],
        &["february", "feb"],
        &["march", "mar"],
        &["april", "apr"],
        &["may"],
        &["june", "jun"],
        &["july", "jul"],
        &["august", "aug"],
        &["september", "sep", "sept"],
        &["october", "oct"],
        &["november", "nov"],
        &["december", "dec"],
    ];
    (1..).zip(names).find(|(_, names)| names.contains(&word)).map(|(month, _)| month)
}

/// Numbers under twenty, and tens.
pub(super) fn cardinal(word: &str) -> Option<u32> {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    (0..).zip(SMALL).find(|(_, name)| *name == word).map(|(number, _)| number).or_else(|| tens(word))
}

/// Tens, which a smaller number may follow.
pub(super) fn tens(word: &str) -> Option<u32> {
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    (2..).zip(TENS).find(|(_, name)| *name == word).map(|(ten, _)| ten * 10)
}

/// "first" to "nineteenth", and tens.
pub(super) fn ordinal(word: &str) -> Option<u32> {
    const SMALL: [&str; 19] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ];
    match word {
        "twentieth" => Some(20),
        "thirtieth" => Some(30),
        _ => (1..).zip(SMALL).find(|(_, name)| *name == word).map(|(number, _)| number),
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// The unit that a word names.
pub(super) fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "second" | "seconds" | "sec" | "secs" | "s" | "millisecond" | "milliseconds" | "ms" => Unit::Second,
        "minute" | "minutes" | "min" | "mins" | "m" => Unit::Minute,
        "hour" | "hours" | "hr" | "hrs" | "h" => Unit::Hour,
        "day" | "days" | "d" => Unit::Day,
        "week" | "weeks" | "wk" | "wks" | "w" => Unit::Week,
        "month" | "months" => Unit::Month,
        "quarter" | "quarters" => Unit::Quarter,
        "year" | "years" | "yr" | "yrs" => Unit::Year,
        _ => return None,
    })
}

/// Words that say in one how often: a number of units.
pub(super) fn adverb(word: &str) -> Option<(u32, Unit)> {
    Some(match word {
        "hourly" => (1, Unit::Hour),
        "daily" | "everyday" => (1, Unit::Day),
        "weekly" => (1, Unit::Week),
        "fortnightly" | "biweekly" => (2, Unit::Week),
        "monthly" => (1, Unit::Month),
        "quarterly" => (1, Unit::Quarter),
        "yearly" | "annually" => (1, Unit::Year),
        _ => return None,
    })
}

/// A part of the day, which tells the two times apart that a number of hours can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Afternoon,
    Evening,
    Night,
}

/// The part of the day that a word names.
pub(super) fn part(word: &str) -> Option<Part> {
    Some(match word {
        "morning" | "mornings" => Part::Morning,
        "afternoon" | "afternoons" => Part::Afternoon,
        "evening" | "evenings" => Part::Evening,
        "night" | "nights" => Part::Night,
        _ => return None,
    })
}

/// Why what says from when or until when cannot be held, and what to do instead.
pub(super) const LIMITS: &str = "says from when or until when, which a schedule does not hold.";
pub(super) const FIELDS: &str =
    "Set start_at and end_at of the trigger, and write only how often, such as `every day at 9am`.";

/// Words that people write and that cannot be held, with the reason and what would be understood.
pub(super) fn impossible(word: &str) -> Option<(&'static str, &'static str)> {
    const ONCE: &str = "names one moment, and a schedule is for what comes again and again.";
    const VAGUE: &str = "leaves open when that is.";
    const EVERY: &str = "Write when it is to fire each time, such as `every Monday at 9am`.";
    const EXACT: &str = "Write the exact times, such as `every day at 9am`.";
    const NUMBER: &str = "Write the number, such as `every 2 hours` or `every 15 minutes`.";
    Some(match word {
        "tomorrow" | "today" | "tonight" | "yesterday" | "now" | "later" | "soon" | "next" | "this"
        | "once" => (ONCE, EVERY),
        "whenever" | "sometimes" | "sometime" | "occasionally" | "often" | "regularly" | "random"
        | "randomly" | "always" | "constantly" | "continuously" | "periodically" | "frequently"
        | "rarely" | "usually" | "never" | "anytime" | "asap" | "some" => (VAGUE, EXACT),
        "few" | "couple" | "several" | "many" => ("leaves open how many there are.", NUMBER),
        "early" | "late" | "around" | "about" | "approximately" | "roughly" | "ish" | "circa" | "approx" => {
            ("makes the time inexact, and a schedule is held exactly.", EXACT)
        }
        "or" | "either" => (
            "leaves open which of them it is.",
            "Write one of them, or \"and\" for both, as in `every Monday and Tuesday at 9am`.",
        ),
        "holiday" | "holidays" | "public" | "vacation" | "vacations" | "bank" | "easter" | "christmas"
        | "thanksgiving" | "year's" | "halloween" | "ramadan" | "eid" | "diwali" | "passover"
        | "hanukkah" => (
            "depends on a calendar of holidays, and none is known here.",
            "Write the days themselves, such as `every weekday at 9am` or `every year on 24 December at 18:00`.",
        ),
        "sunrise" | "sunset" | "dawn" | "dusk" | "dark" | "daylight" | "lunch" | "lunchtime"
        | "breakfast" | "dinner" | "tea" | "bedtime" | "eod" | "cob" | "close" | "office" | "thing"
        | "daytime" => ("is no exact time of day.", "Write the time, such as `every day at 12:30`."),
        "spring" | "summer" | "autumn" | "fall" | "winter" | "season" | "q" => (
            "is not the same months everywhere.",
            "Write the months, such as `every Monday from June to August at 9am`.",
        ),
        "weeknight" | "weeknights" => {
            ("is not the same nights everywhere.", "Write the days, such as `Sunday to Thursday at 10pm`.")
        }
        "starting" | "start" | "beginning" | "ending" | "since" | "until" | "till" | "before" | "after"
        | "for" => (LIMITS, FIELDS),
        "bimonthly" | "biannually" | "biannual" | "semimonthly" | "semiannually" | "bi" | "semi" => (
            "is used for twice in one and for once in two.",
            "Write which, such as `every other month on the 1st` or `on the 1st and 15th of every month`.",
        ),
        "if" | "unless" | "when" | "while" | "as" => {
            ("names a condition, and a schedule knows only the clock.", EVERY)
        }
        "local" | "server" | "my" | "here" => (
            "does not say which time zone that is.",
            "Name the zone, as in `every day at 9am Europe/Berlin`, or leave it to the field timezone.",
        ),
        "half" => {
            ("is not clear here.", "Write `half past nine`, `every half hour` or a time such as `9:30`.")
        }
        _ => return unheard(word),
    })
}

/// Words that are plain to a reader and are not read here, though others for the same are.
fn unheard(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        // Without it the text could say the opposite, so that is not suggested.
        "not" | "no" | "besides" | "minus" | "barring" | "skip" | "skipping" | "omitting" | "ignoring"
        | "avoiding" => {
            ("is not understood here.", "Write \"except\", as in `every weekday except Friday at 9am`.")
        }
        "t" => (
            "could be Tuesday or Thursday.",
            "Write the day, as in `Tue and Fri at 9am` or `Thu and Fri at 9am`.",
        ),
        "leap" => ("is not understood here.", "Write the day, as in `29 February at noon`."),
        "odd" | "even" => (
            "is not understood here.",
            "Write the interval or the times, such as `every 2 hours`, `every 2 hours from 1am to 11pm` or `every other day at 9am`.",
        ),
        "minutely" => ("is not understood.", "Write `every minute`."),
        "secondly" => ("is not understood, and a schedule knows no seconds.", "Write `every minute`."),
        "eom" | "eoq" | "eoy" | "eow" => (
            "is not understood.",
            "Write it out, such as `on the last day of the month at 17:00` or `every Friday at 17:00`.",
        ),
        _ => return None,
    })
}

/// Words that are looked through for one that was misspelt.
pub(super) const KNOWN: &[&str] = &[
    "every",
    "each",
    "daily",
    "hourly",
    "weekly",
    "monthly",
    "quarterly",
    "yearly",
    "nightly",
    "fortnightly",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "weekday",
    "weekdays",
    "weekend",
    "weekends",
    "workday",
    "workdays",
    "working",
    "business",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "quarter",
    "year",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "last",
    "noon",
    "midnight",
    "midday",
    "morning",
    "afternoon",
    "evening",
    "night",
    "between",
    "from",
    "through",
    "except",
    "other",
    "half",
    "past",
    "eastern",
    "pacific",
    "central",
    "mountain",
    "twice",
    "once",
    "fortnight",
    "end",
    "o'clock",
    "inclusive",
    "including",
    "alternate",
    "sept",
    "thurs",
    "tues",
    "at",
    "on",
    "and",
    "the",
    "of",
    "to",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "fifteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "time",
    "timezone",
];
