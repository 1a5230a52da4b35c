package org.apache.kafka.connect.runtime.distributed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.runtime.TargetState;
import org.apache.kafka.connect.runtime.distributed.WorkerCoordinator.ConnectorsAndTasks;
import org.apache.kafka.connect.storage.ClusterConfigState;
import org.apache.kafka.connect.util.ConnectorTaskId;

/**
 * Groups of workers led by Java's assignor: an event on each line, and for each an answer with what moved until the group was quiet.
 * Each group begins with an event without an answer.
 */
public class AssignorOracle {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_ROUNDS = 50;

    private final Map<String, ConnectorsAndTasks> members = new TreeMap<>();
    private final ClusterConfigState configured;
    private final IncrementalCooperativeAssignor assignor;
    private long now = 1_000_000;
    private long rejoinAt = Long.MAX_VALUE;
    private int generation = 1;

    private int rounds;
    private final Set<ConnectorTaskId> stopped = new HashSet<>();
    private final Set<ConnectorTaskId> started = new HashSet<>();

    private AssignorOracle(int connectors, int tasksOfEach, int maxDelayMs) {
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Map<String, String>> configs = new HashMap<>();
        Map<String, TargetState> states = new HashMap<>();
        Map<ConnectorTaskId, Map<String, String>> tasks = new HashMap<>();
        for (int i = 0; i < connectors; i++) {
            String name = "connector-" + i;
            counts.put(name, tasksOfEach);
            configs.put(name, Collections.emptyMap());
            states.put(name, TargetState.STARTED);
            for (int task = 0; task < tasksOfEach; task++) tasks.put(new ConnectorTaskId(name, task), Collections.emptyMap());
        }
        configured = new ClusterConfigState(1, null, counts, configs, states, tasks, Collections.emptyMap(), Collections.emptyMap(),
            Collections.emptyMap(), Collections.emptySet(), Collections.emptySet());
        Time time = (Time) Proxy.newProxyInstance(Time.class.getClassLoader(), new Class<?>[] {Time.class}, (proxy, method, args) -> now);
        assignor = new IncrementalCooperativeAssignor(new LogContext(), time, maxDelayMs);
        assignor.previousGenerationId = generation;
    }

    public static void main(String[] args) throws Exception {
        AssignorOracle group = null;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            JsonNode event = JSON.readTree(line);
            if (event.has("begin")) {
                group = new AssignorOracle(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
                continue;
            }
            group.rounds = 0;
            group.stopped.clear();
            group.started.clear();
            for (JsonNode id : event.path("join")) group.members.put(id.asText(), new ConnectorsAndTasks.Builder().build());
            for (JsonNode id : event.path("leave")) group.members.remove(id.asText());
            if (event.has("pass")) group.pass(event.get("pass").asLong());
            else group.settle();
            System.out.println(JSON.writeValueAsString(JSON.createObjectNode()
                .put("rounds", group.rounds).put("stopped", group.stopped.size()).put("started", group.started.size())
                .put("waits", group.rejoinAt != Long.MAX_VALUE)));
        }
    }

    private void pass(long ms) {
        long until = now + ms;
        while (rejoinAt <= until) {
            now = Math.max(now, rejoinAt);
            settle();
        }
        now = until;
    }

    /** The assignor changes the sets that it is given. */
    private Map<String, ConnectorsAndTasks> copies() {
        Map<String, ConnectorsAndTasks> copies = new HashMap<>();
        members.forEach((id, runs) -> copies.put(id, new ConnectorsAndTasks.Builder().with(runs.connectors(), runs.tasks()).build()));
        return copies;
    }

    private void settle() {
        boolean again = true;
        for (int round = 0; again; round++) {
            if (round == MOST_ROUNDS) throw new IllegalStateException("not quiet after " + round + " rounds");
            again = round();
        }
    }

    /** Members give up what is revoked, take what is new, and join again at once when something was revoked. */
    private boolean round() {
        rounds++;
        int last = generation++;
        IncrementalCooperativeAssignor.ClusterAssignment result =
            assignor.performTaskAssignment(configured, last, generation, copies());
        boolean revoked = false;
        for (Map.Entry<String, ConnectorsAndTasks> member : members.entrySet()) {
            String id = member.getKey();
            Set<String> connectors = new LinkedHashSet<>(member.getValue().connectors());
            Set<ConnectorTaskId> tasks = new LinkedHashSet<>(member.getValue().tasks());
            revoked |= connectors.removeAll(result.newlyRevokedConnectors(id)) | tasks.removeAll(result.newlyRevokedTasks(id));
            connectors.addAll(result.newlyAssignedConnectors(id));
            tasks.addAll(result.newlyAssignedTasks(id));
            stopped.addAll(result.newlyRevokedTasks(id));
            started.addAll(result.newlyAssignedTasks(id));
            member.setValue(new ConnectorsAndTasks.Builder().with(connectors, tasks).build());
        }
        rejoinAt = assignor.delay > 0 ? now + assignor.delay : Long.MAX_VALUE;
        return revoked;
    }
}
