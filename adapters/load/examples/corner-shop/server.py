#!/usr/bin/env python3
"""A deployment that is not ours: a corner shop with words of its own. `server.py PORT`"""
import itertools, json, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

numbers, orders, keys, lock = itertools.count(1), {}, {}, threading.Lock()
STATES = ["NEW", "PAID", "PACKED", "ON_THE_WAY", "AT_HOME"]

class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log_message = lambda *_: None

    def say(self, status, what):
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.path == "/v2/login":
            sound = asked.get("mobile") and asked.get("pin") == "123456"
            return self.say(200, {"session": {"ticket": asked["mobile"]}}) if sound else self.say(401, {"error": "pin"})
        if not self.headers.get("X-Ticket"):
            return self.say(401, {"error": "no ticket"})
        if self.path == "/v2/baskets":
            return self.say(201, {"basket": next(numbers), "rupees": sum(i["count"] * 10 for i in asked["items"])})
        if self.path == "/v2/orders":
            with lock:
                key = self.headers.get("Idempotency-Key")
                number = keys.setdefault(key, f"C{next(numbers)}")
                orders.setdefault(number, {"number": number, "since": time.time(), "gone": False})
            return self.say(201, {"order": {"number": number}})
        self.say(404, {"error": "no such path"})

    def do_GET(self):
        order = orders.get(self.path.rsplit("/", 1)[-1])
        if order is None:
            return self.say(404, {"error": "no such order"})
        age = min(int(2 * (time.time() - order["since"])), len(STATES) - 1)
        self.say(200, {"order": {"number": order["number"], "state": "GONE" if order["gone"] else STATES[age], "step": 9 if order["gone"] else age}})

    def do_DELETE(self):
        orders[self.path.rsplit("/", 1)[-1]]["gone"] = True
        self.say(200, {"gone": True})

    # Answers are small: they shall not wait for more to go with them.
    disable_nagle_algorithm = True

ThreadingHTTPServer.request_queue_size = 256
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Shop)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
