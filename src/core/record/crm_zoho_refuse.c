/*
 * zoho: refusals as the vendor writes errors.
 *
 * {"code","details","message","status":"error"}: inside "data" when a record
 * is refused, alone when the whole request is. details holds the vendor's
 * keys first, ours behind them. All of it may quote a client, so all of it is
 * escaped and made UTF-8.
 */

#include "record/crm_zoho.h"


typedef struct {
    unsigned     status;
    int          item;          /* stands in "data" */
    const char  *code;
    const char  *message;
} refuse_row_t;


static const refuse_row_t *refuse_row(const crm_refusal_t *refusal);
static int refuse_alone(const crm_refusal_t *refusal);
static crm_str_t refuse_message(const crm_refusal_t *refusal);
static void refuse_details(crm_buf_t *buf, const crm_refusal_t *refusal);
static void refuse_vendor(crm_buf_t *buf, const crm_refusal_t *refusal);
static void refuse_field(crm_buf_t *buf, const crm_refusal_t *refusal,
    crm_str_t name);
static void refuse_stored(crm_buf_t *buf, const crm_record_t *stored);
static void refuse_place(crm_buf_t *buf, const crm_refusal_t *refusal,
    crm_str_t name);
static void refuse_text(crm_buf_t *buf, const char *key, crm_str_t value);
static void refuse_number(crm_buf_t *buf, const char *key, size_t value);
static void refuse_key(crm_buf_t *buf, const char *key);


static const char *const  zoho_sets[] = {
    "Owner", "Created_By", CRM_ZOHO_CREATED, "Modified_By", CRM_ZOHO_VERSION,
    NULL
};

const crm_dialect_t  crm_zoho_dialect = {
    "zoho",
    NULL,
    CRM_WAY_ANSWERS|CRM_WAY_PAGES|CRM_WAY_SCRIPTS|CRM_WAY_FUNCTIONS
    |CRM_WAY_DECORATE|CRM_WAY_EXTERNAL,
    0,
    1,
    CRM_ZOHO_VERSION,
    CRM_ZOHO_CREATED,
    zoho_sets,
    crm_zoho_route,
    crm_zoho_decode,
    crm_zoho_read,
    crm_zoho_outcome,
    crm_zoho_record_path,
    crm_zoho_event_path,
    crm_zoho_list,
    crm_zoho_refuse,
    crm_zoho_code,
    crm_zoho_get,
    crm_zoho_read_many,
    crm_zoho_merge,
    crm_zoho_seek,
    crm_zoho_write,
    crm_zoho_said
};


/* By crm_refusal_kind_t. */
static const refuse_row_t  refuse_rows[] = {

    { 500, 0, "INTERNAL_ERROR", "the request could not be judged" },

    /* BODY, RECORDS, SIZE, TYPE */
    { 400, 0, "INVALID_DATA", "invalid data" },
    { 400, 0, "LIMIT_EXCEEDED", "the request holds too many records" },
    { 413, 0, "INVALID_DATA", "the body is too large" },
    { 415, 0, "INVALID_REQUEST", "the body must be JSON in UTF-8" },

    /* TARGET, ROUTE */
    { 400, 0, "INVALID_URL_PATTERN",
      "Please check if the URL trying to access is a correct one" },
    { 404, 0, "INVALID_URL_PATTERN",
      "Please check if the URL trying to access is a correct one" },

    /* LOCKED, APPROVAL, BLUEPRINT, VALIDATION */
    { 400, 1, "RECORD_LOCKED",
      "Sorry, you cannot perform this operation as the record is locked." },
    { 400, 0, "NOT_APPROVED",
      "Cannot update record that is not approved yet" },
    { 400, 1, "RECORD_IN_BLUEPRINT", "The record is in blue print" },
    { 400, 1, "INVALID_DATA", "invalid data" },

    /* CHAIN, ORG, BUSY, UNAVAILABLE, UNKNOWN, MODIFIED */
    { 403, 0, "NO_PERMISSION", "permission denied" },
    { 404, 0, "INVALID_URL_PATTERN",
      "Please check if the URL trying to access is a correct one" },
    { 409, 0, "RECORD_BUSY",
      "Another change of this record is under way, try again" },
    { 503, 0, "INTERNAL_ERROR",
      "The request cannot be judged now, try again later" },
    { 502, 0, "INTERNAL_ERROR",
      "What became of the request is not known, do not repeat it" },
    { 412, 1, "ALREADY_MODIFIED",
      "the record has been modified since the time that was given" },

    /* PERMISSION, NOT_ALLOWED, UNCONFIGURED, MANDATORY, VALUE */
    { 403, 0, "NO_PERMISSION", "permission denied" },
    { 403, 1, "NOT_ALLOWED", "not allowed" },
    { 400, 1, "NOT_ALLOWED", "not allowed" },
    { 400, 1, "MANDATORY_NOT_FOUND", "required field not found" },
    { 400, 1, "INVALID_DATA", "invalid data" },

    /* PROCESS, TRANSITION, RECORD, RELATED */
    { 400, 0, "RECORD_NOT_IN_PROCESS", "record not in process" },
    { 400, 0, "INVALID_DATA", "invalid transition" },
    { 400, 0, "INVALID_DATA", "the id given seems to be invalid" },
    { 400, 0, "INVALID_DATA", "the related id given seems to be invalid" },

    /* STALE */
    { 409, 0, "ALREADY_MODIFIED", "other rules are live meanwhile" }
};


unsigned
crm_zoho_refuse(crm_buf_t *body, crm_str_t *content_type,
    const crm_refusal_t *refusal)
{
    int                  item;
    const refuse_row_t  *row;

    row = refuse_row(refusal);

    item = (row->item && !refuse_alone(refusal))
           || (refusal->kind == CRM_REFUSE_APPROVAL
               && refusal->operation == CRM_OP_DELETE);

    crm_buf_puts(body, item ? "{\"data\":[" : "");
    crm_zoho_refuse_item(body, refusal);
    crm_buf_puts(body, item ? "]" : "");

    if (crm_zoho_refuse_counted(refusal)) {
        crm_buf_puts(body, ",\"locked_count\":1");
    }

    crm_buf_puts(body, item ? "}" : "");

    *content_type = CRM_STR("application/json");

    return row->status;
}


void
crm_zoho_refuse_item(crm_buf_t *buf, const crm_refusal_t *refusal)
{
    crm_buf_puts(buf, "{\"code\":\"");
    crm_buf_puts(buf, refuse_row(refusal)->code);
    crm_buf_puts(buf, "\",\"details\":{");

    refuse_vendor(buf, refusal);
    refuse_details(buf, refusal);

    crm_buf_puts(buf, "},\"message\":");
    crm_buf_putc(buf, '"');
    crm_dialect_put(buf, refuse_message(refusal));
    crm_buf_putc(buf, '"');
    crm_buf_puts(buf, ",\"status\":\"error\"}");
}


const char *
crm_zoho_code(const crm_refusal_t *refusal)
{
    return refuse_row(refusal)->code;
}


static const refuse_row_t *
refuse_row(const crm_refusal_t *refusal)
{
    size_t  i;

    static const refuse_row_t  unlock = {
        403, 0, "NOT_ALLOWED",
        "An automatic lock cannot be changed by hand"
    };

    if (refusal->kind == CRM_REFUSE_LOCKED
        && crm_str_is(refusal->action, "lock"))
    {
        return &unlock;
    }

    i = (size_t) refusal->kind;

    return &refuse_rows[i < sizeof(refuse_rows) / sizeof(refuse_rows[0])
                        ? i : CRM_REFUSE_NONE];
}


/* What processes answer stands by itself, whoever refuses. */
static int
refuse_alone(const crm_refusal_t *refusal)
{
    return crm_str_is(refusal->action, "blueprint")
           || crm_str_is(refusal->action, "approvals");
}


int
crm_zoho_refuse_counted(const crm_refusal_t *refusal)
{
    return refusal->kind == CRM_REFUSE_LOCKED
           && (crm_str_is(refusal->action, "add_tags")
               || crm_str_is(refusal->action, "remove_tags"));
}


static crm_str_t
refuse_message(const crm_refusal_t *refusal)
{
    if (refusal->operation == CRM_OP_DELETE) {

        if (refusal->kind == CRM_REFUSE_LOCKED) {
            return CRM_STR("You cannot perform this operation as the record"
                           " is locked.");
        }

        if (refusal->kind == CRM_REFUSE_APPROVAL) {
            return CRM_STR("cannot delete record that is not approved yet");
        }
    }

    /* what the rule's author has to say to whom it stops */

    if (refusal->kind == CRM_REFUSE_VALIDATION && refusal->reason.len) {
        return refusal->reason;
    }

    return crm_strz(refuse_row(refusal)->message);
}


/* The keys that the vendor's own errors have. */
static void
refuse_vendor(crm_buf_t *buf, const crm_refusal_t *refusal)
{
    int  delete, named;

    delete = refusal->operation == CRM_OP_DELETE;
    named = delete || refusal->operation == CRM_OP_ACTION;

    switch (refusal->kind) {

    case CRM_REFUSE_RECORDS:
        refuse_number(buf, "limit", refusal->limit);
        refuse_number(buf, "maximum_length", refusal->limit);
        break;

    case CRM_REFUSE_LOCKED:
        if (crm_str_is(refusal->action, "territories")) {
            refuse_number(buf, "resource_path_index", 1);
        }

        if (!named && !refusal->listed) {
            refuse_field(buf, refusal, CRM_STR("id"));
        }

        refuse_text(buf, "action", CRM_STR("record_locking"));

        if (delete || ((named || refusal->listed) && refusal->record_id.len)) {
            refuse_text(buf, "id", refusal->record_id);
        }

        if (!named && refusal->listed) {
            refuse_place(buf, refusal, CRM_STR("id"));
        }
        break;

    case CRM_REFUSE_APPROVAL:
        if (delete) {
            refuse_text(buf, "id", refusal->record_id);

        } else {

            /* of {module}/{id} it is the second */

            refuse_number(buf, "resource_path_index", 1);
        }
        break;

    case CRM_REFUSE_VALIDATION:
    case CRM_REFUSE_MANDATORY:
    case CRM_REFUSE_VALUE:
        if (refusal->field.len) {
            refuse_field(buf, refusal, refusal->field);
        }

        if (refusal->kind == CRM_REFUSE_VALUE && refusal->limit) {
            refuse_number(buf, "maximum_length", refusal->limit);
        }
        break;

    case CRM_REFUSE_RECORD:
    case CRM_REFUSE_RELATED:

        /* of {module}/{id}/{related}/{id}, from 0 */

        refuse_number(buf, "resource_path_index",
                      refusal->kind == CRM_REFUSE_RECORD ? 1 : 3);
        break;

    case CRM_REFUSE_BLUEPRINT:
    case CRM_REFUSE_BUSY:
        if (refusal->record_id.len) {
            refuse_text(buf, "id", refusal->record_id);
        }
        break;

    case CRM_REFUSE_MODIFIED:
        refuse_text(buf, "id", refusal->record_id);
        refuse_stored(buf, refusal->stored);
        break;

    default:
        break;
    }
}


/* Who wrote it when, as the backend says it. */
static void
refuse_stored(crm_buf_t *buf, const crm_record_t *stored)
{
    size_t              i;
    const crm_field_t  *field;

    static const char *const  names[] = {
        "Modified_Time", "Created_Time", "Modified_By", "Created_By"
    };

    for (i = 0; stored && i < sizeof(names) / sizeof(names[0]); i++) {
        field = crm_record_field(stored, crm_strz(names[i]));

        if (field) {
            refuse_key(buf, names[i]);
            crm_buf_str(buf, crm_span_raw(field->value));
        }
    }
}


static void
refuse_details(crm_buf_t *buf, const crm_refusal_t *refusal)
{
    if (refusal->where.len && refusal->field.len == 0
        && refusal->kind != CRM_REFUSE_LOCKED)
    {
        refuse_text(buf, refusal->kind == CRM_REFUSE_TARGET ? "param"
                                                            : "json_path",
                    refusal->where);
    }

    if (refusal->offset != CRM_NO_OFFSET) {
        refuse_number(buf, "offset", refusal->offset);
    }

    if (refusal->reason.len) {
        refuse_text(buf, "reason", refusal->reason);
    }

    if (refusal->rule.len) {
        refuse_text(buf, "rule", refusal->rule);
    }

    if (refusal->event.len) {
        refuse_text(buf, "event", refusal->event);
    }

    if (refusal->details.len) {
        crm_buf_puts(buf, buf->len && buf->data[buf->len - 1] != '{' ? ","
                                                                     : "");
        crm_buf_str(buf, refusal->details);
    }
}


/* A field of a record, by its name and by its place in the request. */
static void
refuse_field(crm_buf_t *buf, const crm_refusal_t *refusal, crm_str_t name)
{
    refuse_text(buf, "api_name", name);
    refuse_place(buf, refusal, name);
}


static void
refuse_place(crm_buf_t *buf, const crm_refusal_t *refusal, crm_str_t name)
{
    refuse_key(buf, "json_path");
    crm_buf_puts(buf, "\"$.data[");
    crm_buf_int(buf, (long long) refusal->index);
    crm_buf_puts(buf, "].");
    crm_dialect_put(buf, name);
    crm_buf_putc(buf, '"');
}


static void
refuse_text(crm_buf_t *buf, const char *key, crm_str_t value)
{
    refuse_key(buf, key);
    crm_buf_putc(buf, '"');
    crm_dialect_put(buf, value);
    crm_buf_putc(buf, '"');
}


static void
refuse_number(crm_buf_t *buf, const char *key, size_t value)
{
    refuse_key(buf, key);
    crm_buf_int(buf, (long long) value);
}


/* The first key of details stands right behind its brace. */
static void
refuse_key(crm_buf_t *buf, const char *key)
{
    if (buf->len && buf->data[buf->len - 1] != '{') {
        crm_buf_putc(buf, ',');
    }

    crm_buf_putc(buf, '"');
    crm_buf_puts(buf, key);
    crm_buf_puts(buf, "\":");
}
