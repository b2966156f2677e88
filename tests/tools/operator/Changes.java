import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.kubernetes.operator.api.spec.AbstractFlinkSpec;
import org.apache.flink.kubernetes.operator.api.spec.FlinkDeploymentSpec;
import org.apache.flink.kubernetes.operator.api.spec.FlinkSessionJobSpec;
import org.apache.flink.kubernetes.operator.api.spec.KubernetesDeploymentMode;
import org.apache.flink.kubernetes.operator.reconciler.diff.ReflectiveDiffBuilder;

/**
 * Asks the Flink Kubernetes operator what it does when one field of a specification changes.
 *
 * <p>It prints the bases, a line each, and then a line for each change, with tabs between: the base, how the pods are
 * made, the path, what stands there before and after ({@code null} where nothing does), and the {@code DiffType}.
 */
public class Changes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> BASES = new LinkedHashMap<>();

    static {
        BASES.put("application", """
            {"image": "a:1", "flinkVersion": "v1_19", "serviceAccount": "flink",
              "flinkConfiguration": {"execution.checkpointing.dir": "s3://a/b", "execution.checkpointing.savepoint-dir": "s3://a/c",
                "scheduler-mode": "REACTIVE", "jobmanager.scheduler": "adaptive"},
              "jobManager": {"resource": {"memory": "2Gi", "cpu": 1}, "replicas": 1},
              "taskManager": {"resource": {"memory": "4Gi", "cpu": 1}},
              "job": {"jarURI": "local:///opt/a.jar", "parallelism": 2, "upgradeMode": "savepoint", "state": "running"}}
            """);
        BASES.put("session", """
            {"image": "a:1", "flinkVersion": "v1_19", "serviceAccount": "flink", "flinkConfiguration": {},
              "jobManager": {"resource": {"memory": "2Gi", "cpu": 1}, "replicas": 1},
              "taskManager": {"resource": {"memory": "4Gi", "cpu": 1}}}
            """);
        BASES.put("job", """
            {"deploymentName": "session",
              "flinkConfiguration": {"execution.checkpointing.dir": "s3://a/b", "execution.checkpointing.savepoint-dir": "s3://a/c"},
              "job": {"jarURI": "https://a.example.com/a.jar", "parallelism": 2, "upgradeMode": "savepoint", "state": "running"}}
            """);
    }

    /** Fields, each with values that it goes through, one after the other. */
    private static final String[][] FIELDS = {
        {"image", "'a:1'", "'a:2'", "null"},
        {"imagePullPolicy", "null", "'Always'", "'Never'"},
        {"serviceAccount", "'flink'", "'other'"},
        {"flinkVersion", "'v1_18'", "'v1_19'"},
        {"mode", "null", "'native'", "'standalone'", "null"},
        {"ingress", "null", "{'template': 'a.example.com'}", "{'template': 'b.example.com'}"},
        {"ingress/annotations", "null", "{'a': 'b'}"},
        {"podTemplate", "null", "{'metadata': {'labels': {'a': 'b'}}}", "{'metadata': {'labels': {'a': 'c'}}}"},
        {"logConfiguration", "null", "{'log4j-console.properties': 'a'}", "{'log4j-console.properties': 'b'}"},
        {"jobManager", "null", "{'replicas': 1}"},
        {"jobManager/replicas", "1", "2"},
        {"jobManager/resource/memory", "'2Gi'", "'2048m'"},
        {"jobManager/resource/cpu", "1", "2.5"},
        {"jobManager/resource/ephemeralStorage", "null", "'1Gi'"},
        {"jobManager/podTemplate", "null", "{'metadata': {'labels': {'a': 'b'}}}"},
        {"taskManager", "null", "{'replicas': 2}"},
        {"taskManager/replicas", "null", "1", "2"},
        {"taskManager/resource/memory", "'2Gi'", "'4Gi'"},
        {"taskManager/resource/cpu", "1", "2"},
        {"taskManager/podTemplate", "null", "{'metadata': {'labels': {'a': 'b'}}}"},
        {"restartNonce", "null", "1", "2", "null"},
        {"deploymentName", "'session'", "'other'"},
        {"job/jarURI", "'https://a.example.com/a.jar'", "'https://a.example.com/b.jar'"},
        {"job/entryClass", "null", "'a.B'", "'a.C'"},
        {"job/args", "null", "['a']", "['b']", "['b', 'c']"},
        {"job/parallelism", "2", "3", "2"},
        {"job/state", "'running'", "'suspended'", "'running'"},
        {"job/upgradeMode", "'savepoint'", "'last-state'", "'savepoint'"},
        {"job/allowNonRestoredState", "null", "true", "false"},
        {"job/initialSavepointPath", "null", "'s3://a/d'", "'s3://a/e'"},
        {"job/savepointTriggerNonce", "null", "1", "2", "null"},
        {"flinkConfiguration/parallelism.default", "null", "'2'", "'3'"},
        {"flinkConfiguration/job.autoscaler.enabled", "null", "'true'", "'false'"},
        {"flinkConfiguration/job.autoscaler.target.utilization", "'0.6'", "'0.7'"},
        {"flinkConfiguration/kubernetes.operator.periodic.savepoint.interval", "null", "'1h'", "'2h'"},
        {"flinkConfiguration/kubernetes.operator.savepoint.format.type", "null", "'NATIVE'"},
        {"flinkConfiguration/pipeline.jobvertex-parallelism-overrides", "null", "'a:1'", "'a:2'", "'a:2,b:3'", "'a:2'"},
        {"flinkConfiguration/taskmanager.numberOfTaskSlots", "null", "'1'", "'2'"},
        {"flinkConfiguration/taskmanager.memory.process.size", "'1g'", "'1024m'"},
        {"flinkConfiguration/kubernetes.rest-service.exposed.type", "null", "'NodePort'"},
        {"flinkConfiguration/kubernetes.taskmanager.annotations", "null", "'a:b'"},
        {"flinkConfiguration/execution.checkpointing.interval", "'1 min'", "'60 s'"},
        {"flinkConfiguration/restart-strategy.type", "null", "'fixed-delay'"},
        {"flinkConfiguration/job.name", "null", "'a'"},
        {"flinkConfiguration/parallelism", "null", "'2'"},
        {"flinkConfiguration/pipeline.name", "null", "'a'"},
        {"flinkConfiguration/user.option", "null", "'a'", "'b'"},
    };

    public static void main(String[] arguments) throws JsonProcessingException {
        for (Map.Entry<String, String> base : BASES.entrySet()) {
            System.out.println(base.getKey() + "\t" + JSON.readTree(base.getValue()));
        }
        for (String base : BASES.keySet()) {
            for (KubernetesDeploymentMode mode : KubernetesDeploymentMode.values()) {
                for (String[] field : FIELDS) {
                    if (has(base, field[0])) {
                        for (int at = 2; at < field.length; at++) {
                            print(base, mode, field[0], value(field[at - 1]), value(field[at]));
                        }
                    }
                }
            }
        }
        System.exit(0);
    }

    /** Whether a specification of the base's kind has the field. */
    private static boolean has(String base, String path) {
        String first = path.split("/")[0];
        return switch (base) {
            case "job" -> first.equals("job") || first.equals("flinkConfiguration") || first.equals("restartNonce")
                    || first.equals("deploymentName");
            case "session" -> !first.equals("job") && !first.equals("deploymentName");
            default -> !first.equals("deploymentName");
        };
    }

    private static JsonNode value(String text) throws JsonProcessingException {
        return JSON.readTree(text.replace('\'', '"'));
    }

    private static void print(String base, KubernetesDeploymentMode mode, String path, JsonNode before, JsonNode after)
            throws JsonProcessingException {
        var type = new ReflectiveDiffBuilder<>(mode, spec(base, path, before), spec(base, path, after)).build().getType();
        System.out.println(String.join("\t", base, mode.name(), path, before.toString(), after.toString(), type.name()));
    }

    private static AbstractFlinkSpec spec(String base, String path, JsonNode value) throws JsonProcessingException {
        ObjectNode spec = (ObjectNode) JSON.readTree(BASES.get(base));
        String[] steps = path.split("/");
        ObjectNode at = spec;
        for (int step = 0; step + 1 < steps.length; step++) {
            at = at.get(steps[step]) instanceof ObjectNode inner ? inner : at.putObject(steps[step]);
        }
        if (value.isNull()) {
            at.remove(steps[steps.length - 1]);
        } else {
            at.set(steps[steps.length - 1], value);
        }
        Class<? extends AbstractFlinkSpec> type = base.equals("job") ? FlinkSessionJobSpec.class : FlinkDeploymentSpec.class;
        return Serialization.unmarshal(spec.toString(), type);
    }
}
