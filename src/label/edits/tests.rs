use super::*;

/// A small linear congruential generator (Knuth's MMIX constants), for inputs that are the same in every run.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    /// Up to `most` parts, drawn from a few so that many are equal.
    fn text(&mut self, most: usize, parts: &[&str]) -> String {
        (0..self.below(most + 1)).map(|_| parts[self.below(parts.len())]).collect()
    }

    /// The text with up to `most` of its words left out, put elsewhere, or replaced.
    fn edited(&mut self, text: &str, most: usize) -> String {
        let mut words: Vec<&str> = text.split_inclusive(' ').collect();
        for _ in 0..self.below(most + 1) {
            if words.is_empty() {
                break;
            }
            let word = words.remove(self.below(words.len()));
            match self.below(3) {
                0 => {}
                1 => words.insert(self.below(words.len() + 1), word),
                _ => words.insert(self.below(words.len() + 1), "새 "),
            }
        }
        words.concat()
    }
}

const PARTS: [&str; 9] = ["a ", "b ", "bc", "  ", "나는 ", "밥을\n", "é", "c\u{3000}", "먹었다."];
const WORDS: [&str; 8] = ["a ", "b ", "c ", "d ", "e ", "나는 ", "밥을 ", "어제 "];

/// The textbook table, to check the fast ways against.
fn plain_distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for x in a {
        let mut corner = row[0];
        row[0] += 1;
        for (j, y) in b.iter().enumerate() {
            let best = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}

/// Length of the longest common subsequence, by the textbook table.
fn plain_common<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut corner = 0;
        for (j, y) in b.iter().enumerate() {
            let best = if x == y { corner + 1 } else { row[j].max(row[j + 1]) };
            corner = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}

/// A diff as one line: `=`, `-` or `+` and the text in brackets.
fn shown(before: &str, after: &str) -> String {
    let sign = |kind| match kind {
        PieceKind::Same => '=',
        PieceKind::Removed => '-',
        PieceKind::Added => '+',
    };
    let pieces = word_diff(before, after);
    pieces.iter().map(|piece| format!("{}[{}]", sign(piece.kind), piece.text(before, after))).collect()
}

/// Checks what must hold of every diff: the pieces cover both texts in order, and no two of a kind meet.
fn check_pieces(before: &str, after: &str) {
    let pieces = word_diff(before, after);
    let (mut old_end, mut new_end) = (0, 0);
    for piece in &pieces {
        assert_eq!((piece.before.start, piece.after.start), (old_end, new_end), "{before:?} {after:?}");
        (old_end, new_end) = (piece.before.end, piece.after.end);
        match piece.kind {
            PieceKind::Same => assert_eq!(before[piece.before.clone()], after[piece.after.clone()]),
            PieceKind::Removed => assert!(piece.after.is_empty()),
            PieceKind::Added => assert!(piece.before.is_empty()),
        }
        assert!(!piece.text(before, after).is_empty());
    }
    assert_eq!((old_end, new_end), (before.len(), after.len()), "{before:?} {after:?}");
    assert!(pieces.windows(2).all(|two| two[0].kind != two[1].kind), "{pieces:?}");
}

#[test]
fn word_diff_tells_what_changed() {
    let check = |before, after, expected: &str| assert_eq!(shown(before, after), expected, "{before:?} {after:?}");
    check("", "", "");
    check("a b", "a b", "=[a b]");
    check("", "새 글", "+[새 글]");
    check("옛 글", "", "-[옛 글]");
    check("the cat sat", "the dog sat", "=[the ]-[cat ]+[dog ]=[sat]");
    check("the cat sat", "the sat", "=[the ]-[cat ]=[sat]");
    check("나는 밥을 먹었다.", "나는 어제 밥을 먹었다.", "=[나는 ]+[어제 ]=[밥을 먹었다.]");
    check("나는 밥를 먹었다.", "나는 밥을 먹었다.", "=[나는 ]-[밥를 ]+[밥을 ]=[먹었다.]");
    // Appended text, and white space alone.
    check("안녕하세요.", "안녕하세요. 반갑습니다.", "=[안녕하세요.]+[ 반갑습니다.]");
    check("a b\nc", "a b c", "=[a b]-[\n]+[ ]=[c]");
    check("  a", "a", "-[  ]=[a]");
    check(" a", "\ta", "-[ ]+[\t]=[a]");
    check("a ", "a", "=[a]-[ ]");
    check("   ", "\n", "-[   ]+[\n]");
    // What is replaced in a row is told once.
    check("w x y z", "w p q z", "=[w ]-[x y ]+[p q ]=[z]");
}

#[test]
fn word_diff_gives_places_in_both_texts() {
    let pieces = word_diff("가 b c", "가 x c");
    let expected = [
        (PieceKind::Same, 0..4, 0..4),
        (PieceKind::Removed, 4..6, 4..4),
        (PieceKind::Added, 6..6, 4..6),
        (PieceKind::Same, 6..7, 6..7),
    ];
    assert_eq!(pieces, expected.map(|(kind, before, after)| Piece { kind, before, after }));
    assert_eq!(pieces[1].text("", ""), "");
}

#[test]
fn word_diff_covers_both_texts_and_keeps_the_most_words() {
    let mut random = Lcg(1);
    for _ in 0..1000 {
        let (before, after) = (random.text(24, &PARTS), random.text(24, &PARTS));
        check_pieces(&before, &after);
        let words = |text: &str| tokens(text).iter().map(|token| token.word.to_owned()).collect::<Vec<_>>();
        let (old, new) = (words(&before), words(&after));
        let (a, b, _) = numbered(old.iter(), new.iter());
        assert_eq!(kept(&a, &b).len(), plain_common(&old, &new), "{before:?} {after:?}");
    }
}

#[test]
fn word_diff_of_long_texts_is_bounded() {
    let text = |mark: &str, words| (0..words).map(|i| format!("{mark}{i} ")).collect::<String>();
    let check = |middle_before: usize, middle_after: usize, shared: &str, expected: usize| {
        let before = format!("head {}{shared}{}tail", text("a", middle_before), text("b", middle_before));
        let after = format!("head {}{shared}{}tail", text("c", middle_after), text("d", middle_after));
        check_pieces(&before, &after);
        assert_eq!(word_diff(&before, &after).len(), expected, "{middle_before} {middle_after}");
    };
    // 2,000 changes are still followed, 2,004 are not: the word in the middle is lost, the ends are kept.
    check(500, 500, "shared ", 7);
    check(501, 501, "shared ", 4);
    check(5000, 5000, "shared ", 4);
    check(5000, 0, "shared ", 4);
    let long = text("w", 10_000);
    assert_eq!(word_diff(&long, &long.replacen("w5000 ", "", 1)).len(), 3);
}

#[test]
fn edits_counts_characters() {
    let check = |before: &str, after: &str, expected| {
        assert_eq!(edits(before, after), expected, "{before:?} {after:?}");
        assert_eq!(edits(after, before), expected, "{after:?} {before:?}");
    };
    check("", "", 0);
    check("", "abc", 3);
    check("", "한국어", 3);
    check("same", "same", 0);
    check("kitten", "sitting", 3);
    check("intention", "execution", 5);
    check("밥를", "밥을", 1);
    check("나는 학교에 갔다", "나는 어제 학교에 갔다", 3);
    check("띄어 쓰기", "띄어쓰기", 1);
    check("👍🏽", "👍", 1);
    check(&"ab".repeat(100), &"ba".repeat(100), 2);
    check(&"a".repeat(1000), &"b".repeat(700), 1000);
}

#[test]
fn cer_is_per_character_of_the_text_after() {
    let check = |before, after, expected: f64| {
        assert!((cer(before, after) - expected).abs() < 1e-12, "{before:?} {after:?} {}", cer(before, after));
    };
    check("", "", 0.0);
    check("가나", "", 1.0);
    check("", "가나", 1.0);
    check("kitten", "sitting", 3.0 / 7.0);
    check("sitting", "kitten", 3.0 / 6.0);
    check("밥를 먹다", "밥을 먹다", 0.2);
    check("abcdef", "a", 5.0);
}

#[test]
fn distance_equals_the_textbook() {
    let mut random = Lcg(2);
    for round in 0..200 {
        // Every fifth pair is long enough for several blocks and for bands narrower than the table.
        let most = if round % 10 < 2 { 400 } else { 90 };
        let before = random.text(most, &PARTS);
        let after = if round % 2 == 0 { random.edited(&before, 40) } else { random.text(most, &PARTS) };
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = plain_distance(&chars(&before), &chars(&after));
        assert_eq!(edits(&before, &after), expected, "{before:?} {after:?}");
        assert_eq!(edits(&after, &before), expected, "{before:?} {after:?}");
        assert_eq!(cer(&before, &before), 0.0);
    }
}

#[test]
fn a_narrow_band_never_finds_too_little() {
    let mut random = Lcg(3);
    for _ in 0..50 {
        let [a, b] = [0; 2].map(|_| (0..300 + random.below(20)).map(|_| random.below(4) as u32).collect::<Vec<_>>());
        let expected = plain_distance(&a, &b);
        for band in [20, 40, 80, 160, 320, usize::MAX] {
            let found = Row::last(&a, &b, 4, band).end();
            assert!(if expected <= band { found == expected } else { found >= expected }, "{band} {found} {expected}");
        }
    }
}

#[test]
fn alignment_is_shortest_with_and_without_halves() {
    let mut random = Lcg(4);
    let mut sequence = |length: usize, symbols| (0..length).map(|_| random.below(symbols) as u32).collect::<Vec<_>>();
    let mut check = |a_length, b_length, symbols| {
        let (a, b) = (sequence(a_length, symbols), sequence(b_length, symbols));
        let steps = alignment(&a, &b, symbols);
        let (mut i, mut j) = (0, 0);
        for &step in &steps {
            assert!(!matches!(step, Step::Keep | Step::Replace) || (a[i] == b[j]) == (step == Step::Keep));
            i += usize::from(step != Step::Insert);
            j += usize::from(step != Step::Delete);
        }
        assert_eq!((i, j), (a.len(), b.len()));
        let errors = steps.iter().filter(|&&step| step != Step::Keep).count();
        assert_eq!(errors, distance(&a, &b, symbols));
    };
    for length in 0..40 {
        check(length, 40 - length, 3);
    }
    check(2100, 2010, 50);
    check(2, MOST_CELLS / 2 + 1, 2);
}

/// Insertions, deletions, substitutions and shifts.
fn counts(ter: &Ter) -> [usize; 4] {
    [ter.insertions, ter.deletions, ter.substitutions, ter.shifts]
}

#[test]
fn ter_counts_edits_of_words() {
    let check = |before, after, expected: [usize; 4], expected_rate: f64| {
        let found = ter(before, after);
        assert_eq!(counts(&found), expected, "{before:?} {after:?}");
        assert!((found.rate - expected_rate).abs() < 1e-12, "{before:?} {after:?} {}", found.rate);
        assert_eq!(found.reference_words, after.split_whitespace().count());
    };
    check("", "", [0, 0, 0, 0], 0.0);
    check("a b", "", [0, 2, 0, 0], 1.0);
    check("", "가 나 다", [3, 0, 0, 0], 1.0);
    check("a  b\n", "a b", [0, 0, 0, 0], 0.0);
    check("나는 밥을 먹었다", "나는 밥을 먹었다", [0, 0, 0, 0], 0.0);
    check("a b c d", "a x c d", [0, 0, 1, 0], 0.25);
    check("a b c d e", "a", [0, 4, 0, 0], 4.0);
    check("a b c d", "c d a b", [0, 0, 0, 1], 0.25);
    check("나는 밥을 어제 먹었다", "나는 어제 밥을 먹었다", [0, 0, 0, 1], 0.25);
    check("어제 학교에서 나는 친구를 만났다", "나는 어제 학교에서 그 친구를 만났다", [1, 0, 0, 1], 2.0 / 6.0);
    // Neither "a" nor "e" gains by a shift alone, so the greedy search replaces both.
    check("a b c d e", "e b c d a", [0, 0, 2, 0], 0.4);
    // The example of Snover et al. 2006, section 3: one shift, two substitutions, one insertion in 13 words.
    check(
        "THIS WEEK THE SAUDIS denied information published in the new york times",
        "SAUDI ARABIA denied THIS WEEK information published in the AMERICAN new york times",
        [1, 0, 2, 1],
        4.0 / 13.0,
    );
}

#[test]
fn ter_keeps_to_the_limits_of_shifts() {
    let words = |mark: &str, count| (0..count).map(|i| format!("{mark}{i} ")).collect::<String>();
    let check = |block, rest, expected: usize| {
        let (block, rest) = (words("b", block), words("r", rest));
        assert_eq!(ter(&format!("{block}{rest}"), &format!("{rest}{block}")).shifts, expected, "{block} {rest}");
    };
    check(10, 50, 1);
    check(1, 49, 1);
    // Eleven words take two shifts.
    check(11, 50, 2);
    // Too far to move.
    check(1, 60, 0);
}

/// The best shift, found by trying all and with the textbook distance.
fn plain_best(words: &[u32], reference: &[u32], steps: &[Step]) -> Option<Vec<u32>> {
    let places = Places::of(steps);
    let before = plain_distance(words, reference);
    let mut best: Option<((usize, usize), Vec<u32>)> = None;
    for (start, length) in (0..words.len()).flat_map(|start| (1..=10).map(move |length| (start, length))) {
        let block = start..start + length;
        let targets = (0..reference.len()).map(|target| target..target + length).filter(|target| {
            let equal = words.get(block.clone()).is_some_and(|some| Some(some) == reference.get(target.clone()));
            equal && places.allow(&block, target)
        });
        let mut gaps: Vec<usize> = targets.flat_map(|target| places.gaps[target.start..=target.end].to_vec()).collect();
        gaps.sort_unstable();
        for to in gaps.into_iter().filter(|&to| to < block.start || block.end < to) {
            let shifted = shifted(words, &block, to);
            let gain = before.saturating_sub(plain_distance(&shifted, reference));
            // Starts and places rise, so of those as good the first stays.
            if gain > 0 && best.as_ref().is_none_or(|(rank, _)| (gain, length) > *rank) {
                best = Some(((gain, length), shifted));
            }
        }
    }
    best.map(|(_, words)| words)
}

#[test]
fn the_best_shift_is_that_of_trying_all() {
    let mut random = Lcg(6);
    for round in 0..400 {
        let before = random.text(20, &WORDS);
        let after = if round % 2 == 0 { random.text(20, &WORDS) } else { random.edited(&before, 8) };
        let (a, b, symbols) = numbered(before.split_whitespace(), after.split_whitespace());
        let steps = alignment(&a, &b, symbols);
        let found = ShiftSearch::new(&b, symbols).best(&a, &steps);
        assert_eq!(found, plain_best(&a, &b, &steps), "{before:?} {after:?}");
    }
}

#[test]
fn ter_is_at_most_the_word_error_rate() {
    let mut random = Lcg(5);
    let mut shifts = 0;
    for _ in 0..500 {
        let before = random.text(25, &WORDS);
        let after = random.edited(&before, 8);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (words(&before), words(&after));
        let found = ter(&before, &after);
        assert!(found.edits() <= plain_distance(&old, &new), "{before:?} {after:?} {found:?}");
        assert_eq!(old.len() + found.insertions, new.len() + found.deletions, "{before:?} {after:?} {found:?}");
        assert_eq!(counts(&ter(&before, &before)), [0; 4]);
        shifts += found.shifts;
    }
    assert!(shifts > 150, "{shifts}");
}
