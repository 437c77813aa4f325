/*
 * XML as a tree: expat reads, and tells what it meets.
 *
 * Where several elements may stand side by side they are read inside of one
 * that is none of theirs.
 */

#include <expat.h>

#include "crm_deluge_xml.h"


#define XML_AROUND  "<_>"


typedef struct {
    crm_deluge_call_t  *call;
    crm_pool_t         *pool;
    XML_Parser          expat;
    crm_str_t           source;
    size_t              around;         /* bytes before source */
    size_t              nodes;
    unsigned            depth;
    crm_str_t           plain;          /* since the last mark: as it stands
                                           in source, ... */
    crm_buf_t           text;           /* ... or else put together */
    const char         *bad;            /* what is, where expat sees nothing */
    size_t              bad_at;
    crm_status_t        rc;
    crm_deluge_xml_t   *document;
    crm_deluge_xml_t   *open;           /* the element that is read */
} xml_t;


static crm_status_t xml_parse(xml_t *xml, int many);
static crm_status_t xml_told(xml_t *xml);
static void XMLCALL xml_begin(void *data, const XML_Char *name,
    const XML_Char **attributes);
static void xml_attributes(xml_t *xml, crm_deluge_xml_t *element,
    const XML_Char **attributes);
static void XMLCALL xml_end(void *data, const XML_Char *name);
static void XMLCALL xml_text(void *data, const XML_Char *text, int len);
static void xml_between(xml_t *xml, crm_str_t text);
static void xml_mark(xml_t *xml);
static void XMLCALL xml_on_mark(void *data);
static void XMLCALL xml_on_comment(void *data, const XML_Char *text);
static void XMLCALL xml_on_instruction(void *data, const XML_Char *target,
    const XML_Char *text);
static void XMLCALL xml_on_doctype(void *data, const XML_Char *name,
    const XML_Char *system, const XML_Char *public, int has_subset);
static crm_deluge_xml_t *xml_node(xml_t *xml, crm_deluge_xml_kind_t kind);
static void xml_append(crm_deluge_xml_t *parent, crm_deluge_xml_t *node);
static crm_str_t xml_copy(xml_t *xml, const char *text, size_t len);
static size_t xml_at(const xml_t *xml);
static void xml_bad(xml_t *xml, const char *what);
static void xml_stop(xml_t *xml, crm_status_t rc);


crm_status_t
crm_deluge_xml_read(crm_deluge_call_t *call, crm_deluge_xml_t **document,
    crm_str_t text, int many, crm_pool_t *pool)
{
    xml_t         xml;
    crm_status_t  rc;

    memset(&xml, 0, sizeof(xml_t));
    xml.call = call;
    xml.pool = pool;
    xml.source = text;
    crm_buf_init(&xml.text, pool, 0);

    /* a whole document says what it is before its one element */

    many = many && (text.len < 5 || memcmp(text.data, "<?xml", 5) != 0);
    xml.around = many ? sizeof(XML_AROUND) - 1 : 0;

    xml.expat = XML_ParserCreate("UTF-8");
    xml.document = xml_node(&xml, CRM_DELUGE_X_DOCUMENT);

    if (xml.expat == NULL || xml.document == NULL) {
        rc = xml.rc ? xml.rc : crm_deluge_memory(call->run, call->place);

    } else {
        xml.open = xml.document;
        rc = xml_parse(&xml, many);
    }

    if (xml.expat) {
        XML_ParserFree(xml.expat);
    }

    *document = xml.document;

    return rc;
}


/* Names are hashed with a number of our own: expat would ask the kernel, which
 * answers nothing behind the wall. */
static crm_status_t
xml_parse(xml_t *xml, int many)
{
    XML_Parser  expat;

    expat = xml->expat;

    XML_SetHashSalt(expat, (unsigned long) (uintptr_t) xml->pool | 1);
    XML_SetUserData(expat, xml);
    XML_SetElementHandler(expat, xml_begin, xml_end);
    XML_SetCharacterDataHandler(expat, xml_text);
    XML_SetCdataSectionHandler(expat, xml_on_mark, xml_on_mark);
    XML_SetCommentHandler(expat, xml_on_comment);
    XML_SetProcessingInstructionHandler(expat, xml_on_instruction);
    XML_SetStartDoctypeDeclHandler(expat, xml_on_doctype);

    if ((many && XML_Parse(expat, XML_AROUND, sizeof(XML_AROUND) - 1, 0)
                 != XML_STATUS_OK)
        || XML_Parse(expat, xml->source.data, (int) xml->source.len, !many)
           != XML_STATUS_OK
        || (many && XML_Parse(expat, "</_>", 4, 1) != XML_STATUS_OK))
    {
        return xml_told(xml);
    }

    return xml->document->first
           ? CRM_OK
           : crm_deluge_throw(xml->call->run, xml->call->place,
                              "the XML cannot be read: there is no element");
}


/* Why it went no further. */
static crm_status_t
xml_told(xml_t *xml)
{
    const char      *what;
    enum XML_Error   error;

    if (xml->rc != CRM_OK) {
        return xml->rc;
    }

    error = XML_GetErrorCode(xml->expat);

    if (error == XML_ERROR_NO_MEMORY) {
        return crm_deluge_memory(xml->call->run, xml->call->place);
    }

    what = xml->bad ? xml->bad : XML_ErrorString(error);

    return crm_deluge_throw(xml->call->run, xml->call->place,
                            "the XML cannot be read, at its byte %zu: %s",
                            xml->bad ? xml->bad_at : xml_at(xml), what);
}


static void XMLCALL
xml_begin(void *data, const XML_Char *name, const XML_Char **attributes)
{
    xml_t             *xml = data;
    crm_deluge_xml_t  *element;

    xml_mark(xml);

    if (xml->around && xml->depth == 0) {
        xml->depth = 1;
        return;
    }

    element = xml_node(xml, CRM_DELUGE_X_ELEMENT);
    if (element == NULL) {
        return;
    }

    element->name = xml_copy(xml, name, strlen(name));
    element->source = crm_str(xml->source.data + xml_at(xml), 0);
    xml_append(xml->open, element);
    xml_attributes(xml, element, attributes);
    xml->open = element;

    if (++xml->depth > CRM_DELUGE_NESTING + (xml->around != 0)) {
        xml_stop(xml, crm_deluge_throw(xml->call->run, xml->call->place,
                      "the XML nests deeper than %d", CRM_DELUGE_NESTING));
    }
}


static void
xml_attributes(xml_t *xml, crm_deluge_xml_t *element,
    const XML_Char **attributes)
{
    crm_deluge_xml_t  *node, **last;

    last = &element->attributes;

    for (/* void */; *attributes; attributes += 2) {
        node = xml_node(xml, CRM_DELUGE_X_ATTRIBUTE);
        if (node == NULL) {
            return;
        }

        node->name = xml_copy(xml, attributes[0], strlen(attributes[0]));
        node->text = xml_copy(xml, attributes[1], strlen(attributes[1]));
        node->parent = element;

        *last = node;
        last = &node->next;
    }
}


static void XMLCALL
xml_end(void *data, const XML_Char *name)
{
    xml_t  *xml = data;

    (void) name;

    xml_mark(xml);

    if (xml->open == xml->document) {
        return;
    }

    xml->open->source.len = (size_t) (xml->source.data + xml_at(xml)
                                      + XML_GetCurrentByteCount(xml->expat)
                                      - xml->open->source.data);
    xml->open = xml->open->parent;
    xml->depth--;
}


/* A text comes in pieces, many of which lie in source side by side. */
static void XMLCALL
xml_text(void *data, const XML_Char *text, int len)
{
    xml_t      *xml = data;
    crm_str_t   piece;

    piece = crm_str(xml->source.data + xml_at(xml), (size_t) len);

    if (xml->text.len == 0
        && (xml->plain.len == 0
            || xml->plain.data + xml->plain.len == piece.data)
        && piece.len <= xml->source.len - xml_at(xml)
        && memcmp(piece.data, text, piece.len) == 0)
    {
        xml->plain = crm_str(xml->plain.len ? xml->plain.data : piece.data,
                             xml->plain.len + piece.len);
        return;
    }

    crm_buf_str(&xml->text, xml->plain);
    crm_buf_add(&xml->text, text, piece.len);
    xml->plain.len = 0;
}


/* A text ends with whatever stands behind it. */
static void
xml_mark(xml_t *xml)
{
    crm_str_t          text;
    crm_deluge_xml_t  *node;

    text = xml->plain.len ? xml->plain : crm_buf_view(&xml->text);

    if (crm_buf_status(&xml->text) != CRM_OK) {
        xml_stop(xml, crm_deluge_memory(xml->call->run, xml->call->place));
        return;
    }

    if (text.len == 0) {
        return;
    }

    if (xml->open == xml->document) {
        xml_between(xml, text);

    } else {
        node = xml_node(xml, CRM_DELUGE_X_TEXT);
        if (node == NULL) {
            return;
        }

        node->text = text;
        xml_append(xml->open, node);
    }

    xml->plain.len = 0;
    crm_buf_init(&xml->text, xml->pool, 0);
}


/* Outside of elements blanks alone may stand, or what parts several. */
static void
xml_between(xml_t *xml, crm_str_t text)
{
    size_t  at, n;

    n = sizeof(CRM_DELUGE_XML_BETWEEN) - 1;

    for (at = 0; at < text.len; /* void */) {

        if (text.data[at] && strchr(" \t\r\n", text.data[at])) {
            at++;

        } else if (text.len - at >= n
                   && memcmp(text.data + at, CRM_DELUGE_XML_BETWEEN, n) == 0)
        {
            at += n;

        } else {
            xml_bad(xml, "before this an element is expected");
            return;
        }
    }
}


static void XMLCALL
xml_on_mark(void *data)
{
    xml_mark(data);
}


static void XMLCALL
xml_on_comment(void *data, const XML_Char *text)
{
    (void) text;

    xml_mark(data);
}


static void XMLCALL
xml_on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
    (void) target;
    (void) text;

    xml_mark(data);
}


static void XMLCALL
xml_on_doctype(void *data, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int has_subset)
{
    (void) name;
    (void) system;
    (void) public;
    (void) has_subset;

    xml_bad(data, "a DOCTYPE is not read");
}


/* NULL: reading has been stopped. */
static crm_deluge_xml_t *
xml_node(xml_t *xml, crm_deluge_xml_kind_t kind)
{
    crm_deluge_xml_t  *node;

    if (xml->rc != CRM_OK) {
        return NULL;
    }

    if (xml->nodes == CRM_DELUGE_ITEMS) {
        xml_stop(xml, crm_deluge_throw(xml->call->run, xml->call->place,
                      "the XML has more than %d elements, attributes and"
                      " texts", CRM_DELUGE_ITEMS));
        return NULL;
    }

    node = crm_pool_calloc(xml->pool, 1, sizeof(crm_deluge_xml_t));
    if (node == NULL) {
        xml_stop(xml, crm_deluge_memory(xml->call->run, xml->call->place));
        return NULL;
    }

    node->kind = kind;
    node->order = xml->nodes++;

    return node;
}


static void
xml_append(crm_deluge_xml_t *parent, crm_deluge_xml_t *node)
{
    node->parent = parent;

    if (parent->last) {
        parent->last->next = node;
    } else {
        parent->first = node;
    }

    parent->last = node;
}


static crm_str_t
xml_copy(xml_t *xml, const char *text, size_t len)
{
    crm_str_t  copy;

    copy = crm_pool_dup(xml->pool, crm_str(text, len));

    if (copy.data == NULL) {
        xml_stop(xml, crm_deluge_memory(xml->call->run, xml->call->place));
        copy = CRM_STR("");
    }

    return copy;
}


/* In what the script gave. */
static size_t
xml_at(const xml_t *xml)
{
    XML_Index  at;

    at = XML_GetCurrentByteIndex(xml->expat) - (XML_Index) xml->around;

    return at < 0 ? 0
           : at > (XML_Index) xml->source.len ? xml->source.len : (size_t) at;
}


static void
xml_bad(xml_t *xml, const char *what)
{
    xml->bad = what;
    xml->bad_at = xml_at(xml);
    XML_StopParser(xml->expat, XML_FALSE);
}


static void
xml_stop(xml_t *xml, crm_status_t rc)
{
    xml->rc = rc;

    if (xml->expat) {
        XML_StopParser(xml->expat, XML_FALSE);
    }
}
