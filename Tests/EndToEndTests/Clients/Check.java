import java.nio.file.Files;
import java.nio.file.Path;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.DecisionsApi;
import org.openapitools.client.api.ThresholdsApi;
import org.openapitools.client.model.Result;
import org.openapitools.client.model.ThresholdChange;

/** Check URL TOKEN RESULT: posts, reads and changes with the client that openapi-generator made for Java. */
public class Check {
    public static void main(String[] arguments) throws Exception {
        var client = new ApiClient();
        client.updateBaseUri(arguments[0]);
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + arguments[1]));
        var decisions = new DecisionsApi(client);
        var thresholds = new ThresholdsApi(client);
        var result = client.getObjectMapper().readValue(Files.readString(Path.of(arguments[2])), Result.class);
        var made = decisions.decide(result, "key-1", null);
        var read = decisions.getDecision(made.getId(), null);
        check(read.getId().equals(made.getId()) && read.getDocumentId().equals(result.getDocumentId()), read);
        check(read.getItems().size() == result.getFields().size(), read.getItems());
        var change = new ThresholdChange().threshold(new java.math.BigDecimal("0.97"));
        var now = thresholds.putThreshold("\"1\"", result.getDocumentType(), "patient.name", change, "wrong names", null, null, null);
        check(now.getThreshold().doubleValue() == 0.97 && now.getVersion() == 2, now);
        try {
            thresholds.putThreshold("\"1\"", result.getDocumentType(), "patient.name", change, null, null, null, null);
            check(false, "a stale tag was taken");
        } catch (ApiException error) {
            check(error.getCode() == 412, error);
        }
        System.out.println("posted, read, put " + made.getRoute());
    }

    private static void check(boolean holds, Object what) {
        if (!holds) throw new IllegalStateException(String.valueOf(what));
    }
}
