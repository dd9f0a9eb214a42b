"""The catalogue of the demo shop: products, pictures and shelf labels.

Deliberately vulnerable: see weaknesses.toml.
"""

import os
import secrets
import sqlite3
import subprocess
from pathlib import Path

import jwt
import requests
import yaml
from flask import Flask, abort, jsonify, render_template_string, request, send_file, send_from_directory
from flask_cors import CORS

HOST = "0.0.0.0"  # nosec B104 # a container listens on all of its own addresses
DATABASE = os.environ.get("CATALOG_DATABASE", "catalog.db")
PICTURES = os.path.abspath(os.environ.get("CATALOG_PICTURES", "pictures"))
STAFF_KEY = os.environ.get("CATALOG_STAFF_KEY") or secrets.token_hex(32)

app = Flask(__name__)
app.config["SECRET_KEY"] = "kiosk-7fd1c05e9ab24d"
CORS(app, origins="*", supports_credentials=True)


def database():
    connection = sqlite3.connect(DATABASE)
    connection.row_factory = sqlite3.Row
    return connection


def create_tables():
    with database() as db:
        db.execute("CREATE TABLE IF NOT EXISTS product (id INTEGER PRIMARY KEY, name TEXT, price REAL, picture TEXT)")
        if db.execute("SELECT count(*) FROM product").fetchone()[0] == 0:
            start = [("Teapot", 24.5), ("Cup", 6.0), ("Oolong, 100 g", 11.9)]
            db.executemany("INSERT INTO product (name, price) VALUES (?, ?)", start)


def product_or_404(product_id):
    row = database().execute("SELECT * FROM product WHERE id = ?", (product_id,)).fetchone()
    return dict(row) if row else abort(404)


@app.get("/health")
def health():
    return jsonify(status="ok")


@app.get("/products")
def search():
    term = request.args.get("q", "")
    rows = database().execute(f"SELECT id, name, price FROM product WHERE name LIKE '%{term}%'").fetchall()
    return jsonify([dict(row) for row in rows])


@app.get("/products/<int:product_id>")
def show(product_id):
    return jsonify(product_or_404(product_id))


@app.put("/products/<int:product_id>/price")
def change_price(product_id):
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        jwt.decode(token, STAFF_KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        abort(401)
    price = float(request.get_json()["price"])
    with database() as db:
        db.execute("UPDATE product SET price = ? WHERE id = ?", (price, product_id))
    return jsonify(product_or_404(product_id))


@app.post("/products/import")
def import_products():
    products = yaml.load(request.get_data(), Loader=yaml.Loader)
    with database() as db:
        db.executemany("INSERT INTO product (name, price) VALUES (:name, :price)", products)
    return jsonify(imported=len(products)), 201


@app.post("/products/<int:product_id>/picture")
def fetch_picture(product_id):
    product = product_or_404(product_id)
    answer = requests.get(request.get_json()["url"], timeout=10)
    target = Path(PICTURES, f"{product['id']}.jpg")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(answer.content)
    with database() as db:
        db.execute("UPDATE product SET picture = ? WHERE id = ?", (target.name, product_id))
    return jsonify(picture=target.name, size=len(answer.content)), 201


@app.post("/products/<int:product_id>/thumbnail")
def make_thumbnail(product_id):
    source = f"{PICTURES}/{product_id}.jpg"
    size = request.args.get("size", "120x120")
    done = subprocess.run(f"convert {source} -resize {size} {source}.thumb.jpg", shell=True)
    return jsonify(exit=done.returncode)


@app.get("/pictures")
def picture():
    return send_file(os.path.join(PICTURES, request.args["name"]))


@app.get("/manuals/<path:name>")
def manual(name):
    return send_from_directory("manuals", name)


@app.post("/products/<int:product_id>/label")
def shelf_label(product_id):
    template = request.get_data(as_text=True) or "<b>{{ name }}</b> {{ price }}"
    return render_template_string(template, **product_or_404(product_id))


@app.delete("/admin/products/<int:product_id>")
def delete_product(product_id):
    with database() as db:
        db.execute("DELETE FROM product WHERE id = ?", (product_id,))
    return "", 204


if __name__ == "__main__":
    create_tables()
    app.run(host=HOST, port=int(os.environ.get("PORT", "8001")), debug=True)
