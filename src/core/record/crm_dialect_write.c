/*
 * Records to HTTP, whatever the dialect.
 */

#include "record/crm_dialect_write.h"

#include "record/crm_dialect_kind.h"
#include "record/crm_file.h"


crm_status_t
crm_dialect_write(const crm_dialect_t *dialect,
    crm_dialect_request_t *request, const crm_dialect_write_t *write,
    crm_pool_t *pool)
{
    crm_buf_t     path, body;
    crm_status_t  rc;

    memset(request, 0, sizeof(crm_dialect_request_t));

    if (dialect->file) {
        return crm_file_write(dialect->file, request, write, pool);
    }

    if (dialect->write == NULL) {
        return CRM_DECLINED;
    }

    crm_buf_init(&path, pool, 0);
    crm_buf_init(&body, pool, 0);

    rc = dialect->write(&request->method, &path, &body, write);

    if (rc != CRM_OK) {
        return rc;
    }

    request->path = crm_buf_view(&path);
    request->body = crm_buf_view(&body);

    return crm_buf_status(&path) == CRM_OK ? crm_buf_status(&body)
                                           : crm_buf_status(&path);
}


crm_str_t
crm_dialect_write_owner(const crm_dialect_t *dialect, crm_str_t user,
    crm_pool_t *pool)
{
    int        plain;
    crm_buf_t  buf;

    plain = dialect && dialect->file && dialect->file->owner_field.len;

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, plain ? "" : "{\"id\":");
    crm_buf_json(&buf, user);
    crm_buf_puts(&buf, plain ? "" : "}");

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf)
                                          : CRM_STR_NULL;
}


crm_status_t
crm_dialect_said(const crm_dialect_t *dialect, crm_dialect_said_t *said,
    unsigned status, crm_str_t body, crm_pool_t *pool)
{
    memset(said, 0, sizeof(crm_dialect_said_t));

    said->kind = status >= 200 && status < 300 ? CRM_OUTCOME_DONE
                 : status >= 400 && status < 500 ? CRM_OUTCOME_REFUSED
                 : CRM_OUTCOME_UNKNOWN;

    if (dialect->file) {
        return crm_file_said(dialect->file, said, status, body, pool);
    }

    return dialect->said ? dialect->said(said, body, pool) : CRM_OK;
}
