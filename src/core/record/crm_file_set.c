/*
 * Dialect files: records that a write means by a filter, by their ids.
 */

#include "record/crm_dialect_set.h"

#include "record/crm_dialect_kind.h"
#include "record/crm_file.h"


static crm_status_t set_ids(const crm_dialect_file_t *file,
    crm_request_t *found, crm_span_t root, const crm_file_resolve_t *resolve,
    size_t max_records, crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t set_query(crm_str_t *query,
    const crm_file_match_t *match, const crm_fill_values_t *values,
    crm_pool_t *pool);
static crm_status_t set_body(crm_str_t *body, const crm_file_match_t *match,
    crm_fill_values_t *values, crm_pool_t *pool);


crm_status_t
crm_dialect_set_ask(const crm_dialect_t *dialect, crm_target_t *target,
    const crm_route_t *route, const crm_request_t *request, crm_pool_t *pool)
{
    crm_file_own_t             own;
    crm_fill_values_t          values;
    const crm_file_resolve_t  *resolve;

    (void) dialect;

    memset(target, 0, sizeof(crm_target_t));
    memset(&values, 0, sizeof(crm_fill_values_t));

    resolve = &route->match->rule->resolve;

    own.method = resolve->method;
    own.path = &resolve->path;
    own.query = &resolve->query;
    own.body = &resolve->body;

    values.vars[CRM_FILL_MODULE] = request->set;
    values.vars[CRM_FILL_QUERY] = route->match->ask.query;

    return crm_file_ask(target, &own, &values, route->match, pool);
}


crm_status_t
crm_dialect_set_answer(const crm_dialect_t *dialect, crm_dialect_set_t *set,
    const crm_route_t *route, const crm_request_t *request, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, size_t max_records,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_span_t               root;
    crm_status_t             rc;
    crm_request_t            found;
    crm_fill_values_t        values;
    const crm_file_match_t  *match;

    memset(set, 0, sizeof(crm_dialect_set_t));
    memset(&found, 0, sizeof(crm_request_t));

    match = route->match;
    found.set = request->set;

    rc = status >= 200 && status < 300
         ? crm_file_answer_scan(&root, body, limits, pool)
         : CRM_EINVAL;

    if (rc == CRM_EINVAL) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_UNAVAILABLE,
                   "the records that this would change could not be looked"
                   " up");
    }

    if (rc == CRM_OK) {
        rc = set_ids(dialect->file, &found, root, &match->rule->resolve,
                     max_records, pool, refusal);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (found.count == 0) {
        return CRM_DECLINED;
    }

    rc = crm_file_values(&values, dialect->file, &found, pool);

    if (rc == CRM_OK) {
        rc = match->rule->resolve.as_name.len
             ? set_query(&set->query, match, &values, pool)
             : set_body(&set->body, match, &values, pool);
    }

    return rc;
}


static crm_status_t
set_ids(const crm_dialect_file_t *file, crm_request_t *found, crm_span_t root,
    const crm_file_resolve_t *resolve, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    size_t               cap;
    crm_str_t            id;
    crm_span_t           value;
    crm_item_t          *item;
    crm_status_t         rc;
    crm_pointer_walk_t   walk;

    cap = 0;
    crm_pointer_walk(&walk, &resolve->records, root);

    while (crm_pointer_next(&walk, &value)) {

        if (found->count == max_records || found->count == resolve->max) {
            crm_dialect_refusal(refusal, CRM_REFUSE_RECORDS, "this write means"
                                " too many records; name fewer");
            refusal->limit = found->count;

            return CRM_EINVAL;
        }

        id = value.type == CRM_JSON_OBJECT
             ? crm_file_scalar(crm_span_member(value, file->id_field), pool)
             : CRM_STR_NULL;
        rc = id.data ? crm_file_id(file, &id, found->set, id, pool)
                     : CRM_EINVAL;

        if (rc != CRM_OK) {
            return rc == CRM_ENOMEM ? rc
                   : crm_dialect_refusal(refusal, CRM_REFUSE_UNAVAILABLE,
                         "a record that this would change has no id that can"
                         " be read");
        }

        item = crm_dialect_item(found, &cap, pool);
        if (item == NULL) {
            return CRM_ENOMEM;
        }

        item->module = found->set;
        item->record_id = id;
    }

    return CRM_OK;
}


/* All parameters stay, but one that has the name of that which says the ids. */
static crm_status_t
set_query(crm_str_t *query, const crm_file_match_t *match,
    const crm_fill_values_t *values, crm_pool_t *pool)
{
    crm_str_t      rest, name, value, raw;
    crm_buf_t      buf;
    crm_status_t   rc;

    crm_buf_init(&buf, pool, 0);
    rest = match->ask.query;

    for ( ;; ) {
        raw = rest;

        rc = crm_file_parameter(&rest, &name, &value, pool);
        if (rc != CRM_OK) {
            break;
        }

        if (crm_str_eq(name, match->rule->resolve.as_name)) {
            continue;
        }

        raw.len -= rest.len;

        while (raw.len && (raw.data[raw.len - 1] == '&')) {
            raw.len--;
        }

        crm_buf_puts(&buf, buf.len ? "&" : "");
        crm_buf_str(&buf, raw);
    }

    if (rc != CRM_DECLINED) {
        return rc;
    }

    crm_buf_puts(&buf, buf.len ? "&" : "");
    crm_dialect_encode(&buf, match->rule->resolve.as_name);
    crm_buf_putc(&buf, '=');
    crm_fill_write(&buf, &match->rule->resolve.as_value, values,
                   CRM_FILL_AS_URL);

    *query = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
set_body(crm_str_t *body, const crm_file_match_t *match,
    crm_fill_values_t *values, crm_pool_t *pool)
{
    crm_buf_t     buf;
    crm_status_t  rc;

    rc = crm_file_root(&values->body, match, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&buf, pool, 0);
    crm_fill_write(&buf, &match->rule->resolve.as_body, values,
                   CRM_FILL_AS_JSON);

    *body = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
