//! The data card: a page of Markdown that tells what is delivered and how each label came to be
//! (after Gebru et al., "Datasheets for Datasets", 2018; only what can be counted is written by the program).

use std::fmt::Write as _;

use super::{FinalLabels, SPLITS, Source};

/// What the card tells. Counts are of delivered rows unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct CardFacts {
    /// The project's name.
    pub name: String,
    /// The source file, as the project refers to it, and how it was read.
    pub source: String,
    /// What was detected or converted while reading.
    pub notes: Vec<String>,
    /// Rows of the source.
    pub rows: usize,
    /// Rows left out by a person.
    pub excluded: usize,
    /// The classes in order.
    pub classes: Vec<String>,
    /// One line a labelling function: name, coverage in 0-1, accuracy in 0-1 where known.
    pub functions: Vec<(String, f64, Option<f64>)>,
    /// The label model, and its accuracy against known labels where there are any.
    pub label_model: Option<(String, Option<f64>)>,
    /// The end model's cross-validated accuracy with the number of rows it was judged by.
    pub end_model: Option<(f64, usize)>,
    /// Items flagged as likely label errors that nobody has settled.
    pub label_errors: usize,
    /// Groups of duplicates and the rows in them.
    pub duplicates: (usize, usize),
    /// Who labelled, and how many items each.
    pub annotators: Vec<(String, usize)>,
    /// What was marked inside items: the task, items that were finished, and annotations.
    pub tasks: Vec<(String, usize, usize)>,
    /// The date, ISO 8601.
    pub date: String,
    /// The program's version.
    pub version: String,
}

/// Writes the card. `delivered` are the rows that were delivered.
pub fn card(facts: &CardFacts, labels: &FinalLabels, split: Option<&[u8]>, delivered: &[u32]) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail, so these results carry nothing.
    let _ = write_card(&mut page, facts, labels, split, delivered);
    page
}

fn write_card(
    page: &mut String,
    facts: &CardFacts,
    labels: &FinalLabels,
    split: Option<&[u8]>,
    delivered: &[u32],
) -> std::fmt::Result {
    writeln!(page, "# {}\n", escape(&facts.name))?;
    writeln!(page, "Delivered {} by Lapidary {}.\n", facts.date, facts.version)?;
    writeln!(page, "## What is in it\n")?;
    writeln!(page, "- Source: {}, {} rows", escape(&facts.source), facts.rows)?;
    for note in &facts.notes {
        writeln!(page, "- Reading: {}", escape(note))?;
    }
    writeln!(page, "- Delivered: {} rows; {} left out by a person", delivered.len(), facts.excluded)?;
    write_classes(page, facts, labels, delivered)?;
    write_sources(page, facts, labels, delivered)?;
    if let Some(split) = split {
        writeln!(page, "\n## Parts\n\n| part | rows |\n| --- | ---: |")?;
        for (index, name) in SPLITS.iter().enumerate() {
            let count = delivered.iter().filter(|&&row| split.get(row as usize) == Some(&(index as u8))).count();
            writeln!(page, "| {name} | {count} |")?;
        }
        writeln!(
            page,
            "\nParts follow each item's id, so they stay the same when rows are added; duplicates stay together."
        )?;
    }
    writeln!(page, "\n## Known issues\n")?;
    writeln!(page, "- Likely label errors that nobody has settled: {}", facts.label_errors)?;
    writeln!(page, "- Duplicates: {} groups, {} rows", facts.duplicates.0, facts.duplicates.1)
}

fn write_classes(page: &mut String, facts: &CardFacts, labels: &FinalLabels, delivered: &[u32]) -> std::fmt::Result {
    writeln!(page, "\n## Classes\n\n| class | rows | share |\n| --- | ---: | ---: |")?;
    let count = |wanted: i16| delivered.iter().filter(|&&row| labels.label[row as usize] == wanted).count();
    let total = delivered.len().max(1) as f64;
    for (index, class) in facts.classes.iter().enumerate() {
        let rows = count(index as i16);
        writeln!(page, "| {} | {rows} | {:.1} % |", escape(class), 100.0 * rows as f64 / total)?;
    }
    match count(-1) {
        0 => Ok(()),
        rows => writeln!(page, "| (none) | {rows} | {:.1} % |", 100.0 * rows as f64 / total),
    }
}

fn write_sources(page: &mut String, facts: &CardFacts, labels: &FinalLabels, delivered: &[u32]) -> std::fmt::Result {
    writeln!(page, "\n## How the labels came to be\n\n| source | rows | what it is |\n| --- | ---: | --- |")?;
    for source in Source::ALL {
        let rows = delivered.iter().filter(|&&row| labels.source[row as usize] == source).count();
        let what = match source {
            Source::Hand => "given by a person in this project",
            Source::Given => "came with the data, not checked one by one",
            Source::Functions => "labelling functions, combined by the label model",
            Source::Model => "predicted by the end model where no function voted",
            Source::None => "no label",
        };
        if rows > 0 {
            writeln!(page, "| {} | {rows} | {what} |", if source == Source::None { "none" } else { source.name() })?;
        }
    }
    if !facts.tasks.is_empty() {
        writeln!(page, "\n| marked inside items | items finished | annotations |\n| --- | ---: | ---: |")?;
        for (name, done, marks) in &facts.tasks {
            writeln!(page, "| {} | {done} | {marks} |", escape(name))?;
        }
    }
    if !facts.annotators.is_empty() {
        writeln!(page)?;
        for (annotator, count) in &facts.annotators {
            writeln!(page, "- {} labelled {count} items", escape(annotator))?;
        }
    }
    if let Some((model, accuracy)) = &facts.label_model {
        let judged = accuracy
            .map_or_else(String::new, |share| format!(", accuracy {:.1} % against known labels", 100.0 * share));
        writeln!(page, "\nLabel model: {model}{judged}.")?;
    }
    if let Some((accuracy, rows)) = facts.end_model {
        let accuracy = 100.0 * accuracy;
        writeln!(page, "\nEnd model: {accuracy:.1} % cross-validated accuracy, judged by {rows} known labels.")?;
    }
    if !facts.functions.is_empty() {
        writeln!(page, "\n| function | coverage | accuracy |\n| --- | ---: | ---: |")?;
        for (name, coverage, accuracy) in &facts.functions {
            let accuracy = accuracy.map_or_else(|| "not known".to_owned(), |share| format!("{:.1} %", 100.0 * share));
            writeln!(page, "| {} | {:.1} % | {accuracy} |", escape(name), 100.0 * coverage)?;
        }
    }
    Ok(())
}

/// Keeps names from data from becoming Markdown: a class called `a|b` must not break the table.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => safe.push(' '),
            '|' | '*' | '`' | '<' | '[' | '\\' => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_counts_what_is_delivered() {
        let labels = FinalLabels {
            label: vec![0, 1, -1, 1],
            probability: vec![Some(1.0); 4],
            source: vec![Source::Hand, Source::Functions, Source::None, Source::Functions],
        };
        let facts = CardFacts {
            name: "리뷰|x".into(),
            classes: vec!["a".into(), "b".into()],
            rows: 4,
            excluded: 1,
            functions: vec![("lf_x".into(), 0.5, None)],
            tasks: vec![("entities".into(), 2, 9)],
            ..CardFacts::default()
        };
        let page = card(&facts, &labels, Some(&[0, 0, 1, 2]), &[0, 1, 3]);
        for line in [
            "# 리뷰\\|x",
            "- Delivered: 3 rows; 1 left out by a person",
            "| b | 2 | 66.7 % |",
            "| hand | 1 | given by a person in this project |",
            "| functions | 2 | labelling functions, combined by the label model |",
            "| lf_x | 50.0 % | not known |",
            "| entities | 2 | 9 |",
            "| train | 2 |",
            "| test | 1 |",
        ] {
            assert!(page.lines().any(|found| found == line), "{line:?} is not in\n{page}");
        }
        assert!(!page.contains("(none)"), "the row without a label was not delivered");
    }
}
