//! Personal data: addresses, numbers that name a person, and keys. What has check digits is checked.
//!
//! Wrongly taken figures cost a person's patience, missed ones a person's privacy. So a shape that may well be
//! something else (a number without separators, a date) needs its check digits; one that hardly is (six and seven digits
//! around a hyphen, the first a date) does not, and is marked as not sure.

use super::numbers::{Gap, Group, groups};
use super::secrets;
use super::{Personal, Spot, TextIssue};

/// All personal data of a text, by where they begin.
pub(super) fn find(text: &str) -> Vec<Spot> {
    let mut spots = Vec::new();
    if text.contains('@') {
        emails(text, &mut spots);
    }
    secrets::find(text, &mut spots);
    let groups = groups(text);
    let mut at = 0;
    while let Some(rest) = groups.get(at..).filter(|rest| !rest.is_empty()) {
        match number(text, rest) {
            Some((count, kind, sure)) => {
                let last = rest.get(count - 1).or(rest.last()).map_or(0, |group| group.end);
                let start = rest.first().map_or(0, |group| opening(text, group.start));
                spots.push(Spot { issue: TextIssue::Personal(kind), start, end: last, sure });
                at += count;
            }
            None => at += 1,
        }
    }
    addresses_v6(text, &mut spots);
    spots.sort_by_key(|spot| (spot.start, std::cmp::Reverse(spot.end)));
    // A number inside a key or an address is part of it.
    let mut end = 0;
    spots.retain(|spot| {
        let is_new = spot.start >= end;
        end = end.max(spot.end);
        is_new
    });
    spots
}

/// Where a number begins with its plus sign and opening bracket.
fn opening(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    before.len() - before.chars().rev().take_while(|c| matches!(c, '+' | '(')).take(2).count()
}

/// What the first groups are, how many of them belong to it, and whether that is sure.
fn number(text: &str, groups: &[Group]) -> Option<(usize, Personal, bool)> {
    let first = groups.first()?;
    let glued = matches!(first.gap, Gap::Dot | Gap::Hyphen) && first.before.is_some_and(|c| c != ' ');
    if !first.is_free_before() || glued {
        return None;
    }
    let whole = |count: usize| {
        let last = groups.get(count.checked_sub(1)?)?;
        let goes_on = groups
            .get(count)
            .is_some_and(|next| matches!(next.gap, Gap::Dot | Gap::Hyphen) && last.after.is_some_and(|c| c != ' '));
        (last.is_free_after() && !goes_on).then_some(count)
    };
    if let Some(sure) = resident(groups) {
        let count = if first.len() == 13 { 1 } else { 2 };
        return whole(count).map(|count| (count, Personal::ResidentNumber, sure));
    }
    let named =
        [(card(groups), Personal::Card), (licence(groups), Personal::DriverLicence), (ip(groups), Personal::Ip)];
    if let Some((count, kind)) = named.into_iter().find_map(|(count, kind)| Some((whole(count?)?, kind))) {
        return Some((count, kind, kind != Personal::DriverLicence));
    }
    let plus = text.get(..first.start).is_some_and(|before| before.trim_end_matches('(').ends_with('+'));
    let count = if plus { international(groups) } else { domestic(groups) };
    whole(count?).map(|count| (count, Personal::Phone, true))
}

/// A Korean resident-registration number (six digits of birth, seven more), also of a foreigner: true if its check digit
/// is right. Numbers given out since October 2020 have none, so that with a hyphen the date of birth is enough, and
/// without one a birth since then.
fn resident(groups: &[Group]) -> Option<bool> {
    let first = groups.first()?;
    let (digits, joined): (Vec<u8>, bool) = match (first.len(), groups.get(1)) {
        (13, _) => (first.digits.clone(), true),
        (6, Some(second)) if second.len() == 7 && matches!(second.gap, Gap::Hyphen | Gap::Space) => {
            ([first.digits.as_slice(), &second.digits].concat(), second.gap == Gap::Space)
        }
        _ => return None,
    };
    let digits: [u8; 13] = digits.try_into().ok()?;
    let [y1, y0, m1, m0, d1, d0, sex, ..] = digits.map(u32::from);
    let century = match sex {
        1 | 2 | 5 | 6 => 1900,
        3 | 4 | 7 | 8 => 2000,
        _ => 1800,
    };
    let (year, month, day) = (century + 10 * y1 + y0, 10 * m1 + m0, 10 * d1 + d0);
    if !is_date(year, month, day) {
        return None;
    }
    let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
    let sum: u32 = digits.iter().zip(weights).map(|(&digit, weight)| u32::from(digit) * weight).sum();
    // Foreigners' numbers end in a digit that is 2 higher.
    let shift = if (5..=8).contains(&sex) { 13 } else { 11 };
    let checked = (shift - sum % 11) % 10 == u32::from(digits[12]);
    let without_check_digit = (year, month) >= (2020, 10);
    (checked || without_check_digit || !joined).then_some(checked)
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// How many groups are the number of a payment card: of a known issuer, with the right length and check digit (Luhn,
/// ISO/IEC 7812-1).
fn card(groups: &[Group]) -> Option<usize> {
    const SHAPES: [&[usize]; 5] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[8, 8]];
    let fits = |shape: &&&'static [usize]| {
        let lengths = groups.iter().map(Group::len);
        let gap = groups.get(1).map(|group| group.gap);
        let even = groups.iter().take(shape.len()).skip(1).all(|group| Some(group.gap) == gap);
        lengths.take(shape.len()).eq(shape.iter().copied()) && even && matches!(gap, Some(Gap::Hyphen | Gap::Space))
    };
    // Else the digits stand without a separator.
    let count = SHAPES.iter().find(fits).map_or(1, |shape| shape.len());
    let digits: Vec<u8> = groups.iter().take(count).flat_map(|group| group.digits.iter().copied()).collect();
    let varied = digits.iter().any(|digit| Some(digit) != digits.first());
    (varied && is_issued(&digits) && luhn(&digits)).then_some(count)
}

/// True if the last digit is the check digit of the others (Luhn 1960).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let double = |(at, &digit): (usize, &u8)| {
        let digit = u32::from(digit);
        if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
    };
    digits.len() > 1 && digits.iter().rev().enumerate().map(double).sum::<u32>().is_multiple_of(10)
}

/// True if an issuer of cards gives out numbers that begin so and are so long.
fn is_issued(digits: &[u8]) -> bool {
    let head = |count: usize| digits.iter().take(count).fold(0u32, |head, &digit| 10 * head + u32::from(digit));
    match digits.len() {
        14 => matches!(head(3), 300..=305) || matches!(head(2), 36 | 38 | 39),
        15 => matches!(head(2), 34 | 37),
        16 => {
            // Visa, Mastercard, Discover, JCB, UnionPay, Maestro; 9 is for cards valid in Korea only.
            matches!(head(1), 4 | 9)
                || matches!(head(2), 50..=55 | 60 | 62 | 64 | 65 | 67)
                || matches!(head(4), 2221..=2720 | 3528..=3589)
        }
        13 => head(1) == 4,
        19 => head(1) == 4 || head(2) == 62,
        _ => false,
    }
}

/// The number of a Korean driving licence: region, year, number, check digits: `11-15-123456-01`.
fn licence(groups: &[Group]) -> Option<usize> {
    let four = groups.get(..4)?;
    let lengths = four.iter().map(Group::len).eq([2, 2, 6, 2]);
    let hyphens = four.iter().skip(1).all(|group| group.gap == Gap::Hyphen);
    let region = four.first().and_then(Group::value).is_some_and(|region| (11..=28).contains(&region));
    (lengths && hyphens && region).then_some(4)
}

/// An IPv4 address that can belong to somebody.
fn ip(groups: &[Group]) -> Option<usize> {
    let four = groups.get(..4)?;
    let is_part = |group: &Group| {
        let plain = group.len() == 1 || group.digits.first() != Some(&0);
        plain && group.len() <= 3 && group.value().is_some_and(|value| value <= 255)
    };
    let dots = four.iter().skip(1).all(|group| group.gap == Gap::Dot);
    let first = four.first().and_then(Group::value)?;
    let nobody = matches!(first, 0 | 127 | 255) || four.iter().skip(1).all(|group| group.value() == Some(0));
    (dots && four.iter().all(is_part) && !nobody).then_some(4)
}

/// How many groups after a plus sign are a telephone number: a country's code and up to 15 digits in all (E.164).
fn international(groups: &[Group]) -> Option<usize> {
    let first = groups.first()?;
    if first.digits.first() == Some(&0) {
        return None;
    }
    let (mut count, mut digits) = (1, first.len());
    for group in groups.iter().skip(1).take(5) {
        let enough = digits >= 10 && group.gap == Gap::Space;
        if group.gap == Gap::Other && !is_trunk_zero(group) || enough || digits + group.len() > 15 {
            break;
        }
        (count, digits) = (count + 1, digits + group.len());
    }
    (9..=15).contains(&digits).then_some(count)
}

/// The `(0)` that stands between a country's code and the number.
fn is_trunk_zero(group: &Group) -> bool {
    group.digits == [0] && group.before == Some('(') && group.after == Some(')')
}

/// How many groups are a telephone number as written inside Korea or North America.
fn domestic(groups: &[Group]) -> Option<usize> {
    let of = |at: usize| groups.get(at);
    let first = of(0)?;
    let (number, lengths) = (first.value()?, [first.len(), of(1).map_or(0, Group::len), of(2).map_or(0, Group::len)]);
    let separated = |group: Option<&Group>| group.is_some_and(|group| group.gap != Gap::Other);
    let three = separated(of(1)) && separated(of(2));
    let is_zero_led = first.digits.first() == Some(&0);
    let mobile = is_zero_led && matches!(number, 10 | 11 | 16..=19);
    let head = |count: usize| first.digits.iter().take(count).fold(0u32, |head, &digit| 10 * head + u32::from(digit));
    match lengths {
        [3, 3..=4, 4] if three && mobile => Some(3),
        [3, 7..=8, _] if separated(of(1)) && mobile => Some(2),
        [10..=11, ..] if first.digits.first() == Some(&0) && matches!(head(3), 10 | 11 | 16..=19) => {
            (head(3) != 10 || lengths[0] == 11).then_some(1)
        }
        // Seoul is 02, the provinces 031 to 064, internet telephony 070, safe numbers 050x.
        [2, 3..=4, 4] if three && is_zero_led && number == 2 => Some(3),
        [3, 3..=4, 4] if three && is_zero_led && matches!(number, 31..=33 | 41..=44 | 51..=55 | 61..=64 | 70) => {
            Some(3)
        }
        [4, 3..=4, 4] if three && is_zero_led && matches!(number, 501..=509) => Some(3),
        // Area code, exchange, number; three numbers with mere spaces may be anything.
        [3, 3, 4] if three && of(2).is_some_and(|group| group.gap != Gap::Space) => {
            let exchange = of(1).and_then(|group| group.digits.first()).is_some_and(|&digit| digit >= 2);
            (number >= 200 && exchange).then_some(3)
        }
        _ => None,
    }
}

/// E-mail addresses: a dot-atom, an at sign, and labels that end in one of letters (RFC 5321 without quoted parts).
fn emails(text: &str, spots: &mut Vec<Spot>) {
    let bytes = text.as_bytes();
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-'".contains(byte);
    let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    for (at, _) in text.match_indices('@') {
        let (Some(before), Some(after)) = (bytes.get(..at), bytes.get(at + 1..)) else { continue };
        let local = before.iter().rev().take_while(|byte| is_local(byte)).count();
        let domain = after.iter().take_while(|byte| is_domain(byte)).count();
        let (Some(local), Some(domain)) = (text.get(at - local..at), text.get(at + 1..at + 1 + domain)) else {
            continue;
        };
        let (local, domain) = (local.trim_start_matches(['.', '-', '\'']), domain.trim_end_matches(['.', '-']));
        let top = domain.rsplit('.').next().unwrap_or_default();
        let labels = domain.split('.').count() > 1 && domain.split('.').all(|label| !label.is_empty());
        let is_top = (2..=24).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_alphabetic());
        if labels && is_top && !local.is_empty() && local.len() <= 64 && !local.ends_with('.') {
            let (start, end) = (at - local.len(), at + 1 + domain.len());
            spots.push(Spot { issue: TextIssue::Personal(Personal::Email), start, end, sure: true });
        }
    }
}

/// IPv6 addresses of four groups at least; shorter ones are times, ratios and code.
fn addresses_v6(text: &str, spots: &mut Vec<Spot>) {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == ':';
    let mut rest = 0;
    while let Some(colon) = text.get(rest..).and_then(|more| more.find(':')).map(|at| rest + at) {
        let head = text.get(rest..colon).unwrap_or_default();
        let start = colon - head.bytes().rev().take_while(u8::is_ascii_hexdigit).count();
        let tail = text.get(start..).unwrap_or_default();
        let end = start + tail.find(|c| !is_part(c)).unwrap_or(tail.len());
        rest = end.max(colon + 1);
        let glued = text.get(..start).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric)
            || text.get(end..).and_then(|after| after.chars().next()).is_some_and(|c| c.is_ascii_alphanumeric());
        let found = text.get(start..end).unwrap_or_default();
        let groups = found.split(':').filter(|group| !group.is_empty()).count();
        if !glued && groups >= 4 && found.parse::<std::net::Ipv6Addr>().is_ok() {
            spots.push(Spot { issue: TextIssue::Personal(Personal::Ip), start, end, sure: true });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Personal)]) {
        let found: Vec<(&str, Personal)> = find(text)
            .into_iter()
            .filter_map(|spot| match spot.issue {
                TextIssue::Personal(kind) => Some((&text[spot.start..spot.end], kind)),
                _ => None,
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn telephone_numbers() {
        let phones = |text: &str, expected: &[&str]| {
            check(text, &expected.iter().map(|found| (*found, Personal::Phone)).collect::<Vec<_>>());
        };
        phones("전화는 010-1234-5678로 주세요", &["010-1234-5678"]);
        phones("Tel:01012345678,010-1234-5678", &["01012345678", "010-1234-5678"]);
        phones("번호010 1234 5678입니다 02-123-4567", &["010 1234 5678", "02-123-4567"]);
        phones("０１０－１２３４－５６７８", &["０１０－１２３４－５６７８"]);
        phones("(031) 123-4567 / 070.1234.5678", &["(031) 123-4567", "070.1234.5678"]);
        phones("+82 10-1234-5678, +82(0)10 1234 5678", &["+82 10-1234-5678", "+82(0)10 1234 5678"]);
        phones("call (212) 555-0123 or 415.555.0199", &["(212) 555-0123", "415.555.0199"]);
        phones("+44 20 7946 0958 today 12 30", &["+44 20 7946 0958"]);
        phones("+14155552671", &["+14155552671"]);
        for text in [
            "2024-01-02",
            "3.14159",
            "100 200 3000",
            "1,234,567,890",
            "010-12-345",
            "1588-1234",
            "ISBN 978-89-1234-567-8",
            "12:30-14:00",
            "order 0101234567890123",
            "v010-1234-5678",
            "1-010-1234-5678",
            "+1",
            "0.10",
            "20100101123456",
        ] {
            phones(text, &[]);
        }
    }

    /// The number with its check digit.
    fn with_check_digit(twelve: &str, shift: u32) -> String {
        let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
        let sum: u32 = twelve.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        format!("{}-{}{}", &twelve[..6], &twelve[6..], (shift - sum % 11) % 10)
    }

    #[test]
    fn resident_numbers_are_checked_where_they_have_a_check_digit() {
        let of = |text: &str| -> Option<bool> {
            find(text)
                .into_iter()
                .find(|spot| spot.issue == TextIssue::Personal(Personal::ResidentNumber))
                .map(|spot| spot.sure)
        };
        let right = with_check_digit("900101123456", 11);
        let foreign = with_check_digit("850315512345", 13);
        let last = right.chars().last().unwrap().to_digit(10).unwrap();
        let wrong = format!("{}{}", &right[..right.len() - 1], (last + 1) % 10);
        assert_eq!(of(&right), Some(true));
        assert_eq!(of(&format!("주민번호:{right}입니다")), Some(true));
        assert_eq!(of(&format!("12:{right}")), None);
        assert_eq!(of(&format!("주민번호 {}입니다", right.replace('-', ""))), Some(true));
        assert_eq!(of(&right.replace('-', " - ")), Some(true));
        assert_eq!(of(&foreign), Some(true));
        assert_eq!(of(&wrong), Some(false), "it may have been changed since 2020");
        assert_eq!(of(&wrong.replace('-', "")), None, "thirteen digits may be anything");
        assert!(of("2111013123456").is_some(), "born when there were no check digits any more");
        assert_eq!(of("991301-1234567"), None, "there is no month 13");
        assert_eq!(of("990230-1234567"), None, "nor a 30 February");
        assert!(of("000229-3234567").is_some(), "2000 was a leap year");
        assert_eq!(of("A900101-1234567"), None);
        assert_eq!(of("900101-12345678"), None);
    }

    #[test]
    fn cards_have_an_issuer_and_a_check_digit() {
        let cards = |text: &str, expected: &[&str]| {
            check(text, &expected.iter().map(|found| (*found, Personal::Card)).collect::<Vec<_>>());
        };
        cards("4111 1111 1111 1111", &["4111 1111 1111 1111"]);
        cards("카드 4111-1111-1111-1111로", &["4111-1111-1111-1111"]);
        cards("5555555555554444 378282246310005", &["5555555555554444", "378282246310005"]);
        cards("3782-822463-10005; 30569309025904", &["3782-822463-10005", "30569309025904"]);
        cards(
            "6011111111111117 3530111333300000 6212345678901232",
            &["6011111111111117", "3530111333300000", "6212345678901232"],
        );
        for text in
            ["4111 1111 1111 1112", "1234567812345670", "0000 0000 0000 0000", "x4111111111111111", "4111111111111111%"]
        {
            cards(text, &[]);
        }
        assert!(luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3]) && !luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 4]) && !luhn(&[0]));
    }

    #[test]
    fn addresses() {
        check("메일은 hong.gd+news@example.co.kr로, a@b", &[("hong.gd+news@example.co.kr", Personal::Email)]);
        check("<Kim@example.com>.", &[("Kim@example.com", Personal::Email)]);
        check("@handle and x@ y@z.1 a@b..com", &[]);
        check("from 203.0.113.7 and 10.0.0.1.", &[("203.0.113.7", Personal::Ip), ("10.0.0.1", Personal::Ip)]);
        check("127.0.0.1 1.2.3 256.1.1.1 1.2.3.4.5 01.2.3.4 v1.2.3.4 1.0.0.0", &[]);
        check("[2001:db8:0:1::7] at 12:30:45", &[("2001:db8:0:1::7", Personal::Ip)]);
        check("std::vec::Vec a::b ::1", &[]);
        check("면허 11-15-123456-01", &[("11-15-123456-01", Personal::DriverLicence)]);
        check("99-15-123456-01", &[]);
    }
}
