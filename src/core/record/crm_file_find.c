/*
 * Dialect files: how a record is found again, by its id, by the event that
 * created it, by a field that no two have in common, or among the newest.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static int find_by_list(const crm_dialect_file_t *file);
static crm_str_t find_more(const crm_dialect_file_t *file, crm_buf_t *buf,
    const crm_str_t *fields, size_t count);
static crm_status_t find_records(crm_list_t *list,
    const crm_pointer_t *pointer, crm_span_t root, crm_pool_t *pool);


/* What the worker's base URL ends with, the template begins with: cut there. */
void
crm_file_behind(crm_buf_t *buf, const crm_fill_t *path,
    const crm_fill_t *query, const crm_fill_values_t *values)
{
    unsigned    i;
    crm_fill_t  tail;

    tail = *path;

    for (i = 0; i < path->count; i++) {
        if (path->parts[i].var == CRM_FILL_MODULE) {
            tail.parts = path->parts + i;
            tail.count = path->count - i;
            break;
        }
    }

    crm_fill_write(buf, &tail, values, CRM_FILL_AS_URL);

    if (query && query->count) {
        crm_buf_putc(buf, '?');
        crm_fill_write(buf, query, values, CRM_FILL_AS_URL);
    }
}


void
crm_file_record_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t id)
{
    crm_fill_values_t  values;

    memset(&values, 0, sizeof(crm_fill_values_t));
    values.vars[CRM_FILL_MODULE] = module;
    values.vars[CRM_FILL_ID] = id;
    values.vars[CRM_FILL_IDS] = id;

    if (find_by_list(file)) {
        crm_file_behind(buf, &file->get.many_path, &file->get.many_query,
                        &values);
        return;
    }

    crm_file_behind(buf, &file->get.path, &file->get.query, &values);
}


/* A file without find: the newest records cannot be asked for, and the module
 * itself is read. */
void
crm_file_event_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t event, const crm_str_t *fields, size_t count)
{
    crm_fill_values_t  values;

    if (file->find.path.count == 0) {
        crm_dialect_encode(buf, module);
        return;
    }

    memset(&values, 0, sizeof(crm_fill_values_t));
    values.vars[CRM_FILL_MODULE] = module;
    values.vars[CRM_FILL_EVENT] = event;
    values.vars[CRM_FILL_FIELDS] = crm_file_names(buf, fields, count);
    values.vars[CRM_FILL_MORE_FIELDS] = find_more(file, buf, fields, count);

    crm_file_behind(buf, &file->find.path, &file->find.query, &values);
}


void
crm_file_unique_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t value, const crm_str_t *fields, size_t count)
{
    crm_fill_values_t  values;

    memset(&values, 0, sizeof(crm_fill_values_t));
    values.vars[CRM_FILL_MODULE] = module;
    values.vars[CRM_FILL_VALUE] = value;
    values.vars[CRM_FILL_FIELDS] = crm_file_names(buf, fields, count);

    crm_file_behind(buf, &file->find.unique_path, &file->find.unique_query,
                    &values);
}


/* The answer to crm_file_record_path(). */
crm_status_t
crm_file_read_back(const crm_dialect_file_t *file, crm_record_t *record,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    crm_list_t    list;
    crm_span_t    root;
    crm_status_t  rc;

    if (!find_by_list(file)) {
        return crm_file_read(file, record, status, body, limits, pool);
    }

    if (status < 200 || status > 299) {
        return CRM_EINVAL;
    }

    memset(&list, 0, sizeof(crm_list_t));

    rc = crm_file_answer_scan(&root, body, limits, pool);

    if (rc == CRM_OK) {
        rc = find_records(&list, &file->get.records, root, pool);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (list.count == 1) {
        *record = list.records[0];
    }

    return list.count == 1 ? CRM_OK
           : list.count == 0 ? CRM_DECLINED : CRM_EINVAL;
}


crm_status_t
crm_file_list(const crm_dialect_file_t *file, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    crm_status_t  rc;

    rc = crm_file_list_read(list, &file->find.records, status, body, limits,
                            pool);
    if (rc != CRM_OK) {
        return rc;
    }

    /* a page may be full: only one that is not is all there is */

    list->complete = list->count < file->find.page || list->count == 0
                     || ((file->find.path.uses | file->find.query.uses)
                         & CRM_FILL_BIT(CRM_FILL_EVENT));

    return CRM_OK;
}


/*
 * A backend that hides what is not there behind the same status as what is not
 * allowed is asked for a list with that id: an empty one says so.
 */
static int
find_by_list(const crm_dialect_file_t *file)
{
    return file->get.missing_count == 0 && file->get.many_path.count
           && file->get.records.set;
}


crm_str_t
crm_file_names(crm_buf_t *buf, const crm_str_t *fields, size_t count)
{
    size_t     i;
    crm_buf_t  names;

    crm_buf_init(&names, buf->pool, 0);

    for (i = 0; i < count; i++) {
        if (i) {
            crm_buf_putc(&names, ',');
        }

        crm_buf_str(&names, fields[i]);
    }

    if (crm_buf_status(&names) != CRM_OK) {
        buf->status = crm_buf_status(&names);
    }

    return crm_buf_view(&names);
}


/* The id comes unasked, the times the template itself asks for. */
static crm_str_t
find_more(const crm_dialect_file_t *file, crm_buf_t *buf,
    const crm_str_t *fields, size_t count)
{
    size_t     i;
    crm_buf_t  names;

    crm_buf_init(&names, buf->pool, 0);

    for (i = 0; i < count; i++) {
        if (!crm_str_eq(fields[i], file->id_field)
            && !crm_str_eq(fields[i], file->find.created_field)
            && !crm_str_eq(fields[i], file->find.modified_field))
        {
            crm_buf_putc(&names, ',');
            crm_dialect_encode(&names, fields[i]);
        }
    }

    if (crm_buf_status(&names) != CRM_OK) {
        buf->status = crm_buf_status(&names);
    }

    return crm_buf_view(&names);
}


crm_status_t
crm_file_list_read(crm_list_t *list, const crm_pointer_t *pointer,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    crm_span_t    root;
    crm_status_t  rc;

    if (status != 200 || !pointer->set) {
        return CRM_EINVAL;
    }

    rc = crm_file_answer_scan(&root, body, limits, pool);

    return rc == CRM_OK ? find_records(list, pointer, root, pool) : rc;
}


static crm_status_t
find_records(crm_list_t *list, const crm_pointer_t *pointer, crm_span_t root,
    crm_pool_t *pool)
{
    size_t              count;
    crm_span_t          value;
    crm_status_t        rc;
    crm_pointer_walk_t  walk;

    crm_pointer_walk(&walk, pointer, root);
    for (count = 0; crm_pointer_next(&walk, &value); count++) { /* void */ }

    list->records = crm_pool_calloc(pool, count + 1, sizeof(crm_record_t));
    if (list->records == NULL) {
        return CRM_ENOMEM;
    }

    crm_pointer_walk(&walk, pointer, root);

    while (crm_pointer_next(&walk, &value)) {
        if (value.type != CRM_JSON_OBJECT) {
            return CRM_EINVAL;
        }

        rc = crm_file_record(&list->records[list->count++], value, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}
