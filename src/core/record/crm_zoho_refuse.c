/*
 * zoho: refusals as the vendor writes errors.
 *
 * {"code","details","message","status":"error"}: inside "data" when a record
 * is refused, alone when the whole request is: codes, messages and which is
 * which are the file's. details holds the vendor's keys first, ours behind
 * them. All of it may quote a client, so all of it is
 * escaped and made UTF-8.
 */

#include "record/crm_zoho.h"


static int refuse_alone(const crm_refusal_t *refusal);
static crm_str_t refuse_message(const crm_dialect_file_t *file,
    const crm_refusal_t *refusal);
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


const crm_mechanism_t  crm_zoho_mechanism = {
    crm_zoho_route,
    crm_zoho_decode,
    crm_zoho_read,
    crm_zoho_outcome,
    crm_zoho_list,
    crm_zoho_refuse,
    crm_zoho_get,
    crm_zoho_read_many,
    crm_zoho_merge,
    crm_zoho_seek,
    crm_zoho_said,
    crm_zoho_shown
};


unsigned
crm_zoho_refuse(const crm_dialect_file_t *file, crm_buf_t *body,
    crm_str_t *content_type, const crm_refusal_t *refusal)
{
    int  listed;

    listed = crm_file_listed(file, refusal) && !refuse_alone(refusal);

    crm_buf_puts(body, listed ? "{\"data\":[" : "");
    crm_zoho_refuse_item(file, body, refusal);
    crm_buf_puts(body, listed ? "]" : "");

    if (crm_zoho_refuse_counted(refusal)) {
        crm_buf_puts(body, ",\"locked_count\":1");
    }

    crm_buf_puts(body, listed ? "}" : "");

    *content_type = CRM_STR("application/json");

    return crm_file_status(file, refusal);
}


void
crm_zoho_refuse_item(const crm_dialect_file_t *file, crm_buf_t *buf,
    const crm_refusal_t *refusal)
{
    crm_buf_puts(buf, "{\"code\":\"");
    crm_dialect_put(buf, crm_strz(crm_file_code(file, refusal)));
    crm_buf_puts(buf, "\",\"details\":{");

    refuse_vendor(buf, refusal);
    refuse_details(buf, refusal);

    crm_buf_puts(buf, "},\"message\":");
    crm_buf_putc(buf, '"');
    crm_dialect_put(buf, refuse_message(file, refusal));
    crm_buf_putc(buf, '"');
    crm_buf_puts(buf, ",\"status\":\"error\"}");
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


/* What the rule's author has to say to whom it stops. */
static crm_str_t
refuse_message(const crm_dialect_file_t *file, const crm_refusal_t *refusal)
{
    return refusal->kind == CRM_REFUSE_VALIDATION && refusal->reason.len
           ? refusal->reason : crm_file_title(file, refusal);
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
