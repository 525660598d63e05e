//! Labelling functions: the statistics of all of them, and of one that is being edited.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lapidary::engine::{Derived as _, Error, Result, Work};
use lapidary::session::{Session, VotesOf, VotesOutcome};
use lapidary::weak::functions::{Context, compile};

use crate::data;
use crate::open::REVIEWS;
use crate::peers::Peer;
use crate::table::{Amount, Options, Report, Row, median_of, timed};

const SNORKEL: Peer = Peer { name: "Snorkel applier", script: "snorkel_functions.py", noted: &[] };
const CPYTHON: Peer = Peer { name: "CPython", script: "cpython_functions.py", noted: &[] };

/// The functions of `benches/peers/snorkel_functions.py`, which must say the same.
const TEN: &str = r#"
POS, NEG = "1", "0"
lf_good = keywords(POS, ["최고", "감동", "재밌", "재미있"])
lf_bad = keywords(NEG, ["쓰레기", "최악", "노잼", "지루"])
lf_love = keywords(POS, ["사랑", "명작", "굿"])
lf_waste = keywords(NEG, ["아깝", "돈", "시간낭비"])
lf_again = keywords(POS, ["또 보", "다시 봐", "두번"])
lf_bored = regex(NEG, r"지루|졸[리려]|하품")
lf_tears = regex(POS, r"눈물|울[었컥]|펑펑")
lf_stars = regex(NEG, r"[0-3]점|별\s*(하나|반)")
lf_laugh = regex(POS, r"ㅋ{4,}|ㅎ{3,}")
lf_sigh = regex(NEG, r"에휴|하아|\.{4,}")
"#;

/// An open project with one file of functions.
struct Project {
    session: Session,
    file: usize,
    folder: tempfile::TempDir,
}

impl Project {
    /// A project of `data` with `source` as its functions.
    fn of(data: &Path, flags: &[&str], source: &str) -> Result<Self> {
        const NAME: &str = "figures.py";
        let folder = data::folder()?;
        let project = data::project(folder.path(), data, flags)?;
        let file = project.join("lfs").join(NAME);
        fs::write(&file, source).map_err(data::failed(&file))?;
        let session = Session::open(&project, &Work::new())?;
        let file = session.functions.files().iter().position(|file| file.name == NAME);
        let file = file.ok_or_else(|| Error::input("the functions were not read"))?;
        // The folded copy of the column is made once a session, not once an edit: it is not part of any figure here.
        if let Some(column) = session.content_column() {
            column.folded();
            column.folded_is_lower();
        }
        Ok(Self { session, file, folder })
    }

    /// The votes and statistics of the functions as they stand.
    fn votes(&self) -> Result<VotesOutcome> {
        let outcome = VotesOf(self.session.basis()).compute(&Work::new())?;
        match outcome.problems.first() {
            Some((_, problem)) => Err(Error::input(problem.message.clone()).at(problem.line)),
            None => Ok(outcome),
        }
    }

    /// The time from an edit to the statistics of all functions: the median of several edits, each of which puts
    /// another word in the place of `word`.
    fn edit(&mut self, source: &str, word: &str) -> Result<Duration> {
        self.votes()?;
        median_of(7, |run| {
            let edited = source.replace(word, &format!("{word}{run}"));
            timed(|| {
                if let Some(text) = self.session.functions.text_mut(self.file) {
                    *text = edited;
                }
                self.votes()
            })
            .map(|(_, time)| time)
        })
    }
}

const OF_REVIEWS: [&str; 6] = ["--text", "document", "--gold", "label", "--id", "id"];

fn reviews(report: &mut Report, figure: &str) -> Option<PathBuf> {
    let found = data::find(REVIEWS);
    if found.is_none() {
        report.skip(figure, REVIEWS);
    }
    found
}

/// Ten functions over 150,000 reviews.
pub fn ten(report: &mut Report) -> Result<()> {
    let figure = "ten functions over 150k reviews, full statistics";
    let Some(path) = reviews(report, figure) else { return Ok(()) };
    let project = Project::of(&path, &OF_REVIEWS, TEN)?;
    let (outcome, time) = timed(|| project.votes())?;
    let snorkel = SNORKEL.ask(&[path.as_os_str()], report.options);
    let row = Row::new(figure, Amount::Time(time)).at_most(Amount::ms(500));
    report.row(row.beside(snorkel.time("seconds")).times(50.0));
    let covered = Row::new("their coverage", Amount::Share(outcome.analysis.covered));
    report.row(covered.beside(snorkel.share("covered")));
    Ok(())
}

/// A hundred functions over 150,000 reviews, of which one is edited.
pub fn hundred(report: &mut Report) -> Result<()> {
    let figure = "100 functions over 150k reviews, one edited, all statistics";
    let Some(path) = reviews(report, figure) else { return Ok(()) };
    let words = "최고 감동 재미 지루 음악 연기 결말 사랑 눈물 웃음 시간 배우 감독 스토리 영상 대박 실망 추천 기대 별로";
    let words: Vec<&str> = words.split(' ').collect();
    let word = |at: usize| words.get(at % words.len()).copied().unwrap_or_default();
    let mut source = String::from("POS, NEG = \"1\", \"0\"\n");
    for at in 0..100 {
        let (class, one, two) = (if at % 3 == 0 { "NEG" } else { "POS" }, word(at), word(at * 7 + at / 20 + 1));
        let _ = match at % 5 {
            4 => writeln!(source, "lf_{at} = regex({class}, r\"{one}.{{0,{}}}{two}\")", at / 5),
            _ => writeln!(source, "lf_{at} = keywords({class}, [\"{one}\", \"{two}\", \"낱말{at:02}\"])"),
        };
    }
    let mut project = Project::of(&path, &OF_REVIEWS, &source)?;
    let time = project.edit(&source, "낱말50")?;
    report.row(Row::new(figure, Amount::Time(time)).at_most(Amount::ms(30)));
    Ok(())
}

fn million(options: Options, source: &str) -> Result<Project> {
    let path = data::text_table(options.rows(1_000_000))?;
    Project::of(&path, &["--text", "text", "--classes", "0,1"], source)
}

/// One keyword and one regular expression edited, over a million texts.
pub fn edit(report: &mut Report) -> Result<()> {
    let options = report.options;
    let mut project = million(options, TEN)?;
    for (what, word) in [("keyword", "재미있"), ("regex", "하품")] {
        let time = project.edit(TEN, word)?;
        let figure = format!("one {what} edit over {}k texts of 100 bytes, exact", options.rows(1000));
        report.row(Row::new(figure, Amount::Time(time)).at_most(Amount::ms(100)));
    }
    Ok(())
}

/// The functions of `benches/peers/cpython_functions.py`.
const PYTHON: &str = r#"
KW = ["감동", "summer", "최고였다"]

def lf_words(x):
    return "1" if any(k in x.text.lower() for k in KW) else None

def lf_long(x):
    return "0" if len(x.text.split()) > 5 else None
"#;

/// Functions written in Python: as they are run, over whole columns where their shape is recognised, and row by row.
pub fn python(report: &mut Report) -> Result<()> {
    let options = report.options;
    let project = million(options, PYTHON)?;
    let basis = project.session.basis();
    let context = Context { frame: &basis.dataset.frame, text: basis.text.as_deref(), classes: &basis.classes };
    let lines = project.folder.path().join("texts.txt");
    if let Some(texts) = project.session.content_column().and_then(|column| column.strings()).filter(|_| options.peers)
    {
        data::write_lines(&lines, texts.iter().flatten())?;
    }
    let cpython = CPYTHON.ask(&[lines.as_os_str()], options);
    let sample: Vec<u32> = (0..4096).map(|row| row * (basis.dataset.rows() as u32 / 4096)).collect();
    for function in compile(PYTHON, &context).functions {
        let run = |rows: Option<&[u32]>| -> Result<Duration> {
            Ok(timed(|| function.apply(&context, rows, &Work::new()))?.1)
        };
        run(None)?;
        let time = median_of(3, |_| run(None))?;
        let (most, field) = match function.name() {
            "lf_words" => (150, "words_seconds"),
            _ => (800, "long_seconds"),
        };
        let name = function.name();
        let figure = format!("Python {name} ({}) over {}k texts", function.kernel(), options.rows(1000));
        let row = Row::new(figure, Amount::Time(time)).at_most(Amount::ms(most));
        report.row(row.beside(cpython.time(field)).times(10.0));
        let estimate = median_of(7, |_| run(Some(sample.as_slice())))?;
        report.row(Row::new("its estimate on 4,096 texts", Amount::Time(estimate)).at_most(Amount::ms(16)));
        let (_, slowly) = timed(|| function.apply_slowly(&context, None, &Work::new()))?;
        report.row(Row::new("the same row by row", Amount::Time(slowly)).beside(cpython.time(field)).times(10.0));
    }
    Ok(())
}
