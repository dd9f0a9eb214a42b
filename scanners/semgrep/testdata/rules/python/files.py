import os
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from fastapi import FastAPI, UploadFile
from fastapi.responses import FileResponse
from flask import Flask, abort, request, send_file, send_from_directory
from werkzeug.utils import secure_filename

app = Flask(__name__)
api = FastAPI()
BASE = Path("/srv/files")
KNOWN = {"a": "a.txt"}


@app.route("/files/<path:name>")
def download(name):
    # ruleid: python-path-traversal
    send_file(os.path.join("/srv/files", name))
    # ok: python-path-traversal
    return send_from_directory("/srv/files", name)


@app.route("/read")
def read():
    name = request.args["name"]
    # ruleid: python-path-traversal
    open("/srv/files/" + name).read()
    # ruleid: python-path-traversal
    (BASE / name).read_text()
    # ruleid: python-path-traversal
    os.remove(f"/srv/files/{name}")
    # ok: python-path-traversal
    open(os.path.join("/srv/files", secure_filename(name)))
    # ok: python-path-traversal
    open("/srv/files/" + os.path.basename(name))
    # ok: python-path-traversal
    open("/srv/files/" + KNOWN[name])
    # ok: python-path-traversal
    open(f"/srv/files/{int(request.args['number'])}.txt")
    path = (BASE / name).resolve()
    if not path.is_relative_to(BASE):
        abort(404)
    # ok: python-path-traversal
    return path.read_text()


@app.post("/upload")
def upload():
    upload = request.files["file"]
    # ruleid: python-path-traversal
    upload.save(os.path.join("/srv/files", upload.filename))
    # ok: python-path-traversal
    upload.save(os.path.join("/srv/files", secure_filename(upload.filename)))


@api.get("/report")
async def report(name: str):
    # ruleid: python-path-traversal
    return FileResponse(BASE / name)


@api.get("/reports/{name}")
async def report_by_name(name: str):
    # ok: python-path-traversal
    return FileResponse(BASE / name)


@api.post("/upload")
async def api_upload(file: UploadFile, number: int):
    # ruleid: python-path-traversal
    with open(f"/srv/files/{file.filename}", "wb") as out:
        shutil.copyfileobj(file.file, out)
    # ok: python-path-traversal
    return FileResponse(f"/srv/files/{number}.txt")


def unpack(path, target):
    with tarfile.open(path) as archive:
        # ruleid: python-archive-extraction
        archive.extractall(target)
        # ok: python-archive-extraction
        archive.extractall(target, filter="data")
    # ruleid: python-archive-extraction
    tarfile.open(path).extractall(target)
    with zipfile.ZipFile(path) as other:
        # ok: python-archive-extraction
        other.extractall(target)


def unzip(path, target):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            # ruleid: python-zip-slip
            with open(os.path.join(target, name), "wb") as out:
                out.write(archive.read(name))
            # ok: python-zip-slip
            archive.extract(name, target)
            # ok: python-zip-slip
            open(os.path.join(target, os.path.basename(name)), "wb")


def scratch(text, path):
    # ruleid: python-insecure-temp-file
    tempfile.mktemp()
    # ruleid: python-insecure-temp-file
    open("/tmp/report.txt", "w").write(text)
    # ok: python-insecure-temp-file
    tempfile.mkstemp()
    # ok: python-insecure-temp-file
    open("/tmp/report.txt").read()
    # ok: python-insecure-temp-file
    open("/srv/report.txt", "w")

    # ruleid: python-world-writable-file
    os.chmod(path, 0o777)
    # ruleid: python-world-writable-file
    os.chmod(path, 0o666)
    # ok: python-world-writable-file
    os.chmod(path, 0o755)
    # ok: python-world-writable-file
    os.chmod(path, 0o600)
