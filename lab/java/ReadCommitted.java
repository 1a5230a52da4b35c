import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Writes what is committed in topics to a file, a line for each record: topic, partition, offset, timestamp, key and value, with tabs
 * between. Ends at the end mark of each partition (a value) or, without one, at the end; or when nothing came for a while. Prints the
 * partitions whose end it did not reach.
 */
public class ReadCommitted {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    Path file = Path.of(args[1]);
    String mark = args[2];
    long silenceMs = Long.parseLong(args[3]);
    List<String> topics = Arrays.asList(args).subList(4, args.length);
    Map<String, Object> config = Map.of(
        "bootstrap.servers", bootstrap,
        "isolation.level", "read_committed",
        "key.deserializer", StringDeserializer.class,
        "value.deserializer", StringDeserializer.class);
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(config);
        PrintWriter out = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
      Set<TopicPartition> open = new HashSet<>();
      for (String topic : topics)
        consumer.partitionsFor(topic).forEach(info -> open.add(new TopicPartition(topic, info.partition())));
      consumer.assign(open);
      consumer.seekToBeginning(open);
      Map<TopicPartition, Long> ends = mark.isEmpty() ? consumer.endOffsets(open) : Map.of();
      long lastMs = System.currentTimeMillis();
      while (true) {
        open.removeIf(place -> ends.containsKey(place) && consumer.position(place) >= ends.get(place));
        if (open.isEmpty() || System.currentTimeMillis() - lastMs > silenceMs) break;
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          lastMs = System.currentTimeMillis();
          out.println(String.join("\t", record.topic(), String.valueOf(record.partition()), String.valueOf(record.offset()),
              String.valueOf(record.timestamp()), record.key(), record.value()));
          if (mark.equals(record.value())) open.remove(new TopicPartition(record.topic(), record.partition()));
        }
      }
      open.forEach(System.out::println);
    }
  }
}
