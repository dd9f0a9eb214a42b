import base64
import json
import pickle
import socket

import dill
import jsonpickle
import kombu
import numpy as np
import pika
import redis
import requests
import torch
import yaml
from flask import request
from http.server import BaseHTTPRequestHandler
from kafka import KafkaConsumer
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


class Door(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        # ruleid: python-unsafe-deserialization
        pickle.loads(body)
        # ruleid: python-unsafe-deserialization
        pickle.loads(base64.b64decode(self.headers["X-State"]))
        # ok: python-unsafe-deserialization
        json.loads(body)


class Worker:
    def on_delivery(self, channel, method, properties, body):
        # ruleid: python-pickle-from-network
        pickle.loads(body)
        # ok: python-pickle-from-network
        pickle.loads(self.state)

    def on_task(self, body, message):
        # ruleid: python-pickle-from-network
        dill.loads(base64.b64decode(body))
        # ruleid: python-pickle-from-network
        jsonpickle.decode(message.payload)
        # ok: python-pickle-from-network
        json.loads(body)

    def run(self, sqs, queue, channel):
        for message in sqs.receive_message(QueueUrl="jobs")["Messages"]:
            # ruleid: python-pickle-from-network
            pickle.loads(base64.b64decode(message["Body"]))
        _, raw = self.redis.blpop("jobs")
        # ruleid: python-pickle-from-network
        pickle.loads(raw)
        consumer = KafkaConsumer("jobs")
        for record in consumer:
            # ruleid: python-pickle-from-network
            pickle.loads(record.value)
        # ruleid: python-pickle-from-network
        pickle.loads(self.consumer.poll(1.0).value())
        for record in self.consumer:
            # ruleid: python-pickle-from-network
            pickle.loads(record.value)
        method, properties, body = channel.basic_get("jobs")
        # ruleid: python-pickle-from-network
        pickle.loads(body)
        # ok: python-pickle-from-network
        pickle.loads(self.jobs.pop())
