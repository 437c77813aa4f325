/*
 * What a mail's job says of attachments and of whom to reply to.
 */

#include "crm_worker_mail_split.h"

#include "base/crm_base64.h"
#include "base/crm_limits.h"
#include "rules/crm_party.h"

#include <string.h>


static crm_status_t file_read(crm_worker_mime_file_t *file, crm_span_t item,
    const crm_worker_job_t *job, crm_error_t *err);
static crm_str_t file_member(crm_span_t item, const char *name,
    crm_pool_t *pool);
static crm_status_t file_wrong(crm_error_t *err, const char *why);


crm_status_t
crm_worker_mail_files(crm_worker_mime_t *mime, const crm_worker_job_t *job,
    crm_error_t *err)
{
    size_t                   cursor, bytes;
    crm_span_t               list, item;
    crm_status_t             rc;
    crm_worker_mime_file_t  *files;

    list = crm_span_member(job->action, CRM_STR("files"));

    if (list.type == CRM_JSON_NONE || list.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (list.type != CRM_JSON_ARRAY) {
        return file_wrong(err, "action.files must be a list");
    }

    files = crm_pool_calloc(job->pool, CRM_MAX_MAIL_FILES,
                            sizeof(crm_worker_mime_file_t));
    if (files == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    cursor = 0;
    bytes = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {

        if (mime->n_files == CRM_MAX_MAIL_FILES) {
            return file_wrong(err, "action.files are more than 10");
        }

        rc = file_read(&files[mime->n_files], item, job, err);
        if (rc != CRM_OK) {
            return rc;
        }

        bytes += files[mime->n_files++].bytes.len;

        if (bytes > CRM_MAX_MAIL_FILE_BYTES) {
            return file_wrong(err, "action.files are larger than 512 KiB");
        }
    }

    mime->files = files;

    return CRM_OK;
}


crm_status_t
crm_worker_mail_reply(crm_worker_mime_t *mime, const crm_worker_job_t *job,
    crm_error_t *err)
{
    crm_span_t  reply;

    reply = crm_span_member(job->action, CRM_STR("reply_to"));

    if (reply.type == CRM_JSON_NONE || reply.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    mime->reply_to = reply.type == CRM_JSON_STRING
                     ? crm_span_text(reply, job->pool) : CRM_STR("");

    return mime->reply_to.data != NULL
           && crm_party_is_address(mime->reply_to)
           ? CRM_OK : file_wrong(err, "action.reply_to is no address");
}


static crm_status_t
file_read(crm_worker_mime_file_t *file, crm_span_t item,
    const crm_worker_job_t *job, crm_error_t *err)
{
    crm_buf_t     bytes;
    crm_str_t     letters;
    crm_status_t  rc;

    if (item.type != CRM_JSON_OBJECT) {
        return file_wrong(err, "action.files must be a list of objects");
    }

    file->name = file_member(item, "name", job->pool);
    file->type = file_member(item, "type", job->pool);
    letters = file_member(item, "base64", job->pool);

    if (file->name.len == 0 || file->name.len > CRM_MAX_MAIL_FILE_NAME) {
        return file_wrong(err, "a name of action.files must have 1 to 200"
                               " bytes");
    }

    crm_buf_init(&bytes, job->pool, 2 * CRM_MAX_MAIL_FILE_BYTES);
    rc = crm_base64_decode(&bytes, letters, CRM_BASE64);

    if (rc == CRM_ENOMEM || crm_buf_status(&bytes) == CRM_ENOMEM) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    if (rc != CRM_OK || crm_buf_status(&bytes) != CRM_OK) {
        return file_wrong(err, "base64 of action.files must be that, of 512"
                               " KiB in all");
    }

    file->bytes = bytes.len ? crm_buf_view(&bytes) : CRM_STR("");

    return CRM_OK;
}


static crm_str_t
file_member(crm_span_t item, const char *name, crm_pool_t *pool)
{
    crm_str_t   text;
    crm_span_t  value;

    value = crm_span_member(item, crm_strz(name));
    text = value.type == CRM_JSON_STRING ? crm_span_text(value, pool)
                                         : CRM_STR("");

    return text.data ? text : CRM_STR("");
}


static crm_status_t
file_wrong(crm_error_t *err, const char *why)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s", why);
}
