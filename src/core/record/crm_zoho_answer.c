/*
 * zoho: what the backend's answers say.
 */

#include "record/crm_zoho_composite.h"

#include "base/crm_map.h"


/* What one member of "data" says, or the answer itself when it has none. */
typedef struct {
    crm_span_t  whole;              /* of one in a list */
    crm_span_t  code;
    crm_span_t  status;
    crm_span_t  action;             /* of an upsert: insert, update */
    crm_span_t  id;                 /* of its "details" */
} answer_item_t;

typedef struct {
    int             listed;         /* it has a list "data" */
    size_t          count;          /* members of it */
    crm_record_t   *record;         /* the first goes here; NULL: no need */
    answer_item_t  *items;          /* the first of them; one at least */
    size_t          cap;
} answer_t;


static crm_status_t outcome_read(crm_outcome_t *outcomes,
    const crm_request_t *request, answer_item_t *items, size_t sent,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);
static void outcome_unknown(crm_outcome_t *outcomes,
    const crm_request_t *request);
static crm_status_t outcome_twice(crm_outcome_t *outcomes,
    const crm_request_t *request, crm_pool_t *pool);
static crm_status_t answer_scan(answer_t *answer, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
static crm_status_t answer_members(answer_t *answer, crm_scan_t *scan);
static crm_status_t answer_data(answer_t *answer, crm_scan_t *scan);
static crm_status_t answer_element(answer_t *answer, crm_scan_t *scan);
static crm_status_t answer_member(answer_item_t *item, crm_scan_t *scan,
    crm_span_t name);
static crm_status_t answer_details(answer_item_t *item, crm_scan_t *scan);
static crm_status_t answer_outcome(crm_outcome_t *outcome,
    const crm_item_t *item, const answer_item_t *answer, int upsert,
    crm_pool_t *pool);


crm_status_t
crm_zoho_read(crm_record_t *record, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    answer_t       answer;
    crm_status_t   rc;
    answer_item_t  one;

    if (status == 204) {
        return CRM_DECLINED;
    }

    if (status != 404 && (status < 200 || status > 299)) {
        return CRM_EINVAL;
    }

    memset(&answer, 0, sizeof(answer_t));
    memset(&one, 0, sizeof(answer_item_t));

    answer.record = status == 404 ? NULL : record;
    answer.items = &one;
    answer.cap = 1;

    rc = answer_scan(&answer, body, limits, pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    if (status == 404) {

        /* the CRM says that there is no such record; a wrong path, or somebody
         * else who answers, says nothing of the record */

        return one.code.type == CRM_JSON_STRING
               && !crm_span_is(one.code, CRM_STR("INVALID_URL_PATTERN"))
               && !crm_span_is(one.code, CRM_STR("INVALID_MODULE"))
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
crm_zoho_outcome(crm_outcome_t *outcomes, const crm_route_t *route,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    size_t          i, sent;
    answer_item_t   one, *items;

    (void) route;

    if (request->inners) {
        return crm_zoho_composite_outcome(outcomes, request, status, body,
                                          limits, pool);
    }

    sent = 0;

    for (i = 0; i < request->count; i++) {
        outcomes[i].kind = CRM_OUTCOME_UNKNOWN;
        outcomes[i].record_id = request->items[i].record_id;

        if (status >= 400 && status < 500) {
            outcomes[i].kind = CRM_OUTCOME_REFUSED;

        } else if (status == 204 && request->count == 1
                   && request->items[0].operation == CRM_OP_DELETE)
        {
            outcomes[0].kind = CRM_OUTCOME_DONE;
        }

        sent += request->items[i].refusal == NULL;
    }

    /* 202: one record is taken on, not done; of several each says how it is.
     * 3xx: whoever answered, it was not it */

    if (status < 200 || status > 299 || status == 204 || sent == 0
        || (status == 202 && request->count == 1))
    {
        return CRM_OK;
    }

    items = &one;

    if (sent > 1) {
        items = crm_pool_calloc(pool, sent, sizeof(answer_item_t));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

    } else {
        memset(&one, 0, sizeof(answer_item_t));
    }

    return outcome_read(outcomes, request, items, sent, body, limits, pool);
}


/* {"details":{"id":"1","Modified_Time":"2026-11-23T10:00:00Z", ...}} */
crm_status_t
crm_zoho_shown(crm_record_t *record, const crm_outcome_t *outcome,
    crm_pool_t *pool)
{
    crm_span_t  details;

    if (outcome->told.type != CRM_JSON_OBJECT) {
        return CRM_OK;
    }

    details = crm_span_member(outcome->told, CRM_STR("details"));

    return details.type == CRM_JSON_OBJECT
           ? crm_file_record(record, details, pool) : CRM_OK;
}


/* What was sent and what is answered stand in one order. */
static crm_status_t
outcome_read(crm_outcome_t *outcomes, const crm_request_t *request,
    answer_item_t *items, size_t sent, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    size_t        i, n;
    answer_t      answer;
    crm_status_t  rc;

    memset(&answer, 0, sizeof(answer_t));
    answer.items = items;
    answer.cap = sent;

    rc = answer_scan(&answer, body, limits, pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? CRM_ENOMEM : CRM_OK;
    }

    if (answer.listed ? answer.count != sent : request->count != 1) {
        return CRM_OK;
    }

    for (i = 0, n = 0; i < request->count; i++) {
        if (request->items[i].refusal) {
            continue;
        }

        outcomes[i].told = items[n].whole;
        rc = answer_outcome(&outcomes[i], &request->items[i], &items[n++],
                            request->resolve != NULL, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return sent > 1 ? outcome_twice(outcomes, request, pool) : CRM_OK;
}


static void
outcome_unknown(crm_outcome_t *outcomes, const crm_request_t *request)
{
    size_t  i;

    for (i = 0; i < request->count; i++) {
        outcomes[i].kind = CRM_OUTCOME_UNKNOWN;
        outcomes[i].record_id = request->items[i].record_id;
    }
}


/* Two records with one id: the answer says something else than we read. */
static crm_status_t
outcome_twice(crm_outcome_t *outcomes, const crm_request_t *request,
    crm_pool_t *pool)
{
    size_t            i;
    crm_map_t         map;
    crm_map_entry_t  *entry;

    crm_map_init(&map, pool);

    if (crm_map_room(&map, request->count) != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < request->count; i++) {
        if (request->items[i].refusal || outcomes[i].record_id.len == 0
            || outcomes[i].kind != CRM_OUTCOME_DONE)
        {
            continue;
        }

        entry = crm_map_add(&map, outcomes[i].record_id);
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        if (entry->value) {
            outcome_unknown(outcomes, request);
            return CRM_OK;
        }

        entry->value = &outcomes[i];
    }

    return CRM_OK;
}


/* Each byte is looked at once: what matters is taken on the way. */
static crm_status_t
answer_scan(answer_t *answer, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_scan_t    scan;
    crm_status_t  rc;

    if (answer->record) {
        memset(answer->record, 0, sizeof(crm_record_t));
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
            rc = answer_member(answer->items, scan, name);
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
    memset(answer->items, 0, sizeof(answer_item_t));

    while ((rc = crm_scan_element(scan, NULL)) == CRM_OK) {
        rc = answer->count < answer->cap ? answer_element(answer, scan)
                                         : CRM_DECLINED;
        answer->count++;

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
answer_element(answer_t *answer, crm_scan_t *scan)
{
    crm_span_t      name;
    crm_status_t    rc;
    answer_item_t  *item;

    if (answer->record) {
        return crm_record_scan(answer->record, scan, NULL);
    }

    rc = crm_scan_enter(scan, CRM_JSON_OBJECT, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    item = &answer->items[answer->count];

    while ((rc = crm_scan_member(scan, &name, NULL)) == CRM_OK) {
        rc = answer_member(item, scan, name);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    item->whole = crm_scan_left(scan);

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


static crm_status_t
answer_member(answer_item_t *item, crm_scan_t *scan, crm_span_t name)
{
    crm_span_t  value;

    if (crm_span_is(name, CRM_STR("code"))) {
        return crm_scan_value(scan, &item->code, NULL);
    }

    if (crm_span_is(name, CRM_STR("status"))) {
        return crm_scan_value(scan, &item->status, NULL);
    }

    if (crm_span_is(name, CRM_STR("action"))) {
        return crm_scan_value(scan, &item->action, NULL);
    }

    if (crm_span_is(name, CRM_STR("details"))) {
        return answer_details(item, scan);
    }

    return crm_scan_value(scan, &value, NULL);
}


static crm_status_t
answer_details(answer_item_t *item, crm_scan_t *scan)
{
    crm_span_t    name, value;
    crm_status_t  rc;

    rc = crm_scan_enter(scan, CRM_JSON_OBJECT, NULL);

    if (rc == CRM_DECLINED) {
        return crm_scan_value(scan, &value, NULL);
    }

    while (rc == CRM_OK) {
        rc = crm_scan_pair(scan, &name, &value, NULL);

        if (rc == CRM_OK && crm_span_is(name, CRM_STR("id"))) {
            item->id = value;
        }
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


/* {"code":"SUCCESS","details":{"id":"1"},"status":"success"} */
static crm_status_t
answer_outcome(crm_outcome_t *outcome, const crm_item_t *item,
    const answer_item_t *answer, int upsert, crm_pool_t *pool)
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
        outcome->kind = upsert ? CRM_OUTCOME_UNKNOWN : CRM_OUTCOME_DONE;
        return CRM_OK;
    }

    text = crm_span_text(answer->id, pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    if (upsert && !(item->operation == CRM_OP_CREATE
                    ? crm_span_is(answer->action, CRM_STR("insert"))
                    : crm_str_eq(text, item->record_id)))
    {
        /* a record that was not there when we looked, or another one */

        outcome->record_id = text;
        outcome->unjudged = 1;

        return CRM_OK;
    }

    if (item->operation != CRM_OP_CREATE) {

        /* a success that names another record says nothing of this one; a
         * refusal may name another: the one it would be a duplicate of */

        if (crm_str_eq(text, item->record_id)) {
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
