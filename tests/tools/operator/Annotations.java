import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.kubernetes.operator.api.diff.Diffable;
import org.apache.flink.kubernetes.operator.api.diff.SpecDiff;
import org.apache.flink.kubernetes.operator.api.spec.FlinkDeploymentSpec;
import org.apache.flink.kubernetes.operator.api.spec.FlinkSessionJobSpec;
import org.apache.flink.kubernetes.operator.api.spec.KubernetesDeploymentMode;

/**
 * Prints what the Flink Kubernetes operator's types say of a change of their fields: a line for each field, with tabs
 * between: the kind, how the pods are made, the path, and the {@code DiffType}; {@code !} before it where a value that
 * is taken away is ignored. A path that ends in {@code *} is of the options that begin so.
 *
 * <p>The types are those of an operator newer than any whose code for comparing them Maven Central has. That code takes
 * the annotation of a field; without one it looks into fields that are {@code Diffable}, and all else is an upgrade.
 */
public class Annotations {
    public static void main(String[] arguments) {
        for (KubernetesDeploymentMode mode : KubernetesDeploymentMode.values()) {
            print("FlinkDeployment", mode, "", FlinkDeploymentSpec.class);
            print("FlinkSessionJob", mode, "", FlinkSessionJobSpec.class);
        }
    }

    private static void print(String kind, KubernetesDeploymentMode mode, String path, Class<?> type) {
        for (Field field : fields(type)) {
            String inner = path + field.getName();
            SpecDiff own = field.getAnnotation(SpecDiff.class);
            SpecDiff.Config entries = field.getAnnotation(SpecDiff.Config.class);
            if (entries != null) {
                for (SpecDiff.Entry entry : entries.value()) {
                    line(kind, mode, inner + "/" + entry.prefix() + "*", applies(entry.mode(), mode) ? entry.type().name() : "UPGRADE");
                }
            } else if (own != null && applies(own.mode(), mode)) {
                line(kind, mode, inner, (own.onNullIgnore() ? "!" : "") + own.value().name());
            } else if (Diffable.class.isAssignableFrom(field.getType())) {
                print(kind, mode, inner + "/", field.getType());
            } else {
                line(kind, mode, inner, "UPGRADE");
            }
        }
    }

    /** What names no way to make pods holds for all. */
    private static boolean applies(KubernetesDeploymentMode[] named, KubernetesDeploymentMode mode) {
        return named.length == 0 || List.of(named).contains(mode);
    }

    /** The fields of a type and of those that it extends. */
    private static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    private static void line(String kind, KubernetesDeploymentMode mode, String path, String type) {
        System.out.println(String.join("\t", kind, mode.name(), path, type));
    }
}
