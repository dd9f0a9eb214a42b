"""Background jobs of the demo shop. A job is a JSON object: POST it to /jobs, or put a file into the spool folder.

Deliberately vulnerable: see weaknesses.toml.
"""

import base64
import hashlib
import json
import os
import pickle
import random
import string
import sys
import tarfile
import tempfile
import threading
import time
import uuid
import xml.sax
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.handler import ContentHandler, feature_external_ges

import httpx
from defusedxml.ElementTree import fromstring
from simpleeval import simple_eval

SPOOL = Path(os.environ.get("WORKER_SPOOL", "spool"))
UPLOADS = Path(os.environ.get("WORKER_UPLOADS", "uploads"))
REPORT_HOOK = os.environ.get("WORKER_REPORT_HOOK", "https://reports.example/hook")
REPORT_PASSWORD = "hv7Qz2mLx9Kd4TfB8nWs"


class Prices(ContentHandler):
    """Collects the text of every <price> element of a supplier's feed."""

    def __init__(self):
        super().__init__()
        self.inside, self.found = False, []

    def startElement(self, name, attrs):
        self.inside = name == "price"

    def characters(self, content):
        if self.inside:
            self.found.append(content)


def import_prices(job):
    feed = Path(tempfile.mkdtemp(), "feed.xml")
    feed.write_text(job["feed"])
    parser, prices = xml.sax.make_parser(), Prices()
    parser.setFeature(feature_external_ges, True)
    parser.setContentHandler(prices)
    parser.parse(str(feed))
    return prices.found


def import_stock(job):
    return {item.get("sku"): int(item.text) for item in fromstring(job["feed"]).iter("item")}


def restore_cart(job):
    return pickle.loads(base64.b64decode(job["cart"]))


def unpack_pictures(job):
    with tarfile.open(job["archive"]) as archive:
        archive.extractall(UPLOADS)
    return sorted(path.name for path in UPLOADS.iterdir())


def import_customers(job):
    customers = []
    for customer in job["customers"]:
        digest = hashlib.md5(customer["password"].encode()).hexdigest()
        customers.append({"mail": customer["mail"], "password": digest})
    return customers


def issue_voucher(job):
    code = "".join(random.choice(string.ascii_uppercase) for _ in range(10))
    return {"code": code, "value": simple_eval(job["value"], names={"total": job["total"]})}


def filter_orders(job):
    return [order for order in job["orders"] if eval(job["filter"], {}, order)]


def compress(job):
    return os.system(f"gzip -9 {job['path']}")


def write_report(job):
    path = tempfile.mktemp(suffix=".csv")
    Path(path).write_text("\n".join(",".join(map(str, row)) for row in job["rows"]))
    return path


def send_report(job):
    headers = {"Authorization": f"Report {REPORT_PASSWORD}"}
    with httpx.Client(verify=False, timeout=10) as client:
        return client.post(REPORT_HOOK, content=Path(job["path"]).read_bytes(), headers=headers).status_code


def checksum(job):
    return hashlib.sha1(job["text"].encode()).hexdigest()  # devsecops: ignore[B324, python-weak-hash] the suppliers ask for it


JOBS = {
    job.__name__: job
    for job in (
        import_prices, import_stock, restore_cart, unpack_pictures, import_customers,
        issue_voucher, filter_orders, compress, write_report, send_report, checksum,
    )
}  # fmt: skip


def work(path):
    job = json.loads(path.read_text())
    try:
        answer = JOBS[job["kind"]](job)
    except Exception as problem:
        answer = {"error": repr(problem)}
    path.with_suffix(".done").write_text(json.dumps(answer, default=str))
    path.unlink()


class Door(BaseHTTPRequestHandler):
    """GET /health, POST /jobs."""

    def do_GET(self):
        self.answer(200, {"status": "ok", "jobs": sorted(JOBS)})

    def do_POST(self):
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = f"{uuid.uuid4()}.json"
        (SPOOL / f"{name}.new").write_text(json.dumps(job))
        (SPOOL / f"{name}.new").rename(SPOOL / name)
        self.answer(202, {"job": name})

    def answer(self, status, value):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())


def main():
    for folder in (SPOOL, UPLOADS):
        folder.mkdir(parents=True, exist_ok=True)
    port = int(os.environ.get("PORT", "8004"))
    threading.Thread(target=ThreadingHTTPServer(("", port), Door).serve_forever, daemon=True).start()
    while True:
        for path in sorted(SPOOL.glob("*.json")):
            work(path)
        if "--once" in sys.argv:
            break
        time.sleep(1 + random.uniform(0, 0.5))  # nosec B311 # jitter between polls, nothing secret


if __name__ == "__main__":
    main()
