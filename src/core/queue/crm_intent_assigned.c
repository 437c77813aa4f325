/*
 * Who a record that is created was assigned to, as its intent says it.
 */

#include "queue/crm_intent_assigned.h"

#include "queue/crm_intent_parse.h"


static const crm_assignment_t *assigned_rule(const crm_module_t *module,
    crm_str_t id);
static crm_status_t assigned_text(crm_str_t *text, crm_span_t value,
    const char *name, crm_pool_t *pool, crm_error_t *err);


void
crm_intent_assigned_encode(const crm_assigned_t *assigned, crm_buf_t *buf)
{
    crm_buf_puts(buf, ",\"assignment\":{\"rule\":");
    crm_buf_json(buf, assigned->rule->id);
    crm_buf_puts(buf, ",\"entry\":");
    crm_buf_int(buf, assigned->index);
    crm_buf_puts(buf, ",\"owner\":");
    crm_buf_json(buf, assigned->owner);
    crm_buf_puts(buf, ",\"reason\":");
    crm_buf_json(buf, crm_strz(assigned->reason ? assigned->reason : ""));
    crm_buf_putc(buf, '}');
}


crm_status_t
crm_intent_assigned_parse(crm_assigned_t *assigned, crm_span_t value,
    const crm_module_t *module, crm_pool_t *pool, crm_error_t *err)
{
    long long     entry;
    crm_str_t     id, reason;
    crm_status_t  rc;

    memset(assigned, 0, sizeof(crm_assigned_t));
    assigned->taken = -1;
    assigned->turns = CRM_STR("");

    rc = assigned_text(&id, value, "rule", pool, err);
    if (rc == CRM_OK) {
        rc = assigned_text(&assigned->owner, value, "owner", pool, err);
    }
    if (rc == CRM_OK) {
        rc = assigned_text(&reason, value, "reason", pool, err);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    assigned->rule = assigned_rule(module, id);

    if (assigned->rule == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "assignment",
                             "the rules have no assignment rule \"%.*s\"",
                             (int) (id.len < 100 ? id.len : 100), id.data);
    }

    if (!crm_intent_member_number(crm_span_member(value, CRM_STR("entry")),
                                  &entry)
        || (unsigned long long) entry > assigned->rule->entries_count)
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "assignment",
                             "\"entry\" of an assignment must be that of an"
                             " entry, or 0");
    }

    assigned->index = (unsigned) entry;

    if (reason.len && crm_assign_reason(&assigned->reason, reason) != CRM_OK)
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "assignment",
                             "\"reason\" of an assignment must be a known"
                             " word");
    }

    return CRM_OK;
}


static const crm_assignment_t *
assigned_rule(const crm_module_t *module, crm_str_t id)
{
    size_t                   i;
    const crm_assignment_t  *rule;

    for (i = 0; i < module->assignments.count; i++) {
        rule = module->assignments.items[i];

        if (crm_str_eq(rule->id, id)) {
            return rule;
        }
    }

    return NULL;
}


static crm_status_t
assigned_text(crm_str_t *text, crm_span_t value, const char *name,
    crm_pool_t *pool, crm_error_t *err)
{
    value = crm_span_member(value, crm_strz(name));

    if (value.type != CRM_JSON_STRING) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "assignment",
                             "\"%s\" of an assignment must be a text", name);
    }

    *text = crm_span_text(value, pool);

    return text->data ? CRM_OK : CRM_ENOMEM;
}
