/*
 * How far a record has been escalated.
 */

#include "queue/crm_escalated.h"

#include "base/crm_buf.h"
#include "base/crm_limits.h"
#include "record/crm_record.h"


/* It has five members. */
#define ESCALATED_NODES  32
#define ESCALATED_DEPTH  4


static int kept_number(long long *n, const crm_record_t *doc,
    const char *name);
static crm_status_t kept_text(crm_str_t *text, const crm_record_t *doc,
    const char *name, crm_pool_t *pool);


crm_status_t
crm_escalated_read(crm_escalated_t *kept, crm_str_t text,
    const crm_escalation_t *rule, unsigned entry, crm_pool_t *pool)
{
    crm_str_t           version, owner;
    long long           n, done;
    crm_record_t        doc;
    crm_status_t        rc;

    static const crm_scan_limits_t  limits = {
        .max_nodes = ESCALATED_NODES, .max_depth = ESCALATED_DEPTH
    };

    memset(kept, 0, sizeof(crm_escalated_t));
    kept->version = rule->version;
    kept->entry = entry;
    kept->owner = CRM_STR("");

    if (text.len == 0) {
        return CRM_OK;
    }

    rc = crm_record_parse(&doc, text, &limits, pool, NULL);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    if (kept_number(&n, &doc, "since")) {
        kept->since_ms = n;
    }

    if (kept_text(&version, &doc, "version", pool) != CRM_OK
        || kept_text(&owner, &doc, "owner", pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (crm_str_eq(version, rule->version)
        && kept_number(&n, &doc, "entry") && n == (long long) entry
        && kept_number(&done, &doc, "done") && done <= CRM_MAX_LEVELS)
    {
        kept->done = (unsigned) done;
        kept->owner = owner;
    }

    return CRM_OK;
}


/* Whether there is one that is not below 0. */
static int
kept_number(long long *n, const crm_record_t *doc, const char *name)
{
    size_t              i;
    crm_str_t           text;
    const crm_field_t  *field;

    field = crm_record_field(doc, crm_strz(name));

    if (field == NULL || field->value.type != CRM_JSON_NUMBER) {
        return 0;
    }

    text = crm_span_raw(field->value);
    *n = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i == 18) {
            return 0;
        }

        *n = *n * 10 + (text.data[i] - '0');
    }

    return 1;
}


static crm_status_t
kept_text(crm_str_t *text, const crm_record_t *doc, const char *name,
    crm_pool_t *pool)
{
    const crm_field_t  *field;

    field = crm_record_field(doc, crm_strz(name));
    *text = CRM_STR("");

    if (field && field->value.type == CRM_JSON_STRING) {
        *text = crm_span_text(field->value, pool);
    }

    return text->data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_escalated_write(crm_str_t *text, const crm_escalated_t *kept,
    crm_pool_t *pool)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{\"version\":");
    crm_buf_json(&buf, kept->version);
    crm_buf_puts(&buf, ",\"entry\":");
    crm_buf_int(&buf, kept->entry);
    crm_buf_puts(&buf, ",\"done\":");
    crm_buf_int(&buf, kept->done);
    crm_buf_puts(&buf, ",\"owner\":");
    crm_buf_json(&buf, kept->owner);
    crm_buf_puts(&buf, ",\"since\":");
    crm_buf_int(&buf, kept->since_ms);
    crm_buf_putc(&buf, '}');

    *text = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
