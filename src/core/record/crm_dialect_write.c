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
    memset(request, 0, sizeof(crm_dialect_request_t));

    return crm_file_write(dialect->file, request, write, pool);
}


crm_str_t
crm_dialect_write_owner(const crm_dialect_t *dialect, crm_str_t user,
    crm_pool_t *pool)
{
    int        plain;
    crm_buf_t  buf;

    plain = dialect && dialect->file->owner_field.len;

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

    return dialect->file->mechanism
           ? dialect->file->mechanism->said(said, body, pool)
           : crm_file_said(dialect->file, said, status, body, pool);
}
