//! The plots beside the table.

use std::io;
use std::ops::Range;
use std::path::Path;

use plotters::prelude::*;

use super::Point;

const SIZE: (u32, u32) = (960, 640);
const LABEL: i32 = 13;
const TITLE: i32 = 16;

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// A value of a point, and what it is called.
struct Value {
    title: &'static str,
    of: fn(&Point) -> f64,
}

const COST: Value = Value { title: "CPU time per frame, ns", of: Point::nanos_per_frame };
const MEMORY: Value = Value { title: "peak memory, MiB", of: Point::peak_mib };

/// Draws cost and memory, by streams above and by frames below.
pub fn draw(path: &Path, by_streams: &[Point], by_frames: &[Point]) -> io::Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE).map_err(io::Error::other)?;
    let panels = root.split_evenly((2, 2));
    let streams: fn(&Point) -> f64 = |point| point.streams as f64;
    let frames: fn(&Point) -> f64 = |point| point.frames as f64;
    panel(&panels[0], by_streams, ("streams", streams), &COST)?;
    panel(&panels[1], by_streams, ("streams", streams), &MEMORY)?;
    panel(&panels[2], by_frames, ("frames", frames), &COST)?;
    panel(&panels[3], by_frames, ("frames", frames), &MEMORY)?;
    root.present().map_err(io::Error::other)
}

/// One curve over a logarithmic axis. Both values begin at 0.
fn panel(
    area: &Area<'_>,
    points: &[Point],
    (by, x): (&str, fn(&Point) -> f64),
    value: &Value,
) -> io::Result<()> {
    let found: Vec<(f64, f64)> = points.iter().map(|point| (x(point), (value.of)(point))).collect();
    let most = found.iter().fold(1.0, |most: f64, &(_, y)| most.max(y));
    let mut chart = ChartBuilder::on(area);
    chart.caption(format!("{}, by {by}", value.title), ("sans-serif", TITLE));
    chart.margin(10).x_label_area_size(30).y_label_area_size(50);
    let mut chart = chart
        .build_cartesian_2d(around(&found).log_scale(), 0.0..most * 1.15)
        .map_err(io::Error::other)?;
    chart
        .configure_mesh()
        .x_label_formatter(&|x| magnitude(*x))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .x_label_style(("sans-serif", LABEL))
        .y_label_style(("sans-serif", LABEL))
        .light_line_style(WHITE)
        .draw()
        .map_err(io::Error::other)?;
    chart.draw_series(LineSeries::new(found.clone(), &BLUE)).map_err(io::Error::other)?;
    let dots = found.iter().map(|&at| Circle::new(at, 3, BLUE.filled()));
    chart.draw_series(dots).map_err(io::Error::other)?;
    Ok(())
}

fn around(found: &[(f64, f64)]) -> Range<f64> {
    let least = found.iter().fold(f64::INFINITY, |least, &(x, _)| least.min(x));
    let most = found.iter().fold(1.0, |most: f64, &(x, _)| most.max(x));
    least / 1.5..most * 1.5
}

/// `4000000` as `4 M`.
fn magnitude(value: f64) -> String {
    match value {
        millions if millions >= 1e6 => format!("{} M", millions / 1e6),
        thousands if thousands >= 1e3 => format!("{} k", thousands / 1e3),
        few => format!("{few}"),
    }
}
