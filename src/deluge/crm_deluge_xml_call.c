/*
 * Functions of TEXT that is XML, or becomes it.
 */

#include "crm_deluge_xml.h"


/* The receiver; what is JSON as the XML of it. */
static crm_status_t
xml_document(crm_deluge_call_t *call, crm_str_t *text)
{
    crm_buf_t           buf;
    crm_str_t           s;
    crm_status_t        rc;
    crm_deluge_value_t  v;

    s = call->args[0].u.text;
    *text = s;

    while (s.len && s.data[0] && strchr(" \t\r\n", s.data[0])) {
        s.data++;
        s.len--;
    }

    if (s.len == 0 || (s.data[0] != '{' && s.data[0] != '[')) {
        return CRM_OK;
    }

    rc = crm_deluge_json(&v, s, call->run->pool);

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM
               ? crm_deluge_memory(call->run, call->place)
               : crm_deluge_throw(call->run, call->place,
                     "the TEXT is neither XML nor JSON");
    }

    crm_deluge_buf(call->run, &buf);
    crm_deluge_xml_write(&buf, CRM_STR("root"), &v, call->run->host->zone, 0);

    rc = crm_deluge_buf_end(call->run, call->place, &buf, &v);

    if (rc == CRM_OK) {
        *text = v.u.text;
    }

    return rc;
}


/* With a pool for the tree, which goes when the call has its result. */
static crm_status_t
xml_with(crm_deluge_call_t *call,
    crm_status_t (*with)(crm_deluge_call_t *call, crm_pool_t *pool))
{
    crm_pool_t    *pool;
    crm_status_t   rc;

    pool = crm_pool_create(crm_host_malloc(), CRM_DELUGE_XML_MEMORY);
    if (pool == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    rc = with(call, pool);
    crm_pool_destroy(pool);

    return rc;
}


/* An element as it was written, an attribute as an element, a text as it is;
 * of several, -|- between them. */
static crm_status_t
xml_found(crm_deluge_call_t *call, crm_pool_t *pool)
{
    size_t             i;
    crm_buf_t          buf;
    crm_str_t          text;
    crm_array_t        found;
    crm_status_t       rc;
    crm_deluge_xml_t  *document, *node;

    rc = xml_document(call, &text);

    if (rc == CRM_OK) {
        rc = crm_deluge_xml_read(call, &document, text, 0, pool);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_xpath(call, &found, document, call->args[1].u.text,
                              pool);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    crm_deluge_buf(call->run, &buf);

    for (i = 0; i < found.count; i++) {
        node = found.items[i];
        crm_buf_puts(&buf, i ? CRM_DELUGE_XML_BETWEEN : "");

        switch (node->kind) {

        case CRM_DELUGE_X_DOCUMENT:
            crm_buf_str(&buf, node->first->source);
            break;

        case CRM_DELUGE_X_ELEMENT:
            crm_buf_str(&buf, node->source);
            break;

        case CRM_DELUGE_X_ATTRIBUTE:
            crm_buf_putc(&buf, '<');
            crm_buf_str(&buf, node->name);
            crm_buf_putc(&buf, '>');
            crm_deluge_xml_escape(&buf, node->text);
            crm_buf_puts(&buf, "</");
            crm_buf_str(&buf, node->name);
            crm_buf_putc(&buf, '>');
            break;

        default:
            crm_buf_str(&buf, node->text);
        }
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


/* The elements that stand one behind the other. */
static crm_status_t
xml_elements(crm_deluge_call_t *call, crm_pool_t *pool)
{
    crm_status_t        rc;
    crm_deluge_list_t  *list;
    crm_deluge_xml_t   *document, *node;

    list = crm_deluge_list(call->run->pool);
    if (list == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    rc = crm_deluge_xml_read(call, &document, call->args[0].u.text, 1, pool);

    for (node = rc == CRM_OK ? document->first : NULL; node && rc == CRM_OK;
         node = node->next)
    {
        rc = crm_deluge_check(call->run, call->place,
                 crm_deluge_list_push(list, crm_deluge_text(node->source),
                                      call->run->pool));
    }

    if (rc == CRM_OK) {
        call->result->type = CRM_DELUGE_LIST;
        call->result->u.list = list;
    }

    return rc;
}


/* JSON becomes XML; XML is read, and is what it was. */
static crm_status_t
xml_checked(crm_deluge_call_t *call, crm_pool_t *pool)
{
    crm_str_t          text;
    crm_status_t       rc;
    crm_deluge_xml_t  *document;

    rc = xml_document(call, &text);

    if (rc == CRM_OK) {
        rc = crm_deluge_xml_read(call, &document, text, 0, pool);
    }

    *call->result = crm_deluge_text(text);

    return rc;
}


static crm_status_t
xml_execute(crm_deluge_call_t *call)
{
    return xml_with(call, xml_found);
}


static crm_status_t
xml_list(crm_deluge_call_t *call)
{
    return xml_with(call, xml_elements);
}


/* In an element root. */
static crm_status_t
xml_of(crm_deluge_call_t *call)
{
    crm_buf_t  buf;

    if (call->args[0].type == CRM_DELUGE_TEXT) {
        return xml_with(call, xml_checked);
    }

    crm_deluge_buf(call->run, &buf);
    crm_deluge_xml_write(&buf, CRM_STR("root"), &call->args[0],
                         call->run->host->zone, 0);

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


const crm_deluge_builtin_t  crm_deluge_xml_builtins[] = {
    { "executeXPath", CRM_DELUGE_ON_TEXT, 1, "t", xml_execute },
    { "executeXpath", CRM_DELUGE_ON_TEXT, 1, "t", xml_execute },
    { "executexpath", CRM_DELUGE_ON_TEXT, 1, "t", xml_execute },
    { "toXmlList", CRM_DELUGE_ON_TEXT, 0, "", xml_list },
    { "toXML", CRM_DELUGE_ON_TEXT|CRM_DELUGE_ON_MAP|CRM_DELUGE_ON_SERIES, 0,
      "", xml_of },
    { "toXml", CRM_DELUGE_ON_TEXT|CRM_DELUGE_ON_MAP|CRM_DELUGE_ON_SERIES, 0,
      "", xml_of },
    { NULL, 0, 0, NULL, NULL }
};
