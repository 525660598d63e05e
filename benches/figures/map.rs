//! The map of a million points: a new picture of a part of it, and the frames while it is moved.

use lapidary::engine::{Random, Result, Work};
use lapidary::learn::points::{Area, PointIndex};
use lapidary::learn::raster::aggregate as draw;

use crate::data;
use crate::table::{Amount, Report, Row, quantile, timed};

/// The size of a picture in pixels.
const SIZE: (usize, usize) = (1200, 780);

/// A picture by class of all points, and of ever smaller parts.
pub fn aggregate(report: &mut Report) -> Result<()> {
    let rows = report.options.rows(1_000_000);
    let mut random = Random::new(21);
    let (mut points, mut classes) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for _ in 0..rows {
        let class = random.below(10);
        points.push([1, 3].map(|step| data::cloud(&mut random, class * step) as f32));
        classes.push(class as u16);
    }
    let work = Work::new();
    let (index, time) = timed(|| PointIndex::new(&points, &work))?;
    let of = |what: &str| format!("map of {}k points, {what}", rows / 1000);
    report.row(Row::new(of("index"), Amount::Time(time)));
    let palette: Vec<[u8; 3]> = (0..10u8).map(|class| [class * 25, 255 - class * 25, 128]).collect();
    let mut times = Vec::new();
    for step in 0..20 {
        let area = part(index.bounds(), 0.85f64.powi(step), f64::from(step) * 0.02);
        let (_, time) = timed(|| Ok(draw(&index, &area, SIZE, &classes, None, &work)?.paint(&palette)))?;
        times.push(time);
    }
    report.row(Row::new(of("new aggregate, slowest"), Amount::Time(quantile(&times, 1.0))).at_most(Amount::ms(150)));
    report.row(Row::new(of("new aggregate, median"), Amount::Time(quantile(&times, 0.5))));
    Ok(())
}

/// A part of an area: its sides by `share`, its middle moved by `aside` of them.
fn part(whole: Area, share: f64, aside: f64) -> Area {
    let ends = |axis: usize| {
        let side = whole.max[axis] - whole.min[axis];
        let middle = (whole.max[axis] + whole.min[axis]) / 2.0 + side * aside;
        (middle - side * share / 2.0, middle + side * share / 2.0)
    };
    let ((left, right), (low, high)) = (ends(0), ends(1));
    Area { min: [left, low], max: [right, high] }
}

/// The window while its map is moved and zoomed.
#[cfg(feature = "window")]
pub fn frames(report: &mut Report) -> Result<()> {
    use std::time::Duration;

    use eframe::egui::{Event, PointerButton, accesskit::Role};
    use lapidary::app::strings::{Language, Strings};

    use crate::window::{Window, button, wheel};

    // Never fewer: the neighbours of fewer points would be laid out first, which takes longer.
    let rows = 1_000_000;
    let path = data::points_table(rows)?;
    let folder = data::folder()?;
    let project = data::project(folder.path(), &path, &["--label", "kind"])?;
    let strings = Strings::of(Language::English);
    let mut window = Window::open(&project);
    window.settle(Duration::from_secs(120))?;
    window.click(strings.map)?;
    window.click(strings.make_map)?;
    window.settle(Duration::from_secs(300))?;
    let middle = window.find(Role::Image, strings.map)?.center();
    let of = |what: &str| format!("map of {}k points in the window, {what}", rows / 1000);
    if window.pictures() == 0 {
        report.skip(&of("frame p99"), "no map was drawn");
        return Ok(());
    }
    let mut times =
        window.frames(200, |step| vec![Event::PointerMoved(middle), wheel(if step < 100 { 12.0 } else { -12.0 })]);
    let mut at = middle;
    window.frame(vec![button(PointerButton::Middle, at, true)]);
    times.extend(window.frames(300, |step| {
        at.x += if step % 100 < 50 { 4.0 } else { -4.0 };
        at.y += if step % 60 < 30 { 2.0 } else { -2.0 };
        vec![Event::PointerMoved(at)]
    }));
    window.frame(vec![button(PointerButton::Middle, at, false)]);
    report.row(Row::new(of("frame p99"), Amount::Time(quantile(&times, 0.99))).at_most(Amount::ms(8)));
    report.row(Row::new(of("frame median"), Amount::Time(quantile(&times, 0.5))));
    Ok(())
}
