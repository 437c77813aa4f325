/*
 * XML: see crm_deluge_xml.h. It is read from its start to its end, without
 * recursion: where it stands, the parent says.
 */

#include <utf8proc.h>

#include "crm_deluge_xml.h"


/* Each is compared with those before it. */
#define XML_ATTRIBUTES  256


typedef struct {
    crm_deluge_call_t  *call;
    crm_pool_t         *pool;
    crm_str_t           text;
    size_t              at;
    size_t              nodes;
    unsigned            depth;
    crm_deluge_xml_t   *document;
    crm_deluge_xml_t   *open;           /* the element that is read */
} xml_t;


static crm_status_t xml_mark(xml_t *xml);
static crm_status_t xml_skip(xml_t *xml, const char *end, const char *what);
static crm_status_t xml_begin(xml_t *xml);
static crm_status_t xml_attribute(xml_t *xml, crm_deluge_xml_t *element);
static crm_status_t xml_end(xml_t *xml);
static crm_status_t xml_text(xml_t *xml);
static crm_status_t xml_cdata(xml_t *xml);
static crm_status_t xml_decode(xml_t *xml, crm_str_t raw, crm_str_t *text);
static size_t xml_entity(crm_buf_t *buf, crm_str_t raw);
static crm_status_t xml_name(xml_t *xml, crm_str_t *name);
static crm_status_t xml_node(xml_t *xml, crm_deluge_xml_kind_t kind,
    crm_deluge_xml_t **node);
static void xml_append(crm_deluge_xml_t *parent, crm_deluge_xml_t *node);
static int xml_is(const xml_t *xml, const char *s);
static void xml_blanks(xml_t *xml);
static crm_status_t xml_bad(xml_t *xml, const char *what);
static void xml_write_members(crm_buf_t *buf, crm_str_t name,
    const crm_deluge_value_t *v, const crm_zone_t *zone, unsigned depth);
static void xml_write_name(crm_buf_t *buf, crm_str_t name);


crm_status_t
crm_deluge_xml_read(crm_deluge_call_t *call, crm_deluge_xml_t **document,
    crm_str_t text, int many, crm_pool_t *pool)
{
    xml_t         xml;
    crm_status_t  rc;

    memset(&xml, 0, sizeof(xml_t));
    xml.call = call;
    xml.text = text;
    xml.pool = pool;

    rc = xml_node(&xml, CRM_DELUGE_X_DOCUMENT, &xml.document);
    xml.open = xml.document;

    while (rc == CRM_OK && xml.at < text.len) {
        rc = text.data[xml.at] == '<' ? xml_mark(&xml) : xml_text(&xml);

        if (rc == CRM_OK && !many && xml.open == xml.document
            && xml.document->first != xml.document->last)
        {
            return xml_bad(&xml, "behind the first element stands another");
        }
    }

    if (rc == CRM_OK && xml.open != xml.document) {
        rc = xml_bad(&xml, "an element has no end");
    }

    if (rc == CRM_OK && xml.document->first == NULL) {
        rc = xml_bad(&xml, "there is no element");
    }

    *document = xml.document;

    return rc;
}


void
crm_deluge_xml_escape(crm_buf_t *buf, crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {

        switch (text.data[i]) {

        case '&':
            crm_buf_puts(buf, "&amp;");
            break;

        case '<':
            crm_buf_puts(buf, "&lt;");
            break;

        case '>':
            crm_buf_puts(buf, "&gt;");
            break;

        default:
            crm_buf_putc(buf, text.data[i]);
        }
    }
}


/* A LIST is an element of that name again and again. */
void
crm_deluge_xml_write(crm_buf_t *buf, crm_str_t name,
    const crm_deluge_value_t *v, const crm_zone_t *zone, unsigned depth)
{
    size_t     i;
    crm_buf_t  text;

    v = crm_deluge_inside(v);

    if (depth == CRM_DELUGE_NESTING) {
        buf->status = CRM_ELIMIT;
        return;
    }

    if (v->type == CRM_DELUGE_LIST && depth) {

        for (i = 0; i < v->u.list->count && buf->status == CRM_OK; i++) {
            crm_deluge_xml_write(buf, name, &v->u.list->items[i], zone,
                                 depth + 1);
        }

        return;
    }

    crm_buf_putc(buf, '<');
    xml_write_name(buf, name);
    crm_buf_putc(buf, '>');

    if (v->type == CRM_DELUGE_MAP || v->type == CRM_DELUGE_LIST) {
        xml_write_members(buf, CRM_STR("element"), v, zone, depth);

    } else {
        crm_buf_init(&text, buf->pool, buf->max);
        crm_deluge_write(&text, v, zone);

        if (crm_buf_status(&text) != CRM_OK) {
            buf->status = text.status;
        }

        crm_deluge_xml_escape(buf, crm_buf_view(&text));
    }

    crm_buf_puts(buf, "</");
    xml_write_name(buf, name);
    crm_buf_putc(buf, '>');
}


static void
xml_write_members(crm_buf_t *buf, crm_str_t name, const crm_deluge_value_t *v,
    const crm_zone_t *zone, unsigned depth)
{
    size_t                     at;
    const crm_deluge_entry_t  *entry;

    for (at = 0; v->type == CRM_DELUGE_LIST && at < v->u.list->count
                 && buf->status == CRM_OK; at++)
    {
        crm_deluge_xml_write(buf, name, &v->u.list->items[at], zone,
                             depth + 1);
    }

    for (at = 0; v->type == CRM_DELUGE_MAP && buf->status == CRM_OK
                 && (entry = crm_deluge_map_next(v->u.map, &at)) != NULL;
         /* void */)
    {
        crm_deluge_xml_write(buf, entry->key, &entry->value, zone, depth + 1);
    }
}


/* What no name may hold becomes a line below. */
static void
xml_write_name(crm_buf_t *buf, crm_str_t name)
{
    char    c;
    size_t  i;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if ((c >= '0' && c <= '9') || c == '-' || c == '.') {
            crm_buf_puts(buf, i ? "" : "_");

        } else if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && c != ':'
                   && !((unsigned char) c & 0x80))
        {
            c = '_';
        }

        crm_buf_putc(buf, c);
    }

    if (name.len == 0) {
        crm_buf_putc(buf, '_');
    }
}


static crm_status_t
xml_mark(xml_t *xml)
{
    if (xml_is(xml, "<!--")) {
        return xml_skip(xml, "-->", "a comment has no end");
    }

    if (xml_is(xml, "<![CDATA[")) {
        return xml_cdata(xml);
    }

    if (xml_is(xml, "<?")) {
        return xml_skip(xml, "?>", "an instruction has no end");
    }

    if (xml_is(xml, "<!")) {
        return xml_bad(xml, "a DOCTYPE is not read");
    }

    return xml_is(xml, "</") ? xml_end(xml) : xml_begin(xml);
}


static crm_status_t
xml_skip(xml_t *xml, const char *end, const char *what)
{
    size_t  n;

    n = strlen(end);

    for (/* void */; xml->at + n <= xml->text.len; xml->at++) {
        if (xml_is(xml, end)) {
            xml->at += n;
            return CRM_OK;
        }
    }

    return xml_bad(xml, what);
}


static crm_status_t
xml_begin(xml_t *xml)
{
    size_t             start;
    crm_status_t       rc;
    crm_deluge_xml_t  *element;

    start = xml->at++;

    rc = xml_node(xml, CRM_DELUGE_X_ELEMENT, &element);

    if (rc == CRM_OK) {
        rc = xml_name(xml, &element->name);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    xml_append(xml->open, element);
    element->source.data = xml->text.data + start;

    for ( ;; ) {
        xml_blanks(xml);

        if (xml_is(xml, "/>")) {
            xml->at += 2;
            element->source.len = xml->at - start;
            return CRM_OK;
        }

        if (xml_is(xml, ">")) {
            xml->at++;
            break;
        }

        rc = xml_attribute(xml, element);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (++xml->depth > CRM_DELUGE_NESTING) {
        return crm_deluge_throw(xml->call->run, xml->call->place,
                   "the XML nests deeper than %d", CRM_DELUGE_NESTING);
    }

    xml->open = element;

    return CRM_OK;
}


static crm_status_t
xml_attribute(xml_t *xml, crm_deluge_xml_t *element)
{
    char                quote;
    size_t              n;
    const char         *end;
    crm_str_t           raw;
    crm_status_t        rc;
    crm_deluge_xml_t   *node, **p;

    rc = xml_node(xml, CRM_DELUGE_X_ATTRIBUTE, &node);

    if (rc == CRM_OK) {
        rc = xml_name(xml, &node->name);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    xml_blanks(xml);

    if (!xml_is(xml, "=")) {
        return xml_bad(xml, "\"=\" is expected behind an attribute");
    }

    xml->at++;
    xml_blanks(xml);

    quote = xml->at < xml->text.len ? xml->text.data[xml->at] : '\0';

    if (quote != '"' && quote != '\'') {
        return xml_bad(xml, "an attribute stands in quotes");
    }

    raw.data = xml->text.data + ++xml->at;
    end = memchr(raw.data, quote, xml->text.len - xml->at);

    if (end == NULL) {
        return xml_bad(xml, "an attribute has no end");
    }

    raw.len = (size_t) (end - raw.data);
    rc = xml_decode(xml, raw, &node->text);
    xml->at += raw.len + 1;

    node->parent = element;
    n = 0;

    for (p = &element->attributes; *p; p = &(*p)->next) {
        if (crm_str_eq((*p)->name, node->name)) {
            return xml_bad(xml, "an attribute stands twice");
        }

        if (++n == XML_ATTRIBUTES) {
            return xml_bad(xml, "an element has 256 attributes at most");
        }
    }

    *p = node;

    return rc;
}


static crm_status_t
xml_end(xml_t *xml)
{
    crm_str_t     name;
    crm_status_t  rc;

    xml->at += 2;

    rc = xml_name(xml, &name);
    if (rc != CRM_OK) {
        return rc;
    }

    xml_blanks(xml);

    if (!crm_str_eq(name, xml->open->name) || !xml_is(xml, ">")) {
        return xml_bad(xml, "this is not the end of the element that is open");
    }

    xml->at++;
    xml->open->source.len = (size_t) (xml->text.data + xml->at
                                      - xml->open->source.data);
    xml->open = xml->open->parent;
    xml->depth--;

    return CRM_OK;
}


/* Outside of elements blanks alone may stand, or what parts several. */
static crm_status_t
xml_text(xml_t *xml)
{
    const char        *end;
    crm_str_t          raw;
    crm_status_t       rc;
    crm_deluge_xml_t  *node;

    raw.data = xml->text.data + xml->at;
    end = memchr(raw.data, '<', xml->text.len - xml->at);
    raw.len = end ? (size_t) (end - raw.data) : xml->text.len - xml->at;

    if (xml->open == xml->document) {
        xml_blanks(xml);

        if (xml_is(xml, CRM_DELUGE_XML_BETWEEN)) {
            xml->at += strlen(CRM_DELUGE_XML_BETWEEN);
            return CRM_OK;
        }

        return xml->at == xml->text.len || xml_is(xml, "<") ? CRM_OK
               : xml_bad(xml, "an element is expected");
    }

    rc = xml_node(xml, CRM_DELUGE_X_TEXT, &node);

    if (rc == CRM_OK) {
        rc = xml_decode(xml, raw, &node->text);
    }

    if (rc == CRM_OK) {
        xml_append(xml->open, node);
        xml->at += raw.len;
    }

    return rc;
}


static crm_status_t
xml_cdata(xml_t *xml)
{
    size_t             start;
    crm_status_t       rc;
    crm_deluge_xml_t  *node;

    if (xml->open == xml->document) {
        return xml_bad(xml, "an element is expected");
    }

    xml->at += 9;
    start = xml->at;
    rc = xml_skip(xml, "]]>", "CDATA has no end");

    if (rc == CRM_OK) {
        rc = xml_node(xml, CRM_DELUGE_X_TEXT, &node);
    }

    if (rc == CRM_OK) {
        node->text = crm_str(xml->text.data + start, xml->at - 3 - start);
        xml_append(xml->open, node);
    }

    return rc;
}


static crm_status_t
xml_decode(xml_t *xml, crm_str_t raw, crm_str_t *text)
{
    size_t     i, n;
    crm_buf_t  buf;

    if (raw.len == 0 || memchr(raw.data, '&', raw.len) == NULL) {
        *text = raw;
        return CRM_OK;
    }

    crm_buf_init(&buf, xml->pool, 0);

    for (i = 0; i < raw.len; i += n) {
        n = 1;

        if (raw.data[i] != '&') {
            crm_buf_putc(&buf, raw.data[i]);
            continue;
        }

        n = xml_entity(&buf, crm_str(raw.data + i, raw.len - i));

        if (n == 0) {
            xml->at = (size_t) (raw.data + i - xml->text.data);
            return xml_bad(xml, "there is no such entity");
        }
    }

    *text = crm_buf_view(&buf);

    return crm_buf_status(&buf) == CRM_OK
           ? CRM_OK : crm_deluge_memory(xml->call->run, xml->call->place);
}


/* The length of the entity that raw begins with; 0: there is none. */
static size_t
xml_entity(crm_buf_t *buf, crm_str_t raw)
{
    static const struct {
        const char  *name;
        char         c;
    } entities[] = {
        { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
        { "&quot;", '"' }, { "&apos;", '\'' }
    };

    int               hex, digit;
    char              c;
    size_t            i, n;
    unsigned long     point;
    utf8proc_uint8_t  out[4];

    for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        n = strlen(entities[i].name);

        if (raw.len >= n && memcmp(raw.data, entities[i].name, n) == 0) {
            crm_buf_putc(buf, entities[i].c);
            return n;
        }
    }

    if (raw.len < 4 || raw.data[1] != '#') {
        return 0;
    }

    hex = raw.data[2] == 'x';
    point = 0;

    for (i = hex ? 3 : 2; i < raw.len && raw.data[i] != ';'; i++) {
        c = raw.data[i];
        digit = c >= '0' && c <= '9' ? c - '0'
                : hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
                ? (c | 0x20) - 'a' + 10 : -1;

        if (digit < 0 || point > 0x10ffff) {
            return 0;
        }

        point = point * (hex ? 16 : 10) + (unsigned long) digit;
    }

    if (point == 0 || i == raw.len
        || !utf8proc_codepoint_valid((utf8proc_int32_t) point))
    {
        return 0;
    }

    n = (size_t) utf8proc_encode_char((utf8proc_int32_t) point, out);
    crm_buf_add(buf, (char *) out, n);

    return i + 1;
}


static crm_status_t
xml_name(xml_t *xml, crm_str_t *name)
{
    char  c;

    name->data = xml->text.data + xml->at;
    name->len = 0;

    for (/* void */; xml->at < xml->text.len; xml->at++, name->len++) {
        c = xml->text.data[xml->at];

        if (((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == ':'
            || ((unsigned char) c & 0x80))
        {
            continue;
        }

        if (name->len == 0
            || !((c >= '0' && c <= '9') || c == '-' || c == '.'))
        {
            break;
        }
    }

    return name->len ? CRM_OK : xml_bad(xml, "a name is expected");
}


static crm_status_t
xml_node(xml_t *xml, crm_deluge_xml_kind_t kind, crm_deluge_xml_t **node)
{
    if (xml->nodes == CRM_DELUGE_ITEMS) {
        return crm_deluge_throw(xml->call->run, xml->call->place,
                   "the XML has more than %d elements, attributes and texts",
                   CRM_DELUGE_ITEMS);
    }

    *node = crm_pool_calloc(xml->pool, 1, sizeof(crm_deluge_xml_t));
    if (*node == NULL) {
        return crm_deluge_memory(xml->call->run, xml->call->place);
    }

    (*node)->kind = kind;
    (*node)->order = xml->nodes++;

    return CRM_OK;
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


static int
xml_is(const xml_t *xml, const char *s)
{
    size_t  n;

    n = strlen(s);

    return xml->text.len - xml->at >= n
           && memcmp(xml->text.data + xml->at, s, n) == 0;
}


static void
xml_blanks(xml_t *xml)
{
    while (xml->at < xml->text.len && xml->text.data[xml->at]
           && strchr(" \t\r\n", xml->text.data[xml->at]))
    {
        xml->at++;
    }
}


static crm_status_t
xml_bad(xml_t *xml, const char *what)
{
    return crm_deluge_throw(xml->call->run, xml->call->place,
               "the XML cannot be read, at its byte %zu: %s", xml->at, what);
}
