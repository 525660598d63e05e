//! Keys and passwords: tokens of known services, private keys, what is assigned to a telling name, and long tokens
//! that look drawn at random.

use super::{Personal, Spot, TextIssue};

/// The start of a service's token, and the least number of letters and digits after it.
const PREFIXES: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 35),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("xoxr-", 20),
    ("sk-", 20),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("hf_", 30),
    ("npm_", 36),
    ("pypi-", 40),
    ("SG.", 40),
    ("ya29.", 20),
];

/// Names after which a value is a secret.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "access-key",
    "auth_token",
    "access_token",
    "token",
    "비밀번호",
    "패스워드",
    "비번",
    "암호",
];

/// No key of a known service is shorter.
const SHORTEST: usize = 20;

/// A token this long without a known prefix is looked at for chance.
const LONG: usize = 24;

/// Bits of entropy a character that such a token has at least; words have about 3.
const LEAST_ENTROPY: f64 = 3.7;

/// Adds the keys and passwords of a text.
pub(super) fn find(text: &str, spots: &mut Vec<Spot>) {
    let mut add = |start: usize, end: usize, sure: bool| {
        spots.push(Spot { issue: TextIssue::Personal(Personal::Secret), start, end, sure });
    };
    private_keys(text, &mut add);
    for (start, token) in tokens(text, |byte| byte.is_ascii_alphanumeric() || b"_-.+/=".contains(&byte)) {
        let token = token.trim_end_matches(['.', '=', '-', '/']);
        if token.len() < SHORTEST {
            continue;
        }
        // In the address of a page a key stands behind its name.
        let value = token.rfind('=').map_or(0, |at| at + 1);
        let known = [0, value].into_iter().find(|from| token.get(*from..).is_some_and(is_known));
        if let Some(from) = known.or(is_web_token(token).then_some(0)) {
            add(start + from, start + token.len(), true);
            continue;
        }
        if is_in_address(text, start) {
            continue;
        }
        for (at, part) in tokens(token, |byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte)) {
            if is_random(part) && !is_public_address(part) {
                add(start + at, start + at + part.len(), false);
            }
        }
    }
    assigned(text, &mut add);
}

/// True if what begins there stands in the address of a web page or a file: there numbers of videos, posts and sessions
/// look as random as keys. What is assigned to a telling name (`?access_token=`) is found all the same.
fn is_in_address(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let ends = |c: char| c.is_whitespace() || "\"'<>()[]{}".contains(c);
    let word = before.char_indices().rev().find(|(_, c)| ends(*c)).map_or(0, |(at, c)| at + c.len_utf8());
    let end = text.get(start..).unwrap_or_default().find(char::is_whitespace).map_or(text.len(), |at| start + at);
    let word = text.get(word..end).unwrap_or_default().to_ascii_lowercase();
    word.contains("://") || word.contains("www.") || (word.starts_with('/') && word.contains('?')) || has_host(&word)
}

/// True for an address that payments are sent to: 26-35 letters and digits without those that look alike, of which the
/// first is 1 or 3. It is made to be shown.
fn is_public_address(token: &str) -> bool {
    (26..=35).contains(&token.len())
        && token.starts_with(['1', '3'])
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte))
}

/// True for a name of a host before a path or a question: `youtu.be/x`, `example.com?v=x`.
fn has_host(word: &str) -> bool {
    let Some(end) = word.find(['/', '?']) else { return false };
    let host = word.get(..end).unwrap_or_default();
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.') && host.split('.').all(part) && last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic())
}

/// The runs of bytes that belong together, with where they begin. All these bytes are ASCII.
fn tokens(text: &str, belongs: impl Fn(u8) -> bool) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        match (start, at < text.len() && belongs(byte)) {
            (None, true) => start = Some(at),
            (Some(first), false) => {
                found.extend(text.get(first..at).map(|token| (first, token)));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// PEM blocks of private keys, to their end or to that of the text.
fn private_keys(text: &str, add: &mut impl FnMut(usize, usize, bool)) {
    for (at, _) in text.match_indices("-----BEGIN ") {
        let rest = text.get(at..).unwrap_or_default();
        let head = rest.lines().next().unwrap_or_default();
        if head.contains("PRIVATE KEY") {
            const END: &str = "-----END ";
            let close = rest.find(END).map(|end| end + END.len());
            let end = close.and_then(|from| Some(from + rest.get(from..)?.find("-----")? + 5)).unwrap_or(rest.len());
            add(at, at + end, true);
        }
    }
}

/// True for a token of a known service.
fn is_known(token: &str) -> bool {
    PREFIXES.iter().any(|(prefix, least)| {
        let rest = token.strip_prefix(prefix).unwrap_or_default();
        rest.bytes().filter(u8::is_ascii_alphanumeric).count() >= *least && is_mixed(rest)
    })
}

/// True for a signed web token (RFC 7519): three parts, of which the first two are JSON objects in base64.
fn is_web_token(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    matches!(parts.as_slice(), [head, body, sign] if head.starts_with("eyJ") && body.starts_with("eyJ") && sign.len() > 15)
}

/// True if letters and digits both occur; words after a known prefix (`sk-learn-contrib-…`) are no key.
fn is_mixed(token: &str) -> bool {
    token.bytes().any(|byte| byte.is_ascii_digit()) && token.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// True if a long token of capitals, small letters and digits is as irregular as one drawn at random. Hashes in
/// hexadecimal have one case and are none.
fn is_random(token: &str) -> bool {
    if token.len() < LONG {
        return false;
    }
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let mut counts = [0usize; 128];
    let mut classes = [0usize; 4];
    for byte in token.bytes() {
        classes[class(byte)] += 1;
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let changes = token.as_bytes().windows(2).filter(|pair| match pair {
        [a, b] => class(*a) != class(*b) && class(*a) != 3 && class(*b) != 3,
        _ => false,
    });
    let length = token.len() as f64;
    let shares = counts.iter().filter(|&&count| count > 0).map(|&count| count as f64 / length);
    let entropy = -shares.map(|share| share * share.log2()).sum::<f64>();
    let all_classes = classes.iter().take(3).all(|&count| count >= 2);
    all_classes && changes.count() as f64 >= 0.3 * length && entropy >= LEAST_ENTROPY
}

/// Values that follow a telling name and `:` or `=`: eight characters at least, with a letter and something else.
fn assigned(text: &str, add: &mut impl FnMut(usize, usize, bool)) {
    if !text.contains([':', '=']) {
        return;
    }
    let lower = text.to_ascii_lowercase();
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            let after = at + name.len();
            let Some(rest) = text.get(after..) else { continue };
            let skipped = |rest: &str| rest.len() - rest.trim_start_matches([' ', '"', '\'']).len();
            let gap = skipped(rest);
            let Some(value) = rest.get(gap..).and_then(|rest| rest.strip_prefix([':', '='])) else { continue };
            let start = after + gap + 1 + skipped(value);
            let value = text.get(start..).unwrap_or_default();
            let end = value.find(|c: char| c.is_whitespace() || "\"'`,;<>()[]{}".contains(c)).unwrap_or(value.len());
            let value = value.get(..end).unwrap_or_default().trim_end_matches(['.', '!', '?']);
            if value.len() >= 8 && value.is_ascii() && is_mixed(value) && !value.starts_with("http") {
                add(start, start + value.len(), true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut spots = Vec::new();
        find(text, &mut spots);
        let mut found: Vec<&str> = spots.iter().map(|spot| &text[spot.start..spot.end]).collect();
        found.dedup();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn keys_of_services() {
        // Put together here, so that no scanner takes this file for a leak.
        let key = |prefix: &str, body: &str| format!("{prefix}{body}");
        let amazon = key("AKIA", "IOSFODNN7EXAMPLE");
        check(&format!("use {amazon}."), &[&amazon]);
        let github = key("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a");
        check(&format!("token는 {github}입니다"), &[&github]);
        let open = key("sk-", "proj-abcd1234efgh5678ijkl9012");
        check(&open, &[&open]);
        let web = key("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N");
        check(&web, &[&web]);
        let pem = format!("-----BEGIN RSA {}-----\nMIIE\n-----END RSA PRIVATE KEY-----", "PRIVATE KEY");
        check(&format!("a {pem} b"), &[&pem]);
        check("sk-learn-contrib-and-other-packages-of-ours AKIA hf_", &[]);
    }

    #[test]
    fn what_is_assigned_and_what_looks_random() {
        check("password: hunter2hunter2", &["hunter2hunter2"]);
        check("비밀번호는 = x, 비밀번호: qwer1234!", &["qwer1234"]);
        check("api_key = \"a1b2c3d4e5\"", &["a1b2c3d4e5"]);
        check("password: required, token = none", &[]);
        check("key Zx81mQw9LpR3tYv7BnK2sHd5 here", &["Zx81mQw9LpR3tYv7BnK2sHd5"]);
        check("https://example.com/x?access_token=Zx81mQw9LpR3", &["Zx81mQw9LpR3"]);
        let amazon = format!("{}{}", "AKIA", "IOSFODNN7EXAMPLE");
        check(&format!("https://example.com/?id={amazon}"), &[&amazon]);
        for text in [
            "d41d8cd98f00b204e9800998ecf8427e",
            "550e8400-e29b-41d4-a716-446655440000",
            "InternationalConference2023Seoul",
            "https://example.com/2023/some-long-article-name-Here",
            "AAAAAAAAAAAAaaaaaaaaaaaa11111111",
            "/usr/local/lib/python3/site-packages",
            "watch https://example.com/watch?v=Zx81mQw9LpR3tYv7BnK2sHd5&f=a",
            "/watch?v=NO9pOVZ9OIQ&amp;list=UUltuCDIHsDeI01by1OW7WuQ",
            "donate at 1FHeNqx1twqM153v2PTAyieJNEALAhZvEM",
            "example.com/c/Zx81mQw9LpR3tYv7BnK2sHd5",
            "영상\u{3000}https://example.com/watch?v=Zx81mQw9LpR3tYv7BnK2sHd5",
            "(www.example.org/Zx81mQw9LpR3tYv7BnK2sHd5_x)",
        ] {
            check(text, &[]);
        }
    }
}
