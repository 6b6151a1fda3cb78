//! The class on one page: who has what, what most got wrong, which captures have one origin.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::gradebook::partners;
use super::{Class, Graded};
use crate::grade::page::{document, number, say, shared};
use crate::grade::rubric::Lang;

/// The page. `pages` are the names of the students' pages, in the order of the class.
pub(super) fn summary(class: &Class, pages: &[String]) -> String {
    let lang = class.lang;
    let pairs: Vec<_> = class.shared.iter().map(|(_, _, pair)| pair.clone()).collect();
    let body = html! {
        header { h1 { (say(lang, "The class", "Kelas")) } (numbers(class)) }
        (wrong(class))
        (students(class, pages))
        (shared(&pairs, lang))
    };
    document(say(lang, "The class", "Kelas"), lang, &body)
}

fn numbers(class: &Class) -> Markup {
    let scores: Vec<f64> =
        class.graded.iter().filter_map(|graded| graded.report.as_ref().ok()?.score).collect();
    let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
    let failed = class.graded.iter().filter(|graded| graded.report.is_err()).count();
    let lang = class.lang;
    html! {
        p { (class.graded.len()) " " (say(lang, "submissions", "kumpulan tugas"))
            @if !scores.is_empty() { ", " (say(lang, "mean score ", "nilai rata-rata ")) (number(mean)) }
            @if failed > 0 { ", " span.bad { (failed) " " (say(lang, "could not be graded", "tidak dapat dinilai")) } }
        }
    }
}

/// Items by how many did not get all of their points; the worst first.
fn wrong(class: &Class) -> Markup {
    let mut items: BTreeMap<&str, (&str, usize, usize)> = BTreeMap::new();
    for report in class.graded.iter().filter_map(|graded| graded.report.as_ref().ok()) {
        for item in &report.items {
            let entry = items.entry(&item.id).or_insert((&item.title, 0, 0));
            entry.1 += usize::from(!item.holds);
            entry.2 += 1;
        }
    }
    let mut items: Vec<_> = items.into_values().collect();
    items.sort_by_key(|&(_, wrong, _)| std::cmp::Reverse(wrong));
    let lang = class.lang;
    html! {
        @if !items.is_empty() {
            section {
                h2 { (say(lang, "What most got wrong", "Yang paling banyak salah")) }
                table { tbody { @for (title, wrong, all) in items {
                    tr { td { (title) } td.number { (wrong) " / " (all) } }
                } } }
            }
        }
    }
}

fn students(class: &Class, pages: &[String]) -> Markup {
    let lang = class.lang;
    html! {
        section {
            h2 { (say(lang, "Submissions", "Daftar tugas")) }
            div.scroll { table {
                thead { tr {
                    th { (say(lang, "Student", "Mahasiswa")) }
                    th { (say(lang, "Score", "Nilai")) }
                    th { (say(lang, "To look at", "Perlu dilihat")) }
                } }
                tbody { @for (at, graded) in class.graded.iter().enumerate() {
                    tr {
                        td.name { @match pages.get(at) {
                            Some(page) => a href=(page) { (graded.name) },
                            None => (graded.name),
                        } }
                        td.number { (score(graded)) }
                        td { (notes(class, at, graded, lang)) }
                    }
                } }
            } }
        }
    }
}

fn score(graded: &Graded) -> String {
    let Ok(report) = &graded.report else { return String::from("–") };
    match (report.score, report.max_score) {
        (Some(score), Some(max)) => format!("{} / {}", number(score), number(max)),
        _ => String::from(if report.holds { "✓" } else { "✗" }),
    }
}

fn notes(class: &Class, at: usize, graded: &Graded, lang: Lang) -> Markup {
    let partners = partners(class, at);
    html! {
        @if let Err(reason) = &graded.report { span.bad { (reason) } " " }
        @if !partners.is_empty() {
            (say(lang, "a recording has one origin with one of ", "rekaman berasal sama dengan milik "))
            (partners.join(", ")) ". "
        }
        @if !graded.signs.is_empty() {
            (graded.signs.len()) " "
            @if graded.signs.len() == 1 { (say(lang, "observation", "pengamatan")) }
            @else { (say(lang, "observations", "pengamatan")) }
            (say(lang, " on the capture. ", " pada capture. "))
        }
        @for skipped in &graded.skipped { span.quiet { (skipped) } " " }
    }
}
