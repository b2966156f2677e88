import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Says which maximum parallelism Flink gives a job that does not set it, for every parallelism that there is.
 *
 * <p>A line is the first and the last parallelism of those in a row that get the same, and what they get.
 */
public class Parallelism {
    public static void main(String[] arguments) {
        int first = 1;
        for (int parallelism = 1; parallelism <= KeyGroupRangeAssignment.UPPER_BOUND_MAX_PARALLELISM; parallelism++) {
            int most = KeyGroupRangeAssignment.computeDefaultMaxParallelism(parallelism);
            boolean isLast = parallelism == KeyGroupRangeAssignment.UPPER_BOUND_MAX_PARALLELISM
                    || KeyGroupRangeAssignment.computeDefaultMaxParallelism(parallelism + 1) != most;
            if (isLast) {
                System.out.println(first + " " + parallelism + " " + most);
                first = parallelism + 1;
            }
        }
    }
}
