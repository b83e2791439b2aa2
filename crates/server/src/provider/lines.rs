//! Lines and server-sent events, cut from bytes as they come in.
//!
//! A chunk may end anywhere: within a line, within a character, between the two halves of a line's
//! end. Only what is unfinished is kept; the rest is handed on where it lies. What a line means is
//! not known here.

use callboard_engine::call::Failure;

use super::draft::ANSWER_BYTES_MAX;
use super::refusal;

/// The longest line: a whole answer in one event, and what its format puts around it.
const LINE_BYTES_MAX: usize = ANSWER_BYTES_MAX + 256 * 1024;

/// The mark that some servers begin a text with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a line or an event is handed to.
pub(super) type Sink<'a> = dyn FnMut(&[u8]) -> Result<(), Failure> + Send + 'a;

/// Cuts bytes into lines. A line ends with LF, CR LF or CR.
#[derive(Default)]
pub(super) struct Lines {
    unfinished: Vec<u8>,
    /// Whether the last line ended with a CR, whose LF may still come.
    after_cr: bool,
    begun: bool,
}

impl Lines {
    /// Takes in a chunk and hands on the lines that it ends, without their ends.
    pub(super) fn take(&mut self, chunk: &[u8], sink: &mut Sink<'_>) -> Result<(), Failure> {
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, from_end) = rest.split_at(end);
            let lf = from_end.first() == Some(&b'\n');
            rest = from_end.get(1..).unwrap_or_default();
            if std::mem::take(&mut self.after_cr) && lf && line.is_empty() && self.unfinished.is_empty() {
                continue;
            }
            self.after_cr = !lf;
            self.line(line, sink)?;
        }
        if !rest.is_empty() {
            self.after_cr = false;
            self.keep(rest)?;
        }
        Ok(())
    }

    /// Hands on a last line that has no end.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        if self.unfinished.is_empty() { Ok(()) } else { self.line(&[], sink) }
    }

    fn line(&mut self, line: &[u8], sink: &mut Sink<'_>) -> Result<(), Failure> {
        let begun = std::mem::replace(&mut self.begun, true);
        if self.unfinished.is_empty() {
            return sink(without_mark(line, begun));
        }
        self.keep(line)?;
        let handed = sink(without_mark(&self.unfinished, begun));
        self.unfinished.clear();
        handed
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), Failure> {
        if self.unfinished.len() + part.len() > LINE_BYTES_MAX {
            return Err(refusal::too_large());
        }
        self.unfinished.extend_from_slice(part);
        Ok(())
    }
}

fn without_mark(line: &[u8], begun: bool) -> &[u8] {
    if begun { line } else { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) }
}

/// Gathers the data of server-sent events. Names, ids and comments are passed over: every format
/// says in its data what the data is.
#[derive(Default)]
pub(super) struct Events {
    data: Vec<u8>,
    any: bool,
}

impl Events {
    /// Takes in a line and hands on the data of the event that it ends, if it ends one.
    pub(super) fn take(&mut self, line: &[u8], sink: &mut Sink<'_>) -> Result<(), Failure> {
        if line.is_empty() {
            return self.finish(sink);
        }
        let Some(value) = line.strip_prefix(b"data") else { return Ok(()) };
        let value = match value {
            [] => value,
            [b':', b' ', value @ ..] | [b':', value @ ..] => value,
            _ => return Ok(()),
        };
        if self.data.len() + value.len() > LINE_BYTES_MAX {
            return Err(refusal::too_large());
        }
        if self.any {
            self.data.push(b'\n');
        }
        self.any = true;
        self.data.extend_from_slice(value);
        Ok(())
    }

    /// Hands on an event that no empty line ended.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        if !std::mem::take(&mut self.any) {
            return Ok(());
        }
        let handed = sink(&self.data);
        self.data.clear();
        handed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a text, cut into chunks of that size.
    fn events(text: &str, chunk: usize) -> Vec<String> {
        let (mut lines, mut events, mut found) = (Lines::default(), Events::default(), Vec::new());
        let mut sink = |data: &[u8]| {
            found.push(String::from_utf8(data.to_vec()).unwrap());
            Ok(())
        };
        for chunk in text.as_bytes().chunks(chunk) {
            lines.take(chunk, &mut |line| events.take(line, &mut sink)).unwrap();
        }
        lines.finish(&mut |line| events.take(line, &mut sink)).unwrap();
        events.finish(&mut sink).unwrap();
        found
    }

    fn check(text: &str, expected: &[&str]) {
        for chunk in 1..=text.len() {
            assert_eq!(events(text, chunk), expected, "in chunks of {chunk}");
        }
    }

    #[test]
    fn events_are_found_however_the_bytes_are_cut() {
        check("data: {\"a\":\"Grüße 🎭\"}\n\ndata: b\n\n", &["{\"a\":\"Grüße 🎭\"}", "b"]);
    }

    #[test]
    fn all_line_ends_are_line_ends() {
        check("data: a\r\n\r\ndata: b\r\rdata: c\n\n", &["a", "b", "c"]);
    }

    #[test]
    fn marks_comments_names_and_unknown_fields_are_passed_over() {
        check("\u{feff}: hello\ndata: a\n\n", &["a"]);
        check("\u{feff}data: a\nevent: x\nid: 3\nretry: 5\ndatum: q\nwhat\n\n", &["a"]);
        check("event: ping\n\n\n\ndata\n\n", &[""]);
    }

    #[test]
    fn data_over_several_lines_is_one_event() {
        check("data: a\ndata:b\ndata:  c\n\n", &["a\nb\n c"]);
    }

    #[test]
    fn the_last_event_needs_no_empty_line() {
        check("data: a\n\ndata: [DONE]", &["a", "[DONE]"]);
        check("data: a\n", &["a"]);
        check("", &[]);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines::default();
        let chunk = vec![b'x'; 64 * 1024];
        let failed = (0..1000).find_map(|_| lines.take(&chunk, &mut |_| Ok(())).err());
        assert_eq!(failed.unwrap().code, callboard_engine::call::failure::ANSWER_TOO_LARGE);
        assert!(lines.unfinished.len() <= LINE_BYTES_MAX);
    }
}
