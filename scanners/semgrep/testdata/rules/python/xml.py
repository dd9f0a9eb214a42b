import io
import xml.sax
import xml.sax.handler

import defusedxml.ElementTree
from flask import request
from lxml import etree


def parsers(reader):
    # ruleid: python-xxe
    etree.XMLParser(resolve_entities=True)
    # ruleid: python-xxe
    etree.XMLParser(load_dtd=True, no_network=True)
    # ruleid: python-xxe
    reader.setFeature(xml.sax.handler.feature_external_ges, True)
    # ok: python-xxe
    etree.XMLParser(resolve_entities=False, no_network=True)
    # ok: python-xxe
    reader.setFeature(xml.sax.handler.feature_external_ges, False)


def order():
    # ruleid: python-xml-from-request
    etree.fromstring(request.data)
    # ruleid: python-xml-from-request
    etree.parse(io.BytesIO(request.get_data()))
    # ok: python-xml-from-request
    etree.fromstring(request.data, etree.XMLParser(resolve_entities=False))
    # ok: python-xml-from-request
    defusedxml.ElementTree.fromstring(request.data)
    # ok: python-xml-from-request
    etree.fromstring("<a/>")
