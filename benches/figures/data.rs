//! What figures are measured on: real data where it is, and large files that are made once.
//!
//! What is made has a seed: it is the same on every machine. It is kept in the folder for temporary files, under a name
//! that says what it is, and put there whole: a run that was stopped leaves nothing that another would take for it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use arrow_array::builder::LargeStringBuilder;
use lapidary::data::{Column, Frame, Kind, show_time, write};
use lapidary::engine::{Error, Random, Result, Work};

/// The real set of that name, if it is there.
pub fn find(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("LAPIDARY_DATA").map_or(beside, PathBuf::from);
    Some(folder.join(name)).filter(|path| path.exists())
}

/// A failure of the file system.
pub fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::io("cannot use", path, &source)
}

/// A folder that goes away with the value.
pub fn folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(|source| Error::io("cannot make a folder", &std::env::temp_dir(), &source))
}

/// The folder of what is made. Another name wherever something is made otherwise.
const KEPT: &str = "lapidary-figures-1";

/// What is kept under `name`; made by `make` at the path that it is given if it is not there.
pub fn kept(name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(KEPT);
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    let path = folder.join(name);
    if path.exists() {
        return Ok(path);
    }
    eprintln!("making {} (once)", path.display());
    // The ending stays, as it names the format.
    let part = folder.join(format!("part-{}-{name}", std::process::id()));
    make(&part)?;
    fs::rename(&part, &path).map_err(failed(&path))?;
    Ok(path)
}

/// Makes a project by the program itself, in a process of its own: this one has then not yet read anything.
pub fn project(folder: &Path, data: &Path, flags: &[&str]) -> Result<PathBuf> {
    let project = folder.join("project");
    let words = [OsStr::new("new"), project.as_os_str(), OsStr::new("--data"), data.as_os_str()];
    let program = Path::new(env!("CARGO_BIN_EXE_lapidary"));
    let output = Command::new(program).args(words).args(flags).output().map_err(failed(program))?;
    if output.status.success() {
        return Ok(project);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::input(format!("the project cannot be made, {said}")).at(data.display()))
}

const KOREAN: &str = "영화 배우 연기 감동 재미 지루 최고 음악 이야기 결말 장면 감독 사랑 친구 가족 시간 사람 마음 생각 눈물 웃음 \
                      하루 여름 겨울 바다 학교 선생 아이 엄마 아빠 노래 춤 그림 책 길 집 밥 물 꽃 별";
const ENDINGS: [&str; 8] = ["", "가", "는", "를", "도", "에서", "이다", "했다"];
const ENGLISH: &str = "movie actor story ending scene music love friend family time heart laugh tear summer winter sea \
                       school child song dance picture book road house water flower star light night day world hand \
                       voice word dream letter train window garden river";
const SUFFIXES: [&str; 5] = ["", "s", "ly", "ed", "ing"];

/// Writes short texts, half of them Korean, half English. Few words are frequent and most are rare, as in any text.
pub struct Writer {
    /// The source of all choices.
    pub random: Random,
    korean: Vec<String>,
    english: Vec<String>,
}

impl Writer {
    /// A writer that always writes the same.
    pub fn new(seed: u64) -> Self {
        let all = |stems: &str, ends: &[&str]| -> Vec<String> {
            let stems: Vec<&str> = stems.split_whitespace().collect();
            ends.iter().flat_map(|end| stems.iter().map(move |stem| format!("{stem}{end}"))).collect()
        };
        Self { random: Random::new(seed), korean: all(KOREAN, &ENDINGS), english: all(ENGLISH, &SUFFIXES) }
    }

    /// Appends words, at least so many bytes of them.
    pub fn write(&mut self, out: &mut String, korean: bool, bytes: usize) {
        let (start, words) = (out.len(), if korean { &self.korean } else { &self.english });
        loop {
            let place = self.random.unit().powi(3) * words.len() as f64;
            out.push_str(words.get(place as usize).map_or("", String::as_str));
            if out.len() - start >= bytes {
                return;
            }
            out.push(' ');
        }
    }
}

/// The columns of [`table`].
const COLUMNS: &str = "id,author,price,score,stars,category,country,sent,active,lang,title,text";

const CATEGORIES: [&str; 12] =
    ["book", "film", "music", "game", "food", "travel", "sport", "home", "garden", "tools", "art", "other"];
const COUNTRIES: [&str; 12] = ["KR", "US", "JP", "DE", "FR", "GB", "IN", "BR", "CA", "VN", "TH", "SE"];

/// A CSV file of 12 columns, about 100 bytes a row: whole and real numbers, some of them missing, categories, times,
/// truth values, and short texts in Korean and English.
pub fn table(rows: usize) -> Result<PathBuf> {
    kept(&format!("table-{rows}.csv"), |path| {
        let file = fs::File::create(path).map_err(failed(path))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let mut writer = Writer::new(12);
        let mut line = format!("{COLUMNS}\n");
        for row in 0..rows {
            out.write_all(line.as_bytes()).map_err(failed(path))?;
            line.clear();
            table_row(&mut writer, row, &mut line);
        }
        out.write_all(line.as_bytes()).and_then(|()| out.flush()).map_err(failed(path))
    })
}

/// A number below `count`, the low ones more often.
fn rare(random: &mut Random, count: usize) -> usize {
    (random.unit().powi(2) * count as f64) as usize
}

fn table_row(writer: &mut Writer, row: usize, line: &mut String) {
    let korean = writer.random.below(2) == 0;
    let random = &mut writer.random;
    let (author, price) = (random.below(50_000), 1.0 + random.unit().powi(4) * 400.0);
    let score = (0..4).map(|_| random.unit()).sum::<f64>() / 4.0;
    let score = if random.below(50) == 0 { String::new() } else { format!("{score:.4}") };
    let stars = 5 - rare(random, 5);
    let category = CATEGORIES.get(rare(random, 12)).copied().unwrap_or("other");
    let country = COUNTRIES.get(rare(random, 12)).copied().unwrap_or("KR");
    // Two years from the first of January 2023, in seconds.
    let sent = show_time((1_672_531_200 + random.below(63_072_000) as i64) * 1_000_000);
    let (active, lang) = (random.below(3) > 0, if korean { "ko" } else { "en" });
    let quoted = random.below(30) == 0;
    // Writing to a string cannot fail.
    let _ = write!(line, "{row},{author},{price:.2},{score},{stars},{category},{country},{sent},{active},{lang},");
    if quoted {
        line.push_str("\"1, ");
    }
    writer.write(line, korean, 8);
    line.push_str(if quoted { "\"," } else { "," });
    writer.write(line, korean, 26);
    line.push('\n');
}

/// Texts of about `bytes` bytes.
pub fn texts(rows: usize, bytes: usize, seed: u64) -> LargeStringArray {
    let mut writer = Writer::new(seed);
    let mut column = LargeStringBuilder::with_capacity(rows, rows * (bytes + 8));
    let mut text = String::new();
    for row in 0..rows {
        text.clear();
        writer.write(&mut text, row % 2 == 0, bytes);
        column.append_value(&text);
    }
    column.finish()
}

/// A Parquet file of texts of about 100 bytes, in the column `text`.
pub fn text_table(rows: usize) -> Result<PathBuf> {
    kept(&format!("texts-{rows}.parquet"), |path| {
        let column = Column::text("text", Kind::Text, texts(rows, 94, 7));
        write::write_frame(path, &Frame::new(vec![Arc::new(column)]), &Work::new())
    })
}

/// A CSV file of points in ten clouds: four numbers and the class of each.
#[cfg(feature = "window")]
pub fn points_table(rows: usize) -> Result<PathBuf> {
    kept(&format!("points-{rows}.csv"), |path| {
        let file = fs::File::create(path).map_err(failed(path))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        out.write_all(b"a,b,c,d,kind\n").map_err(failed(path))?;
        let mut random = Random::new(5);
        for _ in 0..rows {
            let class = random.below(10);
            let [a, b, c, d] = [1, 2, 3, 5].map(|step| cloud(&mut random, class * step));
            writeln!(out, "{a:.4},{b:.4},{c:.4},{d:.4},kind {class}").map_err(failed(path))?;
        }
        out.flush().map_err(failed(path))
    })
}

/// A coordinate of a point of a cloud.
pub fn cloud(random: &mut Random, class: usize) -> f64 {
    let spread = (0..4).map(|_| random.unit()).sum::<f64>() - 2.0;
    (class % 10) as f64 * 0.8 + spread
}

/// Writes numbers as they lie in memory, for the peers.
pub fn write_bytes(path: &Path, bytes: impl Iterator<Item = u8>) -> Result<()> {
    fs::write(path, bytes.collect::<Vec<u8>>()).map_err(failed(path))
}

/// Writes texts, one a line, for the peers. Line breaks become spaces.
pub fn write_lines<'a>(path: &Path, texts: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut all = String::new();
    for text in texts {
        all.push_str(&text.replace(['\n', '\r', '\u{2028}', '\u{85}'], " "));
        all.push('\n');
    }
    fs::write(path, all).map_err(failed(path))
}
