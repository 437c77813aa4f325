/*
 * What makes a write depend on the record as it was judged.
 */

#include "record/crm_dialect_guard.h"

#include "record/crm_file.h"


static crm_status_t guard_member(crm_dialect_guard_t *guard,
    const crm_dialect_file_t *file, const crm_field_t *field,
    const crm_fill_values_t *values, crm_pool_t *pool);
static int guard_sent(const crm_dialect_file_t *file,
    const crm_route_t *route, const crm_item_t *item, crm_pool_t *pool);


crm_str_t
crm_dialect_guard_asks(const crm_dialect_t *dialect)
{
    return dialect->file->guard.kind != CRM_FILE_GUARD_NONE
           ? dialect->file->get.version_header : CRM_STR("");
}


/* A weak tag never fits an If-Match, which compares strongly. */
crm_status_t
crm_dialect_guard(const crm_dialect_t *dialect, crm_dialect_guard_t *guard,
    const crm_route_t *route, const crm_item_t *item,
    const crm_record_t *before, crm_str_t version, crm_pool_t *pool)
{
    crm_buf_t                  buf;
    const crm_field_t         *field;
    crm_fill_values_t          values;
    const crm_dialect_file_t  *file;

    memset(guard, 0, sizeof(crm_dialect_guard_t));

    file = dialect->file;

    if (file->guard.kind == CRM_FILE_GUARD_NONE) {
        return CRM_DECLINED;
    }

    field = NULL;

    if (file->get.version_field.len) {
        field = crm_record_field(before, file->get.version_field);
        version = field ? crm_file_scalar(field->value, pool) : CRM_STR("");
    }

    if (version.len == 0
        || (version.len > 1 && memcmp(version.data, "W/", 2) == 0
            && crm_str_caseeq(file->guard.name, CRM_STR("If-Match")))
        || guard_sent(file, route, item, pool))
    {
        return CRM_DECLINED;
    }

    memset(&values, 0, sizeof(crm_fill_values_t));
    values.vars[CRM_FILL_VERSION] = version;

    guard->place = (crm_dialect_guard_place_t) file->guard.kind;
    guard->name = file->guard.name;

    if (file->guard.kind == CRM_FILE_GUARD_BODY) {
        return guard_member(guard, file, field, &values, pool);
    }

    crm_buf_init(&buf, pool, 0);

    if (file->guard.kind == CRM_FILE_GUARD_QUERY) {
        crm_dialect_encode(&buf, file->guard.name);
        crm_buf_putc(&buf, '=');
    }

    crm_fill_write(&buf, &file->guard.value, &values,
                   file->guard.kind == CRM_FILE_GUARD_QUERY
                   ? CRM_FILL_AS_URL : CRM_FILL_AS_HEADER);

    guard->value = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* A version that is a number stands as one, if nothing stands beside it. */
static crm_status_t
guard_member(crm_dialect_guard_t *guard, const crm_dialect_file_t *file,
    const crm_field_t *field, const crm_fill_values_t *values,
    crm_pool_t *pool)
{
    crm_buf_t  text, json;

    if (field && file->guard.value.count == 1) {
        guard->value = crm_span_raw(field->value);
        return CRM_OK;
    }

    crm_buf_init(&text, pool, 0);
    crm_buf_init(&json, pool, 0);

    crm_fill_write(&text, &file->guard.value, values, CRM_FILL_AS_TEXT);

    if (crm_buf_status(&text) == CRM_OK) {
        crm_buf_json(&json, crm_buf_view(&text));
    }

    guard->value = crm_buf_view(&json);

    return crm_buf_status(&text) != CRM_OK ? CRM_ENOMEM
                                           : crm_buf_status(&json);
}


/* What the client itself depends on stays; of headers the host knows. A write
 * that sends no record has no place for a member. */
static int
guard_sent(const crm_dialect_file_t *file, const crm_route_t *route,
    const crm_item_t *item, crm_pool_t *pool)
{
    crm_str_t  value;

    switch (file->guard.kind) {

    case CRM_FILE_GUARD_BODY:
        return item->record == NULL
               || crm_record_field(item->record, file->guard.name) != NULL;

    case CRM_FILE_GUARD_QUERY:
        return crm_file_query(route->match->ask.query, file->guard.name,
                              &value, pool) != CRM_DECLINED;

    default:
        return 0;
    }
}
