//! The table: a line a figure, beside its bar and its peer; and how time and memory are taken.

use std::fmt;
use std::time::{Duration, Instant};

use lapidary::engine::Result;

use crate::peers::Beside;

/// How to measure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// A tenth of the rows, and no verdicts.
    pub quick: bool,
    /// Run the peers as well.
    pub peers: bool,
}

impl Options {
    /// A number of rows: as given, or a tenth.
    pub fn rows(self, all: usize) -> usize {
        if self.quick { all / 10 } else { all }
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Amount {
    /// Wall time, or processor time where the figure says so.
    Time(Duration),
    /// Bytes of memory.
    Bytes(u64),
    /// A share, 0-1.
    Share(f64),
}

impl Amount {
    /// Milliseconds.
    pub fn ms(milliseconds: u64) -> Self {
        Self::Time(Duration::from_millis(milliseconds))
    }

    /// Millions of bytes.
    pub fn mb(megabytes: u64) -> Self {
        Self::Bytes(megabytes * 1_000_000)
    }

    fn number(self) -> f64 {
        match self {
            Self::Time(time) => time.as_secs_f64(),
            Self::Bytes(bytes) => bytes as f64,
            Self::Share(share) => share,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match *self {
            Self::Time(time) if time < Duration::from_millis(10) => format!("{:.2} ms", time.as_secs_f64() * 1e3),
            Self::Time(time) if time < Duration::from_secs(10) => format!("{:.0} ms", time.as_secs_f64() * 1e3),
            Self::Time(time) => format!("{:.1} s", time.as_secs_f64()),
            Self::Bytes(bytes) => format!("{:.0} MB", bytes as f64 / 1e6),
            Self::Share(share) => format!("{:.2} %", share * 100.0),
        };
        f.pad(&text)
    }
}

/// What a figure must reach.
#[derive(Debug, Clone, Copy)]
enum Bar {
    Most(Amount),
    Least(Amount),
}

/// A line of the table.
pub struct Row {
    figure: String,
    ours: Amount,
    bar: Option<Bar>,
    beside: Option<Beside>,
    /// How many times better than the peer it must be.
    times: Option<f64>,
}

impl Row {
    /// A figure without a bar: shown for information.
    pub fn new(figure: impl Into<String>, ours: Amount) -> Self {
        Self { figure: figure.into(), ours, bar: None, beside: None, times: None }
    }

    /// It must not be more than this.
    pub fn at_most(self, most: Amount) -> Self {
        Self { bar: Some(Bar::Most(most)), ..self }
    }

    /// It must not be less than this.
    pub fn at_least(self, least: Amount) -> Self {
        Self { bar: Some(Bar::Least(least)), ..self }
    }

    /// The peer's figure.
    pub fn beside(self, beside: Beside) -> Self {
        Self { beside: Some(beside), ..self }
    }

    /// The peer's figure must be so many times ours.
    pub fn times(self, times: f64) -> Self {
        Self { times: Some(times), ..self }
    }

    /// The peer's figure by ours; shares are compared by eye.
    fn ratio(&self) -> Option<f64> {
        if matches!(self.ours, Amount::Share(_)) {
            return None;
        }
        let theirs = self.beside.as_ref()?.amount?.number();
        Some(theirs / self.ours.number().max(f64::MIN_POSITIVE))
    }

    /// Whether the bars are reached; `None` if there is none, or the peer that one speaks of was not measured.
    fn holds(&self) -> Option<bool> {
        let bar = self.bar.map(|bar| match bar {
            Bar::Most(most) => self.ours <= most,
            Bar::Least(least) => self.ours >= least,
        });
        let times = self.ratio().zip(self.times).map(|(ratio, times)| ratio >= times);
        match (bar, times) {
            (Some(bar), Some(times)) => Some(bar && times),
            (bar, times) => bar.or(times),
        }
    }

    fn bar_text(&self) -> String {
        let bar = self.bar.map(|bar| match bar {
            Bar::Most(most) => format!("<= {most}"),
            Bar::Least(least) => format!(">= {least}"),
        });
        let times = self.times.map(|times| format!("{times:.0}x"));
        bar.into_iter().chain(times).collect::<Vec<_>>().join(", ")
    }
}

/// Where figures are reported.
pub struct Report {
    /// How to measure.
    pub options: Options,
    missed: u8,
}

impl Report {
    /// Nothing is reported yet.
    pub fn new(options: Options) -> Self {
        Self { options, missed: 0 }
    }

    /// The number of figures that miss their bar.
    pub fn missed(&self) -> u8 {
        self.missed
    }

    /// Prints a figure.
    pub fn row(&mut self, row: Row) {
        // Bars are for the full number of rows.
        let verdict = match row.holds() {
            Some(_) if self.options.quick => "-",
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        self.missed = self.missed.saturating_add(u8::from(verdict == "NO"));
        let (peer, theirs) = row.beside.as_ref().map(Beside::cells).unwrap_or_default();
        let ratio = row.ratio().map_or_else(String::new, |ratio| format!("{ratio:.1}x"));
        line(&[&row.figure, &row.ours.to_string(), &row.bar_text(), verdict, &peer, &theirs, &ratio]);
    }

    /// Says why a figure is not measured.
    pub fn skip(&mut self, figure: &str, why: &str) {
        println!("{figure:<62} {:>12}  {why}", "skipped");
    }
}

/// The head of the table.
pub fn head() {
    line(&["figure", "ours", "bar", "ok", "peer", "its figure", "ratio"]);
}

fn line(cells: &[&str; 7]) {
    let [figure, ours, bar, ok, peer, theirs, ratio] = cells;
    let text = format!("{figure:<62} {ours:>12} {bar:>18}  {ok:<3}  {peer:<22} {theirs:>14} {ratio:>9}");
    println!("{}", text.trim_end());
}

/// What `work` gives, and how long it took.
pub fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let start = Instant::now();
    let made = work()?;
    Ok((made, start.elapsed()))
}

/// The time that `share` of the times do not exceed; 0.5 is the median.
pub fn quantile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// The median time of `count` runs; `work` is told which run it is, so that no two need be alike.
pub fn median_of(count: usize, mut work: impl FnMut(usize) -> Result<Duration>) -> Result<Duration> {
    let times = (0..count).map(&mut work).collect::<Result<Vec<_>>>()?;
    Ok(quantile(&times, 0.5))
}

/// The most memory this process has held at once, in bytes, since it began or since [`forget_peak`]; `None` where the
/// system does not tell.
pub fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Lets the peak begin anew at what is held now (Linux, `proc_pid_clear_refs(5)`). Where that is not possible the peak
/// is that since the start, which is never less.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
