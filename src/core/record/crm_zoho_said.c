/*
 * zoho: what the vendor's API says to writes of automation's own.
 */

#include "record/crm_zoho.h"


/* More of an answer to one record nobody needs. */
#define SAID_NODES  4096
#define SAID_DEPTH  32


static crm_status_t said_text(crm_str_t *text, crm_span_t item,
    const char *name, crm_pool_t *pool);
static crm_span_t said_item(crm_span_t root);


crm_status_t
crm_zoho_said(crm_dialect_said_t *said, crm_str_t body, crm_pool_t *pool)
{
    crm_str_t          status;
    crm_scan_t         scan;
    crm_span_t         root, item;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    limits.max_nodes = SAID_NODES;
    limits.max_depth = SAID_DEPTH;
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

    if (value.type == CRM_JSON_STRING
        || (value.type == CRM_JSON_NUMBER && strcmp(name, "id") == 0))
    {
        *text = crm_span_text(value, pool);
    }

    return text->data ? CRM_OK : CRM_ENOMEM;
}
