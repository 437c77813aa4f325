/*
 * Reading back what was written, for recovery and for automation.
 */

#include "record/crm_dialect_kind.h"

#include "record/crm_file.h"


static crm_str_t dialect_path(crm_buf_t *buf);
static size_t dialect_fields(size_t count);


crm_str_t
crm_dialect_version_field(const crm_dialect_t *dialect)
{
    const crm_dialect_file_t  *file;

    file = dialect->file;

    return file->find.modified_field.len ? file->find.modified_field
                                         : file->get.version_field;
}


crm_str_t
crm_dialect_created_field(const crm_dialect_t *dialect)
{
    return dialect->file->find.created_field;
}


int
crm_dialect_finds(const crm_dialect_t *dialect)
{
    return dialect->file->find.path.count != 0;
}


crm_str_t
crm_dialect_unique_field(const crm_dialect_t *dialect)
{
    return dialect->file->find.unique_path.count
           ? dialect->file->find.unique_field : CRM_STR("");
}


crm_str_t
crm_dialect_id_field(const crm_dialect_t *dialect)
{
    return dialect->file->id_field;
}


crm_status_t
crm_dialect_id_in(const crm_dialect_t *dialect, crm_str_t *id,
    crm_str_t module, const crm_record_t *record, crm_pool_t *pool)
{
    crm_str_t           text;
    const crm_field_t  *field;

    *id = CRM_STR("");
    field = crm_record_field(record, crm_dialect_id_field(dialect));

    if (field == NULL) {
        return CRM_DECLINED;
    }

    if (field->value.type != CRM_JSON_STRING
        && field->value.type != CRM_JSON_NUMBER)
    {
        return CRM_EINVAL;
    }

    text = crm_span_text(field->value, pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    return crm_file_id(dialect->file, id, module, text, pool);
}


crm_str_t
crm_dialect_record_path(const crm_dialect_t *dialect, crm_str_t module,
    crm_str_t id, crm_pool_t *pool)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    crm_file_record_path(dialect->file, &buf, module, id);

    return dialect_path(&buf);
}


crm_str_t
crm_dialect_event_path(const crm_dialect_t *dialect, crm_str_t module,
    crm_str_t event, const crm_str_t *fields, size_t count, crm_pool_t *pool)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    crm_file_event_path(dialect->file, &buf, module, event, fields,
                        dialect_fields(count));

    return dialect_path(&buf);
}


crm_str_t
crm_dialect_unique_path(const crm_dialect_t *dialect, crm_str_t module,
    crm_str_t value, const crm_str_t *fields, size_t count, crm_pool_t *pool)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    crm_file_unique_path(dialect->file, &buf, module, value, fields,
                         dialect_fields(count));

    return dialect_path(&buf);
}


crm_status_t
crm_dialect_read_back(const crm_dialect_t *dialect, crm_record_t *record,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    memset(record, 0, sizeof(crm_record_t));

    return dialect->file->mechanism
           ? dialect->file->mechanism->read(record, status, body, limits,
                                            pool)
           : crm_file_read_back(dialect->file, record, status, body, limits,
                                pool);
}


crm_status_t
crm_dialect_read_one(const crm_dialect_t *dialect, crm_record_t *record,
    crm_str_t module, crm_str_t id, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_str_t     said;
    crm_status_t  rc;

    rc = crm_dialect_read_back(dialect, record, status, body, limits, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_dialect_id_in(dialect, &said, module, record, pool);
    if (rc == CRM_DECLINED) {
        return CRM_OK;
    }

    return rc == CRM_OK && !crm_str_eq(said, id) ? CRM_EINVAL : rc;
}


crm_status_t
crm_dialect_list(const crm_dialect_t *dialect, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    memset(list, 0, sizeof(crm_list_t));

    return dialect->file->mechanism
           ? dialect->file->mechanism->list(list, status, body, limits, pool)
           : crm_file_list(dialect->file, list, status, body, limits, pool);
}


int
crm_dialect_pages(const crm_dialect_t *dialect)
{
    return dialect->file->list.path.count != 0;
}


crm_str_t
crm_dialect_page_path(const crm_dialect_t *dialect,
    const crm_dialect_page_t *page, crm_pool_t *pool)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    crm_file_page_path(dialect->file, &buf, page);

    return dialect_path(&buf);
}


crm_status_t
crm_dialect_page(const crm_dialect_t *dialect, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    memset(list, 0, sizeof(crm_list_t));

    return crm_file_page(dialect->file, list, status, body, limits, pool);
}


/* What has been written, or no data. */
static crm_str_t
dialect_path(crm_buf_t *buf)
{
    return crm_buf_status(buf) == CRM_OK ? crm_buf_view(buf) : CRM_STR_NULL;
}


static size_t
dialect_fields(size_t count)
{
    return count < CRM_DIALECT_EVENT_FIELDS ? count
                                            : CRM_DIALECT_EVENT_FIELDS;
}
