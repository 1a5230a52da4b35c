import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.connect.runtime.distributed.ExtendedAssignment;
import org.apache.kafka.connect.runtime.distributed.ExtendedWorkerState;
import org.apache.kafka.connect.runtime.distributed.IncrementalCooperativeConnectProtocol;
import org.apache.kafka.connect.util.ConnectorTaskId;

/** Java's bytes of each worker state and assignment, and what Java reads in bytes of ours: a question and an answer on each line. */
public class ConnectProtocolOracle {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            JsonNode question = JSON.readTree(line);
            boolean sessioned = question.get("sessioned").asBoolean();
            ByteBuffer ours = ByteBuffer.wrap(Base64.getDecoder().decode(question.get("ours").asText()));
            ObjectNode answer = JSON.createObjectNode();
            ByteBuffer bytes;
            if (question.has("state")) {
                JsonNode state = question.get("state");
                ExtendedAssignment has = state.get("assignment").isNull() ? null : assignment(state.get("assignment"), sessioned);
                bytes = IncrementalCooperativeConnectProtocol.serializeMetadata(
                    new ExtendedWorkerState(state.get("url").asText(), state.get("position").asLong(), has), sessioned);
                ExtendedWorkerState read = IncrementalCooperativeConnectProtocol.deserializeMetadata(ours);
                ObjectNode told = answer.putObject("read");
                told.put("url", read.url()).put("position", read.offset());
                told.set("assignment", read.assignment().leader() == null ? null : json(read.assignment()));
            } else {
                bytes = IncrementalCooperativeConnectProtocol.serializeAssignment(assignment(question.get("assignment"), sessioned), sessioned);
                ExtendedAssignment read = IncrementalCooperativeConnectProtocol.deserializeAssignment(ours);
                answer.set("read", json(read));
                answer.put("version", read.version());
            }
            byte[] written = new byte[bytes.remaining()];
            bytes.get(written);
            answer.put("bytes", Base64.getEncoder().encodeToString(written));
            System.out.println(JSON.writeValueAsString(answer));
        }
    }

    private static ExtendedAssignment assignment(JsonNode from, boolean sessioned) {
        return new ExtendedAssignment(
            (short) (sessioned ? 2 : 1), (short) from.get("error").asInt(), from.get("leader").asText(), from.get("leaderUrl").asText(),
            from.get("position").asLong(), connectors(from.get("assigned")), tasks(from.get("assigned")),
            connectors(from.get("revoked")), tasks(from.get("revoked")), from.get("delayMs").asInt());
    }

    private static List<String> connectors(JsonNode share) {
        List<String> connectors = new ArrayList<>();
        share.get("connectors").forEach(connector -> connectors.add(connector.asText()));
        return connectors;
    }

    private static List<ConnectorTaskId> tasks(JsonNode share) {
        List<ConnectorTaskId> tasks = new ArrayList<>();
        share.get("tasks").forEach(task -> tasks.add(new ConnectorTaskId(task.get("connector").asText(), task.get("task").asInt())));
        return tasks;
    }

    private static ObjectNode json(ExtendedAssignment from) {
        ObjectNode to = JSON.createObjectNode();
        to.put("error", from.error()).put("leader", from.leader()).put("leaderUrl", from.leaderUrl()).put("position", from.offset());
        to.set("assigned", share(from.connectors(), from.tasks()));
        to.set("revoked", share(from.revokedConnectors(), from.revokedTasks()));
        return to.put("delayMs", from.delay());
    }

    private static ObjectNode share(Collection<String> connectors, Collection<ConnectorTaskId> tasks) {
        ObjectNode share = JSON.createObjectNode();
        ArrayNode names = share.putArray("connectors");
        connectors.forEach(names::add);
        ArrayNode ids = share.putArray("tasks");
        tasks.forEach(id -> ids.addObject().put("connector", id.connector()).put("task", id.task()));
        return share;
    }
}
