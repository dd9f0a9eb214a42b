import urllib.request
from urllib.parse import urlparse

import aiohttp
import httpx
import requests
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from flask import Flask, redirect, request, url_for

app = Flask(__name__)
api = FastAPI()
API_URL = "https://api.example.com"
HOSTS = {"eu": "eu.example.com"}
ALLOWED = {"https://shop.example.com/"}


@app.route("/go")
def go():
    # ruleid: python-open-redirect
    redirect(request.args["next"])
    target = request.args.get("next") or "/"
    # ruleid: python-open-redirect
    redirect(target)
    # ok: python-open-redirect
    redirect(url_for("home", page=request.args["page"]))
    # ok: python-open-redirect
    redirect("/search?q=" + request.args["q"])
    # ok: python-open-redirect
    redirect(f"https://shop.example.com/items/{request.args['item']}")
    if target in ALLOWED:
        # ok: python-open-redirect
        redirect(target)


def after_login(request):
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    # ok: python-open-redirect
    return HttpResponseRedirect(target)


def after_logout(request):
    # ruleid: python-open-redirect
    return HttpResponseRedirect(request.GET["next"])


@api.get("/leave")
async def leave(to: str, count: int):
    # ruleid: python-open-redirect
    return RedirectResponse(url=to)


@app.post("/preview")
def preview():
    url = request.json["url"]
    # ruleid: python-ssrf
    requests.get(url, timeout=5)
    # ruleid: python-ssrf
    urllib.request.urlopen(request.form["url"])
    # ruleid: python-ssrf
    requests.post(f"https://{request.args['host']}/hook", json={})
    # ok: python-ssrf
    requests.get("https://api.example.com/search", params={"q": url})
    # ok: python-ssrf
    requests.get(f"https://api.example.com/items/{request.args['item']}")
    # ok: python-ssrf
    requests.get(API_URL + "/items/" + request.args["item"])
    # ok: python-ssrf
    requests.get(f"https://{HOSTS[request.args['region']]}/status")
    # ok: python-ssrf
    requests.get("https://api.example.com/" + request.args["item"])


@app.post("/checked")
def checked():
    url = request.json["url"]
    if urlparse(url).hostname not in ALLOWED:
        return "no", 400
    # ok: python-ssrf
    return requests.get(url, timeout=5).text


@api.post("/fetch")
async def fetch(url: str, number: int):
    async with aiohttp.ClientSession() as session:
        # ruleid: python-ssrf
        await session.get(url)
        # ok: python-ssrf
        await session.get(f"https://api.example.com/{number}")
    async with httpx.AsyncClient() as client:
        # ruleid: python-ssrf
        await client.post(url, json={})
