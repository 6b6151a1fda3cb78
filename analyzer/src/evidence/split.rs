//! A text cut into parts: logs, packet lists, frames, prose.

use super::line_class::{LineClass, classify, machine_name};
use super::packet_list;
use super::text_model::Prose;

/// A part of a text, its lines numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// A terminal log, with the machine that a label above it names.
    Log {
        /// The machine.
        machine: Option<String>,
        /// Its lines.
        lines: Vec<(u32, &'a str)>,
    },
    /// Rows of a packet list, with their header.
    Rows {
        /// A display filter that stands above it.
        filter: Option<String>,
        /// Its lines.
        lines: Vec<(u32, &'a str)>,
    },
    /// Frame details and hex dumps.
    Frames(Vec<(u32, &'a str)>),
    /// The prose of one section.
    Prose(Prose),
}

/// Cuts a text into parts, in the order of their first lines; code blocks that show nothing of a
/// run are left out.
pub(super) fn split(text: &str) -> Vec<Part<'_>> {
    let mut splitter = Splitter::default();
    for (number, line) in (1u32..).zip(text.lines()) {
        splitter.line(number, cut(line));
    }
    splitter.finish()
}

/// Longest line that is looked at, in bytes.
const MAX_LINE: usize = 64 << 10;

fn cut(line: &str) -> &str {
    let mut end = line.len().min(MAX_LINE);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default()
}

#[derive(Default)]
struct Splitter<'a> {
    parts: Vec<Part<'a>>,
    prose: Prose,
    /// Lines of the part that is being read.
    open: Vec<(u32, &'a str)>,
    kind: Option<LineClass>,
    /// A code block's lines, while one is open.
    block: Option<Vec<(u32, &'a str)>>,
    filter: Option<(u32, &'a str)>,
    machine: Option<String>,
}

impl<'a> Splitter<'a> {
    fn line(&mut self, number: u32, line: &'a str) {
        let class = classify(line);
        if class == LineClass::Fence {
            match self.block.take() {
                Some(block) => self.block(block),
                None => {
                    self.close();
                    self.block = Some(Vec::new());
                }
            }
        } else if let Some(block) = &mut self.block {
            block.push((number, line));
        } else {
            self.free_line(number, line, class);
        }
    }

    /// A line outside code blocks.
    fn free_line(&mut self, number: u32, line: &'a str, class: LineClass) {
        match class {
            LineClass::Row | LineClass::Header => self.push(LineClass::Row, number, line),
            LineClass::Detail | LineClass::Hex => self.push(LineClass::Hex, number, line),
            LineClass::Log => self.push(LineClass::Log, number, line),
            LineClass::Text if self.goes_on(line) => self.open.push((number, line)),
            LineClass::Filter => {
                self.close();
                self.filter = Some((number, line));
            }
            LineClass::Label => {
                self.close();
                self.machine = machine_name(line);
            }
            LineClass::Blank => self.close(),
            LineClass::Text | LineClass::Fence => self.text(number, line),
        }
    }

    /// Says whether a line continues the open part: a wrapped row, an indented detail, output.
    fn goes_on(&self, line: &str) -> bool {
        let is_indented = line.starts_with([' ', '\t']);
        match self.kind {
            Some(LineClass::Row) => {
                let text = line.trim_start();
                let title = self.open.first().map_or("", |(_, title)| title);
                is_indented
                    || packet_list::is_row_under(title, line)
                    || ["[", "Seq=", "Ack=", "Win=", "Len=", "TSval=", "MSS="]
                        .iter()
                        .any(|start| text.starts_with(start))
            }
            Some(LineClass::Hex) => is_indented,
            Some(LineClass::Log) => !is_heading(line) && !line.trim_start().starts_with("- "),
            _ => false,
        }
    }

    fn push(&mut self, kind: LineClass, number: u32, line: &'a str) {
        if self.kind != Some(kind) {
            self.close();
            self.kind = Some(kind);
        }
        self.open.push((number, line));
    }

    /// A code block: what most of its lines say it is.
    fn block(&mut self, lines: Vec<(u32, &'a str)>) {
        let count = |wanted: &[LineClass]| {
            lines.iter().filter(|(_, line)| wanted.contains(&classify(line))).count()
        };
        let logs = count(&[LineClass::Log]);
        let rows = count(&[LineClass::Row]);
        let frames = count(&[LineClass::Detail, LineClass::Hex]);
        if logs > 0 && logs >= rows {
            self.kind = Some(LineClass::Log);
            self.open = lines;
            self.close();
        } else if rows + frames > 0 {
            for (number, line) in lines {
                self.free_line(number, line, classify(line));
            }
            self.close();
        }
    }

    fn text(&mut self, number: u32, line: &'a str) {
        self.close();
        if is_heading(line) {
            self.section();
            self.machine = None;
            self.prose.heading = Some((number, line.trim().to_owned()));
        } else {
            if let Some((at, filter)) = self.filter.take() {
                self.prose.lines.push((at, filter.to_owned()));
            }
            self.prose.lines.push((number, line.to_owned()));
        }
    }

    /// Ends the part that is open.
    fn close(&mut self) {
        let lines = std::mem::take(&mut self.open);
        let part = match self.kind.take() {
            Some(LineClass::Log) => Part::Log { machine: self.machine.clone(), lines },
            Some(LineClass::Row) => {
                let filter = self.filter.take().map(|(_, text)| text.trim().to_owned());
                Part::Rows { filter, lines }
            }
            Some(LineClass::Hex) => Part::Frames(lines),
            _ => return,
        };
        self.parts.push(part);
    }

    /// Ends the section.
    fn section(&mut self) {
        let prose = std::mem::take(&mut self.prose);
        if prose.heading.is_some() || !prose.lines.is_empty() {
            self.parts.push(Part::Prose(prose));
        }
    }

    fn finish(mut self) -> Vec<Part<'a>> {
        if let Some(block) = self.block.take() {
            self.block(block);
        }
        self.close();
        self.section();
        self.parts.sort_by_key(Part::first_line);
        self.parts
    }
}

impl Part<'_> {
    /// Its first line.
    pub(super) fn first_line(&self) -> u32 {
        let lines = match self {
            Self::Log { lines, .. } | Self::Rows { lines, .. } | Self::Frames(lines) => lines,
            Self::Prose(prose) => {
                let first = prose.lines.first().map(|(line, _)| *line);
                return prose.heading.as_ref().map(|(line, _)| *line).or(first).unwrap_or(1);
            }
        };
        lines.first().map_or(1, |(line, _)| *line)
    }
}

/// The heading of a task: `Soal 2`, `## Task 3: files`, `**Tugas 1**`.
fn is_heading(line: &str) -> bool {
    const WORDS: [&str; 12] = [
        "soal",
        "tugas",
        "task",
        "exercise",
        "question",
        "problem",
        "nomor",
        "percobaan",
        "latihan",
        "part",
        "bagian",
        "assignment",
    ];
    let lower = line.trim_matches(['#', '*', '_', ' ', '\t', '=']).to_lowercase();
    let mut words = lower.split_whitespace();
    let names = words.next().is_some_and(|word| WORDS.contains(&word));
    let numbered = words.next().is_some_and(|word| {
        let number = word.trim_end_matches(['.', ':', ')', '-', '*']);
        number.len() <= 3 && number.parse::<u32>().is_ok()
    });
    names && numbered && lower.len() <= 80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<String> {
        let of = |part: &Part<'_>| match part {
            Part::Log { machine, lines } => {
                format!("log {} {}", machine.as_deref().unwrap_or("-"), lines.len())
            }
            Part::Rows { filter, lines } => {
                format!("rows {} {}", filter.as_deref().unwrap_or("-"), lines.len())
            }
            Part::Frames(lines) => format!("frames {}", lines.len()),
            Part::Prose(prose) => {
                let heading = prose.heading.as_ref().map_or("-", |(_, text)| text);
                format!("prose {heading} {}", prose.lines.len())
            }
        };
        split(text).iter().map(|part| format!("{}: {}", part.first_line(), of(part))).collect()
    }

    #[test]
    fn a_report_falls_into_its_parts() {
        let report = "Intro\n\nTask 1\n(mesin1)\n```\nu@h:~$ python3 server.py\nINFO:root:closing\n```\n\
            ```python\nimport socket\n```\ntcp.port == 9\nNo. Time Source Destination\n\
            1 0.000000 10.0.0.1 10.0.0.2 TCP 74 5 → 9 [SYN]\n   Seq=0\n\
            ▶ Frame 1: 74 bytes on wire\n0000  02 42\nIt works.\n\nTask 2\nMore.";
        let expected = [
            "1: prose - 1",
            "3: prose Task 1 1",
            "6: log mesin1 2",
            "13: rows tcp.port == 9 3",
            "16: frames 2",
            "20: prose Task 2 1",
        ];
        assert_eq!(shape(report), expected);
    }

    #[test]
    fn a_log_alone_and_a_list_alone_are_one_part() {
        assert_eq!(shape("INFO:root:waiting for a connection\nTraceback\n"), ["1: log - 2"]);
        let titled =
            "No.\tSource\tInfo\n1\tBroadcast\tWho has\n2\t10.0.0.1\t5 → 9 [SYN]\nSo it is.";
        assert_eq!(shape(titled), ["1: rows - 3", "4: prose - 1"]);
        let list = "1 0.000000 10.0.0.1 10.0.0.2 TCP 74 5 → 9 [SYN]\n2 0.1 10.0.0.2 10.0.0.1 TCP 74 9 → 5 [SYN, ACK] Seq=0\n";
        assert_eq!(shape(list), ["1: rows - 2"]);
        assert_eq!(shape(""), Vec::<String>::new());
        assert_eq!(shape("```\nnever closed"), Vec::<String>::new());
    }
}
