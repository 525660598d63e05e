//! Conditions as Python source, so that another engine gives the same rows.
//!
//! Every node becomes one line that calls a helper of the Python module in `weak/python`; what is NULL is `None`, what
//! is unknown too. There is no nesting, so no condition is too deep for another parser. Regular expressions are taken
//! apart and written anew from their syntax tree, in which classes are ranges of code points: what `\w` or a match
//! without regard to case means does not depend on the other engine.

use std::fmt::Write as _;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look};

use super::Filter;
use super::tree::{Arithmetic, Comparison, Field, Function, Node, Op, Pattern, Set, SetValues, Type, Value};
use crate::engine::{Error, Result};

/// The most bytes of one pattern in Python: its classes are written out.
const LONGEST: usize = 1 << 20;

impl Filter {
    /// The condition as the source of a Python function `name(values, at)`, where `values` has one list a column and
    /// `at` is the row. It gives True, False, or None where the condition is unknown.
    ///
    /// # Errors
    /// If the condition uses what has no counterpart (a text read as a time, line ends of `\r\n`, a pattern that
    /// becomes too long); the error names it.
    pub fn to_python(&self, name: &str) -> Result<String> {
        let mut writer = Writer { columns: self.columns().map(str::to_owned).collect(), ..Writer::default() };
        let result = writer.node(&self.root).map_err(|error| error.at(self.source()))?;
        let mut source = writer.constants;
        let _ = writeln!(source, "def {name}(values, at):");
        source.push_str(&writer.lines);
        let _ = writeln!(source, "    return {result}");
        Ok(source.replace("@NAME@", name))
    }
}

/// Text as a Python literal of ASCII characters.
pub fn python_text(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => literal.extend(['\\', letter]),
            ' '..='~' => literal.push(letter),
            _ => {
                let _ = write!(literal, "\\U{:08x}", u32::from(letter));
            }
        }
    }
    literal.push('"');
    literal
}

#[derive(Default)]
struct Writer {
    columns: Vec<String>,
    lines: String,
    /// Patterns and lists, made once.
    constants: String,
    names: usize,
}

impl Writer {
    /// Gives an expression a name.
    fn line(&mut self, expression: &str) -> String {
        self.names += 1;
        let _ = writeln!(self.lines, "    v{} = {expression}", self.names);
        format!("v{}", self.names)
    }

    /// Gives a constant a name outside the function.
    fn constant(&mut self, expression: &str) -> String {
        self.names += 1;
        let name = format!("@NAME@_{}", self.names);
        let _ = writeln!(self.constants, "{name} = {expression}");
        name
    }

    fn call(&mut self, function: &str, arguments: &[String]) -> String {
        self.line(&format!("{function}({})", arguments.join(", ")))
    }

    fn each(&mut self, nodes: &[Node]) -> Result<Vec<String>> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    /// A value as a real number where the result is real.
    fn as_type(&mut self, node: &Node, ty: Type) -> Result<String> {
        let value = self.node(node)?;
        Ok(if ty == Type::Float && node.ty == Type::Int { self.call("real", &[value]) } else { value })
    }

    fn each_as(&mut self, nodes: &[Node], ty: Type) -> Result<Vec<String>> {
        nodes.iter().map(|node| self.as_type(node, ty)).collect()
    }

    fn node(&mut self, node: &Node) -> Result<String> {
        match &node.op {
            Op::Literal(value) => Ok(literal(value)),
            Op::Column(slot) => {
                let name = self.columns.get(*slot).cloned().unwrap_or_default();
                Ok(self.line(&format!("values[{}][at]", python_text(&name))))
            }
            Op::Not(inner) => self.with("not_", &[], &[inner.as_ref()]),
            Op::All(parts) | Op::Any(parts) => {
                let values = self.each(parts)?;
                Ok(self.call(if matches!(node.op, Op::All(_)) { "all_of" } else { "any_of" }, &values))
            }
            Op::Compare(op, a, b) => self.with("compare", &[comparison(*op)], &[a.as_ref(), b.as_ref()]),
            Op::Same(a, b) => self.with("same", &[], &[a.as_ref(), b.as_ref()]),
            Op::IsNull(inner) => {
                let value = self.node(inner)?;
                Ok(self.line(&format!("{value} is None")))
            }
            Op::Is(wanted, inner) => {
                let value = self.node(inner)?;
                Ok(self.line(&format!("{value} is {}", if *wanted { "True" } else { "False" })))
            }
            Op::In(value, set) => {
                let value = self.node(value)?;
                let listed = self.constant(&listed(set));
                let null = if set.null { "True" } else { "False" };
                Ok(self.call("within", &[value, listed, null.to_owned()]))
            }
            Op::Match(text, pattern) => {
                let text = self.node(text)?;
                let (kind, value) = match pattern {
                    Pattern::Anything => ("\"anything\"", "None".to_owned()),
                    Pattern::Equals(value) => ("\"equals\"", python_text(value)),
                    Pattern::StartsWith(value) => ("\"starts\"", python_text(value)),
                    Pattern::EndsWith(value) => ("\"ends\"", python_text(value)),
                    Pattern::Contains(finder) => {
                        ("\"contains\"", python_text(&String::from_utf8_lossy(finder.needle())))
                    }
                    Pattern::Regex(regex) => {
                        let source = python_pattern(regex.as_str())?;
                        ("\"regex\"", self.constant(&format!("re.compile({})", python_text(&source))))
                    }
                };
                Ok(self.call("matches", &[kind.to_owned(), value, text]))
            }
            Op::Arithmetic(op, a, b) => {
                let sign = match op {
                    Arithmetic::Add => "\"+\"",
                    Arithmetic::Subtract => "\"-\"",
                    Arithmetic::Multiply => "\"*\"",
                    Arithmetic::Divide => "\"/\"",
                    Arithmetic::Modulo => "\"%\"",
                };
                let (a, b) = (self.as_type(a, node.ty)?, self.as_type(b, node.ty)?);
                let name = if node.ty == Type::Int { "whole_arithmetic" } else { "real_arithmetic" };
                Ok(self.call(name, &[sign.to_owned(), a, b]))
            }
            Op::Negate(inner) => self.with("negate", &[], &[inner.as_ref()]),
            Op::Case(branches, last) => {
                let mut values = Vec::new();
                for (condition, value) in branches {
                    values.push(self.node(condition)?);
                    values.push(self.as_type(value, node.ty)?);
                }
                values.push(match last {
                    Some(last) => self.as_type(last, node.ty)?,
                    None => "None".to_owned(),
                });
                Ok(self.call("case", &values))
            }
            Op::Coalesce(parts) => {
                let values = self.each_as(parts, node.ty)?;
                Ok(self.call("coalesce", &values))
            }
            Op::Extreme(flag, parts) => {
                let values = self.each_as(parts, node.ty)?;
                Ok(self.flagged("extreme", *flag, values))
            }
            Op::Concat(flag, parts) => {
                let values = self.each(parts)?;
                Ok(self.flagged("concat", *flag, values))
            }
            Op::Cast(inner) => self.cast(inner, node.ty),
            Op::Fold(inner) => self.strict("fold", &[inner.as_ref()]),
            Op::Call(function, arguments) => self.function(*function, arguments, node.ty),
        }
    }

    fn with(&mut self, function: &str, first: &[&str], nodes: &[&Node]) -> Result<String> {
        let mut values: Vec<String> = first.iter().map(|&text| text.to_owned()).collect();
        for node in nodes {
            values.push(self.node(node)?);
        }
        Ok(self.call(function, &values))
    }

    fn flagged(&mut self, function: &str, flag: bool, mut values: Vec<String>) -> String {
        values.insert(0, if flag { "True" } else { "False" }.to_owned());
        self.call(function, &values)
    }

    fn strict(&mut self, function: &str, nodes: &[&Node]) -> Result<String> {
        self.with("strict", &[function], nodes)
    }

    fn cast(&mut self, inner: &Node, to: Type) -> Result<String> {
        let function = match (inner.ty, to) {
            (Type::Null, _) => return Ok("None".to_owned()),
            (Type::Int, Type::Text) => "str",
            (Type::Float, Type::Text) => "show_float",
            (Type::Time, Type::Text) => "show_time",
            (Type::Bool, Type::Text) => "(lambda truth: \"true\" if truth else \"false\")",
            (Type::Text, Type::Int) => "whole_of_text",
            (Type::Float, Type::Int) => "whole_of_real",
            (Type::Bool, Type::Int) => "int",
            (Type::Text, Type::Float) => "real_of_text",
            (Type::Int | Type::Bool, Type::Float) => "float",
            (Type::Text, Type::Bool) => "truth_of_text",
            (Type::Int | Type::Float, Type::Bool) => "(lambda number: number != 0)",
            (Type::Text, Type::Time) => {
                return Err(Error::input("a text that is read as a time has no counterpart in Python")
                    .help("keep the time in a column of its own, or compare its parts as text"));
            }
            _ => return Ok("None".to_owned()),
        };
        self.strict(function, &[inner])
    }

    fn function(&mut self, function: Function, arguments: &[Node], ty: Type) -> Result<String> {
        let numbers = matches!(
            function,
            Function::Sqrt | Function::Exp | Function::Ln | Function::Log10 | Function::Power | Function::IsNan
        );
        let name = match function {
            Function::Length => "len",
            Function::Bytes => "(lambda text: len(text.encode()))",
            Function::Words => "words",
            Function::Position => "(lambda text, part: text.find(part) + 1)",
            Function::Lower => "lower",
            Function::Upper => "upper",
            Function::Trim { left, right } => match (left, right) {
                (true, true) => "(lambda *parts: trim(True, True, *parts))",
                (true, false) => "(lambda *parts: trim(True, False, *parts))",
                _ => "(lambda *parts: trim(False, True, *parts))",
            },
            Function::Substr => "substr",
            Function::Left => "left",
            Function::Right => "right",
            Function::Replace => "replace",
            Function::Contains => "(lambda text, part: part in text)",
            Function::StartsWith => "str.startswith",
            Function::EndsWith => "str.endswith",
            Function::Abs => "absolute",
            Function::Sign => "sign_of",
            Function::Round | Function::Floor | Function::Ceil if ty == Type::Int => "(lambda number: number)",
            Function::Round => "round_real",
            Function::Floor => "floor_real",
            Function::Ceil => "ceil_real",
            Function::Sqrt => "sqrt",
            Function::Exp => "exp",
            Function::Ln => "ln",
            Function::Log10 => "log10",
            Function::Power => "power",
            Function::IsNan => "math.isnan",
            Function::Field(part) => {
                let [inner] = arguments else { return Ok("None".to_owned()) };
                let value = self.node(inner)?;
                return Ok(self.call("strict", &["field".to_owned(), python_text(part_name(part)), value]));
            }
            Function::Date => "date",
        };
        let mut values = vec![name.to_owned()];
        for argument in arguments {
            // A rounding of a real number takes its digits as they are.
            let real = numbers || (ty == Type::Float && argument.ty == Type::Int && function == Function::Round);
            values.push(self.as_type(argument, if real { Type::Float } else { argument.ty })?);
        }
        Ok(self.call("strict", &values))
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) | Value::Time(number) => format!("({number})"),
        Value::Float(number) => real(*number),
        Value::Text(text) => python_text(text),
    }
}

fn real(number: f64) -> String {
    if number.is_nan() {
        "math.nan".to_owned()
    } else if number.is_infinite() {
        format!("({}math.inf)", if number < 0.0 { "-" } else { "" })
    } else {
        format!("({number:?})")
    }
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "\"=\"",
        Comparison::NotEqual => "\"<>\"",
        Comparison::Less => "\"<\"",
        Comparison::LessEqual => "\"<=\"",
        Comparison::Greater => "\">\"",
        Comparison::GreaterEqual => "\">=\"",
    }
}

fn part_name(part: Field) -> &'static str {
    match part {
        Field::Year => "year",
        Field::Quarter => "quarter",
        Field::Month => "month",
        Field::Week => "week",
        Field::Day => "day",
        Field::Weekday => "weekday",
        Field::DayOfYear => "dayofyear",
        Field::Hour => "hour",
        Field::Minute => "minute",
        Field::Second => "second",
        Field::Epoch => "epoch",
    }
}

/// The constants of an IN list, in a fixed order.
fn listed(set: &Set) -> String {
    let mut values: Vec<String> = match &set.values {
        SetValues::Bool { yes, no } => [(*yes, "True"), (*no, "False")]
            .iter()
            .filter(|(held, _)| *held)
            .map(|(_, name)| (*name).to_owned())
            .collect(),
        SetValues::Int(numbers) => {
            let mut numbers: Vec<i64> = numbers.iter().copied().collect();
            numbers.sort_unstable();
            numbers.iter().map(i64::to_string).collect()
        }
        SetValues::Float(numbers) => numbers.iter().map(|&number| real(number)).collect(),
        SetValues::Text(texts) => {
            let mut texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            texts.sort_unstable();
            texts.into_iter().map(python_text).collect()
        }
    };
    values.push(String::new());
    format!("frozenset(({}))", if values.len() == 1 { String::new() } else { values.join(", ") })
}

/// A regular expression of ours in the syntax of Python's `re`, for the question whether there is a match.
///
/// # Errors
/// If it has no counterpart.
fn python_pattern(source: &str) -> Result<String> {
    let hir = regex_syntax::parse(source).map_err(|_| Error::input("this pattern has no counterpart in Python"))?;
    let mut out = String::new();
    write_pattern(&hir, &mut out)?;
    if out.len() > LONGEST {
        return Err(Error::input("this pattern is too long when its classes are written out for Python")
            .help("write a narrower class, such as [a-z가-힣] for \\w"));
    }
    Ok(out)
}

fn write_pattern(hir: &Hir, out: &mut String) -> Result<()> {
    let refuse = |what: &str| Err(Error::input(format!("{what} in a pattern has no counterpart in Python")));
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => text.chars().for_each(|letter| write_letter(letter, out)),
            Err(_) => return refuse("a byte that is no character"),
        },
        HirKind::Class(Class::Unicode(class)) => write_class(class, out),
        HirKind::Class(Class::Bytes(class)) => match class.to_unicode_class() {
            Some(class) => write_class(&class, out),
            None => return refuse("a byte that is no character"),
        },
        HirKind::Look(look) => match look_around(*look) {
            Some(text) => out.push_str(&text),
            None => return refuse("a line end of \\r\\n"),
        },
        HirKind::Repetition(repeat) => {
            out.push_str("(?:");
            write_pattern(&repeat.sub, out)?;
            let _ = match repeat.max {
                Some(most) => write!(out, "){{{},{most}}}", repeat.min),
                None => write!(out, "){{{},}}", repeat.min),
            };
        }
        HirKind::Capture(capture) => {
            out.push_str("(?:");
            write_pattern(&capture.sub, out)?;
            out.push(')');
        }
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write_pattern(part, out))?,
        HirKind::Alternation(parts) => {
            out.push_str("(?:");
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                write_pattern(part, out)?;
            }
            out.push(')');
        }
    }
    Ok(())
}

fn write_letter(letter: char, out: &mut String) {
    if letter.is_ascii_alphanumeric() {
        out.push(letter);
    } else {
        let _ = write!(out, "\\U{:08x}", u32::from(letter));
    }
}

fn write_class(class: &ClassUnicode, out: &mut String) {
    if class.ranges().is_empty() {
        out.push_str("(?!)");
        return;
    }
    out.push('[');
    for range in class.ranges() {
        write_letter(range.start(), out);
        if range.end() > range.start() {
            out.push('-');
            write_letter(range.end(), out);
        }
    }
    out.push(']');
}

/// A place between characters, by what stands before and after it.
fn look_around(look: Look) -> Option<String> {
    let ascii = || "0-9A-Za-z_".to_owned();
    let unicode = || {
        let mut class = String::new();
        if let Ok(hir) = regex_syntax::parse(r"\w")
            && let HirKind::Class(Class::Unicode(found)) = hir.kind()
        {
            write_class(found, &mut class);
        }
        class.trim_start_matches('[').trim_end_matches(']').to_owned()
    };
    let edge = |w: String| format!("(?:(?<=[{w}])(?![{w}])|(?<![{w}])(?=[{w}]))");
    let inside = |w: String| format!("(?:(?<=[{w}])(?=[{w}])|(?<![{w}])(?![{w}]))");
    let start = |w: String| format!("(?:(?<![{w}])(?=[{w}]))");
    let end = |w: String| format!("(?:(?<=[{w}])(?![{w}]))");
    Some(match look {
        Look::Start => "\\A".to_owned(),
        Look::End => "\\Z".to_owned(),
        Look::StartLF => "(?<![^\\n])".to_owned(),
        Look::EndLF => "(?![^\\n])".to_owned(),
        Look::StartCRLF | Look::EndCRLF => return None,
        Look::WordAscii => edge(ascii()),
        Look::WordAsciiNegate => inside(ascii()),
        Look::WordUnicode => edge(unicode()),
        Look::WordUnicodeNegate => inside(unicode()),
        Look::WordStartAscii => start(ascii()),
        Look::WordEndAscii => end(ascii()),
        Look::WordStartUnicode => start(unicode()),
        Look::WordEndUnicode => end(unicode()),
        Look::WordStartHalfAscii => format!("(?<![{}])", ascii()),
        Look::WordEndHalfAscii => format!("(?![{}])", ascii()),
        Look::WordStartHalfUnicode => format!("(?<![{}])", unicode()),
        Look::WordEndHalfUnicode => format!("(?![{}])", unicode()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_written_without_what_engines_understand_differently() {
        let check = |source: &str, expected: &str| assert_eq!(python_pattern(source).unwrap(), expected, "{source}");
        check("ab", "ab");
        check("a.c", "a[\\U00000000-\\U00000009\\U0000000b-\\U0010ffff]c");
        check("^a$", "\\Aa\\Z");
        check("(?m)^a$", "(?<![^\\n])a(?![^\\n])");
        check("(?i)k", "[Kk\\U0000212a]");
        check("(a|한)+", "(?:(?:[a\\U0000d55c])){1,}");
        check("[0-9]{2,3}?", "(?:[0-9]){2,3}");
        assert!(python_pattern("(?Rm)^a$").is_err());
        assert_eq!(python_text("a\"\\\n한"), "\"a\\\"\\\\\\U0000000a\\U0000d55c\"");
    }
}
