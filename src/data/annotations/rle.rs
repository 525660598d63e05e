//! Masks as runs, and the three ways in which files write them: COCO's counts (column by column, as numbers or as a
//! compressed text), CVAT's (row by row inside a box), and Label Studio's bit stream (row by row, four channels a pixel).

use super::model::Rect;

/// The most pixels that a mask may have: an image of 16,384 x 16,384.
const MOST_PIXELS: u64 = 1 << 28;

/// A mask of an image: pixels that belong to it and pixels that do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    /// Lengths of runs row by row, of pixels outside and inside in turn, beginning outside; no run but the first is 0.
    runs: Vec<u32>,
}

impl Mask {
    /// A mask by its runs row by row, beginning with pixels outside. `None` if they do not fill the image exactly, or
    /// it is too large.
    pub fn from_rows(width: u32, height: u32, runs: Vec<u32>) -> Option<Self> {
        let pixels = u64::from(width) * u64::from(height);
        let filled: u64 = runs.iter().map(|run| u64::from(*run)).sum();
        (pixels <= MOST_PIXELS && filled == pixels).then(|| Self { width, height, runs: tidy(runs) })
    }

    /// A mask by its runs column by column (COCO). `None` as in [`Mask::from_rows`].
    pub fn from_columns(width: u32, height: u32, runs: &[u32]) -> Option<Self> {
        let columns = Self::from_rows(height, width, runs.to_vec())?;
        Some(columns.transposed())
    }

    /// A mask by its pixels row by row, not 0 inside. `None` if they are not `width` x `height`, or too many.
    pub fn from_pixels(width: u32, height: u32, pixels: &[u8]) -> Option<Self> {
        let whole = u64::from(width) * u64::from(height);
        if whole > MOST_PIXELS || whole != pixels.len() as u64 {
            return None;
        }
        Some(Self { width, height, runs: runs_of(pixels.iter().map(|pixel| *pixel != 0)) })
    }

    /// The width of the image in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The height of the image in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The runs row by row, beginning outside.
    pub fn runs(&self) -> &[u32] {
        &self.runs
    }

    /// The runs column by column, beginning outside.
    pub fn columns(&self) -> Vec<u32> {
        self.transposed().runs
    }

    /// The number of pixels inside.
    pub fn area(&self) -> u64 {
        self.runs.iter().skip(1).step_by(2).map(|run| u64::from(*run)).sum()
    }

    /// The pixels row by row, 1 inside and 0 outside.
    pub fn pixels(&self) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(self.width as usize * self.height as usize);
        for (at, run) in self.runs.iter().enumerate() {
            pixels.resize(pixels.len() + *run as usize, (at % 2) as u8);
        }
        pixels
    }

    /// The stretches of pixels inside, row by row as they follow each other: the first pixel, and the one behind the last.
    pub fn stretches(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let ends = self.runs.iter().scan(0u64, |at, run| {
            let start = *at;
            *at += u64::from(*run);
            Some((start, *at))
        });
        ends.skip(1).step_by(2)
    }

    /// A mask by stretches of pixels inside, in the order of their beginnings; they may touch and overlap. What lies
    /// outside of the image is left out. `None` if the image is too large.
    pub fn from_stretches(width: u32, height: u32, stretches: impl IntoIterator<Item = (u64, u64)>) -> Option<Self> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MOST_PIXELS {
            return None;
        }
        let (mut gather, mut at) = (Gather::default(), 0u64);
        for (start, end) in stretches {
            let (start, end) = (start.clamp(at, pixels), end.clamp(at, pixels));
            if start < end {
                gather.push(false, (start - at) as u32);
                gather.push(true, (end - start) as u32);
                at = end;
            }
        }
        gather.push(false, (pixels - at) as u32);
        Some(Self { width, height, runs: gather.done() })
    }

    /// The mask with further pixels; stretches as in [`Mask::from_stretches`].
    #[must_use]
    pub fn united(&self, stretches: &[(u64, u64)]) -> Self {
        let mut all: Vec<(u64, u64)> = self.stretches().chain(stretches.iter().copied()).collect();
        // Two sorted runs: a stable sort merges them in one pass.
        all.sort_by_key(|stretch| stretch.0);
        Self::from_stretches(self.width, self.height, all).unwrap_or_else(|| self.clone())
    }

    /// The mask without some pixels; stretches in order and apart.
    #[must_use]
    pub fn without(&self, stretches: &[(u64, u64)]) -> Self {
        let (mut cuts, mut left) = (stretches.iter().copied().peekable(), Vec::new());
        for (mut start, end) in self.stretches() {
            while let Some(&(from, to)) = cuts.peek() {
                if from >= end {
                    break;
                }
                if from > start {
                    left.push((start, from));
                }
                start = start.max(to);
                // A cut that reaches beyond this stretch may reach into the next one.
                if to > end {
                    break;
                }
                cuts.next();
            }
            if start < end {
                left.push((start, end));
            }
        }
        Self::from_stretches(self.width, self.height, left).unwrap_or_else(|| self.clone())
    }

    /// The box around the pixels inside; `None` without any.
    pub fn bounds(&self) -> Option<Rect> {
        let width = u64::from(self.width);
        let (mut at, mut inside) = (0u64, false);
        let (mut left, mut right, mut top, mut bottom) = (u64::MAX, 0, u64::MAX, 0);
        for run in &self.runs {
            let end = at + u64::from(*run);
            if inside && *run > 0 {
                let (first, last) = (at / width, (end - 1) / width);
                (top, bottom) = (top.min(first), bottom.max(last + 1));
                if first == last {
                    (left, right) = (left.min(at % width), right.max((end - 1) % width + 1));
                } else {
                    (left, right) = (0, width);
                    // A run over a line end touches both sides.
                }
            }
            (at, inside) = (end, !inside);
        }
        (top < bottom).then(|| Rect::new(left as f64, top as f64, (right - left) as f64, (bottom - top) as f64))
    }

    /// The part of the mask inside a box, as runs row by row within it, beginning outside.
    pub fn cropped(&self, left: u32, top: u32, width: u32, height: u32) -> Option<Self> {
        if left.checked_add(width)? > self.width || top.checked_add(height)? > self.height {
            return None;
        }
        let pixels = self.pixels();
        let mut part = Vec::with_capacity(width as usize * height as usize);
        for row in top..top + height {
            let start = row as usize * self.width as usize + left as usize;
            part.extend_from_slice(pixels.get(start..start + width as usize)?);
        }
        Self::from_pixels(width, height, &part)
    }

    /// This mask as a part of a larger image, with its upper left corner at `left`, `top`.
    pub fn placed(&self, left: u32, top: u32, width: u32, height: u32) -> Option<Self> {
        let fits = left.checked_add(self.width)? <= width && top.checked_add(self.height)? <= height;
        if !fits || u64::from(width) * u64::from(height) > MOST_PIXELS {
            return None;
        }
        let mut pixels = vec![0; width as usize * height as usize];
        if self.width > 0 {
            for (row, line) in self.pixels().chunks_exact(self.width as usize).enumerate() {
                let start = (top as usize + row) * width as usize + left as usize;
                pixels.get_mut(start..start + line.len())?.copy_from_slice(line);
            }
        }
        Self::from_pixels(width, height, &pixels)
    }

    fn transposed(&self) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut pixels = vec![0u8; width * height];
        let (mut at, mut inside) = (0usize, false);
        for run in &self.runs {
            let end = at + *run as usize;
            if inside {
                for pixel in at..end {
                    if let Some(pixel) = pixels.get_mut((pixel % width) * height + pixel / width) {
                        *pixel = 1;
                    }
                }
            }
            (at, inside) = (end, !inside);
        }
        Self { width: self.height, height: self.width, runs: runs_of(pixels.iter().map(|pixel| *pixel != 0)) }
    }
}

/// Runs of false and true in turn, beginning with false.
fn runs_of(pixels: impl Iterator<Item = bool>) -> Vec<u32> {
    let (mut runs, mut inside, mut length) = (Vec::new(), false, 0u32);
    for pixel in pixels {
        if pixel != inside {
            runs.push(length);
            (inside, length) = (pixel, 0);
        }
        length += 1;
    }
    if length > 0 {
        runs.push(length);
    }
    runs
}

/// The same runs without empty ones in the middle or at the end.
fn tidy(runs: Vec<u32>) -> Vec<u32> {
    let empty_inside = runs.iter().skip(1).any(|run| *run == 0);
    if !empty_inside {
        return if runs == [0] { Vec::new() } else { runs };
    }
    let mut tidied: Vec<u32> = Vec::with_capacity(runs.len());
    for (at, run) in runs.into_iter().enumerate() {
        if run == 0 && at > 0 {
            continue;
        }
        // The parity of what is kept must be that of the run.
        if tidied.len() % 2 == at % 2 {
            tidied.push(run);
        } else if let Some(last) = tidied.last_mut() {
            *last += run;
        }
    }
    if tidied == [0] { Vec::new() } else { tidied }
}

/// COCO's compressed counts: groups of five bits, lowest first, each as a character from `0` on; from the fourth count
/// on the difference to the one two before (`rleToString` of pycocotools).
pub fn to_coco_text(counts: &[u32]) -> String {
    let mut text = String::new();
    for (at, count) in counts.iter().enumerate() {
        let before = if at > 2 { counts.get(at - 2).copied().unwrap_or(0) } else { 0 };
        let mut rest = i64::from(*count) - i64::from(before);
        loop {
            let bits = (rest & 0x1F) as u8;
            rest >>= 5;
            let more = if bits & 0x10 != 0 { rest != -1 } else { rest != 0 };
            text.push(char::from(bits + if more { 0x20 } else { 0 } + 48));
            if !more {
                break;
            }
        }
    }
    text
}

/// The counts of COCO's compressed text. `None` if it is not one.
pub fn from_coco_text(text: &str) -> Option<Vec<u32>> {
    let mut counts: Vec<u32> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(mut byte) = bytes.next() {
        let (mut value, mut shift) = (0i64, 0);
        loop {
            let bits = byte.checked_sub(48).filter(|bits| *bits < 64)?;
            value |= i64::from(bits & 0x1F) << shift;
            shift += 5;
            if bits & 0x20 == 0 {
                if bits & 0x10 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
            if shift > 40 {
                return None;
            }
            byte = bytes.next()?;
        }
        if counts.len() > 2 {
            value += i64::from(*counts.get(counts.len() - 2)?);
        }
        counts.push(u32::try_from(value).ok()?);
    }
    Some(counts)
}

/// A mask that was read from Label Studio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brush {
    /// The pixels whose alpha is at least 128.
    pub mask: Mask,
    /// The pixels whose alpha is neither 0 nor 255: soft edges, of which the threshold decides.
    pub soft: u64,
}

/// Reads Label Studio's brush: bits with the highest first, a 32-bit count of values, 5 bits of word size less 1, four
/// times 4 bits of length size less 1; then blocks of 1 bit (a run?), 2 bits (which length size), the length less 1, and
/// one word, or as many as the length says. The values are red, green, blue and alpha of every pixel row by row; the
/// mask is alpha. `None` if the stream is not one of `width` x `height` pixels.
pub fn from_brush(bytes: &[u8], width: u32, height: u32) -> Option<Brush> {
    let pixels = u64::from(width) * u64::from(height);
    let mut bits = Bits { bytes, at: 0 };
    let count = u64::from(bits.take(32)?);
    if pixels > MOST_PIXELS || count != pixels * 4 {
        return None;
    }
    let word = bits.take(5)? + 1;
    let mut sizes = [0; 4];
    for size in &mut sizes {
        *size = bits.take(4)? + 1;
    }
    let (mut at, mut runs, mut soft) = (0u64, Gather::default(), 0u64);
    let mut alpha = |value: u32, count: u64, runs: &mut Gather| {
        soft += if value > 0 && value < 255 { count } else { 0 };
        runs.push(value >= 128, count as u32);
    };
    while at < count {
        let is_run = bits.take(1)? == 1;
        let size = *sizes.get(bits.take(2)? as usize)?;
        let length = (u64::from(bits.take(size)?) + 1).min(count - at);
        if is_run {
            let value = bits.take(word)?;
            // Alpha stands at 3, 7, 11, …: how many of those lie in at..at + length.
            alpha(value, (at + length) / 4 - at / 4, &mut runs);
        } else {
            // Only every fourth word is looked at.
            let begin = bits.at;
            let mut place = 3 - at % 4;
            while place < length {
                let bit = begin + place as usize * word as usize;
                let value = match word {
                    8 => bits.byte(bit)?,
                    _ => bits.peek(bit, word)?,
                };
                alpha(value, 1, &mut runs);
                place += 4;
            }
            bits.at = begin + length as usize * word as usize;
            if bits.at > bytes.len() * 8 {
                return None;
            }
        }
        at += length;
    }
    Some(Brush { mask: Mask::from_rows(width, height, runs.done())?, soft })
}

/// Writes Label Studio's brush: 255 in all four channels inside, 0 outside. `None` if the image is too large for its
/// 32-bit count.
pub fn to_brush(mask: &Mask) -> Option<Vec<u8>> {
    const SIZES: [u32; 4] = [3, 4, 8, 16];
    let count = u32::try_from(u64::from(mask.width) * u64::from(mask.height) * 4).ok()?;
    let mut bits = Pack::default();
    bits.put(count, 32);
    bits.put(7, 5);
    SIZES.iter().for_each(|size| bits.put(size - 1, 4));
    for (at, run) in mask.runs.iter().enumerate() {
        let mut rest = u64::from(*run) * 4;
        while rest > 0 {
            let length = rest.min(1 << 16);
            let index = SIZES.iter().position(|size| length <= 1 << size).unwrap_or(3);
            bits.put(1, 1);
            bits.put(index as u32, 2);
            bits.put((length - 1) as u32, SIZES.get(index).copied().unwrap_or(16));
            bits.put(if at % 2 == 1 { 255 } else { 0 }, 8);
            rest -= length;
        }
    }
    Some(bits.done())
}

/// Runs of false and true as they come, beginning with false.
#[derive(Default)]
struct Gather {
    runs: Vec<u32>,
    inside: bool,
    length: u32,
}

impl Gather {
    fn push(&mut self, inside: bool, count: u32) {
        if count == 0 {
            return;
        }
        if inside != self.inside {
            self.runs.push(self.length);
            (self.inside, self.length) = (inside, 0);
        }
        self.length += count;
    }

    fn done(mut self) -> Vec<u32> {
        if self.length > 0 {
            self.runs.push(self.length);
        }
        self.runs
    }
}

/// Bits of bytes, the highest first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next `count` bits, at most 32; `None` behind the end.
    fn take(&mut self, count: u32) -> Option<u32> {
        let value = self.peek(self.at, count)?;
        self.at += count as usize;
        Some(value)
    }

    /// The `count` bits from `at` on.
    fn peek(&self, at: usize, count: u32) -> Option<u32> {
        if at + count as usize > self.bytes.len() * 8 {
            return None;
        }
        let mut word = [0u8; 8];
        let rest = self.bytes.get(at / 8..)?;
        let length = rest.len().min(8);
        word.get_mut(..length)?.copy_from_slice(rest.get(..length)?);
        Some(((u64::from_be_bytes(word) << (at % 8)) >> (64 - count)) as u32)
    }

    /// The eight bits from `at` on.
    fn byte(&self, at: usize) -> Option<u32> {
        let (first, skip) = (u16::from(*self.bytes.get(at / 8)?), at % 8);
        if skip == 0 {
            return Some(first.into());
        }
        let second = u16::from(*self.bytes.get(at / 8 + 1)?);
        Some(u32::from((first << 8 | second) >> (8 - skip) & 0xFF))
    }
}

/// Bits into bytes, the highest first, the last byte filled with zeros.
#[derive(Default)]
struct Pack {
    bytes: Vec<u8>,
    word: u64,
    filled: u32,
}

impl Pack {
    fn put(&mut self, value: u32, count: u32) {
        self.word = self.word << count | u64::from(value);
        self.filled += count;
        while self.filled >= 8 {
            self.filled -= 8;
            self.bytes.push((self.word >> self.filled) as u8);
        }
        self.word &= (1 << self.filled) - 1;
    }

    fn done(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.bytes.push((self.word << (8 - self.filled)) as u8);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mask of the tiny files: 6 x 4 pixels at (2, 1) in an image of 20 x 10.
    fn tiny() -> Mask {
        Mask::from_columns(20, 10, &[21, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 125]).unwrap()
    }

    const BRUSH: [u8; 29] = [
        0, 0, 3, 32, 57, 27, 254, 87, 0, 194, 255, 248, 220, 3, 11, 255, 227, 112, 12, 47, 255, 141, 192, 48, 191, 255,
        1, 191, 0,
    ];

    #[test]
    fn one_mask_three_writings() {
        let mask = tiny();
        assert_eq!((mask.area(), mask.bounds()), (24, Some(Rect::new(2.0, 1.0, 6.0, 4.0))));
        assert_eq!(to_coco_text(&mask.columns()), "e046000000000g3");
        assert_eq!(from_coco_text("e046000000000g3"), Some(mask.columns()));
        let brush = from_brush(&BRUSH, 20, 10).unwrap();
        assert_eq!((brush.mask, brush.soft), (mask.clone(), 0));
        assert_eq!(from_brush(&to_brush(&mask).unwrap(), 20, 10).unwrap().mask, mask);
        let part = mask.cropped(2, 1, 6, 4).unwrap();
        assert_eq!(part.runs(), [0, 24]);
        assert_eq!(part.placed(2, 1, 20, 10), Some(mask));
    }

    #[test]
    fn literals_are_read_as_runs_are() {
        // One block of literals: 2 pixels, the second with half-transparent alpha.
        let mut bits = Pack::default();
        bits.put(8, 32);
        bits.put(7, 5);
        [2, 3, 7, 15].into_iter().for_each(|size| bits.put(size, 4));
        bits.put(0, 1);
        bits.put(0, 2);
        bits.put(7, 3);
        [9, 9, 9, 0, 9, 9, 9, 130].into_iter().for_each(|value| bits.put(value, 8));
        let brush = from_brush(&bits.done(), 2, 1).unwrap();
        assert_eq!((brush.mask.runs(), brush.soft), ([1, 1].as_slice(), 1));
    }

    #[test]
    fn what_does_not_fill_the_image_is_refused() {
        assert_eq!(Mask::from_rows(2, 2, vec![1, 2]), None);
        assert_eq!(Mask::from_rows(1 << 20, 1 << 20, vec![]), None);
        assert_eq!(from_coco_text("\u{7f}"), None);
        assert_eq!(from_coco_text("o"), None, "the last group says that more follow");
        assert!(from_brush(&BRUSH[..20], 20, 10).is_none());
        assert!(from_brush(&BRUSH, 10, 10).is_none());
        assert!(tiny().cropped(15, 0, 6, 4).is_none());
    }

    #[test]
    fn empty_runs_are_joined() {
        let check = |runs: &[u32], expected: &[u32]| {
            let width = runs.iter().sum();
            assert_eq!(Mask::from_rows(width, 1, runs.to_vec()).unwrap().runs(), expected, "{runs:?}");
        };
        check(&[2, 3, 0, 4], &[2, 7]);
        check(&[0, 0, 5], &[5]);
        check(&[0, 4, 0], &[0, 4]);
        check(&[3, 0, 0, 2, 1], &[3, 2, 1]);
    }

    #[test]
    fn a_large_mask_is_read_at_once() {
        let pixels: Vec<u8> = (0..6_300_000u32).map(|at| u8::from(at / 37 % 5 == 0)).collect();
        let mask = Mask::from_pixels(3000, 2100, &pixels).unwrap();
        let bytes = to_brush(&mask).unwrap();
        let started = std::time::Instant::now();
        assert_eq!(from_brush(&bytes, 3000, 2100).unwrap().mask, mask);
        // 50 ms is the aim in a release build; this only catches a reader that goes value by value.
        assert!(started.elapsed().as_secs_f64() < 2.0, "{:?}", started.elapsed());
    }

    proptest::proptest! {
        #[test]
        fn masks_go_there_and_back(width in 1u32..30, height in 1u32..30, seed in proptest::collection::vec(0u8..2, 900)) {
            let pixels = &seed[..(width * height) as usize];
            let mask = Mask::from_pixels(width, height, pixels).unwrap();
            proptest::prop_assert_eq!(mask.pixels(), pixels);
            proptest::prop_assert_eq!(Mask::from_columns(width, height, &mask.columns()), Some(mask.clone()));
            let text = to_coco_text(&mask.columns());
            proptest::prop_assert_eq!(from_coco_text(&text), Some(mask.columns()));
            let brush = from_brush(&to_brush(&mask).unwrap(), width, height).unwrap();
            proptest::prop_assert_eq!(brush.mask, mask);
        }

        #[test]
        fn painting_and_erasing_are_those_of_pixels(
            before in proptest::collection::vec(0u8..2, 120),
            stroke in proptest::collection::vec(0u8..2, 120),
        ) {
            let mask = |pixels: &[u8]| Mask::from_pixels(12, 10, pixels).unwrap();
            let stretches: Vec<(u64, u64)> = mask(&stroke).stretches().collect();
            let each = |of: fn(u8, u8) -> u8| before.iter().zip(&stroke).map(|(a, b)| of(*a, *b)).collect::<Vec<u8>>();
            proptest::prop_assert_eq!(mask(&before).united(&stretches), mask(&each(|a, b| a | b)));
            proptest::prop_assert_eq!(mask(&before).without(&stretches), mask(&each(|a, b| a & (1 - b))));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(0u8..=255, 0..60), text in "[ -~]{0,20}") {
            let _ = from_brush(&bytes, 3, 2);
            let _ = from_coco_text(&text);
        }
    }
}
