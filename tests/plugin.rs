//! `flinkc plugin argocd` as argocd-cmp-server calls it: by environment variables, in a directory that strangers wrote.

use flinkc::driver;
use serde_json::{Value as Json, json};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const FINE: i32 = 0;
const WRONG: i32 = 1;
const IMPOSSIBLE: i32 = 2;

/// A program with params of several types.
const PROGRAM: &str = r#"/// The tag of
/// the image.
param tag: string = "1.0"
param replicas: int
param hosts: [string] = ["a", "b"]
param limits: {string: int} = { x = 1 }
param size: memory = 2Gi
param on: bool = true
environment dev  { kubernetes = "1.34" }
environment prod { namespace = "live", kubernetes = "1.35" }
resource v1 ConfigMap settings {
  data { tag = tag, text = "\(replicas) \(json(hosts)) \(json(limits)) \(size.mebibytes) \(on)" }
}
"#;

/// A repository as Argo CD unpacks it.
struct Repository(TempDir);

impl Repository {
    fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Repository {
        let repository = Repository(tempfile::tempdir().expect("a temporary directory can be made"));
        for (path, text) in files {
            let place = repository.path(path);
            fs::create_dir_all(place.parent().expect("it lies in a directory")).expect("it can be made");
            fs::write(place, text).expect("it can be written");
        }
        repository
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }
}

/// A call of the plugin in a directory, with an environment that has nothing else.
fn plugin(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flinkc"));
    command.args(["plugin", "argocd"]).args(arguments).current_dir(directory).env_clear();
    command.envs(environment.iter().copied()).stdin(Stdio::null());
    command
}

fn run(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    plugin(directory, arguments, environment).output().expect("the program can be run")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it is text")
}

/// Runs, expects that it went well, and gives the result.
fn result(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = run(directory, arguments, environment);
    assert_eq!(output.status.code(), Some(FINE), "{output:?}");
    text(&output.stdout)
}

/// Runs, expects an exit code and no result at all, and gives what it said, which has no colours or boxes.
fn refusal(directory: &Path, arguments: &[&str], environment: &[(&str, &str)], code: i32) -> String {
    let output = run(directory, arguments, environment);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert_eq!(text(&output.stdout), "");
    let said = text(&output.stderr);
    assert!(said.starts_with("error"), "the first line says what is wrong: {said}");
    assert!(!said.contains(['\u{1b}', '│', '╭', '─', '·']), "{said}");
    said
}

fn first_line(said: &str) -> &str {
    said.lines().next().unwrap_or_default()
}

fn parameters(parameters: &Json) -> String {
    parameters.to_string()
}

fn rendered(directory: &Path, environment: &str, settings: &[(String, String)]) -> String {
    let project = driver::open(directory).expect("it is there");
    let outcome = driver::render(&project, settings, environment, None);
    text(&outcome.value.expect("it is sound"))
}

#[test]
fn every_example_is_generated_as_it_is_rendered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for example in ["clicks", "hello", "native", "operator", "platform", "session"] {
        let path = format!("examples/{example}");
        let directory = root.join(&path);
        let environments = result(&directory, &["discover"], &[]);
        assert!(!environments.is_empty(), "{example} has environments");
        for environment in environments.lines() {
            let variables = [("ARGOCD_ENV_ENV", environment), ("ARGOCD_APP_SOURCE_PATH", &path)];
            let generated = result(&directory, &["generate"], &variables);
            let wanted = format!("{}\n", rendered(&directory, environment, &[]));
            assert!(generated == wanted, "{example} {environment} differs");
        }
    }
}

#[test]
fn the_environment_is_a_parameter_or_a_variable_of_the_application() {
    let repository = Repository::new([(
        "main.flink",
        "environment dev {}\nenvironment prod {}\nresource v1 ConfigMap a { data { x = \"1\" } }\n\
         when prod { resource v1 ConfigMap b { data { x = \"1\" } } }\n",
    )]);
    let root = repository.path("");
    let of = |parameters: &str, variable: &str| {
        let made = result(&root, &["generate"], &[("ARGOCD_APP_PARAMETERS", parameters), ("ARGOCD_ENV_ENV", variable)]);
        made.matches("kind: ").count()
    };
    assert_eq!(of("null", "dev"), 1);
    assert_eq!(of("null", "prod"), 2);
    assert_eq!(of(r#"[{"name":"env","string":"prod"}]"#, "dev"), 2, "the parameter wins");
    assert_eq!(of(r#"[{"name":"env","string":""}]"#, "prod"), 2, "an empty field says nothing");
    let said = refusal(&root, &["generate"], &[], IMPOSSIBLE);
    assert_eq!(
        said,
        "error: the Application names no environment: set its parameter `env`, or `ENV` in its plugin's env; there are \
         `dev` and `prod`\n"
    );
    let said = refusal(&root, &["generate"], &[("ARGOCD_ENV_ENV", "prdo")], WRONG);
    assert_eq!(
        said,
        "error[unknown-environment]: there is no environment `prdo`\n  help: did you mean `prod`?\n\n1 error\n"
    );
    let many = [("ARGOCD_APP_PARAMETERS", r#"[{"name":"env","array":["dev"]}]"#)];
    assert_eq!(refusal(&root, &["generate"], &many, IMPOSSIBLE), "error: parameter `env` must be one string\n");

    let only = |name| [("ARGOCD_ENV_ENV", "prod"), ("ARGOCD_ENV_ONLY", name)];
    assert_eq!(result(&root, &["generate"], &only("main")).matches("kind: ").count(), 2);
    let said = refusal(&root, &["generate"], &only("mian"), WRONG);
    assert_eq!(first_line(&said), "error[unknown-name]: there is no declaration `mian`");
}

#[test]
fn params_arrive_as_parameters_and_are_checked() {
    let repository = Repository::new([("app/main.flink", PROGRAM)]);
    let root = repository.path("app");
    let given = parameters(&json!([
        { "name": "env", "string": "prod" },
        { "name": "tag", "string": "2.10" },
        { "name": "replicas", "string": "3" },
        { "name": "hosts", "array": ["1", "yes"] },
        { "name": "limits", "map": { "y": "2" } },
        { "name": "size", "string": "4Gi" },
        { "name": "on", "string": "false" },
    ]));
    let made = result(&root, &["generate"], &[("ARGOCD_APP_PARAMETERS", &given)]);
    assert!(made.contains("tag: \"2.10\"\n"), "{made}");
    assert!(made.contains(r#"3 ["1","yes"] {"y":2} 4096 false"#), "{made}");

    let refused = |more: Json, code| {
        let mut all = vec![json!({ "name": "env", "string": "dev" }), json!({ "name": "replicas", "string": "1" })];
        all.retain(|known| known["name"] != more["name"]);
        all.push(more);
        refusal(&root, &["generate"], &[("ARGOCD_APP_PARAMETERS", &parameters(&Json::Array(all)))], code)
    };
    let said = refused(json!({ "name": "replicas", "string": "many" }), WRONG);
    assert!(
        first_line(&said)
            .starts_with("error[bad-param]: main.flink:4:7: parameter `replicas`: expected a whole number"),
        "{said}"
    );
    let said = refused(json!({ "name": "replicas", "array": ["1"] }), WRONG);
    assert!(first_line(&said).contains("parameter `replicas`: expected a whole number"), "{said}");
    let said = refused(json!({ "name": "limits", "map": { "y": "no" } }), WRONG);
    assert!(first_line(&said).contains("parameter `limits`: expected a whole number"), "{said}");
    let said = refused(json!({ "name": "tga", "string": "1" }), WRONG);
    assert!(said.starts_with("error[bad-param]: there is no param `tga`\n  help: did you mean `tag`?"), "{said}");
    let said = refusal(&root, &["generate"], &[("ARGOCD_ENV_ENV", "dev")], WRONG);
    assert!(said.contains("param `replicas` has no value"), "{said}");
    assert!(said.contains("set the parameter `replicas` of the Application"), "{said}");
    assert!(!said.contains("--set"), "{said}");
}

#[test]
fn params_are_announced() {
    let repository = Repository::new([("main.flink", PROGRAM)]);
    let made = result(&repository.path(""), &["parameters"], &[("ARGOCD_ENV_ENV", "prod")]);
    let announced: Json = serde_json::from_str(&made).expect("it is JSON");
    let of = |name: &str, tooltip: &str, item: &str, collection: &str| {
        json!({
            "name": name, "title": name, "tooltip": tooltip, "required": false,
            "itemType": item, "collectionType": collection,
        })
    };
    let with = |mut announcement: Json, key: &str, value: Json| {
        announcement[key] = value;
        announcement
    };
    let environment = json!({
        "name": "env", "title": "Environment", "tooltip": "one of dev, prod", "required": true,
        "itemType": "string", "collectionType": "string", "string": "prod",
    });
    let expected = json!([
        environment,
        with(of("only", "only what this declaration makes", "string", "string"), "title", json!("Declaration")),
        with(of("tag", "The tag of the image. (string)", "string", "string"), "string", json!("1.0")),
        with(of("replicas", "int", "number", "string"), "required", json!(true)),
        with(of("hosts", "[string]", "string", "array"), "array", json!(["a", "b"])),
        with(of("limits", "{string: int}", "number", "map"), "map", json!({ "x": "1" })),
        with(of("size", "memory", "string", "string"), "string", json!("2Gi")),
        with(of("on", "bool", "boolean", "string"), "string", json!("true")),
    ]);
    assert_eq!(announced, expected, "{made}");

    let broken = Repository::new([("main.flink", "environment dev {}\nparam x: int = \"a\"\n")]);
    let said = refusal(&broken.path(""), &["parameters"], &[], WRONG);
    assert!(said.starts_with("error[type-mismatch]: main.flink:2:16: "), "{said}");
}

#[test]
fn programs_are_discovered_by_their_environments() {
    let repository = Repository::new([
        ("app/main.flink", "environment dev {}\n"),
        ("library/lib.flink", "let x = 1\n"),
        ("broken/main.flink", "environment dev {}\nlet = \n"),
        ("chart/Chart.yaml", "name: x\n"),
    ]);
    assert_eq!(result(&repository.path("app"), &["discover"], &[]), "dev\n");
    assert_eq!(result(&repository.path("broken"), &["discover"], &[]), "dev\n", "what is broken is still ours");
    for other in ["library", "chart"] {
        assert_eq!(result(&repository.path(other), &["discover"], &[]), "", "{other}");
    }
}

#[test]
fn nothing_is_never_a_result() {
    let repository = Repository::new([
        ("empty/main.flink", "environment dev {}\nexternal Secret x\n"),
        ("nothing/README.md", ""),
        ("wrong/main.flink", "environment dev {}\nresource v1 ConfigMap a { data { x = 1 } }\n"),
    ]);
    let dev = [("ARGOCD_ENV_ENV", "dev")];
    let said = refusal(&repository.path("empty"), &["generate"], &dev, IMPOSSIBLE);
    assert!(said.starts_with("error: there are no objects in environment `dev`, and Argo CD would delete"), "{said}");
    assert_eq!(result(&repository.path("empty"), &["generate", "--allow-empty"], &dev), "");
    for flags in [&["generate"][..], &["generate", "--allow-empty"]] {
        let said = refusal(&repository.path("nothing"), flags, &dev, WRONG);
        assert_eq!(first_line(&said), "error[unreadable]: there are no `.flink` files here");
        let said = refusal(&repository.path("wrong"), flags, &dev, WRONG);
        assert!(first_line(&said).starts_with("error[type-mismatch]: main.flink:2:38: expected `string`"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_repository_is_read() {
    use std::os::unix::fs::symlink;
    let outside = Repository::new([("secret.txt", "hunter2"), ("lib/lib.flink", "let stolen = \"hunter2\"\n")]);
    let program =
        |expression: &str| format!("environment dev {{}}\nresource v1 ConfigMap a {{ data {{ x = {expression} }} }}\n");
    let absolute = format!("file({:?})", outside.path("secret.txt"));
    let climbing = format!("file(\"../../..{}\")", outside.path("secret.txt").display());
    let cases = [
        absolute.as_str(),
        climbing.as_str(),
        "file(\"link\")",
        "file(\"dir/secret.txt\")",
        "file(\"zero\")",
        "file(\"fifo\")",
        "file(\"../../other/secret.txt\")",
        "file(\"/proc/self/environ\")",
        "file(\"environ\")",
    ];
    let repository = Repository::new([("repo/app/main.flink", ""), ("other/secret.txt", "hunter2")]);
    let app = repository.path("repo/app");
    symlink(outside.path("secret.txt"), app.join("link")).expect("a link can be made");
    symlink(outside.path(""), app.join("dir")).expect("a link can be made");
    symlink("/dev/zero", app.join("zero")).expect("a link can be made");
    symlink("/proc/self/environ", app.join("environ")).expect("a link can be made");
    assert!(Command::new("mkfifo").arg(app.join("fifo")).status().expect("mkfifo is there").success());
    // Whoever may make a `.git` above must not widen what is read.
    fs::create_dir(repository.path(".git")).expect("it can be made");
    let variables = [("ARGOCD_ENV_ENV", "dev"), ("ARGOCD_APP_SOURCE_PATH", "app"), ("HOME", "/root")];
    for case in cases {
        fs::write(app.join("main.flink"), program(case)).expect("it can be written");
        let said = refusal(&app, &["generate", "--timeout=20"], &variables, WRONG);
        assert!(!said.contains("hunter2"), "{case}: {said}");
        assert!(first_line(&said).contains("main.flink:2:"), "{case}: {said}");
    }
    for import in ["../../other", "dir/lib", "../../../etc"] {
        let text = format!("import \"{import}\"\n{}", program("lib.stolen"));
        fs::write(app.join("main.flink"), text).expect("it can be written");
        let said = refusal(&app, &["generate", "--timeout=20"], &variables, WRONG);
        assert!(!said.contains("hunter2"), "{import}: {said}");
    }

    // The root is what Argo CD unpacked, with or without Git's own directory.
    let repository = Repository::new([
        (
            "apps/one/main.flink",
            "import \"../../lib\"\nenvironment dev {}\nresource v1 ConfigMap a { data { x = lib.x } }\n",
        ),
        ("lib/lib.flink", "let x = \"shared\"\n"),
    ]);
    let app = repository.path("apps/one");
    let made = result(&app, &["generate"], &[("ARGOCD_ENV_ENV", "dev"), ("ARGOCD_APP_SOURCE_PATH", "./apps/one/")]);
    assert!(made.contains("x: shared"), "{made}");
    for path in ["", "one", "elsewhere/one", "../../../../../.."] {
        let variables = [("ARGOCD_ENV_ENV", "dev"), ("ARGOCD_APP_SOURCE_PATH", path)];
        assert!(refusal(&app, &["generate"], &variables, WRONG).contains("../../lib"), "{path}");
    }
}

#[test]
fn values_of_secrets_stay_out_of_the_log() {
    let cases = [
        "resource v1 Secret s { stringData { p = 4711471147 } }",
        "resource v1 Secret s { data { p = \"hunter2!\" } }",
        "resource v1 Secret s { type = 5, stringData { p = \"hunter2\" } }",
        "resource v1 Secret s { stringData { p = \"hunter2\", q = nope } }",
        "resource v1 Secret s { stringdata { p = \"hunter2\" } }",
        "resource v1 Secret s { immutable = \"hunter2\" }",
        "resource v1 Secret s { stringData { p = \"hunter2\" + 1 } }",
        "resource v1 Secret s { stringData { p = 'hunter2' } }",
        "resource v1 Secret s { stringData { p: \"hunter2\" } }",
        "resource v1 Secret s { stringData { p = match \"hunter2\" { \"a\" => \"b\" } } }",
        "let p: int = \"hunter2\"",
        "let t: string = data(\"token.yaml\")\nresource v1 Secret s { stringData { p = \"\\(int(t))\" } }",
        "resource v1 ConfigMap s { metadata.name = trim(file(\"token.yaml\")) ++ \"!\" }",
        "resource v1 Secret s { stringData { p = \"hunter2 } }",
        "let t: int = data(\"token.yaml\")\nresource v1 Secret s { stringData { p = \"\\(t)\" } }",
        "let t: \"a\" | \"b\" = data(\"token.yaml\")\nresource v1 Secret s { stringData { p = t } }",
        "schema T { token: int }\nlet t: T = data(\"map.yaml\")\nresource v1 Secret s { stringData { p = \"\\(t.token)\" } }",
    ];
    for case in cases {
        let program = format!("environment dev {{}}\n{case}\n");
        let repository =
            Repository::new([("main.flink", &*program), ("token.yaml", "hunter2\n"), ("map.yaml", "token: hunter2\n")]);
        let output = run(&repository.path(""), &["generate"], &[("ARGOCD_ENV_ENV", "dev")]);
        let said = text(&output.stderr);
        assert!(!said.contains("hunter2") && !said.contains("4711471147"), "{case}: {said}");
    }
}

/// A program that takes longer than anybody waits.
const SLOW: &str = "environment dev {}\nlet n = range(100000)\n\
                    resource v1 ConfigMap a { data { x = \"\\(len([for a in n: len([for b in n if a == b: b])]))\" } }\n";

#[test]
fn what_a_run_takes_is_limited_by_flags() {
    let slow = Repository::new([("main.flink", SLOW)]);
    let dev = [("ARGOCD_ENV_ENV", "dev")];
    let start = Instant::now();
    let said = refusal(&slow.path(""), &["generate", "--timeout=1", "--max-memory=64Gi"], &dev, IMPOSSIBLE);
    assert_eq!(said, "error: this takes longer than 1 s (`--timeout`)\n");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let said = refusal(&slow.path(""), &["generate", "--max-steps=1000"], &dev, WRONG);
    assert!(said.contains("evaluation takes more than 1000 steps"), "{said}");

    let list = format!("[{}1]", "1, ".repeat(2_000_000));
    let program = "environment dev {}\nlet n: [int] = data(\"n.json\")\nresource v1 ConfigMap a { data { x = \"\\(len(n))\" } }\n";
    let large = Repository::new([("main.flink", program), ("n.json", &*list)]);
    let said = refusal(&large.path(""), &["generate", "--max-memory=64Mi"], &dev, IMPOSSIBLE);
    assert_eq!(said, "error: this takes more than 64Mi of memory (`--max-memory`)\n");

    let small =
        Repository::new([("main.flink", "environment dev {}\nresource v1 ConfigMap a { data { x = \"1\" } }\n")]);
    let said = refusal(&small.path(""), &["generate", "--max-output=64"], &dev, IMPOSSIBLE);
    assert!(
        said.starts_with("error: the result has ") && said.ends_with("more than 64 bytes (`--max-output`)\n"),
        "{said}"
    );
    // Variables that an Application could set have no say.
    let variables = [("ARGOCD_ENV_ENV", "dev"), ("ARGOCD_ENV_ALLOW_EMPTY", "true"), ("ARGOCD_ENV_TIMEOUT", "9")];
    assert!(!result(&small.path(""), &["generate"], &variables).is_empty());
}

#[test]
fn the_log_is_short_whatever_is_wrong() {
    let wrong: String = (0..2000).map(|number| format!("let a{number}: int = \"{}\"\n", "x".repeat(500))).collect();
    let repository = Repository::new([("main.flink", &*format!("environment dev {{}}\n{wrong}"))]);
    let said = refusal(&repository.path(""), &["generate"], &[("ARGOCD_ENV_ENV", "dev")], WRONG);
    assert!(said.len() < 40_000, "{} bytes", said.len());
    assert!(said.contains("2000 errors"), "{said}");
}

#[test]
fn errors_come_before_warnings() {
    let repository = Repository::new([(
        "main.flink",
        "environment dev { kubernetes = \"1.34\" }\nresource v1 Endpoints e {}\nresource v1 ConfigMap a { data { x = 1 } }\n",
    )]);
    let variables = [("ARGOCD_ENV_ENV", "dev"), ("KUBE_VERSION", "1.35.0")];
    let said = refusal(&repository.path(""), &["generate"], &variables, WRONG);
    assert!(first_line(&said).starts_with("error[type-mismatch]: main.flink:3:38: "), "{said}");
}

#[cfg(unix)]
#[test]
fn sigterm_ends_a_run_at_once() {
    let slow = Repository::new([("main.flink", SLOW)]);
    let mut command = plugin(&slow.path(""), &["generate", "--max-memory=64Gi"], &[("ARGOCD_ENV_ENV", "dev")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be run");
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().expect("it can be asked").is_none(), "it is at work");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill is there").success());
    let start = Instant::now();
    let status = child.wait().expect("it ends");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(!status.success());
    let mut made = String::new();
    child.stdout.take().expect("it is piped").read_to_string(&mut made).expect("it is text");
    assert_eq!(made, "");
}

#[cfg(unix)]
#[test]
fn many_runs_share_a_tree_that_nobody_can_write_to() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::new([("app/main.flink", PROGRAM)]);
    let app = repository.path("app");
    let mode = |mode: u32| {
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
        set(&app.join("main.flink"), mode & 0o666);
        set(&app, mode);
    };
    mode(0o555);
    let given = r#"[{"name":"env","string":"dev"},{"name":"replicas","string":"1"}]"#;
    let variables = [("ARGOCD_APP_PARAMETERS", given), ("HOME", "/nonexistent"), ("TMPDIR", "/nonexistent")];
    let start = || {
        let mut command = plugin(&app, &["generate"], &variables);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be run")
    };
    let children: Vec<_> = (0..20).map(|_| start()).collect();
    let outputs: Vec<Output> = children.into_iter().map(|child| child.wait_with_output().expect("it ends")).collect();
    mode(0o755);
    let settings = [("replicas".to_owned(), "1".to_owned())];
    let expected = format!("{}\n", rendered(&app, "dev", &settings));
    for output in outputs {
        assert_eq!(output.status.code(), Some(FINE), "{output:?}");
        assert_eq!(text(&output.stdout), expected);
        assert_eq!(text(&output.stderr), "");
    }
    let left: Vec<_> = fs::read_dir(&app).expect("it is there").collect();
    assert_eq!(left.len(), 1, "nothing was left behind: {left:?}");
}

#[test]
fn the_cluster_is_what_the_environment_declares() {
    let program = "environment dev { kubernetes = \"1.34\" }\nenvironment free {}\n\
                   resource v1 ConfigMap a { data { x = \"1\" } }\n\
                   resource policy/v1 PodDisruptionBudget b { spec { minAvailable = 1 } }\n\
                   open resource example.com/v1 Widget w {}\n";
    let repository = Repository::new([("main.flink", program)]);
    let root = repository.path("");
    let with = |environment, version, served| {
        let variables = [("ARGOCD_ENV_ENV", environment), ("KUBE_VERSION", version), ("KUBE_API_VERSIONS", served)];
        let output = run(&root, &["generate"], &variables);
        (output.status.code(), text(&output.stdout).is_empty(), text(&output.stderr))
    };
    let all = "v1,v1/ConfigMap,policy/v1,policy/v1/PodDisruptionBudget,example.com/v1,example.com/v1/Widget";
    for (environment, version) in [("dev", "1.34.2"), ("dev", "v1.34.9+k3s1"), ("dev", ""), ("free", "1.20.1")] {
        let (code, _, said) = with(environment, version, all);
        assert_eq!((code, &*said), (Some(FINE), ""), "{environment} {version}");
    }
    let (code, empty, said) = with("dev", "1.33.4", all);
    assert_eq!((code, empty), (Some(WRONG), true), "{said}");
    let message = "environment `dev` declares Kubernetes 1.34, but its cluster runs 1.33.4";
    assert!(first_line(&said).starts_with("error[invalid-value]: main.flink:1:") && said.contains(message), "{said}");
    assert!(said.contains("let it declare 1.33\n"), "{said}");
    let (code, empty, said) = with("dev", "1.36.0", all);
    assert_eq!((code, empty), (Some(FINE), false), "{said}");
    assert!(said.starts_with("warning[invalid-value]"), "{said}");

    let (code, _, said) = with("dev", "1.34.0", "v1,v1/ConfigMap,example.com/v1,example.com/v1/Widget");
    assert_eq!(code, Some(WRONG), "{said}");
    let message = "the cluster of `dev` (Kubernetes 1.34.0) does not serve policy/v1 PodDisruptionBudget";
    assert!(first_line(&said).starts_with("error[unknown-kind]: main.flink:4:") && said.contains(message), "{said}");
    let (code, _, said) = with("dev", "1.34.0", "v1,v1/ConfigMap,policy/v1,policy/v1/PodDisruptionBudget");
    assert_eq!(code, Some(FINE), "definitions may be on their way: {said}");
    assert!(said.contains("warning[unknown-kind]") && said.contains("example.com/v1 Widget"), "{said}");
    let (code, _, said) = with("dev", "1.34.0", "v1,policy/v1,example.com/v1");
    assert_eq!((code, &*said), (Some(FINE), ""), "a list without kinds is judged by versions");
}

#[test]
fn the_installed_commands_are_those_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/argocd");
    let plugin: Json =
        serde_yaml::from_str(&fs::read_to_string(root.join("plugin.yaml")).expect("it is there")).expect("it is YAML");
    let repository = Repository::new([("main.flink", PROGRAM)]);
    let spec = &plugin["spec"];
    let given = r#"[{"name":"env","string":"dev"},{"name":"replicas","string":"1"}]"#;
    for command in [&spec["generate"], &spec["parameters"]["dynamic"]] {
        let list = |key: &str| command[key].as_array().expect("a list").clone();
        let words: Vec<Json> = list("command").into_iter().chain(list("args")).collect();
        let words: Vec<&str> = words.iter().map(|word| word.as_str().expect("a text")).collect();
        assert_eq!(words[..3], ["/usr/local/bin/flinkc", "plugin", "argocd"]);
        assert!(!result(&repository.path(""), &words[3..], &[("ARGOCD_APP_PARAMETERS", given)]).is_empty());
        for limit in ["--timeout=", "--max-memory=", "--max-steps=", "--max-output="] {
            assert!(words.iter().any(|word| word.starts_with(limit)), "{words:?} has {limit}");
        }
    }
    let dockerfile = fs::read_to_string(root.join("Dockerfile")).expect("it is there");
    for line in [
        "COPY --from=build /src/target/release/flinkc /usr/local/bin/flinkc",
        "COPY plugins/argocd/plugin.yaml /home/argocd/cmp-server/config/plugin.yaml",
        "USER 999",
        "ENTRYPOINT [\"/var/run/argocd/argocd-cmp-server\"]",
    ] {
        assert!(dockerfile.lines().any(|known| known == line), "{line}");
    }
    let kept = fs::read_to_string(root.join("Dockerfile.dockerignore")).expect("it is there");
    for path in kept.lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(root.join("../..").join(path).exists(), "{path}");
    }
}
