/*
 * zoho: what the backend's answers say.
 */

#include "record/crm_zoho.h"


static crm_status_t answer_parse(crm_record_t *answer, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
static crm_span_t answer_member(const crm_record_t *answer, crm_str_t name);
static int answer_first(crm_span_t list, crm_span_t *item, size_t *count);
static crm_status_t answer_item(crm_outcome_t *outcome,
    const crm_route_t *route, crm_span_t item, crm_pool_t *pool);


crm_status_t
crm_zoho_read(crm_record_t *record, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    size_t        count;
    crm_span_t    data, item;
    crm_status_t  rc;
    crm_record_t  answer;

    if (status == 204 || status == 404) {
        return CRM_DECLINED;
    }

    if (status < 200 || status > 299) {
        return CRM_EINVAL;
    }

    rc = answer_parse(&answer, body, limits, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    data = answer_member(&answer, CRM_STR("data"));

    if (data.type != CRM_JSON_ARRAY) {
        return CRM_EINVAL;
    }

    if (!answer_first(data, &item, &count)) {
        return CRM_DECLINED;
    }

    if (count != 1 || item.type != CRM_JSON_OBJECT) {

        /* one record was asked for: which of these is it? */

        return CRM_EINVAL;
    }

    rc = crm_record_parse(record, crm_span_raw(item), limits, pool, NULL);

    return rc == CRM_OK || rc == CRM_ENOMEM ? rc : CRM_EINVAL;
}


crm_status_t
crm_zoho_outcome(crm_outcome_t *outcome, const crm_route_t *route,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    size_t        count;
    crm_span_t    data, item;
    crm_status_t  rc;
    crm_record_t  answer;

    outcome->kind = CRM_OUTCOME_UNKNOWN;
    outcome->record_id = route->record_id;

    if (status >= 400 && status < 500) {
        outcome->kind = CRM_OUTCOME_REFUSED;
        return CRM_OK;
    }

    if (status < 200 || status > 299 || status == 202) {

        /* 202: taken on, not done; 3xx: whoever answered, it was not it */

        return CRM_OK;
    }

    if (status == 204) {
        if (route->operation == CRM_OP_DELETE) {
            outcome->kind = CRM_OUTCOME_DONE;
        }
        return CRM_OK;
    }

    rc = answer_parse(&answer, body, limits, pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? CRM_ENOMEM : CRM_OK;
    }

    data = answer_member(&answer, CRM_STR("data"));

    if (data.type == CRM_JSON_NONE) {
        return answer_item(outcome, route, answer.object, pool);
    }

    if (!answer_first(data, &item, &count) || count != 1) {
        return CRM_OK;
    }

    return answer_item(outcome, route, item, pool);
}


static crm_status_t
answer_parse(crm_record_t *answer, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_status_t  rc;

    rc = crm_record_parse(answer, body, limits, pool, NULL);

    return rc == CRM_OK || rc == CRM_ENOMEM ? rc : CRM_EINVAL;
}


static crm_span_t
answer_member(const crm_record_t *answer, crm_str_t name)
{
    crm_span_t          none;
    const crm_field_t  *field;

    field = crm_record_field(answer, name);
    if (field) {
        return field->value;
    }

    memset(&none, 0, sizeof(crm_span_t));

    return none;
}


/* The first element and how many there are. */
static int
answer_first(crm_span_t list, crm_span_t *item, size_t *count)
{
    size_t      cursor;
    crm_span_t  next;

    cursor = 0;
    *count = 0;

    while (list.type == CRM_JSON_ARRAY
           && crm_span_next(list, &cursor, NULL, &next))
    {
        if ((*count)++ == 0) {
            *item = next;
        }
    }

    return *count > 0;
}


/* {"code":"SUCCESS","details":{"id":"1"},"status":"success"} */
static crm_status_t
answer_item(crm_outcome_t *outcome, const crm_route_t *route,
    crm_span_t item, crm_pool_t *pool)
{
    crm_str_t   text;
    crm_span_t  status, code, id;

    status = crm_span_member(item, CRM_STR("status"));
    code = crm_span_member(item, CRM_STR("code"));

    if (crm_span_is(status, CRM_STR("error"))) {
        outcome->kind = CRM_OUTCOME_REFUSED;
        return CRM_OK;
    }

    if (!crm_span_is(status, CRM_STR("success"))
        && !crm_span_is(code, CRM_STR("SUCCESS")))
    {
        return CRM_OK;
    }

    outcome->kind = CRM_OUTCOME_DONE;

    id = crm_span_member(crm_span_member(item, CRM_STR("details")),
                         CRM_STR("id"));

    if (route->operation != CRM_OP_CREATE
        || (id.type != CRM_JSON_STRING && id.type != CRM_JSON_NUMBER))
    {
        return CRM_OK;
    }

    text = crm_span_text(id, pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    /* it becomes part of keys and targets */

    if (crm_dialect_is_id(text)) {
        outcome->record_id = text;
    }

    return CRM_OK;
}
