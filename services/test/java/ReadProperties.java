import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.common.utils.Utils;

/** Prints a properties file as JSON, read as Kafka reads its configuration. */
public class ReadProperties {
  public static void main(String[] args) throws Exception {
    System.out.println(new ObjectMapper().writeValueAsString(Utils.loadProps(args[0])));
  }
}
