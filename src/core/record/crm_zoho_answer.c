/*
 * zoho: what the backend's answers say.
 */

#include "record/crm_zoho.h"


/* What an answer says: the first of its "data", or itself when it has none. */
typedef struct {
    int            listed;          /* it has a list "data" */
    size_t         count;           /* members of it */
    crm_record_t  *item;            /* the first goes here; NULL: no need */
    crm_span_t     code;
    crm_span_t     status;
    crm_span_t     id;              /* of its "details" */
} answer_t;


static crm_status_t answer_scan(answer_t *answer, crm_record_t *item,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);
static crm_status_t answer_members(answer_t *answer, crm_scan_t *scan);
static crm_status_t answer_data(answer_t *answer, crm_scan_t *scan);
static crm_status_t answer_first(answer_t *answer, crm_scan_t *scan);
static crm_status_t answer_member(answer_t *answer, crm_scan_t *scan,
    crm_span_t name);
static crm_status_t answer_details(answer_t *answer, crm_scan_t *scan);
static crm_status_t answer_outcome(crm_outcome_t *outcome,
    const crm_route_t *route, const answer_t *answer, crm_pool_t *pool);


crm_status_t
crm_zoho_read(crm_record_t *record, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    answer_t      answer;
    crm_status_t  rc;

    if (status == 204) {
        return CRM_DECLINED;
    }

    if (status != 404 && (status < 200 || status > 299)) {
        return CRM_EINVAL;
    }

    rc = answer_scan(&answer, status == 404 ? NULL : record, body, limits,
                     pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    if (status == 404) {

        /* the CRM says that there is no such record; a wrong path, or somebody
         * else who answers, says nothing of the record */

        return answer.code.type == CRM_JSON_STRING
               && !crm_span_is(answer.code, CRM_STR("INVALID_URL_PATTERN"))
               && !crm_span_is(answer.code, CRM_STR("INVALID_MODULE"))
               ? CRM_DECLINED : CRM_EINVAL;
    }

    if (answer.listed && answer.count == 0) {
        return CRM_DECLINED;
    }

    /* one record was asked for: which of these is it? */

    return answer.count == 1 && record->object.type == CRM_JSON_OBJECT
           ? CRM_OK : CRM_EINVAL;
}


crm_status_t
crm_zoho_outcome(crm_outcome_t *outcome, const crm_route_t *route,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    answer_t      answer;
    crm_status_t  rc;

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

    rc = answer_scan(&answer, NULL, body, limits, pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? CRM_ENOMEM : CRM_OK;
    }

    if (answer.listed && answer.count != 1) {
        return CRM_OK;
    }

    return answer_outcome(outcome, route, &answer, pool);
}


/* Each byte is looked at once: what matters is taken on the way. */
static crm_status_t
answer_scan(answer_t *answer, crm_record_t *item, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_scan_t    scan;
    crm_status_t  rc;

    memset(answer, 0, sizeof(answer_t));
    answer->item = item;

    if (item) {
        memset(item, 0, sizeof(crm_record_t));
    }

    crm_scan_init(&scan, body, limits, pool);

    rc = crm_scan_enter(&scan, CRM_JSON_OBJECT, NULL);

    if (rc == CRM_OK) {
        rc = answer_members(answer, &scan);
    }

    if (rc != CRM_OK) {
        return rc == CRM_DECLINED ? CRM_EINVAL : rc;
    }

    return crm_scan_end(&scan, NULL);
}


/* Of the answer itself. Beside a list, what stands around it says nothing. */
static crm_status_t
answer_members(answer_t *answer, crm_scan_t *scan)
{
    crm_span_t    name, value;
    crm_status_t  rc;

    while ((rc = crm_scan_member(scan, &name, NULL)) == CRM_OK) {

        if (crm_span_is(name, CRM_STR("data"))) {
            rc = answer_data(answer, scan);

        } else if (answer->listed) {
            rc = crm_scan_value(scan, &value, NULL);

        } else {
            rc = answer_member(answer, scan, name);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


static crm_status_t
answer_data(answer_t *answer, crm_scan_t *scan)
{
    crm_span_t    value;
    crm_status_t  rc;

    rc = crm_scan_enter(scan, CRM_JSON_ARRAY, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    answer->listed = 1;
    memset(&answer->code, 0, sizeof(crm_span_t));
    memset(&answer->status, 0, sizeof(crm_span_t));
    memset(&answer->id, 0, sizeof(crm_span_t));

    while ((rc = crm_scan_element(scan, NULL)) == CRM_OK) {
        rc = answer->count++ ? CRM_DECLINED : answer_first(answer, scan);

        if (rc == CRM_DECLINED) {
            rc = crm_scan_value(scan, &value, NULL);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


/* CRM_DECLINED: it is no object, and still there. */
static crm_status_t
answer_first(answer_t *answer, crm_scan_t *scan)
{
    crm_span_t    name;
    crm_status_t  rc;

    if (answer->item) {
        return crm_record_scan(answer->item, scan, NULL);
    }

    rc = crm_scan_enter(scan, CRM_JSON_OBJECT, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    while ((rc = crm_scan_member(scan, &name, NULL)) == CRM_OK) {
        rc = answer_member(answer, scan, name);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


static crm_status_t
answer_member(answer_t *answer, crm_scan_t *scan, crm_span_t name)
{
    crm_span_t  value;

    if (crm_span_is(name, CRM_STR("code"))) {
        return crm_scan_value(scan, &answer->code, NULL);
    }

    if (crm_span_is(name, CRM_STR("status"))) {
        return crm_scan_value(scan, &answer->status, NULL);
    }

    if (crm_span_is(name, CRM_STR("details"))) {
        return answer_details(answer, scan);
    }

    return crm_scan_value(scan, &value, NULL);
}


static crm_status_t
answer_details(answer_t *answer, crm_scan_t *scan)
{
    crm_span_t    name, value;
    crm_status_t  rc;

    rc = crm_scan_enter(scan, CRM_JSON_OBJECT, NULL);

    if (rc == CRM_DECLINED) {
        return crm_scan_value(scan, &value, NULL);
    }

    while (rc == CRM_OK) {
        rc = crm_scan_member(scan, &name, NULL);
        if (rc == CRM_DECLINED) {
            return CRM_OK;
        }

        if (rc == CRM_OK) {
            rc = crm_scan_value(scan, crm_span_is(name, CRM_STR("id"))
                                      ? &answer->id : &value, NULL);
        }
    }

    return rc;
}


/* {"code":"SUCCESS","details":{"id":"1"},"status":"success"} */
static crm_status_t
answer_outcome(crm_outcome_t *outcome, const crm_route_t *route,
    const answer_t *answer, crm_pool_t *pool)
{
    crm_str_t  text;

    if (crm_span_is(answer->status, CRM_STR("error"))) {
        outcome->kind = CRM_OUTCOME_REFUSED;
        return CRM_OK;
    }

    if (!crm_span_is(answer->status, CRM_STR("success"))
        && !crm_span_is(answer->code, CRM_STR("SUCCESS")))
    {
        return CRM_OK;
    }

    if (answer->id.type != CRM_JSON_STRING
        && answer->id.type != CRM_JSON_NUMBER)
    {
        outcome->kind = CRM_OUTCOME_DONE;
        return CRM_OK;
    }

    text = crm_span_text(answer->id, pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    if (route->operation != CRM_OP_CREATE) {

        /* a success that names another record says nothing of this one; a
         * refusal may name another: the one it would be a duplicate of */

        if (crm_str_eq(text, route->record_id)) {
            outcome->kind = CRM_OUTCOME_DONE;
        }

        return CRM_OK;
    }

    outcome->kind = CRM_OUTCOME_DONE;

    /* it becomes part of keys and targets */

    if (crm_dialect_is_id(text)) {
        outcome->record_id = text;
    }

    return CRM_OK;
}
