//! What `analyzer check --help` tells below its options: how a case is written.

use std::fmt::Write;

use analyzer::check::SHORT_FORMS;
use analyzer::condition::FUNCTIONS;

/// The text.
pub fn text() -> String {
    let mut text = String::from(
        "A case is a folder with a capture (capture.pcapng, or capture = \"FILE\") and a case.toml:\n\
         \n  \
           description = \"the echo of task 2\"\n  \
           handshake = \"complete\"\n  \
           closed_by = \"client\"\n  \
           retransmissions = 0\n\
         \n  \
           [[expect]]\n  \
           name = \"one client finishes cleanly\"\n  \
           text = \"the server closes only after the client did\"\n  \
           condition = '''connections.exists(c, c.server.port == 32444 && c.handshake.complete\n                 \
                          && c.teardown.kind == \"fin\")'''\n\
         \n  \
           [snapshot]                 # what counts as different from what --bless wrote\n  \
           level = \"behaviour\"        # for a fresh run; without it, every segment counts\n  \
           ignore = [\"window\"]\n  \
           within = { time = \"100ms\" }\n\
         \n\
         Short forms (each stands for a condition, which --show prints):\n",
    );
    let width = SHORT_FORMS.iter().map(|form| form.name.len()).max().unwrap_or(0);
    for form in SHORT_FORMS {
        // Writing to a String does not fail.
        let _ = writeln!(text, "  {:width$}  {}", form.name, form.about);
        let _ = writeln!(text, "  {:width$}    {}", "", form.usage);
    }
    text.push_str(
        "\nConditions are written in CEL (https://cel.dev). Their variables are the fields of the\n\
         report (analyzer schema report): capture, completeness, findings, connections,\n\
         connections_total, concurrency, ...; `run` is the manifest of a lab run. Functions:\n",
    );
    let width = FUNCTIONS.iter().map(|one| one.usage.len()).max().unwrap_or(0);
    for function in FUNCTIONS {
        let _ = writeln!(text, "  {:width$}  {}", function.usage, function.about);
    }
    text.push_str(
        "\nExit codes: 0 everything holds; 1 something does not; 2 a case could not be checked.\n\
         More: analyzer/CONDITIONS.md in the sources.",
    );
    text
}
