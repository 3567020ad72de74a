package millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.apache.kafka.common.utils.Exit;

import scala.Console;

/**
 * Runs a command line tool inside this JVM, as its script would in a JVM of its own: arguments and
 * standard input in; output, errors and the exit status out.
 */
final class Tool {
    static final String BOOTSTRAP = System.getenv("MILLRACE_TEST_BOOTSTRAP");
    static final Duration LIMIT = Duration.ofSeconds(40);
    private static final Duration PAUSE = Duration.ofMillis(100);

    interface Main {
        void run(String[] arguments) throws Throwable;
    }

    record Result(int status, String out, String err) {
        /** Lines of output, without the empty ones. */
        List<String> lines() {
            return out.lines().filter(line -> !line.isBlank()).toList();
        }

        /** The columns of the first line that contains every one of these words. */
        List<String> row(String... words) {
            return lines().stream()
                .map(line -> List.of(line.trim().split("\\s+")))
                .filter(columns -> columns.containsAll(List.of(words)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line with " + List.of(words) + " in\n" + this));
        }

        /** Refused by the broker, with a reason, and not because it did not answer. */
        Result refused() {
            assertEquals(1, status, this::toString);
            assertTrue(toString().contains("Error"), this::toString);
            assertFalse(toString().contains("imed out"), this::toString);
            return this;
        }

        Result ok() {
            assertEquals(0, status, this::toString);
            return this;
        }

        @Override
        public String toString() {
            return "status " + status + "\n" + out + err;
        }
    }

    private static final class Exited extends Error {
        Exited(int status) {
            super("exit " + status, null, false, false);
        }
    }

    private Tool() {
    }

    static Result run(Main main, String... arguments) {
        return feed(main, "", arguments);
    }

    static synchronized Result feed(Main main, String input, String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        PrintStream oldOut = System.out;
        PrintStream oldErr = System.err;
        InputStream oldIn = System.in;
        // Some tools catch what ends them and exit again: the first word counts.
        var exited = new AtomicReference<Integer>();
        Exit.Procedure exit = (status, message) -> {
            if (exited.compareAndSet(null, status) && message != null) {
                System.err.println(message);
            }
            throw new Exited(status);
        };
        Exit.setExitProcedure(exit);
        Exit.setHaltProcedure(exit);
        // Some tools do their last work, as flushing, in a hook.
        var hooks = new ArrayList<Runnable>();
        Exit.setShutdownHookAdder((name, hook) -> hooks.add(hook));
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            // Scala keeps the standard output that it found first.
            Console.withOut(System.out, () -> {
                attempt(main, arguments);
                return null;
            });
        } catch (Exited end) {
            // As told by the exit procedure.
        } catch (Throwable thrown) {
            thrown.printStackTrace(System.err);
            exited.compareAndSet(null, 1);
        }
        try {
            hooks.forEach(Runnable::run);
        } finally {
            System.setOut(oldOut);
            System.setErr(oldErr);
            System.setIn(oldIn);
            Exit.resetExitProcedure();
            Exit.resetHaltProcedure();
            Exit.resetShutdownHookAdder();
        }
        int status = exited.get() == null ? 0 : exited.get();
        return new Result(
            status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** For a tool that does its last work when its JVM ends. */
    static Result process(Class<?> tool, String... arguments) throws Exception {
        try (var process = new ToolProcess(tool, BOOTSTRAP, arguments)) {
            return process.end();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void attempt(Main main, String[] arguments) throws T {
        try {
            main.run(arguments);
        } catch (Throwable thrown) {
            throw (T) thrown;
        }
    }

    /** The tool with {@code --bootstrap-server} before the other arguments. */
    static Result admin(Main main, String... arguments) {
        return run(main, Stream.concat(Stream.of("--bootstrap-server", BOOTSTRAP), Stream.of(arguments))
            .toArray(String[]::new));
    }

    static Result topics(String... arguments) {
        return admin(org.apache.kafka.tools.TopicCommand::main, arguments);
    }

    static Result groups(String... arguments) {
        return admin(org.apache.kafka.tools.consumer.group.ConsumerGroupCommand::main, arguments);
    }

    static Result configs(String... arguments) {
        return admin(kafka.admin.ConfigCommand::main, arguments);
    }

    static Result offsets(String... arguments) {
        return admin(org.apache.kafka.tools.GetOffsetShell::main, arguments);
    }

    static Result dump(String... arguments) {
        return run(kafka.tools.DumpLogSegments::main, arguments);
    }

    /** Reads until {@code count} records came; the extra arguments go to the console consumer. */
    static Result consume(String topic, int count, String... arguments) {
        var all = new ArrayList<>(List.of(
            "--topic", topic, "--max-messages", Integer.toString(count), "--timeout-ms", "30000"));
        all.addAll(List.of(arguments));
        return admin(org.apache.kafka.tools.consumer.ConsoleConsumer::main, all.toArray(String[]::new));
    }

    /** Sends every line of {@code input}; the extra arguments go to the console producer. */
    static Result produce(String topic, String input, String... arguments) {
        var all = new ArrayList<>(List.of("--bootstrap-server", BOOTSTRAP, "--topic", topic));
        all.addAll(List.of(arguments));
        return feed(org.apache.kafka.tools.ConsoleProducer::main, input, all.toArray(String[]::new));
    }

    static String createTopic(int partitions, String... configs) {
        String name = unique("tool");
        var all = new ArrayList<>(List.of(
            "--create", "--topic", name, "--partitions", Integer.toString(partitions)));
        for (String config : configs) {
            all.addAll(List.of("--config", config));
        }
        topics(all.toArray(String[]::new)).ok();
        eventually("topic " + name, () -> offsets("--topic", name).status() == 0);
        return name;
    }

    static String unique(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 12);
    }

    static void eventually(String what, Supplier<Boolean> probe) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!probe.get()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + LIMIT + " for " + what);
            }
            try {
                Thread.sleep(PAUSE.toMillis());
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    /** The directory of a partition in the data of the broker under test. */
    static Path partition(String topic, int partition) {
        return Path.of(System.getenv("MILLRACE_TEST_DATA"), topic + "-" + partition);
    }

    static List<Path> files(Path directory, String suffix) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
