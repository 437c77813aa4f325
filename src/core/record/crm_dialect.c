/*
 * HTTP to records and back: the dialects by name, and what they share.
 */

#include "record/crm_dialect_kind.h"

#include "base/crm_limits.h"
#include "record/crm_file.h"
#include "record/crm_token.h"


/* Of a request that has more than one. */
#define DIALECT_FIRST_ITEMS  16

/* Bytes that need no percent sign; all others are spaces here, or zero. */
static const char  dialect_bare[256] =
    "                                "
    "             -. 0123456789      "
    " ABCDEFGHIJKLMNOPQRSTUVWXYZ    _"
    " abcdefghijklmnopqrstuvwxyz   ~ ";


const char *
crm_operation_name(crm_operation_t op)
{
    switch (op) {

    case CRM_OP_CREATE:
        return "create";
    case CRM_OP_UPDATE:
        return "update";
    case CRM_OP_DELETE:
        return "delete";
    case CRM_OP_ACTION:
        return "action";
    default:
        return "none";
    }
}


unsigned
crm_dialect_run(crm_span_t name)
{
    size_t  i;

    static const struct {
        const char  *name;
        unsigned     bit;
    } runs[] = {
        { "workflow", CRM_RUN_WORKFLOW },
        { "approval", CRM_RUN_APPROVAL },
        { "blueprint", CRM_RUN_BLUEPRINT },
        { "pathfinder", CRM_RUN_OTHER },
        { "orchestration", CRM_RUN_OTHER },
    };

    for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        if (crm_span_is(name, crm_strz(runs[i].name))) {
            return runs[i].bit;
        }
    }

    return 0;
}


const crm_dialect_t *
crm_dialect_find(crm_str_t name)
{
    size_t  i;

    for (i = 0; crm_dialect_data[i].name; i++) {
        if (crm_str_is(name, crm_dialect_data[i].name)) {
            return &crm_dialect_data[i];
        }
    }

    return NULL;
}


const crm_dialect_t *
crm_dialect_default(void)
{
    return crm_dialect_find(CRM_STR("zoho"));
}


int
crm_dialect_has(const crm_dialect_t *dialect, unsigned way)
{
    return (dialect->file->ways & way) != 0;
}


crm_str_t
crm_dialect_name(const crm_dialect_t *dialect)
{
    return crm_strz(dialect->name);
}


unsigned long long
crm_dialect_sum(const crm_dialect_t *dialect)
{
    return dialect->file->sum;
}


int
crm_dialect_absent_is_null(const crm_dialect_t *dialect)
{
    return dialect->file->absent_is_null;
}


int
crm_dialect_backend_sets(const crm_dialect_t *dialect, crm_str_t field)
{
    return crm_file_has(&dialect->file->backend_sets, field, 0);
}


int
crm_dialect_backend_renews(const crm_dialect_t *dialect, crm_str_t field)
{
    return crm_file_has(&dialect->file->backend_renews, field, 0)
           || crm_str_eq(crm_dialect_version_field(dialect), field);
}


int
crm_dialect_renews(const crm_dialect_t *dialect)
{
    return dialect->file->backend_renews.count
           || crm_dialect_version_field(dialect).len;
}


crm_str_t
crm_dialect_owner_field(const crm_dialect_t *dialect)
{
    return dialect && dialect->file->owner_field.len
           ? dialect->file->owner_field : CRM_STR("Owner");
}


int
crm_dialect_module_fold(const crm_dialect_t *dialect)
{
    return dialect->file->normalise.module_fold;
}


crm_str_t
crm_dialect_auth_header(const crm_dialect_t *dialect, size_t index)
{
    return index < dialect->file->forward_auth.headers.count
           ? dialect->file->forward_auth.headers.items[index] : CRM_STR_NULL;
}


crm_status_t
crm_dialect_route(const crm_dialect_t *dialect, crm_route_t *route,
    crm_str_t method, crm_str_t target, crm_str_t query,
    crm_refusal_t *refusal)
{
    memset(route, 0, sizeof(crm_route_t));

    return dialect->file->mechanism->route(dialect->file, route, method,
                                           target, query, refusal);
}


crm_status_t
crm_dialect_ask(const crm_dialect_t *dialect, crm_route_t *route,
    const crm_ask_t *ask, crm_pool_t *pool, crm_refusal_t *refusal)
{
    memset(route, 0, sizeof(crm_route_t));

    route->external = ask->external;

    return dialect->file->mechanism
           ? dialect->file->mechanism->route(dialect->file, route,
                                             ask->method, ask->target,
                                             ask->query, refusal)
           : crm_file_route(dialect->file, route, ask, pool, refusal);
}


int
crm_dialect_overrides(const crm_dialect_t *dialect, crm_str_t header)
{
    unsigned                    i;
    const crm_dialect_file_t   *file;

    file = dialect->file;

    for (i = 0; i < file->overrides_count; i++) {
        if (file->overrides[i].place == CRM_FILE_IN_HEADER
            && crm_str_caseeq(file->overrides[i].name, header))
        {
            return file->on_override == CRM_FILE_APPLY;
        }
    }

    return 0;
}


crm_status_t
crm_dialect_type(const crm_dialect_t *dialect, crm_str_t content_type,
    crm_str_t content_encoding, crm_refusal_t *refusal)
{
    return crm_file_type(dialect->file, content_type, content_encoding,
                         refusal);
}


crm_status_t
crm_dialect_decode(const crm_dialect_t *dialect, crm_request_t *request,
    const crm_route_t *route, crm_str_t body, const crm_scan_limits_t *limits,
    size_t max_records, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_status_t  rc;

    memset(request, 0, sizeof(crm_request_t));

    if (dialect->file->mechanism) {
        request->text = body;

        rc = dialect->file->mechanism->decode(dialect->file, request, route,
                                              body, limits, max_records, pool,
                                              refusal);

    } else {
        rc = crm_file_decode(dialect->file, request, route, body, limits,
                             max_records, pool, refusal);
    }

    if (rc == CRM_EINVAL && refusal->kind == CRM_REFUSE_RECORDS) {
        refusal->limit = max_records;
    }

    return rc;
}


crm_status_t
crm_dialect_read(const crm_dialect_t *dialect, crm_record_t *record,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    memset(record, 0, sizeof(crm_record_t));

    return dialect->file->mechanism
           ? dialect->file->mechanism->read(record, status, body, limits,
                                            pool)
           : crm_file_read(dialect->file, record, status, body, limits, pool);
}


crm_status_t
crm_dialect_outcome(const crm_dialect_t *dialect, crm_outcome_t *outcomes,
    const crm_route_t *route, const crm_request_t *request, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_file_answer_t  answer;

    memset(outcomes, 0, request->count * sizeof(crm_outcome_t));

    if (dialect->file->mechanism) {
        return dialect->file->mechanism->outcome(outcomes, route, request,
                                                 status, body, limits, pool);
    }

    memset(&answer, 0, sizeof(crm_file_answer_t));

    answer.status = status;
    answer.body = body;

    if (route->match) {
        answer.header = route->match->ask.answer;
        answer.host = route->match->ask.host;
    }

    return crm_file_outcome(dialect->file, outcomes, request, &answer, limits,
                            pool);
}


unsigned
crm_dialect_refuse(const crm_dialect_t *dialect, crm_buf_t *body,
    crm_str_t *content_type, const crm_refusal_t *refusal)
{
    if (refusal->problem) {
        return crm_file_problem(body, content_type, refusal);
    }

    return dialect->file->mechanism
           ? dialect->file->mechanism->refuse(dialect->file, body,
                                              content_type, refusal)
           : crm_file_refuse(dialect->file, body, content_type, refusal);
}


crm_status_t
crm_dialect_refuse_header(const crm_dialect_t *dialect, size_t index,
    crm_str_t *name, crm_str_t *value, const crm_refusal_t *refusal,
    crm_pool_t *pool)
{
    return !refusal->problem && dialect->file->mechanism == NULL
           ? crm_file_refuse_header(dialect->file, index, name, value,
                                    refusal, pool)
           : CRM_DECLINED;
}


crm_status_t
crm_dialect_body(const crm_dialect_t *dialect, const crm_route_t *route,
    crm_str_t *body, crm_str_t text, crm_pool_t *pool)
{
    crm_scan_limits_t  limits;

    (void) dialect;

    *body = text;

    if (route->match == NULL) {
        return CRM_OK;
    }

    /* it was within the limits, and rules add what they add */

    limits.max_nodes = (size_t) -1;
    limits.max_depth = (unsigned) -1;

    return crm_file_fold(route->match, body, text, &limits, pool);
}


crm_status_t
crm_dialect_complete(const crm_dialect_t *dialect, const crm_route_t *route,
    const crm_item_t *item, const crm_record_t *before,
    crm_record_t **record, crm_pool_t *pool)
{
    *record = item->record;

    if (route->match == NULL || item->record == NULL
        || before == NULL || item->operation != CRM_OP_UPDATE
        || !route->match->rule->absent_clear)
    {
        return CRM_OK;
    }

    return crm_file_complete(dialect->file, route->match->rule, record,
                             item->record, before, pool);
}


const char *
crm_dialect_code(const crm_dialect_t *dialect, const crm_refusal_t *refusal)
{
    return crm_file_code(dialect->file, refusal);
}


crm_status_t
crm_dialect_refusal(crm_refusal_t *refusal, crm_refusal_kind_t kind,
    const char *reason)
{
    memset(refusal, 0, sizeof(crm_refusal_t));

    refusal->kind = kind;
    refusal->reason = crm_strz(reason);
    refusal->offset = CRM_NO_OFFSET;

    return CRM_EINVAL;
}


crm_item_t *
crm_dialect_item(crm_request_t *request, size_t *cap, crm_pool_t *pool)
{
    size_t       more;
    crm_item_t  *items;

    if (request->count == *cap) {
        more = *cap == 0 ? 1 : *cap < DIALECT_FIRST_ITEMS ? DIALECT_FIRST_ITEMS
                                                       : *cap * 2;

        items = crm_pool_alloc(pool, more * sizeof(crm_item_t));
        if (items == NULL) {
            return NULL;
        }

        if (request->count) {
            memcpy(items, request->items,
                   request->count * sizeof(crm_item_t));
        }

        request->items = items;
        *cap = more;
    }

    items = &request->items[request->count++];
    memset(items, 0, sizeof(crm_item_t));

    return items;
}


/*
 * Letters, digits, - and _. What reads as a number must be plain digits
 * without leading zeros, or one record would have several ids: 1, 01, 1e0.
 */
int
crm_dialect_is_id(crm_str_t text)
{
    size_t         i, digits;
    unsigned char  c;
    crm_decimal_t  number;

    if (text.len == 0 || text.len > CRM_MAX_RECORD_ID) {
        return 0;
    }

    digits = 0;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (c >= '0' && c <= '9') {
            digits++;

        } else if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
                   && c != '-' && c != '_')
        {
            return 0;
        }
    }

    if (text.data[0] == '-' || (text.data[0] == '0' && text.len > 1)) {
        return 0;
    }

    return digits == text.len
           || crm_decimal_parse(&number, text) == CRM_DECLINED;
}


void
crm_dialect_encode(crm_buf_t *buf, crm_str_t text)
{
    static const char  hex[] = "0123456789ABCDEF";

    size_t         i, from;
    unsigned char  c;

    for (i = 0, from = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (dialect_bare[c] > ' ') {
            continue;
        }

        crm_buf_add(buf, text.data + from, i - from);
        from = i + 1;

        crm_buf_putc(buf, '%');
        crm_buf_putc(buf, hex[c >> 4]);
        crm_buf_putc(buf, hex[c & 0x0f]);
    }

    if (from < text.len) {
        crm_buf_add(buf, text.data + from, text.len - from);
    }
}


void
crm_dialect_put(crm_buf_t *buf, crm_str_t text)
{
    const char         *p, *last, *from;
    crm_token_fault_t   fault;

    if (crm_plain_whole(text)) {
        crm_buf_str(buf, text);
        return;
    }

    p = text.data;
    from = p;
    last = p + text.len;

    while ((p = crm_plain_ascii(p, last)) < last) {
        p = crm_token_utf8(p, last, &fault);

        if (p == NULL) {
            crm_buf_json_text(buf, crm_str(from,
                                           (size_t) (fault.at - from)));
            crm_buf_puts(buf, "\xef\xbf\xbd");

            p = fault.at + 1;
            from = p;
        }
    }

    if (from < last) {
        crm_buf_json_text(buf, crm_str(from, (size_t) (last - from)));
    }
}
