"""datamodel-code-generator.py CLIENT URL TOKEN RESULT: posts, reads and changes by the models that datamodel-code-generator made."""
import json
import sys
import urllib.request

sys.path.insert(0, sys.argv[1])
import generated as models

url, token = sys.argv[2:4]
result = models.Result.model_validate(json.load(open(sys.argv[4], encoding="utf-8")))


def ask(model, path, method="GET", body=None, **fields):
    data = body and body.model_dump_json(exclude_none=True).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in fields.items()}}
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers, method=method)) as answer:
        return model.model_validate_json(answer.read())


made = ask(models.Decision, "/v1/decisions", "POST", result, Idempotency_Key="key-1")
identity = getattr(made.id, "root", made.id)
read = ask(models.LoggedDecision, f"/v1/decisions/{identity}")
assert read.id == made.id and read.documentId == result.documentId, read
now = ask(models.OneThreshold, "/v1/thresholds/cms-1500/patient.name", "PUT", models.ThresholdChange(threshold=0.97), If_Match='"1"')
assert getattr(now.threshold, "root", now.threshold) == 0.97, now
print("posted, read, put", getattr(made.route, "value", made.route))
