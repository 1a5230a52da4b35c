import io.apicurio.registry.serde.avro.NonRecordContainer;
import io.apicurio.registry.utils.converter.avro.AvroData;
import io.apicurio.registry.utils.converter.avro.AvroDataConfig;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.storage.Converter;

/** Java's mapping between Connect and Avro without a registry: the text of the Avro schema, a line feed, the data. */
public final class AvroDataConverter implements Converter {
    private AvroDataConfig config;

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        config = new AvroDataConfig(configs);
    }

    /** A new one each time: its cache takes schemas for the same that differ in their docs only. */
    private AvroData avroData() {
        return new AvroData(config);
    }

    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object value) {
        AvroData avroData = avroData();
        org.apache.avro.Schema avroSchema = avroData.fromConnectSchema(schema);
        Object mapped = avroData.fromConnectData(schema, value);
        if (mapped instanceof NonRecordContainer)
            mapped = ((NonRecordContainer) mapped).getValue();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(avroSchema.toString().getBytes(StandardCharsets.UTF_8));
            out.write('\n');
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new GenericDatumWriter<Object>(avroSchema).write(mapped, encoder);
            encoder.flush();
            return out.toByteArray();
        } catch (java.io.IOException error) {
            throw new IllegalStateException(error);
        }
    }

    @Override
    public SchemaAndValue toConnectData(String topic, byte[] bytes) {
        int end = 0;
        while (bytes[end] != '\n')
            end++;
        org.apache.avro.Schema avroSchema =
            new org.apache.avro.Schema.Parser().parse(new String(bytes, 0, end, StandardCharsets.UTF_8));
        try {
            Object value = new GenericDatumReader<Object>(avroSchema)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, end + 1, bytes.length - end - 1, null));
            return avroData().toConnectData(avroSchema, value);
        } catch (java.io.IOException error) {
            throw new IllegalStateException(error);
        }
    }
}
