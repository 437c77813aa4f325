/*
 * zoho: writes of automation's own, and what the vendor's API says to them.
 */

#include "record/crm_zoho.h"


/* More of an answer to one record nobody needs. */
#define WRITE_NODES  4096
#define WRITE_DEPTH  32


static void write_record(crm_buf_t *body, const crm_dialect_write_t *write);
static void write_tags(crm_buf_t *body, crm_span_t tags);
static crm_status_t said_text(crm_str_t *text, crm_span_t item,
    const char *name, crm_pool_t *pool);
static crm_span_t said_item(crm_span_t root);


crm_status_t
crm_zoho_write(const char **method, crm_buf_t *path, crm_buf_t *body,
    const crm_dialect_write_t *write)
{
    crm_dialect_encode(path, write->module);

    if (write->kind != CRM_WRITE_CREATE) {
        crm_buf_putc(path, '/');
        crm_dialect_encode(path, write->record_id);
    }

    *method = write->kind == CRM_WRITE_UPDATE ? "PUT" : "POST";

    switch (write->kind) {

    case CRM_WRITE_ADD_TAGS:
        crm_buf_puts(path, "/actions/add_tags");
        write_tags(body, write->tags);
        break;

    case CRM_WRITE_REMOVE_TAGS:
        crm_buf_puts(path, "/actions/remove_tags");
        write_tags(body, write->tags);
        break;

    default:
        write_record(body, write);
        break;
    }

    return CRM_OK;
}


/*
 * {"data":[{...}],"trigger":[]}: the CRM's own workflows are not to start,
 * either. With cascade the member is left out: all may.
 */
static void
write_record(crm_buf_t *body, const crm_dialect_write_t *write)
{
    int         n;
    size_t      cursor;
    crm_span_t  name, value;

    n = 0;
    cursor = 0;
    crm_buf_puts(body, "{\"data\":[{");

    while (write->fields.type == CRM_JSON_OBJECT
           && crm_span_next(write->fields, &cursor, &name, &value))
    {
        if (write->owner.len && crm_span_is(name, CRM_STR("Owner"))) {
            continue;
        }

        crm_buf_puts(body, n++ ? "," : "");
        crm_buf_str(body, crm_span_raw(name));
        crm_buf_putc(body, ':');
        crm_buf_str(body, crm_span_raw(value));
    }

    if (write->owner.len) {
        crm_buf_puts(body, n ? ",\"Owner\":{\"id\":" : "\"Owner\":{\"id\":");
        crm_buf_json(body, write->owner);
        crm_buf_putc(body, '}');
    }

    crm_buf_puts(body, write->cascade ? "}]}" : "}],\"trigger\":[]}");
}


/* {"tags":[{"name":"a"}]} */
static void
write_tags(crm_buf_t *body, crm_span_t tags)
{
    size_t      n, cursor;
    crm_span_t  tag;

    n = 0;
    cursor = 0;
    crm_buf_puts(body, "{\"tags\":[");

    while (tags.type == CRM_JSON_ARRAY
           && crm_span_next(tags, &cursor, NULL, &tag))
    {
        if (tag.type != CRM_JSON_STRING) {
            continue;
        }

        crm_buf_puts(body, n++ ? ",{\"name\":" : "{\"name\":");
        crm_buf_str(body, crm_span_raw(tag));
        crm_buf_putc(body, '}');
    }

    crm_buf_puts(body, "]}");
}


crm_status_t
crm_zoho_said(crm_dialect_said_t *said, crm_str_t body, crm_pool_t *pool)
{
    crm_str_t          status;
    crm_scan_t         scan;
    crm_span_t         root, item;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    limits.max_nodes = WRITE_NODES;
    limits.max_depth = WRITE_DEPTH;
    crm_scan_init(&scan, body, &limits, pool);

    rc = crm_scan_value(&scan, &root, NULL);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    item = said_item(root);

    rc = said_text(&said->code, item, "code", pool);
    if (rc == CRM_OK) {
        rc = said_text(&said->message, item, "message", pool);
    }
    if (rc == CRM_OK) {
        rc = said_text(&status, item, "status", pool);
    }
    if (rc == CRM_OK) {
        rc = said_text(&said->record_id,
                       crm_span_member(item, CRM_STR("details")), "id", pool);
    }

    /* 200 and 207 carry refusals of single records */

    if (rc == CRM_OK && said->kind == CRM_OUTCOME_DONE
        && crm_str_is(status, "error"))
    {
        said->kind = CRM_OUTCOME_REFUSED;
    }

    return rc;
}


/* The first of "data", or the whole answer. */
static crm_span_t
said_item(crm_span_t root)
{
    size_t      cursor;
    crm_span_t  data, item;

    if (root.type != CRM_JSON_OBJECT) {
        return root;
    }

    data = crm_span_member(root, CRM_STR("data"));
    cursor = 0;

    return data.type == CRM_JSON_ARRAY
           && crm_span_next(data, &cursor, NULL, &item) ? item : root;
}


static crm_status_t
said_text(crm_str_t *text, crm_span_t item, const char *name,
    crm_pool_t *pool)
{
    crm_span_t  value;

    *text = CRM_STR("");

    if (item.type != CRM_JSON_OBJECT) {
        return CRM_OK;
    }

    value = crm_span_member(item, crm_strz(name));

    if (value.type == CRM_JSON_STRING) {
        *text = crm_span_text(value, pool);
    }

    return text->data ? CRM_OK : CRM_ENOMEM;
}
