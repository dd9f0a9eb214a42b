import asyncio
import json
import logging
import operator
import os
import re
import shlex
import subprocess
import uuid

import jinja2
import pika
import lxml.etree
import pandas
import sqlalchemy
from bson import ObjectId
from django.http import HttpResponse
from fastapi import FastAPI, Query
from flask import Flask, abort, render_template, render_template_string, request
from http.server import BaseHTTPRequestHandler
from ldap.filter import escape_filter_chars
from sqlalchemy import select, text

app = Flask(__name__)
api = FastAPI()
logger = logging.getLogger(__name__)
COLUMNS = {"name": "name", "age": "age_years"}


# --- SQL


@app.route("/users")
def users_percent():
    name = request.args.get("name")
    # ruleid: python-sql-injection
    cursor.execute("SELECT id FROM users WHERE name = '%s'" % name)
    # ok: python-sql-injection
    cursor.execute("SELECT id FROM users WHERE name = %s", (name,))
    # ok: python-sql-injection
    cursor.execute("SELECT id FROM users LIMIT %d" % int(request.args["n"]))


def users_fstring(request):
    term = request.GET["q"]
    query = f"SELECT id FROM users WHERE name LIKE '%{term}%'"
    # ruleid: python-sql-injection
    cursor.execute(query)
    # ruleid: python-sql-injection
    return User.objects.raw("SELECT * FROM users WHERE name = '" + request.POST["name"] + "'")


def users_format():
    payload = request.get_json()
    # ruleid: python-sql-injection
    db.session.execute(text("SELECT * FROM t WHERE a = '{}'".format(payload["a"])))
    # ok: python-sql-injection
    db.session.execute(text("SELECT * FROM t WHERE a = :a"), {"a": payload["a"]})
    # ok: python-sql-injection
    db.session.execute(select(User).where(User.name == payload["a"]))
    # ok: python-sql-injection
    db.session.execute(sqlalchemy.select(User).where(User.name == payload["a"]))
    # ruleid: python-sql-injection
    pandas.read_sql(f"SELECT * FROM t WHERE a = {payload['a']}", engine)


@app.route("/users/<name>")
def users_path(name):
    # ruleid: python-sql-injection
    cursor.execute("DELETE FROM users WHERE name = '" + name + "'")


@app.route("/users/<int:number>")
def users_number(number):
    # ok: python-sql-injection
    cursor.execute("DELETE FROM users WHERE id = %s" % number)


@api.get("/items")
async def items(db: Session, order: str = "name", limit: int = 10, tag: str | None = Query(None)):
    # ruleid: python-sql-injection
    await conn.fetchrow(f"SELECT * FROM items ORDER BY {order}")
    # ok: python-sql-injection
    await conn.fetchrow(f"SELECT * FROM items LIMIT {limit}")
    # ruleid: python-sql-injection
    db.execute(f"SELECT * FROM items WHERE tag = '{tag}'")


def sorted_users(request):
    column = request.GET.get("sort", "name")
    if column not in COLUMNS:
        return HttpResponse(status=400)
    # ok: python-sql-injection
    cursor.execute(f"SELECT id FROM users ORDER BY {column}")
    # ok: python-sql-injection
    cursor.execute("SELECT id FROM users ORDER BY " + COLUMNS[request.GET["by"]])
    # ok: python-sql-injection
    cursor.execute(f"SELECT id FROM users WHERE ref = '{uuid.UUID(request.GET['ref'])}'")
    # ok: python-sql-injection
    return schema.execute(request.body)


class Listing(View):
    def get(self, request):
        # ruleid: python-sql-injection
        cursor.execute("SELECT 1 FROM t WHERE x = " + self.request.GET["x"])


def find_jobs(owner, table):
    # ruleid: python-sql-string-building
    cursor.execute("SELECT * FROM jobs WHERE owner = '%s'" % owner)
    query = f"SELECT * FROM jobs WHERE owner = '{owner}'"
    # ruleid: python-sql-string-building
    cursor.execute(query)
    # ok: python-sql-string-building
    cursor.execute("SELECT * FROM jobs WHERE owner = %s", (owner,))
    # ok: python-sql-string-building
    cursor.execute(f"SELECT count(*) FROM {table}")
    # ok: python-sql-string-building
    cursor.execute(owner)


# --- commands and code


@app.route("/ping")
def ping():
    host = request.args["host"]
    # ruleid: python-command-injection
    os.system("ping -c 1 " + host)
    # ruleid: python-command-injection
    subprocess.run(f"ping -c 1 {host}", shell=True, check=True)
    # ruleid: python-command-injection
    subprocess.check_output(["sh", "-c", "ping " + host])
    # ruleid: python-command-injection
    subprocess.Popen([request.form["program"], "--version"])
    # ok: python-command-injection
    subprocess.run(["ping", "-c", "1", "--", host], check=True)
    # ok: python-command-injection
    os.system("ping -c 1 " + shlex.quote(host))
    if not re.fullmatch(r"[a-z0-9.-]+", host):
        abort(400)
    # ok: python-command-injection
    os.system("ping -c 1 " + host)


@api.post("/convert")
async def convert(name: str):
    # ruleid: python-command-injection
    await asyncio.create_subprocess_shell(f"convert {name} out.png")


def archive(folder):
    # ruleid: python-shell-command-dynamic
    os.system("tar czf out.tgz " + folder)
    command = f"tar tf {folder}"
    # ruleid: python-shell-command-dynamic
    subprocess.run(command, shell=True)
    # ok: python-shell-command-dynamic
    os.system("tar czf out.tgz /srv/data")
    # ok: python-shell-command-dynamic
    subprocess.run(["tar", "czf", "out.tgz", folder])
    # ok: python-shell-command-dynamic
    subprocess.run("tar czf out.tgz " + shlex.quote(folder), shell=True)
    # ok: python-shell-command-dynamic
    subprocess.run(f"tar tf {folder}", shell=False)


@app.post("/calc")
def calc():
    # ruleid: python-code-injection
    result = eval(request.form["expression"])
    code = request.get_data().decode()
    # ruleid: python-code-injection
    exec(code)
    # ok: python-code-injection
    eval("1 + 1")
    # ok: python-code-injection
    json.loads(request.get_data())
    # ok: python-code-injection
    df.eval(request.form["expression"])
    return result


# --- templates, LDAP, XPath


@app.route("/hello")
def hello():
    name = request.args.get("name", "you")
    # ruleid: python-template-injection
    render_template_string("<p>Hello " + name)
    # ruleid: python-template-injection
    jinja2.Template(f"Hello {name}").render()
    # ruleid: python-template-injection
    app.jinja_env.from_string(request.form["template"])
    # ok: python-template-injection
    render_template_string("<p>Hello {{ name }}", name=name)
    # ok: python-template-injection
    return render_template("hello.html", name=name)


def ldap_login(request):
    uid = request.POST["uid"]
    # ruleid: python-ldap-injection
    conn.search_s("dc=example", ldap.SCOPE_SUBTREE, "(uid=%s)" % uid)
    # ruleid: python-ldap-injection
    conn.search("dc=example", f"(uid={uid})", attributes=["cn"])
    # ok: python-ldap-injection
    conn.search_s("dc=example", ldap.SCOPE_SUBTREE, "(uid=%s)" % escape_filter_chars(uid))
    # ok: python-ldap-injection
    re.search("a+", uid)


def find_user(request):
    name = request.GET["name"]
    # ruleid: python-xpath-injection
    tree.xpath("//user[@name='" + name + "']")
    # ruleid: python-xpath-injection
    lxml.etree.XPath(f"//user[@name='{name}']")
    # ok: python-xpath-injection
    tree.xpath("//user[@name = $name]", name=name)


# --- MongoDB, regular expressions, logs


@app.post("/login")
def mongo_login():
    body = request.get_json()
    # ruleid: python-nosql-injection
    users.find_one({"name": body["name"], "password": body["password"]})
    # ruleid: python-nosql-injection
    users.find_one(request.json)
    # ruleid: python-nosql-injection
    users.find({"name": request.json["name"]})
    # ok: python-nosql-injection
    users.find_one({"name": str(body["name"])})
    # ok: python-nosql-injection
    users.find_one({"_id": ObjectId(body["id"])})
    # ok: python-nosql-injection
    "some text".find(body["name"])


def grep(request):
    # ruleid: python-regex-injection
    pattern = re.compile(request.GET["pattern"])
    # ruleid: python-regex-injection
    re.search(request.GET["pattern"], document)
    # ok: python-regex-injection
    re.search(re.escape(request.GET["term"]), document)
    # ok: python-regex-injection
    re.search(r"^\d+$", request.GET["term"])
    return pattern


def audit(request):
    name = request.POST["name"]
    # ruleid: python-log-injection
    logger.warning(f"login failed for {name}")
    # ruleid: python-log-injection
    logging.info("login failed for " + name)
    # ok: python-log-injection
    logger.warning("login failed for %r", name)
    # ok: python-log-injection
    logger.warning(f"login failed for {name!r}")
    # ok: python-log-injection
    logger.warning("login failed for " + name.replace("\n", " "))
    # ok: python-log-injection
    logger.info(f"{len(name)} characters")


def on_job(channel, method, properties, body):
    job = json.loads(body)
    # ruleid: python-code-injection
    eval(job["filter"])
    # ruleid: python-command-injection
    os.system(f"gzip {job['path']}")
    # ruleid: python-sql-injection
    cursor.execute(f"DELETE FROM orders WHERE customer = '{job['customer']}'")
    # ok: python-sql-injection
    cursor.execute("DELETE FROM orders WHERE customer = %s", (job["customer"],))
    # ok: python-command-injection
    subprocess.run(["gzip", "--", job["path"]])
    # ruleid: python-template-injection
    jinja2.Template(job["template"])
    # ok: python-code-injection
    eval(FORMULAS[job["kind"]])


def work(client, redis):
    answer = client.receive_message(QueueUrl="jobs")
    # ruleid: python-command-injection
    subprocess.run(answer["Messages"][0]["Body"], shell=True)
    _, code = redis.blpop("jobs")
    # ruleid: python-code-injection
    exec(code)
    # ok: python-code-injection
    exec(redis.hget("code", "jobs"))


class Door(BaseHTTPRequestHandler):
    def do_POST(self):
        job = json.loads(self.rfile.read(100))
        # ruleid: python-code-injection
        eval(job["filter"])
        # ruleid: python-command-injection
        os.system("ls " + self.path)
