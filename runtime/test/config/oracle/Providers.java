import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;

/** Asks Kafka's config providers: a first line with the providers, then a question on each line, with an answer on each line. */
public class Providers {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Map<String, ConfigProvider> providers = new HashMap<>();
        Iterator<Map.Entry<String, JsonNode>> given = JSON.readTree(in.readLine()).fields();
        while (given.hasNext()) {
            Map.Entry<String, JsonNode> entry = given.next();
            ConfigProvider provider = (ConfigProvider) Class.forName(entry.getValue().get("class").asText()).getDeclaredConstructor().newInstance();
            provider.configure(strings(entry.getValue().get("params")));
            providers.put(entry.getKey(), provider);
        }
        ConfigTransformer transformer = new ConfigTransformer(providers);
        String line;
        while ((line = in.readLine()) != null) {
            JsonNode question = JSON.readTree(line);
            Map<String, Object> answer = new TreeMap<>();
            try {
                if (question.has("all")) answer.put("data", new TreeMap<>(providers.get(question.get("provider").asText()).get(question.get("all").asText()).data()));
                else answer.put("data", new TreeMap<>(transformer.transform(strings(question.get("configs"))).data()));
            } catch (Exception e) {
                answer.put("error", String.valueOf(e.getMessage()));
            }
            System.out.println(JSON.writeValueAsString(answer));
        }
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new HashMap<>();
        object.fields().forEachRemaining(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
        return strings;
    }
}
