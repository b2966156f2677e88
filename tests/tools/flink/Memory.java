import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;

/**
 * Says how Flink divides the memory of processes, for configurations that are made up: the same ones every time.
 *
 * <p>A line is a process, its options without their common prefix, and what Flink made of them: {@code ok} and eight
 * sizes in bytes, or {@code no} and the beginning of what it said. The sizes of a TaskManager are framework heap, task
 * heap, framework off-heap, task off-heap, network, managed, metaspace, overhead; of a JobManager: heap, off-heap,
 * metaspace, overhead.
 */
public class Memory {
    private static final int CONFIGURATIONS = 2000;

    public static void main(String[] arguments) {
        Random random = new Random(20);
        for (int at = 0; at < CONFIGURATIONS; at++) {
            taskManager(made(random, TASK_MANAGER));
        }
        for (int at = 0; at < CONFIGURATIONS / 2; at++) {
            jobManager(made(random, JOB_MANAGER));
        }
    }

    /** An option, how often of a hundred it is set, and to what. */
    private record Choice(String option, int often, String... values) {}

    private static final String[] SMALL = {
        "0b", "1 b", "64m", "100mb", "128m", "128 mb", "192m", "256m", "300m", "333333333", "512m", "0.5g", "1g"
    };
    private static final String[] LARGE = {
        "512m", "700m", "982m", "981m", "1g", "1500m", "1728m", "2g", "2 gb", "2147483649", "3g", "3333333333b", "4g",
        "4096 mebibytes", "6G", "8g", "16 GB", "64g", "1t", "4Gi"
    };
    private static final String[] FRACTIONS = {
        "0", "0.0", "0.05", "0.1", "0.15", "0.2", "0.25", "0.33", "0.333333", "0.4", "0.5", "0.7", "0.9", "0.99", "1",
        "1.0", "-0.1", "1e-1", "2.5E-2", "40%"
    };

    private static final Choice[] TASK_MANAGER = {
        new Choice("process.size", 85, LARGE),
        new Choice("flink.size", 30, LARGE),
        new Choice("task.heap.size", 30, SMALL),
        new Choice("managed.size", 30, SMALL),
        new Choice("framework.heap.size", 10, SMALL),
        new Choice("framework.off-heap.size", 10, SMALL),
        new Choice("task.off-heap.size", 15, SMALL),
        new Choice("managed.fraction", 25, FRACTIONS),
        new Choice("network.fraction", 20, FRACTIONS),
        new Choice("network.min", 15, SMALL),
        new Choice("network.max", 15, LARGE),
        new Choice("jvm-metaspace.size", 20, SMALL),
        new Choice("jvm-overhead.fraction", 15, FRACTIONS),
        new Choice("jvm-overhead.min", 15, SMALL),
        new Choice("jvm-overhead.max", 25, LARGE),
    };

    private static final Choice[] JOB_MANAGER = {
        new Choice("process.size", 85, LARGE),
        new Choice("flink.size", 30, LARGE),
        new Choice("heap.size", 30, LARGE),
        new Choice("off-heap.size", 25, SMALL),
        new Choice("jvm-metaspace.size", 25, SMALL),
        new Choice("jvm-overhead.fraction", 20, FRACTIONS),
        new Choice("jvm-overhead.min", 20, SMALL),
        new Choice("jvm-overhead.max", 30, LARGE),
    };

    private static Map<String, String> made(Random random, Choice[] choices) {
        Map<String, String> options = new TreeMap<>();
        for (Choice choice : choices) {
            boolean is = random.nextInt(100) < choice.often();
            String value = choice.values()[random.nextInt(choice.values().length)];
            if (is) {
                options.put(choice.option(), value);
            }
        }
        return options;
    }

    private static void taskManager(Map<String, String> options) {
        print("taskmanager", options, configuration -> {
            TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
            return new long[] {
                spec.getFlinkMemory().getFrameworkHeap().getBytes(),
                spec.getTaskHeapSize().getBytes(),
                spec.getFlinkMemory().getFrameworkOffHeap().getBytes(),
                spec.getTaskOffHeapSize().getBytes(),
                spec.getNetworkMemSize().getBytes(),
                spec.getManagedMemorySize().getBytes(),
                spec.getJvmMetaspaceAndOverhead().getMetaspace().getBytes(),
                spec.getJvmMetaspaceAndOverhead().getOverhead().getBytes(),
            };
        });
    }

    private static void jobManager(Map<String, String> options) {
        print("jobmanager", options, configuration -> {
            JobManagerProcessSpec spec = jobManagerSpec(configuration);
            return new long[] {
                spec.getJvmHeapMemorySize().getBytes(),
                spec.getJvmDirectMemorySize().getBytes(),
                spec.getJvmMetaspaceAndOverhead().getMetaspace().getBytes(),
                spec.getJvmMetaspaceAndOverhead().getOverhead().getBytes(),
            };
        });
    }

    /** Up to 1.20 the call says which option the heap keys of old mean. */
    private static JobManagerProcessSpec jobManagerSpec(Configuration configuration) {
        try {
            for (Method method : JobManagerProcessUtils.class.getMethods()) {
                if (method.getName().equals("processSpecFromConfig")) {
                    return (JobManagerProcessSpec) method.invoke(null, configuration);
                }
                if (method.getName().equals("processSpecFromConfigWithNewOptionToInterpretLegacyHeap")) {
                    return (JobManagerProcessSpec) method.invoke(null, configuration, JobManagerOptions.JVM_HEAP_MEMORY);
                }
            }
        } catch (InvocationTargetException exception) {
            throw (RuntimeException) exception.getCause();
        } catch (IllegalAccessException exception) {
            throw new IllegalStateException(exception);
        }
        throw new IllegalStateException("JobManagerProcessUtils has no method that divides the memory");
    }

    private interface Divider {
        long[] divide(Configuration configuration);
    }

    private static void print(String process, Map<String, String> options, Divider divider) {
        Configuration configuration = new Configuration();
        List<String> set = new ArrayList<>();
        options.forEach((option, value) -> {
            configuration.setString(process + ".memory." + option, value);
            set.add(option + "=" + value);
        });
        StringBuilder line = new StringBuilder(process + "; " + String.join("; ", set) + " -> ");
        try {
            line.append("ok");
            for (long size : divider.divide(configuration)) {
                line.append(' ').append(size);
            }
        } catch (RuntimeException exception) {
            int verdict = line.lastIndexOf("ok");
            line.replace(verdict, line.length(), "no " + reason(exception));
        }
        System.out.println(line);
    }

    /** What was wrong, without the sizes: the words of the innermost configuration error up to the first of them. */
    private static String reason(RuntimeException exception) {
        String message = exception.getMessage();
        Throwable cause = exception.getCause();
        if (cause != null && cause.getMessage() != null && !message.startsWith("Inconsistently configured")) {
            message = cause.getMessage();
        }
        message = message.replaceFirst("^(Job|Task)Manager memory configuration failed: ", "");
        // 1.x and 2.x say in other words that a text is no size.
        message = message.replaceFirst("^Could not parse value .* for key '(.*)'\\.$", "Cannot read memory size from config option '$1'.");
        return message.replaceAll("\\s*\\(.*", "").replaceAll("\\s+", " ");
    }
}
