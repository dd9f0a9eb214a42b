package example;

class HardenedXml {
    @PostMapping("/statements")
    Document statement(@RequestBody String body) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        // ruleid: java-xxe
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(body)));
    }

    @PostMapping("/invoices")
    Document invoice(@RequestBody String body) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        // ok: java-xxe
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(body)));
    }

    @PostMapping("/orders")
    Document orders(@RequestBody String body) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
        // ok: java-xxe
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(body)));
    }

    @PostMapping("/parcels")
    Document parcels(@RequestBody String body) throws Exception {
        // ok: java-xxe
        return careful().newDocumentBuilder().parse(new InputSource(new StringReader(body)));
    }
}
