import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ConfigOptions.OptionBuilder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * Prints whether Flink can read texts as values of options: the type as stdlib/flink/options.txt has it, the text as a
 * JSON string, and `yes` or `no`, with tabs between them.
 *
 * <p>The texts come from a configuration file where the version reads standard YAML. The argument is a directory for it.
 */
public class Values {
    enum Level { Low, Mid_Level, HIGH }

    /** What may stand in a text of a type: every text is some of these, one after another. */
    record Kind(String name, Function<OptionBuilder, ConfigOption<?>> option, List<String> whole, List<String> parts) {}

    static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    static final List<String> NUMBERS = words("0 1 -1 +1 007 42 2147483647 2147483648 -2147483648 -2147483649 "
            + "9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 1_000 1,000 0x10 1e3 1.0 "
            + "1. .5 - + . 1- --1 1L 1d 1f 1D 1F NaN Infinity -Infinity +NaN nan inf 1e400 -1e400 1e-400 1e 1e+ 1E-5 1e+05 "
            + "0x1p3 0x1.8p1 0x1 0X.8P-2f 0x1p 40% two null true 12345678901234567890 0.1f .e5 1e5.0 3.5e38 1.7e308");

    static final List<Kind> KINDS = List.of(
            new Kind("bool", key -> key.booleanType().noDefaultValue(),
                    words("true false True FALSE tRuE yes no on off 1 0 t f truefalse true; null"),
                    List.of("t", "T", "r", "R", "u", "U", "e", "E", "true", "f", "F", "alse", "ALSE", "lsE", "A", "a", " ", "yes")),
            new Kind("int", key -> key.intType().noDefaultValue(), NUMBERS,
                    List.of("1", "2147483", "647", "648", "-", "+", "0", " ", "9", ".", "x")),
            new Kind("long", key -> key.longType().noDefaultValue(), NUMBERS,
                    List.of("1", "92233720368547758", "07", "08", "-", "+", "0", " ", "9", ".", "L")),
            new Kind("float", key -> key.floatType().noDefaultValue(), NUMBERS,
                    List.of("1", "0", "25", ".", "-", "+", "e", "E", " ", "f", "d", "x", "\t")),
            new Kind("double", key -> key.doubleType().noDefaultValue(), NUMBERS,
                    List.of("1", "0", "25", ".", "-", "+", "e", "E", " ", "F", "D", "p", "\t")),
            new Kind("duration", key -> key.durationType().noDefaultValue(),
                    words("0 1 10 -1 +1 10s 10S 1.5s 10% PT10S PT0.5S pt10s P1D P1DT2H3M4.5S P1W P1M PT P -PT10S PT-10S +PT10S "
                            + "PT1H30M PT90 P1Y 1h30m 10µs 10us 10μs 9223372036854775807 9223372036854775808 "
                            + "9223372036854775807s 9223372036854775807d 106751991167300d 106751991167301d 153722867280912930m "
                            + "153722867280912931m 2562047788015215h 2562047788015216h 99999999999999999999ms 1e3s 10month 10years "
                            + "10week PT1.1234567891S PT1,5S PT10S10 PT10S1M PT1M1H PT99999999999999999999S"),
                    List.of("1", "0", "30", " ", "d", "day", "days", "h", "hour", "hours", "m", "min", "mins", "minute", "minutes",
                            "s", "sec", "secs", "second", "seconds", "ms", "milli", "millis", "millisecond", "milliseconds", "us",
                            "micro", "micros", "µs", "ns", "nano", "nanos", "Day", "MIN", "-", ".", "P", "T", "PT", "H", "M", "S",
                            "\t")),
            new Kind("memory", key -> key.memoryType().noDefaultValue(),
                    words("0 1 -1 1Gi 1GiB 1.5g 1e3 1tb 8388607tb 8388608tb 8796093022207m 8796093022208m 9223372036854775807 "
                            + "9223372036854775808 99999999999999999999 99999999999999999999kb 8191pb 1e 0x10 max 1bit 1bytes"),
                    List.of("1", "0", "512", "1024", " ", "b", "bytes", "k", "kb", "kibibytes", "m", "mb", "mebibytes", "g", "gb",
                            "gibibytes", "t", "tb", "tebibytes", "Gi", "GB", "Mb", "K", "-", ".", "ib", "\t", "p")),
            new Kind("Low|Mid_Level|HIGH", key -> key.enumType(Level.class).noDefaultValue(),
                    words("Low low LOW mid_level MID_LEVEL Mid-Level midlevel high HIGH HIGHer Low|HIGH Low; 0 Level.Low"),
                    List.of("Low", "low", "HIGH", "mid_level", " ", ";", "_", "X")),
            new Kind("list", key -> key.stringType().asList().noDefaultValue(),
                    words("a a;b a;;b ;a a; ; 'a;b' 'a';b \"a\" 'a 'a;b ''a'' 'a''b' 'a'b a'b a\"b [a,b] [a;b] [a [a,b]] {a:b} ["),
                    List.of("a", "b1", ";", "'", "\"", " ", ",", "''", "[", "]", "a b", ":", "#")),
            new Kind("list:Low|Mid_Level|HIGH", key -> key.enumType(Level.class).asList().noDefaultValue(),
                    words("Low Low;HIGH low;mid_level Low; ;Low Low;;HIGH Low,HIGH 'Low';HIGH 'Low 'Lo'w [Low] [Low,HIGH] X Low;X"),
                    List.of("Low", "HIGH", "mid_level", ";", ";", "'", "\"", " ", ",", "X")),
            new Kind("map", key -> key.mapType().noDefaultValue(),
                    words("a:b a:b,c:d a a, a:b, ,a:b a: :b : , a:b:c a:'b:c' 'a:b' 'a:b':c a:'b 'a':'b' \"a\":b a:b;c:d {a:b} {} "
                            + "a=b a:b,c 'a:b,c:d' 'a:b','c:d'"),
                    List.of("a", "b", "c1", ":", ":", ",", ",", "'", "\"", " ", ";", "{", "}")),
            new Kind("maps", key -> key.mapType().asList().noDefaultValue(),
                    words("a:b a:b;c:d a:b,c:d;e:f a;b a:b; ;a:b a:b;c 'a:b';c:d [a:b] a:b,c"),
                    List.of("a", "b", "c1", ":", ":", ",", ";", " ")),
            new Kind("string", key -> key.stringType().noDefaultValue(), words("a 1 true 'a \"a [a {a: a#b"),
                    List.of("a", " ", "'", ";", ":", "1")));

    public static void main(String[] arguments) throws Exception {
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        for (Kind kind : KINDS) {
            List<String> texts = texts(kind);
            Configuration configuration = read(texts, Path.of(arguments[0]));
            for (int at = 0; at < texts.size(); at++) {
                String reads = "yes";
                try {
                    configuration.getOptional(kind.option.apply(ConfigOptions.key("k" + at)));
                } catch (IllegalArgumentException error) {
                    reads = "no";
                }
                out.println(kind.name + "\t" + quoted(texts.get(at)) + "\t" + reads);
            }
        }
        out.flush();
    }

    /** The same texts every time: those that were thought of, and random ones. */
    static List<String> texts(Kind kind) {
        Set<String> texts = new LinkedHashSet<>(kind.whole);
        for (String text : kind.whole) texts.add(" " + text + " ");
        var random = new Random(kind.name.length() * 31L + kind.name.charAt(0));
        for (int tries = 0; texts.size() < 400 && tries < 5000; tries++) {
            var text = new StringBuilder();
            for (int left = 1 + random.nextInt(4); left > 0; left--) text.append(kind.parts.get(random.nextInt(kind.parts.size())));
            texts.add(text.toString());
        }
        // Values that can be read are rare among random ones: a word in any case, a number and a unit.
        for (int round = 0; round < 10; round++) {
            for (String word : kind.whole.subList(0, 5)) texts.add(recased(word, random));
        }
        if (kind.name.equals("duration") || kind.name.equals("memory")) {
            for (String unit : kind.parts) {
                for (String number : words("1 007 9000000000000 9223372036854775807")) {
                    texts.add(number + unit);
                    texts.add(" " + number + "  " + unit.toUpperCase(Locale.ROOT));
                }
            }
        }
        texts.removeIf(String::isBlank);
        return new ArrayList<>(texts);
    }

    static String recased(String word, Random random) {
        var text = new StringBuilder();
        for (char letter : word.toCharArray()) {
            text.append(random.nextBoolean() ? Character.toUpperCase(letter) : Character.toLowerCase(letter));
        }
        return text.toString();
    }

    /** Whether the version reads standard YAML: from 1.19 on. */
    static boolean isStandard() {
        try {
            Class.forName("org.apache.flink.configuration.YamlParserUtils");
            return true;
        } catch (ClassNotFoundException before) {
            return false;
        }
    }

    /** A configuration with the texts as `k0`, `k1` and so on. */
    static Configuration read(List<String> texts, Path directory) throws Exception {
        var configuration = new Configuration();
        var file = new StringBuilder();
        for (int at = 0; at < texts.size(); at++) {
            configuration.setString("k" + at, texts.get(at));
            file.append('k').append(at).append(": ").append(quoted(texts.get(at))).append('\n');
        }
        if (!isStandard()) return configuration;
        Files.writeString(directory.resolve("config.yaml"), file);
        return GlobalConfiguration.loadConfiguration(directory.toString());
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t") + '"';
    }
}
