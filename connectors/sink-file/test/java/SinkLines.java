import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.file.FileStreamSinkTask;
import org.apache.kafka.connect.sink.SinkRecord;

/** Writes values of all kinds to the file given with Kafka's file sink. */
public class SinkLines {
    public static void main(String[] args) {
        Schema inner = SchemaBuilder.struct().field("x", Schema.FLOAT64_SCHEMA).field("n", Schema.OPTIONAL_STRING_SCHEMA).build();
        Schema schema = SchemaBuilder.struct()
            .field("a", Schema.INT32_SCHEMA)
            .field("s", Schema.STRING_SCHEMA)
            .field("in", inner)
            .field("arr", SchemaBuilder.array(Schema.INT64_SCHEMA).build())
            .field("m", SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.FLOAT32_SCHEMA).build())
            .field("t", Timestamp.SCHEMA)
            .field("d", Decimal.schema(2))
            .field("bo", Schema.BOOLEAN_SCHEMA)
            .field("od", SchemaBuilder.string().optional().defaultValue("dflt").build())
            .build();
        Struct struct = new Struct(schema)
            .put("a", 1)
            .put("s", "x,y")
            .put("in", new Struct(inner).put("x", 1.0))
            .put("arr", Arrays.asList(1L, 2L))
            .put("m", Map.of("k", 0.1f))
            .put("t", new java.util.Date(1_700_000_000_123L))
            .put("d", new BigDecimal("1.50"))
            .put("bo", true);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a", 1L);
        map.put("b", null);
        map.put("c", List.of());
        map.put("d", Map.of("x", 1.5));
        Object[] values = {
            struct, map, Map.of(1, "one"), null, 1.0, 12345678.5, 9007199254740993L, "gr\u00fc\u00dfe \ud83c\udf89", "",
            new BigDecimal(BigInteger.valueOf(15), -3), new BigDecimal(BigInteger.ONE, 7), new java.util.Date(0), false, 1e-7, -0.0,
        };
        FileStreamSinkTask task = new FileStreamSinkTask();
        task.start(Map.of("file", args[0]));
        for (Object value : values)
            task.put(Collections.singletonList(new SinkRecord("lines", 0, null, null, null, value, 0)));
        task.flush(Map.of());
        task.stop();
    }
}
