//! Time segments: Audacity's label tracks (`audacity`), WebVTT, and Praat's TextGrid.
//!
//! Sources: the Audacity manual, W3C WebVTT, the Praat manual. Each file is about one sound, named as the file is. Several
//! documents are written as several files in a folder.

use std::path::Path;

use super::holds::{Feature as F, Holds, Report};
use super::model::{Annotation, Audio, Content, Document, Documents, Mark};
use super::source::{self, Media, SOUNDS};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::engine::{Error, Result, Work};

mod grid;

pub(super) use grid::TextGrid;

/// Audacity's label tracks.
pub(super) struct Audacity;

/// WebVTT.
pub(super) struct WebVtt;

const PLAIN: Holds = Holds::of(&[F::Audio, F::EmptyDocument, F::Segment, F::Unlabelled]);

/// A cue has a voice, which is the class, and a text.
const CUES: Holds = PLAIN.and(Holds::of(&[F::AnnotationId, F::Note]));

impl Format for Audacity {
    fn name(&self) -> &'static str {
        "audacity"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let timed = clue.ends(&["txt"]) && clue.most_lines(|line| line.starts_with('\\') || times(line).is_some());
        timed.then_some((Sure::Likely, Reason::Times))
    }

    fn holds(&self, _: &Options) -> Holds {
        PLAIN
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read_files(path, "txt", options, work, |document, text, report| {
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                if line.starts_with('\\') {
                    report.lost.add("spectral_range", || format!("line {}: {line}", number + 1));
                    continue;
                }
                let Some((start, end)) = times(line) else {
                    report.lost.add("unreadable_line", || format!("line {}: {line}", number + 1));
                    continue;
                };
                let label = line.splitn(3, '\t').nth(2).unwrap_or_default();
                document.annotations.push(Annotation::new(label, Mark::Segment { start, end }));
            }
            Ok(())
        })
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        write_files(path, "txt", documents, work, |document| {
            let mut out = String::new();
            for annotation in &document.annotations {
                if let Mark::Segment { start, end } = annotation.mark {
                    out.push_str(&format!("{start:.6}\t{end:.6}\t{}\n", one_line(&annotation.label)));
                }
            }
            Ok(out)
        })
    }
}

impl Format for WebVtt {
    fn name(&self) -> &'static str {
        "webvtt"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["vtt"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        if clue.ends(&["vtt"]) {
            return Some((Sure::Surely, Reason::Ending(".vtt")));
        }
        clue.first().filter(|first| first.ends(&["vtt"])).map(|_| (Sure::Likely, Reason::Holds(".vtt")))
    }

    fn holds(&self, _: &Options) -> Holds {
        CUES
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read_files(path, "vtt", options, work, cues)
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        write_files(path, "vtt", documents, work, |document| {
            let mut out = String::from("WEBVTT\n");
            for annotation in &document.annotations {
                let Mark::Segment { start, end } = annotation.mark else { continue };
                out.push('\n');
                if let Some(id) = &annotation.id {
                    out.push_str(&format!("{}\n", one_line(id).replace("-->", "->")));
                }
                out.push_str(&format!("{} --> {}\n", clock(start), clock(end)));
                if !annotation.label.is_empty() {
                    out.push_str(&format!("<v {}>", escaped(&one_line(&annotation.label))));
                }
                let note = annotation.info.as_ref().map(|info| info.note.as_str()).unwrap_or_default();
                // A blank line would end the cue.
                let lines: Vec<&str> = note.lines().filter(|line| !line.trim().is_empty()).collect();
                out.push_str(&format!("{}\n", escaped(&lines.join("\n"))));
            }
            Ok(out)
        })
    }
}

/// The two times with which a line begins.
fn times(line: &str) -> Option<(f64, f64)> {
    let mut fields = line.splitn(3, '\t').map(|field| field.trim().replace(',', ".").parse::<f64>().ok());
    let (start, end) = (fields.next()??, fields.next()??);
    (start.is_finite() && end.is_finite() && start <= end).then_some((start, end))
}

/// Reads one file, or all of a folder; each is a document about a sound of its name.
fn read_files(
    path: &Path,
    ending: &str,
    options: &Options,
    work: &Work,
    fill: impl Fn(&mut Document, &str, &mut Report) -> Result<()>,
) -> Result<(Documents, Report)> {
    let folder = source::folder_of(path);
    let names = match path.is_dir() {
        true => source::files_in(path, &[ending, &ending.to_ascii_lowercase()], work)?,
        false => vec![source::file_name(&path.to_string_lossy()).to_owned()],
    };
    if names.is_empty() {
        return Err(Error::input(format!("there is no file that ends in .{ending}")).at(path.display()));
    }
    let (mut report, mut documents) = (Report::default(), Documents::default());
    let media = Media::beside(path, options)?;
    work.stage("reading annotations", names.len() as u64);
    for name in &names {
        work.advance(1)?;
        let text = source::read_text(&folder.join(name), options, &mut report, work)?;
        let stem = source::stem(name);
        let found = SOUNDS.iter().map(|sound| format!("{stem}.{sound}")).find(|path| media.find(path).is_some());
        let path = found.unwrap_or_else(|| format!("{stem}.wav"));
        let mut document = Document::new("", Content::Audio(Audio { path, seconds: None }));
        match fill(&mut document, &text, &mut report) {
            Ok(()) => documents.documents.push(document),
            Err(error) if names.len() == 1 => return Err(error.at(name)),
            Err(error) => report.lost.add("unreadable_file", || format!("{name}: {error}")),
        }
    }
    let report = report.counted(&documents);
    Ok((documents, report))
}

/// Writes one document as the file itself, several as files in a folder of that name.
fn write_files(
    path: &Path,
    ending: &str,
    documents: &Documents,
    work: &Work,
    text: impl Fn(&Document) -> Result<String>,
) -> Result<Output> {
    let is_file = source::ending(&path.to_string_lossy()) == ending.to_ascii_lowercase();
    match documents.documents.as_slice() {
        [only] if is_file => Ok(Output::text(path, text(only)?, Report::of(documents))),
        _ if is_file => Err(Error::input(format!("{} sounds cannot stand in one file", documents.documents.len()))
            .at(path.display())
            .help("name a folder to write to, in which each sound gets its file")),
        many => {
            let mut output = Output::new(Report::of(documents));
            let mut taken = std::collections::HashSet::new();
            for document in many {
                work.check()?;
                let name = source::inside(document.path().unwrap_or_default());
                let file = format!("{}.{ending}", source::stem(&name));
                if !taken.insert(file.clone()) {
                    return Err(Error::input("two sounds would have the same annotation file").at(file));
                }
                output.add(path.join(file), text(document)?);
            }
            Ok(output)
        }
    }
}

/// A label without line ends and tabs.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

/// Fills a document with the cues of a WebVTT file.
fn cues(document: &mut Document, text: &str, report: &mut Report) -> Result<()> {
    let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n").replace('\r', "\n");
    if !text.starts_with("WEBVTT") {
        return Err(Error::input("the file does not begin with WEBVTT")
            .at("line 1")
            .help("SRT and SBV are other formats"));
    }
    for (number, block) in text.split("\n\n").enumerate() {
        let lines: Vec<&str> = block.lines().filter(|line| !line.trim().is_empty()).collect();
        let Some(first) = lines.first() else { continue };
        let is_head = number == 0 && first.starts_with("WEBVTT");
        let timed = lines.iter().position(|line| line.contains("-->"));
        let Some(at) = timed.filter(|_| !first.starts_with("NOTE")) else {
            let code = match () {
                () if is_head && lines.len() == 1 && first.trim() == "WEBVTT" => continue,
                () if is_head => "file_header",
                () if first.starts_with("NOTE") => "comment",
                () if ["STYLE", "REGION"].iter().any(|word| first.starts_with(word)) => "cue_style",
                () => "cue_without_time",
            };
            report.lost.add(code, || lines.join(" "));
            continue;
        };
        let times = lines
            .get(at)
            .and_then(|line| line.split_once("-->"))
            .and_then(|(start, rest)| Some((seconds(start.trim())?, seconds(rest.split_whitespace().next()?)?)));
        let Some((start, end)) = times.filter(|(start, end)| start <= end) else {
            report.lost.add("cue_without_time", || lines.get(at).map_or_else(String::new, |line| (*line).to_owned()));
            continue;
        };
        let settings = lines
            .get(at)
            .and_then(|line| line.split_once("-->"))
            .map_or(0, |(_, rest)| rest.split_whitespace().count().saturating_sub(1));
        if settings > 0 {
            report.lost.add("cue_settings", || lines.get(at).map_or_else(String::new, |line| (*line).to_owned()));
        }
        // What stands between the file's name and the first cue's id.
        let before = lines.get(usize::from(is_head)..at.saturating_sub(1)).unwrap_or_default();
        before.iter().for_each(|line| report.lost.add("file_header", || (*line).to_owned()));
        let body = lines.get(at + 1..).unwrap_or_default().join("\n");
        let (voice, note) = voice(&body, report);
        let mut annotation = Annotation::new(voice, Mark::Segment { start, end });
        if let Some(id) = at.checked_sub(1).and_then(|before| lines.get(before)).filter(|_| !is_head || at > 1) {
            annotation = annotation.with_id(id);
        }
        if !note.is_empty() {
            annotation.info_mut().note = note;
        }
        document.annotations.push(annotation);
    }
    Ok(())
}

/// `HH:MM:SS.mmm` with or without hours; a comma for the point is let pass.
fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    for part in text.split(':') {
        let value: f64 =
            part.replace(',', ".").parse().ok().filter(|value: &f64| *value >= 0.0 && value.is_finite())?;
        total = total * 60.0 + value;
    }
    text.contains(':').then_some(total)
}

fn clock(seconds: f64) -> String {
    let millis = (seconds.max(0.0) * 1000.0).round() as u64;
    let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
}

/// The speaker of a cue's text, and the text without tags, which are counted.
fn voice(body: &str, report: &mut Report) -> (String, String) {
    let (mut voice, mut plain, mut rest) = (String::new(), String::new(), body);
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((tag, behind)) = after.split_once('>') else {
            plain.push('<');
            rest = after;
            break;
        };
        let shown = || format!("<{tag}>");
        match tag.strip_prefix('v').filter(|name| name.starts_with([' ', '.', '\t'])) {
            Some(name) => {
                let (classes, name) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
                if !voice.is_empty() {
                    report.lost.add("further_voice", shown);
                } else {
                    voice = unescaped(name.trim());
                }
                if !classes.is_empty() {
                    report.lost.add("cue_tag", shown);
                }
            }
            // What closes a tag says nothing that its beginning has not said.
            None if tag.starts_with('/') => {}
            None => report.lost.add("cue_tag", shown),
        }
        rest = behind;
    }
    plain.push_str(rest);
    (voice, unescaped(plain.trim()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{A0}").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn their_own_files_are_read() {
        let check = |format: &dyn Format, file: &str, labels: &[&str]| {
            let Some(path) = sample(file) else { return };
            let (read, _) = format.read(&path, &Options::default(), &Work::new()).unwrap();
            assert_eq!(labels_of(&read), labels, "{file}");
        };
        check(&Audacity, "audio/audacity_labels.txt", &["인사 0.5-1.25", "클릭 2-2", "새소리 3-3.4"]);
        check(&WebVtt, "audio/tiny.vtt", &["민수 0.5-1.25", " 2-3.4"]);
        check(&TextGrid, "audio/tiny.TextGrid", &["안녕 \"하세요\" 0.5-1.25", "클릭 2-2"]);
    }

    #[test]
    fn what_cues_lose_is_counted() {
        let text = "WEBVTT - a title\n\nNOTE by hand\n\nSTYLE\n::cue {}\n\n1\n00:01.000 --> 00:02.000 position:10%\n\
            <v.loud Kim>a <b>c</b> <00:01.500>d <v Lee>e\n\n00:03.000 --> 00:04.000\nplain\n\nstray\n";
        let (read, report) = testing::read_text(&WebVtt, "a.vtt", text).unwrap();
        assert_eq!(labels_of(&read), ["Kim 1-2", " 3-4"]);
        assert_eq!(read.documents[0].annotations[0].info.as_ref().unwrap().note, "a c d e");
        let lost: Vec<_> = report.lost.iter().map(|(code, loss)| (code, loss.count)).collect();
        let cues = [("comment", 1), ("cue_settings", 1), ("cue_style", 1), ("cue_tag", 3), ("cue_without_time", 1)];
        assert_eq!(lost, cues.into_iter().chain([("file_header", 1), ("further_voice", 1)]).collect::<Vec<_>>());
    }

    #[test]
    fn peers_files_are_read_or_refused() {
        for path in testing::peers("webvtt_py_tests/tests/subtitles", "vtt") {
            let _ = WebVtt.read(&path, &Options::default(), &Work::new());
        }
        for path in testing::peers("textgrid_tests/tests/data", "textgrid") {
            let (read, _) = TextGrid.read(&path, &Options::default(), &Work::new()).unwrap();
            assert!(labels_of(&read).len() > 50, "{}", path.display());
        }
    }

    proptest::proptest! {
        #[test]
        fn labels_go_out_and_come_in(documents in testing::documents(PLAIN)) {
            testing::check_round_trip(&Audacity, "folder", documents, &Options::default());
        }

        #[test]
        fn cues_go_out_and_come_in(documents in testing::documents(CUES)) {
            testing::check_round_trip(&WebVtt, "folder", documents, &Options::default());
        }

        #[test]
        fn grids_go_out_and_come_in(documents in testing::documents(grid::HOLDS)) {
            testing::check_round_trip(&TextGrid, "folder", documents, &Options::default());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(WEBVTT|File)?[\"\n0-9:<>a v.\t-]{0,60}") {
            let _ = testing::read_text(&WebVtt, "a.vtt", &text);
            let _ = testing::read_text(&Audacity, "a.txt", &text);
            let _ = testing::read_text(&TextGrid, "a.TextGrid", &text);
        }
    }
}
