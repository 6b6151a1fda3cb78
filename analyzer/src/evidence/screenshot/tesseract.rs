//! The `tesseract` program, where the model is not there: it reads well enough to confirm what a
//! capture has, and too badly to call anything different.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::error::Error;
use super::raster::Strip;
use super::recognise::{Reading, Recogniser};

/// The program.
const PROGRAM: &str = "tesseract";
/// Time that it has for one line of text.
const PATIENCE: Duration = Duration::from_secs(10);
/// Times that a strip is enlarged, since tesseract wants characters of some 30 pixels.
const ENLARGED: usize = 3;
/// Paper around the text, in pixels of the strip.
const PAPER: usize = 6;

/// Reads with the `tesseract` program, a process for each line.
#[derive(Debug, Clone, Copy)]
pub struct Tesseract(());

impl Tesseract {
    /// The program, if it can be run.
    #[must_use]
    pub fn find() -> Option<Self> {
        let mut command = Command::new(PROGRAM);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().ok()?;
        wait(child).ok()?.then_some(Self(()))
    }
}

impl Recogniser for Tesseract {
    fn recognise(&self, strip: &Strip) -> Result<Reading, Error> {
        let Some((left, right)) = strip.extent() else { return Ok(Reading::default()) };
        let image = portable_gray_map(&strip.columns(left, right));
        let failed = |cause: std::io::Error| Error::Recogniser(format!("{PROGRAM}: {cause}"));
        let mut child = Command::new(PROGRAM)
            .args(["stdin", "stdout", "--psm", "7", "-l", "eng"])
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        // A program that does not read must not hold us; when it is stopped, writing fails.
        let writer = thread::spawn(move || input.map(|mut input| input.write_all(&image)));
        let is_done = wait(child).map_err(failed)?;
        let _ = writer.join();
        let mut text = String::new();
        if is_done && let Some(output) = output {
            let _ = output.take(4_096).read_to_string(&mut text);
        }
        Ok(Reading { text: text.trim().to_owned(), confidence: 0.5 })
    }

    fn is_trusted(&self) -> bool {
        false
    }
}

/// Waits for a child, and stops it when it takes too long; whether it ended well.
fn wait(mut child: Child) -> std::io::Result<bool> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            child.wait()?;
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Dark text on white, enlarged, as PGM.
fn portable_gray_map(strip: &Strip) -> Vec<u8> {
    let (width, height) =
        ((strip.width + 2 * PAPER) * ENLARGED, (strip.height + 2 * PAPER) * ENLARGED);
    let mut image = format!("P5\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        image.extend((0..width).map(|x| {
            let place = (x / ENLARGED).checked_sub(PAPER).zip((y / ENLARGED).checked_sub(PAPER));
            255 - place.map_or(0, |(x, y)| strip.at(x, y))
        }));
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_becomes_a_picture_with_paper_around() {
        let strip = Strip { width: 2, height: 1, ink: vec![255, 0] };
        let image = portable_gray_map(&strip);
        let header = b"P5\n42 39\n255\n";
        assert!(image.starts_with(header));
        assert_eq!(image.len(), header.len() + 42 * 39);
        assert_eq!(image.iter().filter(|gray| **gray == 0).count(), ENLARGED * ENLARGED);
    }

    #[test]
    fn a_program_that_does_not_end_well_is_told() {
        let child = Command::new("false").spawn();
        assert!(child.is_ok_and(|child| wait(child).is_ok_and(|ended| !ended)));
    }
}
