"""openapi-generator-python.py CLIENT URL TOKEN RESULT: posts, reads and changes with the client that openapi-generator made."""
import json
import sys

sys.path.insert(0, sys.argv[1])
import generated as client

url, token = sys.argv[2:4]
result = client.Result.from_dict(json.load(open(sys.argv[4], encoding="utf-8")))
with client.ApiClient(client.Configuration(host=url, access_token=token)) as api:
    decisions, thresholds = client.DecisionsApi(api), client.ThresholdsApi(api)
    made = decisions.decide(result, idempotency_key="key-1")
    read = decisions.get_decision(made.id)
    assert read.id == made.id and read.document_id == result.document_id, read
    assert len(read.items) == len(result.fields), read.items
    listed = decisions.list_decisions(document_id=result.document_id)
    assert [one.id for one in listed.items] == [made.id], listed
    change = client.ThresholdChange(threshold=0.97)
    now = thresholds.put_threshold('"1"', result.document_type, "patient.name", change, change_reason="wrong names")
    assert now.threshold == 0.97 and now.version == 2, now
    try:
        thresholds.put_threshold('"1"', result.document_type, "patient.name", change)
        raise SystemExit("a stale tag was taken")
    except client.ApiException as error:
        assert error.status == 412, error
    print("posted, read, put", made.route)
