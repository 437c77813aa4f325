/*
 * What makes a write depend on the record as it was judged.
 */

#include "record/crm_dialect_guard.h"

#include "record/crm_file.h"


crm_str_t
crm_dialect_guard_asks(const crm_dialect_t *dialect)
{
    return dialect->file && dialect->file->guard.kind == CRM_FILE_GUARD_HEADER
           ? dialect->file->get.version_header : CRM_STR("");
}


/* A weak tag never fits an If-Match, which compares strongly. */
crm_status_t
crm_dialect_guard(const crm_dialect_t *dialect, crm_str_t *name,
    crm_str_t *value, const crm_record_t *before, crm_str_t version,
    crm_pool_t *pool)
{
    crm_buf_t                  buf;
    const crm_field_t         *field;
    crm_fill_values_t          values;
    const crm_dialect_file_t  *file;

    file = dialect->file;

    if (file == NULL || file->guard.kind != CRM_FILE_GUARD_HEADER) {
        return CRM_DECLINED;
    }

    if (file->get.version_field.len) {
        field = crm_record_field(before, file->get.version_field);
        version = field ? crm_file_scalar(field->value, pool) : CRM_STR("");
    }

    if (version.len == 0
        || (version.len > 1 && memcmp(version.data, "W/", 2) == 0
            && crm_str_caseeq(file->guard.name, CRM_STR("If-Match"))))
    {
        return CRM_DECLINED;
    }

    memset(&values, 0, sizeof(crm_fill_values_t));
    values.vars[CRM_FILL_VERSION] = version;

    crm_buf_init(&buf, pool, 0);
    crm_fill_write(&buf, &file->guard.value, &values, CRM_FILL_AS_HEADER);

    *name = file->guard.name;
    *value = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
