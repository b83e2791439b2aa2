use std::io::BufRead;
fn main() {
    let after: jiff::Timestamp = "2026-03-04T12:00:00Z".parse().unwrap();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        if line.is_empty() {
            continue;
        }
        match callboard_schedule::read(&line, None) {
            Ok(s) => {
                let tz = jiff::tz::TimeZone::get(s.timezone()).unwrap();
                let f: Vec<String> = s
                    .fires_after(&Default::default(), after)
                    .take(4)
                    .map(|f| f.at.to_zoned(tz.clone()).strftime("%a %m-%d %H:%M").to_string())
                    .collect();
                let d = s.description();
                let back = match callboard_schedule::read(&d, None) {
                    Ok(b) => {
                        let a: Vec<_> =
                            s.fires_after(&Default::default(), after).take(50).map(|f| f.at).collect();
                        let c: Vec<_> =
                            b.fires_after(&Default::default(), after).take(50).map(|f| f.at).collect();
                        if a == c { "" } else { " !!DIFFERENT" }
                    }
                    Err(e) => {
                        println!("   BACK {e}");
                        " !!UNREADABLE"
                    }
                };
                println!(
                    "{line}\n   OK {d}{back}\n      {} | {:?}\n      {:?}",
                    f.join(", "),
                    s.cron(),
                    s.notes()
                );
            }
            Err(e) => println!("{line}\n   NO {} || {}", e.reason, e.hint),
        }
    }
}
