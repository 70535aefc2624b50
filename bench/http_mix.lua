-- How many different list queries a second does the server answer over HTTP, machine shared with the load? For wrk:
--
--   bench_list_queries --clients=1000000 --urls=20000 > urls.txt     (the mix; see bench/query_classes.h)
--   clientele serve clients.ndjson
--   wrk -t1 -c32 -d10 --latency -s bench/http_mix.lua http://127.0.0.1:8080 -- urls.txt [fields]
--
-- Every line of the file is a path with its query string. `fields` appends the seven scalar fields of the issue's second figure to
-- every path. Requests are formatted before the clock runs, and each connection gets the next one: none is asked twice before
-- the file has been gone through.
local requests = {}
local at = 0
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local name = args[1]
  if name == nil then error("usage: wrk ... -s http_mix.lua URL -- FILE [fields]") end
  local suffix = ""
  if args[2] == "fields" then suffix = "fields=id,email,name,status,companyName,country_code,created_at" end
  for line in io.lines(name) do
    if line:sub(1, 1) == "/" then
      local path = line
      if suffix ~= "" then path = path .. (path:find("?", 1, true) and "&" or "?") .. suffix end
      requests[#requests + 1] = wrk.format("GET", path)
    end
  end
  if #requests == 0 then error(name .. ": no paths") end
  -- Threads start far from each other, so that they do not ask the same at the same time.
  at = math.floor(#requests * 0.38197 * number) % #requests
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("mix: %.0f requests/s, p50 %.3f ms, p99 %.3f ms, max %.1f ms, %.1f kB a reply, %d failed\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    summary.bytes / summary.requests / 1e3, failed))
end
