-- The load: every body of BODIES in turn, POSTed to the path of the URL; the figures go to OUT as JSON.
local requests, count, turn = {}, 0, 0

function init()
  for name in io.popen('ls "' .. os.getenv("BODIES") .. '"'):lines() do
    local file = io.open(os.getenv("BODIES") .. "/" .. name, "rb")
    count = count + 1
    requests[count] = wrk.format("POST", wrk.path, {["Content-Type"] = "application/json"}, file:read("*a"))
    file:close()
  end
end

function request()
  turn = turn % count + 1
  return requests[turn]
end

function done(summary, latency)
  local e = summary.errors
  local out = io.open(os.getenv("OUT"), "w")
  out:write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"failed":%d,"p50":%d,"p99":%d,"max":%d}',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
  out:close()
end
