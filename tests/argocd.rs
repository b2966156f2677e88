//! argocd-cmp-server, built from Argo CD's own module, runs the plugin as it is installed, and is asked as Argo CD's
//! repository server asks: with a tarball of a repository, by gRPC, over a socket; and that server itself, with Git.
#![cfg(feature = "real")]

mod kustomize;

use flinkc::driver;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long the server may take to be there.
const LONGEST_START: Duration = Duration::from_secs(60);

/// What argocd-cmp-server answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    manifests: Option<Vec<String>>,
    parameters: Option<Vec<Json>>,
    supported: bool,
    discovers: bool,
    error: String,
    milliseconds: u64,
}

impl Answer {
    /// The objects, as Kubernetes reads them; an error fails the test.
    fn objects(&self) -> Vec<Json> {
        assert_eq!(self.error, "");
        self.manifests.iter().flatten().map(|text| serde_json::from_str(text).expect("manifests are JSON")).collect()
    }

    /// What Argo CD shows in place of manifests; it is one that flinkc gives, and no manifests come with it.
    fn complaint(&self) -> &str {
        assert!(self.manifests.iter().flatten().next().is_none(), "{self:?}");
        let (_, said) = self.error.split_once("failed exit status ").unwrap_or_else(|| panic!("{self:?}"));
        said.split_once(": ").map_or("", |(_, said)| said)
    }
}

/// A running server. It ends with the test that started it.
struct Server {
    // Sockets have short paths.
    directory: TempDir,
    process: Child,
}

/// The program that is server and client, built once.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("argocd-cmp");
        let mut go = Command::new("go");
        go.args(["build", "-o"]).arg(&program).arg("./cmp").current_dir(root.join("tests/tools/argocd"));
        let output = go.output().expect("these tests need Go, which builds Argo CD's own server");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        program
    })
}

/// The plugin as it is installed.
fn installed() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/argocd/plugin.yaml")).expect("it is there")
}

/// The plugin as it is installed, with the `discover` that it describes.
fn with_discovery() -> String {
    let text = installed();
    let (before, after) = text.split_once("  #\n  # discover:").expect("it describes it");
    let lines: String = after.lines().map(|line| format!("{}\n", line.replacen("  # ", "  ", 1))).collect();
    format!("{before}  discover:{lines}")
}

/// A running argocd-repo-server, which knows the plugin of a [`Server`]. It ends with the test that started it.
struct RepositoryServer {
    address: String,
    process: Child,
}

impl RepositoryServer {
    fn start(plugins: &Server) -> RepositoryServer {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port").to_string();
        let directory = plugins.directory.path();
        let process = Command::new(program())
            .args(["repository", &address])
            .env("ARGOCD_PLUGINSOCKFILEPATH", directory.join("plugins"))
            .env("ARGOCD_ASK_PASS_SOCK", directory.join("ask.sock"))
            .env("ARGOCD_GPG_ENABLED", "false")
            .env("TMPDIR", directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be run");
        let server = RepositoryServer { address, process };
        let start = Instant::now();
        while std::net::TcpStream::connect(&server.address).is_err() {
            assert!(start.elapsed() < LONGEST_START, "the repository server does not come");
            sleep(Duration::from_millis(20));
        }
        server
    }

    fn ask(&self, question: &Json) -> Answer {
        ask(&self.address, std::slice::from_ref(question)).pop().expect("there is one answer")
    }
}

impl Drop for RepositoryServer {
    fn drop(&mut self) {
        // One that ended before has nobody left to be told.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks all questions at once, at a socket or an address.
fn ask(place: &str, questions: &[Json]) -> Vec<Answer> {
    let mut command = Command::new(program());
    // Argo CD's chunks of 1 KiB are for networks.
    command.args(["ask", place]).env("ARGOCD_CMP_CHUNK_SIZE", "65536");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it can be run");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(json!(questions).to_string().as_bytes()).expect("it reads the questions");
    drop(input);
    let Output { status, stdout, .. } = child.wait_with_output().expect("it ends");
    assert!(status.success(), "it answers");
    let answers: Vec<Answer> = serde_json::from_slice(&stdout).expect("the answers are JSON");
    assert_eq!(answers.len(), questions.len());
    answers
}

impl Server {
    /// Runs the server with a plugin whose program is the one under test.
    fn start(plugin: &str) -> Server {
        let directory = tempfile::Builder::new().prefix("cmp").tempdir_in("/tmp").expect("it can be made");
        let config = directory.path().join("config");
        for path in [&config, &directory.path().join("plugins"), &directory.path().join("work")] {
            fs::create_dir(path).expect("it can be made");
        }
        let plugin = plugin.replace("/usr/local/bin/flinkc", env!("CARGO_BIN_EXE_flinkc"));
        fs::write(config.join("plugin.yaml"), plugin).expect("it can be written");
        let process = Command::new(program())
            .args(["serve", "--config-dir-path"])
            .arg(&config)
            .args(["--loglevel", "error"])
            .env("ARGOCD_PLUGINSOCKFILEPATH", directory.path().join("plugins"))
            .env("ARGOCD_CMP_WORKDIR", directory.path().join("work"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be run");
        let server = Server { directory, process };
        let start = Instant::now();
        while !server.socket().exists() {
            assert!(start.elapsed() < LONGEST_START, "the server does not come");
            sleep(Duration::from_millis(20));
        }
        server
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("plugins/flinkc.sock")
    }

    /// Asks all questions at once.
    fn ask(&self, questions: &[Json]) -> Vec<Answer> {
        ask(&self.socket().to_string_lossy(), questions)
    }

    fn ask_one(&self, question: &Json) -> Answer {
        self.ask(std::slice::from_ref(question)).pop().expect("there is one answer")
    }

    /// Nothing of any repository is left where the server unpacks them.
    fn assert_clean(&self) {
        let work = self.directory.path().join("work/_cmp_server");
        let left: Vec<_> = fs::read_dir(work).expect("it is there").collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that ended before has nobody left to be told.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A question about an application in a repository.
fn question(what: &str, root: &Path, path: &str, parameters: Json) -> Json {
    json!({
        "what": what,
        "root": root,
        "app": root.join(path),
        "env": [
            "ARGOCD_APP_NAME=app",
            format!("ARGOCD_APP_SOURCE_PATH={path}"),
            "KUBE_VERSION=1.34.2",
            "KUBE_API_VERSIONS=",
        ],
        "parameters": parameters,
    })
}

fn environment(name: &str) -> Json {
    json!([{ "name": "env", "string": name }])
}

/// A repository of its own.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("it can be made");
    for (path, text) in files {
        let place = root.path().join(path);
        fs::create_dir_all(place.parent().expect("it lies in a directory")).expect("it can be made");
        fs::write(place, text).expect("it can be written");
    }
    root
}

/// The examples as a repository of their own, without what Argo CD would be told to leave out.
fn examples() -> TempDir {
    let root = tempfile::tempdir().expect("it can be made");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.expect("the examples can be read");
        let place = root.path().join("examples").join(entry.path().strip_prefix(&from).expect("it lies below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(place).expect("it can be made");
        } else {
            fs::copy(entry.path(), place).expect("it can be copied");
        }
    }
    root
}

fn rendered(directory: &Path, environment: &str) -> Vec<Json> {
    let project = driver::open(directory).expect("it is there");
    let text = driver::render(&project, &[], environment, None).value.expect("it is sound");
    let text = String::from_utf8(text).expect("output is UTF-8");
    let engines = kustomize::engines().expect("the engines can be built");
    engines.read(&text).expect("Kubernetes reads it")
}

#[test]
fn examples_come_through_argo_cd_as_they_are_rendered() {
    let server = Server::start(&installed());
    let root = examples();
    let mut questions = Vec::new();
    let mut expected = Vec::new();
    for example in ["clicks", "hello", "native", "operator", "platform", "session"] {
        let path = format!("examples/{example}");
        let directory = root.path().join(&path);
        for name in driver::environments(&driver::open(&directory).expect("it is there")) {
            questions.push(question("generate", root.path(), &path, environment(&name)));
            expected.push((format!("{example} {name}"), rendered(&directory, &name)));
        }
    }
    assert!(questions.len() > 10, "{}", questions.len());
    for (answer, (what, wanted)) in server.ask(&questions).iter().zip(&expected) {
        assert_eq!(answer.error, "", "{what}");
        assert_eq!(&answer.objects(), wanted, "{what}");
    }
    server.assert_clean();
}

#[test]
fn a_text_at_the_end_keeps_its_line_end() {
    let server = Server::start(&installed());
    for (text, what) in
        [("x", "none"), ("x\\n", "one"), ("x\\n\\n", "two"), ("\\n", "only that"), ("x\\n ", "a space after it")]
    {
        let program = format!("environment dev {{}}\nresource v1 ConfigMap a {{ data {{ text = \"{text}\" }} }}\n");
        let root = repository(&[("app/main.flink", &program)]);
        let objects = server.ask_one(&question("generate", root.path(), "app", environment("dev"))).objects();
        assert_eq!(objects[0]["data"]["text"], text.replace("\\n", "\n"), "{what}");
        assert_eq!(objects, rendered(&root.path().join("app"), "dev"), "{what}");
    }
}

#[test]
fn parameters_are_announced_and_arrive() {
    let server = Server::start(&installed());
    let program = "/// The tag.\nparam tag: string = \"1\"\nparam hosts: [string] = [\"a\"]\n\
                   param limits: {string: int} = { x = 1 }\nenvironment dev {}\n\
                   resource v1 ConfigMap a { data { x = \"\\(tag) \\(json(hosts)) \\(json(limits))\" } }\n";
    let root = repository(&[("app/main.flink", program)]);
    let announced = server.ask_one(&question("parameters", root.path(), "app", environment("dev")));
    assert_eq!(announced.error, "");
    let announced = announced.parameters.expect("there are some");
    let names: Vec<&str> = announced.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["env", "only", "tag", "hosts", "limits"]);
    assert_eq!(announced[0]["string"], "dev");
    assert_eq!(announced[2]["tooltip"], "The tag. (string)");
    assert_eq!(announced[3]["array"], json!(["a"]));
    assert_eq!(announced[4]["map"], json!({ "x": "1" }));

    let given = json!([
        { "name": "env", "string": "dev" },
        { "name": "tag", "string": "2.10" },
        { "name": "hosts", "array": ["b", "c"] },
        { "name": "limits", "map": { "y": "7" } },
    ]);
    let objects = server.ask_one(&question("generate", root.path(), "app", given)).objects();
    assert_eq!(objects[0]["data"]["x"], r#"2.10 ["b","c"] {"y":7}"#);
    let wrong = json!([{ "name": "env", "string": "dev" }, { "name": "limits", "map": { "y": "many" } }]);
    let answer = server.ask_one(&question("generate", root.path(), "app", wrong));
    assert!(answer.complaint().starts_with("error[bad-param]: app/main.flink:4:7: parameter `limits`: "), "{answer:?}");

    // By the variables of an Application's plugin, which Argo CD gives this name.
    let mut question = question("generate", root.path(), "app", json!([]));
    question["env"].as_array_mut().expect("a list").push(json!("ARGOCD_ENV_ENV=dev"));
    assert_eq!(server.ask_one(&question).objects().len(), 1);
}

#[test]
fn programs_are_discovered() {
    let server = Server::start(&with_discovery());
    let root = repository(&[("app/main.flink", "environment dev {}\n"), ("chart/Chart.yaml", "name: x\n")]);
    let of = |path| server.ask_one(&question("match", root.path(), path, json!([])));
    let (app, chart) = (of("app"), of("chart"));
    assert_eq!((&*app.error, app.supported, app.discovers), ("", true, true));
    assert_eq!((&*chart.error, chart.supported, chart.discovers), ("", false, true));
    let plain = Server::start(&installed());
    let configuration = plain.ask_one(&json!({ "what": "configuration" }));
    assert_eq!((&*configuration.error, configuration.discovers), ("", false));
}

#[test]
fn nothing_wrong_becomes_an_empty_result() {
    let server = Server::start(&installed());
    let root = repository(&[
        ("empty/main.flink", "environment dev {}\n"),
        ("wrong/main.flink", "environment dev {}\nresource v1 ConfigMap a { data { x = 1 } }\n"),
        ("nothing/README.md", ""),
    ]);
    let complaint = |path: &str, parameters: Json| {
        let answer = server.ask_one(&question("generate", root.path(), path, parameters));
        answer.complaint().to_owned()
    };
    let empty = complaint("empty", environment("dev"));
    assert!(empty.starts_with("error: there are no objects in environment `dev`, and Argo CD would delete"), "{empty}");
    let wrong = complaint("wrong", environment("dev"));
    assert!(
        wrong.starts_with("error[type-mismatch]: wrong/main.flink:2:38: expected `string`, found an int"),
        "{wrong}"
    );
    let nothing = complaint("nothing", environment("dev"));
    assert!(nothing.starts_with("error[unreadable]: there are no `.flink` files here"), "{nothing}");
    let unnamed = complaint("wrong", json!([]));
    assert!(unnamed.starts_with("error: the Application names no environment"), "{unnamed}");
    assert!(unnamed.ends_with("there is `dev`"), "{unnamed}");
    for said in [empty, wrong, nothing, unnamed] {
        assert!(!said.contains(['\u{1b}', '│', '╭', '─']), "{said}");
    }
    server.assert_clean();
}

#[test]
fn strangers_reach_nothing_outside_their_repository() {
    use std::os::unix::fs::symlink;
    let server = Server::start(&installed());
    let outside = repository(&[("secret.txt", "hunter2")]);
    let secret = outside.path().join("secret.txt");
    let program =
        |path: &str| format!("environment dev {{}}\nresource v1 ConfigMap a {{ data {{ x = file({path:?}) }} }}\n");
    let climbing = format!("../../../../../..{}", secret.display());
    for path in [&climbing, &secret.display().to_string(), "/dev/zero", "/proc/self/environ", "../../plugin.yaml"] {
        let root = repository(&[("app/main.flink", &program(path))]);
        let answer = server.ask_one(&question("generate", root.path(), "app", environment("dev")));
        let said = answer.complaint();
        assert!(
            said.starts_with("error[") && said.contains("app/main.flink:2:") && !said.contains("hunter2"),
            "{said}"
        );
    }
    // Argo CD refuses such links by itself; it must not be the only one that does.
    let root = repository(&[("app/main.flink", &program("link"))]);
    symlink(&secret, root.path().join("app/link")).expect("it can be made");
    let answer = server.ask_one(&question("generate", root.path(), "app", environment("dev")));
    assert!(!answer.error.is_empty() && answer.manifests.is_none() && !answer.error.contains("hunter2"), "{answer:?}");
    // What lies in the repository, beside the application, may be used.
    let root = repository(&[
        (
            "apps/a/main.flink",
            "import \"../../lib\"\nenvironment dev {}\nresource v1 ConfigMap a { data { x = lib.x } }\n",
        ),
        ("lib/lib.flink", "let x = trim(file(\"x.txt\"))\n"),
        ("lib/x.txt", "shared\n"),
    ]);
    let mut question = question("generate", root.path(), "apps/a", environment("dev"));
    question["exclude"] = json!([".git/*", "*.md"]);
    assert_eq!(server.ask_one(&question).objects()[0]["data"]["x"], "shared");
    server.assert_clean();
}

/// A program that takes longer than anybody waits.
const SLOW: &str = "environment dev {}\nlet n = range(100000)\n\
                    resource v1 ConfigMap a { data { x = \"\\(len([for a in n: len([for b in n if a == b: b])]))\" } }\n";

/// How many processes run in a directory below this one.
fn running_below(directory: &Path) -> usize {
    let processes = fs::read_dir("/proc").expect("it is there").filter_map(Result::ok);
    let places = processes.filter_map(|process| fs::read_link(process.path().join("cwd")).ok());
    places.filter(|place| place.starts_with(directory)).count()
}

#[test]
fn who_is_not_waited_for_any_more_ends() {
    let server = Server::start(&installed());
    let root = repository(&[("app/main.flink", SLOW)]);
    let mut slow = question("generate", root.path(), "app", environment("dev"));
    slow["patience"] = json!(1500);
    let answer = server.ask_one(&slow);
    assert!(answer.manifests.is_none() && !answer.error.is_empty(), "{answer:?}");
    assert!(answer.milliseconds < 6000, "SIGKILL would come after five seconds more: {answer:?}");
    let start = Instant::now();
    while running_below(&server.directory.path().join("work")) > 0 {
        assert!(start.elapsed() < Duration::from_secs(3), "SIGTERM was not enough");
        sleep(Duration::from_millis(20));
    }
    // The installer's own limit speaks for itself.
    let server = Server::start(&installed().replace("--timeout=45", "--timeout=1"));
    let answer = server.ask_one(&question("generate", root.path(), "app", environment("dev")));
    assert_eq!(answer.complaint(), "error: this takes longer than 1 s (`--timeout`)");
}

#[test]
fn twenty_ask_at_once() {
    let server = Server::start(&installed());
    let root = examples();
    let names = ["local", "staging", "prod"];
    let asked: Vec<&str> = names.into_iter().cycle().take(20).collect();
    let questions: Vec<Json> =
        asked.iter().map(|name| question("generate", root.path(), "examples/clicks", environment(name))).collect();
    let answers = server.ask(&questions);
    for (name, answer) in asked.iter().zip(&answers) {
        assert_eq!(answer.objects(), rendered(&root.path().join("examples/clicks"), name), "{name}");
    }
    server.assert_clean();
}

#[test]
fn what_is_installed_is_of_argo_cds_own_types() {
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/argocd");
    let check = |paths: &[PathBuf]| {
        let output = Command::new(program()).arg("check").args(paths).output().expect("it can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    check(&["plugin.yaml", "application.yaml", "applicationset.yaml"].map(|name| plugin.join(name)));

    // The patch, on the Deployment that Argo CD's module brings.
    let mut go = Command::new("go");
    go.args(["list", "-m", "-f", "{{.Dir}}", "github.com/argoproj/argo-cd/v3"]);
    let output = go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/argocd")).output();
    let module = String::from_utf8(output.expect("Go is there").stdout).expect("a path is text");
    let original = Path::new(module.trim()).join("manifests/base/repo-server/argocd-repo-server-deployment.yaml");
    let root = tempfile::tempdir().expect("it can be made");
    let copy = |from: &Path, name: &str| {
        let text = fs::read(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        fs::write(root.path().join(name), text).expect("it can be written");
    };
    copy(&original, "deployment.yaml");
    copy(&plugin.join("repo-server-patch.yaml"), "patch.yaml");
    let kustomization = "resources: [deployment.yaml]\npatches: [{ path: patch.yaml }]\n";
    fs::write(root.path().join("kustomization.yaml"), kustomization).expect("it can be written");
    let engines = kustomize::engines().expect("the engines can be built");
    let objects = engines.kustomize(root.path()).expect("Kustomize builds it");
    let [deployment] = &objects[..] else { panic!("{} objects", objects.len()) };
    let patched = root.path().join("patched.yaml");
    fs::write(&patched, deployment.to_string()).expect("it can be written");
    check(&[patched]);

    let pod = &deployment["spec"]["template"]["spec"];
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let containers = list(&pod["containers"]);
    assert_eq!(containers.len(), 2, "Argo CD's own stays");
    let sidecar = containers.iter().find(|container| container["name"] == "flinkc").expect("it was added");
    let volumes = list(&pod["volumes"]);
    for mount in list(&sidecar["volumeMounts"]) {
        assert!(volumes.iter().any(|volume| volume["name"] == mount["name"]), "{mount}");
    }
    // The sockets and the server's program are where Argo CD has them, its temporary files are not.
    let server = containers.iter().find(|container| container["name"] != "flinkc").expect("it was there");
    let shared = |name: &str| {
        let at = |container: &Json| list(&container["volumeMounts"]).iter().any(|mount| mount["name"] == name);
        (at(sidecar), at(server))
    };
    assert_eq!(shared("plugins"), (true, true));
    assert_eq!(shared("tmp"), (false, true));
    let copier = list(&pod["initContainers"]).into_iter().next().expect("it copies the server's program");
    assert!(list(&copier["volumeMounts"]).iter().any(|mount| mount["name"] == "var-files"), "{copier}");
}

#[test]
fn the_example_applications_work() {
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/argocd");
    let read = |name: &str| -> Json {
        let text = fs::read_to_string(plugin.join(name)).expect("it is there");
        serde_yaml::from_str(&text).expect("it is YAML")
    };
    let server = Server::start(&installed());
    let root = examples();
    let source = &read("application.yaml")["spec"]["source"];
    assert_eq!(source["plugin"]["name"], "flinkc");
    let path = source["path"].as_str().expect("a path");
    let answer = server.ask_one(&question("generate", root.path(), path, source["plugin"]["parameters"].clone()));
    assert!(answer.objects().len() > 5);

    let set = read("applicationset.yaml");
    let source = &set["spec"]["template"]["spec"]["source"];
    let elements = set["spec"]["generators"][0]["list"]["elements"].as_array().expect("a list").clone();
    assert!(elements.len() > 1, "{elements:?}");
    for element in elements {
        let name = element["env"].as_str().expect("a name");
        let parameters = source["plugin"]["parameters"].to_string().replace("{{.env}}", name);
        let parameters = serde_json::from_str(&parameters).expect("it is JSON");
        let path = source["path"].as_str().expect("a path");
        assert!(server.ask_one(&question("generate", root.path(), path, parameters)).objects().len() > 5, "{name}");
    }
}

/// The whole way: Git, Argo CD's repository server, the sidecar.
#[test]
fn a_git_repository_becomes_manifests() {
    let plugins = Server::start(&installed());
    let server = RepositoryServer::start(&plugins);
    let root = examples();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]);
        let output = git.args(arguments).current_dir(root.path()).output().expect("git is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "All"]);
    let question = |what: &str, path: &str, name: &str| {
        json!({
            "what": what, "root": root.path(), "app": path, "parameters": environment(name), "kubernetes": "1.34",
            "apiVersions": [],
        })
    };
    for (example, name) in [("clicks", "prod"), ("clicks", "staging"), ("platform", "prod-eu")] {
        let path = format!("examples/{example}");
        let answer = server.ask(&question("whole-generate", &path, name));
        assert_eq!(answer.objects(), rendered(&root.path().join(&path), name), "{example} {name}");
    }
    let wrong = server.ask(&question("whole-generate", "examples/clicks", "prdo"));
    assert!(wrong.complaint().starts_with("error[unknown-environment]: there is no environment `prdo`"), "{wrong:?}");
    let announced = server.ask(&question("whole-parameters", "examples/clicks", "prod"));
    let announced = announced.parameters.unwrap_or_else(|| panic!("{}", announced.error));
    let names: Vec<&str> = announced.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["env", "only", "image_tag"]);
    plugins.assert_clean();
}
