/*
 * Values as XML.
 */

#include "crm_deluge_xml.h"


static void xml_write_members(crm_buf_t *buf, crm_str_t name,
    const crm_deluge_value_t *v, const crm_zone_t *zone, unsigned depth);
static void xml_write_name(crm_buf_t *buf, crm_str_t name);


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
