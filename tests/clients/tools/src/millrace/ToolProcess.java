package millrace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command line tool in a JVM of its own, as its script would start it, while other things happen. */
final class ToolProcess implements AutoCloseable {
    private final Path out;
    private final Path err;
    private final Process process;
    private final Writer in;

    ToolProcess(Class<?> tool, String bootstrap, String... arguments) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        var command = new ArrayList<>(List.of(
            "java", "-XX:TieredStopAtLevel=1", "-cp", classPath, tool.getName(), "--bootstrap-server", bootstrap));
        command.addAll(List.of(arguments));
        out = Files.createTempFile("tool", ".out");
        err = Files.createTempFile("tool", ".err");
        process = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        in = process.outputWriter(StandardCharsets.UTF_8);
    }

    void write(String lines) throws IOException {
        in.write(lines);
        in.flush();
    }

    /** What it has printed so far. */
    String printed() {
        try {
            return Files.readString(out);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Ends its input and waits for it; status -1 if it goes on nevertheless. */
    Tool.Result end() throws IOException, InterruptedException {
        in.close();
        boolean ended = process.waitFor(Tool.LIMIT.toSeconds(), TimeUnit.SECONDS);
        return new Tool.Result(ended ? process.exitValue() : -1, printed(), Files.readString(err));
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.delete(out);
        Files.delete(err);
    }
}
