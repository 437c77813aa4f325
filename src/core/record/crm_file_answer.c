/*
 * Dialect files: what the backend's answers say.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static int answer_is_ok(const crm_dialect_file_t *file, unsigned status);
static crm_status_t answer_one(crm_outcome_t *outcome,
    const crm_dialect_file_t *file, const crm_item_t *item, int upsert,
    const crm_file_answer_t *answer, crm_span_t root, crm_pool_t *pool);
static crm_status_t answer_new_id(crm_str_t *id,
    const crm_dialect_file_t *file, const crm_item_t *item,
    const crm_file_answer_t *answer, crm_span_t root, crm_pool_t *pool);
static crm_str_t answer_header(const crm_file_new_id_t *source,
    const crm_file_answer_t *answer);
static crm_status_t answer_many(crm_outcome_t *outcomes,
    const crm_dialect_file_t *file, const crm_request_t *request,
    crm_span_t root, crm_pool_t *pool);
static crm_status_t answer_item(crm_outcome_t *outcome,
    const crm_dialect_file_t *file, const crm_item_t *item, crm_span_t value,
    crm_pool_t *pool);
static int answer_matches(const crm_dialect_file_t *file,
    const crm_item_t *item, crm_span_t value, crm_pool_t *pool);
static int answer_holds(crm_span_t sent, crm_span_t value,
    crm_pool_t *pool);


crm_status_t
crm_file_read(const crm_dialect_file_t *file, crm_record_t *record,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    unsigned      i;
    crm_span_t    root, value;
    crm_status_t  rc;

    for (i = 0; i < file->get.missing_count; i++) {
        if (status >= file->get.missing[i].from
            && status <= file->get.missing[i].to)
        {
            return CRM_DECLINED;
        }
    }

    if (status < 200 || status > 299) {
        return CRM_EINVAL;
    }

    rc = crm_file_answer_scan(&root, body, limits, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    value = crm_pointer_get(&file->get.record, root);

    return value.type == CRM_JSON_OBJECT
           ? crm_file_record(record, value, pool) : CRM_EINVAL;
}


/* Of a record that is not there the object has no data. */
crm_status_t
crm_file_read_many(const crm_dialect_file_t *file, crm_record_t *records,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    size_t               i;
    crm_str_t            id;
    crm_span_t           root, value;
    crm_status_t         rc;
    crm_pointer_walk_t   walk;

    if (status < 200 || status > 299) {
        return CRM_EINVAL;
    }

    rc = crm_file_answer_scan(&root, body, limits, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(records, 0, request->count * sizeof(crm_record_t));
    crm_pointer_walk(&walk, &file->get.records, root);

    while (crm_pointer_next(&walk, &value)) {
        if (value.type != CRM_JSON_OBJECT) {
            return CRM_EINVAL;
        }

        id = crm_file_scalar(crm_span_member(value, file->id_field), pool);

        if (id.data == NULL) {
            return CRM_EINVAL;
        }

        rc = crm_file_id(file, &id, request->items[0].module, id, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        for (i = 0; i < request->count; i++) {
            if (!crm_str_eq(request->items[i].record_id, id)) {
                continue;
            }

            rc = crm_file_record(&records[i], value, pool);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


crm_status_t
crm_file_outcome(const crm_dialect_file_t *file, crm_outcome_t *outcomes,
    const crm_request_t *request, const crm_file_answer_t *answer,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    size_t        i;
    crm_span_t    root;
    crm_status_t  rc;

    for (i = 0; i < request->count; i++) {
        outcomes[i].kind = CRM_OUTCOME_UNKNOWN;
        outcomes[i].record_id = request->items[i].record_id;
    }

    if (!answer_is_ok(file, answer->status)) {

        for (i = 0; i < request->count; i++) {
            if (answer->status >= 400 && answer->status <= 499) {
                outcomes[i].kind = CRM_OUTCOME_REFUSED;
            }
        }

        return CRM_OK;
    }

    memset(&root, 0, sizeof(crm_span_t));

    if (answer->body.len) {
        rc = crm_file_answer_scan(&root, answer->body, limits, pool);

        if (rc == CRM_ENOMEM) {
            return rc;
        }

        if (rc != CRM_OK) {
            return CRM_OK;
        }
    }

    if (!crm_file_tests(file->ok.tests, file->ok.tests_count, root, pool)) {

        /* the backend's own word that it was not done */

        for (i = 0; i < request->count; i++) {
            outcomes[i].kind = root.type != CRM_JSON_NONE
                               ? CRM_OUTCOME_REFUSED : CRM_OUTCOME_UNKNOWN;
        }

        return CRM_OK;
    }

    return request->count == 1
           ? answer_one(outcomes, file, request->items,
                        request->resolve != NULL, answer, root, pool)
           : answer_many(outcomes, file, request, root, pool);
}


/* Without a list: 200 to 299, but 202, which is taken on, not done. */
static int
answer_is_ok(const crm_dialect_file_t *file, unsigned status)
{
    unsigned  i;

    for (i = 0; i < file->ok.statuses_count; i++) {
        if (status >= file->ok.statuses[i].from
            && status <= file->ok.statuses[i].to)
        {
            return 1;
        }
    }

    return file->ok.statuses_count == 0 && status >= 200 && status <= 299
           && status != 202;
}


crm_status_t
crm_file_answer_scan(crm_span_t *root, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_scan_t    scan;
    crm_status_t  rc;

    crm_scan_init(&scan, body, limits, pool);

    rc = crm_scan_value(&scan, root, NULL);

    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }

    return rc == CRM_OK || rc == CRM_ENOMEM ? rc : CRM_EINVAL;
}


static crm_status_t
answer_one(crm_outcome_t *outcome, const crm_dialect_file_t *file,
    const crm_item_t *item, int upsert, const crm_file_answer_t *answer,
    crm_span_t root, crm_pool_t *pool)
{
    crm_str_t     id;
    crm_status_t  rc;

    rc = answer_new_id(&id, file, item, answer, root, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    outcome->kind = CRM_OUTCOME_DONE;

    if (item->operation == CRM_OP_CREATE) {
        outcome->record_id = id;

    } else if (item->operation == CRM_OP_UPDATE && id.len
               && !crm_str_eq(id, item->record_id))
    {
        /* a success that names another record says nothing of this one */

        outcome->kind = CRM_OUTCOME_UNKNOWN;

        if (upsert) {
            outcome->unjudged = 1;
            outcome->record_id = id;
        }
    }

    return CRM_OK;
}


/* The first place that has one; empty where none has. */
static crm_status_t
answer_new_id(crm_str_t *id, const crm_dialect_file_t *file,
    const crm_item_t *item, const crm_file_answer_t *answer, crm_span_t root,
    crm_pool_t *pool)
{
    unsigned                  i;
    crm_str_t                 text;
    crm_status_t              rc;
    const crm_file_new_id_t  *source;

    *id = CRM_STR_NULL;

    for (i = 0; i < file->new_id_count; i++) {
        source = &file->new_id[i];

        switch (source->kind) {

        case CRM_FILE_ID_BODY:
            text = crm_file_scalar(crm_pointer_get(&source->pointer, root),
                                   pool);
            break;

        case CRM_FILE_ID_HEADER:
            text = item->operation == CRM_OP_CREATE
                   ? answer_header(source, answer) : CRM_STR_NULL;
            break;

        default:
            text = item->operation == CRM_OP_CREATE
                   ? crm_file_scalar(root, pool) : CRM_STR_NULL;
            break;
        }

        if (text.len == 0) {
            continue;
        }

        rc = crm_file_id(file, id, item->module, text, pool);

        if (rc == CRM_OK || rc == CRM_ENOMEM) {
            return rc;
        }

        *id = CRM_STR_NULL;
    }

    return CRM_OK;
}


/* What follows the last "before" of the header's value, as far as it is one
 * segment. */
static crm_str_t
answer_header(const crm_file_new_id_t *source,
    const crm_file_answer_t *answer)
{
    size_t     i, n;
    crm_str_t  value;

    if (answer->header == NULL
        || !answer->header(answer->host, source->header, &value)
        || value.len < source->before.len)
    {
        return CRM_STR_NULL;
    }

    for (i = value.len - source->before.len + 1; i > 0; i--) {
        if (memcmp(value.data + i - 1, source->before.data,
                   source->before.len) == 0)
        {
            break;
        }
    }

    if (i == 0) {
        return CRM_STR_NULL;
    }

    i += source->before.len - 1;

    for (n = i; n < value.len && !memchr("/?#&", value.data[n], 4); n++) {
        /* void */
    }

    return crm_str(value.data + i, n - i);
}


/* Of many: each by its outcome, in the order or by the key of the file. Where
 * the backend does all or nothing its status was the answer. */
static crm_status_t
answer_many(crm_outcome_t *outcomes, const crm_dialect_file_t *file,
    const crm_request_t *request, crm_span_t root, crm_pool_t *pool)
{
    size_t               i;
    crm_span_t           value;
    crm_status_t         rc;
    crm_pointer_walk_t   walk;

    if (file->items.order == CRM_FILE_ORDER_NONE) {

        for (i = 0; i < request->count; i++) {
            if (request->items[i].operation != CRM_OP_CREATE) {
                outcomes[i].kind = CRM_OUTCOME_DONE;
            }
        }

        return CRM_OK;
    }

    crm_pointer_walk(&walk, &file->items.pointer, root);
    i = 0;

    while (crm_pointer_next(&walk, &value)) {

        if (file->items.order == CRM_FILE_ORDER_SAME) {
            while (i < request->count && request->items[i].refusal) {
                i++;
            }

        } else {
            for (i = 0; i < request->count; i++) {
                if (outcomes[i].kind == CRM_OUTCOME_UNKNOWN
                    && answer_matches(file, &request->items[i], value, pool))
                {
                    break;
                }
            }
        }

        if (i >= request->count) {
            if (file->items.order == CRM_FILE_ORDER_MATCH) {
                continue;
            }
            break;
        }

        rc = answer_item(&outcomes[i], file, &request->items[i], value,
                         pool);
        if (rc != CRM_OK) {
            return rc;
        }

        i++;
    }

    /* where all was done, what has an id needs no outcome of its own */

    if (!file->per_item) {
        for (i = 0; i < request->count; i++) {
            if (request->items[i].operation != CRM_OP_CREATE) {
                outcomes[i].kind = CRM_OUTCOME_DONE;
            }
        }
    }

    return CRM_OK;
}


static crm_status_t
answer_item(crm_outcome_t *outcome, const crm_dialect_file_t *file,
    const crm_item_t *item, crm_span_t value, crm_pool_t *pool)
{
    crm_str_t     id;
    crm_status_t  rc;

    if (!crm_file_tests(file->items.tests, file->items.tests_count, value,
                        pool))
    {
        outcome->kind = CRM_OUTCOME_REFUSED;
        return CRM_OK;
    }

    outcome->kind = CRM_OUTCOME_DONE;

    id = crm_file_scalar(crm_pointer_get(&file->items.id, value), pool);

    if (item->operation != CRM_OP_CREATE || id.data == NULL) {
        return CRM_OK;
    }

    rc = crm_file_id(file, &outcome->record_id, item->module, id, pool);

    if (rc == CRM_EINVAL) {
        outcome->record_id = CRM_STR_NULL;
        rc = CRM_OK;
    }

    return rc;
}


/* An item is the one whose id it is; of a create, the one that sent the same
 * under the key. */
static int
answer_matches(const crm_dialect_file_t *file, const crm_item_t *item,
    crm_span_t value, crm_pool_t *pool)
{
    crm_str_t   id;
    crm_span_t  sent, answered;

    if (item->operation != CRM_OP_CREATE) {
        id = crm_file_scalar(crm_pointer_get(&file->items.id, value), pool);

        return id.data && crm_str_eq(id, item->record_id);
    }

    if (item->record == NULL) {
        return 0;
    }

    sent = crm_pointer_get(&file->items.match_by, item->record->object);
    answered = crm_pointer_get(&file->items.match_by, value);

    return answer_holds(sent, answered, pool);
}


/* Equal; an object: every plain value that was sent is there. */
static int
answer_holds(crm_span_t sent, crm_span_t value, crm_pool_t *pool)
{
    size_t      cursor;
    crm_span_t  name, member;

    if (sent.type != CRM_JSON_OBJECT || value.type != CRM_JSON_OBJECT) {
        return sent.type != CRM_JSON_NONE && sent.type == value.type
               && crm_str_eq(crm_span_text(sent, pool),
                             crm_span_text(value, pool));
    }

    cursor = 0;

    while (crm_span_next(sent, &cursor, &name, &member)) {
        if (member.type < CRM_JSON_ARRAY
            && !answer_holds(member,
                             crm_span_member(value, crm_span_text(name,
                                                                  pool)),
                             pool))
        {
            return 0;
        }
    }

    return 1;
}
