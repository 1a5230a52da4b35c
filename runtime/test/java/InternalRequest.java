import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.connect.runtime.rest.RestClient;
import org.apache.kafka.connect.runtime.rest.errors.ConnectRestException;

/**
 * Sends task configs to a worker (POST), or asks it to fence (PUT), as Java's workers ask their leader. Arguments: method, URL, key in
 * Base64, its algorithm, the algorithm of the signature; the task configs come from standard input. Its last line is `accepted`, or the
 * status and the message of the refusal.
 */
public class InternalRequest {
  public static void main(String[] args) throws Exception {
    SecretKeySpec key = new SecretKeySpec(Base64.getDecoder().decode(args[2]), args[3]);
    byte[] input = System.in.readAllBytes();
    Object body =
        input.length == 0
            ? null
            : new ObjectMapper().readValue(input, new TypeReference<List<Map<String, String>>>() {});
    try {
      new RestClient(null).httpRequest(args[1], args[0], null, body, key, args[4]);
      System.out.println("accepted");
    } catch (ConnectRestException e) {
      System.out.println(e.statusCode() + " " + e.getMessage());
    }
  }
}
