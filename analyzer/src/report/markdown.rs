//! The report as Markdown, to paste into a document or an issue.

use std::io::{self, Write};

use super::facts::{arrow, data, endpoints, handshake, options, overlaps, teardown};
use super::overview::{cut, lines, nothing, severity, witnesses};
use super::parallel::{self, verdict};
use super::story::story;
use super::wording::{clean, count, endpoint, side};
use crate::summary::{CaptureSummary, Connection, Parallelism};

/// Writes one summary.
pub(super) fn write(summary: &CaptureSummary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Capture {}\n", escape(&summary.capture.file))?;
    for line in lines(summary) {
        writeln!(out, "- {}", escape(&line))?;
    }
    if !summary.findings.is_empty() {
        writeln!(out, "\n## Before you trust it\n")?;
    }
    for finding in &summary.findings {
        let frames = witnesses(&finding.frames, finding.count);
        let text = escape(&finding.text);
        writeln!(out, "- **{}**: {text}{frames}", severity(finding.severity))?;
    }
    if let Some(reason) = nothing(summary) {
        return writeln!(out, "\n{}", escape(&reason));
    }
    write_concurrency(summary, out)?;
    write_table(summary, out)?;
    for connection in &summary.connections {
        write_connection(connection, out)?;
    }
    Ok(())
}

fn write_concurrency(summary: &CaptureSummary, out: &mut dyn Write) -> io::Result<()> {
    let concurrency = &summary.concurrency;
    if concurrency.parallelism == Parallelism::NotApplicable {
        return Ok(());
    }
    writeln!(out, "\n## In parallel?\n\n{}", verdict(concurrency))?;
    let lines = parallel::witnesses(concurrency);
    if !lines.is_empty() {
        writeln!(out)?;
    }
    for line in lines {
        writeln!(out, "- {line}")?;
    }
    Ok(())
}

fn write_table(summary: &CaptureSummary, out: &mut dyn Write) -> io::Result<()> {
    let total = count(summary.connections_total, "connection", "connections");
    writeln!(out, "\n## {total}\n")?;
    writeln!(out, "| # | Client → server | Handshake | Data | End |")?;
    writeln!(out, "| --: | --- | --- | --- | --- |")?;
    for connection in &summary.connections {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            connection.stream,
            endpoints(connection).join("<br>"),
            handshake(connection).join("<br>"),
            data(connection).join("<br>"),
            teardown(connection).join("<br>"),
        )?;
    }
    match cut(summary) {
        Some(text) => writeln!(out, "\n{}", escape(&text)),
        None => Ok(()),
    }
}

fn write_connection(connection: &Connection, out: &mut dyn Write) -> io::Result<()> {
    let (client, server) = (endpoint(&connection.client), endpoint(&connection.server));
    writeln!(out, "\n## Connection {}: {client} → {server}\n", connection.stream)?;
    writeln!(out, "{}", escape(&story(connection)))?;
    if let Some(offered) = options(connection) {
        writeln!(out, "\nOffered: {offered}.")?;
    }
    if let Some(others) = overlaps(connection) {
        writeln!(out, "\nOpen meanwhile: {others}.")?;
    }
    if connection.segments.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| Frame | Time | From | Flags | Bytes | First bytes | Text |")?;
    writeln!(out, "| --: | --: | --- | --- | --: | --- | --- |")?;
    for row in &connection.segments {
        let from = format!("{} {}", arrow(row.from), side(row.from));
        let hex: String = row.hex.chars().take(47).collect();
        let text: String = row.text.chars().take(16).collect();
        writeln!(
            out,
            "| {} | {:.6} | {from} | {} | {} | {} | {} |",
            row.frame,
            row.time,
            row.flags,
            row.payload_len,
            code(&hex),
            code(&text),
        )?;
    }
    match connection.segments_cut {
        0 => Ok(()),
        cut => writeln!(out, "\n{} not shown.", count(cut, "more segment is", "more segments are")),
    }
}

/// Foreign text that must not become markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in clean(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Payload text as a code span inside a table cell: a backtick or a bar would end it, so they
/// are written as HTML.
fn code(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('|', "&#124;")
        .replace('`', "&#96;");
    if escaped.is_empty() { escaped } else { format!("<code>{escaped}</code>") }
}
