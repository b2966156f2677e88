import java.io.File;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/**
 * Prints the options that jars know: each static field of type ConfigOption, in whatever class.
 *
 * <p>Arguments: {@code NAME=DIRECTORY…}; all jars of a directory are one world. A line is the world's name, the option's
 * name and what it takes, as stdlib/flink/options.txt has them. Classes that cannot be loaded are named on stderr.
 */
public class Options {
    /** Classes whose options are those of tables, hints and generated operators: none of a configuration file. */
    static final List<String> NOT_OF_CLUSTERS = List.of(
            "org.apache.flink.connector.base.table.",
            "org.apache.flink.connector.datagen.",
            "org.apache.flink.connector.file.",
            "org.apache.flink.connector.print.",
            "org.apache.flink.formats.",
            "org.apache.flink.streaming.api.graph.StreamConfig",
            "org.apache.flink.table.api.config.LookupJoinHintOptions",
            "org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions",
            "org.apache.flink.table.api.config.VectorSearchRuntimeConfigOptions",
            "org.apache.flink.table.catalog.GenericInMemory",
            "org.apache.flink.table.connector.",
            "org.apache.flink.table.gateway.rest.",
            "org.apache.flink.table.runtime.arrow.",
            "org.apache.flink.table.sinks.",
            "org.apache.flink.table.utils.");

    /** A name whose middle is anybody's, such as that of a metrics reporter, has this word there. */
    static final String ANY = "NAME";

    record Option(String key, String taken, boolean deprecated, String of, List<Older> olders) {}

    record Older(String key, boolean deprecated) {}

    public static void main(String[] arguments) throws Exception {
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        // Some classes log when they are loaded.
        System.setOut(System.err);
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            table(options(new File(parts[1]))).forEach((key, taken) ->
                    out.printf("%s %s %s%n", parts[0], key, taken));
        }
        out.flush();
    }

    /** What each name takes. A name that is an older one of others means these, unless it is current by itself. */
    static Map<String, String> table(List<Option> options) {
        // A field that is not deprecated says it best; the rest makes the choice the same every time.
        options.sort(Comparator.comparing(Option::deprecated).thenComparing(Option::of));
        var own = new TreeMap<String, Option>();
        for (Option option : options) own.putIfAbsent(option.key, option);
        var newer = new TreeMap<String, TreeSet<String>>();
        var fallback = new TreeMap<String, TreeSet<String>>();
        for (Option option : options) {
            for (Older older : option.olders) {
                if (older.key.equals(option.key)) continue;
                (older.deprecated ? newer : fallback).computeIfAbsent(older.key, any -> new TreeSet<>()).add(option.key);
            }
        }
        var table = new TreeMap<String, String>();
        own.forEach((key, option) -> {
            if (!option.deprecated || !newer.containsKey(key)) table.put(key, (option.deprecated ? "~" : "") + option.taken);
        });
        newer.forEach((key, names) -> {
            if (table.containsKey(key)) return;
            var current = names.stream().filter(name -> !newer.containsKey(name) || table.containsKey(name)).toList();
            table.put(key, "=" + String.join(",", current.isEmpty() ? names : current));
        });
        fallback.forEach((key, names) -> table.putIfAbsent(key, "=" + String.join(",", names)));
        table.keySet().removeIf(key -> !isWhole(key));
        return table;
    }

    /**
     * Whether a name can stand in a configuration file. Flink sets names with a dollar itself, the parameters of a GPU
     * follow a name of the user's, and the rest is for tables, which have all names without a dot or hyphen.
     */
    static boolean isWhole(String key) {
        boolean isTables = key.startsWith("scan.") || key.startsWith("partition.fields.")
                || key.equals("sink.parallelism") || key.equals("property-version");
        return !isTables && !key.startsWith("$") && !key.startsWith("discovery-script.")
                && (key.contains(".") || key.contains("-"));
    }

    static List<Option> options(File directory) throws Exception {
        File[] jars = directory.listFiles((in, name) -> name.endsWith(".jar"));
        Arrays.sort(jars);
        var urls = new ArrayList<URL>();
        for (File jar : jars) urls.add(jar.toURI().toURL());
        var found = new ArrayList<Option>();
        try (var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            for (File jar : jars) {
                for (String name : candidates(jar)) {
                    if (NOT_OF_CLUSTERS.stream().anyMatch(name::startsWith)) continue;
                    try {
                        fields(Class.forName(name, true, loader), found);
                    } catch (LinkageError error) {
                        System.err.println(directory.getName() + ": " + name + ": " + error);
                    }
                }
            }
        }
        return found;
    }

    /** Classes of a jar that speak of ConfigOptions. */
    static List<String> candidates(File file) throws Exception {
        byte[] wanted = "Lorg/apache/flink/configuration/ConfigOption;".getBytes(StandardCharsets.UTF_8);
        var names = new ArrayList<String>();
        try (var jar = new JarFile(file)) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                String name = entry.getName();
                if (!name.endsWith(".class") || !name.startsWith("org/apache/flink/")) continue;
                try (InputStream in = jar.getInputStream(entry)) {
                    if (holds(in.readAllBytes(), wanted)) {
                        names.add(name.substring(0, name.length() - 6).replace('/', '.'));
                    }
                }
            }
        }
        names.sort(null);
        return names;
    }

    static boolean holds(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (bytes[at] == wanted[0] && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) return true;
        }
        return false;
    }

    static void fields(Class<?> of, List<Option> found) throws LinkageError {
        for (Field field : of.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())
                    || !field.getType().getName().equals("org.apache.flink.configuration.ConfigOption")) continue;
            try {
                field.setAccessible(true);
                Object option = field.get(null);
                if (option != null) found.add(option(option, field, of));
            } catch (ReflectiveOperationException error) {
                throw new IllegalStateException(field.toString(), error);
            }
        }
    }

    static Option option(Object option, Field field, Class<?> of) throws ReflectiveOperationException {
        String start = family(field, of);
        var olders = new ArrayList<Older>();
        for (Object older : (Iterable<?>) call(option, "fallbackKeys")) {
            olders.add(new Older(start + name((String) call(older, "getKey")), (Boolean) call(older, "isDeprecated")));
        }
        boolean deprecated = field.isAnnotationPresent(Deprecated.class) || of.isAnnotationPresent(Deprecated.class);
        String taken = kind((Class<?>) call(option, "getClazz"), (Boolean) call(option, "isList"));
        Object standard = call(option, "defaultValue");
        // Where the documentation says another default, the value is that of this machine; and of one name, several
        // reporters have several.
        boolean hasOne = standard != null && annotation(field, "OverrideDefault") == null && start.isEmpty();
        if (hasOne) taken += "=" + text(standard);
        return new Option(start + name((String) call(option, "key")), taken, deprecated, of.getName(), olders);
    }

    /** What stands before the names of options that follow a name of the user's. */
    static String family(Field field, Class<?> of) throws ReflectiveOperationException {
        Annotation suffix = annotation(field, "SuffixOption");
        if (suffix == null) suffix = annotation(of, "SuffixOption");
        if (suffix == null) return "";
        // Reporters document themselves under a name of their own, such as `metrics.reporter.influxdb`.
        String family = name((String) call(suffix, "value"));
        return family.replaceFirst("^(\\w+\\.reporter)\\..*", "$1." + ANY) + ".";
    }

    /** A name with its placeholder, which Flink writes in several ways. */
    static String name(String key) {
        return key.replaceAll("<[^>]*>", ANY);
    }

    static Annotation annotation(java.lang.reflect.AnnotatedElement element, String name) {
        for (Annotation annotation : element.getAnnotations()) {
            if (annotation.annotationType().getSimpleName().equals(name)) return annotation;
        }
        return null;
    }

    static String kind(Class<?> type, boolean isList) {
        if (type == Map.class) return isList ? "maps" : "map";
        String kind = switch (type.getSimpleName()) {
            case "Boolean" -> "bool";
            case "Integer" -> "int";
            case "Long" -> "long";
            case "Float" -> "float";
            case "Double" -> "double";
            case "Duration" -> "duration";
            case "MemorySize" -> "memory";
            case "String", "Class" -> "string";
            default -> {
                if (!type.isEnum()) throw new IllegalStateException("an option of " + type);
                yield Arrays.stream(type.getEnumConstants()).map(Object::toString).collect(Collectors.joining("|"));
            }
        };
        return !isList ? kind : kind.equals("string") ? "list" : "list:" + kind;
    }

    /** A default as one would write it, without spaces. */
    static String text(Object value) throws ReflectiveOperationException {
        String text = value.toString();
        if (value instanceof Duration time) {
            text = time(time);
        } else if (value.getClass().getSimpleName().equals("MemorySize")) {
            text = text.replace(" ", "");
        } else if (value instanceof Collection<?> list) {
            var items = new ArrayList<String>();
            for (Object item : list) items.add(text(item));
            text = String.join(";", items);
        } else if (value instanceof Map<?, ?> map) {
            var items = new TreeSet<String>();
            for (Map.Entry<?, ?> entry : map.entrySet()) items.add(text(entry.getKey()) + ":" + text(entry.getValue()));
            text = String.join(",", items);
        }
        return text.replace(' ', '␣');
    }

    /** A time in the largest unit that divides it. */
    static String time(Duration time) {
        long millis = time.toMillis();
        if (time.toNanos() % 1_000_000 != 0) return time.toNanos() + "ns";
        if (millis == 0) return "0ms";
        if (millis % 86_400_000 == 0) return millis / 86_400_000 + "d";
        if (millis % 3_600_000 == 0) return millis / 3_600_000 + "h";
        if (millis % 60_000 == 0) return millis / 60_000 + "min";
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }

    static Object call(Object target, String name) throws ReflectiveOperationException {
        Class<?> of = target instanceof Annotation annotation ? annotation.annotationType() : target.getClass();
        Method method = of.getDeclaredMethod(name);
        method.setAccessible(true);
        return method.invoke(target);
    }
}
