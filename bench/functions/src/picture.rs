//! Draws the results for the README.

use std::{fmt::Write as _, fs};

use tools::workspace;

use crate::{
    error::{BenchError, Outcome},
    kind::Kind,
    report::Results,
};

const PATH: &str = "docs/pictures/speed.svg";

/// The bars of one panel begin below its title, one row of each kind of request.
const ROWS: [Kind; 5] = [Kind::Hello, Kind::Page, Kind::Register, Kind::Activate, Kind::SignIn];
const ROW_HEIGHT: u32 = 26;
const NAMES_WIDTH: u32 = 150;
const PANEL_WIDTH: u32 = 220;
const BAR_WIDTH: f64 = 140.0;

/// A panel: what its bars mean, and two parts of each bar.
struct Panel {
    title: &'static str,
    unit: &'static str,
    bars: Vec<(f64, f64)>,
}

/// Draws the starts, the later requests and the memory, and returns the path of the picture.
pub(crate) fn draw(results: &Results) -> Outcome<&'static str> {
    let rows = u32::try_from(ROWS.len()).expect("a few rows");
    let (width, height) = (NAMES_WIDTH + 3 * PANEL_WIDTH, 84 + rows * ROW_HEIGHT);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="13" role="img">
<title>Start, later requests and memory of each function</title>
<style>
text {{ fill: #1f2328 }} .quiet {{ fill: #59636e }} .a {{ fill: #0969da }} .b {{ fill: #80b3f0 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #f0f6fc }} .quiet {{ fill: #9198a1 }} .a {{ fill: #4493f8 }} .b {{ fill: #1f4f8f }} }}
</style>
"#
    );
    for (row, kind) in (0..).zip(ROWS) {
        let y = 66 + row * ROW_HEIGHT;
        line(&mut svg, &format!(r#"<text x="0" y="{y}">{}</text>"#, name(kind)));
    }
    for (column, panel) in (0..).zip(panels(results)) {
        panel.draw(&mut svg, NAMES_WIDTH + column * PANEL_WIDTH);
    }
    svg.push_str("</svg>\n");
    fs::write(workspace().join(PATH), svg).map_err(BenchError::at("write the picture"))?;
    Ok(PATH)
}

fn name(kind: Kind) -> &'static str {
    if kind == Kind::Hello { "hello-world" } else { kind.request() }
}

fn panels(results: &Results) -> [Panel; 3] {
    let cold = |kind: Kind| results.cold.iter().find(move |cold| cold.kind == kind);
    let warm = |kind: Kind| results.warm.iter().find(move |warm| warm.kind == kind);
    let starts = ROWS.map(|kind| cold(kind).map_or((0.0, 0.0), |it| (it.init_ms, it.first_ms)));
    let later = ROWS.map(|kind| {
        warm(kind).map_or((0.0, 0.0), |it| {
            let hashes = it.processor_ms - it.beside_hash_ms;
            (hashes, it.ms - hashes)
        })
    });
    let memory = ROWS.map(|kind| warm(kind).map_or((0.0, 0.0), |it| (it.peak_mib, 0.0)));
    [
        Panel { title: "start + first request", unit: "ms", bars: starts.into() },
        Panel { title: "later: hashes + the rest", unit: "ms", bars: later.into() },
        Panel { title: "peak memory", unit: "MiB", bars: memory.into() },
    ]
}

impl Panel {
    fn draw(&self, svg: &mut String, x: u32) {
        let longest = self.bars.iter().map(|(a, b)| a + b).fold(1.0, f64::max);
        line(svg, &format!(r#"<text x="{x}" y="30" class="quiet">{}</text>"#, self.title));
        for (row, (a, b)) in (0..).zip(&self.bars) {
            let (y, scale) = (54 + row * ROW_HEIGHT, BAR_WIDTH / longest);
            let (first, second) = (a * scale, b * scale);
            let start = f64::from(x) + first;
            line(svg, &bar("a", f64::from(x), y, first));
            line(svg, &bar("b", start, y, second));
            let (end, y) = (start + second + 6.0, y + 12);
            let sum = a + b;
            let figure = if sum < 9.95 { format!("{sum:.1}") } else { format!("{sum:.0}") };
            line(svg, &format!(r#"<text x="{end:.1}" y="{y}">{figure} {}</text>"#, self.unit));
        }
    }
}

fn bar(class: &str, x: f64, y: u32, width: f64) -> String {
    format!(r#"<rect class="{class}" x="{x:.1}" y="{y}" width="{width:.1}" height="16"/>"#)
}

fn line(svg: &mut String, text: &str) {
    let _ = writeln!(svg, "{text}");
}
