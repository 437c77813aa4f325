/*
 * Files of a script on their way to others: forms of several parts (RFC 7578).
 *
 * A FILE comes from the script's process as {"file.name", "file.type",
 * "file.base64"}.
 */

#define _GNU_SOURCE      /* memmem() */

#include "crm_worker_effect_call.h"

#include "base/crm_base64.h"


#define FILE_ID  40     /* of the id; a boundary has 70 characters at most */


static int file_field(crm_worker_effect_t *effect, crm_buf_t *body,
    crm_span_t name, crm_span_t value, crm_str_t boundary);
static int file_part(crm_worker_effect_t *effect, crm_buf_t *body,
    crm_span_t file, crm_str_t boundary);
static void file_quoted(crm_buf_t *body, crm_str_t text);


int
crm_worker_effect_is_file(crm_span_t value)
{
    return value.type == CRM_JSON_OBJECT
           && crm_span_member(value, CRM_STR(CRM_WORKER_EFFECT_FILE)).type
              == CRM_JSON_STRING;
}


crm_str_t
crm_worker_effect_file_text(crm_worker_effect_t *effect, crm_span_t file,
    const char *key)
{
    crm_str_t   text;
    crm_span_t  value;

    value = crm_span_member(file, crm_strz(key));
    text = value.type == CRM_JSON_STRING ? crm_span_text(value, effect->pool)
                                         : CRM_STR("");

    return text.data ? text : CRM_STR("");
}


/* The same in each attempt. */
int
crm_worker_effect_files(crm_worker_effect_t *effect, crm_buf_t *body,
    crm_span_t fields, crm_span_t files)
{
    size_t      cursor;
    crm_str_t   boundary;
    crm_span_t  item, name;

    boundary = crm_pool_printf(effect->pool, "----part-of-%.*s",
                               (int) (effect->id.len < FILE_ID
                                      ? effect->id.len : FILE_ID),
                               effect->id.data);
    effect->type = crm_pool_printf(effect->pool,
                                   "multipart/form-data; boundary=\"%.*s\"",
                                   (int) boundary.len, boundary.data);

    if (boundary.data == NULL || effect->type.data == NULL) {
        return 0;
    }

    cursor = 0;

    while (fields.type == CRM_JSON_OBJECT
           && crm_span_next(fields, &cursor, &name, &item))
    {
        if (!file_field(effect, body, name, item, boundary)) {
            return 0;
        }
    }

    if (files.type == CRM_JSON_ARRAY) {
        cursor = 0;

        while (crm_span_next(files, &cursor, NULL, &item)) {
            if (!file_part(effect, body, item, boundary)) {
                return 0;
            }
        }

    } else if (!file_part(effect, body, files, boundary)) {
        return 0;
    }

    crm_buf_puts(body, "--");
    crm_buf_str(body, boundary);
    crm_buf_puts(body, "--\r\n");

    return crm_buf_status(body) == CRM_OK;
}


static int
file_field(crm_worker_effect_t *effect, crm_buf_t *body, crm_span_t name,
    crm_span_t value, crm_str_t boundary)
{
    crm_str_t  text;

    text = value.type == CRM_JSON_STRING ? crm_span_text(value, effect->pool)
                                         : crm_span_raw(value);

    if (memmem(text.data, text.len, boundary.data, boundary.len) != NULL) {
        return 0;
    }

    crm_buf_puts(body, "--");
    crm_buf_str(body, boundary);
    crm_buf_puts(body, "\r\nContent-Disposition: form-data; name=\"");
    file_quoted(body, crm_span_text(name, effect->pool));
    crm_buf_puts(body, "\"\r\n\r\n");
    crm_buf_str(body, text);
    crm_buf_puts(body, "\r\n");

    return 1;
}


static int
file_part(crm_worker_effect_t *effect, crm_buf_t *body, crm_span_t file,
    crm_str_t boundary)
{
    crm_str_t  type;
    crm_buf_t  bytes;

    crm_buf_init(&bytes, effect->pool, CRM_WORKER_FRAME_MAX);

    if (!crm_worker_effect_is_file(file)
        || crm_base64_decode(&bytes,
                             crm_worker_effect_file_text(effect, file,
                                                     CRM_WORKER_EFFECT_FILE),
                             CRM_BASE64) != CRM_OK
        || crm_buf_status(&bytes) != CRM_OK
        || (bytes.len && memmem(bytes.data, bytes.len, boundary.data,
                                boundary.len) != NULL))
    {
        return 0;
    }

    type = crm_worker_effect_file_text(effect, file, "file.type");

    crm_buf_puts(body, "--");
    crm_buf_str(body, boundary);
    crm_buf_puts(body, "\r\nContent-Disposition: form-data; name=\"file\";"
                       " filename=\"");
    file_quoted(body, crm_worker_effect_file_text(effect, file, "file.name"));
    crm_buf_puts(body, "\"\r\nContent-Type: ");
    file_quoted(body, type.len ? type : CRM_STR("application/octet-stream"));
    crm_buf_puts(body, "\r\n\r\n");
    crm_buf_str(body, crm_buf_view(&bytes));
    crm_buf_puts(body, "\r\n");

    return 1;
}


/* Nothing of it ends the quotes, or the line. */
static void
file_quoted(crm_buf_t *body, crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\'
            || (unsigned char) text.data[i] < ' ' || text.data[i] == 0x7f)
        {
            crm_buf_putc(body, '_');
        } else {
            crm_buf_putc(body, text.data[i]);
        }
    }
}
