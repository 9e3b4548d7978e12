//! The table of results.

use std::fmt::Write;

use crate::measure::Cost;

/// One program's medians with one preset.
pub(crate) struct Row<'a> {
    pub(crate) preset: &'a str,
    pub(crate) program: &'a str,
    pub(crate) cost: Cost,
}

/// The table as Markdown, aligned so that it reads well in a terminal too.
pub(crate) fn markdown(rows: &[Row<'_>], frames: u32) -> String {
    let mut table = String::new();
    let heads = ["preset", "program", "s", "frames/s", "CPU s", "peak MB", "x ffmpeg", "x held", "of x264"];
    let width = [9, 18, 6, 8, 6, 7, 8, 6, 7];
    let mut line = |cells: &[String]| {
        for (index, (cell, width)) in cells.iter().zip(width).enumerate() {
            // The first two columns are text, the others numbers.
            let padded = if index < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            // Writing to a string cannot fail.
            let _ = write!(table, "| {padded} ");
        }
        table += "|\n";
    };
    line(&heads.map(str::to_owned));
    let rules = width.iter().enumerate().map(|(index, &width)| match index {
        0 | 1 => "-".repeat(width),
        _ => "-".repeat(width - 1) + ":",
    });
    line(&rules.collect::<Vec<_>>());
    for Row { preset, program, cost } in rows {
        let times = |other: &str| {
            let other = rows.iter().find(|row| row.preset == *preset && row.program == other);
            other.map_or(f64::NAN, |other| other.cost.wall / cost.wall)
        };
        line(&[
            (*preset).to_owned(),
            (*program).to_owned(),
            format!("{:.2}", cost.wall),
            format!("{:.0}", f64::from(frames) / cost.wall),
            format!("{:.2}", cost.cpu),
            format!("{:.0}", cost.peak_mb),
            format!("{:.2}", times("ffmpeg")),
            format!("{:.2}", times("ffmpeg, clips held")),
            format!("{:.0} %", times("x264 alone") * 100.0),
        ]);
    }
    table
}
