/*
 * One record of an intent read back, and what it must and must not have.
 */

#include "queue/crm_intent_parse.h"

#include "base/crm_limits.h"
#include "record/crm_idform.h"


static crm_status_t parse_name(crm_intent_parse_t *p);
static crm_status_t parse_records(crm_intent_parse_t *p);
static crm_status_t parse_rules(crm_intent_parse_t *p);
static crm_status_t parse_rule(crm_intent_parse_t *p, crm_intent_rule_t *rule,
    crm_span_t value);
static crm_status_t parse_later(crm_intent_parse_t *p, const char *name,
    crm_json_type_t type, crm_span_t *value);
static crm_status_t parse_whole(crm_intent_parse_t *p);


crm_status_t
crm_intent_parse_own(crm_intent_parse_t *p)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, CRM_STR("workflow"));

    if (field) {
        if (field->value.type != CRM_JSON_TRUE
            && field->value.type != CRM_JSON_FALSE)
        {
            return crm_intent_member_wrong(p, "workflow", "true or false");
        }

        p->intent->workflow = field->value.type == CRM_JSON_TRUE;
    }

    field = crm_record_field(p->doc, CRM_STR("trigger"));

    if (field) {
        if (field->value.type != CRM_JSON_ARRAY
            && field->value.type != CRM_JSON_NULL)
        {
            return crm_intent_member_wrong(p, "trigger", "a list, or null");
        }

        memset(&p->intent->trigger, 0, sizeof(crm_span_t));

        if (field->value.type == CRM_JSON_ARRAY) {
            p->intent->trigger = field->value;
        }
    }

    return CRM_OK;
}


crm_status_t
crm_intent_parse_record(crm_intent_parse_t *p)
{
    crm_status_t  rc;

    rc = parse_name(p);
    if (rc == CRM_OK) {
        rc = parse_records(p);
    }
    if (rc == CRM_OK) {
        rc = parse_rules(p);
    }
    if (rc == CRM_OK) {
        rc = parse_later(p, "effects", CRM_JSON_OBJECT, &p->intent->effects);
    }
    if (rc == CRM_OK) {
        rc = parse_later(p, "scores", CRM_JSON_ARRAY, &p->intent->scores);
    }
    if (rc == CRM_OK) {
        rc = parse_later(p, "assignment", CRM_JSON_OBJECT,
                         &p->intent->assignment);
    }

    return rc == CRM_OK ? parse_whole(p) : rc;
}


static crm_status_t
parse_name(crm_intent_parse_t *p)
{
    int            op;
    crm_str_t      text;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = crm_intent_member_text(p, "module", &intent->module);
    if (rc == CRM_OK) {
        rc = crm_intent_member_text(p, "operation", &text);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    for (op = CRM_OP_CREATE; op <= CRM_OP_DELETE; op++) {
        if (crm_str_is(text, crm_operation_name((crm_operation_t) op))) {
            intent->operation = (crm_operation_t) op;
        }
    }

    return intent->operation == CRM_OP_NONE
           ? crm_intent_member_wrong(p, "operation", "create, update or delete")
           : CRM_OK;
}


static crm_status_t
parse_records(crm_intent_parse_t *p)
{
    crm_span_t     value;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    intent->record_id = CRM_STR("");

    rc = crm_intent_member(p, "record_id", &value);
    if (rc == CRM_OK && value.type != CRM_JSON_NULL) {
        rc = crm_intent_member_text(p, "record_id", &intent->record_id);
    }
    if (rc == CRM_OK) {
        rc = crm_intent_member_record(p, "request", &intent->request);
    }
    if (rc == CRM_OK) {
        rc = crm_intent_member_record(p, "before", &intent->before);
    }
    if (rc == CRM_OK) {
        rc = crm_intent_member(p, "changes", &value);
    }
    if (rc == CRM_OK && value.type != CRM_JSON_OBJECT) {
        return crm_intent_member_wrong(p, "changes", "an object");
    }

    return rc == CRM_OK
           ? crm_intent_member_object(p, &intent->changes, value) : rc;
}


static crm_status_t
parse_rules(crm_intent_parse_t *p)
{
    size_t         n, cursor;
    crm_span_t     list, value;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = crm_intent_member(p, "rules", &list);
    if (rc != CRM_OK) {
        return rc;
    }

    if (list.type != CRM_JSON_ARRAY) {
        return crm_intent_member_wrong(p, "rules", "a list");
    }

    n = 0;
    cursor = 0;
    while (crm_span_next(list, &cursor, NULL, &value)) {
        n++;
    }

    intent->rules = crm_pool_calloc(p->pool, n + 1,
                                    sizeof(crm_intent_rule_t));
    if (intent->rules == NULL) {
        return crm_intent_member_nomem(p);
    }

    cursor = 0;
    while (crm_span_next(list, &cursor, NULL, &value)) {
        rc = parse_rule(p, &intent->rules[intent->rules_count++], value);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* {"rule":"R","condition":1} */
static crm_status_t
parse_rule(crm_intent_parse_t *p, crm_intent_rule_t *rule, crm_span_t value)
{
    long long   n;
    crm_span_t  id;

    if (value.type != CRM_JSON_OBJECT) {
        return crm_intent_member_wrong(p, "rules", "a list of objects");
    }

    id = crm_span_member(value, CRM_STR("rule"));

    if (id.type != CRM_JSON_STRING
        || !crm_intent_member_number(crm_span_member(value,
                                                     CRM_STR("condition")),
                                     &n)
        || n < 1 || n > CRM_MAX_CONDITIONS)
    {
        return crm_intent_member_wrong(p, "rules",
                                       "a list of rule, a text, and"
                                       " condition, a number from 1");
    }

    rule->condition = (unsigned) n;
    rule->rule = crm_span_text(id, p->pool);

    return rule->rule.data ? CRM_OK : crm_intent_member_nomem(p);
}


/* What need not be there: read when the rules are known, if ever. */
static crm_status_t
parse_later(crm_intent_parse_t *p, const char *name, crm_json_type_t type,
    crm_span_t *value)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, crm_strz(name));

    if (field && field->value.type != type) {
        return crm_intent_member_wrong(p, name, type == CRM_JSON_OBJECT
                                                ? "an object" : "a list");
    }

    if (field) {
        *value = field->value;
    }

    return CRM_OK;
}


/* What each operation has and has not. */
static crm_status_t
parse_whole(crm_intent_parse_t *p)
{
    const crm_intent_t  *intent;

    intent = p->intent;

    if (intent->event.len == 0) {
        return crm_intent_member_wrong(p, "event", "a text that is not empty");
    }

    if (intent->module.len == 0
        || intent->module.len > CRM_MAX_MODULE_NAME
        || memchr(intent->module.data, '/', intent->module.len))
    {
        return crm_intent_member_wrong(p, "module", "the name of a CRM module");
    }

    if (intent->operation == CRM_OP_CREATE ? intent->record_id.len != 0
        : !crm_idform_is_any(intent->record_id))
    {
        return crm_intent_member_wrong(p, "record_id",
                                       "the id of a record, null on create");
    }

    if ((intent->request == NULL) != (intent->operation == CRM_OP_DELETE)) {
        return crm_intent_member_wrong(p, "request",
                                       "an object, null on delete");
    }

    return CRM_OK;
}
