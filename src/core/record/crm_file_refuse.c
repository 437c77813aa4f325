/*
 * Dialect files: refusals in the backend's own words.
 */

#include "record/crm_file.h"


typedef struct {
    unsigned                status;     /* of the rest dialect */
    crm_file_error_class_t  error;
    const char             *code;       /* as the vendor of zoho says it */
    const char             *title;
} refuse_row_t;


static const refuse_row_t *refuse_row(const crm_refusal_t *refusal);
static unsigned refuse_kind(const crm_refusal_t *refusal);
static const crm_file_case_t *refuse_case(const crm_dialect_file_t *file,
    const crm_refusal_t *refusal);
static int refuse_is_lock(const crm_refusal_t *refusal);
static const char *refuse_code(const crm_refusal_t *refusal);
static void refuse_values(crm_fill_values_t *values,
    const crm_dialect_file_t *file, const crm_refusal_t *refusal,
    crm_pool_t *pool);
static crm_str_t refuse_field(const crm_refusal_t *refusal);


/* By crm_refusal_kind_t. */
static const refuse_row_t  refuse_rows[] = {

    { 500, CRM_FILE_UNAVAILABLE, "INTERNAL_ERROR",
      "The request could not be judged" },

    /* BODY, RECORDS, SIZE, TYPE */
    { 400, CRM_FILE_BAD_BODY, "INVALID_DATA",
      "The body cannot be judged" },
    { 400, CRM_FILE_BAD_BODY, "LIMIT_EXCEEDED",
      "The request holds too many records" },
    { 413, CRM_FILE_BAD_BODY, "INVALID_DATA",
      "The body is too large" },
    { 415, CRM_FILE_BAD_BODY, "INVALID_REQUEST",
      "The body is of a type that is not judged" },

    /* TARGET, ROUTE */
    { 400, CRM_FILE_BAD_BODY, "INVALID_URL_PATTERN",
      "The target is not canonical" },
    { 404, CRM_FILE_BAD_BODY, "INVALID_URL_PATTERN",
      "There is no such write" },

    /* LOCKED, APPROVAL, BLUEPRINT, VALIDATION */
    { 423, CRM_FILE_LOCKED, "RECORD_LOCKED",
      "The record is locked" },
    { 409, CRM_FILE_DENIED, "NOT_APPROVED",
      "The record is waiting for approval" },
    { 409, CRM_FILE_DENIED, "RECORD_IN_BLUEPRINT",
      "The record is in a blueprint" },
    { 422, CRM_FILE_INVALID, "INVALID_DATA",
      "The record is not valid" },

    /* CHAIN, ORG, BUSY, UNAVAILABLE, UNKNOWN, MODIFIED */
    { 403, CRM_FILE_DENIED, "NO_PERMISSION",
      "Permission denied" },
    { 404, CRM_FILE_BAD_BODY, "INVALID_URL_PATTERN",
      "There is no such organisation" },
    { 409, CRM_FILE_CONFLICT, "RECORD_BUSY",
      "Another change of the record is under way" },
    { 503, CRM_FILE_UNAVAILABLE, "INTERNAL_ERROR",
      "The request cannot be judged now" },
    { 502, CRM_FILE_UNAVAILABLE, "INTERNAL_ERROR",
      "What became of the request is not known" },
    { 412, CRM_FILE_BAD_BODY, "ALREADY_MODIFIED",
      "The record has been modified meanwhile" },

    /* PERMISSION, NOT_ALLOWED, UNCONFIGURED, MANDATORY, VALUE */
    { 403, CRM_FILE_DENIED, "NO_PERMISSION",
      "Permission denied" },
    { 403, CRM_FILE_DENIED, "NOT_ALLOWED",
      "Not allowed" },
    { 400, CRM_FILE_DENIED, "NOT_ALLOWED",
      "Not allowed" },
    { 400, CRM_FILE_INVALID, "MANDATORY_NOT_FOUND",
      "A field is missing" },
    { 400, CRM_FILE_INVALID, "INVALID_DATA",
      "A field is not valid" },

    /* PROCESS, TRANSITION, RECORD, RELATED */
    { 409, CRM_FILE_DENIED, "RECORD_NOT_IN_PROCESS",
      "The record is in no such process" },
    { 409, CRM_FILE_DENIED, "INVALID_DATA",
      "There is no such transition from here" },
    { 404, CRM_FILE_BAD_BODY, "INVALID_DATA",
      "There is no such record" },
    { 404, CRM_FILE_BAD_BODY, "INVALID_DATA",
      "There is no such thing on the record" },

    /* STALE */
    { 409, CRM_FILE_CONFLICT, "ALREADY_MODIFIED",
      "Other rules are live meanwhile" }
};


unsigned
crm_file_refuse(const crm_dialect_file_t *file, crm_buf_t *body,
    crm_str_t *content_type, const crm_refusal_t *refusal)
{
    crm_fill_values_t        values;
    const crm_file_error_t  *error;

    error = &file->errors[refuse_row(refusal)->error];

    refuse_values(&values, file, refusal, body->pool);
    crm_fill_write(body, &error->body, &values,
                   error->json ? CRM_FILL_AS_JSON : CRM_FILL_AS_TEXT);

    *content_type = error->content_type;

    return crm_file_status(file, refusal);
}


unsigned
crm_file_problem(crm_buf_t *body, crm_str_t *content_type,
    const crm_refusal_t *refusal)
{
    size_t  i;

    const struct {
        const char  *name;
        crm_str_t    value;
    } members[] = {
        { "title", crm_strz(refuse_row(refusal)->title) },
        { "detail", refusal->reason },
        { "code", crm_strz(refuse_code(refusal)) },
        { "event", refusal->event },
        { "module", refusal->module },
        { "id", refusal->record_id },
        { "rule", refusal->rule }
    };

    crm_buf_puts(body, "{\"type\":\"about:blank\",\"status\":");
    crm_buf_int(body, (long long) refuse_row(refusal)->status);

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        crm_buf_puts(body, ",\"");
        crm_buf_puts(body, members[i].name);
        crm_buf_puts(body, "\":\"");
        crm_dialect_put(body, members[i].value);
        crm_buf_putc(body, '"');
    }

    crm_buf_puts(body, ",\"fields\":[");

    if (refuse_field(refusal).len) {
        crm_buf_putc(body, '"');
        crm_dialect_put(body, refuse_field(refusal));
        crm_buf_putc(body, '"');
    }

    crm_buf_putc(body, ']');

    if (refusal->details.len) {
        crm_buf_putc(body, ',');
        crm_buf_str(body, refusal->details);
    }

    crm_buf_putc(body, '}');

    *content_type = CRM_STR("application/problem+json");

    return refuse_row(refusal)->status;
}


/* One of many, as it stands inside an answer. */
void
crm_file_refuse_item(const crm_dialect_file_t *file, crm_buf_t *body,
    const crm_refusal_t *refusal)
{
    crm_fill_values_t  values;

    refuse_values(&values, file, refusal, body->pool);
    crm_fill_write(body, &file->item_error, &values, CRM_FILL_AS_JSON);
}


crm_status_t
crm_file_refuse_header(const crm_dialect_file_t *file, size_t index,
    crm_str_t *name, crm_str_t *value, const crm_refusal_t *refusal,
    crm_pool_t *pool)
{
    crm_buf_t                buf;
    crm_fill_values_t        values;
    const crm_file_error_t  *error;

    error = &file->errors[refuse_row(refusal)->error];

    if (index >= error->headers_count) {
        return CRM_DECLINED;
    }

    refuse_values(&values, file, refusal, pool);

    crm_buf_init(&buf, pool, 0);
    crm_fill_write(&buf, &error->headers[index].value, &values,
                   CRM_FILL_AS_HEADER);

    *name = error->headers[index].name;
    *value = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


unsigned
crm_file_status(const crm_dialect_file_t *file, const crm_refusal_t *refusal)
{
    const refuse_row_t     *row;
    const crm_file_case_t  *c;

    row = refuse_row(refusal);
    c = refuse_case(file, refusal);

    if (c->status == 0) {
        c = &file->cases[refuse_kind(refusal)];
    }

    return c->status ? c->status
           : file->errors[row->error].status ? file->errors[row->error].status
                                             : row->status;
}


const char *
crm_file_code(const crm_dialect_file_t *file, const crm_refusal_t *refusal)
{
    const crm_file_case_t  *c;

    c = refuse_case(file, refusal);

    if (c->code.len == 0) {
        c = &file->cases[refuse_kind(refusal)];
    }

    return c->code.len ? c->code.data : refuse_code(refusal);
}


crm_str_t
crm_file_title(const crm_dialect_file_t *file, const crm_refusal_t *refusal)
{
    const crm_file_case_t  *c;

    c = refuse_case(file, refusal);

    if (c->title.len == 0) {
        c = &file->cases[refuse_kind(refusal)];
    }

    return c->title.len ? c->title : crm_strz(refuse_row(refusal)->title);
}


int
crm_file_listed(const crm_dialect_file_t *file, const crm_refusal_t *refusal)
{
    const crm_file_case_t  *c;

    c = refuse_case(file, refusal);

    return c->listed || (c != &file->cases[CRM_FILE_CASE_LOCK]
                         && file->cases[refuse_kind(refusal)].listed);
}


static unsigned
refuse_kind(const crm_refusal_t *refusal)
{
    unsigned  i;

    i = (unsigned) refusal->kind;

    return i < sizeof(refuse_rows) / sizeof(refuse_rows[0])
           ? i : CRM_REFUSE_NONE;
}


static const refuse_row_t *
refuse_row(const crm_refusal_t *refusal)
{
    return &refuse_rows[refuse_kind(refusal)];
}


/* What a refusal is called where a case of its own may be told from it. */
static const crm_file_case_t *
refuse_case(const crm_dialect_file_t *file, const crm_refusal_t *refusal)
{
    if (refuse_is_lock(refusal)) {
        return &file->cases[CRM_FILE_CASE_LOCK];
    }

    if (refusal->operation == CRM_OP_DELETE
        && refusal->kind == CRM_REFUSE_LOCKED)
    {
        return &file->cases[CRM_FILE_CASE_DELETE_LOCKED];
    }

    if (refusal->operation == CRM_OP_DELETE
        && refusal->kind == CRM_REFUSE_APPROVAL)
    {
        return &file->cases[CRM_FILE_CASE_DELETE_APPROVAL];
    }

    return &file->cases[refuse_kind(refusal)];
}


/* An automatic lock is not changed by hand. */
static int
refuse_is_lock(const crm_refusal_t *refusal)
{
    return refusal->kind == CRM_REFUSE_LOCKED
           && crm_str_is(refusal->action, "lock");
}


static const char *
refuse_code(const crm_refusal_t *refusal)
{
    return refuse_is_lock(refusal) ? "NOT_ALLOWED" : refuse_row(refusal)->code;
}


/* What memory does not suffice for is empty: the answer's own buffer fails,
 * too. */
static void
refuse_values(crm_fill_values_t *values, const crm_dialect_file_t *file,
    const crm_refusal_t *refusal, crm_pool_t *pool)
{
    char        digits[CRM_STR_INT_LEN];
    crm_buf_t   buf;
    crm_str_t  *vars;

    memset(values, 0, sizeof(crm_fill_values_t));
    vars = values->vars;

    vars[CRM_FILL_CODE] = crm_strz(crm_file_code(file, refusal));
    vars[CRM_FILL_TITLE] = crm_file_title(file, refusal);
    vars[CRM_FILL_MESSAGE] = refusal->reason.len ? refusal->reason
                                                 : vars[CRM_FILL_TITLE];
    vars[CRM_FILL_STATUS] = crm_pool_dup(pool,
                                crm_str_int(digits, (long long)
                                            crm_file_status(file, refusal)));
    vars[CRM_FILL_RULE] = refusal->rule;
    vars[CRM_FILL_MODULE] = refusal->module;
    vars[CRM_FILL_ID] = refusal->record_id;
    vars[CRM_FILL_EVENT] = refusal->event;
    vars[CRM_FILL_REQUEST_ID] = refusal->event;
    vars[CRM_FILL_FIELD] = refuse_field(refusal);

    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '[');

    if (vars[CRM_FILL_FIELD].len) {
        crm_buf_putc(&buf, '"');
        crm_dialect_put(&buf, vars[CRM_FILL_FIELD]);
        crm_buf_putc(&buf, '"');
    }

    crm_buf_putc(&buf, ']');
    vars[CRM_FILL_FIELDS] = crm_buf_status(&buf) == CRM_OK
                            ? crm_buf_view(&buf) : CRM_STR("[]");
}


/* $.data[0].Stage names the field Stage. */
static crm_str_t
refuse_field(const crm_refusal_t *refusal)
{
    size_t  i;

    if (refusal->field.len) {
        return refusal->field;
    }

    for (i = refusal->where.len; i > 0; i--) {
        if (refusal->where.data[i - 1] == '.') {
            return crm_str(refusal->where.data + i, refusal->where.len - i);
        }
    }

    return refusal->where;
}
