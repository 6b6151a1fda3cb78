#!/usr/bin/env python3
"""Grades every picture of a folder and compares with the truth that lies beside it.

    shots_score.py ANALYZER DIR [--set NAME] [--only PREFIX,...]

DIR holds captures/ and a folder NAME (`dev`) of pictures, each with a JSON file: `file`, `pcap`
(the capture handed in), `screenshot_of` (the run in the picture), `tamper` (null: honest),
`rows` from top to bottom with `frame`, `full_height`, `cells` and `differs`. Prints a line per
picture and a summary; fails when an honest cell is called a mismatch or suspect, when tampering
is missed, or when a picture takes too long or too much memory.
"""
import argparse, concurrent.futures, glob, json, os, subprocess, sys, tempfile

NAMES = {"src": "source", "dst": "destination", "proto": "protocol", "len": "length"}
MAX_SECONDS, MAX_KIB = 5.0, 500 * 1024


def grade(program, folder, captures, truth, core):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = ["taskset", "-c", str(core), program, "grade", "--pcap",
                   os.path.join(captures, truth["pcap"]), "--evidence",
                   os.path.join(folder, truth["file"]), "--format", "json", "-o", out.name]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        error = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = used.ru_utime + used.ru_stime
        text = open(out.name).read()
    if process.returncode not in (0, 1):
        return None, error.strip(), seconds, used.ru_maxrss
    return json.loads(text), error, seconds, used.ru_maxrss


def score(truth, report):
    """What was found in one picture, as counts and lists."""
    piece = report["evidence"][0]
    got = {"false": [], "wrong_suspect": [], "unreadable": 0, "cells": 0, "hits": [], "tie": [],
           "rows": len(piece["rows"]), "source": piece["source"], "findings": piece["list_findings"]}
    # Rows of the report come in the order of the picture; a first row that is cut away may
    # be left out by the reader, so the rows are laid against each other by their frames.
    shown_rows = truth["rows"]
    frames = [row["frame"] for row in piece["rows"]]
    def agree(skip):
        return sum(a == b["frame"] for a, b in zip(frames, shown_rows[skip:]))
    skip = max(range(min(2, len(shown_rows))), key=agree, default=0)
    for row, shown in zip(piece["rows"], shown_rows[skip:] + [None] * len(frames)):
        if shown is None:
            got["false"].append(("row that is not in the picture", row["line"]))
            continue
        differs = {NAMES.get(name, name) for name in shown.get("differs") or []}
        if row["frame"] != shown["frame"] and shown["full_height"]:
            got["tie"].append((row["line"], row["frame"], shown["frame"]))
        for cell in row["cells"]:
            verdict = cell["verdict"]
            if verdict is None:
                continue
            got["cells"] += 1
            got["unreadable"] += verdict == "unreadable"
            if verdict == "unreadable":
                got["tie"].append((shown["frame"], cell["column"], cell["seen"]))
            if verdict not in ("mismatch", "suspect"):
                continue
            if cell["column"] in differs or "row" in differs:
                got["hits"].append((shown["frame"], cell["column"], verdict))
            else:
                kind = "false" if verdict == "mismatch" else "wrong_suspect"
                got[kind].append((shown["frame"], cell["column"], cell["seen"], cell["expected"]))
    return got


def is_found(truth, got):
    tamper = truth["tamper"]
    kinds = {finding["kind"]: finding["frames"] for finding in got["findings"]}
    if tamper["kind"] == "edited-cell":
        wanted = {(e["frame"], NAMES.get(e["column"], e["column"])) for e in tamper["detail"]}
        return wanted <= {(frame, column) for frame, column, _ in got["hits"]}
    if tamper["kind"] == "other-run":
        return got["source"] in ("another-run", "another-capture")
    if tamper["kind"] == "row-removed":
        return tamper["detail"]["removed_frame"] in kinds.get("removed", [])
    if tamper["kind"] == "rows-swapped":
        moved = kinds.get("swapped", kinds.get("reordered", []))
        return sorted(tamper["detail"]["swapped"]) == sorted(moved)
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("dir")
    parser.add_argument("--set", default="dev")
    parser.add_argument("--any-time", action="store_true",
                        help="do not fail for time, on a machine that does other work")
    parser.add_argument("--only", default="", help="names begin with one of these")
    options = parser.parse_args()
    folder = os.path.join(options.dir, options.set)
    captures = os.path.join(options.dir, "captures")
    truths = []
    for name in sorted(glob.glob(os.path.join(folder, "*.json"))):
        truth = json.load(open(name))
        if "rows" in truth and any(truth["shot"].startswith(p) for p in options.only.split(",")):
            truths.append(truth)
    free = sorted(os.sched_getaffinity(0))

    def work(truth):
        core = free.pop()
        try:
            return truth, grade(options.program, folder, captures, truth, core)
        finally:
            free.append(core)

    names = ("pictures", "holds", "rows", "rows in the pictures", "cells", "false mismatches",
             "wrong suspects", "unreadable")
    total, found, failed, slowest, largest = dict.fromkeys(names, 0), {}, [], 0.0, 0
    panes = dict.fromkeys(("pictures", "shown", "equal", "unreadable", "different"), 0)
    details = dict.fromkeys(("pictures", "shown", "equal", "not_judged", "unreadable"), 0)
    pool = concurrent.futures.ThreadPoolExecutor(len(free))
    for truth, (report, error, seconds, kib) in pool.map(work, truths):
        slowest, largest = max(slowest, seconds), max(largest, kib)
        kind = truth["tamper"]["kind"] if truth["tamper"] else "honest"
        name = f'{truth["shot"]:26s} {kind:12s} {seconds:5.1f} s {kib // 1024:4d} MiB'
        if report is None:
            print(name, "FAILED:", error, flush=True)
            failed.append(truth["shot"])
            continue
        got = score(truth, report)
        line = (f'{name} {got["source"]:12s} rows {got["rows"]}/{len(truth["rows"])} '
                f'cells {got["cells"]} unreadable {got["unreadable"]} false {len(got["false"])} '
                f'wrong suspects {len(got["wrong_suspect"])}')
        wrong = False
        pane = report["evidence"][0].get("bytes")
        if pane and kind != "other-run":
            for key, count in (("pictures", 1), ("shown", pane["shown"]), ("equal", pane["equal"]),
                               ("unreadable", pane.get("unreadable", 0)),
                               ("different", len(pane["differing"]))):
                panes[key] += count
            line += f' bytes {pane["equal"]}/{pane["shown"]} of frame {pane["frame"]}'
            if pane["differing"]:
                got["false"].append(("bytes pane", pane["differing"][:3]))
        lines = report["evidence"][0].get("details")
        if lines and kind != "other-run":
            for key in details:
                details[key] += 1 if key == "pictures" else lines[key]
            line += f' details {lines["equal"]}/{lines["shown"]} of frame {lines["frame"]}'
        if kind == "honest":
            for key, count in (("pictures", 1), ("holds", report["holds"]), ("rows", got["rows"]),
                               ("rows in the pictures", len(truth["rows"])), ("cells", got["cells"]),
                               ("unreadable", got["unreadable"])):
                total[key] += count
            wrong = got["source"] != "this-capture" or bool(got["findings"])
            line += " FLAGGED" if wrong else ""
        else:
            wrong = not is_found(truth, got)
            found.setdefault(kind, []).append(not wrong)
            line += " MISSED" if wrong else " FOUND"
        if kind != "other-run":
            total["false mismatches"] += len(got["false"])
            total["wrong suspects"] += len(got["wrong_suspect"])
            wrong = wrong or bool(got["false"] or got["wrong_suspect"])
        if wrong:
            failed.append(truth["shot"])
        print(line, got["hits"][:3], [(f["kind"], f["frames"][:4]) for f in got["findings"]][:3], flush=True)
        for key in ("false", "wrong_suspect", "tie") if kind != "other-run" else ():
            for item in got[key][:4]:
                print("     ", key, item)
    print("honest:", total)
    print("bytes panes:", panes)
    print("details panes:", details)
    print("tampering found:", {kind: f"{sum(v)}/{len(v)}" for kind, v in found.items()})
    print(f"slowest picture {slowest:.1f} s of processor time, most memory {largest // 1024} MiB")
    failed += ["time"] * (slowest > MAX_SECONDS and not options.any_time) + ["memory"] * (largest > MAX_KIB)
    if failed:
        print("failed:", ", ".join(dict.fromkeys(failed)))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
