//! Calls of functions: of the program, and built in.

use super::builtins::{self, Argument};
use super::cx::Cx;
use super::expr::Wanted;
use super::graph::Node;
use super::tables::Definition;
use super::ty::Type;
use super::{Checker, GlobalDecl, broken, errors};
use crate::core::{Expr, FunctionId, GlobalId};
use crate::diagnostic::{Code, Diagnostic};
use crate::modules::ModuleId;
use crate::source::Span;
use crate::syntax::ast;

impl<'a> Checker<'a> {
    /// Whether a callee is a built-in function of that name: nothing in scope has taken the name.
    pub(super) fn is_builtin(&self, cx: &Cx<'a>, callee: &ast::Dotted, name: &str) -> bool {
        match callee.parts.as_slice() {
            [only] => &*only.text == name && !self.is_known(cx, name),
            _ => false,
        }
    }

    pub(super) fn call(
        &mut self,
        cx: &mut Cx<'a>,
        callee: &'a ast::Dotted,
        arguments: &'a [ast::Argument],
        span: Span,
    ) -> (Expr, Type) {
        let (module, name) = match callee.parts.as_slice() {
            [name] => {
                if !self.tables[cx.module.0 as usize].names.contains_key(&name.text) && cx.lookup(&name.text).is_none()
                {
                    return self.builtin(cx, name, arguments, span);
                }
                (cx.module, name)
            }
            [alias, name] => match self.imported(cx.module, alias.span, &alias.text) {
                Some(module) => (module, name),
                None => {
                    self.report_no_import(cx.module, alias);
                    return self.call_nothing(cx, arguments);
                }
            },
            _ => {
                let message = format!("`{}` is no function", self.files.text(callee.span));
                self.sink.report(Diagnostic::error(Code::UnknownName, message, callee.span));
                return self.call_nothing(cx, arguments);
            }
        };
        match self.use_of(module, &name.text) {
            Some((Definition::Function(id), _)) => self.call_function(cx, id, arguments, span),
            Some((Definition::Component(_), declared)) => {
                let message = format!("`{}` is a component", name.text);
                let help = format!("use it as a declaration: `{} my-name {{ … }}`", self.files.text(callee.span));
                let diagnostic = Diagnostic::error(Code::BadCall, message, callee.span);
                self.sink.report(diagnostic.also(declared, "declared here").help(help));
                self.call_nothing(cx, arguments)
            }
            Some((definition, declared)) => {
                let message = format!("`{}` is not a function", name.text);
                let mut diagnostic = Diagnostic::error(Code::BadCall, message, callee.span);
                if matches!(definition, Definition::Schema(_)) {
                    let name = self.files.text(callee.span);
                    diagnostic = diagnostic.help(format!("a value of it is a block: `let x: {name} = {{ … }}`"));
                }
                self.sink.report(diagnostic.also(declared, "declared here"));
                self.call_nothing(cx, arguments)
            }
            None if cx.lookup(&name.text).is_some() && callee.parts.len() == 1 => {
                let message = format!("`{}` is not a function", name.text);
                self.sink.report(Diagnostic::error(Code::BadCall, message, callee.span));
                self.call_nothing(cx, arguments)
            }
            None => {
                let known = self.function_names(module);
                let message = format!("`{}` has no function `{}`", callee.parts[0].text, name.text);
                let diagnostic = Diagnostic::error(Code::UnknownName, message, name.span);
                self.sink.report(diagnostic.suggest(&name.text, name.span, known.iter().map(String::as_str)));
                self.call_nothing(cx, arguments)
            }
        }
    }

    fn function_names(&self, module: ModuleId) -> Vec<String> {
        let names = self.tables[module.0 as usize].names.iter();
        names
            .filter(|(_, (definition, _))| matches!(definition, Definition::Function(_)))
            .map(|(name, _)| name.to_string())
            .collect()
    }

    /// Looks at the arguments of a call that goes nowhere, for what is wrong inside them.
    pub(super) fn call_nothing(&mut self, cx: &mut Cx<'a>, arguments: &'a [ast::Argument]) -> (Expr, Type) {
        for argument in arguments {
            self.infer(cx, &argument.value);
        }
        (broken(), Type::Error)
    }

    fn call_function(
        &mut self,
        cx: &mut Cx<'a>,
        id: FunctionId,
        arguments: &'a [ast::Argument],
        span: Span,
    ) -> (Expr, Type) {
        cx.constant = false;
        if let Some(node) = cx.node {
            self.graph.needs(node, Node::Function(id));
        }
        let (params, result) = self.signature(id);
        let declared = self.functions[id.0 as usize].declared;
        let mut given: Vec<Option<Expr>> = declared.params.iter().map(|_| None).collect();
        let mut misnamed = false;
        for (position, argument) in arguments.iter().enumerate() {
            let at = match &argument.name {
                None => Some(position).filter(|at| *at < params.len()),
                Some(name) => declared.params.iter().position(|param| param.name.text == name.text),
            };
            let Some(at) = at else {
                self.report_extra(declared, argument, params.len());
                misnamed |= argument.name.is_some();
                self.infer(cx, &argument.value);
                continue;
            };
            let param = &declared.params[at];
            let who = format!("parameter `{}` of `{}`", param.name.text, declared.name.text);
            let wanted = Wanted::by(params[at].clone(), who, Some(param.span));
            let value = self.check(cx, &argument.value, &wanted);
            if given[at].replace(value).is_some() {
                let place = argument.name.as_ref().map_or(argument.value.span, |name| name.span);
                let message = format!("`{}` is given twice", param.name.text);
                self.sink.report(Diagnostic::error(Code::BadCall, message, place));
            }
        }
        let module = self.functions[id.0 as usize].module;
        let mut values = Vec::with_capacity(given.len());
        for (at, value) in given.into_iter().enumerate() {
            let param = &declared.params[at];
            let value = value.or_else(|| match (&param.default, &params[at]) {
                (Some(default), ty) => Some(self.default_argument(module, default, ty, param)),
                (None, ty) if ty.is_optional() => Some(broken()),
                (None, _) => None,
            });
            // One mistake: what is missing here was given under another name.
            let value = value.or_else(|| misnamed.then(broken));
            values.push(value.unwrap_or_else(|| {
                let message = format!("`{}` needs `{}`", declared.name.text, param.name.text);
                let signature = self.files.text(signature_span(declared)).to_string();
                self.sink.report(errors::bad_call(message, span, Some(param.span), &signature));
                broken()
            }));
        }
        (Expr::Call { function: id, arguments: values.into() }, result)
    }

    /// A default stands in the function's module, and sees nothing of the call.
    fn default_argument(
        &mut self,
        module: ModuleId,
        default: &'a ast::Expr,
        ty: &Type,
        param: &'a ast::Parameter,
    ) -> Expr {
        let mut cx = Cx::new(module, None);
        let who = format!("`{}`", param.name.text);
        self.check(&mut cx, default, &Wanted::by(ty.clone(), who, Some(param.ty.span)))
    }

    fn report_extra(&mut self, declared: &'a ast::Function, argument: &ast::Argument, takes: usize) {
        let signature = self.files.text(signature_span(declared)).to_string();
        let diagnostic = match &argument.name {
            Some(name) => {
                let message = format!("`{}` has no parameter `{}`", declared.name.text, name.text);
                let known = declared.params.iter().map(|param| &*param.name.text);
                errors::bad_call(message, name.span, Some(declared.name.span), &signature)
                    .suggest(&name.text, name.span, known)
            }
            None => {
                let message = format!("`{}` takes {}, this is one too many", declared.name.text, arguments(takes));
                errors::bad_call(message, argument.value.span, Some(declared.name.span), &signature)
            }
        };
        self.sink.report(diagnostic);
    }

    fn builtin(
        &mut self,
        cx: &mut Cx<'a>,
        name: &'a ast::Name,
        arguments: &'a [ast::Argument],
        span: Span,
    ) -> (Expr, Type) {
        if &*name.text == "has" {
            let call = self.condition_of_has(cx, arguments, span);
            return (call, Type::Bool);
        }
        if &*name.text == "data" {
            let message = "nothing says which type the data has";
            let help = "declare it: `let jobs: [Job] = data(\"jobs.yaml\")`".to_string();
            self.sink.report(Diagnostic::error(Code::TypeMismatch, message, span).help(help));
            return self.call_nothing(cx, arguments);
        }
        if &*name.text == "merge" {
            return self.merge(cx, arguments, None, span);
        }
        if &*name.text == "whole" {
            return self.whole(cx, arguments, None, span);
        }
        let Some(builtin) = builtins::find(&name.text) else {
            let mut known = self.function_names(cx.module);
            known.extend(builtins::names().chain(["has", "data", "merge", "whole"]).map(str::to_string));
            let message = format!("there is no function `{}`", name.text);
            let diagnostic = Diagnostic::error(Code::UnknownName, message, name.span);
            self.sink.report(diagnostic.suggest(&name.text, name.span, known.iter().map(String::as_str)));
            return self.call_nothing(cx, arguments);
        };
        if matches!(builtin.function, crate::core::Builtin::File | crate::core::Builtin::Secret) {
            cx.constant = false;
        }
        if let Some(named) = arguments.iter().find_map(|argument| argument.name.as_ref()) {
            let message = format!("built-in functions take no named arguments such as `{}`", named.text);
            self.sink.report(errors::bad_call(message, named.span, None, builtin.signature));
        }
        let takes = builtin.parameters.len();
        let enough = if builtin.repeats { !arguments.is_empty() } else { arguments.len() == takes };
        if !enough {
            let message = format!("`{}` takes {}, {} are given", name.text, self::arguments(takes), arguments.len());
            self.sink.report(errors::bad_call(message, span, None, builtin.signature));
            return self.call_nothing(cx, arguments);
        }
        let mut values = Vec::with_capacity(arguments.len());
        let mut types = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            let parameter = &builtin.parameters[position.min(takes - 1)];
            let (value, ty) = self.builtin_argument(cx, &builtin, parameter, types.first(), &argument.value);
            values.push(value);
            types.push(ty);
        }
        let result =
            if types.contains(&Type::Error) { builtins::sure_result(&builtin) } else { (builtin.result)(&types) };
        (Expr::Builtin { function: builtin.function, arguments: values.into(), span }, result)
    }

    fn builtin_argument(
        &mut self,
        cx: &mut Cx<'a>,
        builtin: &builtins::Signature,
        parameter: &Argument,
        first: Option<&Type>,
        argument: &'a ast::Expr,
    ) -> (Expr, Type) {
        let who = || format!("`{}`", builtin.signature);
        match parameter {
            Argument::Exactly(ty) => {
                let wanted = Wanted::by(ty.clone(), who(), None);
                self.check_typed(cx, argument, &wanted)
            }
            Argument::Such { test, called } => {
                let (value, ty) = match first {
                    Some(first) => self.infer_with(cx, argument, first),
                    None => self.infer(cx, argument),
                };
                if ty.is_optional() {
                    self.report_optional(argument, &ty);
                    return (broken(), Type::Error);
                }
                if ty != Type::Error && !ty.alternatives().iter().all(test) {
                    let found = self.describe(&ty);
                    self.sink.report(errors::mismatch(&found, called, argument.span, Some(&(who().into(), None))));
                    return (broken(), Type::Error);
                }
                (value, ty)
            }
        }
    }

    fn condition_of_has(&mut self, cx: &mut Cx<'a>, arguments: &'a [ast::Argument], span: Span) -> Expr {
        self.has(cx, arguments, span).0
    }

    /// `data(path)` at a place that wants a type.
    pub(super) fn data(
        &mut self,
        cx: &mut Cx<'a>,
        arguments: &'a [ast::Argument],
        wanted: &Wanted,
        span: Span,
    ) -> Expr {
        cx.constant = false;
        let [argument] = arguments else {
            let message = format!("`data` takes one path, {} are given", arguments.len());
            self.sink.report(errors::bad_call(message, span, None, "data(path: string)"));
            return broken();
        };
        let path = self.check(cx, &argument.value, &Wanted::by(Type::String, "`data(path: string)`".to_string(), None));
        let ty = self.data_type(&wanted.ty);
        let shape = self.shape(&wanted.ty);
        Expr::Data { path: Box::new(path), ty, shape, span }
    }

    /// The parameter and result types of a function, resolved when first asked for.
    pub(super) fn signature(&mut self, id: FunctionId) -> (Vec<Type>, Type) {
        let info = &self.functions[id.0 as usize];
        let (module, declared) = (info.module, info.declared);
        if info.params.len() != declared.params.len() || info.result == Type::Error {
            let params: Vec<Type> = declared.params.iter().map(|param| self.resolve_type(module, &param.ty)).collect();
            let result = self.resolve_type(module, &declared.result);
            let info = &mut self.functions[id.0 as usize];
            info.params.clone_from(&params);
            info.result = result.clone();
            return (params, result);
        }
        (info.params.clone(), info.result.clone())
    }

    pub(super) fn function_body(&mut self, id: FunctionId) {
        let (params, result) = self.signature(id);
        let info = &self.functions[id.0 as usize];
        let (module, declared) = (info.module, info.declared);
        let mut cx = Cx::new(module, Some(Node::Function(id)));
        for (param, ty) in declared.params.iter().zip(&params) {
            if let Some(default) = &param.default {
                self.default_argument(module, default, ty, param);
            }
            cx.variable(&param.name, ty.clone());
        }
        cx.push();
        let mut lets = Vec::new();
        for one in &declared.lets {
            let (value, ty) = self.inner_let(&mut cx, one);
            lets.push((cx.variable(&one.name, ty), value));
        }
        let who = format!("the result of `{}`", declared.name.text);
        let body = self.check(&mut cx, &declared.body, &Wanted::by(result, who, Some(declared.result.span)));
        self.program.functions.push(crate::core::Function {
            name: declared.name.text.clone(),
            parameters: super::index(params.len()),
            slots: cx.slots,
            lets,
            body,
        });
    }

    /// The type of a `let` or `param` at the top of a module, checked when first asked for.
    pub(super) fn global_type(&mut self, id: GlobalId) -> Type {
        let info = &self.globals[id.0 as usize];
        let (module, declared) = (info.module, info.declared);
        match &info.ty {
            Some(Some(ty)) => return ty.clone(),
            // The graph of what needs what tells the whole circle.
            Some(None) => return Type::Error,
            None => {}
        }
        self.globals[id.0 as usize].ty = Some(None);
        let mut cx = Cx::new(module, Some(Node::Global(id)));
        let (value, ty) = match declared {
            GlobalDecl::Let(declared) => {
                let (value, ty) = self.let_value(&mut cx, declared);
                (Some(value), ty)
            }
            GlobalDecl::Param(declared) => {
                let ty = self.resolve_type(module, &declared.ty);
                let who = format!("param `{}`", declared.name.text);
                let wanted = Wanted::by(ty.clone(), who, Some(declared.ty.span));
                let value = declared.default.as_ref().map(|default| self.check(&mut cx, default, &wanted));
                self.program.globals[id.0 as usize].param = Some(self.data_type(&ty));
                (value, ty)
            }
        };
        let global = &mut self.program.globals[id.0 as usize];
        global.value = value;
        global.slots = cx.slots;
        self.globals[id.0 as usize].ty = Some(Some(ty.clone()));
        ty
    }
}

/// A number of arguments in a sentence.
fn arguments(number: usize) -> String {
    match number {
        0 => "no arguments".to_string(),
        1 => "one argument".to_string(),
        number => format!("{number} arguments"),
    }
}

/// From the name to the result type.
fn signature_span(declared: &ast::Function) -> Span {
    declared.name.span.to(declared.result.span)
}
