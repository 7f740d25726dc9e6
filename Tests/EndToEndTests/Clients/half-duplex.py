"""half-duplex.py CLIENT URL COUNT: posts COUNT results as one body with an ordinary client, which sends all before it reads; twice."""
import json
import sys

client, url, count = sys.argv[1], sys.argv[2] + "/v1/decisions", int(sys.argv[3])
with open(sys.argv[4], encoding="utf-8") as file:
    claim = json.load(file)
body = b"".join(json.dumps(dict(claim, documentId=f"doc-{number}")).encode() + b"\n" for number in range(count))
headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "batch-1"}


def post():
    if client == "requests":
        import requests
        return requests.post(url, data=body, headers=headers, timeout=300).content
    if client == "httpx":
        import httpx
        return httpx.post(url, content=body, headers=headers, timeout=300).content
    import urllib.request
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=300) as answer:
        return answer.read()


first = post().splitlines()
names = [json.loads(line).get("documentId") for line in first]
assert names == [f"doc-{number}" for number in range(count)], f"{len(names)} answers, or another order"
assert post().splitlines() == first, "sent again under its key it is answered otherwise"
print("right and in order:", count)
