-- Alternates a resting sell and the buy that takes it, so that the book stays small. CSE_BENCH_TOKEN: the header.
local headers = { ["Content-Type"] = "application/json", ["Authorization"] = os.getenv("CSE_BENCH_TOKEN") or "none" }
local body = '{"market":"NOVA-USDC","side":"%s","type":"limit","price":"1.2500","quantity":"1.00","self_trade_prevention":"none"}'
local bodies = { body:format("sell"), body:format("buy") }
local n = 0
request = function()
  n = n + 1
  return wrk.format("POST", nil, headers, bodies[n % 2 + 1])
end
