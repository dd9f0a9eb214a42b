package example;

import java.beans.XMLDecoder;
import java.io.*;
import java.util.Base64;
import javax.servlet.http.HttpServletRequest;
import javax.xml.parsers.*;
import org.yaml.snakeyaml.Yaml;

class DeserializationXml {
    @PostMapping("/restore")
    Object restore(@RequestParam String token, HttpServletRequest request) throws Exception {
        // ruleid: java-unsafe-deserialization
        new ObjectInputStream(request.getInputStream()).readObject();
        // ruleid: java-unsafe-deserialization
        new XMLDecoder(request.getInputStream()).readObject();
        // ruleid: java-unsafe-deserialization
        new Yaml().load(request.getParameter("config"));
        // ok: java-unsafe-deserialization
        new ObjectInputStream(new FileInputStream("own.bin")).readObject();
        // ok: java-unsafe-deserialization
        mapper.readValue(request.getInputStream(), Order.class);
        byte[] data = Base64.getDecoder().decode(token);
        // ruleid: java-unsafe-deserialization
        return new ObjectInputStream(new ByteArrayInputStream(data)).readObject();
    }

    void mappers(ObjectMapper mapper, PolymorphicTypeValidator validator) {
        // ruleid: java-jackson-default-typing
        mapper.enableDefaultTyping();
        // ruleid: java-jackson-default-typing
        mapper.activateDefaultTyping(LaissezFaireSubTypeValidator.instance, DefaultTyping.NON_FINAL);
        // ok: java-jackson-default-typing
        mapper.activateDefaultTyping(validator, DefaultTyping.NON_FINAL);
    }

    void order(HttpServletRequest request, DocumentBuilder parser) throws Exception {
        // ruleid: java-xxe
        parser.parse(request.getInputStream());
        // ok: java-xxe
        parser.parse(new File("own.xml"));
    }

    @PostMapping("/xml")
    void stream(@RequestBody String body, HttpServletRequest request) throws Exception {
        // ruleid: java-xml-external-entities
        XMLInputFactory factory = XMLInputFactory.newFactory();
        // ruleid: java-xxe
        factory.createXMLStreamReader(new StringReader(body));
        // ok: java-xxe
        factory.createXMLStreamReader(new StringReader("<a/>"));
    }

    DocumentBuilder builder() throws Exception {
        // ruleid: java-xml-external-entities
        return DocumentBuilderFactory.newInstance().newDocumentBuilder();
    }

    Document empty() throws Exception {
        // ok: java-xml-external-entities
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
    }

    @PostMapping("/statements")
    Document statement(@RequestBody String body) throws Exception {
        // ruleid: java-xxe, java-xml-external-entities
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(body)));
        // ruleid: java-xxe, java-xml-external-entities
        SAXParserFactory.newInstance().newSAXParser().getXMLReader().parse(new InputSource(new StringReader(body)));
        // ruleid: java-xxe, java-xml-external-entities
        new SAXReader().read(new StringReader(body));
        // ruleid: java-xml-external-entities
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        // ok: java-xxe
        factory.newDocumentBuilder().parse(new File("own.xml"));
        // ruleid: java-xxe
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(body)));
    }
}
