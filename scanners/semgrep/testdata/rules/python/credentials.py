import hmac
import os
import smtplib

import boto3
import psycopg2
import redis
import requests
from Crypto.Cipher import AES
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import create_engine

app = Flask(__name__)
# ruleid: python-hardcoded-secret-key
app.secret_key = "not-a-real-key"
# ruleid: python-hardcoded-secret-key
app.config["SECRET_KEY"] = "not-a-real-key"
# ruleid: python-hardcoded-secret-key
SECRET_KEY = "not-a-real-key"
# ok: python-hardcoded-secret-key
app.secret_key = os.environ["SECRET_KEY"]
# ok: python-hardcoded-secret-key
SECRET_KEY = os.getenv("SECRET_KEY")
# ok: python-hardcoded-secret-key
app.config["SECRET_KEY"] = ""

# ruleid: python-hardcoded-credentials
DATABASES = {"default": {"NAME": "shop", "USER": "shop", "PASSWORD": "not-a-real-password"}}

# ok: python-hardcoded-credentials
DATABASES = {"default": {"NAME": "shop", "USER": "shop", "PASSWORD": os.environ["DB_PASSWORD"]}}


# ruleid: python-hardcoded-credentials
REPORT_PASSWORD = "Kettle4cups2tea"
# ruleid: python-hardcoded-credentials
db_password: str = "n0t-a-real-one"
# ok: python-hardcoded-credentials
REPORT_PASSWORD = os.environ["REPORT_PASSWORD"]
# ok: python-hardcoded-credentials
OTHER_PASSWORD = os.environ.get("OTHER_PASSWORD", "n0t-a-real-one")
# ok: python-hardcoded-credentials
EMPTY_PASSWORD = ""
# ok: python-hardcoded-credentials
DEFAULT_PASSWORD = "changeme1"
# ok: python-hardcoded-credentials
FIELD_PASSWORD = "new_password1"
# ok: python-hardcoded-credentials
FORGOTTEN_PASSWORD = "mail-forgotten"
# ok: python-hardcoded-credentials
STORED_PASSWORD = "$2b$12$n0tareal0ne"
# ok: python-hardcoded-credentials
WEAK_PASSWORD = "Choose 8 letters"
# ok: python-hardcoded-credentials
PASSWORD_HINT = "Kettle4cups2tea"


class Settings:
    # ruleid: python-hardcoded-credentials
    ADMIN_PASSWORD = "Kettle4cups2tea"


def connect():
    # ruleid: python-hardcoded-credentials
    psycopg2.connect(host="db", user="shop", password="not-a-real-password")
    # ruleid: python-hardcoded-credentials
    redis.Redis(host="cache", password="not-a-real-password")
    # ruleid: python-hardcoded-credentials
    requests.get("https://api.example.com", auth=("shop", "not-a-real-password"))
    # ruleid: python-hardcoded-credentials
    create_engine("postgresql://shop:not-a-real-password@db/shop")
    # ruleid: python-hardcoded-credentials
    boto3.client("s3", aws_access_key_id="x", aws_secret_access_key="not-a-real-key")
    with smtplib.SMTP("mail") as mail:
        # ruleid: python-hardcoded-credentials
        mail.login("shop", "not-a-real-password")
    # ok: python-hardcoded-credentials
    psycopg2.connect(host="db", user="shop", password=os.environ["DB_PASSWORD"])
    # ok: python-hardcoded-credentials
    create_engine("postgresql://shop:${DB_PASSWORD}@db/shop")
    # ok: python-hardcoded-credentials
    create_engine("postgresql://postgres:postgres@localhost/shop")
    # ok: python-hardcoded-credentials
    create_engine("sqlite:///shop.db")
    # ok: python-hardcoded-credentials
    redis.Redis(host="cache", password="")


def boxes(data, key):
    # ruleid: python-hardcoded-crypto-key
    Fernet(b"not-a-real-key")
    # ruleid: python-hardcoded-crypto-key
    AES.new(b"not-a-real-key..", AES.MODE_GCM)
    # ruleid: python-hardcoded-crypto-key
    hmac.new("not-a-real-key".encode(), data, "sha256")
    # ok: python-hardcoded-crypto-key
    Fernet(os.environ["BOX_KEY"])
    # ok: python-hardcoded-crypto-key
    hmac.new(key, data, "sha256")
