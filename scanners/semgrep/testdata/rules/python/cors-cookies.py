from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from flask import Flask, request
from flask_cors import CORS

app = Flask(__name__)
api = FastAPI()
ALLOWED_ORIGINS = {"https://shop.example.com"}
INSTALLED_APPS = ["corsheaders"]

# ruleid: python-cors-wildcard-credentials
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = True
# ok: python-cors-wildcard-credentials
CORS_ALLOWED_ORIGINS = ["https://shop.example.com"]

# ruleid: python-cors-wildcard-credentials
CORS(app, supports_credentials=True)
# ruleid: python-cors-wildcard-credentials
CORS(app, origins="*", supports_credentials=True)
# ok: python-cors-wildcard-credentials
CORS(app)
# ok: python-cors-wildcard-credentials
CORS(app, origins=["https://shop.example.com"], supports_credentials=True)
# ruleid: python-cors-wildcard-credentials
api.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"])
# ok: python-cors-wildcard-credentials
api.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"])
# ok: python-cors-wildcard-credentials
api.add_middleware(CORSMiddleware, allow_origins=["https://shop.example.com"], allow_credentials=True)


@app.after_request
def cors(response):
    # ruleid: python-cors-reflected-origin
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin")
    origin = request.headers["Origin"]
    # ruleid: python-cors-reflected-origin
    response.headers.add("Access-Control-Allow-Origin", origin)
    # ok: python-cors-reflected-origin
    response.headers["Access-Control-Allow-Origin"] = "https://shop.example.com"
    if origin in ALLOWED_ORIGINS:
        # ok: python-cors-reflected-origin
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def login(response, value, options):
    # ruleid: python-cookie-missing-flags
    response.set_cookie("session", value)
    # ruleid: python-cookie-missing-flags
    response.set_cookie(key="access_token", value=value, secure=True)
    # ruleid: python-cookie-missing-flags
    response.set_cookie("sid", value, httponly=True, secure=False)
    # ok: python-cookie-missing-flags
    response.set_cookie("session", value, secure=True, httponly=True, samesite="Lax")
    # ok: python-cookie-missing-flags
    response.set_cookie("language", value)
    # ok: python-cookie-missing-flags
    response.set_cookie("session", value, **options)


# ruleid: python-session-cookie-flag-off
SESSION_COOKIE_SECURE = False
# ruleid: python-session-cookie-flag-off
app.config["SESSION_COOKIE_HTTPONLY"] = False
# ok: python-session-cookie-flag-off
app.config["SESSION_COOKIE_SECURE"] = True
# ok: python-session-cookie-flag-off
SESSION_COOKIE_HTTPONLY = True
