"""The packet list against tshark's own: Protocol and Info of every frame, as Markdown.

The stored answers of the corpus have TCP's Info only, so this asks the installed tshark (4.0,
the corpus' empty configuration, one pass). Returns nothing where there is none.
"""
import csv
import os
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

KIND = "list"
SHOWN = 250
RUNS = 2
# What our rows say when nothing here reads the payload: not equal, but not wrong either.
PLAIN = {"TCP", "UDP", "SCTP", "IPv4", "IPv6", "GTP <TCP>", "GTP <UDP>"}
# Reasons that a text in tshark's Info, and not in ours, gives by itself.
TEXTS = (("[TCP segment of a reassembled PDU]", "a dissector above TCP that is not here joins segments"),
         ("[Reassembly error", "tshark reports on its own reassembly, of bytes that overlap"),
         ("NTLMSSP", "the authentication inside the HTTP header is not decoded"),
         ("[Malformed Packet]", "a dissector above that is not here, or its field, ends too early"))


def tshark_is_there():
    try:
        told = subprocess.run(["tshark", "--version"], capture_output=True, check=False).stdout
    except OSError:
        return False
    return b"TShark (Wireshark) 4.0." in told


def theirs(corpus, path):
    """Frame number to (Protocol, Info), by tshark."""
    environment = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8",
                       WIRESHARK_CONFIG_DIR=os.path.join(corpus, "tshark-default"))
    run = subprocess.run(["tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.number",
                          "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"], env=environment,
                         stdin=subprocess.DEVNULL, capture_output=True, check=False)
    rows = (line.split("\t", 2) for line in run.stdout.decode("utf8", "replace").split("\n"))
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3}


def ours(analyzer, path):
    """The same, by us; an empty column is a dash in our table."""
    run = subprocess.run([analyzer, "frames", path, "--format", "tsv"],
                         stdin=subprocess.DEVNULL, capture_output=True, check=False)
    rows = (line.split("\t") for line in run.stdout.decode("utf8", "replace").split("\n")[1:])
    return {row[0]: (row[4], "" if row[6] == "-" else row[6]) for row in rows if len(row) > 7}


def compare(corpus, analyzer):
    """Every frame as (capture, frame, tshark's columns, ours)."""
    data = os.path.join(corpus, "dev")
    with open(os.path.join(data, "manifest.tsv"), newline="") as file:
        items = sorted(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE),
                       key=lambda item: item["id"])

    def one(item):
        path = os.path.join(data, item["file"])
        return item["id"], theirs(corpus, path), ours(analyzer, path)

    with ThreadPoolExecutor(RUNS) as pool:
        for capture, told, mine in pool.map(one, items):
            for frame, row in told.items():
                yield capture, frame, row, mine.get(frame, ("", "no row"))


def section(corpus, analyzer, why, share, cell, table):
    """Lines of the section; `why` has a reason per (capture, kind, protocol)."""
    if not tshark_is_there():
        return []
    rows, equal, plain, other = Counter(), Counter(), Counter(), Counter()
    listed = []
    for capture, frame, told, mine in compare(corpus, analyzer):
        protocol = told[0]
        rows[protocol] += 1
        if told == mine:
            equal[protocol] += 1
        elif not mine[1] or mine[0] in PLAIN and mine[0] != protocol:
            plain[protocol] += 1
        else:
            other[protocol] += 1
            reason = why.get((capture, KIND, protocol)) or why.get(("*", KIND, protocol))
            reason = reason or next((words for text, words in TEXTS
                                     if text in told[1] and text not in mine[1]), None)
            listed.append((capture, frame, " ".join(told), " ".join(mine), reason))
    lines = ["## Packet list (`analyzer frames`: Protocol and Info)", "",
             "%d of %d rows are equal. \"Not read\": a protocol that nothing here reads; our row is"
             % (sum(equal.values()), sum(rows.values())),
             "the layer below, with its length. \"Different\" is listed at the end.", ""]
    names = sorted(rows, key=lambda name: (-rows[name], name))
    lines += table(("tshark's Protocol", "Rows", "Equal", "Not read", "Different"),
                   [(cell(name), rows[name], share(equal[name], rows[name]), plain[name],
                     other[name]) for name in names])
    named = listed[:SHOWN]
    lines += ["Rows that differ, without those that are not read:", ""]
    lines += table(("Capture", "Frame", "tshark", "ours", "Reason"),
                   [(capture, frame, cell(told), cell(mine), reason or "not explained yet")
                    for capture, frame, told, mine, reason in named])
    if len(listed) > SHOWN:
        lines += ["… and %d more." % (len(listed) - SHOWN), ""]
    return lines
