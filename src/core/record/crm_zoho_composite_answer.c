/*
 * zoho: answers inside an answer.
 *
 *     {"__composite_responses":[
 *       {"code":"SUCCESS","details":{"response":{"headers":{...},
 *        "body":{...}|null,"status_code":200}},"message","status":"success"},
 *       {"code":"ROLLBACK_PERFORMED","details":{...},"status":"error"}]}
 *
 * They stand in the order of the requests; where one says whose it is
 * ("sub_request_id", in it or in its details) all of them must.
 */

#include "record/crm_zoho_composite.h"


/* One element; what it lacks is CRM_JSON_NONE. */
typedef struct {
    crm_span_t  whole;
    crm_span_t  code;
    crm_span_t  status;             /* success, error */
    crm_span_t  number;             /* the status of its response */
    crm_span_t  body;               /* and its body */
    crm_span_t  name;
    int         answered;           /* it has a response */
} response_t;

typedef struct {
    const crm_dialect_file_t  *file;    /* of an answer to be merged */
    const crm_request_t      *request;
    crm_str_t                 text;
    crm_span_t                list;
    response_t               *responses;    /* by inner request */
    const crm_scan_limits_t  *limits;
    crm_pool_t               *pool;
} composite_t;


static crm_status_t composite_read(composite_t *c);
static crm_status_t composite_match(composite_t *c, size_t count, int named);
static size_t composite_place(const composite_t *c, const response_t *r,
    size_t n, int named);
static void response_read(response_t *r, crm_span_t element);
static unsigned response_number(const response_t *r);
static crm_str_t response_body(const response_t *r);
static crm_status_t outcome_inner(const composite_t *c,
    crm_outcome_t *outcomes, const crm_inner_t *inner, const response_t *r);
static void outcome_action(crm_outcome_t *outcomes,
    const crm_inner_t *inner, unsigned status);
static int outcome_is_refused(const response_t *r);
static crm_status_t merge_refused(crm_buf_t *buf, const composite_t *c,
    const crm_inner_t *inner);
static crm_status_t merge_answered(crm_buf_t *buf, const composite_t *c,
    const crm_inner_t *inner, const response_t *r);
static crm_status_t merge_lay(crm_str_t *merged, const response_t *r,
    crm_str_t body, unsigned status, crm_pool_t *pool);
static int merge_is_done(const response_t *r);


crm_status_t
crm_zoho_composite_outcome(crm_outcome_t *outcomes,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    size_t        i;
    composite_t   c;
    crm_status_t  rc;

    for (i = 0; i < request->count; i++) {
        outcomes[i].kind = status >= 400 && status < 500
                           ? CRM_OUTCOME_REFUSED : CRM_OUTCOME_UNKNOWN;
        outcomes[i].record_id = request->items[i].record_id;
    }

    if (status < 200 || status > 299) {
        return CRM_OK;
    }

    memset(&c, 0, sizeof(composite_t));
    c.request = request;
    c.text = body;
    c.limits = limits;
    c.pool = pool;

    rc = composite_read(&c);

    for (i = 0; rc == CRM_OK && i < request->n_inners; i++) {
        if (request->inners[i].refusal == NULL && request->inners[i].count) {
            rc = outcome_inner(&c, outcomes, &request->inners[i],
                               &c.responses[i]);
        }
    }

    return rc == CRM_ENOMEM ? rc : CRM_OK;
}


crm_status_t
crm_zoho_composite_merge(const crm_dialect_file_t *file, crm_str_t *merged,
    unsigned *status, const crm_request_t *request, crm_str_t answer,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    int           done;
    size_t        i, end;
    crm_buf_t     buf;
    composite_t   c;
    crm_status_t  rc;

    memset(&c, 0, sizeof(composite_t));
    c.file = file;
    c.request = request;
    c.text = *status ? answer : CRM_STR("{\"__composite_responses\":[]}");
    c.limits = limits;
    c.pool = pool;

    rc = composite_read(&c);
    if (rc != CRM_OK) {
        return rc;
    }

    done = 0;
    end = (size_t) (c.list.data - c.text.data) + c.list.len - 1;

    crm_buf_init(&buf, pool, 0);
    crm_buf_add(&buf, c.text.data, (size_t) (c.list.data - c.text.data) + 1);

    for (i = 0; rc == CRM_OK && i < request->n_inners; i++) {
        crm_buf_puts(&buf, i ? "," : "");

        if (request->inners[i].refusal) {
            rc = merge_refused(&buf, &c, &request->inners[i]);
            continue;
        }

        done |= merge_is_done(&c.responses[i]);
        rc = merge_answered(&buf, &c, &request->inners[i], &c.responses[i]);
    }

    crm_buf_add(&buf, c.text.data + end, c.text.len - end);

    *status = done ? 207 : 400;
    *merged = crm_buf_view(&buf);

    return rc == CRM_OK ? crm_buf_status(&buf) : rc;
}


/* Which response is whose. CRM_EINVAL: nobody can tell. */
static crm_status_t
composite_read(composite_t *c)
{
    int           named;
    size_t        count, cursor;
    crm_scan_t    scan;
    crm_span_t    whole, element;
    response_t    r;
    crm_status_t  rc;

    c->responses = crm_pool_calloc(c->pool, c->request->n_inners + 1,
                                   sizeof(response_t));
    if (c->responses == NULL) {
        return CRM_ENOMEM;
    }

    crm_scan_init(&scan, c->text, c->limits, c->pool);

    rc = crm_scan_value(&scan, &whole, NULL);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }

    if (rc != CRM_OK || whole.type != CRM_JSON_OBJECT) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    c->list = crm_span_member(whole, CRM_STR("__composite_responses"));

    if (c->list.type != CRM_JSON_ARRAY) {
        return CRM_EINVAL;
    }

    named = 0;
    count = 0;
    cursor = 0;

    while (crm_span_next(c->list, &cursor, NULL, &element)) {
        response_read(&r, element);
        named |= r.name.type == CRM_JSON_STRING;
        count++;
    }

    return composite_match(c, count, named);
}


/* By their names, if they have any; else in their order, and then all of them
 * must be there. */
static crm_status_t
composite_match(composite_t *c, size_t count, int named)
{
    size_t      i, n, sent, cursor;
    crm_span_t  element;
    response_t  r;

    sent = 0;

    for (i = 0; i < c->request->n_inners; i++) {
        sent += c->request->inners[i].refusal == NULL;
    }

    if (count > sent || (!named && count != sent)) {
        return CRM_EINVAL;
    }

    n = 0;
    cursor = 0;

    while (crm_span_next(c->list, &cursor, NULL, &element)) {
        response_read(&r, element);

        i = composite_place(c, &r, n++, named);

        if (i == c->request->n_inners
            || c->responses[i].whole.type != CRM_JSON_NONE)
        {
            return CRM_EINVAL;
        }

        c->responses[i] = r;
    }

    return CRM_OK;
}


/* The inner request that the n-th response is of; as many as there are: it is
 * of none, or of more than one. */
static size_t
composite_place(const composite_t *c, const response_t *r, size_t n,
    int named)
{
    size_t              i, found;
    const crm_inner_t  *inner;

    found = c->request->n_inners;

    for (i = 0; i < c->request->n_inners; i++) {
        inner = &c->request->inners[i];

        if (inner->refusal) {
            continue;
        }

        if (!named) {
            if (n-- == 0) {
                return i;
            }
            continue;
        }

        if (r->name.type == CRM_JSON_STRING && inner->name.len
            && crm_span_is(r->name, inner->name))
        {
            if (found != c->request->n_inners) {
                return c->request->n_inners;
            }

            found = i;
        }
    }

    return found;
}


static void
response_read(response_t *r, crm_span_t element)
{
    crm_span_t  details, response;

    memset(r, 0, sizeof(response_t));
    r->whole = element;

    if (element.type != CRM_JSON_OBJECT) {
        return;
    }

    r->code = crm_span_member(element, CRM_STR("code"));
    r->status = crm_span_member(element, CRM_STR("status"));
    r->name = crm_span_member(element, CRM_STR("sub_request_id"));

    details = crm_span_member(element, CRM_STR("details"));

    if (details.type != CRM_JSON_OBJECT) {
        return;
    }

    if (r->name.type != CRM_JSON_STRING) {
        r->name = crm_span_member(details, CRM_STR("sub_request_id"));
    }

    response = crm_span_member(details, CRM_STR("response"));

    if (response.type == CRM_JSON_OBJECT) {
        r->answered = 1;
        r->number = crm_span_member(response, CRM_STR("status_code"));
        r->body = crm_span_member(response, CRM_STR("body"));
    }
}


/* 0: it is none. */
static unsigned
response_number(const response_t *r)
{
    size_t    i;
    unsigned  n;

    if (r->number.type != CRM_JSON_NUMBER || r->number.len != 3) {
        return 0;
    }

    for (n = 0, i = 0; i < 3; i++) {
        if (r->number.data[i] < '0' || r->number.data[i] > '9') {
            return 0;
        }

        n = n * 10 + (unsigned) (r->number.data[i] - '0');
    }

    return n;
}


static crm_str_t
response_body(const response_t *r)
{
    return r->body.type == CRM_JSON_NONE || r->body.type == CRM_JSON_NULL
           ? CRM_STR("") : crm_span_raw(r->body);
}


static crm_status_t
outcome_inner(const composite_t *c, crm_outcome_t *outcomes,
    const crm_inner_t *inner, const response_t *r)
{
    size_t         i;
    crm_request_t  part;

    if (outcome_is_refused(r)) {
        for (i = 0; i < inner->count; i++) {
            outcomes[inner->first + i].kind = CRM_OUTCOME_REFUSED;
        }

        return CRM_OK;
    }

    if (!r->answered) {
        return CRM_OK;
    }

    if (inner->route.operation == CRM_OP_ACTION) {
        outcome_action(&outcomes[inner->first], inner, response_number(r));
        return CRM_OK;
    }

    crm_dialect_part(&part, c->request, inner);

    return crm_zoho_outcome(&outcomes[inner->first], &inner->route, &part,
                            response_number(r), response_body(r), c->limits,
                            c->pool);
}


/* What it made of them, the backend alone knows; that it is over, its status
 * tells. */
static void
outcome_action(crm_outcome_t *outcomes, const crm_inner_t *inner,
    unsigned status)
{
    size_t  i;

    for (i = 0; i < inner->count; i++) {
        outcomes[i].kind = status < 200 || status > 499 ? CRM_OUTCOME_UNKNOWN
                           : status > 299 ? CRM_OUTCOME_REFUSED
                           : CRM_OUTCOME_DONE;
    }
}


/* The vendor says so instead of a response. REQUEST_TIMEOUT is none of these:
 * it may have been done. */
static int
outcome_is_refused(const response_t *r)
{
    size_t  i;

    static const char *const  codes[] = {
        "ROLLBACK_PERFORMED", "PROCESSING_STOPPED", "INVALID_REFERENCE",
        "LOOPING_FOUND", "INVALID_DATA", "DUPLICATE_DATA", "NOT_SUPPORTED",
        "MANDATORY_NOT_FOUND", "AMBIGUITY_DURING_PROCESSING", NULL
    };

    if (!crm_span_is(r->status, CRM_STR("error"))) {
        return 0;
    }

    for (i = 0; codes[i]; i++) {
        if (crm_span_is(r->code, crm_strz(codes[i]))) {
            return i == 0 || !r->answered;
        }
    }

    return 0;
}


/* What the request alone would have been answered. */
static crm_status_t
merge_refused(crm_buf_t *buf, const composite_t *c, const crm_inner_t *inner)
{
    unsigned       status;
    crm_buf_t      own;
    crm_str_t      type, body;
    crm_status_t   rc;
    crm_request_t  part;

    if (inner->each) {
        status = 0;
        crm_dialect_part(&part, c->request, inner);

        rc = crm_zoho_merge(c->file, &body, &type, &status, &part,
                            CRM_STR(""), NULL, c->limits, c->pool);

    } else {
        crm_buf_init(&own, c->pool, 0);
        status = crm_zoho_refuse(c->file, &own, &type, inner->refusal);
        body = crm_buf_view(&own);
        rc = crm_buf_status(&own);
    }

    crm_buf_puts(buf, "{\"code\":\"");
    crm_buf_puts(buf, crm_file_code(c->file, inner->refusal));
    crm_buf_puts(buf, "\",\"details\":{\"response\":{\"headers\":"
                      "{\"Content-Type\":\"");
    crm_buf_str(buf, type);
    crm_buf_puts(buf, "\"},\"body\":");
    crm_buf_str(buf, body);
    crm_buf_puts(buf, ",\"status_code\":");
    crm_buf_int(buf, status);
    crm_buf_puts(buf, "}},\"message\":\"the sub-request was refused\","
                      "\"status\":\"error\"");

    if (inner->name.len) {
        crm_buf_puts(buf, ",\"sub_request_id\":");
        crm_buf_json(buf, inner->name);
    }

    crm_buf_putc(buf, '}');

    return rc;
}


/* As it came, but for records that were refused, which have their places in
 * its body. */
static crm_status_t
merge_answered(crm_buf_t *buf, const composite_t *c, const crm_inner_t *inner,
    const response_t *r)
{
    size_t         i;
    unsigned       status;
    crm_str_t      type, body, merged;
    crm_status_t   rc;
    crm_request_t  part;

    if (r->whole.type == CRM_JSON_NONE) {
        return CRM_EINVAL;
    }

    crm_dialect_part(&part, c->request, inner);

    for (i = 0; i < part.count && part.items[i].refusal == NULL; i++) {
        /* void */
    }

    merged = crm_span_raw(r->whole);
    status = response_number(r);
    body = response_body(r);

    if (i < part.count && status && body.len) {
        rc = crm_zoho_merge(c->file, &body, &type, &status, &part, body, NULL,
                            c->limits, c->pool);

        if (rc == CRM_OK) {
            rc = merge_lay(&merged, r, body, status, c->pool);
        }

        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    crm_buf_str(buf, merged);

    return CRM_OK;
}


/* Another body and status in an answer. */
static crm_status_t
merge_lay(crm_str_t *merged, const response_t *r, crm_str_t body,
    unsigned status, crm_pool_t *pool)
{
    crm_buf_t     number;
    crm_splice_t  splice;
    crm_status_t  rc;

    crm_buf_init(&number, pool, 0);
    crm_buf_int(&number, status);
    crm_splice_init(&splice, *merged, pool);

    rc = crm_buf_status(&number);

    if (rc == CRM_OK) {
        rc = crm_splice_edit(&splice,
                             (size_t) (r->body.data - merged->data),
                             r->body.len, body);
    }

    if (rc == CRM_OK) {
        rc = crm_splice_edit(&splice,
                             (size_t) (r->number.data - merged->data),
                             r->number.len, crm_buf_view(&number));
    }

    *merged = crm_splice_apply(&splice);

    return rc == CRM_OK && merged->data == NULL ? CRM_ENOMEM : rc;
}


static int
merge_is_done(const response_t *r)
{
    unsigned  n;

    n = response_number(r);

    return n ? n >= 200 && n <= 299
             : crm_span_is(r->status, CRM_STR("success"));
}
