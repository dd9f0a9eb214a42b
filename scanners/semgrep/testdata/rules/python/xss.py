import html

import jinja2
from aiohttp import web
from django.http import HttpResponse, JsonResponse
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from flask import Flask, Response, jsonify, make_response, render_template, request
from markupsafe import Markup

app = Flask(__name__)
api = FastAPI()


@app.route("/hello")
def hello():
    name = request.args.get("name", "")
    if name == "a":
        # ruleid: python-xss-reflected
        return f"<h1>Hello {name}</h1>"
    if name == "b":
        # ruleid: python-xss-reflected
        return "<h1>Hello " + name + "</h1>", 200
    if name == "c":
        # ruleid: python-xss-reflected
        return "<h1>Hello {}</h1>".format(name)
    if name == "d":
        # ruleid: python-xss-reflected
        return make_response("<p>%s</p>" % name)
    if name == "e":
        # ok: python-xss-reflected
        return f"<h1>Hello {html.escape(name)}</h1>"
    if name == "f":
        # ok: python-xss-reflected
        return jsonify(name=name)
    if name == "g":
        # ok: python-xss-reflected
        return Response(name, mimetype="text/plain")
    if name == "h":
        # ok: python-xss-reflected
        return {"html": f"<b>{name}</b>"}
    # ok: python-xss-reflected
    return render_template("hello.html", name=name)


@app.route("/echo/<text>")
def echo(text):
    # ruleid: python-xss-reflected
    body = f"<p>{text}</p>"
    return body


@app.route("/raw")
def raw():
    # ruleid: python-xss-reflected
    return request.args["q"]


def search(request):
    # ruleid: python-xss-reflected
    return HttpResponse("No result for " + request.GET["q"])


def search_json(request):
    # ok: python-xss-reflected
    return JsonResponse({"q": request.GET["q"]})


def search_template(request, template):
    # ok: python-xss-reflected
    return HttpResponse(template.render({"q": request.GET["q"]}, request))


def search_plain(request):
    # ok: python-xss-reflected
    return HttpResponse(request.GET["q"], content_type="text/plain")


@api.get("/items/{item}")
async def item(item: str, count: int):
    if count:
        # ok: python-xss-reflected
        return HTMLResponse(f"<p>{count}</p>")
    # ruleid: python-xss-reflected
    return HTMLResponse(f"<p>{item}</p>")


async def aio(request):
    # ruleid: python-xss-reflected
    return web.Response(text="<p>" + request.query["q"], content_type="text/html")


def badge(request, label, url):
    # ruleid: python-xss-marked-safe
    mark_safe("<b>%s</b>" % request.GET["label"])
    # ruleid: python-xss-marked-safe
    Markup(request.POST["body"])
    # ok: python-xss-marked-safe
    mark_safe("<b>%s</b>" % escape(request.GET["label"]))
    # ok: python-xss-marked-safe
    format_html("<b>{}</b>", request.GET["label"])
    # ok: python-xss-marked-safe
    mark_safe("<br>")

    # ruleid: python-markup-from-text
    mark_safe(f"<b>{label}</b>")
    # ruleid: python-markup-from-text
    mark_safe('<img src="%s" alt="%s">' % (url.thumbnail, "a"))
    text = translate("new")
    # ok: python-markup-from-text
    mark_safe(f"<b>{text}</b>")
    # ruleid: python-markup-from-text
    Markup("<a href='%s'>" % url)
    # ok: python-markup-from-text
    mark_safe(f"<b>{escape(label)}</b>")
    # ok: python-markup-from-text
    Markup("<b>{}</b>").format(label)
    # ok: python-markup-from-text
    mark_safe("<b>new</b>")


def environments(loader):
    # ruleid: python-jinja-autoescape-off
    jinja2.Environment(loader=loader, autoescape=False)
    # ruleid: python-jinja-autoescape-off
    jinja2.Environment(loader=loader)
    # ok: python-jinja-autoescape-off
    jinja2.Environment(loader=loader, autoescape=True)
    # ok: python-jinja-autoescape-off
    jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape())
