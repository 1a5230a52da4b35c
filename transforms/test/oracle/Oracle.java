import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.ParsePosition;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/**
 * Answers, for each line of JSON on standard input, what Kafka Connect's own classes do with it. The encoding of values, schemas
 * and records is that of oracle.ts.
 */
public final class Oracle {
    // Half of a surrogate pair, which UTF-8 has no form for, goes through as an escape.
    private static final ObjectMapper MAPPER = new ObjectMapper().configure(JsonGenerator.Feature.ESCAPE_NON_ASCII, true);

    /** The records that questions of the compact form are about. */
    private static List<ConnectRecord<?>> kept = List.of();
    private static final Map<JsonNode, Schema> READ_SCHEMAS = new HashMap<>();
    private static final Map<Schema, Integer> WRITTEN_SCHEMAS = new IdentityHashMap<>();

    public static void main(String[] args) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        Locale.setDefault(Locale.ENGLISH);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer = MAPPER.createObjectNode();
            try {
                answer(MAPPER.readTree(line), answer);
            } catch (Throwable error) {
                fail(answer, error);
            }
            out.println(MAPPER.writeValueAsString(answer));
        }
        out.flush();
    }

    private static void fail(ObjectNode answer, Throwable error) {
        answer.put("error", error.getClass().getSimpleName());
        answer.put("message", String.valueOf(error.getMessage()));
    }

    private static void answer(JsonNode ask, ObjectNode answer) throws Exception {
        switch (ask.get("op").asText()) {
            case "keep":
                READ_SCHEMAS.clear();
                kept = new ArrayList<>();
                for (JsonNode record : ask.get("records"))
                    kept.add(record(record));
                break;
            case "transform":
                transform(ask, answer);
                break;
            case "transformKept":
                transformKept(ask, answer);
                break;
            case "predicateKept":
                predicateKept(ask, answer);
                break;
            case "predicate":
                predicate(ask, answer);
                break;
            case "toConnect":
                result(answer, converter(ask).toConnectData(ask.get("topic").asText(), bytes(ask.get("bytes"))));
                break;
            case "fromConnect": {
                Schema schema = schema(ask.get("schema"));
                byte[] bytes = converter(ask).fromConnectData(ask.get("topic").asText(), schema, value(schema, ask.get("value")));
                answer.put("bytes", bytes == null ? null : Base64.getEncoder().encodeToString(bytes));
                break;
            }
            case "toHeader":
                result(answer, headerConverter(ask).toConnectHeader("t", "h", bytes(ask.get("bytes"))));
                break;
            case "fromHeader": {
                Schema schema = schema(ask.get("schema"));
                byte[] bytes = headerConverter(ask).fromConnectHeader("t", "h", schema, value(schema, ask.get("value")));
                answer.put("bytes", bytes == null ? null : Base64.getEncoder().encodeToString(bytes));
                break;
            }
            case "formatDate": {
                SimpleDateFormat format = new SimpleDateFormat(ask.get("pattern").asText());
                if (ask.has("zone"))
                    format.setTimeZone(TimeZone.getTimeZone(ask.get("zone").asText()));
                answer.put("text", format.format(new Date(ask.get("millis").asLong())));
                break;
            }
            case "parseDate": {
                Date date = new SimpleDateFormat(ask.get("pattern").asText()).parse(ask.get("text").asText(), new ParsePosition(0));
                answer.put("millis", date == null ? null : String.valueOf(date.getTime()));
                break;
            }
            case "double":
                answer.put("text", Double.toString(Double.longBitsToDouble(Long.parseLong(ask.get("bits").asText()))));
                break;
            case "float":
                answer.put("text", Float.toString(Float.intBitsToFloat(Integer.parseInt(ask.get("bits").asText()))));
                break;
            case "regex": {
                Matcher matcher = Pattern.compile(ask.get("pattern").asText()).matcher(ask.get("text").asText());
                answer.put("matches", matcher.matches());
                answer.put("replaced", matcher.replaceFirst(ask.get("replacement").asText()));
                break;
            }
            default:
                throw new IllegalArgumentException("op");
        }
    }

    private static void result(ObjectNode answer, SchemaAndValue result) {
        answer.set("schema", result == null ? null : schemaNode(result.schema()));
        answer.set("value", result == null ? null : node(result.value()));
    }

    private static byte[] bytes(JsonNode node) {
        return node.isNull() ? null : Base64.getDecoder().decode(node.asText());
    }

    private static Map<String, String> config(JsonNode ask) {
        Map<String, String> config = new HashMap<>();
        ask.get("config").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        return config;
    }

    private static Object instance(JsonNode ask) throws Exception {
        return Class.forName(ask.get("class").asText()).getDeclaredConstructor().newInstance();
    }

    /** Converters by class and config: to make one takes longer than most questions. */
    private static final Map<String, Object> CONVERTERS = new HashMap<>();

    private static Converter converter(JsonNode ask) throws Exception {
        String id = ask.get("class").asText() + ask.get("config") + ask.get("isKey");
        Converter converter = (Converter) CONVERTERS.get(id);
        if (converter == null) {
            converter = (Converter) instance(ask);
            converter.configure(config(ask), ask.get("isKey").asBoolean());
            CONVERTERS.put(id, converter);
        }
        return converter;
    }

    private static HeaderConverter headerConverter(JsonNode ask) throws Exception {
        String id = ask.get("class").asText() + ask.get("config") + "header";
        HeaderConverter converter = (HeaderConverter) CONVERTERS.get(id);
        if (converter == null) {
            converter = (HeaderConverter) instance(ask);
            converter.configure(config(ask));
            CONVERTERS.put(id, converter);
        }
        return converter;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void transform(JsonNode ask, ObjectNode answer) throws Exception {
        Transformation transformation = (Transformation) instance(ask);
        transformation.configure(config(ask));
        ArrayNode results = answer.putArray("results");
        for (JsonNode record : ask.get("records")) {
            ObjectNode result = results.addObject();
            try {
                ConnectRecord<?> transformed = transformation.apply(record(record));
                result.set("record", transformed == null ? null : recordNode(transformed));
            } catch (Throwable error) {
                fail(result, error);
            }
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void predicate(JsonNode ask, ObjectNode answer) throws Exception {
        Predicate predicate = (Predicate) instance(ask);
        predicate.configure(config(ask));
        ArrayNode results = answer.putArray("results");
        for (JsonNode record : ask.get("records"))
            results.add(predicate.test(record(record)));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void predicateKept(JsonNode ask, ObjectNode answer) throws Exception {
        Predicate predicate = (Predicate) instance(ask);
        predicate.configure(config(ask));
        ArrayNode results = answer.putArray("results");
        for (ConnectRecord<?> record : kept)
            results.add(predicate.test(record));
    }

    /** What stayed the same object is left out of the answer, and a schema is told once. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void transformKept(JsonNode ask, ObjectNode answer) throws Exception {
        Transformation transformation = (Transformation) instance(ask);
        transformation.configure(config(ask));
        ArrayNode results = answer.putArray("results");
        for (ConnectRecord<?> record : kept) {
            ObjectNode result = results.addObject();
            try {
                ConnectRecord<?> transformed = transformation.apply(record);
                result.set("record", transformed == null ? null : changes(record, transformed));
            } catch (Throwable error) {
                fail(result, error);
            }
        }
    }

    private static ObjectNode changes(ConnectRecord<?> before, ConnectRecord<?> after) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("topic", after.topic());
        node.put("partition", after.kafkaPartition());
        node.put("timestamp", after.timestamp());
        if (after.keySchema() != before.keySchema())
            node.set("keySchema", schemaReference(after.keySchema()));
        if (after.key() != before.key())
            node.set("key", node(after.key()));
        if (after.valueSchema() != before.valueSchema())
            node.set("valueSchema", schemaReference(after.valueSchema()));
        if (after.value() != before.value())
            node.set("value", node(after.value()));
        if (!after.headers().equals(before.headers())) {
            ArrayNode headers = node.putArray("headers");
            for (Header header : after.headers()) {
                ObjectNode headerNode = headers.addObject();
                headerNode.put("key", header.key());
                headerNode.set("schema", schemaReference(header.schema()));
                headerNode.set("value", node(header.value()));
            }
        }
        return node;
    }

    private static JsonNode schemaReference(Schema schema) {
        if (schema == null)
            return null;
        Integer known = WRITTEN_SCHEMAS.get(schema);
        ObjectNode node = MAPPER.createObjectNode();
        if (known == null) {
            known = WRITTEN_SCHEMAS.size();
            WRITTEN_SCHEMAS.put(schema, known);
            node.set("schema", schemaNode(schema));
        }
        return node.put("id", known);
    }

    private static ConnectRecord<?> record(JsonNode node) {
        Schema keySchema = schema(node.get("keySchema"));
        Schema valueSchema = schema(node.get("valueSchema"));
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode header : node.get("headers")) {
            Schema schema = schema(header.get("schema"));
            headers.add(header.get("key").asText(), value(schema, header.get("value")), schema);
        }
        Object key = value(keySchema, node.get("key"));
        Object value = value(valueSchema, node.get("value"));
        Integer partition = node.get("partition").isNull() ? null : node.get("partition").asInt();
        Long timestamp = node.get("timestamp").isNull() ? null : node.get("timestamp").asLong();
        String topic = node.get("topic").asText();
        if (node.has("offset"))
            return new SinkRecord(topic, partition, keySchema, key, valueSchema, value, node.get("offset").asLong(), timestamp, TimestampType.CREATE_TIME, headers);
        return new SourceRecord(null, null, topic, partition, keySchema, key, valueSchema, value, timestamp, headers);
    }

    private static ObjectNode recordNode(ConnectRecord<?> record) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("topic", record.topic());
        node.put("partition", record.kafkaPartition());
        node.set("keySchema", schemaNode(record.keySchema()));
        node.set("key", node(record.key()));
        node.set("valueSchema", schemaNode(record.valueSchema()));
        node.set("value", node(record.value()));
        node.put("timestamp", record.timestamp());
        ArrayNode headers = node.putArray("headers");
        for (Header header : record.headers()) {
            ObjectNode headerNode = headers.addObject();
            headerNode.put("key", header.key());
            headerNode.set("schema", schemaNode(header.schema()));
            headerNode.set("value", node(header.value()));
        }
        return node;
    }

    /** Equal descriptions give one object, as records of a batch share theirs. */
    private static Schema schema(JsonNode node) {
        if (node == null || node.isNull())
            return null;
        Schema schema = READ_SCHEMAS.get(node);
        if (schema == null) {
            schema = newSchema(node);
            READ_SCHEMAS.put(node, schema);
        }
        return schema;
    }

    private static Schema newSchema(JsonNode node) {
        Schema.Type type = Schema.Type.valueOf(node.get("type").asText().toUpperCase(Locale.ROOT));
        SchemaBuilder builder;
        switch (type) {
            case ARRAY:
                builder = SchemaBuilder.array(schema(node.get("items")));
                break;
            case MAP:
                builder = SchemaBuilder.map(schema(node.get("keys")), schema(node.get("items")));
                break;
            default:
                builder = new SchemaBuilder(type);
        }
        if (type == Schema.Type.STRUCT)
            for (JsonNode field : node.get("fields"))
                builder.field(field.get(0).asText(), schema(field.get(1)));
        if (node.get("optional").asBoolean())
            builder.optional();
        if (!node.get("name").isNull())
            builder.name(node.get("name").asText());
        if (!node.get("version").isNull())
            builder.version(node.get("version").asInt());
        if (!node.get("doc").isNull())
            builder.doc(node.get("doc").asText());
        for (JsonNode parameter : node.get("parameters"))
            builder.parameter(parameter.get(0).asText(), parameter.get(1).asText());
        if (!node.get("default").isNull())
            builder.defaultValue(value(builder, node.get("default")));
        return builder.build();
    }

    private static JsonNode schemaNode(Schema schema) {
        if (schema == null)
            return null;
        ObjectNode node = MAPPER.createObjectNode();
        node.put("type", schema.type().name().toLowerCase(Locale.ROOT));
        node.put("optional", schema.isOptional());
        node.put("name", schema.name());
        node.put("version", schema.version());
        node.put("doc", schema.doc());
        ArrayNode parameters = node.putArray("parameters");
        if (schema.parameters() != null)
            schema.parameters().forEach((key, value) -> parameters.addArray().add(key).add(value));
        node.set("default", node(schema.defaultValue()));
        if (schema.type() == Schema.Type.ARRAY || schema.type() == Schema.Type.MAP)
            node.set("items", schemaNode(schema.valueSchema()));
        if (schema.type() == Schema.Type.MAP)
            node.set("keys", schemaNode(schema.keySchema()));
        if (schema.type() == Schema.Type.STRUCT) {
            ArrayNode fields = node.putArray("fields");
            for (Field field : schema.fields()) {
                ArrayNode pair = fields.addArray().add(field.name());
                pair.add(schemaNode(field.schema()));
            }
        }
        return node;
    }

    /** @param schema gives structs their schema; elements of schemaless data have none */
    private static Object value(Schema schema, JsonNode node) {
        if (node == null || node.isNull())
            return null;
        JsonNode value = node.get(1);
        switch (node.get(0).asText()) {
            case "int8":
                return Byte.valueOf(value.asText());
            case "int16":
                return Short.valueOf(value.asText());
            case "int32":
                return Integer.valueOf(value.asText());
            case "int64":
                return Long.valueOf(value.asText());
            case "float32":
                return Float.intBitsToFloat(Integer.parseInt(value.asText()));
            case "float64":
                return Double.longBitsToDouble(Long.parseLong(value.asText()));
            case "boolean":
                return value.asBoolean();
            case "string":
                return value.asText();
            case "bytes":
                return Base64.getDecoder().decode(value.asText());
            case "date":
                return new Date(Long.parseLong(value.asText()));
            case "decimal":
                return new BigDecimal(new BigInteger(value.asText()), node.get(2).asInt());
            case "array": {
                List<Object> list = new ArrayList<>();
                for (JsonNode item : value)
                    list.add(value(schema == null ? null : schema.valueSchema(), item));
                return list;
            }
            case "map": {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (JsonNode entry : value)
                    map.put(value(schema == null ? null : schema.keySchema(), entry.get(0)),
                        value(schema == null ? null : schema.valueSchema(), entry.get(1)));
                return map;
            }
            case "struct": {
                Struct struct = new Struct(schema);
                for (JsonNode entry : value) {
                    Field field = schema.field(entry.get(0).asText());
                    Object fieldValue = value(field.schema(), entry.get(1));
                    if (fieldValue != null)
                        struct.put(field, fieldValue);
                }
                return struct;
            }
            default:
                throw new IllegalArgumentException("value");
        }
    }

    private static JsonNode node(Object value) {
        if (value == null)
            return null;
        ArrayNode node = MAPPER.createArrayNode();
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long)
            return node.add("int64").add(value.toString());
        if (value instanceof Float)
            return node.add("float32").add(String.valueOf(Float.floatToIntBits((Float) value)));
        if (value instanceof Double)
            return node.add("float64").add(String.valueOf(Double.doubleToLongBits((Double) value)));
        if (value instanceof Boolean)
            return node.add("boolean").add((Boolean) value);
        if (value instanceof String)
            return node.add("string").add((String) value);
        if (value instanceof ByteBuffer) {
            ByteBuffer buffer = ((ByteBuffer) value).duplicate();
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return node(bytes);
        }
        if (value instanceof byte[])
            return node.add("bytes").add(Base64.getEncoder().encodeToString((byte[]) value));
        if (value instanceof Date)
            return node.add("date").add(String.valueOf(((Date) value).getTime()));
        if (value instanceof BigDecimal)
            return node.add("decimal").add(((BigDecimal) value).unscaledValue().toString()).add(((BigDecimal) value).scale());
        if (value instanceof List) {
            ArrayNode items = node.add("array").addArray();
            for (Object item : (List<?>) value)
                items.add(node(item));
            return node;
        }
        if (value instanceof Map) {
            ArrayNode entries = node.add("map").addArray();
            ((Map<?, ?>) value).forEach((key, item) -> {
                ArrayNode entry = entries.addArray();
                entry.add(node(key));
                entry.add(node(item));
            });
            return node;
        }
        Struct struct = (Struct) value;
        ArrayNode entries = node.add("struct").addArray();
        for (Field field : struct.schema().fields()) {
            ArrayNode entry = entries.addArray().add(field.name());
            entry.add(node(struct.getWithoutDefault(field.name())));
        }
        return node;
    }
}
