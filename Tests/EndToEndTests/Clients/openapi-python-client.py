"""openapi-python-client.py CLIENT URL TOKEN RESULT: posts, reads and changes with the client that openapi-python-client made."""
import json
import sys

sys.path.insert(0, sys.argv[1])
from generated import AuthenticatedClient
from generated.api.decisions import decide, get_decision, list_decisions
from generated.api.thresholds import put_threshold
from generated.models import Result, ThresholdChange

url, token = sys.argv[2:4]
result = Result.from_dict(json.load(open(sys.argv[4], encoding="utf-8")))
with AuthenticatedClient(base_url=url, token=token) as client:
    made = decide.sync(client=client, body=result, idempotency_key="key-1")
    read = get_decision.sync(made.id, client=client)
    assert read.id == made.id and read.document_id == result.document_id, read
    assert len(read.items) == len(result.fields), read.items
    listed = list_decisions.sync(client=client, document_id=result.document_id)
    assert [one.id for one in listed.items] == [made.id], listed
    change = ThresholdChange(threshold=0.97)
    now = put_threshold.sync(result.document_type, "patient.name", client=client, body=change, if_match='"1"', change_reason="wrong names")
    assert now.threshold == 0.97 and now.version == 2, now
    stale = put_threshold.sync_detailed(result.document_type, "patient.name", client=client, body=change, if_match='"1"')
    assert stale.status_code == 412, stale
    print("posted, read, put", made.route)
