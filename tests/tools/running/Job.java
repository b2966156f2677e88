import java.util.LongSummaryStatistics;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A job that ends: it goes slowly through as many numbers as its argument says, and keeps sums of them.
 *
 * <p>All else is left to the configuration. The sums are of a class of Java's own, which Flink writes field by field:
 * since Java 17 only where the JVM was told to let it.
 */
public class Job {
    private static final int KEYS = 64;

    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        long count = Long.parseLong(arguments[0]);
        environment
                .fromSource(new NumberSequenceSource(1, count), WatermarkStrategy.noWatermarks(), "numbers")
                .map(new Slowly())
                .keyBy(number -> number % KEYS)
                .map(new Sums())
                .rebalance()
                .sinkTo(new DiscardingSink<>());
        environment.execute("sums");
    }

    /** Takes a millisecond for each number, so that there is time for checkpoints. */
    private static class Slowly implements MapFunction<Long, Long> {
        @Override
        public Long map(Long number) throws InterruptedException {
            Thread.sleep(1);
            return number;
        }
    }

    private static class Sums extends RichMapFunction<Long, LongSummaryStatistics> {
        private transient ValueState<LongSummaryStatistics> sums;

        @Override
        public void open(OpenContext context) {
            sums = getRuntimeContext().getState(new ValueStateDescriptor<>("sums", LongSummaryStatistics.class));
        }

        @Override
        public LongSummaryStatistics map(Long number) throws Exception {
            LongSummaryStatistics before = sums.value();
            LongSummaryStatistics now = before == null ? new LongSummaryStatistics() : before;
            now.accept(number);
            sums.update(now);
            return now;
        }
    }
}
