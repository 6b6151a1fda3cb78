//! The folder that a class is written to.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use super::{Class, Graded, gradebook, summary};
use crate::grade::page::{Beside, page};
use crate::grade::rubric::Lang;

impl Class {
    /// Writes `gradebook.csv`, `gradebook-moodle.csv`, `gradebook-canvas.csv`, `index.html`, and
    /// a page for each student in `students/`. Students' pages do not name others; the summary,
    /// which is for the teacher, does.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let students = folder.join("students");
        fs::create_dir_all(&students)?;
        let mut links = Vec::with_capacity(self.graded.len());
        for (at, graded) in self.graded.iter().enumerate() {
            let name = format!("{:03}-{}.html", at + 1, file_name(&graded.name));
            fs::write(students.join(&name), student(graded, self.lang))?;
            links.push(format!("students/{name}"));
        }
        fs::write(folder.join("index.html"), summary::summary(self, &links))?;
        let create = |name: &str| Ok(BufWriter::new(File::create(folder.join(name))?));
        let all: io::Result<BufWriter<File>> = create("gradebook.csv");
        gradebook::write_all(self, all?)?;
        let moodle: io::Result<BufWriter<File>> = create("gradebook-moodle.csv");
        gradebook::write_moodle(self, moodle?)?;
        let canvas: io::Result<BufWriter<File>> = create("gradebook-canvas.csv");
        gradebook::write_canvas(self, canvas?)
    }
}

fn student(graded: &Graded, lang: Lang) -> String {
    match &graded.report {
        Ok(report) => {
            let (title, evidence, signs) = (&graded.name, &graded.evidence, &graded.signs);
            page(report, Beside { title, evidence, signs, shared: &[], lang })
        }
        Err(reason) => {
            let body = maud::html! { h1 { (graded.name) } p.bad { (reason) } };
            crate::grade::page::document(&graded.name, lang, &body)
        }
    }
}

/// The name with what no file system and no link minds; names that become the same are told
/// apart by their number.
fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c } else { '_' };
    name.chars().take(80).map(safe).collect()
}
