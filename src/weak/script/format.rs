//! Text from values: f-strings, `str.format`, `format` and `%`.
//!
//! Source: the Python library reference, "Format Specification Mini-Language" and "printf-style String Formatting".

use super::budget::{Eval, Raise, Sort, bad_value, wrong_type};
use super::call::Keywords;
use super::convert::{show_exponent, show_float};
use super::machine::Machine;
use super::value::{Text, Value};

/// A format specification, taken apart.
#[derive(Debug, Clone, Default, PartialEq)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// The widest field and the most digits that a specification may ask for.
const WIDEST: usize = 1 << 20;

impl Spec {
    fn parse(text: &str) -> Eval<Self> {
        let wrong = || bad_value("this format is not known").detail(text);
        let chars: Vec<char> = text.chars().collect();
        let get = |at: usize| chars.get(at).copied();
        let (mut spec, mut at) = (Self::default(), 0);
        let is_align = |c: Option<char>| matches!(c, Some('<' | '>' | '=' | '^'));
        if is_align(get(1)) {
            (spec.fill, spec.align) = (get(0), get(1));
            at = 2;
        } else if is_align(get(0)) {
            spec.align = get(0);
            at = 1;
        }
        if matches!(get(at), Some('+' | '-' | ' ')) {
            spec.sign = get(at);
            at += 1;
        }
        if get(at) == Some('#') {
            spec.alternate = true;
            at += 1;
        }
        if get(at) == Some('0') {
            spec.zero = true;
            at += 1;
        }
        let number = |at: &mut usize| -> Eval<Option<usize>> {
            let start = *at;
            while get(*at).is_some_and(|c| c.is_ascii_digit()) {
                *at += 1;
            }
            let digits: String = chars.get(start..*at).unwrap_or_default().iter().collect();
            match digits.parse::<usize>() {
                Ok(number) if number <= WIDEST => Ok(Some(number)),
                _ if digits.is_empty() => Ok(None),
                _ => Err(bad_value("this format asks for more than a million characters")),
            }
        };
        spec.width = number(&mut at)?.unwrap_or(0);
        if matches!(get(at), Some(',' | '_')) {
            spec.grouping = get(at);
            at += 1;
        }
        if get(at) == Some('.') {
            at += 1;
            spec.precision = Some(number(&mut at)?.ok_or_else(wrong)?);
        }
        spec.kind = get(at);
        if chars.len() > at + 1 { Err(wrong()) } else { Ok(spec) }
    }

    /// Fills a text up to the width; `sign` is the length of the sign that zeros go behind.
    fn pad(&self, text: String, default: char, sign: usize) -> String {
        let length = text.chars().count();
        let missing = self.width.saturating_sub(length);
        if missing == 0 {
            return text;
        }
        let zeros = self.zero && self.align.is_none();
        let fill = self.fill.unwrap_or(if self.zero { '0' } else { ' ' });
        let align = self.align.unwrap_or(if zeros { '=' } else { default });
        let run = |count: usize| std::iter::repeat_n(fill, count).collect::<String>();
        match align {
            '<' => text + &run(missing),
            '^' => run(missing / 2) + &text + &run(missing - missing / 2),
            '=' => {
                let (sign, digits) = text.split_at(sign.min(text.len()));
                [sign, &run(missing), digits].concat()
            }
            _ => run(missing) + &text,
        }
    }
}

impl<'a> Machine<'a> {
    /// `format(value, spec)`.
    pub(super) fn format_value(&mut self, value: &Value<'a>, spec: &str) -> Eval<String> {
        if spec.is_empty() {
            return self.str_of(value);
        }
        let parsed = Spec::parse(spec)?;
        self.budget.bytes(parsed.width * 4 + parsed.precision.unwrap_or(0) + 64)?;
        self.budget.steps(parsed.width / 8 + parsed.precision.unwrap_or(0) / 8)?;
        let unknown = |kind: char| bad_value(format!("the format {kind:?} does not fit {}", value.a()));
        match value {
            Value::Str(text) => {
                if let Some(kind) = parsed.kind.filter(|kind| *kind != 's') {
                    return Err(unknown(kind));
                }
                if parsed.align == Some('=') || parsed.sign.is_some() || parsed.grouping.is_some() {
                    return Err(bad_value("this format is for numbers, not for text"));
                }
                self.budget.bytes(text.as_str().len())?;
                let most = parsed.precision.unwrap_or(usize::MAX);
                let text: String = text.as_str().chars().take(most).collect();
                Ok(parsed.pad(text, '<', 0))
            }
            Value::Float(float) => format_float(*float, &parsed),
            Value::Int(_) | Value::Bool(_) => {
                let int = value.as_int().unwrap_or(0);
                match parsed.kind {
                    Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => format_float(int as f64, &parsed),
                    _ => format_int(int, &parsed),
                }
            }
            other => Err(wrong_type(format!("{} takes no format", other.a()))),
        }
    }

    /// `template.format(…)`.
    pub(super) fn format_template(
        &mut self,
        template: &str,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<String> {
        self.deeper()?;
        let result = self.fill_template(template, args, keywords, &mut 0);
        self.back();
        result
    }

    fn fill_template(
        &mut self,
        template: &str,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
        next: &mut usize,
    ) -> Eval<String> {
        let mut out = String::new();
        let mut rest = template;
        self.budget.steps(template.len() / 8)?;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            if from.starts_with("{{") || from.starts_with("}}") {
                out.push_str(&from[..1]);
                rest = &from[2..];
                continue;
            }
            let field = from.strip_prefix('{').and_then(|inside| Some(&inside[..closing(inside)?]));
            let Some(field) = field else { return Err(bad_value("a { or } of the template stands alone")) };
            rest = &from[field.len() + 2..];
            let text = self.template_field(field, args, keywords, next)?;
            self.budget.bytes(text.len())?;
            out.push_str(&text);
        }
        out.push_str(rest);
        Ok(out)
    }

    fn template_field(
        &mut self,
        field: &str,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
        next: &mut usize,
    ) -> Eval<String> {
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = name.split_once('!').unwrap_or((name, ""));
        let value = if name.is_empty() {
            *next += 1;
            args.get(*next - 1)
        } else if let Ok(position) = name.parse::<usize>() {
            args.get(position)
        } else {
            keywords.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
        };
        let Some(value) = value else {
            let sort = if name.is_empty() || name.parse::<usize>().is_ok() { Sort::Index } else { Sort::Key };
            return Err(Raise::new(sort, "a field of the template has no value").detail(name));
        };
        let mut value = value.clone();
        match conversion {
            "" | "s" => {}
            "r" => {
                let shown = self.repr(&value)?;
                value = self.text(shown)?;
            }
            _ => return Err(bad_value("this conversion is not known")),
        }
        let spec = if spec.contains('{') {
            self.deeper()?;
            let filled = self.fill_template(spec, args, keywords, next);
            self.back();
            filled?
        } else {
            spec.to_owned()
        };
        self.format_value(&value, &spec)
    }

    /// `template % values`.
    pub(super) fn percent(&mut self, template: &str, values: &Value<'a>) -> Eval<String> {
        let items = match values {
            Value::Tuple(id) => self.heap.items(*id).to_vec(),
            value => vec![value.clone()],
        };
        let mut items = items.iter();
        let mut out = String::new();
        let mut rest = template;
        self.budget.steps(template.len() / 8)?;
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let named = rest.starts_with('(').then(|| rest.find(')')).flatten();
            let name = named.map(|end| &rest[1..end]);
            rest = &rest[named.map_or(0, |end| end + 1)..];
            let end = rest.find(|c: char| c.is_alphabetic() || c == '%').unwrap_or(rest.len());
            let Some(kind) = rest[end..].chars().next() else { return Err(bad_value("a % stands alone at the end")) };
            let flags = &rest[..end];
            rest = &rest[end + kind.len_utf8()..];
            if kind == '%' {
                out.push('%');
                continue;
            }
            let value = match name {
                Some(name) => {
                    self.budget.bytes(name.len())?;
                    self.index(values, &Value::Str(Text::own(name.to_owned())))?
                }
                None => items.next().cloned().ok_or_else(|| wrong_type("there are fewer values than % signs"))?,
            };
            let text = self.percent_field(kind, flags, &value)?;
            self.budget.bytes(text.len())?;
            out.push_str(&text);
        }
        out.push_str(rest);
        let left = items.next().is_some() && !matches!(values, Value::Dict(_));
        if left { Err(wrong_type("there are more values than % signs")) } else { Ok(out) }
    }

    fn percent_field(&mut self, kind: char, flags: &str, value: &Value<'a>) -> Eval<String> {
        let left = flags.contains('-');
        let flag_end = flags.find(|c: char| !"-+ #0".contains(c)).unwrap_or(flags.len());
        let (flags, size) = flags.split_at(flag_end);
        let mut spec = String::new();
        if left {
            spec.push('<');
        } else if matches!(kind, 's' | 'r') {
            spec.push('>');
        }
        let number = !matches!(kind, 's' | 'r' | 'c');
        spec.extend(['+', ' '].into_iter().find(|sign| number && flags.contains(*sign)));
        if number && flags.contains('#') {
            spec.push('#');
        }
        if number && flags.contains('0') && !left {
            spec.push('0');
        }
        let (width, precision) = size.split_once('.').map_or((size, None), |(width, digits)| (width, Some(digits)));
        spec.push_str(width);
        let precision = precision.map(|digits| if digits.is_empty() { "0" } else { digits });
        match kind {
            's' | 'r' => {
                if let Some(digits) = precision {
                    spec.push('.');
                    spec.push_str(digits);
                }
                let text = if kind == 's' { self.str_of(value)? } else { self.repr(value)? };
                let text = self.text(text)?;
                self.format_value(&text, &spec)
            }
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                let int = match value {
                    Value::Float(float) if matches!(kind, 'd' | 'i' | 'u') => float.trunc() as i64,
                    value => value
                        .as_int()
                        .ok_or_else(|| wrong_type(format!("%{kind} needs a number, not {}", value.a())))?,
                };
                spec.push(if matches!(kind, 'i' | 'u') { 'd' } else { kind });
                self.format_value(&Value::Int(int), &spec)
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let Some(float) = value.as_float() else {
                    return Err(wrong_type(format!("%{kind} needs a number, not {}", value.a())));
                };
                if let Some(digits) = precision {
                    spec.push('.');
                    spec.push_str(digits);
                }
                spec.push(kind);
                self.format_value(&Value::Float(float), &spec)
            }
            'c' => self.str_of(value),
            _ => Err(bad_value(format!("%{kind} is not known"))),
        }
    }
}

/// The end of a field that begins after its `{`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn signed(negative: bool, sign: Option<char>) -> &'static str {
    match (negative, sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

/// Puts a separator between groups of digits, counted from the right.
fn grouped(digits: &str, separator: Option<char>, size: usize) -> String {
    let Some(separator) = separator else { return digits.to_owned() };
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(c);
    }
    out
}

fn format_int(value: i64, spec: &Spec) -> Eval<String> {
    if spec.precision.is_some() {
        return Err(bad_value("whole numbers have no digits behind the point; write .2f"));
    }
    let size = value.unsigned_abs();
    let (prefix, digits, group) = match spec.kind {
        None | Some('d' | 'n') => ("", size.to_string(), 3),
        Some('b') => ("0b", format!("{size:b}"), 4),
        Some('o') => ("0o", format!("{size:o}"), 4),
        Some('x') => ("0x", format!("{size:x}"), 4),
        Some('X') => ("0X", format!("{size:X}"), 4),
        Some('c') => {
            let c = u32::try_from(value).ok().and_then(char::from_u32);
            let c = c.ok_or_else(|| bad_value("this number is no character"))?;
            return Ok(spec.pad(c.to_string(), '<', 0));
        }
        Some(kind) => return Err(bad_value(format!("the format {kind:?} does not fit a whole number"))),
    };
    let head = format!("{}{}", signed(value < 0, spec.sign), if spec.alternate { prefix } else { "" });
    Ok(finish(spec, &head, &grouped(&digits, spec.grouping, group), "", group))
}

/// Puts sign, digits and tail together; zeros before grouped digits are grouped too.
fn finish(spec: &Spec, head: &str, digits: &str, tail: &str, group: usize) -> String {
    let text = format!("{head}{digits}{tail}");
    let zeros = spec.zero && spec.align.is_none();
    match spec.grouping {
        Some(separator) if zeros && text.len() < spec.width => {
            let mut plain: String = digits.chars().filter(|c| *c != separator).collect();
            loop {
                let longer = grouped(&format!("0{plain}"), Some(separator), group);
                let length = head.len() + longer.len() + tail.len();
                if length > spec.width && head.len() + digits.len() + tail.len() >= spec.width {
                    break;
                }
                plain.insert(0, '0');
                if length >= spec.width {
                    break;
                }
            }
            format!("{head}{}{tail}", grouped(&plain, Some(separator), group))
        }
        _ => spec.pad(text, '>', head.len()),
    }
}

fn format_float(value: f64, spec: &Spec) -> Eval<String> {
    let head = signed(value.is_sign_negative() && !value.is_nan(), spec.sign);
    let size = value.abs();
    let upper = matches!(spec.kind, Some('E' | 'F' | 'G'));
    if !size.is_finite() {
        let name = if size.is_nan() { "nan" } else { "inf" };
        let name = if upper { name.to_uppercase() } else { name.to_owned() };
        let percent = if spec.kind == Some('%') { "%" } else { "" };
        return Ok(spec.pad(format!("{head}{name}{percent}"), '>', head.len()));
    }
    let precision = spec.precision.unwrap_or(6);
    let mut text = match spec.kind {
        Some('f' | 'F') => format!("{size:.precision$}"),
        Some('%') => format!("{:.precision$}", size * 100.0),
        Some('e' | 'E') => scientific(size, precision),
        Some('g' | 'G') => general(size, precision, spec.alternate, false),
        None | Some('n') => match spec.precision {
            None => show_float(size),
            Some(precision) => general(size, precision, spec.alternate, spec.kind.is_none()),
        },
        Some(kind) => return Err(bad_value(format!("the format {kind:?} does not fit a real number"))),
    };
    if spec.alternate && !text.contains('.') && !text.contains('e') {
        text.push('.');
    }
    if upper {
        text = text.to_uppercase();
    }
    if spec.kind == Some('%') {
        text.push('%');
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, tail) = text.split_at(end);
    Ok(finish(spec, head, &grouped(whole, spec.grouping, 3), tail, 3))
}

fn scientific(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{digits}{}", show_exponent(exponent.parse().unwrap_or(0), 'e'))
}

/// The shorter of plain and scientific notation with so many significant digits; `point` asks for a digit behind it.
fn general(value: f64, precision: usize, alternate: bool, point: bool) -> String {
    let precision = precision.max(1);
    let text = format!("{value:.*e}", precision - 1);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let most = i32::try_from(precision).unwrap_or(i32::MAX) - i32::from(point);
    let trim = |text: &str| {
        if alternate || !text.contains('.') {
            text.to_owned()
        } else {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    if exponent < -4 || exponent >= most {
        return format!("{}{}", trim(digits), show_exponent(exponent, 'e'));
    }
    let behind = usize::try_from(i32::try_from(precision).unwrap_or(i32::MAX) - 1 - exponent).unwrap_or(0);
    let plain = trim(&format!("{value:.behind$}"));
    if point && !plain.contains('.') { plain + ".0" } else { plain }
}
