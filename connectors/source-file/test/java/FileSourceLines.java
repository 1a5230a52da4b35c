import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.file.FileStreamSourceTask;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/** Prints what Kafka's file source makes of each file given: for each line its position and its text in Base64; then `end`. */
public class FileSourceLines {
    public static void main(String[] args) {
        for (int i = 0; i < args.length; i += 2) {
            FileStreamSourceTask task = new FileStreamSourceTask();
            task.initialize(contextWithPosition(Long.parseLong(args[i + 1])));
            task.start(Map.of("file", args[i], "topic", "lines", "batch.size", "1000000"));
            try {
                List<SourceRecord> records = task.poll();
                if (records != null) records.forEach(FileSourceLines::print);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            task.stop();
            System.out.println("end");
        }
    }

    private static void print(SourceRecord record) {
        byte[] text = ((String) record.value()).getBytes(StandardCharsets.UTF_8);
        System.out.println(record.sourceOffset().get("position") + " " + Base64.getEncoder().encodeToString(text));
    }

    private static SourceTaskContext contextWithPosition(long position) {
        OffsetStorageReader offsets = (OffsetStorageReader) Proxy.newProxyInstance(FileSourceLines.class.getClassLoader(),
            new Class<?>[] {OffsetStorageReader.class}, (proxy, method, a) -> Map.of("position", position));
        return (SourceTaskContext) Proxy.newProxyInstance(FileSourceLines.class.getClassLoader(),
            new Class<?>[] {SourceTaskContext.class}, (proxy, method, a) -> offsets);
    }
}
