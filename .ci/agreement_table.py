"""The table "agreement with Wireshark" as Markdown, from the comparison's own numbers.

Content is the same for the same build and captures: no dates, no times, sorted. The reasons for
what remains different are read from reasons.tsv beside this file (capture, kind, column, reason);
a difference without a line there is printed as "not explained yet".
"""
import csv
import gzip
import importlib.util
import os
import subprocess

import packet_list_table

HERE = os.path.dirname(os.path.abspath(__file__))
TITLES = {"tcp": "TCP segments (`analyzer segments`)",
          "conv": "TCP conversations (`analyzer conversations`)",
          "frames": "Other frames (`analyzer frames`)"}
COMMANDS = {"tcp": "segments", "conv": "conversations", "frames": "frames"}
# Counted above, not listed cell by cell: the chain of dissectors, of which we name the layers that we decode.
UNLISTED = {("frames", "protocols")}
SHOWN = 400
CELL = 90


def share(equal, rows):
    """Per cent, rounded down, so that 100 % means every row."""
    return "100 %" if equal == rows else "%.3f %%" % (int(100000.0 * equal / rows) / 1000.0)


def cell(text):
    text = text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")
    return "`%s`" % (text[:CELL] + "…" if len(text) > CELL else text)


def comparer(corpus):
    """compare.py as a module, for its way to read and normalise tables."""
    spec = importlib.util.spec_from_file_location("compare", os.path.join(corpus, "compare.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(corpus, analyzer):
    """Every cell that differs: (kind, capture, row, column, tshark's answer, ours)."""
    compare, data = comparer(corpus), os.path.join(corpus, "dev")
    with open(os.path.join(data, "manifest.tsv"), newline="") as file:
        items = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = []
    for kind, spec in compare.KINDS.items():
        for item in sorted(items, key=lambda item: item["id"]):
            if kind == "conv" and any(word in item["truth_note"] for word in ("conv_un", "multi")):
                continue
            path = os.path.join(data, "truth", item["id"] + spec["suffix"])
            with gzip.open(path, "rt", encoding="utf8", newline="\n") as file:
                columns, truth, _, _ = compare.read_table(file.read(), spec["key"])
            run = subprocess.run([analyzer, COMMANDS[kind], os.path.join(data, item["file"]),
                                  "--format", "tsv"], stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=120)
            ours = compare.read_table(run.stdout.decode("utf8", "replace"), spec["key"])[1]
            for key, row in truth.items():
                mine = ours.get(key)
                if mine is None:
                    found.append((kind, item["id"], "/".join(key), "row", "a row", "none"))
                    continue
                for column in columns:
                    if row[column] == "?" or column not in mine:
                        continue
                    a, b = compare.norm(column, row[column]), compare.norm(column, mine[column])
                    if a != b:
                        found.append((kind, item["id"], "/".join(key), column, a, b))
            if kind != "frames":
                found += [(kind, item["id"], "/".join(key), "row", "none", "a row")
                          for key in ours if key not in truth]
    return found


def reasons():
    path = os.path.join(HERE, "reasons.tsv")
    if not os.path.exists(path):
        return {}
    with open(path, newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {(row["capture"], row["kind"], row["column"]): row["reason"] for row in rows}


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(str(value) for value in row) + " |" for row in rows] + [""]


def write(path, parts, filters, corpus, analyzer):
    """Writes the whole document. `filters`: (equal lines, all lines, {filter: captures})."""
    equal, total, wrong = filters
    lines = ["# Agreement with Wireshark", "",
             "Written by `.ci/compare SHARED --markdown FILE`: other people's captures, tshark 4.0.17's",
             "answers about them, and ours, cell by cell. Do not edit.", ""]
    for part in parts:
        lines += ["## " + TITLES[part["kind"]], ""]
        if part["kind"] != "frames":  # that list also holds the TCP rows, which are counted above
            lines += ["%d captures, %d in full agreement on every row and core column." % (
                part["captures"], part["perfect"]), ""]
        rows = [(name, found["rows"], share(round(found["micro"] * found["rows"]), found["rows"]))
                for name, found in part["columns"].items() if found["micro"] is not None]
        lines += table(("Column", "Rows", "Equal"), rows)
        if part["flags"]:
            lines += ["Flags (`tcp.analysis.*`):", ""]
            lines += table(("Flag", "tshark sets", "both set", "only we set"),
                           [(name, found.get("tp", 0) + found.get("fn", 0), found.get("tp", 0),
                             found.get("fp", 0)) for name, found in sorted(part["flags"].items())])
    lines += ["## Display filters", "", "%d of %d lines select the same frames." % (equal, total), ""]
    if wrong:
        lines += table(("Filter", "Captures that differ"),
                       [(cell(text), ", ".join(sorted(ids))) for text, ids in sorted(wrong.items())])
    every, why = differences(corpus, analyzer), reasons()
    lines += packet_list_table.section(corpus, analyzer, why, share, cell, table)
    found = [cells for cells in every if (cells[0], cells[3]) not in UNLISTED]
    lines += ["## What remains different in segments, conversations and other frames", "",
              "%d cells; not listed: %d of the column `protocols` of other frames." % (
                  len(found), len(every) - len(found)), ""]
    if found:
        lines += table(("Capture", "List", "Frame or stream", "Column", "tshark", "ours", "Reason"),
                       [(capture, kind, key, column, cell(a), cell(b),
                         why.get((capture, kind, column), "not explained yet"))
                        for kind, capture, key, column, a, b in found[:SHOWN]])
    if len(found) > SHOWN:
        lines += ["… and %d more." % (len(found) - SHOWN), ""]
    with open(path, "w", encoding="utf8") as file:
        file.write("\n".join(lines).rstrip("\n") + "\n")
