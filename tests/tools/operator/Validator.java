import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;
import org.apache.flink.kubernetes.operator.api.FlinkSessionJob;
import org.apache.flink.kubernetes.operator.api.spec.FlinkVersion;
import org.apache.flink.kubernetes.operator.config.FlinkConfigManager;
import org.apache.flink.kubernetes.operator.validation.DefaultValidator;

/**
 * Asks the validator of the Flink Kubernetes operator what it says of resources.
 *
 * <p>With the argument {@code judge} it reads a resource a line, as JSON, and answers each with {@code ok} or with what
 * the validator said. A FlinkSessionJob may have beside its {@code spec} a {@code session}: the FlinkDeployment that it
 * runs on; without one the validator is asked as if it did not know the cluster.
 *
 * <p>With the argument {@code vectors} it prints resources that are made up, the same ones every time, and the answers:
 * first what the validator says, numbered; then bases; then a line for each resource: its base, what is changed in its
 * {@code spec} (or, after a {@code /}, in the whole), and {@code ok} or the number of the answer. {@code null} takes away.
 * A FlinkSessionJob runs on the base that its {@code deploymentName} names, if there is one.
 *
 * <p>Two things are newer than the newest operator that Maven Central has, and are said in its words: a Flink version
 * that it does not know is the newest that it knows, and options go by the names that they had then.
 */
public class Validator {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DefaultValidator VALIDATOR = new DefaultValidator(new FlinkConfigManager(operatorDefaults()));

    /** What the operator's chart sets for all resources. */
    private static Configuration operatorDefaults() {
        return Configuration.fromMap(Map.of("taskmanager.numberOfTaskSlots", "1", "parallelism.default", "1"));
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 1 && arguments[0].equals("judge")) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println(answer(JSON.readTree(line)));
            }
        } else if (arguments.length == 1 && arguments[0].equals("vectors")) {
            new Vectors().print();
        } else {
            System.err.println("say `judge` or `vectors`");
            System.exit(2);
        }
        // The operator's configuration keeps a thread that looks for changes.
        System.exit(0);
    }

    // The judge.

    /** {@code ok}, or what is wrong with a resource. */
    private static String answer(JsonNode resource) {
        ObjectNode object = resource.deepCopy();
        JsonNode session = object.remove("session");
        try {
            Optional<String> said = switch (object.path("kind").asText()) {
                case "FlinkDeployment" -> VALIDATOR.validateDeployment(read(object, FlinkDeployment.class));
                case "FlinkSessionJob" -> VALIDATOR.validateSessionJob(
                        read(object, FlinkSessionJob.class),
                        session == null
                                ? Optional.empty()
                                : Optional.of(read(session.deepCopy(), FlinkDeployment.class)));
                default -> Optional.of("The validator does not know this kind");
            };
            return said.map(message -> message.replaceAll("\\s+", " ")).orElse("ok");
        } catch (RuntimeException exception) {
            // The API server answers an admission that failed with an error too.
            return "The validator failed: " + exception.getClass().getSimpleName();
        }
    }

    private static <T> T read(ObjectNode object, Class<T> type) {
        if (object.path("spec") instanceof ObjectNode spec) {
            if (spec.get("flinkConfiguration") != null) {
                Map<String, String> flat = new TreeMap<>();
                flatten("", spec.get("flinkConfiguration"), flat);
                spec.set("flinkConfiguration", JSON.valueToTree(inOldNames(flat)));
            }
            if (spec.get("flinkVersion") != null) {
                spec.set("flinkVersion", known(spec.get("flinkVersion")));
            }
        }
        return Serialization.unmarshal(object.toString(), type);
    }

    /** A configuration may be nested since operator 1.13, and lists are written with semicolons. */
    private static void flatten(String prefix, JsonNode node, Map<String, String> flat) {
        if (node.isObject()) {
            node.fields().forEachRemaining(field -> flatten(
                    prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey(), field.getValue(), flat));
        } else if (node.isArray()) {
            List<String> elements = new ArrayList<>();
            node.forEach(element -> elements.add(element.asText()));
            flat.put(prefix, String.join(";", elements));
        } else {
            flat.put(prefix, node.asText());
        }
    }

    /** Options that the validator reads, and what they were called. */
    private static final Map<String, String> OLD_NAMES = Map.of(
            "execution.checkpointing.dir", "state.checkpoints.dir",
            "execution.checkpointing.savepoint-dir", "state.savepoints.dir",
            "job.autoscaler.utilization.target", "job.autoscaler.target.utilization");

    private static Map<String, String> inOldNames(Map<String, String> options) {
        Map<String, String> old = new TreeMap<>(options);
        OLD_NAMES.forEach((now, then) -> {
            if (options.containsKey(now)) {
                old.put(then, old.remove(now));
            }
        });
        return old;
    }

    private static JsonNode known(JsonNode version) {
        for (FlinkVersion known : FlinkVersion.values()) {
            if (known.name().equals(version.asText())) {
                return version;
            }
        }
        FlinkVersion[] all = FlinkVersion.values();
        return JSON.valueToTree(all[all.length - 1].name());
    }

    // The vectors.

    /** Something that can be changed: of which kind or base, where, and to what. */
    private record Choice(String of, String path, String... values) {
        boolean fits(String base) {
            return base.equals(of) || Vectors.kindOf(base).equals(of);
        }
    }

    private record Change(String path, String value) {
        @Override
        public String toString() {
            return path + "=" + value;
        }
    }

    private static final class Vectors {
        private static final int BASES_OF_A_VALUE = 3;
        private static final int COMBINATIONS = 1100;

        private final Random random = new Random(45);
        private final Map<String, Integer> messages = new LinkedHashMap<>();
        private final Set<String> lines = new LinkedHashSet<>();

        void print() throws JsonProcessingException {
            for (String base : BASES.keySet()) {
                vector(base, List.of());
            }
            for (Choice choice : CHOICES) {
                for (String value : choice.values()) {
                    // A name is used once, so that all vectors can stand in one program.
                    int times = choice.path().equals(NAME) ? 1 : BASES_OF_A_VALUE;
                    for (int time = 0; time < times; time++) {
                        vector(baseOf(choice), List.of(new Change(choice.path(), value)));
                    }
                }
            }
            for (int time = 0; time < COMBINATIONS; time++) {
                combination();
            }
            messages.forEach((message, number) -> System.out.println("answer " + number + " " + message));
            BASES.forEach((name, text) -> System.out.println("base " + name + " " + compact(text)));
            lines.forEach(System.out::println);
        }

        private void combination() throws JsonProcessingException {
            List<String> bases = List.copyOf(BASES.keySet());
            String base = bases.get(random.nextInt(bases.size()));
            Map<String, Change> changes = new LinkedHashMap<>();
            int wanted = 2 + random.nextInt(3);
            while (changes.size() < wanted) {
                Choice choice = CHOICES[random.nextInt(CHOICES.length)];
                String value = choice.values()[random.nextInt(choice.values().length)];
                if (choice.fits(base) && !choice.path().equals(NAME)) {
                    changes.put(choice.path(), new Change(choice.path(), value));
                }
            }
            vector(base, List.copyOf(changes.values()));
        }

        private String baseOf(Choice choice) {
            List<String> fitting = BASES.keySet().stream().filter(choice::fits).toList();
            return fitting.get(random.nextInt(fitting.size()));
        }

        private static String kindOf(String base) {
            return BASES.get(base).contains("\"deploymentName\"") ? "FlinkSessionJob" : "FlinkDeployment";
        }

        private void vector(String base, List<Change> changes) throws JsonProcessingException {
            ObjectNode object = (ObjectNode) JSON.readTree(BASES.get(base));
            object.put("kind", kindOf(base));
            object.putObject("metadata").put("name", "clicks").put("namespace", "default");
            StringBuilder line = new StringBuilder(base);
            for (Change change : changes) {
                apply(object, change);
                line.append("; ").append(change);
            }
            String cluster = object.path("spec").path("deploymentName").asText();
            if (BASES.containsKey(cluster)) {
                ObjectNode session = (ObjectNode) JSON.readTree(BASES.get(cluster));
                session.put("kind", "FlinkDeployment");
                session.putObject("metadata").put("name", cluster).put("namespace", "default");
                object.set("session", session);
            }
            String answer = answer(object);
            String verdict = answer.equals("ok")
                    ? answer
                    : String.valueOf(messages.computeIfAbsent(general(answer), message -> messages.size()));
            lines.add(line + " -> " + verdict);
        }

        /** A message without what it quotes of the resource. */
        private static String general(String message) {
            return message
                    .replaceFirst("name: .*is invalid", "name: … is invalid")
                    .replaceFirst("Invalid log config key: .*?\\. .*", "Invalid log config key: …")
                    .replaceFirst("(Ingress template)\\(.*", "$1(…")
                    .replaceFirst("(parse error): .*", "$1: …");
        }

        private static void apply(ObjectNode object, Change change) throws JsonProcessingException {
            JsonNode value = JSON.readTree(change.value());
            String path = change.path().startsWith("/") ? change.path().substring(1) : "spec/" + change.path();
            String[] steps = path.split("/");
            ObjectNode at = object;
            for (int step = 0; step + 1 < steps.length; step++) {
                at = at.get(steps[step]) instanceof ObjectNode inner ? inner : at.putObject(steps[step]);
            }
            if (value.isNull()) {
                at.remove(steps[steps.length - 1]);
            } else {
                at.set(steps[steps.length - 1], value);
            }
        }

        private static String compact(String text) {
            try {
                return JSON.readTree(text).toString();
            } catch (JsonProcessingException exception) {
                throw new IllegalStateException(exception);
            }
        }
    }

    /** A valid resource of each shape; those with a {@code deploymentName} are jobs on sessions. */
    private static final Map<String, String> BASES = new LinkedHashMap<>();

    static {
        BASES.put("app", """
            {"spec": {"image": "flink:1.20", "flinkVersion": "v1_20", "serviceAccount": "flink",
              "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "2"},
              "jobManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "taskManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 2, "upgradeMode": "stateless"}}}
            """);
        BASES.put("last-state", """
            {"spec": {"image": "flink:1.19", "flinkVersion": "v1_19", "serviceAccount": "flink", "mode": "native",
              "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "2",
                "state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints",
                "high-availability.type": "kubernetes", "high-availability.storageDir": "s3://flink/ha"},
              "jobManager": {"resource": {"memory": "2Gi", "cpu": 1}, "replicas": 1},
              "taskManager": {"resource": {"memory": "4Gi", "cpu": 2}},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 4, "upgradeMode": "last-state"}}}
            """);
        BASES.put("savepoint", """
            {"spec": {"image": "registry.example.com/clicks:3", "flinkVersion": "v1_17", "serviceAccount": "flink",
              "flinkConfiguration": {
                "state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints"},
              "jobManager": {"resource": {"memory": "1600 mb", "cpu": 0.5}},
              "taskManager": {"resource": {"memory": "1728m", "cpu": 1}},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 1, "upgradeMode": "savepoint",
                "savepointTriggerNonce": 3, "args": ["--topic", "clicks"], "entryClass": "com.example.Clicks"}}}
            """);
        BASES.put("checkpoints", """
            {"spec": {"image": "flink:2.1", "flinkVersion": "v2_1", "serviceAccount": "flink",
              "flinkConfiguration": {"execution": {"checkpointing": {
                "interval": "30 s", "dir": "s3://flink/checkpoints", "savepoint-dir": "s3://flink/savepoints"}},
                "taskmanager": {"numberOfTaskSlots": 4}},
              "jobManager": {"resource": {"memory": "1600m", "cpu": 1}},
              "taskManager": {"resource": {"memory": "2 gb", "cpu": 1}},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 8, "upgradeMode": "savepoint"}}}
            """);
        BASES.put("standalone", """
            {"spec": {"image": "flink:1.18", "flinkVersion": "v1_18", "serviceAccount": "flink", "mode": "standalone",
              "flinkConfiguration": {"scheduler-mode": "REACTIVE", "taskmanager.numberOfTaskSlots": "2"},
              "jobManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "taskManager": {"resource": {"memory": "2048m", "cpu": 1}, "replicas": 2},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "upgradeMode": "stateless"}}}
            """);
        BASES.put("standby", """
            {"spec": {"image": "flink:2.0", "flinkVersion": "v2_0", "serviceAccount": "flink",
              "flinkConfiguration": {"execution.checkpointing.dir": "s3://flink/checkpoints",
                "high-availability.type": "kubernetes", "high-availability.storageDir": "s3://flink/ha",
                "kubernetes.operator.deployment.rollback.enabled": "true",
                "kubernetes.operator.cluster.health-check.enabled": "true"},
              "jobManager": {"resource": {"memory": "2Gi", "cpu": 1, "ephemeralStorage": "4Gi"}, "replicas": 2},
              "taskManager": {"resource": {"memory": "4096m", "cpu": 1, "ephemeralStorage": "20Gi"}},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 3, "upgradeMode": "last-state"}}}
            """);
        BASES.put("sized", """
            {"spec": {"image": "flink:2.2", "flinkVersion": "v2_2", "serviceAccount": "flink",
              "flinkConfiguration": {"jobmanager.memory.process.size": "1600m",
                "taskmanager.memory.flink.size": "1280m", "taskmanager.numberOfTaskSlots": "2"},
              "jobManager": {"resource": {"cpu": 1}}, "taskManager": {"replicas": 3},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 6, "upgradeMode": "stateless"}}}
            """);
        BASES.put("autoscaled", """
            {"spec": {"image": "flink:1.20", "flinkVersion": "v1_20", "serviceAccount": "flink",
              "flinkConfiguration": {"job.autoscaler.enabled": "true", "jobmanager.scheduler": "adaptive",
                "job.autoscaler.utilization.target": "0.6", "job.autoscaler.metrics.window": "3m",
                "pipeline.max-parallelism": "720", "taskmanager.numberOfTaskSlots": "4",
                "execution.checkpointing.dir": "s3://flink/checkpoints",
                "execution.checkpointing.savepoint-dir": "s3://flink/savepoints"},
              "jobManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "taskManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 4, "upgradeMode": "savepoint"}}}
            """);
        BASES.put("reached", """
            {"spec": {"image": "flink:1.20", "flinkVersion": "v1_20", "serviceAccount": "flink",
              "ingress": {"template": "{{name}}.{{namespace}}.example.com", "className": "nginx",
                "annotations": {"nginx.ingress.kubernetes.io/rewrite-target": "/$2"}},
              "logConfiguration": {"log4j-console.properties": "rootLogger.level = INFO"},
              "podTemplate": {"spec": {"containers": [{"name": "flink-main-container",
                "env": [{"name": "TZ", "value": "UTC"}]}]}},
              "jobManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "taskManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "job": {"jarURI": "local:///opt/flink/usrlib/clicks.jar", "parallelism": 1}}}
            """);
        BASES.put("sessions", """
            {"spec": {"image": "flink:1.20", "flinkVersion": "v1_20", "serviceAccount": "flink",
              "jobManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "taskManager": {"resource": {"memory": "2048m", "cpu": 1}}}}
            """);
        BASES.put("sessions-stateful", """
            {"spec": {"image": "flink:2.1", "flinkVersion": "v2_1", "serviceAccount": "flink", "mode": "standalone",
              "flinkConfiguration": {"high-availability.type": "kubernetes",
                "high-availability.storageDir": "s3://flink/ha",
                "execution.checkpointing.dir": "s3://flink/checkpoints",
                "execution.checkpointing.savepoint-dir": "s3://flink/savepoints"},
              "jobManager": {"resource": {"memory": "2048m", "cpu": 1}},
              "taskManager": {"resource": {"memory": "2048m", "cpu": 1}, "replicas": 2}}}
            """);
        BASES.put("session-job", """
            {"spec": {"deploymentName": "sessions",
              "job": {"jarURI": "https://repo.example.com/clicks.jar", "parallelism": 2, "upgradeMode": "stateless"}}}
            """);
        BASES.put("session-job-savepoint", """
            {"spec": {"deploymentName": "sessions-stateful",
              "job": {"jarURI": "https://repo.example.com/clicks.jar", "parallelism": 4, "upgradeMode": "savepoint"}}}
            """);
        BASES.put("session-job-own", """
            {"spec": {"deploymentName": "sessions-stateful",
              "flinkConfiguration": {"state.checkpoints.dir": "s3://flink/checkpoints",
                "state.savepoints.dir": "s3://flink/savepoints"},
              "job": {"jarURI": "https://repo.example.com/clicks.jar", "parallelism": 1, "upgradeMode": "savepoint",
                "entryClass": "com.example.Clicks", "args": ["--topic", "clicks"], "savepointTriggerNonce": 1}}}
            """);
        BASES.put("session-job-alone", """
            {"spec": {"deploymentName": "elsewhere",
              "job": {"jarURI": "https://repo.example.com/clicks.jar", "parallelism": 2, "upgradeMode": "stateless"}}}
            """);
    }

    private static Choice deployment(String path, String... values) {
        return new Choice("FlinkDeployment", path, values);
    }

    private static Choice option(String option, String... values) {
        return deployment("flinkConfiguration/" + option, values);
    }

    private static Choice autoscaler(String option, String... values) {
        return new Choice("autoscaled", "flinkConfiguration/" + option, values);
    }

    private static Choice job(String path, String... values) {
        return new Choice("FlinkSessionJob", path, values);
    }

    private static final String NAME = "/metadata/name";
    private static final String[] SIZES = {
        "null", "\"\"", "\"2048m\"", "\"2G\"", "\"2Gi\"", "\"2g\"", "\"4096Mi\"", "\"2 gb\"", "\"1.5Gi\"", "\"1.5g\"",
        "\"2000000000\"", "\"2e9\"", "\"two\"", "\"-2Gi\"", "\"2Gib\"", "\"0\"", "\"3 GIBIBYTES\"", "\"512k\"", "\"2 Gi\""
    };
    private static final String[] STORAGES = {
        "null", "\"20Gi\"", "\"20G\"", "\"1.5Ti\"", "\"20 Gi\"", "\"20 gb\"", "\"lots\"", "\"20GB\"", "\"1e10\"", "\"\"",
        "\"-1Gi\"", "\"500M\""
    };
    private static final String[] PROCESS_SIZES = {"\"1600m\"", "\"4 gb\"", "\"300m\"", "\"2Gi\"", "\"1 tb\""};
    private static final String[] BOOLEANS = {"\"true\"", "\"false\"", "\"TRUE\"", "true", "\"yes\""};
    private static final String[] DIRECTORIES = {"null", "\"s3://flink/a\"", "\"\"", "\" \""};
    private static final String[] FRACTIONS = {"\"0.0\"", "\"1\"", "\"-0.1\"", "\"1.1\"", "\"0.5\"", "\"half\""};

    private static final Choice[] CHOICES = {
        deployment(NAME, "\"a\"", "\"a-b\"", "\"a1\"", "\"Clicks\"", "\"1a\"", "\"a-\"", "\"-a\"", "\"a.b\"",
                "\"a_b\"", "\"abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqr\"",
                "\"abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrs\"", "\"ab--c\""),
        deployment("flinkVersion", "null", "\"v1_13\"", "\"v1_14\"", "\"v1_15\"", "\"v1_16\"", "\"v1_17\"", "\"v1_18\"",
                "\"v1_19\"", "\"v1_20\"", "\"v2_0\"", "\"v2_1\"", "\"v2_2\""),
        deployment("serviceAccount", "null", "\"flink\"", "\"\""),
        deployment("mode", "null", "\"native\"", "\"standalone\""),
        deployment("imagePullPolicy", "\"Always\""),
        deployment("restartNonce", "7"),
        deployment("ingress", "null", "{}"),
        deployment("ingress/template", "\"{{name}}.{{namespace}}.example.com\"", "\"example.com/{{namespace}}/{{name}}(/|$)(.*)\"",
                "\"https://{{NAME}}.example.com\"", "\"http://{{name}}.example.com:8080/x\"", "\"{{name}}.example.com:web\"",
                "\"http://example.com:-5\"", "\"\"", "\"example.com:99999\"", "\"ftp://example.com\"", "\"[::1\"", "\"/{{name}}\"",
                "\"two words.example.com\""),
        deployment("logConfiguration", "null", "{\"logback-console.xml\": \"<configuration/>\"}", "{\"log4j.properties\": \"a\"}",
                "{\"log4j-console.properties\": \"a\"}", "{\"Log4j-console.properties\": \"a\"}", "{}"),
        option("kubernetes.namespace", "\"flink\""),
        option("kubernetes.cluster-id", "\"clicks\""),
        option("high-availability.cluster-id", "\"clicks\""),
        option("high-availability.type", "null", "\"kubernetes\"", "\"KUBERNETES\"", "\"NONE\"", "\"none\"", "\"zookeeper\"",
                "\"org.example.Factory\"", "\"\""),
        option("high-availability", "\"kubernetes\"", "\"NONE\"",
                "\"org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory\""),
        option("high-availability.storageDir", "null"),
        option("kubernetes.operator.deployment.rollback.enabled", BOOLEANS),
        option("kubernetes.operator.cluster.health-check.enabled", BOOLEANS),
        new Choice("standby", "flinkConfiguration/kubernetes.operator.jm-deployment-recovery.enabled", BOOLEANS),
        new Choice("standby", "flinkConfiguration/kubernetes.operator.reconciler.jm-deployment-recovery.enabled", BOOLEANS),
        option("state.checkpoints.dir", DIRECTORIES),
        option("state.savepoints.dir", DIRECTORIES),
        option("execution.checkpointing.dir", DIRECTORIES),
        option("execution.checkpointing.savepoint-dir", DIRECTORIES),
        option("kubernetes.operator.periodic.savepoint.interval", "\"1h\"", "\"\"", "\"0 0 12 * * ?\""),
        option("kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age", "\"10 min\"", "\"soon\""),
        deployment("job", "null", "{}", "{\"parallelism\": 1}"),
        deployment("job/upgradeMode", "null", "\"stateless\"", "\"last-state\"", "\"savepoint\""),
        deployment("job/parallelism", "null", "1", "0", "-1", "128"),
        deployment("job/state", "\"running\"", "\"suspended\""),
        deployment("job/jarURI", "null", "\"not a uri\"", "\"s3://jars/clicks.jar\""),
        deployment("job/savepointTriggerNonce", "null", "1", "0"),
        deployment("job/checkpointTriggerNonce", "4"),
        deployment("job/savepointRedeployNonce", "2"),
        deployment("job/initialSavepointPath", "\"s3://flink/savepoints/1\""),
        deployment("job/allowNonRestoredState", "true"),
        deployment("jobManager", "null", "{}"),
        deployment("jobManager/resource", "null", "{}"),
        deployment("jobManager/resource/memory", SIZES),
        deployment("jobManager/resource/ephemeralStorage", STORAGES),
        deployment("jobManager/resource/cpu", "null", "0.25", "0", "-1"),
        deployment("jobManager/replicas", "null", "1", "2", "0", "-1"),
        deployment("taskManager", "null", "{}"),
        deployment("taskManager/resource", "null", "{}"),
        deployment("taskManager/resource/memory", SIZES),
        deployment("taskManager/resource/ephemeralStorage", STORAGES),
        deployment("taskManager/replicas", "null", "1", "5", "0", "-1"),
        deployment("podTemplate", "null", "{\"spec\": {\"containers\": [{\"name\": \"other\", \"image\": \"sidecar:1\"}]}}",
                "{\"metadata\": {\"labels\": {\"team\": \"clicks\"}}}"),
        option("jobmanager.memory.process.size", PROCESS_SIZES),
        option("jobmanager.memory.flink.size", "\"1g\"", "\"64m\""),
        option("jobmanager.memory.heap.size", "\"1g\""),
        option("jobmanager.memory.jvm-overhead.fraction", "\"0.2\"", "\"1.0\"", "\"much\""),
        option("taskmanager.memory.process.size", PROCESS_SIZES),
        option("taskmanager.memory.flink.size", "\"2g\"", "\"100m\""),
        option("taskmanager.memory.managed.size", "\"512m\"", "\"16g\"", "\"0\""),
        option("taskmanager.memory.managed.fraction", "\"0.0\"", "\"0.9\"", "\"-1\""),
        option("taskmanager.memory.task.heap.size", "\"256m\"", "\"4g\""),
        option("taskmanager.memory.network.max", "\"64m\"", "\"16m\""),
        option("taskmanager.memory.jvm-metaspace.size", "\"512m\""),
        option("taskmanager.numberOfTaskSlots", "\"1\"", "\"4\"", "\"0\"", "\"-2\"", "\"many\""),
        option("taskmanager.cpu.cores", "\"2\"", "\"0\"", "\"-1\"", "\"1.5\""),
        option("kubernetes.taskmanager.cpu.amount", "\"2\"", "\"-3.0\""),
        option("taskmanager.heap.size", "\"1g\""),
        option("taskmanager.memory.size", "\"512m\""),
        option("jobmanager.heap.size", "\"1g\""),
        option("job.autoscaler.enabled", BOOLEANS),
        option("kubernetes.operator.job.autoscaler.enabled", "\"true\"", "\"false\""),
        autoscaler("job.autoscaler.scale-down.max-factor", FRACTIONS),
        autoscaler("kubernetes.operator.job.autoscaler.scale-down.max-factor", "\"-1\""),
        autoscaler("job.autoscaler.scale-up.max-factor", FRACTIONS),
        autoscaler("job.autoscaler.utilization.target", FRACTIONS),
        autoscaler("job.autoscaler.target.utilization", FRACTIONS),
        autoscaler("job.autoscaler.target.utilization.boundary", FRACTIONS),
        autoscaler("job.autoscaler.utilization.max", FRACTIONS),
        autoscaler("job.autoscaler.utilization.min", FRACTIONS),
        autoscaler("job.autoscaler.memory.gc-pressure.threshold", FRACTIONS),
        autoscaler("job.autoscaler.memory.heap-usage.threshold", FRACTIONS),
        autoscaler("job.autoscaler.observed-scalability.enabled", "\"true\""),
        autoscaler("job.autoscaler.observed-scalability.coefficient-min", "\"0.01\"", "\"0.005\"", "\"1.0\"", "\"2\""),
        autoscaler("job.autoscaler.scaling.effectiveness.detection.enabled", "\"true\"", "\"false\""),
        autoscaler("job.autoscaler.scaling.effectiveness.threshold", FRACTIONS),
        autoscaler("job.autoscaler.memory.tuning.enabled", "\"true\""),
        autoscaler("job.autoscaler.memory.tuning.overhead", FRACTIONS),
        autoscaler("job.autoscaler.excluded.periods", "\"09:30-11:00\"", "\"nine-ten\"", "\"11:00-09:30\"",
                "\"* * 9-11 * * ?\"", "\"09:30-11:00 && * * * ? * 2-6\""),
        autoscaler("job.autoscaler.metrics.window", "\"30s\"", "\"1min\"", "\"a while\""),
        job(NAME, "\"b\"", "\"b-1\""),
        job("deploymentName", "null", "\"sessions\"", "\"sessions-stateful\"", "\"Sessions\"", "\"app\"", "\"elsewhere\"",
                "\"1st\"", "\"\""),
        job("job", "null", "{}", "{\"parallelism\": 1, \"jarURI\": \"https://repo.example.com/clicks.jar\"}"),
        job("job/jarURI", "null", "\"https://repo.example.com/a.jar\"", "\"http://repo.example.com/a.jar\"", "\"s3://jars/a.jar\"",
                "\"local:///opt/flink/usrlib/a.jar\"", "\"not a uri\"", "\"https://10.1.2.3/a.jar\"", "\"https://127.0.0.1/a.jar\"",
                "\"https://169.254.169.254/a.jar\"", "\"https://localhost/a.jar\"", "\"https://192.168.1.9:8443/a.jar\"", "\"\"",
                "\"HTTPS://repo.example.com/a.jar\"", "\"https:///a.jar\""),
        job("job/upgradeMode", "null", "\"stateless\"", "\"last-state\"", "\"savepoint\""),
        job("job/parallelism", "null", "1", "0", "-1", "64"),
        job("job/savepointTriggerNonce", "1", "null"),
        job("job/state", "\"suspended\""),
        job("restartNonce", "3"),
        job("flinkConfiguration/state.checkpoints.dir", DIRECTORIES),
        job("flinkConfiguration/execution.checkpointing.dir", DIRECTORIES),
        job("flinkConfiguration/state.savepoints.dir", DIRECTORIES),
        job("flinkConfiguration/execution.checkpointing.savepoint-dir", DIRECTORIES),
        job("flinkConfiguration/kubernetes.operator.periodic.savepoint.interval", "\"1h\""),
        job("flinkConfiguration/kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age", "\"10 min\""),
        job("flinkConfiguration/job.autoscaler.enabled", BOOLEANS),
        job("flinkConfiguration/job.autoscaler.scale-down.max-factor", FRACTIONS),
        job("flinkConfiguration/job.autoscaler.target.utilization", FRACTIONS),
    };
}
