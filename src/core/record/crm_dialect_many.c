/*
 * HTTP to records and back: many items in one request.
 */

#include "record/crm_dialect_kind.h"
#include "record/crm_file.h"


static crm_status_t many_shown(const crm_dialect_t *dialect,
    crm_record_t *records, const crm_request_t *request,
    const crm_outcome_t *outcomes, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
static crm_status_t many_shown_one(const crm_dialect_t *dialect,
    crm_record_t *record, const crm_item_t *item,
    const crm_outcome_t *outcome, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
static size_t many_start(const crm_item_t *item, crm_str_t text);
static size_t many_end(const crm_item_t *item, crm_str_t text);


int
crm_dialect_partial(const crm_dialect_t *dialect)
{
    return dialect->file->per_item;
}


crm_status_t
crm_dialect_get(const crm_dialect_t *dialect, crm_target_t *target,
    const crm_route_t *route, const crm_request_t *request, crm_pool_t *pool)
{
    memset(target, 0, sizeof(crm_target_t));

    if (dialect->file->mechanism == NULL) {
        return crm_file_get(dialect->file, target, route, request, pool);
    }

    if (route->get_path.len == 0) {
        return CRM_DECLINED;
    }

    if (route->record_id.len) {
        target->path = route->get_path;
        return CRM_OK;
    }

    return dialect->file->mechanism->get(target, route, request, pool);
}


crm_status_t
crm_dialect_read_many(const crm_dialect_t *dialect, crm_record_t *records,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    memset(records, 0, request->count * sizeof(crm_record_t));

    return dialect->file->mechanism
           ? dialect->file->mechanism->read_many(records, request, status,
                                                 body, limits, pool)
           : crm_file_read_many(dialect->file, records, request, status, body,
                                limits, pool);
}


crm_status_t
crm_dialect_shown(const crm_dialect_t *dialect, crm_record_t *records,
    const crm_request_t *request, const crm_outcome_t *outcomes,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    size_t        i;
    crm_status_t  rc;

    memset(records, 0, request->count * sizeof(crm_record_t));

    rc = many_shown(dialect, records, request, outcomes, status, body, limits,
                    pool);

    for (i = 0; i < request->count; i++) {
        if (rc != CRM_OK || request->items[i].refusal
            || outcomes[i].kind != CRM_OUTCOME_DONE)
        {
            memset(&records[i], 0, sizeof(crm_record_t));
        }
    }

    return rc == CRM_ENOMEM ? rc : CRM_OK;
}


static crm_status_t
many_shown(const crm_dialect_t *dialect, crm_record_t *records,
    const crm_request_t *request, const crm_outcome_t *outcomes,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    size_t        i;
    crm_status_t  rc;

    if (dialect->file->mechanism) {

        for (i = 0, rc = CRM_OK; rc == CRM_OK && i < request->count; i++) {
            rc = dialect->file->mechanism->shown(&records[i], &outcomes[i],
                                                 pool);
        }

        return rc;
    }

    return request->count == 1
           ? many_shown_one(dialect, records, request->items, outcomes,
                            status, body, limits, pool)
           : crm_file_read_many(dialect->file, records, request, status, body,
                                limits, pool);
}


/* It must say that it is this record: it may be anything else. */
static crm_status_t
many_shown_one(const crm_dialect_t *dialect, crm_record_t *record,
    const crm_item_t *item, const crm_outcome_t *outcome, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_str_t     id;
    crm_status_t  rc;

    rc = crm_file_read(dialect->file, record, status, body, limits, pool);

    if (rc == CRM_OK) {
        rc = crm_dialect_id_in(dialect, &id, item->module, record, pool);
    }

    return rc == CRM_OK && !crm_str_eq(id, outcome->record_id)
           ? CRM_DECLINED : rc;
}


/*
 * A run of refused items goes with what parts it from the item before it, or,
 * without one, from the item behind it.
 */
crm_status_t
crm_dialect_cut(crm_splice_t *splice, const crm_request_t *request)
{
    size_t             i, first, from, to;
    crm_status_t       rc;
    const crm_item_t  *items;

    items = request->items;

    if (!crm_dialect_lies(request, splice->text)) {
        return CRM_EINVAL;
    }

    rc = request->also_forward.data
         ? crm_splice_edit(splice,
                           (size_t) (request->also.data - splice->text.data),
                           request->also.len, request->also_forward)
         : CRM_OK;

    for (i = 0; rc == CRM_OK && i < request->count; i++) {

        if (items[i].refusal == NULL) {
            if (items[i].forward.data) {
                rc = crm_splice_edit(splice,
                                     many_start(&items[i], splice->text),
                                     items[i].place.len, items[i].forward);
            }
            continue;
        }

        first = i;

        while (i + 1 < request->count && items[i + 1].refusal) {
            i++;
        }

        if (first == 0 && i + 1 == request->count) {
            return CRM_EINVAL;
        }

        from = first ? many_end(&items[first - 1], splice->text)
                     : many_start(&items[0], splice->text);
        to = first ? many_end(&items[i], splice->text)
                   : many_start(&items[i + 1], splice->text);

        rc = crm_splice_edit(splice, from, to - from, CRM_STR(""));
    }

    return rc;
}


crm_status_t
crm_dialect_merge(const crm_dialect_t *dialect, crm_str_t *merged,
    crm_str_t *content_type, unsigned *status, const crm_request_t *request,
    crm_str_t answer, const crm_outcome_t *told,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    return dialect->file->mechanism
           ? dialect->file->mechanism->merge(dialect->file, merged,
                                             content_type, status, request,
                                             answer, told, limits, pool)
           : crm_file_merge(dialect->file, merged, content_type, status,
                            request, answer, limits, pool);
}


/* Each in a place of its own, one behind the other. */
int
crm_dialect_lies(const crm_request_t *request, crm_str_t text)
{
    size_t       i;
    crm_str_t    place;
    const char  *behind;

    behind = text.data;

    for (i = 0; i < request->count; i++) {
        place = request->items[i].place;

        if (place.len == 0 || place.data < behind
            || place.data > text.data + text.len
            || place.len > (size_t) (text.data + text.len - place.data))
        {
            return 0;
        }

        behind = place.data + place.len;
    }

    return 1;
}


static size_t
many_start(const crm_item_t *item, crm_str_t text)
{
    return (size_t) (item->place.data - text.data);
}


static size_t
many_end(const crm_item_t *item, crm_str_t text)
{
    return many_start(item, text) + item->place.len;
}
