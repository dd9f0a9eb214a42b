import base64
import json
import pickle
import socket

import dill
import jsonpickle
import numpy as np
import redis
import requests
import torch
import yaml
from flask import request
from yaml import Loader, SafeLoader


def restore():
    # ruleid: python-unsafe-deserialization
    pickle.loads(base64.b64decode(request.cookies["session"]))
    data = request.get_data()
    # ruleid: python-unsafe-deserialization
    dill.loads(data)
    # ruleid: python-unsafe-deserialization
    jsonpickle.decode(request.form["state"])
    # ruleid: python-unsafe-deserialization
    yaml.full_load(data)
    # ruleid: python-unsafe-deserialization
    pickle.load(request.files["state"])
    # ok: python-unsafe-deserialization
    json.loads(data)
    # ok: python-unsafe-deserialization
    yaml.safe_load(data)
    # ok: python-unsafe-deserialization
    yaml.load(data, Loader=SafeLoader)
    # ok: python-unsafe-deserialization
    pickle.loads(own_file.read())


def receive(connection: socket.socket):
    # ruleid: python-pickle-from-network
    pickle.loads(connection.recv(4096))
    # ruleid: python-pickle-from-network
    pickle.loads(requests.get("https://models.example.com/a").content)
    cache = redis.Redis(host="cache")
    raw = cache.get("job")
    # ruleid: python-pickle-from-network
    pickle.loads(raw)
    # ok: python-pickle-from-network
    json.loads(connection.recv(4096))
    # ok: python-pickle-from-network
    pickle.loads(memory["job"])


def settings(stream):
    # ruleid: python-yaml-unsafe-load
    yaml.load(stream)
    # ruleid: python-yaml-unsafe-load
    yaml.load(stream, Loader=Loader)
    # ruleid: python-yaml-unsafe-load
    yaml.load(stream, Loader=yaml.UnsafeLoader)
    # ruleid: python-yaml-unsafe-load
    yaml.unsafe_load(stream)
    # ok: python-yaml-unsafe-load
    yaml.safe_load(stream)
    # ok: python-yaml-unsafe-load
    yaml.load(stream, Loader=yaml.SafeLoader)
    # ok: python-yaml-unsafe-load
    yaml.load(stream, SafeLoader)


def model(path):
    # ruleid: python-model-unsafe-load
    torch.load(path, map_location="cpu", weights_only=False)
    # ruleid: python-model-unsafe-load
    np.load(path, allow_pickle=True)
    # ok: python-model-unsafe-load
    torch.load(path, weights_only=True)
    # ok: python-model-unsafe-load
    np.load(path)
