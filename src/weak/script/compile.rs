//! From syntax trees to [`Tree`]: names become slots, everything outside the language becomes a problem with its place.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::builtins::{Builtin, Member, Module, Type, similar};
use super::parse::ast::{self, Stmt as Node};
use super::parse::{Parsed, Ranged};
use super::scope;
use super::tree::{Code, CodeId, Const, Expr, GlobalId, Kind, NameId, Slot, Stmt, Target, Tree};

/// How deep expressions and blocks may nest: evaluation recurses as deep.
const DEEPEST: u32 = 100;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something is off because of it.
    Error,
    /// Everything runs, but the person should know.
    Warning,
}

/// A problem in a source, by byte range.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub range: Range<usize>,
    pub message: String,
    pub help: Option<String>,
    pub function: Option<String>,
    pub severity: Severity,
}

/// What stops the compilation of a statement.
#[derive(Debug)]
pub(super) struct Refusal {
    pub range: Range<usize>,
    pub message: String,
    pub help: Option<String>,
    /// The problem was said elsewhere, at an import or at a broken definition.
    pub known: bool,
}

/// The result of compiling a part.
pub(super) type Compiled<T> = Result<T, Box<Refusal>>;

/// What an imported name means.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Import {
    Module(Module),
    Function(Builtin),
    Constant(Const),
    /// `labeling_function`, a decorator.
    Decorator,
    /// A name for annotations, which are not evaluated.
    Annotation,
    /// Not available, with the reason.
    Missing(String),
}

/// One statement at module level.
#[derive(Debug)]
pub(crate) struct Item {
    /// Its code, if it could be compiled.
    pub code: Option<CodeId>,
    /// The names it defines.
    pub defines: Vec<GlobalId>,
    /// Its place.
    pub range: Range<usize>,
    /// For `def`: the code of the function and its name.
    pub function: Option<(CodeId, String)>,
    /// Why its names are not available, if they are not.
    pub missing: Option<String>,
}

/// A compiled file, before its statements have run.
#[derive(Debug, Default)]
pub(crate) struct Compilation {
    pub tree: Tree,
    pub items: Vec<Item>,
    pub problems: Vec<Problem>,
    /// Names that statements with syntax errors would have defined.
    pub broken: Vec<(GlobalId, String)>,
}

/// A variable of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variable {
    pub slot: Slot,
    pub cell: bool,
}

/// A function under compilation.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub code: Code,
    pub names: HashMap<String, Variable>,
    /// Variables of the comprehensions around the present place, innermost last.
    pub blocks: Vec<HashMap<String, Variable>>,
    pub captured: HashSet<String>,
    pub imports: HashMap<String, Import>,
    /// Slots of the scope around it that it captures.
    pub captures: Vec<Slot>,
    /// The names of parameters that are never assigned to.
    pub constant_params: Vec<String>,
    pub globals: HashSet<GlobalId>,
    pub loops: usize,
    /// The statements of the file itself.
    pub module: bool,
    /// A generator expression, which binds `:=` in the scope around it.
    pub generator: bool,
}

/// The compiler of one file.
pub(crate) struct Compiler {
    pub(super) tree: Tree,
    pub(super) problems: Vec<Problem>,
    globals: HashMap<String, GlobalId>,
    imports: HashMap<String, Import>,
    names: HashMap<String, NameId>,
    pub(super) scopes: Vec<Scope>,
    base: usize,
    depth: u32,
    /// The function of the module-level statement at hand, for problems.
    function: Option<String>,
}

/// Compiles what was parsed.
pub(crate) fn compile(parsed: &Parsed) -> Compilation {
    let mut compiler = Compiler {
        tree: Tree::default(),
        problems: Vec::new(),
        globals: HashMap::new(),
        imports: HashMap::new(),
        names: HashMap::new(),
        scopes: Vec::new(),
        base: 0,
        depth: 0,
        function: None,
    };
    let mut broken = Vec::new();
    for error in &parsed.errors {
        compiler.problems.push(Problem {
            range: error.range.clone(),
            message: error.message.clone(),
            help: error.help.clone(),
            function: error.function.clone(),
            severity: Severity::Error,
        });
        broken.extend(error.names.iter().map(|name| (compiler.global(name), name.clone())));
    }
    for block in &parsed.blocks {
        let names = scope::of_body(&block.statements);
        names.bound.iter().for_each(|name| {
            compiler.global(name);
        });
    }
    for block in &parsed.blocks {
        compiler.base = block.base;
        compiler.module_imports(&block.statements);
    }
    let mut items = Vec::new();
    for block in &parsed.blocks {
        compiler.base = block.base;
        items.extend(block.statements.iter().filter_map(|statement| compiler.item(statement)));
    }
    items.sort_by_key(|item| item.range.start);
    Compilation { tree: compiler.tree, items, problems: compiler.problems, broken }
}

impl Compiler {
    /// The byte range of a node in the source.
    pub(super) fn range(&self, node: &impl Ranged) -> Range<usize> {
        let range = node.range();
        self.base + range.start().to_usize()..self.base + range.end().to_usize()
    }

    /// The byte offset of a node in the source.
    pub(super) fn at(&self, node: &impl Ranged) -> u32 {
        (self.base + node.range().start().to_usize()) as u32
    }

    /// Refuses a node.
    pub(super) fn refuse<T>(&self, node: &impl Ranged, message: impl Into<String>, help: &str) -> Compiled<T> {
        let help = (!help.is_empty()).then(|| help.to_owned());
        Err(Box::new(Refusal { range: self.range(node), message: message.into(), help, known: false }))
    }

    /// Says something that does not stop anything.
    pub(super) fn warn(&mut self, range: Range<usize>, message: impl Into<String>, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        let function = self.function.clone();
        self.problems.push(Problem { range, message: message.into(), help, function, severity: Severity::Warning });
    }

    /// Notes a refusal and goes on.
    pub(super) fn note(&mut self, refusal: Refusal) {
        let Refusal { range, message, help, .. } = refusal;
        let function = self.function.clone();
        self.problems.push(Problem { range, message, help, function, severity: Severity::Error });
    }

    /// Goes one level deeper, for the time of `inside`.
    pub(super) fn deeper<T>(
        &mut self,
        node: &impl Ranged,
        inside: impl FnOnce(&mut Self) -> Compiled<T>,
    ) -> Compiled<T> {
        if self.depth >= DEEPEST {
            return self.refuse(node, "this is nested too deeply", "name parts of it in lines of their own");
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    fn global(&mut self, name: &str) -> GlobalId {
        if let Some(&id) = self.globals.get(name) {
            return id;
        }
        let id = self.tree.globals.len() as GlobalId;
        self.tree.globals.push(name.to_owned());
        self.globals.insert(name.to_owned(), id);
        id
    }

    /// The number of an attribute's name.
    pub(super) fn name_id(&mut self, name: &str) -> NameId {
        if let Some(&id) = self.names.get(name) {
            return id;
        }
        let id = self.tree.names.len() as NameId;
        self.tree.names.push(name.to_owned());
        self.names.insert(name.to_owned(), id);
        id
    }

    /// The scope under compilation. There always is one while statements are compiled.
    pub(super) fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    /// A new slot in the frame of the scope under compilation.
    pub(super) fn new_slot(&mut self, name: &str) -> Slot {
        let scope = self.scope();
        scope.code.slots += 1;
        scope.code.slot_names.push(name.to_owned());
        scope.code.slots - 1
    }

    /// The innermost variable of that name that the scope at `level` can see, captured from outside if need be.
    fn variable(&mut self, level: usize, name: &str) -> Option<Variable> {
        let scope = self.scopes.get(level)?;
        if let Some(found) = scope.blocks.iter().rev().find_map(|block| block.get(name)) {
            return Some(*found);
        }
        if let Some(found) = scope.names.get(name) {
            return Some(*found);
        }
        if level == 0 || scope.imports.contains_key(name) {
            return None;
        }
        let outer = self.variable(level - 1, name)?;
        let scope = self.scopes.get_mut(level)?;
        let slot = scope.code.slots;
        scope.code.slots += 1;
        scope.code.slot_names.push(name.to_owned());
        scope.code.free.push(slot);
        scope.captures.push(outer.slot);
        let variable = Variable { slot, cell: true };
        scope.names.insert(name.to_owned(), variable);
        Some(variable)
    }

    /// What a name means where it is read.
    pub(super) fn read(&mut self, node: &ast::ExprName) -> Compiled<Expr> {
        let (name, at) = (node.id.as_str(), self.at(node));
        let kind = match self.variable(self.scopes.len().saturating_sub(1), name) {
            Some(Variable { slot, cell: true }) => Kind::Cell(slot),
            Some(Variable { slot, cell: false }) => Kind::Local(slot),
            None => self.read_outer(node, name)?,
        };
        Ok(Expr { at, kind })
    }

    /// What an imported name means here, if it is one.
    pub(super) fn import_of(&self, name: &str) -> Option<&Import> {
        for scope in self.scopes.iter().rev() {
            if scope.names.contains_key(name) || scope.blocks.iter().any(|block| block.contains_key(name)) {
                return None;
            }
            if let Some(import) = scope.imports.get(name) {
                return Some(import);
            }
        }
        if self.globals.contains_key(name) { None } else { self.imports.get(name) }
    }

    fn read_outer(&mut self, node: &ast::ExprName, name: &str) -> Compiled<Kind> {
        if let Some(import) = self.import_of(name).cloned() {
            self.use_import(name, &import);
            return match import {
                Import::Module(module) => Ok(Kind::Module(module)),
                Import::Function(builtin) => Ok(Kind::Builtin(builtin)),
                Import::Constant(value) => Ok(Kind::Const(value)),
                Import::Decorator => {
                    self.refuse(node, format!("`{name}` is a decorator"), "write @labeling_function()")
                }
                Import::Annotation => self.refuse(node, format!("`{name}` is for annotations only"), ""),
                Import::Missing(reason) => Err(Box::new(Refusal {
                    range: self.range(node),
                    message: format!("`{name}` is not available: {reason}"),
                    help: Some("use plain Python, or run it as an external function".to_owned()),
                    known: true,
                })),
            };
        }
        if let Some(&id) = self.globals.get(name) {
            self.scope().globals.insert(id);
            return Ok(Kind::Global(id));
        }
        if let Some(kind) = Type::builtin(name) {
            return Ok(Kind::Type(kind));
        }
        if let Some(builtin) = Builtin::find(name).filter(|builtin| !builtin.name().contains('.')) {
            return Ok(Kind::Builtin(builtin));
        }
        match name {
            "__name__" => return Ok(Kind::Const(Const::Str("lfs".into()))),
            "open" | "exec" | "eval" | "input" | "globals" | "locals" | "vars" | "setattr" | "delattr"
            | "__import__" | "compile" => {
                return self.refuse(
                    node,
                    format!("`{name}` is not available"),
                    "a labelling function sees nothing but its row",
                );
            }
            "not_" => {
                return self.refuse(
                    node,
                    "`not_` is not available: a vote names one class",
                    "with two classes, vote for the other one; with more, return None",
                );
            }
            "id" | "hash" | "bytes" | "bytearray" | "complex" | "object" | "super" | "slice" | "ascii" | "dir" => {
                return self.refuse(node, format!("`{name}` is not available"), "");
            }
            _ => {}
        }
        let help = self.meant(name);
        self.refuse(node, format!("`{name}` is not defined"), &help)
    }

    /// Notes that the code at hand uses an imported name, of which its source does not tell the meaning.
    pub(super) fn use_import(&mut self, name: &str, import: &Import) {
        let used = format!("{name}={import:?}");
        self.scope().code.imports.insert(used);
    }

    fn meant(&self, name: &str) -> String {
        if let Some(module) = Module::find(name) {
            return format!("write `import {}` at the top of the file", module.name());
        }
        let locals = self.scopes.iter().flat_map(|scope| scope.names.keys().map(String::as_str));
        let globals = self.globals.keys().map(String::as_str);
        let builtins = Builtin::ALL.iter().map(|builtin| builtin.name()).filter(|name| !name.contains('.'));
        let mut known: Vec<&str> = locals.chain(globals).chain(builtins).collect();
        known.sort_unstable();
        similar(name, known).map(|meant| format!("did you mean `{meant}`?")).unwrap_or_default()
    }

    /// Where a name is written to. `:=` in a generator expression binds in the function around it, through a cell.
    pub(super) fn write(&mut self, name: &str) -> Target {
        let level = self.scopes.len().saturating_sub(1);
        let block =
            self.scopes.get(level).and_then(|scope| scope.blocks.iter().rev().find_map(|block| block.get(name)));
        if let Some(variable) = block {
            return target(*variable);
        }
        let owner = (0..=level).rev().find(|&at| self.scopes.get(at).is_some_and(|scope| !scope.generator));
        let bound = owner.and_then(|at| self.scopes.get(at)).is_some_and(|scope| scope.names.contains_key(name));
        match bound.then(|| self.variable(level, name)).flatten() {
            Some(variable) => target(variable),
            None => Target::Global(self.global(name)),
        }
    }

    /// Compiles a body in a scope of its own and gives its code and what it captures.
    pub(super) fn in_scope(
        &mut self,
        scope: Scope,
        inside: impl FnOnce(&mut Self) -> Compiled<()>,
    ) -> (CodeId, Vec<Slot>, Compiled<()>) {
        self.scopes.push(scope);
        let outcome = inside(self);
        let mut scope = self.scopes.pop().unwrap_or_default();
        scope.code.broken |= outcome.is_err();
        scope.code.globals = scope.globals.iter().copied().collect();
        scope.code.globals.sort_unstable();
        let id = self.tree.codes.len() as CodeId;
        self.tree.codes.push(scope.code);
        if let Some(outer) = self.scopes.last_mut() {
            outer.code.inner.push(id);
        }
        (id, scope.captures, outcome)
    }

    /// Compiles a statement at module level.
    fn item(&mut self, statement: &Node) -> Option<Item> {
        let names = scope::of_body(std::slice::from_ref(statement));
        let defines: Vec<GlobalId> = names.bound.iter().map(|name| self.global(name)).collect();
        let range = self.range(statement);
        let function = match statement {
            Node::Import(_) | Node::ImportFrom(_) => return None,
            Node::If(node) if is_main_guard(node) => return None,
            Node::FunctionDef(def) => Some(def.name.as_str().to_owned()),
            _ => None,
        };
        self.function.clone_from(&function);
        let code = Code { name: "module".to_owned(), range: range.clone(), at: range.start as u32, ..Code::default() };
        let scope = Scope { code, captured: names.captured, module: true, ..Scope::default() };
        let before = self.problems.len();
        let (id, _, outcome) = self.in_scope(scope, |compiler| {
            let body = compiler.block(std::slice::from_ref(statement));
            compiler.scope().code.body = body?;
            Ok(())
        });
        let mut missing = None;
        if let Err(refusal) = outcome {
            missing = Some(refusal.message.clone());
            // What comes of a missing import was said at the import, except where it silences a function.
            if !refusal.known || function.is_some() {
                self.note(*refusal);
            }
        }
        let broken = self.problems[before..].iter().any(|problem| problem.severity == Severity::Error);
        if broken && missing.is_none() {
            missing = self.problems.get(before).map(|problem| problem.message.clone());
        }
        self.function = None;
        let code = missing.is_none().then_some(id);
        let inner = self.tree.codes.get(id as usize).and_then(|code| code.inner.last().copied());
        let function = function.and_then(|name| Some((inner?, name)));
        Some(Item { code, defines, range, function, missing })
    }

    /// Reads the imports of a file, wherever they stand at module level.
    fn module_imports(&mut self, statements: &[Node]) {
        for statement in statements {
            match statement {
                Node::Import(_) | Node::ImportFrom(_) => {
                    for (name, import, range) in self.imports_of(statement) {
                        if let Import::Missing(reason) = &import {
                            let (message, help) = if reason.contains("the package") {
                                (
                                    format!("{reason}; the functions that use `{name}` are off"),
                                    "the other functions run",
                                )
                            } else {
                                (reason.clone(), "")
                            };
                            self.warn(range, message, help);
                        }
                        self.imports.insert(name, import);
                    }
                }
                Node::If(node) if !is_main_guard(node) => {
                    self.module_imports(&node.body);
                    node.elif_else_clauses.iter().for_each(|clause| self.module_imports(&clause.body));
                }
                Node::Try(node) => self.module_imports(&node.body),
                _ => {}
            }
        }
    }

    /// The names that an import statement defines.
    pub(super) fn imports_of(&self, statement: &Node) -> Vec<(String, Import, Range<usize>)> {
        match statement {
            Node::Import(node) => node.names.iter().map(|alias| self.import_module(alias)).collect(),
            Node::ImportFrom(node) => {
                let module = node.module.as_ref().map_or("", |name| name.as_str());
                if module == "__future__" {
                    return Vec::new();
                }
                node.names.iter().map(|alias| self.import_name(module, alias)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn import_module(&self, alias: &ast::Alias) -> (String, Import, Range<usize>) {
        let module = alias.name.as_str();
        let root = module.split('.').next().unwrap_or(module);
        let name = alias.asname.as_ref().map_or(root, |name| name.as_str());
        let import = match (Module::find(module), root) {
            (Some(module), _) => Import::Module(module),
            (None, "typing" | "snorkel" | "typing_extensions") => Import::Annotation,
            _ => Import::Missing(format!("the package {root} is not available here")),
        };
        (name.to_owned(), import, self.range(alias))
    }

    fn import_name(&self, module: &str, alias: &ast::Alias) -> (String, Import, Range<usize>) {
        let member = alias.name.as_str();
        let name = alias.asname.as_ref().map_or(member, |name| name.as_str());
        let root = module.split('.').next().unwrap_or(module);
        let import = match (Module::find(module), root, member) {
            (Some(module), _, _) => match module.member(member) {
                Some(Member::Function(builtin)) => Import::Function(builtin),
                Some(Member::Constant(value)) => Import::Constant(value),
                None if matches!(member, "Pattern" | "Match") => Import::Annotation,
                None => Import::Missing(format!("{}.{member} is not available here", module.name())),
            },
            (None, "typing" | "typing_extensions" | "collections.abc", _) => Import::Annotation,
            (None, _, "labeling_function") | (None, "lapidary", "lf") => Import::Decorator,
            (None, "snorkel" | "lapidary", "LabelingFunction") => Import::Function(Builtin::LabelingFunction),
            (None, "lapidary", member) if Builtin::find(member).is_some_and(Builtin::is_ours) => {
                Builtin::find(member).map_or(Import::Annotation, Import::Function)
            }
            (None, "snorkel", "preprocessor" | "Preprocessor") => Import::Missing(
                "preprocessors are not available; do their work in the function, or in a column".to_owned(),
            ),
            (None, "snorkel", _) => {
                Import::Missing(format!("`{member}` does nothing here: Lapidary applies the functions itself"))
            }
            _ => Import::Missing(format!("the package {root} is not available here")),
        };
        (name.to_owned(), import, self.range(alias))
    }

    /// Compiles statements; each that is refused is noted, and the function they stand in is broken.
    pub(super) fn block(&mut self, statements: &[Node]) -> Compiled<Vec<Stmt>> {
        let mut out = Vec::with_capacity(statements.len());
        let mut first: Option<Box<Refusal>> = None;
        for statement in statements {
            match self.deeper(statement, |compiler| compiler.statement(statement)) {
                Ok(Some(statement)) => out.push(statement),
                Ok(None) => {}
                Err(refusal) => match &first {
                    None => first = Some(refusal),
                    Some(_) if !refusal.known => self.note(*refusal),
                    Some(_) => {}
                },
            }
        }
        first.map_or(Ok(out), Err)
    }
}

pub(super) fn target(variable: Variable) -> Target {
    if variable.cell { Target::Cell(variable.slot) } else { Target::Local(variable.slot) }
}

/// `if __name__ == "__main__":`, which is never true here.
fn is_main_guard(node: &ast::StmtIf) -> bool {
    match &*node.test {
        ast::Expr::Compare(compare) => {
            matches!(&*compare.left, ast::Expr::Name(name) if name.id.as_str() == "__name__")
        }
        _ => false,
    }
}
