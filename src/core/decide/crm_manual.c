/*
 * A lock by hand, as Redis holds it.
 */

#include "decide/crm_manual.h"


/* Its own members are seven; a later version may write more. */
#define MANUAL_NODES  64


static crm_status_t manual_text(crm_str_t *text, crm_span_t doc,
    const char *name, crm_pool_t *pool);
static long long manual_number(crm_span_t doc, const char *name);


crm_status_t
crm_manual_parse(crm_manual_t *manual, crm_str_t text, crm_pool_t *pool)
{
    size_t             i;
    crm_span_t         doc;
    crm_scan_t         scan;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    const struct {
        const char  *name;
        crm_str_t   *text;
    } members[] = {
        { "id", &manual->id },
        { "by", &manual->by },
        { "name", &manual->name },
        { "reason", &manual->reason },
        { "event", &manual->event }
    };

    memset(manual, 0, sizeof(crm_manual_t));
    manual->id = CRM_STR(CRM_MANUAL_UNKNOWN);
    manual->confirmed = 1;

    limits.max_nodes = MANUAL_NODES;
    limits.max_depth = 4;
    crm_scan_init(&scan, text, &limits, pool);

    rc = crm_scan_value(&scan, &doc, NULL);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }

    if (rc != CRM_OK || doc.type != CRM_JSON_OBJECT) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (manual_text(members[i].text, doc, members[i].name, pool)
            != CRM_OK)
        {
            return CRM_ENOMEM;
        }
    }

    manual->at_ms = manual_number(doc, "at");
    manual->confirmed = crm_span_member(doc, CRM_STR("confirmed")).type
                        == CRM_JSON_TRUE;

    return CRM_OK;
}


void
crm_manual_encode(crm_buf_t *buf, const crm_manual_t *manual)
{
    crm_buf_puts(buf, "{\"id\":");
    crm_buf_json(buf, manual->id);
    crm_buf_puts(buf, ",\"by\":");
    crm_buf_json(buf, manual->by);
    crm_buf_puts(buf, ",\"name\":");
    crm_buf_json(buf, manual->name);
    crm_buf_puts(buf, ",\"reason\":");
    crm_buf_json(buf, manual->reason);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_int(buf, manual->at_ms);
    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, manual->event);
    crm_buf_putc(buf, '}');
}


static crm_status_t
manual_text(crm_str_t *text, crm_span_t doc, const char *name,
    crm_pool_t *pool)
{
    crm_span_t  value;

    value = crm_span_member(doc, crm_strz(name));

    if (value.type != CRM_JSON_STRING) {
        return CRM_OK;
    }

    *text = crm_span_text(value, pool);

    return text->data ? CRM_OK : CRM_ENOMEM;
}


static long long
manual_number(crm_span_t doc, const char *name)
{
    size_t      i;
    long long   n;
    crm_span_t  value;

    value = crm_span_member(doc, crm_strz(name));
    n = 0;

    if (value.type != CRM_JSON_NUMBER || value.len > 15) {
        return 0;
    }

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return 0;
        }

        n = n * 10 + (value.data[i] - '0');
    }

    return n;
}
