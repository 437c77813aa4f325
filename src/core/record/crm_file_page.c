/*
 * Dialect files: all records of a module, page by page.
 *
 * A page that is not full is not the last: a backend may list fewer than it is
 * asked for. Only one that is empty is the end.
 */

#include "record/crm_file.h"


void
crm_file_page_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    const crm_dialect_page_t *page)
{
    int                first;
    crm_fill_values_t  values;

    memset(&values, 0, sizeof(crm_fill_values_t));
    values.vars[CRM_FILL_MODULE] = page->module;
    values.vars[CRM_FILL_AFTER] = page->after;
    values.vars[CRM_FILL_OFFSET] = crm_pool_printf(buf->pool, "%lld",
                                                   page->offset);
    values.vars[CRM_FILL_FIELDS] = crm_file_names(buf, page->fields,
                                                  page->count);

    if (values.vars[CRM_FILL_OFFSET].data == NULL) {
        buf->status = CRM_ENOMEM;
        return;
    }

    first = page->after.len == 0 && file->list.first.count;

    crm_file_behind(buf, first ? &file->list.first : &file->list.path,
                    first ? &file->list.first_query : &file->list.query,
                    &values);
}


crm_status_t
crm_file_page(const crm_dialect_file_t *file, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    crm_status_t  rc;

    rc = crm_file_list_read(list, &file->list.records, status, body, limits,
                            pool);
    list->complete = rc == CRM_OK && list->count == 0;

    return rc;
}
