//! Cleaning: label errors and duplicates, beside the tools that look for the same.

use std::collections::{HashMap, HashSet};

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{Array as _, LargeStringArray};
use lapidary::clean::duplicates::{self, Context, Duplicates, ImageOptions, TextOptions};
use lapidary::clean::label_errors::{self, LabelErrors};
use lapidary::data::read::{self, ReadOptions};
use lapidary::engine::{Error, Random, Result, Work};
use lapidary::learn::Matrix;

use crate::data;
use crate::open::REVIEWS;
use crate::peers::Peer;
use crate::pictures;
use crate::table::{Amount, Report, Row, forget_peak, median_of, peak, timed};

const CLEANLAB: Peer = Peer { name: "cleanlab", script: "cleanlab_issues.py", noted: &[] };
const DATASKETCH: Peer =
    Peer { name: "datasketch", script: "datasketch_texts.py", noted: &[("seconds", 20.0), ("recall", 0.886)] };
const IMAGEHASH: Peer = Peer { name: "imagehash", script: "imagehash_files.py", noted: &[("seconds", 3.2)] };

/// Confident learning on a million rows of ten probabilities, of which one label in ten is wrong.
pub fn label_errors(report: &mut Report) -> Result<()> {
    const CLASSES: usize = 10;
    let options = report.options;
    let rows = options.rows(1_000_000);
    let mut random = Random::new(9);
    let (mut values, mut labels) = (Vec::with_capacity(rows * CLASSES), Vec::with_capacity(rows));
    for _ in 0..rows {
        let class = random.below(CLASSES);
        let sure = 1.0 + 12.0 * random.unit();
        let weights: [f64; CLASSES] =
            std::array::from_fn(|other| random.unit().powi(2) + if other == class { sure } else { 0.02 });
        let sum: f64 = weights.iter().sum();
        values.extend(weights.iter().map(|weight| (weight / sum) as f32));
        labels.push(if random.below(10) == 0 { random.below(CLASSES) } else { class } as u16);
    }
    let folder = data::folder()?;
    let files = ["probabilities.bin", "labels.bin"].map(|name| folder.path().join(name));
    if options.peers {
        let [probabilities, given] = &files;
        data::write_bytes(probabilities, values.iter().flat_map(|value: &f32| value.to_le_bytes()))?;
        data::write_bytes(given, labels.iter().map(|&label| label as u8))?;
    }
    let matrix = Matrix::new(rows, CLASSES, values)?;
    let given: Vec<Option<u16>> = labels.iter().map(|&label| Some(label)).collect();
    let cleanlab = CLEANLAB.ask(&files, options);
    forget_peak();
    let how = label_errors::Options::default();
    let time = median_of(3, |_| Ok(timed(|| LabelErrors::find(&matrix, &given, &how, &Work::new()))?.1))?;
    let figure = format!("confident learning, {}k x {CLASSES}", options.rows(1000));
    let row = Row::new(figure, Amount::Time(time)).at_most(Amount::ms(500));
    report.row(row.beside(cleanlab.time("seconds")).times(20.0));
    if let Some(peak) = peak() {
        report.row(Row::new("its peak memory", Amount::Bytes(peak)).beside(cleanlab.memory("peak_mb")));
    }
    Ok(())
}

/// The similarity from which two texts are near.
const NEAR: f64 = 0.8;

/// The characters of an n-gram: what ours takes for short texts.
const GRAM: usize = 3;

/// Near duplicates among 100,000 reviews, every tenth of which is a copy of another with one to three letters changed.
pub fn texts(report: &mut Report) -> Result<()> {
    let options = report.options;
    let rows = options.rows(100_000);
    let (texts, planted) = copied(&reviews(rows - rows / 10)?, rows / 10);
    let near: Vec<(u32, u32)> = planted.into_iter().filter(|&(a, b)| jaccard(&texts, a, b) >= NEAR).collect();
    let folder = data::folder()?;
    let files = ["texts.txt", "planted.txt"].map(|name| folder.path().join(name));
    if options.peers {
        let [lines, pairs] = &files;
        data::write_lines(lines, texts.iter().flatten())?;
        let shown: Vec<String> = near.iter().map(|(a, b)| format!("{a} {b}")).collect();
        data::write_lines(pairs, shown.iter().map(String::as_str))?;
    }
    let datasketch = DATASKETCH.ask(&files, options);
    forget_peak();
    let how = TextOptions { threshold: Some(NEAR), ..TextOptions::default() };
    let (found, time) = timed(|| duplicates::of_texts(&texts, Context::default(), &how, &Work::new()))?;
    let peak = peak();
    let figure = format!("near duplicates of {}k reviews, Jaccard {NEAR}", rows / 1000);
    report.row(Row::new(figure, Amount::Time(time)).beside(datasketch.time("seconds")).times(20.0));
    let recall = Row::new("recall of planted pairs", Amount::Share(recall(&found, &near)));
    report.row(recall.at_least(Amount::Share(0.95)).beside(datasketch.share("recall")));
    let right = found.pairs.iter().filter(|(a, b, _)| jaccard(&texts, *a, *b) >= NEAR - 1e-6).count();
    let precision = Row::new("precision of all pairs", Amount::Share(part(right, found.pairs.len())));
    report.row(precision.at_least(Amount::Share(0.99)).beside(datasketch.share("precision")));
    if let Some(peak) = peak {
        report.row(Row::new("its peak memory", Amount::Bytes(peak)).beside(datasketch.memory("peak_mb")));
    }
    Ok(())
}

/// So many reviews, or texts like them where there are none.
fn reviews(rows: usize) -> Result<LargeStringArray> {
    let Some(path) = data::find(REVIEWS) else { return Ok(data::texts(rows, 60, 11)) };
    let frame = read::read_frame(&path, &ReadOptions::default(), &Work::new())?.frame;
    let column = frame.column("document")?;
    let texts = column.strings().ok_or_else(|| Error::input("the reviews are no texts"))?;
    Ok(texts.slice(0, rows.min(texts.len())))
}

/// The texts, and after them copies of some of them with a few letters changed; and which is the copy of which.
fn copied(texts: &LargeStringArray, copies: usize) -> (LargeStringArray, Vec<(u32, u32)>) {
    let mut random = Random::new(13);
    let mut all = LargeStringBuilder::new();
    // Line breaks would be lost on the way to the peer.
    let plain = |row: usize| texts.value(row).replace(['\n', '\r', '\u{2028}', '\u{85}'], " ");
    (0..texts.len()).for_each(|row| all.append_value(plain(row)));
    let mut planted = Vec::with_capacity(copies);
    while planted.len() < copies {
        let row = random.below(texts.len());
        let mut letters: Vec<char> = plain(row).chars().collect();
        // In a short text a single letter takes the pair below the threshold.
        if letters.len() < 24 {
            continue;
        }
        for _ in 0..1 + random.below(3) {
            let at = random.below(letters.len());
            match random.below(3) {
                0 => _ = letters.remove(at),
                1 => letters.insert(at, '가'),
                _ => letters[at] = 'x',
            }
        }
        planted.push((row as u32, (texts.len() + planted.len()) as u32));
        all.append_value(letters.into_iter().collect::<String>());
    }
    (all.finish(), planted)
}

/// The similarity of two texts as it is defined, counted slowly.
fn jaccard(texts: &LargeStringArray, a: u32, b: u32) -> f64 {
    let grams = |row: u32| -> HashSet<String> {
        let words: Vec<&str> = texts.value(row as usize).split_whitespace().collect();
        let letters: Vec<char> = words.join(" ").to_lowercase().chars().collect();
        letters.windows(GRAM.min(letters.len()).max(1)).map(|gram| gram.iter().collect()).collect()
    };
    let (a, b) = (grams(a), grams(b));
    let shared = a.intersection(&b).count();
    part(shared, a.len() + b.len() - shared)
}

/// The share of pairs whose rows are in one group.
fn recall(found: &Duplicates, pairs: &[(u32, u32)]) -> f64 {
    let members =
        found.groups.iter().zip(0u32..).flat_map(|(group, number)| group.members.iter().map(move |m| (m.row, number)));
    let group: HashMap<u32, u32> = members.collect();
    let together = |(a, b): &&(u32, u32)| group.get(a).is_some_and(|number| group.get(b) == Some(number));
    part(pairs.iter().filter(together).count(), pairs.len())
}

fn part(some: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { some as f64 / all as f64 }
}

/// Near duplicates among 10,000 images of 32 x 32 pixels, read from their files.
pub fn images(report: &mut Report) -> Result<()> {
    let options = report.options;
    let count = options.rows(10_000);
    let folder = pictures::photos(count)?;
    let frame = read::read_frame(&folder, &ReadOptions::default(), &Work::new())?.frame;
    let column = frame.column("image")?;
    let imagehash = IMAGEHASH.ask(&[folder.as_os_str()], options);
    forget_peak();
    let how = ImageOptions::default();
    let find = || duplicates::of_image_column(&folder, column, Context::default(), &how, &Work::new());
    let (found, time) = timed(find)?;
    let figure = format!("near duplicates of {count} images, 32 x 32, PNG");
    report.row(Row::new(figure, Amount::Time(time)).beside(imagehash.time("seconds")).times(5.0));
    // Files are named by number and read in the order of their names.
    let planted: Vec<(u32, u32)> = (0..count as u32)
        .filter(|at| *at as usize % pictures::PLANTED == pictures::PLANTED - 1)
        .map(|at| (at + 1 - pictures::PLANTED as u32, at))
        .collect();
    let recall = Row::new("recall of planted pairs", Amount::Share(recall(&found, &planted)));
    report.row(recall.beside(imagehash.share("recall")));
    let right = |(a, b, _): &&(u32, u32, f32)| *b == *a + pictures::PLANTED as u32 - 1;
    let precision = part(found.pairs.iter().filter(right).count(), found.pairs.len());
    report.row(Row::new("precision of all pairs", Amount::Share(precision)).beside(imagehash.share("precision")));
    Ok(())
}

/// Planted near duplicates among real photographs.
pub fn photos(report: &mut Report) -> Result<()> {
    let figure = "photo_issues: recall of duplicates";
    let Some(path) = data::find("photo_issues") else {
        report.skip(figure, "photo_issues");
        return Ok(());
    };
    let frame = read::read_frame(&path, &ReadOptions::default(), &Work::new())?.frame;
    let [image, file, photo, of] =
        ["image", "file", "source_photo", "duplicate_of"].map(|name| frame.column(name).cloned());
    let (image, file, photo, of) = (image?, file?, photo?, of?);
    let found = duplicates::of_image_column(&path, &image, Context::default(), &ImageOptions::default(), &Work::new())?;
    let row_of: HashMap<_, u32> = (0..frame.rows()).filter_map(|row| Some((file.show(row)?, row as u32))).collect();
    let pair = |row: usize| Some((*row_of.get(&of.show(row)?)?, row as u32));
    let known: Vec<(u32, u32)> = (0..frame.rows()).filter_map(pair).collect();
    report.row(Row::new(figure, Amount::Share(recall(&found, &known))).at_least(Amount::Share(0.95)));
    let right = |(a, b, _): &&(u32, u32, f32)| photo.show(*a as usize) == photo.show(*b as usize);
    let precision = part(found.pairs.iter().filter(right).count(), found.pairs.len());
    report.row(Row::new("photo_issues: precision of pairs", Amount::Share(precision)).at_least(Amount::Share(0.97)));
    Ok(())
}
