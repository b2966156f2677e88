//! Programs that nobody would write: every form of the grammar, with white space and comments wherever they may stand.

use super::laws::formatted;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_programs_keep_their_meaning_and_their_comments(choices in prop::collection::vec(any::<u8>(), 0..900)) {
        let text = Author { choices: &choices, text: String::new(), remarks: 0 }.program();
        prop_assert!(formatted(&text).is_some(), "the generated program does not parse:\n{}", text);
    }
}

/// Writes a program by a list of choices; without further choices it takes the first, which is the shortest.
struct Author<'c> {
    choices: &'c [u8],
    text: String,
    remarks: usize,
}

/// Nesting below which nothing is nested further.
const DEPTH: usize = 5;

impl Author<'_> {
    fn pick(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        usize::from(*first) % count
    }

    fn any<'w>(&mut self, words: &[&'w str]) -> &'w str {
        let index = self.pick(words.len());
        words[index]
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn put_any(&mut self, words: &[&str]) {
        let word = self.any(words);
        self.put(word);
    }

    /// White space between two words.
    fn space(&mut self) {
        self.put_any(&[" ", "  ", "\t"]);
    }

    /// White space, or none.
    fn blank(&mut self) {
        self.put_any(&["", " ", "   "]);
    }

    /// A comment up to the end of its line.
    fn remark(&mut self) {
        self.remarks += 1;
        let marker = self.any(&["// ", "//", "/// ", "//! ", "//////// ", "// – \"{[( "]);
        let end = self.any(&["\n", "  \n", "\r\n"]);
        let text = format!("{marker}{}{end}", self.remarks);
        self.put(&text);
    }

    /// What may stand where line ends mean nothing.
    fn lines(&mut self) {
        match self.pick(9) {
            0..3 => {}
            3 => self.put("\n"),
            4 => self.put("\n\n  \n\n\t"),
            5 => {
                self.put(" ");
                self.remark();
            }
            6 => {
                self.put("\n   ");
                self.remark();
                self.lines();
            }
            7 => {
                self.put("\n\n");
                self.remark();
                self.put("\n\n");
            }
            _ => self.put(" "),
        }
    }

    /// The same between two words.
    fn space_or_lines(&mut self) {
        self.space();
        self.lines();
    }

    fn separator(&mut self) {
        match self.pick(5) {
            0 => self.put("\n"),
            1 => self.put(", "),
            2 => self.put(" ,\n"),
            3 => {
                self.put(" ");
                self.remark();
            }
            _ => {
                self.put(", ");
                self.remark();
            }
        }
        self.lines();
    }

    /// Parts in brackets.
    fn several(&mut self, open: &str, close: &str, depth: usize, mut part: impl FnMut(&mut Self)) {
        self.put(open);
        self.lines();
        let count = if depth >= DEPTH { 0 } else { self.pick(4) };
        for index in 0..count {
            part(self);
            if index + 1 < count || self.pick(2) == 1 {
                self.separator();
            }
        }
        self.blank();
        self.put(close);
    }

    fn name(&mut self) {
        self.put_any(&["a", "b2", "spec", "prod-eu", "some_long_name_that_fills_lines", "x"]);
    }

    fn dotted(&mut self) {
        self.name();
        if self.pick(3) == 1 {
            self.put(".");
            self.name();
        }
    }

    fn names(&mut self) {
        self.name();
        while self.pick(3) == 1 {
            self.blank();
            self.put(",");
            self.lines();
            self.name();
        }
    }

    // Values.

    fn expr(&mut self, depth: usize) {
        if depth < DEPTH && self.pick(8) == 1 { self.choice(depth + 1) } else { self.chain(depth) }
    }

    fn choice(&mut self, depth: usize) {
        self.put("if");
        self.space();
        self.expr(depth);
        self.space_or_lines();
        self.put("then");
        self.space_or_lines();
        self.expr(depth);
        self.space_or_lines();
        self.put("else");
        self.space_or_lines();
        if depth < DEPTH && self.pick(3) == 1 { self.choice(depth + 1) } else { self.chain(depth) }
    }

    fn chain(&mut self, depth: usize) {
        self.operand(depth);
        let mut count = 0;
        while depth < DEPTH && count < 4 && self.pick(3) == 1 {
            count += 1;
            if self.pick(2) == 0 {
                self.space_or_lines();
                self.put_any(&["||", "&&", "??"]);
            } else {
                self.space();
                self.put_any(&["+", "++", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"]);
            }
            self.space_or_lines();
            self.operand(depth);
        }
    }

    fn operand(&mut self, depth: usize) {
        let mut depth = depth;
        while self.pick(8) == 1 {
            self.put_any(&["!", "-", "! "]);
            // What begins with `-` and a brace would be taken for the next setting.
            depth = DEPTH;
        }
        self.primary(depth);
        if self.text.ends_with(|last: char| last.is_ascii_digit()) {
            return;
        }
        while depth < DEPTH && self.pick(6) == 1 {
            match self.pick(3) {
                0 => self.put(".member"),
                1 => self.put(" ?. other"),
                _ => {
                    self.put("[");
                    self.lines();
                    self.expr(depth + 1);
                    self.lines();
                    self.put("]");
                }
            }
        }
    }

    fn primary(&mut self, depth: usize) {
        let count = if depth >= DEPTH { 6 } else { 13 };
        match self.pick(count) {
            0 => self.name(),
            1 => self.put_any(&["1", "1_000", "0.50", "42"]),
            2 => self.put_any(&["4Gi", "1h30m", "0.5s", "500m"]),
            3 => self.put_any(&["true", "null", "\"\"", "\"text // no remark\"", r#""\u{1F600}\n\"é\"""#]),
            4 => self.put_any(&[
                r##"#"raw \n "# "##,
                r#""a\(b2)c""#,
                "\"a fairly long text, so that lines are filled with it\"",
            ]),
            5 => self.text_block(),
            6 => self.call(depth + 1),
            7 => self.several("[", "]", depth + 1, |this| this.element(depth + 1)),
            8 => self.block(depth + 1),
            9 => {
                self.put("(");
                self.lines();
                self.expr(depth + 1);
                self.lines();
                self.put(")");
            }
            10 => {
                self.put("match");
                self.space();
                self.expr(depth + 1);
                self.space();
                self.several("{", "}", depth + 1, |this| this.arm(depth + 1));
            }
            11 => {
                self.put("\"a \\(f(");
                self.name();
                self.put(",  1) )\"");
            }
            _ => {
                self.put("(");
                self.name();
                self.put(")(1)");
            }
        }
    }

    /// A block of text with an indentation of its own.
    fn text_block(&mut self) {
        let indentation = self.any(&["", "  ", "\t", "      "]);
        let (open, close, value) =
            if self.pick(2) == 0 { ("\"\"\"", "\"\"\"", "\\(x)") } else { ("##\"\"\"", "\"\"\"##", "\\##(x)") };
        let mut text = format!("{open}{}", self.any(&["\n", " \r\n"]));
        for _ in 0..self.pick(4) {
            let line = match self.pick(6) {
                0 => format!("{indentation}plain"),
                1 => String::new(),
                2 => format!("{indentation}   more // no remark  "),
                3 => format!("{indentation}a {value} b"),
                4 => format!("{indentation}  "),
                _ => format!("{indentation}{}", value.replace('x', "\n // within\n x")),
            };
            text.push_str(&line);
            text.push_str(self.any(&["\n", "\r\n"]));
        }
        text.push_str(indentation);
        text.push_str(close);
        if self.pick(5) == 4 {
            // Text on the line of the quotes is left as it is.
            text = format!("{open}x\n \t y\n\n{close}");
        }
        self.put(&text);
    }

    fn call(&mut self, depth: usize) {
        self.dotted();
        self.arguments(depth);
    }

    fn arguments(&mut self, depth: usize) {
        self.several("(", ")", depth, |this| {
            if this.pick(3) == 1 {
                this.name();
                this.blank();
                this.put("=");
                this.space_or_lines();
            }
            this.expr(depth);
        });
    }

    fn element(&mut self, depth: usize) {
        match self.pick(6) {
            0..3 => self.expr(depth),
            3 => {
                self.put("...");
                self.expr(depth);
            }
            4 => {
                self.for_head(depth);
                self.blank();
                self.put(":");
                self.lines();
                self.element(depth + 1);
            }
            _ => {
                self.put("if");
                self.space();
                self.chain(depth);
                self.blank();
                self.put(":");
                self.lines();
                self.element(depth + 1);
            }
        }
    }

    fn for_head(&mut self, depth: usize) {
        self.put("for");
        self.space();
        self.name();
        if self.pick(2) == 1 {
            self.put(" , v");
        }
        self.space();
        self.put("in");
        self.space_or_lines();
        self.chain(depth + 1);
        if self.pick(3) == 1 {
            self.space();
            self.put("if");
            self.space();
            self.chain(depth + 1);
        }
    }

    fn arm(&mut self, depth: usize) {
        loop {
            match self.pick(5) {
                0 => self.put("_"),
                1 => self.put("word"),
                2 => self.put_any(&["\"a\"", "- 1", "4Gi", "true"]),
                3 => {
                    self.name();
                    self.put(":");
                    self.blank();
                    self.ty(depth);
                    // A `|` behind a type goes on with the type.
                    break;
                }
                _ => self.put("null"),
            }
            if self.pick(3) != 1 {
                break;
            }
            self.lines();
            self.put("|");
            self.lines();
        }
        self.blank();
        self.put("=>");
        self.lines();
        self.expr(depth);
    }

    // Blocks.

    fn block(&mut self, depth: usize) {
        self.several("{", "}", depth, |this| this.entry(depth));
    }

    fn path(&mut self) {
        loop {
            match self.pick(4) {
                0 | 1 => self.name(),
                2 => self.put_any(&["when", "else", "let", "if"]),
                _ => self.put_any(&["\"app.kubernetes.io/name\"", "\"\\(x)\""]),
            }
            if self.pick(3) != 1 {
                break;
            }
            self.put(".");
        }
    }

    fn entry(&mut self, depth: usize) {
        match self.pick(12) {
            0..4 => {
                self.path();
                self.blank();
                self.put("=");
                self.space_or_lines();
                self.expr(depth);
            }
            4 => {
                self.path();
                self.blank();
                self.block(depth + 1);
            }
            5 => {
                self.put("unset ");
                self.path();
            }
            6 => {
                self.put("...");
                self.expr(depth);
            }
            7 => self.binding(depth),
            8 => {
                self.put("when ");
                self.names();
                self.space();
                self.block(depth + 1);
            }
            9 => self.branches(depth, |this| this.block(depth + 1)),
            10 => {
                self.for_head(depth);
                self.space();
                self.block(depth + 1);
            }
            _ => {
                self.put("override ");
                self.path();
                self.space();
                self.block(depth + 1);
            }
        }
    }

    fn binding(&mut self, depth: usize) {
        self.put("let ");
        self.name();
        if self.pick(2) == 1 {
            self.blank();
            self.put(":");
            self.blank();
            self.ty(depth);
        }
        self.space();
        self.put("=");
        self.space_or_lines();
        self.expr(depth);
    }

    fn branches(&mut self, depth: usize, body: impl Fn(&mut Self)) {
        loop {
            self.put("if (");
            self.chain(depth + 1);
            self.put(")");
            self.space();
            body(self);
            match self.pick(4) {
                0 | 1 => {
                    // A key `else` behind it needs the comma.
                    self.put(",");
                    self.lines();
                    self.put_any(&["last = 1", "last { x = 1 }", "else { x = 1 }"]);
                    return;
                }
                2 => {
                    self.space_or_lines();
                    self.put("else ");
                    body(self);
                    return;
                }
                _ => {
                    self.space_or_lines();
                    self.put("else ");
                }
            }
        }
    }

    // Types.

    fn ty(&mut self, depth: usize) {
        if self.pick(6) == 1 {
            self.bar(depth);
        }
        self.type_member(depth);
        while self.pick(4) == 1 {
            self.lines();
            self.bar(depth);
            self.type_member(depth);
        }
    }

    /// Outside of brackets, a name and `=` at the start of a line would be taken for the next declaration.
    fn bar(&mut self, depth: usize) {
        self.put("|");
        if depth > 1 {
            self.lines();
        }
    }

    fn type_member(&mut self, depth: usize) {
        let count = if depth >= DEPTH { 3 } else { 8 };
        match self.pick(count) {
            0 => self.put_any(&["string", "int", "flink.Size"]),
            1 => self.put_any(&["apps/v1.Deployment", "v1.Toleration", "networking.k8s.io/v1beta1.Ingress"]),
            2 => self.put_any(&["\"a\"", "-1", "true", "null", "\"a fairly long text that fills the line\""]),
            3 => self.type_in("[", depth, "]"),
            4 => self.type_in("(", depth, ")"),
            5 => {
                self.put("{");
                self.lines();
                self.put("string");
                self.blank();
                self.put(":");
                self.blank();
                self.ty(depth + 1);
                self.lines();
                self.put("}");
            }
            6 => {
                self.put_any(&["@positive int", "@min(1)  @max( 2 ) int"]);
            }
            _ => self.record(depth + 1),
        }
        if self.pick(4) == 1 {
            self.blank();
            self.put("?");
        }
    }

    fn type_in(&mut self, open: &str, depth: usize, close: &str) {
        self.put(open);
        self.lines();
        self.ty(depth + 1);
        self.lines();
        self.put(close);
    }

    fn record(&mut self, depth: usize) {
        self.several("{", "}", depth, |this| {
            this.attributes(depth);
            this.put_any(&["a", "b2", "\"$ref\""]);
            this.blank();
            this.put(":");
            this.blank();
            this.ty(depth);
        });
        if self.text.ends_with('}') && self.pick(3) == 1 {
            let end = self.text.len() - 1;
            // Only where what stands before it is separated from it.
            if self.text[..end].trim_end_matches([' ', '\t']).ends_with(['\n', ',', '{']) {
                self.text.truncate(self.text.len() - 1);
                self.put("...");
                self.lines();
                self.put("}");
            }
        }
    }

    fn attributes(&mut self, depth: usize) {
        while self.pick(6) == 1 {
            self.put("@");
            self.name();
            if self.pick(2) == 1 {
                self.several("(", ")", depth + 1, |this| this.expr(depth + 1));
            }
            self.space_or_lines();
        }
    }

    // Declarations.

    fn program(mut self) -> String {
        self.lines();
        while !self.choices.is_empty() {
            self.item(0);
            self.item_separator();
        }
        self.text
    }

    fn item_separator(&mut self) {
        // No comma: behind a list of names it would go on with it.
        self.put_any(&["\n", "\n\n", "   \n"]);
        self.lines();
    }

    fn items(&mut self, depth: usize) {
        self.put("{");
        self.lines();
        let count = if depth >= DEPTH { 0 } else { self.pick(4) };
        for _ in 0..count {
            self.item(depth);
            self.item_separator();
        }
        self.put("}");
    }

    fn typed(&mut self, depth: usize) {
        self.name();
        self.blank();
        self.put(":");
        self.blank();
        self.ty(depth);
        if self.pick(2) == 1 {
            self.space();
            self.put("=");
            self.space_or_lines();
            self.expr(depth);
        }
    }

    fn parameters(&mut self, depth: usize) {
        self.several("(", ")", depth, |this| this.typed(depth + 1));
    }

    fn item(&mut self, depth: usize) {
        let depth = depth + 1;
        match self.pick(20) {
            0 => self.binding(depth),
            1 => self.put_any(&["import std.flink", "import   \"../lib\"  as  h", "import \"x\""]),
            2 => {
                self.put("param ");
                self.typed(depth);
            }
            3 => {
                self.put("environment ");
                self.name();
                self.space();
                self.block(depth);
            }
            4 => {
                self.put("group g =");
                self.space_or_lines();
                self.names();
            }
            5 | 6 => self.function(depth),
            7 => {
                self.put("type T =");
                self.space_or_lines();
                self.ty(depth);
            }
            8 => {
                self.put("schema S ");
                self.several("{", "}", depth, |this| {
                    if this.pick(3) == 1 {
                        this.requirement(depth);
                    } else {
                        this.attributes(depth);
                        this.typed(depth);
                    }
                });
            }
            9 => {
                self.attributes(depth);
                self.put_any(&["kind example.com/v1 Widget ", "type  example.com/v1.Size  "]);
                self.record(depth);
            }
            10 => {
                self.put("component c");
                self.parameters(depth);
                self.space();
                self.items(depth);
            }
            11 => {
                self.attributes(depth);
                self.put_any(&["resource  apps/v1 Deployment ", "open  resource x.y/v1alpha1 Kind "]);
                self.put_any(&["web", "\"\\(x)\""]);
                self.space();
                self.block(depth);
            }
            12 => {
                self.attributes(depth);
                self.put_any(&["flink.application clicks ", "worker  \"\\(x)\" as  a ", "w job as f(1) "]);
                self.block(depth);
            }
            13 => {
                self.put_any(&["external  Secret a", "external apps/v1 Deployment \"x\""]);
                while self.pick(3) == 1 {
                    self.put(" ,");
                    self.lines();
                    self.put_any(&["b", "\"c.d\""]);
                }
            }
            14 => {
                self.put("when ");
                self.names();
                self.space();
                self.items(depth);
            }
            15 => {
                self.put("if (x) ");
                self.items(depth);
                if self.pick(2) == 1 {
                    self.space_or_lines();
                    self.put("else ");
                    self.items(depth);
                }
            }
            16 => {
                self.for_head(depth);
                self.space();
                self.items(depth);
            }
            17 => {
                self.put_any(&["policy apps/v1 Deployment it ", "policy  v1  Pod  pod"]);
                self.requirements(depth);
            }
            18 => {
                self.put_any(&["change apps/v1 Deployment (before, after) ", "change v1 Pod( a ,b )"]);
                self.effects(depth);
            }
            _ => {
                self.put("...cluster");
                self.arguments(depth);
            }
        }
    }

    fn effects(&mut self, depth: usize) {
        self.several("{", "}", depth, |this| this.effect(depth));
    }

    fn effect(&mut self, depth: usize) {
        match self.pick(6) {
            0 => self.binding(depth),
            1 => {
                self.for_head(depth);
                self.space();
                self.effects(depth + 1);
            }
            2 => {
                self.put("if (a) ");
                self.effects(depth + 1);
                if self.pick(2) == 1 {
                    self.space_or_lines();
                    self.put_any(&["else ", "else if b "]);
                    self.effects(depth + 1);
                }
            }
            _ => {
                self.path();
                self.space();
                for _ in 0..=self.pick(2) {
                    self.put(":");
                    self.lines();
                    self.chain(depth);
                    self.space();
                }
            }
        }
    }

    fn function(&mut self, depth: usize) {
        self.put("fn f");
        self.parameters(depth);
        self.space();
        self.put("->");
        self.blank();
        self.ty(depth);
        self.space();
        if self.pick(2) == 0 {
            self.put("=");
            self.space_or_lines();
            self.expr(depth);
            return;
        }
        self.put("{");
        self.lines();
        while self.pick(3) == 1 {
            self.binding(depth);
            self.separator();
        }
        self.expr(depth);
        self.lines();
        self.put("}");
    }

    fn requirement(&mut self, depth: usize) {
        match self.pick(5) {
            0 | 1 => self.check(depth),
            2 => self.binding(depth),
            3 => {
                self.for_head(depth);
                self.space();
                self.requirements(depth + 1);
            }
            _ => {
                self.put("if (a) ");
                self.requirements(depth + 1);
                if self.pick(2) == 1 {
                    self.space_or_lines();
                    self.put_any(&["else ", "else if b "]);
                    self.requirements(depth + 1);
                }
            }
        }
    }

    fn requirements(&mut self, depth: usize) {
        self.several("{", "}", depth, |this| this.requirement(depth));
    }

    fn check(&mut self, depth: usize) {
        self.put_any(&["check ", "warn "]);
        self.chain(depth);
        self.space();
        self.put(":");
        self.lines();
        self.expr(depth);
    }
}
