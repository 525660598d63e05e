//! Scrolling: the time of our own work for a frame while rows and thumbnails go by.

use std::time::{Duration, Instant};

use eframe::egui::{self, Event, Pos2, Rect, pos2};
use lapidary::app::theme;
use lapidary::app::widgets::{CellStyle, TableColumn, TableState, VirtualTable, cell_text, header_text};
use lapidary::engine::{Random, Result};

use crate::data;
use crate::live::arrow_bytes;
use crate::open::REVIEWS;
use crate::pictures;
use crate::table::{Amount, Report, Row, forget_peak, peak, quantile};
use crate::window::{SIZE, STEP, Window, input, wheel};

/// Three quarters of the way down fast, then a little up.
fn turn(step: usize) -> Event {
    wheel(if step % 200 < 150 { -90.0 } else { 30.0 })
}

/// The p99 of frames, with its bar in milliseconds, and their median.
pub fn rows_of(report: &mut Report, figure: &str, times: &[Duration], most: u64) {
    let p99 = Row::new(format!("{figure}, frame p99"), Amount::Time(quantile(times, 0.99)));
    report.row(p99.at_most(Amount::ms(most)));
    report.row(Row::new(format!("{figure}, frame median"), Amount::Time(quantile(times, 0.5))));
}

/// The whole window while its table of 150,000 reviews scrolls.
pub fn reviews(report: &mut Report) -> Result<()> {
    let figure = "scrolling 150k reviews";
    let Some(path) = data::find(REVIEWS) else {
        report.skip(figure, REVIEWS);
        return Ok(());
    };
    let folder = data::folder()?;
    let project = data::project(folder.path(), &path, &["--text", "document", "--gold", "label", "--id", "id"])?;
    let mut window = Window::open(&project);
    window.settle(Duration::from_secs(60))?;
    let over = Event::PointerMoved(pos2(640.0, 400.0));
    let times: Vec<Duration> = (0..600).map(|step| window.frame(vec![over.clone(), turn(step)])).collect();
    rows_of(report, figure, &times, 16);
    Ok(())
}

/// The rows of the synthetic table: no machine holds their text, so it is made when a cell is drawn.
const ROWS: u64 = 10_000_000;

/// The text of a cell.
fn cell(row: u64, column: usize) -> String {
    let mut random = Random::new(row * 12 + column as u64);
    match column {
        0 => row.to_string(),
        1 => "이 영화를 보고 나서 한참 동안 자리에서 일어나지 못했다. What a strange and wonderful film"
            .repeat(1 + random.below(2)),
        2 | 3 => format!("{:.4}", random.unit()),
        4 | 5 => random.below(100_000).to_string(),
        6 => ["book", "film", "음악", "여행"][random.below(4)].to_owned(),
        _ => format!("2024-{:02}-{:02}", 1 + random.below(12), 1 + random.below(28)),
    }
}

/// The window's table over ten million rows, on its own: at the start, in the middle and at the very end.
pub fn table(report: &mut Report) -> Result<()> {
    let ctx = egui::Context::default();
    theme::install(&ctx);
    let columns: Vec<TableColumn> =
        (0..12).map(|at| TableColumn::new(format!("column {at}"), if at == 1 { 260.0 } else { 84.0 })).collect();
    let (mut state, mut tops) = (TableState::default(), Vec::new());
    let mut time = 0.0;
    let mut frame = |state: &mut TableState, tops: &mut Vec<f32>, events: Vec<Event>| {
        time += STEP.as_secs_f64();
        tops.clear();
        let start = Instant::now();
        let mut output = ctx.run_ui(input(time, events), |ui| {
            let table = VirtualTable::new(egui::Id::unique("figures"), "rows", &columns, ROWS).frozen(1);
            let header = |ui: &mut egui::Ui, at: usize, rect: Rect| {
                header_text(ui, rect, &format!("column {at}"), CellStyle::Text, None);
            };
            let _ = table.show(ui, state, header, |ui, row, column, rect| {
                if column == 0 {
                    tops.push(rect.top());
                }
                let style = if matches!(column, 0 | 2..=5) { CellStyle::Number } else { CellStyle::Text };
                cell_text(ui, rect, &cell(row, column), style);
            });
        });
        let _ = ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = start.elapsed();
        output.textures_delta.clear();
        took
    };
    let over = Event::PointerMoved(Pos2::ZERO + SIZE / 2.0);
    // Fonts are loaded in the first frames.
    (0..30).for_each(|step| _ = frame(&mut state, &mut tops, vec![over.clone(), turn(step)]));
    let mut times = Vec::new();
    let mut even = 0;
    for place in [0, ROWS / 2, ROWS - 1] {
        state.reveal(place);
        for step in 0..300 {
            times.push(frame(&mut state, &mut tops, vec![over.clone(), turn(step)]));
            even += usize::from(is_even(&tops));
        }
    }
    rows_of(report, "scrolling a table of 10M rows", &times, 8);
    let share = even as f64 / times.len() as f64;
    let figure = "frames with rows evenly spaced, start, middle and end";
    report.row(Row::new(figure, Amount::Share(share)).at_least(Amount::Share(1.0)));
    Ok(())
}

/// Whether rows stand one below the other at equal distances, to the pixel.
fn is_even(tops: &[f32]) -> bool {
    let apart = |pair: &[f32]| (pair[1] - pair[0] - theme::size::ROW).abs() < 0.51;
    tops.len() > 10 && tops.windows(2).all(apart)
}

/// Seconds for which the gallery is scrolled: by the half of it the budgets of pictures are full.
const ROUNDS: usize = 40;

/// A gallery that is scrolled faster than thumbnails can be made.
pub fn gallery(report: &mut Report) -> Result<()> {
    let count = report.options.rows(100_000);
    let images = pictures::shapes(count)?;
    let folder = data::folder()?;
    let project = data::project(folder.path(), &images, &[])?;
    forget_peak();
    let mut window = Window::open(&project);
    window.settle(Duration::from_secs(120))?;
    let arrow = window.session().map_or(0, arrow_bytes);
    let over = Event::PointerMoved(pos2(640.0, 400.0));
    let (mut times, mut seen, mut peaks) = (Vec::new(), 0, Vec::new());
    for _ in 0..ROUNDS {
        times.extend(window.frames(60, |step| vec![over.clone(), wheel(if step < 50 { -300.0 } else { 0.0 })]));
        seen += window.pictures();
        peaks.extend(peak());
    }
    let figure = format!("gallery of {}k images while thumbnails arrive", count / 1000);
    if seen == 0 {
        report.skip(&figure, "no thumbnail was drawn");
        return Ok(());
    }
    rows_of(report, &figure, &times, 8);
    if let (Some(half), Some(end)) = (peaks.get(ROUNDS / 2), peaks.last()) {
        let most = Amount::Bytes(2 * arrow + 300_000_000);
        report.row(Row::new("its peak memory", Amount::Bytes(*end)).at_most(most));
        let growth = Row::new("its growth in the second half of the way", Amount::Bytes(end - half));
        report.row(growth.at_most(Amount::mb(30)));
    }
    Ok(())
}
