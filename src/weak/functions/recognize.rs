//! Which functions are only tests of columns, and can run as a [`Kernel`].

use std::collections::HashMap;

use memchr::memmem::Finder;

use super::super::script::builtins::{Builtin, Method, Type};
use super::super::script::freeze::{Cold, ColdObject, Frozen};
use super::super::script::module::{Loose, Shared};
use super::super::script::regexes::{Pattern, Reach, Speed};
use super::super::script::tree::{
    Collect, Comp, Compare, Const, Expr, Kind as Node, MethodCall, NameId, Slot, Stmt, Target,
};
use super::super::votes::ABSTAIN;
use super::Context;
use super::kernels::{Cond, Kernel, Num, TextOf, Used};
use super::labels::Labels;
use super::patterns::{PatternScan, Scanner};
use crate::data::Kind;

/// The steps that the evaluator may need for a row, far below its budget: beyond, it might fail where a kernel would not.
const STEPS: usize = 300_000;

/// The kernel of a function, if its form allows one.
pub(super) fn kernel(loose: &Loose, shared: &Shared, context: &Context, labels: &Labels) -> Option<Kernel> {
    let code = shared.tree.codes.get(loose.code()? as usize)?;
    if !code.cells.is_empty() {
        return None;
    }
    let mut reader = Reader {
        frozen: &loose.frozen,
        names: &shared.tree.names,
        context,
        labels,
        known: HashMap::new(),
        columns: Vec::new(),
        words: 1,
        shared,
    };
    reader.parameters(loose, code)?;
    let mut rules = Vec::new();
    let otherwise = reader.block(&code.body, &mut rules)?.unwrap_or(ABSTAIN);
    let words = reader.words;
    let longest = STEPS.checked_sub(words * 12)? * 16 / words;
    let columns = reader.columns;
    (!rules.is_empty()).then_some(Kernel { columns, rules, otherwise, longest: longest.min(1 << 20) })
}

/// What a local variable is known to hold.
#[derive(Clone)]
enum Known {
    Const(Cold),
    Text(TextOf),
}

struct Reader<'r, 'c> {
    frozen: &'r Frozen,
    names: &'r [String],
    context: &'r Context<'c>,
    labels: &'r Labels,
    known: HashMap<Slot, Known>,
    columns: Vec<Used>,
    /// How many words and conditions are looked at on a row.
    words: usize,
    shared: &'r Shared,
}

impl Reader<'_, '_> {
    /// Resources, defaults and captured variables are constants.
    fn parameters(&mut self, loose: &Loose, code: &super::super::script::tree::Code) -> Option<()> {
        let Some(ColdObject::Function { captures, defaults, .. }) = self.frozen.object(loose.frozen.roots.first()?)
        else {
            return None;
        };
        for (slot, cell) in code.free.iter().zip(captures) {
            if let Some(ColdObject::Cell(value)) = self.frozen.object(cell) {
                self.known.insert(*slot, Known::Const(value.clone()));
            }
        }
        let resources = loose.resources();
        for (slot, param) in code.params.iter().enumerate().skip(1) {
            let given = resources.iter().find(|(name, _)| *name == param.name).map(|(_, value)| *value);
            let default = || defaults.iter().find(|(at, _)| *at as usize == slot).map(|(_, value)| value);
            self.known.insert(slot as Slot, Known::Const(given.or_else(default)?.clone()));
        }
        Some(())
    }

    /// Reads statements into rules. Gives the vote at the end: the inner `None` if the end is not reached by `return`.
    fn block(&mut self, block: &[Stmt], rules: &mut Vec<(Cond, i16)>) -> Option<Option<i16>> {
        for statement in block {
            match statement {
                Stmt::Pass => {}
                Stmt::Assign(targets, value) => {
                    let [Target::Local(slot)] = targets.as_slice() else { return None };
                    if *slot == 0 {
                        return None;
                    }
                    let known = match self.constant(value) {
                        Some(cold) => Known::Const(cold),
                        None => Known::Text(self.text(value)?),
                    };
                    self.known.insert(*slot, known);
                }
                Stmt::If { branches, other } => {
                    for (test, body) in branches {
                        let [Stmt::Return(value)] = body.as_slice() else { return None };
                        let cond = self.cond(test)?;
                        let vote = value.as_ref().map_or(Some(ABSTAIN), |value| self.vote(value))?;
                        rules.push((cond, vote));
                    }
                    if !other.is_empty() {
                        // What follows is reached only if the `else` does not return, which it always has to do here.
                        return self.block(other, rules)?.map(Some);
                    }
                }
                Stmt::Return(None) => return Some(Some(ABSTAIN)),
                Stmt::Return(Some(value)) => return self.choice(value, rules).map(Some),
                _ => return None,
            }
        }
        Some(None)
    }

    /// `A if test else B`, where B may be such a choice again.
    fn choice(&mut self, value: &Expr, rules: &mut Vec<(Cond, i16)>) -> Option<i16> {
        match &value.kind {
            Node::If(node) => {
                let cond = self.cond(&node.test)?;
                let vote = self.vote(&node.body)?;
                rules.push((cond, vote));
                self.choice(&node.other, rules)
            }
            _ => self.vote(value),
        }
    }

    fn vote(&self, value: &Expr) -> Option<i16> {
        self.labels.vote(&self.constant(value)?.value())
    }

    fn constant(&self, expr: &Expr) -> Option<Cold> {
        match &expr.kind {
            Node::Const(value) => Some(match value {
                Const::None => Cold::None,
                Const::Bool(bool) => Cold::Bool(*bool),
                Const::Int(int) => Cold::Int(*int),
                Const::Float(float) => Cold::Float(*float),
                Const::Str(text) => Cold::Str(text.clone()),
            }),
            Node::Global(id) => self.frozen.global(*id).cloned(),
            Node::Local(slot) | Node::Cell(slot) => match self.known.get(slot) {
                Some(Known::Const(cold)) => Some(cold.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The texts of a list, tuple or set that is written out or constant.
    fn texts(&self, expr: &Expr) -> Option<Vec<String>> {
        match &expr.kind {
            Node::List(items) | Node::Tuple(items) | Node::Set(items) => {
                let items = items.iter().map(|item| match self.constant(item)? {
                    Cold::Str(text) => Some(text.into_string()),
                    _ => None,
                });
                items.collect()
            }
            _ => {
                let cold = self.constant(expr)?;
                Some(self.frozen.texts(&cold)?.into_iter().map(str::to_owned).collect())
            }
        }
    }

    /// A column of the row, by the number of its name.
    fn column(&mut self, object: &Expr, name: NameId) -> Option<usize> {
        let name = self.names.get(name as usize)?.clone();
        self.named_column(object, &name)
    }

    fn named_column(&mut self, object: &Expr, name: &str) -> Option<usize> {
        if !matches!(object.kind, Node::Local(0)) {
            return None;
        }
        let column = self.context.column(name)?;
        let known = self.columns.iter().position(|used| used.name == column.name());
        Some(known.unwrap_or_else(|| {
            self.columns.push(Used { name: column.name().to_owned(), kind: column.kind(), lower: false });
            self.columns.len() - 1
        }))
    }

    fn any_column(&mut self, expr: &Expr) -> Option<usize> {
        match &expr.kind {
            Node::Attr(object, name) => self.column(object, *name),
            Node::Index(parts) => match &parts.1.kind {
                Node::Const(Const::Str(name)) => self.named_column(&parts.0, name),
                _ => None,
            },
            _ => None,
        }
    }

    fn kind(&self, column: usize) -> Option<Kind> {
        self.columns.get(column).map(|used| used.kind)
    }

    /// `x.column`, perhaps in lower case.
    fn text(&mut self, expr: &Expr) -> Option<TextOf> {
        match &expr.kind {
            Node::Attr(..) | Node::Index(_) => {
                let column = self.any_column(expr)?;
                let is_text = matches!(self.kind(column)?, Kind::Text | Kind::Category | Kind::Image | Kind::Audio);
                is_text.then_some(TextOf { column, lower: false })
            }
            Node::Local(slot) => match self.known.get(slot) {
                Some(Known::Text(text)) => Some(*text),
                _ => None,
            },
            Node::Method(call) if call.method == Method::Lower && call.args.positional.is_empty() => {
                let text = self.text(&call.object).filter(|text| !text.lower && call.args.keywords.is_empty())?;
                self.columns.get_mut(text.column)?.lower = true;
                Some(TextOf { lower: true, ..text })
            }
            Node::Call(call) if matches!(call.callee.kind, Node::Type(Type::Str)) => {
                match call.args.positional.as_slice() {
                    [inner] if call.args.keywords.is_empty() => self.text(inner),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn number(&mut self, expr: &Expr) -> Option<Num> {
        match self.constant(expr) {
            Some(Cold::Int(int)) => return Some(Num::Int(int)),
            Some(Cold::Float(float)) => return Some(Num::Float(float)),
            Some(_) => return None,
            None => {}
        }
        match &expr.kind {
            Node::Attr(..) | Node::Index(_) => {
                let column = self.any_column(expr)?;
                matches!(self.kind(column)?, Kind::Int | Kind::Float | Kind::Bool).then_some(Num::Column(column))
            }
            Node::Call(call) if matches!(call.callee.kind, Node::Builtin(Builtin::Len)) => {
                let [inner] = call.args.positional.as_slice() else { return None };
                match &inner.kind {
                    Node::Method(split)
                        if split.method == Method::Split
                            && split.args.positional.is_empty()
                            && split.args.keywords.is_empty() =>
                    {
                        self.text(&split.object).map(Num::Words)
                    }
                    _ => self.text(inner).map(Num::Length),
                }
            }
            Node::Method(call) if call.method == Method::Count => {
                let [part] = call.args.positional.as_slice() else { return None };
                match self.constant(part)? {
                    Cold::Str(part) if !part.is_empty() => {
                        Some(Num::Count(self.text(&call.object)?, Box::new(Finder::new(part.as_bytes()).into_owned())))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A condition.
    fn cond(&mut self, expr: &Expr) -> Option<Cond> {
        self.words += 1;
        match &expr.kind {
            Node::Const(Const::Bool(holds)) => Some(Cond::Const(*holds)),
            Node::Not(inner) => Some(Cond::Not(Box::new(self.cond(inner)?))),
            Node::And(parts) => Some(Cond::And(parts.iter().map(|part| self.cond(part)).collect::<Option<_>>()?)),
            Node::Or(parts) => Some(Cond::Or(parts.iter().map(|part| self.cond(part)).collect::<Option<_>>()?)),
            Node::Compare(first, rest) => self.comparison(first, rest),
            Node::Comp(comp) => self.any_word(comp),
            Node::Attr(..) | Node::Index(_) => {
                let column = self.any_column(expr)?;
                (self.kind(column)? != Kind::Time).then_some(Cond::True(column))
            }
            Node::Call(call) => match (&call.callee.kind, call.args.positional.as_slice()) {
                (Node::Type(Type::Bool), [inner]) => self.cond(inner),
                (Node::Builtin(_), _) => self.search(expr),
                _ => None,
            },
            Node::Method(call) => match call.method {
                Method::Startswith | Method::Endswith => self.edge(call),
                _ => self.search(expr),
            },
            _ => None,
        }
    }

    fn words(&mut self, text: TextOf, words: Vec<String>) -> Option<Cond> {
        self.words += words.len();
        if words.is_empty() {
            return Some(Cond::Const(false));
        }
        Some(Cond::Words(text, Scanner::new(words, false).ok()?))
    }

    fn comparison(&mut self, first: &Expr, rest: &[(Compare, Expr)]) -> Option<Cond> {
        if let [(op, right)] = rest {
            let negate = |cond: Cond, negated: bool| if negated { Cond::Not(Box::new(cond)) } else { cond };
            match op {
                Compare::In | Compare::NotIn => {
                    let negated = *op == Compare::NotIn;
                    if let Some(Cold::Str(word)) = self.constant(first) {
                        let text = self.text(right)?;
                        return self.words(text, vec![word.into_string()]).map(|cond| negate(cond, negated));
                    }
                    let text = self.text(first)?;
                    let values = self.texts(right)?;
                    self.words += values.len();
                    return Some(negate(Cond::Equal(text, values), negated));
                }
                Compare::Is | Compare::IsNot => {
                    if !matches!(right.kind, Node::Const(Const::None)) {
                        return None;
                    }
                    // A kernel answers for rows without missing values only.
                    if self.any_column(first).is_some() || self.text(first).is_some() {
                        return Some(Cond::Const(*op == Compare::IsNot));
                    }
                    return self.search(first).map(|cond| negate(cond, *op == Compare::Is));
                }
                Compare::Eq | Compare::Ne => {
                    let sides = [(first, right), (right, first)];
                    let found = sides.into_iter().find_map(|(text, value)| match self.constant(value) {
                        Some(Cold::Str(value)) => Some((self.text(text)?, value.into_string())),
                        _ => None,
                    });
                    if let Some((text, value)) = found {
                        return Some(negate(Cond::Equal(text, vec![value]), *op == Compare::Ne));
                    }
                }
                _ => {}
            }
        }
        let mut numbers = vec![self.number(first)?];
        let mut signs = Vec::new();
        for (op, right) in rest {
            if matches!(op, Compare::Is | Compare::IsNot | Compare::In | Compare::NotIn) {
                return None;
            }
            signs.push(*op);
            numbers.push(self.number(right)?);
        }
        Some(Cond::Numbers(numbers, signs))
    }

    /// `any(word in text for word in WORDS)`.
    fn any_word(&mut self, comp: &Comp) -> Option<Cond> {
        let [clause] = comp.clauses.as_slice() else { return None };
        let (Target::Local(word), Node::Compare(left, right)) = (&clause.target, &comp.element.kind) else {
            return None;
        };
        let [(Compare::In, text)] = right.as_slice() else { return None };
        let by_word = matches!(left.kind, Node::Local(slot) if slot == *word);
        if comp.collect != Collect::Any || !clause.tests.is_empty() || !by_word {
            return None;
        }
        let words = self.texts(&clause.iter)?;
        let text = self.text(text)?;
        self.words(text, words)
    }

    /// `text.startswith(…)` and `text.endswith(…)`.
    fn edge(&mut self, call: &MethodCall) -> Option<Cond> {
        let [part] = call.args.positional.as_slice() else { return None };
        let text = self.text(&call.object)?;
        let parts = match self.constant(part) {
            Some(Cold::Str(part)) => vec![part.into_string()],
            Some(cold) if matches!(cold.value(), super::super::script::value::Value::Tuple(_)) => self.texts(part)?,
            Some(_) => return None,
            None => match &part.kind {
                Node::Tuple(_) => self.texts(part)?,
                _ => return None,
            },
        };
        self.words += parts.len();
        Some(if call.method == Method::Startswith { Cond::Starts(text, parts) } else { Cond::Ends(text, parts) })
    }

    /// `re.search(pattern, text)` or `PATTERN.search(text)`.
    fn search(&mut self, expr: &Expr) -> Option<Cond> {
        let (pattern, reach, text) = match &expr.kind {
            Node::Call(call) => {
                let reach = match call.callee.kind {
                    Node::Builtin(Builtin::ReSearch) => Reach::Search,
                    Node::Builtin(Builtin::ReMatch) => Reach::Match,
                    Node::Builtin(Builtin::ReFullmatch) => Reach::Full,
                    _ => return None,
                };
                let (source, text, flags) = match (call.args.positional.as_slice(), call.args.keywords.as_slice()) {
                    ([source, text], []) => (source, text, None),
                    ([source, text, flags], []) => (source, text, Some(flags)),
                    ([source, text], [(name, flags)]) if name == "flags" => (source, text, Some(flags)),
                    _ => return None,
                };
                let flags = match flags.map(|flags| self.constant(flags)) {
                    None => 0,
                    Some(Some(Cold::Int(flags))) => flags,
                    Some(_) => return None,
                };
                let pattern = match self.constant(source)? {
                    Cold::Str(source) => self.shared.patterns.get(&source, flags).ok()?,
                    cold => self.compiled(&cold).filter(|_| flags == 0)?,
                };
                (pattern, reach, text)
            }
            Node::Method(call) if call.args.keywords.is_empty() => {
                let reach = match call.method {
                    Method::Search => Reach::Search,
                    Method::Match => Reach::Match,
                    Method::Fullmatch => Reach::Full,
                    _ => return None,
                };
                let [text] = call.args.positional.as_slice() else { return None };
                let pattern = self.constant(&call.object)?;
                (self.compiled(&pattern)?, reach, text)
            }
            _ => return None,
        };
        // A pattern that may be given up is left to the evaluator, which says so.
        if pattern.speed() != Speed::Linear {
            return None;
        }
        let text = self.text(text)?;
        Some(Cond::Pattern(text, PatternScan::reaching(pattern, reach)))
    }

    fn compiled(&self, cold: &Cold) -> Option<std::sync::Arc<Pattern>> {
        match self.frozen.object(cold)? {
            ColdObject::Pattern(pattern) => Some(pattern.clone()),
            _ => None,
        }
    }
}
