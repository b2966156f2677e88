//! What `plugins/github`, `plugins/gitlab` and `.pre-commit-hooks.yaml` do: their own scripts, run by bash in a Git
//! repository, with programs in place of `gh` and `curl` that write down what they are asked.
#![cfg(unix)]

use serde_json::Value as Json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const PROGRAM: &str = "environment dev {}\nresource v1 ConfigMap settings { data { a = \"1\" } }\n";

/// Writes down its arguments and the body, and answers as `$ANSWER` says; fails where `$REFUSE` is set.
const FAKE_GH: &str = r#"#!/usr/bin/env bash
printf '%s\n' "$*" >>"$LOG"
for argument; do
  case $argument in body=@*) cat "${argument#body=@}" >>"$LOG.body" ;; esac
done
if [ -n "${REFUSE:-}" ]; then echo 'HTTP 403' >&2; exit 1; fi
case $* in *--paginate*) printf '%s' "$ANSWER" | jq -r "${@: -1}" ;; esac
"#;

const FAKE_CURL: &str = r#"#!/usr/bin/env bash
cat >>"$LOG.input"
printf '%s\n' "$*" >>"$LOG"
case $* in
  */user*) echo '{"id": 7}' ;;
  *per_page*) printf '%s' "$ANSWER" ;;
esac
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A repository with a base and a change, and programs for `PATH` beside it.
struct Workspace {
    directory: TempDir,
    base: String,
}

impl Workspace {
    fn new() -> Workspace {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let made = Workspace { directory, base: String::new() };
        for name in ["repository/app", "bin"] {
            fs::create_dir_all(made.path(name)).expect("can be made");
        }
        for (name, text) in [("gh", FAKE_GH), ("curl", FAKE_CURL)] {
            let place = made.path("bin").join(name);
            fs::write(&place, text).expect("can be written");
            fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).expect("can be set");
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_flinkc"), made.path("bin/flinkc")).expect("can be made");
        made.write(PROGRAM);
        made.git(&["init", "--quiet"]);
        made.git(&["add", "."]);
        made.git(&["commit", "--quiet", "--message", "base"]);
        let base = made.git(&["rev-parse", "HEAD"]);
        Workspace { base, ..made }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn write(&self, program: &str) {
        fs::write(self.path("repository/app/main.flink"), program).expect("can be written");
    }

    fn git(&self, arguments: &[&str]) -> String {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let output = self.command("git").args(who).args(arguments).output().expect("git can be run");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap_or_default();
        command.current_dir(self.path("repository")).env("LOG", self.path("log"));
        command.env("PATH", format!("{}:{path}", self.path("bin").display()));
        command
    }

    /// Runs a step of the action as the runner does: its `run` by bash, with the inputs that are named.
    fn step(&self, name: &str, inputs: &[(&str, &str)]) -> Output {
        let action = action();
        let steps = action["runs"]["steps"].as_array().expect("there are steps");
        let step = steps.iter().find(|step| step["name"] == name).expect("there is the step");
        assert_eq!(step["shell"], "bash");
        let mut command = self.command("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c"]);
        command.arg(step["run"].as_str().expect("it is a script"));
        for (name, expression) in step["env"].as_object().expect("there is an environment") {
            let expression = expression.as_str().expect("it is a text");
            let key = expression.trim_start_matches("${{ ").trim_end_matches(" }}");
            let given = inputs.iter().find(|(input, _)| key == *input || key.strip_prefix("inputs.") == Some(input));
            let default = key.strip_prefix("inputs.").and_then(|input| action["inputs"][input]["default"].as_str());
            let value = given.map(|(_, value)| *value).or(default).unwrap_or_else(|| panic!("nothing is {key}"));
            command.env(name, value);
        }
        command.env("GITHUB_ACTION_PATH", root().join("plugins/github"));
        command.env("GITHUB_STEP_SUMMARY", self.path("summary")).env("GITHUB_REPOSITORY", "o/r");
        for name in ["ANSWER", "REFUSE"] {
            let given = inputs.iter().find(|(input, _)| *input == name).map_or("", |(_, value)| *value);
            command.env(name, given);
        }
        command.output().expect("bash can be run")
    }

    /// The step that shows what changes, for a pull request to the base.
    fn diff(&self, inputs: &[(&str, &str)]) -> Output {
        let event = [
            ("github.event.pull_request.base.sha", self.base.as_str()),
            ("github.event.pull_request.number", "5"),
            ("path", "app"),
            ("token", "t"),
        ];
        let all: Vec<(&str, &str)> = inputs.iter().chain(&event).copied().collect();
        self.step("Show what changes", &all)
    }

    /// A file beside the repository, taken away; empty where there is none.
    fn take(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        let _ = fs::remove_file(self.path(name));
        text
    }
}

fn action() -> Json {
    let text = fs::read_to_string(root().join("plugins/github/action.yml")).expect("it is there");
    serde_yaml::from_str(&text).expect("it is YAML")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const COMMENTS: &str = r#"[{"id": 1, "user": {"login": "mallory"}, "body": "<!-- flinkc app- --> mine"},
  {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "<!-- flinkc other- -->"},
  {"id": 3, "user": {"login": "github-actions[bot]"}, "body": "<!-- flinkc app- -->\nold"}]"#;

#[test]
fn no_expression_reaches_a_shell() {
    let action = action();
    for step in action["runs"]["steps"].as_array().expect("there are steps") {
        assert!(!step["run"].as_str().expect("a script").contains("${{"), "{step}");
    }
    for input in action["inputs"].as_object().expect("there are inputs").values() {
        assert!(input["description"].is_string() && input["default"].is_string(), "{input}");
    }
    let guide = fs::read_to_string(root().join("docs/ci.md")).expect("it is there");
    for name in action["inputs"].as_object().expect("there are inputs").keys() {
        assert!(guide.contains(&format!("`{name}`")), "docs/ci.md does not say what `{name}` is");
    }
}

#[test]
fn the_program_is_checked() {
    let workspace = Workspace::new();
    let output = workspace.step("Check", &[("path", "app")]);
    assert!(output.status.success(), "{output:?}");
    workspace.write(&PROGRAM.replace("ConfigMap", "ConfigMpa"));
    let output = workspace.step("Check", &[("path", "app")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("::error file=app/main.flink,line=2"), "{output:?}");
    let output = workspace.step("Check", &[("path", "$(touch pwned)`touch pwned`;touch pwned")]);
    assert!(!output.status.success() && !workspace.path("repository/pwned").exists(), "{output:?}");
}

#[test]
fn what_is_built_must_be_up_to_date() {
    let workspace = Workspace::new();
    let compare = || workspace.step("Compare what is built", &[("path", "app")]);
    let output = compare();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("::error::what is built is not up to date"), "{output:?}");
    assert!(workspace.command("flinkc").args(["build", "app"]).status().expect("it can be run").success());
    assert!(compare().status.success());
    let other = [("path", "app"), ("out", "else where"), ("rendered", "true")];
    assert_eq!(workspace.step("Compare what is built", &other).status.code(), Some(1));
    let build = ["build", "app", "--out", "else where", "--rendered"];
    assert!(workspace.command("flinkc").args(build).status().expect("it can be run").success());
    assert!(workspace.step("Compare what is built", &other).status.success());
}

#[test]
fn a_pull_request_has_one_comment_that_is_written_anew() {
    let workspace = Workspace::new();
    let output = workspace.diff(&[("ANSWER", "[]")]);
    assert!(output.status.success(), "{output:?}");
    assert!(!workspace.take("log").contains("POST"), "nothing changed, and nothing is to be said");

    workspace.write(&PROGRAM.replace("\"1\"", "\"2\""));
    workspace.take("summary");
    let output = workspace.diff(&[("ANSWER", "[]")]);
    assert!(output.status.success(), "{output:?}");
    let log = workspace.take("log");
    assert!(log.contains("--method POST repos/o/r/issues/5/comments"), "{log}");
    let body = workspace.take("log.body");
    assert!(body.starts_with("<!-- flinkc app- -->\n") && body.contains("settings"), "{body}");
    assert_eq!(workspace.take("summary"), body);

    let output = workspace.diff(&[("ANSWER", COMMENTS)]);
    assert!(output.status.success(), "{output:?}");
    let log = workspace.take("log");
    assert!(log.contains("--method PATCH repos/o/r/issues/comments/3") && !log.contains("POST"), "{log}");

    workspace.write(PROGRAM);
    assert!(workspace.diff(&[("ANSWER", COMMENTS)]).status.success());
    let log = workspace.take("log");
    assert!(log.contains("--method PATCH"), "that nothing changes any more is said where a change was told: {log}");
}

#[test]
fn a_fork_without_a_token_gets_a_summary() {
    let workspace = Workspace::new();
    workspace.write(&PROGRAM.replace("\"1\"", "\"2\""));
    for inputs in [[("REFUSE", "yes")], [("token", "")]] {
        let output = workspace.diff(&inputs);
        assert!(output.status.success(), "{output:?}");
        assert!(text(&output.stdout).contains("::notice::the changes stand in the summary"), "{output:?}");
        assert!(workspace.take("summary").contains("settings"));
    }
    assert!(workspace.diff(&[("environment", "dve")]).status.code() != Some(0), "what fails is no success");
    let marker = workspace.diff(&[("path", "--> <img>"), ("ANSWER", "[]")]);
    assert!(!marker.status.success() && workspace.take("log.body").is_empty(), "{marker:?}");
}

#[test]
fn flinkc_is_built_only_where_it_is_not_there() {
    let workspace = Workspace::new();
    assert!(workspace.step("Install flinkc", &[]).status.success());
    let output = workspace.step("Install flinkc", &[("flinkc", "flinkc-of-mine")]);
    assert_eq!((output.status.code(), text(&output.stdout).contains("::error::")), (Some(1), true), "{output:?}");
}

#[test]
fn a_merge_request_has_one_note() {
    let workspace = Workspace::new();
    workspace.write(&PROGRAM.replace("\"1\"", "\"2\""));
    let pipeline = fs::read_to_string(root().join("plugins/gitlab/flinkc.gitlab-ci.yml")).expect("it is there");
    let pipeline: Json = serde_yaml::from_str(&pipeline).expect("it is YAML");
    let script = pipeline["flinkc diff"]["script"][0].as_str().expect("it is a script").to_owned();
    let run = |token: &str, answer: &str| {
        let mut command = workspace.command("sh");
        command.args(["-c", &script]).env("FLINKC_PATH", "app").env("FLINKC_TOKEN", token).env("ANSWER", answer);
        command.env("CI_MERGE_REQUEST_DIFF_BASE_SHA", &workspace.base).env("CI_API_V4_URL", "https://x/api");
        command.env("CI_PROJECT_ID", "1").env("CI_MERGE_REQUEST_IID", "2");
        let output = command.output().expect("sh can be run");
        assert!(output.status.success(), "{output:?}");
        (workspace.take("log"), text(&output.stdout))
    };
    let (log, said) = run("", "[]");
    assert!(log.is_empty() && said.contains("settings"), "{said}");
    let (log, _) = run("hunter2", "[]");
    assert!(log.contains("--request POST https://x/api/projects/1/merge_requests/2/notes"), "{log}");
    assert!(!log.contains("hunter2") && workspace.take("log.input").contains("hunter2"), "not as an argument");
    let notes = r#"[{"id": 1, "author": {"id": 8}, "body": "<!-- flinkc app -->"},
      {"id": 4, "author": {"id": 7}, "body": "<!-- flinkc app -->\nold"}]"#;
    let (log, _) = run("hunter2", notes);
    assert!(log.contains("--request PUT https://x/api/projects/1/merge_requests/2/notes/4"), "{log}");
}

#[test]
fn the_hooks_run_as_pre_commit_would_run_them() {
    let hooks = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).expect("it is there");
    let hooks: Json = serde_yaml::from_str(&hooks).expect("it is YAML");
    let workspace = Workspace::new();
    let run = |id: &str| {
        let hook = hooks.as_array().expect("it is a list").iter().find(|hook| hook["id"] == id).expect("there is one");
        assert_eq!((&hook["language"], &hook["pass_filenames"]), (&"rust".into(), &false.into()));
        let mut words = hook["entry"].as_str().expect("it is a text").split(' ');
        let mut command = workspace.command(words.next().expect("there is a word"));
        command.args(words).arg("app").output().expect("it can be run").status.code()
    };
    assert_eq!(run("flinkc-check"), Some(0));
    assert_eq!(run("flinkc-build"), Some(1));
    workspace.write(&PROGRAM.replace(" { data", "   { data"));
    assert_eq!(run("flinkc-fmt"), Some(0));
    let left = workspace.command("flinkc").args(["fmt", "--check", "app"]).output().expect("it can be run");
    assert!(left.status.success(), "{left:?}");
}
