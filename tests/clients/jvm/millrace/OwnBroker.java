package millrace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A broker beside the shared one, for tests that stop or kill it. */
final class OwnBroker implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader answers;
    private final String id;
    final String bootstrap;

    /** Properties are {@code key=value}. */
    OwnBroker(String... properties) {
        try {
            String[] control = System.getenv("MILLRACE_TEST_CONTROL").split(":");
            socket = new Socket(control[0], Integer.parseInt(control[1]));
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        String[] started = ask("start " + String.join("\t", properties)).split(" ");
        id = started[0];
        bootstrap = started[1];
    }

    void stop() {
        ask("stop " + id);
    }

    void kill() {
        ask("kill " + id);
    }

    void resume() {
        ask("resume " + id);
    }

    @Override
    public void close() {
        ask("drop " + id);
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private String ask(String line) {
        try {
            socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            String answer = answers.readLine();
            if (answer == null || !answer.startsWith("ok")) {
                throw new IllegalStateException(line + ": " + answer);
            }
            return answer.substring(Math.min(3, answer.length()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
