//! Annotations in and out: a million in the formats of other tools, a COCO file of 900,000 boxes, and a brush mask.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lapidary::data::annotations::model::{Annotation, Class, Content, Document, Documents, Image, Mark, Rect, Span};
use lapidary::data::annotations::rle::{Mask, from_brush, to_brush};
use lapidary::data::annotations::{self, Options};
use lapidary::engine::{Error, Random, Result, Work};

use crate::data::{self, Writer};
use crate::peers::Peer;
use crate::table::{Amount, Report, Row, forget_peak, median_of, peak, timed};

const PYCOCOTOOLS: Peer = Peer { name: "pycocotools", script: "pycocotools_load.py", noted: &[] };

/// Annotations a document.
const EACH: usize = 4;

/// Documents of short texts, each with a class and three spans.
fn texts(annotations: usize) -> Documents {
    let mut writer = Writer::new(7);
    let labels: [std::sync::Arc<str>; 3] = ["PS".into(), "LC".into(), "OG".into()];
    let documents = (0..annotations / EACH).map(|row| {
        let mut text = String::new();
        writer.write(&mut text, row % 2 == 0, 60);
        let mut document = Document::text((row + 1).to_string(), text);
        document.annotations.push(Annotation::new(labels[row % 3].clone(), Mark::Class));
        for (place, label) in labels.iter().enumerate() {
            let (start, end) = (place * 6, place * 6 + 4);
            let shown = document.as_text().unwrap_or_default();
            let surface: String = shown.chars().skip(start).take(end - start).collect();
            let end = start + surface.chars().count();
            let span = Span { pieces: vec![(start, end)], surface };
            document.annotations.push(Annotation::new(label.clone(), Mark::Span(span)));
        }
        document
    });
    Documents { documents: documents.collect(), classes: labels.iter().cloned().map(Class::named).collect() }
}

/// Images with ten boxes each.
fn boxes(count: usize) -> Documents {
    let mut random = Random::new(8);
    let classes: Vec<Class> = (0..80).map(|number| Class::named(format!("class {number}"))).collect();
    let documents = (0..count / 10).map(|row| {
        let image = Image { path: format!("{row:012}.jpg"), width: 640, height: 480, orientation: 1 };
        let mut document = Document::new((row + 1).to_string(), Content::Image(image));
        for _ in 0..10 {
            let mut side = |most: usize| random.below(most * 100) as f64 / 100.0;
            let rect = Rect::new(side(500), side(400), 1.0 + side(139), 1.0 + side(79));
            let class = classes.get(random.below(80)).map(|class| class.name.clone()).unwrap_or_default();
            document.annotations.push(Annotation::new(class, Mark::Box(rect)));
        }
        document
    });
    let documents = documents.collect();
    Documents { documents, classes }
}

fn thousands(count: usize) -> String {
    format!("{}k", count / 1000)
}

/// A million annotations out, in the formats of text and of images.
pub fn export(report: &mut Report) -> Result<()> {
    let count = report.options.rows(1_000_000);
    let (folder, work) = (data::folder()?, Work::new());
    let mut write = |documents: &Documents, format: &str, name: &str| {
        let path = folder.path().join(name);
        let format = annotations::format(format)?;
        let (_, took) = timed(|| annotations::write(&path, documents, format, &Options::default(), &work))?;
        let figure = format!("{} annotations out as {}", thousands(count), format.name());
        report.row(Row::new(figure, Amount::Time(took)).at_most(Amount::ms(5000)));
        Ok::<_, Error>(())
    };
    let documents = texts(count);
    for (format, name) in [("jsonl", "a.jsonl"), ("doccano", "b.jsonl"), ("label-studio", "c.json")] {
        write(&documents, format, name)?;
    }
    for (format, name) in [("conll", "d.conll"), ("parquet", "e.parquet")] {
        write(&documents, format, name)?;
    }
    drop(documents);
    let documents = boxes(count);
    for (format, name) in [("coco", "f.json"), ("cvat", "g.xml")] {
        write(&documents, format, name)?;
    }
    Ok(())
}

/// A JSON Lines file of a million lines in: our own, and doccano's.
pub fn import(report: &mut Report) -> Result<()> {
    let rows = report.options.rows(1_000_000);
    let work = Work::new();
    for (format, key) in [("jsonl", "annotations"), ("doccano", "label")] {
        let path = data::kept(&format!("exchange-{format}-{rows}.jsonl"), |path| {
            let mut writer = Writer::new(9);
            let mut out = String::new();
            for row in 0..rows {
                let _ = write!(out, "{{\"id\":\"{}\",\"text\":\"", row + 1);
                writer.write(&mut out, row % 2 == 0, 60);
                let span = match key {
                    "label" => "[0,4,\"PS\"]",
                    _ => "{\"kind\":\"span\",\"label\":\"PS\",\"start\":0,\"end\":4,\"surface\":\"\"}",
                };
                let _ = writeln!(out, "\",\"{key}\":[{span}]}}");
            }
            fs::write(path, out).map_err(data::failed(path))
        })?;
        let format = annotations::format(format)?;
        forget_peak();
        let (read, took) = timed(|| annotations::read(&path, format, &Options::default(), &work))?;
        let held = peak();
        if read.1.annotations != rows {
            return Err(Error::input(format!("{} annotations were read of {rows}", read.1.annotations)));
        }
        let figure = format!("{} lines in as {}", thousands(rows), format.name());
        report.row(Row::new(figure, Amount::Time(took)).at_most(Amount::ms(5000)));
        if let Some(held) = held {
            report.row(Row::new("its peak memory", Amount::Bytes(held)));
        }
    }
    Ok(())
}

/// A COCO file of 900,000 boxes in, beside the loader of pycocotools.
pub fn coco(report: &mut Report) -> Result<()> {
    let count = report.options.rows(900_000);
    let work = Work::new();
    let format = annotations::format("coco")?;
    let path = data::kept(&format!("exchange-coco-{count}.json"), |path| {
        annotations::write(path, &boxes(count), format, &Options::default(), &work).map(|_| ())
    })?;
    // What was made for it must not count.
    forget_peak();
    let (read, took) = timed(|| annotations::read(&path, format, &Options::default(), &work))?;
    let held = peak();
    if read.1.annotations != count || !read.1.lost.is_empty() {
        return Err(Error::input(format!("{} boxes were read of {count}", read.1.annotations)));
    }
    let peer = PYCOCOTOOLS.ask(&[Path::new(&path)], report.options);
    let figure = format!("COCO file of {} boxes in", thousands(count));
    report.row(Row::new(figure, Amount::Time(took)).at_most(Amount::ms(4000)).beside(peer.time("seconds")).times(3.0));
    if let Some(held) = held {
        let row = Row::new("its peak memory", Amount::Bytes(held)).at_most(Amount::mb(1000));
        report.row(row.beside(peer.memory("peak_mb")));
    }
    Ok(())
}

/// A brush mask of 6.3 million pixels in and out.
pub fn brush(report: &mut Report) -> Result<()> {
    let (width, height) = (3000u32, 2100u32);
    let pixels: Vec<u8> = (0..width * height).map(|at| u8::from(at / 37 % 5 == 0)).collect();
    let none = || Error::input("the mask cannot be made");
    let mask = Mask::from_pixels(width, height, &pixels).ok_or_else(none)?;
    let bytes = to_brush(&mask).ok_or_else(none)?;
    let read = median_of(9, |_| {
        let (brush, took) = timed(|| from_brush(&bytes, width, height).ok_or_else(none))?;
        if brush.mask == mask { Ok(took) } else { Err(Error::input("the mask came back as another")) }
    })?;
    report.row(Row::new("brush of 6.3 million pixels in", Amount::Time(read)).at_most(Amount::ms(50)));
    let written = median_of(9, |_| timed(|| to_brush(&mask).ok_or_else(none)).map(|(_, took)| took))?;
    report.row(Row::new("the same out", Amount::Time(written)).at_most(Amount::ms(50)));
    Ok(())
}
