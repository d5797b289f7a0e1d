-- 16 request headers, Host included, as in Headers.java. What differs between the requests of real
-- clients differs here, too; all is built before wrk measures, which then spends little on it.
local count = 1024
local requests = {}
local next = 0

function init(args)
  for n = 1, count do
    local id = string.format("%08x", n)
    requests[n] = wrk.format("GET", string.format("/orders/%d?expand=items", 100000 + n), {
      ["Host"] = "orders.example.test",
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
      ["Accept"] = "application/json, text/plain;q=0.9, */*;q=0.8",
      ["Accept-Language"] = "en-GB,en;q=0.7,de;q=0.3",
      ["Accept-Encoding"] = "gzip, deflate, br, zstd",
      ["Authorization"] = "Bearer bench-" .. id .. "9abcdef0123456789abcdef",
      ["Cookie"] = "session=" .. id .. "89abcdef; theme=dark; consent=all",
      ["Referer"] = "https://shop.example.test/cart?step=2",
      ["Cache-Control"] = "no-cache",
      ["Pragma"] = "no-cache",
      ["X-Request-Id"] = "0199f3c2-7d5e-7abc-8def-0123" .. id,
      ["X-Forwarded-For"] = "203.0.113.7, 198.51.100.23",
      ["X-Forwarded-Proto"] = "https",
      ["Traceparent"] = "00-0af7651916cd43dd8448eb21" .. id .. "-b7ad6b71" .. id .. "-01",
      ["X-Tenant-Id"] = "tenant-0042",
      ["X-Client-Version"] = "7.31.4",
    })
  end
end

function request()
  next = next % count + 1
  return requests[next]
end
